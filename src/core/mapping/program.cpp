#include "core/mapping/program.hpp"

#include <algorithm>
#include <utility>

namespace llm_admin::mapping {

void rule_set::add_path(path&& one) {
  roots |= std::uint32_t{1} << static_cast<unsigned>(one.root);
  if (one.root == root_kind::provider) {
    const auto all = provider_columns();
    for (std::size_t n = 0; n < all.size(); ++n)
      if (all[n] == one.root_name) columns |= std::uint32_t{1} << n;
  }
  paths.push_back(std::move(one));
}

std::size_t rule_set::bytes() const noexcept {
  std::size_t total =
      literals.bytes() + rules.capacity() * sizeof(rule) + conditions.capacity() * sizeof(condition) +
      checks.capacity() * sizeof(mapping::checks) + gathers.capacity() * sizeof(mapping::gather) +
      conversions.capacity() * sizeof(mapping::conversion) + dialect.capacity();
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
  for (const mapping::checks& one : checks) total += one.distinct_by.capacity();
  for (const mapping::conversion& one : conversions) {
    total += one.codecs.capacity() + one.id.digits.capacity();
    for (const std::string& prefix : one.prefixes) total += sizeof(prefix) + prefix.capacity();
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

template <typename names_type>
std::size_t held(const names_type& names) noexcept {
  std::size_t total = 0;
  for (const std::string& name : names) total += 2 * sizeof(std::string) + name.capacity();
  return total;
}

std::size_t held(const call_shape& shape) noexcept {
  std::size_t total = sizeof(shape) + shape.name.capacity() + shape.method.capacity() + shape.path.capacity();
  for (const place& one : shape.places) {
    total += sizeof(place);
    for (const std::string& segment : one.segments) total += sizeof(std::string) + segment.capacity();
  }
  return total + held(shape.params);
}

}  // namespace

std::size_t request_program::bytes() const noexcept {
  std::size_t total = sizeof(*this) + rules.bytes() + held(chat) + reads.bytes();
  for (const auto* sets : {&extracts, &usages}) {
    for (const auto& [name, one] : *sets) total += sizeof(name) + name.capacity() + one.bytes();
  }
  for (const call_shape& one : operations) total += held(one);
  for (const conflict& one : not_together)
    total += sizeof(one) + held(one.params) + one.text.capacity() + one.pointer.capacity();
  for (const auto* names : {&ignores.message, &ignores.part, &ignores.tool, &ignores.tool_call})
    total += held(*names);
  return total + (streaming_path ? streaming_path->capacity() : 0);
}

std::size_t response_program::bytes() const noexcept {
  std::size_t total = sizeof(*this) + rules.bytes() + reads.bytes();
  for (const auto& pattern : noise) total += sizeof(pattern) + held(pattern);
  if (!stream) return total;
  total += sizeof(*stream) + stream->rules.bytes() + stream->done_data.capacity() + held(stream->fields);
  for (const stream_rule& one : stream->steps) {
    total += sizeof(one) + one.pointer.capacity() + one.each.capacity() * sizeof(std::uint32_t) +
             one.keys.capacity() * sizeof(slot_key);
    for (const target_step& step : one.to) total += sizeof(step) + step.name.capacity();
  }
  return total;
}

}  // namespace llm_admin::mapping
