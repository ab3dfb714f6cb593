#include "core/mapping/budget.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::uint64_t least_steps = 4096;
constexpr std::uint64_t steps_each = 64;  // for each rule and value

// The values in `value`, itself included; stops at `most`.
std::uint64_t count(const json::node& value, std::uint64_t most) {
  std::vector<json::node> open;
  std::uint64_t total = value ? 1 : 0;
  if (value.is_object() || value.is_array()) open.push_back(value);
  while (!open.empty() && total < most) {
    const json::node here = open.back();
    open.pop_back();
    total += here.size;
    if (total >= most) break;
    for (std::uint32_t n = 0; n < here.size; ++n) {
      std::string_view key;
      const json::node child = here.is_array() ? here.element(n) : here.member_at(n, key);
      if (child.is_object() || child.is_array()) open.push_back(child);
    }
  }
  return std::min(total, most);
}

}  // namespace

budget::budget(const limits& bounds, std::size_t rules, std::initializer_list<json::node> inputs)
    : most(std::min(bounds.max_matches, least_steps)),
      ceiling_(bounds.max_matches),
      each_(steps_each * std::max<std::uint64_t>(rules, 1)),
      poll_(bounds.poll) {
  for (const json::node& one : inputs) {
    if (waiting_ < max_inputs) inputs_[waiting_++] = one;
  }
}

void budget::raise() { most = std::max(most, std::min(ceiling_, values_ * each_)); }

void budget::add(const json::node& input) {
  if (most >= ceiling_) return;
  values_ += count(input, ceiling_ / each_ + 1 - values_);
  raise();
}

void budget::pay() {
  const std::uint64_t steps = bytes_ / bytes_each_step;
  bytes_ %= bytes_each_step;
  paid_ += steps * bytes_each_step;
  if (paid_ >= bytes_between_polls) poll();
  for (std::uint64_t n = 0; n < steps; ++n) spend();
}

void budget::poll() {
  paid_ = 0;
  if (poll_ != nullptr) poll_();
}

void budget::more() {
  if (used % steps_between_polls == 0) poll();
  while (most < ceiling_ && waiting_ > 0 && used > most) add(inputs_[--waiting_]);
  if (used <= most) return;
  throw error(sqlstate::program_limit, "mapping stopped: its paths match too much",
              "Rules may look at " + std::to_string(most) + " values in one call.");
}

}  // namespace llm_admin::mapping
