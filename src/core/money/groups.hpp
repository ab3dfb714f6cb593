// The digits of a decimal in groups of nine, the lowest first. Those of most figures fit into the object itself, so that
// sums of them touch no heap. Throws std::bad_alloc alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>

namespace llm_admin::money {

class digit_groups {
 public:
  using value_type = std::uint32_t;

  digit_groups() = default;
  digit_groups(const digit_groups& other) { copy(other); }
  digit_groups(digit_groups&& other) noexcept { take(other); }
  digit_groups& operator=(const digit_groups& other) {
    if (this != &other) {
      size_ = 0;
      copy(other);
    }
    return *this;
  }
  digit_groups& operator=(digit_groups&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }
  ~digit_groups() = default;

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  value_type* begin() noexcept { return heap_ ? heap_.get() : few_.data(); }
  value_type* end() noexcept { return begin() + size_; }
  const value_type* begin() const noexcept { return heap_ ? heap_.get() : few_.data(); }
  const value_type* end() const noexcept { return begin() + size_; }
  value_type& operator[](std::size_t n) noexcept { return begin()[n]; }
  value_type operator[](std::size_t n) const noexcept { return begin()[n]; }
  value_type front() const noexcept { return *begin(); }
  value_type back() const noexcept { return begin()[size_ - 1]; }

  void push_back(value_type value) {
    resize(size_ + 1);
    begin()[size_ - 1] = value;
  }
  void pop_back() noexcept { --size_; }
  // New ones are 0.
  void resize(std::size_t size) {
    reserve(size);
    if (size > size_) std::fill(begin() + size_, begin() + size, 0);
    size_ = size;
  }
  void insert_zeros(std::size_t count) {  // below
    resize(size_ + count);
    std::move_backward(begin(), end() - count, end());
    std::fill_n(begin(), count, 0);
  }
  void pop_front() noexcept {
    std::move(begin() + 1, end(), begin());
    --size_;
  }

 private:
  void reserve(std::size_t wanted) {
    if (wanted <= room_) return;
    const std::size_t room = std::max(wanted, 2 * room_);
    auto larger = std::make_unique<value_type[]>(room);
    std::copy(begin(), end(), larger.get());
    heap_ = std::move(larger);
    room_ = room;
  }
  void copy(const digit_groups& other) {
    reserve(other.size_);
    std::copy(other.begin(), other.end(), begin());
    size_ = other.size_;
  }
  void take(digit_groups& other) noexcept {
    heap_ = std::move(other.heap_);
    few_ = other.few_;
    size_ = other.size_;
    room_ = other.room_;
    other.size_ = 0;
    other.room_ = few;
  }

  static constexpr std::size_t few = 4;
  std::array<value_type, few> few_{};
  std::unique_ptr<value_type[]> heap_;
  std::size_t size_ = 0, room_ = few;
};

}  // namespace llm_admin::money
