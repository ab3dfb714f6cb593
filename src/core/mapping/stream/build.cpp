#include "core/mapping/stream/build.hpp"

#include <utility>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"

namespace llm_admin::mapping {

namespace {

// Of a key: the text of a scalar; empty when there is none.
std::string key_text(const json::node& value) {
  if (value.is_string()) return std::string(value.text());
  if (value.is_boolean()) return value.truth() ? "true" : "false";
  if (!value.is_number()) return {};
  const std::string text = value.number_text();
  return json::integer_text(text).value_or(text);
}

}  // namespace

stream_builder::stream_builder(const stream_program& program, const scope& around, const limits& most,
                               listener tell, const build_options& how)
    : how_(how),
      tell_(std::move(tell)),
      events_(program, around, most, how.events),
      own_memory_(most.max_memory(), most.poll),
      document_(most, most.memory != nullptr ? *most.memory : own_memory_,
                program.rules.version >= language::v1_2) {}

bool stream_builder::event(std::string_view data, bool ended, std::span<const sse_field> fields) {
  return events_.event(data, ended, fields, [this](const stream_rule& step, const json::node& value) {
    return take(step, value);
  });
}

std::string stream_builder::take(const stream_rule& step, const json::node& value) {
  const bool told = tell_ && step.emit != emission::none;
  if (how_.emits_only && step.emit != emission::none) {
    if (told) tell(step, value);
    return {};
  }
  if (std::string why = place_of(step); !why.empty()) return why;
  std::string why;
  switch (step.op) {
    case stream_op::set:
      why = document_.set(place_, value);
      break;
    case stream_op::append:
      why = document_.append(place_, value);
      break;
    case stream_op::push:
      why = document_.push(place_, value);
      break;
    case stream_op::merge:
      why = document_.merge(place_, value);
      break;
  }
  if (why.empty() && told) tell(step, value);
  return why;
}

std::optional<std::uint32_t> stream_builder::index_at(std::uint32_t path, std::string& why) {
  const json::node found = events_.first(path);
  const auto number = found.is_number() ? json::to_int64(found.number_text()) : std::nullopt;
  if (number && *number >= 0 && *number <= UINT32_MAX) return static_cast<std::uint32_t>(*number);
  why = "an index must be a whole number, not " + (found ? json::excerpt(found, 40) : std::string("absent"));
  return std::nullopt;
}

std::string stream_builder::place_of(const stream_rule& step) {
  std::string why;
  place_.clear();
  for (const target_step& one : step.to) {
    std::optional<std::uint32_t> index = one.index;
    if (one.path != nothing) {
      index = index_at(one.path, why);
    } else if (one.key != nothing) {
      const slot_key& key = step.keys[one.key];
      const std::string first = key_text(events_.first(key.primary));
      const std::string second =
          key.secondary == nothing ? std::string() : key_text(events_.first(key.secondary));
      const bool begins = key.beginning != nothing && !key_text(events_.first(key.beginning)).empty();
      index = document_.slot_of(place_, first, second, begins, why);
    }
    if (!index) return why;
    place_.push_back({one.name, one.is_index, *index});
  }
  return {};
}

void stream_builder::tell(const stream_rule& step, const json::node& value) {
  emitted one;
  one.what = step.emit;
  one.value = value;
  if (step.emit != emission::tool_call && (!value.is_string() || value.size == 0)) return;
  for (std::uint32_t n = 0; n < step.to.size(); ++n) {
    const target_step& at = step.to[n];
    std::uint32_t path = at.path;
    if (at.key != nothing) {
      const slot_key& key = step.keys[at.key];
      path = key.primary;
      one.id = key.secondary == nothing ? std::string() : key_text(events_.first(key.secondary));
    }
    if (path == nothing) continue;
    const json::node found = events_.first(path);
    one.index = found.is_number() ? json::to_int64(found.number_text()) : std::nullopt;
    if (n == step.choice && one.index && *one.index != 0) return;  // of a further choice
  }
  tell_(one);
}

}  // namespace llm_admin::mapping
