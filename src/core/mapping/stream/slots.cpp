#include "core/mapping/stream/slots.hpp"

#include <algorithm>

#include "core/json/decimal.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::uint64_t node_memory = 120;  // of a map's node with its texts' own room

}  // namespace

bool slot_keys::nameless(std::uint32_t element) const {
  const auto found = elements_.find(element);
  return found != elements_.end() && found->second.second.empty();
}

std::optional<std::uint32_t> slot_keys::find(std::string_view first, std::string_view second) const {
  if (first.empty() && second.empty()) return elements_.empty() ? std::nullopt : std::optional(last_);
  const auto& parts = first.empty() ? second_ : first_;
  const auto found = parts.find(first.empty() ? second : first);
  if (found == parts.end()) return std::nullopt;
  if (first.empty() || second.empty()) return found->second;
  const auto exact = both_.find(pair(first, second));
  if (exact != both_.end()) return exact->second;
  if (elements_.at(found->second).second.empty()) return found->second;
  return std::nullopt;
}

void slot_keys::learn(std::uint32_t element, std::string_view first, std::string_view second) {
  pair& known = elements_.at(element);
  if (first.empty() || second.empty() || !known.second.empty()) return;
  known.second = second;
  name(element, known);
}

void slot_keys::open(std::uint32_t element, std::string_view first, std::string_view second) {
  const auto made = elements_.emplace(element, pair(first, second)).first;
  last_ = element;
  memory_ += node_memory + first.size() + second.size();
  name(element, made->second);
}

void slot_keys::name(std::uint32_t element, const pair& key) {
  const auto& [first, second] = key;
  if (!first.empty()) first_[first] = element;
  if (!second.empty()) second_[second] = element;
  if (!first.empty() && !second.empty()) both_[key] = element;
  memory_ += 3 * node_memory + 2 * (first.size() + second.size());
}

std::optional<std::vector<std::uint32_t>> slot_keys::by_number() const {
  std::vector<std::pair<std::int64_t, std::uint32_t>> order;
  order.reserve(elements_.size());
  for (const auto& [element, key] : elements_) {
    const auto number = json::to_int64(key.first);
    if (!number) return std::nullopt;
    order.emplace_back(*number, element);
  }
  std::sort(order.begin(), order.end());  // elements of one number in the order they came
  std::vector<std::uint32_t> out;
  out.reserve(order.size());
  for (const auto& [number, element] : order) out.push_back(element);
  return out;
}

}  // namespace llm_admin::mapping
