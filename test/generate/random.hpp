// A small generator of pseudo-random numbers (splitmix64): the same seed gives the same sequence everywhere.
// machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace llm_admin::test {

class random_source {
 public:
  explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}
  // For fuzzers: the choices are made by these bytes, two each, as long as they last.
  explicit random_source(std::span<const std::uint8_t> choices) noexcept
      : state_(choices.size()), choices_(choices) {}

  std::uint64_t next() noexcept {
    if (choices_.size() >= 2) {
      const std::uint64_t chosen = choices_[0] + std::uint64_t{256} * choices_[1];
      choices_ = choices_.subspan(2);
      return chosen;
    }
    std::uint64_t mixed = state_ += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }
  std::uint32_t below(std::size_t bound) noexcept {
    return static_cast<std::uint32_t>(next() % (bound == 0 ? 1 : bound));
  }
  bool chance(std::uint32_t percent) noexcept { return below(100) < percent; }
  template <typename list>
  const auto& pick(const list& of) noexcept {
    return of[below(std::size(of))];
  }

 private:
  std::uint64_t state_;
  std::span<const std::uint8_t> choices_;
};

}  // namespace llm_admin::test
