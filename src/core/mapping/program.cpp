#include "core/mapping/program.hpp"

#include <algorithm>

namespace llm_admin::mapping {

bool rule_set::reads(root_kind root) const noexcept {
  return std::any_of(paths.begin(), paths.end(), [=](const path& p) { return p.root == root; });
}

std::size_t rule_set::bytes() const noexcept {
  std::size_t total =
      literals.bytes() + rules.capacity() * sizeof(rule) + conditions.capacity() * sizeof(condition) +
      checks.capacity() * sizeof(mapping::checks) + gathers.capacity() * sizeof(mapping::gather);
  for (const rule& one : rules) {
    total += one.text.capacity() + one.name.capacity() + one.pointer.capacity();
    for (const std::string& piece : one.pieces) total += sizeof(piece) + piece.capacity();
  }
  for (const path& one : paths) total += one.bytes();
  for (const condition& one : conditions) {
    total += one.text.capacity() + one.pointer.capacity();
  }
  constexpr std::size_t tree_node = 4 * sizeof(void*);
  for (const auto& one : maps)
    total += sizeof(one) + sizeof(*one) + one->size() * (sizeof(value_map::value_type) + tree_node);
  for (const mapping::gather& one : gathers) {
    total += one.by.capacity();
    for (const std::string& name : one.append) total += sizeof(name) + name.capacity();
  }
  return total;
}

bool call_shape::has_hole(std::string_view hole) const noexcept {
  return std::any_of(places.begin(), places.end(), [=](const place& one) {
    return one.kind == place_kind::url && one.segments[0] == hole;
  });
}

const call_shape* request_program::operation(std::string_view name) const noexcept {
  const auto found = std::find_if(operations.begin(), operations.end(),
                                  [=](const call_shape& one) { return one.name == name; });
  return found == operations.end() ? nullptr : &*found;
}

namespace {

std::size_t held_by_shape(const call_shape& shape) noexcept {
  std::size_t total = sizeof(shape) + shape.name.capacity() + shape.method.capacity() + shape.path.capacity();
  for (const place& one : shape.places) {
    total += sizeof(place);
    for (const std::string& segment : one.segments) total += sizeof(std::string) + segment.capacity();
  }
  for (const std::string& name : shape.params) total += 2 * sizeof(std::string) + name.capacity();
  return total;
}

}  // namespace

std::size_t request_program::bytes() const noexcept {
  std::size_t total = sizeof(*this) + rules.bytes() + held_by_shape(chat);
  for (const auto& [name, one] : extracts) total += sizeof(name) + name.capacity() + one.bytes();
  for (const call_shape& one : operations) total += held_by_shape(one);
  return total + (streaming_path ? streaming_path->capacity() : 0);
}

std::size_t response_program::bytes() const noexcept {
  std::size_t total = sizeof(*this) + rules.bytes();
  if (!stream) return total;
  total += sizeof(*stream) + stream->rules.bytes() + stream->done_data.capacity();
  for (const stream_rule& one : stream->steps) {
    total += sizeof(one) + one.pointer.capacity();
    for (const target_step& step : one.to) total += sizeof(step) + step.name.capacity();
  }
  return total;
}

}  // namespace llm_admin::mapping
