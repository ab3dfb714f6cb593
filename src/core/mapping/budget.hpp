// The counter that bounds an evaluation: one step for each rule evaluated, each value looked at, and every
// 64 kB of text read to check or convert it. Running out is an llm_admin::error 54000
// (program_limit_exceeded). Tests read `used`.
//
// The bound grows with what there is to do: 64 steps for each rule and each value of the input, at least
// 4,096 and at most limits::max_matches. Values of the input are counted only once 4,096 steps are used, and
// no more of them than matter, so an ordinary call pays nothing for it. A default-made budget has a fixed
// bound, `most`.
//
// Memory has a bound of its own, core/memory_bound.hpp, which the trees and documents of a call ask before
// they grow.
//
// limits::poll is how a server lets a call be cancelled: it is called every few thousand steps, and for every
// megabyte of text that one step looked through. What it throws passes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "core/json/tree.hpp"
#include "core/memory_bound.hpp"

namespace llm_admin::mapping {

struct limits {
  std::uint64_t max_output_bytes = 64u << 20;  // JSON text of what is built or extracted; 54000 when passed
  std::uint64_t max_matches = 1'000'000;       // steps in one call; 54000 when passed
  void (*poll)() = nullptr;
  memory_bound* memory =
      nullptr;  // what the call's values are charged to; null: one of its own, see call_memory

  // Of all values that a call holds at once, besides the jsonb that is made of its result in the end.
  std::uint64_t max_memory() const noexcept { return 3 * max_output_bytes + memory_slack; }
  static constexpr std::uint64_t memory_slack = 256 * 1024;
};

// The bound of one call, which is its limits' or one of its own; what `out` takes is charged to it meanwhile.
class call_memory {
 public:
  call_memory(const limits& of, json::tree& out) noexcept
      : own_(of.max_memory(), of.poll),
        bound_(of.memory != nullptr ? *of.memory : own_),
        charged_(out, bound_) {}
  memory_bound& bound() noexcept { return bound_; }

 private:
  memory_bound own_;
  memory_bound& bound_;
  json::charged_tree charged_;
};

class budget {
 public:
  budget() = default;
  // `inputs` must stay where they are while the budget is used; at most max_inputs, absent ones are fine.
  budget(const limits& bounds, std::size_t rules, std::initializer_list<json::node> inputs);

  void spend() {
    if (++used > most || used % steps_between_polls == 0) more();
  }
  // A step's work on so much text; long texts cost steps of their own.
  void read(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ >= bytes_each_step) pay();
  }
  // One more input, counted now: for events of a stream, whose values do not stay.
  void add(const json::node& input);

  std::uint64_t most = 1'000'000;
  std::uint64_t used = 0;

  static constexpr std::size_t max_inputs = 6;
  static constexpr std::uint64_t steps_between_polls = 4096, bytes_between_polls = 1u << 20,
                                 bytes_each_step = 1u << 16;

 private:
  void more();  // polls; raises `most` when it is passed, or throws
  void pay();   // for what was read
  void poll();
  void raise();

  std::uint64_t ceiling_ = 0;  // what `most` may grow to; 0: it is fixed
  std::uint64_t each_ = 0;     // steps for each value of the input
  std::uint64_t values_ = 0;   // counted so far
  std::array<json::node, max_inputs> inputs_{};
  std::uint8_t waiting_ = 0;  // inputs not counted yet
  std::uint64_t bytes_ = 0;   // read and not paid for
  std::uint64_t paid_ = 0;    // bytes, since the last poll
  void (*poll_)() = nullptr;
};

}  // namespace llm_admin::mapping
