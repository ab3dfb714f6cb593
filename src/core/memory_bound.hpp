// The memory that the values of one call may take together, and how a server lets that call be cancelled.
//
// Whoever makes values takes the bytes before they are allocated and gives back what is freed; taking more
// than `most` throws memory_exceeded (54000) and allocates nothing. `poll` is called after every
// bytes_between_polls bytes that were taken or worked on; what it throws passes. Not thread-safe. Tests read
// `peak`.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/error.hpp"

namespace llm_admin {

class memory_exceeded : public error {
 public:
  explicit memory_exceeded(std::uint64_t most);
};

class memory_bound {
 public:
  explicit memory_bound(std::uint64_t most, void (*when_polled)() = nullptr) noexcept
      : most_(most), poll_(when_polled) {}
  memory_bound(const memory_bound&) = delete;
  memory_bound& operator=(const memory_bound&) = delete;

  void take(std::uint64_t bytes) {
    if (bytes > most_ - held_) throw memory_exceeded(most_);
    held_ += bytes;
    peak = std::max(peak, held_);
    work(bytes);
  }
  void give(std::uint64_t bytes) noexcept { held_ -= std::min(bytes, held_); }
  // Work that is in proportion to so many bytes and takes no memory.
  void work(std::uint64_t bytes) {
    done_ += bytes;
    if (done_ >= bytes_between_polls) poll();
  }
  void poll() {
    done_ = 0;
    if (poll_ != nullptr) poll_();
  }

  std::uint64_t held() const noexcept { return held_; }
  std::uint64_t left() const noexcept { return most_ - held_; }
  std::uint64_t most() const noexcept { return most_; }

  static constexpr std::uint64_t bytes_between_polls = 64 * 1024;
  std::uint64_t peak = 0;

 private:
  std::uint64_t most_;
  std::uint64_t held_ = 0;
  std::uint64_t done_ = 0;  // since the last poll
  void (*poll_)();
};

}  // namespace llm_admin
