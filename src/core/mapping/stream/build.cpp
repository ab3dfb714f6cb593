#include "core/mapping/stream/build.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/given_name.hpp"
#include "core/json/decimal.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::string_view white_space = " \t\r\n";

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t from = text.find_first_not_of(white_space);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(white_space) - from + 1);
}

std::string text_excerpt(std::string_view text, std::size_t max_bytes) {
  std::string out;
  std::size_t at = 0;
  for (; at < text.size() && out.size() < max_bytes; ++at) {
    const bool white = white_space.find(text[at]) != std::string_view::npos;
    if (!white) {
      out += text[at];
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (at == text.size()) return out;
  // Back to the beginning of a character, should the cut have gone through one.
  while (at > 0 && !out.empty() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) {
    --at;
    out.pop_back();
  }
  return out + "...";
}

stream_builder::stream_builder(const stream_program& program, const scope& around, const limits& most,
                               listener tell)
    : program_(program),
      scope_(around),
      most_(most),
      own_memory_(most.max_memory(), most.poll),
      memory_(most.memory != nullptr ? *most.memory : own_memory_),
      tell_(std::move(tell)),
      document_(most, memory_) {
  tree_.charge_to(&memory_);
  error_tree_.charge_to(&memory_);
}

bool stream_builder::fail(std::string_view type, const std::string& message, std::optional<bool> retryable) {
  error_ = error_tree_.object();
  error_tree_.append(error_, "type", error_tree_.string(type));
  error_tree_.append(error_, "message", error_tree_.string(error_tree_.keep(message)));
  if (retryable) error_tree_.append(error_, "retryable", error_tree_.boolean(*retryable));
  return false;
}

bool stream_builder::event(std::string_view data, bool ended) {
  if (done_ || error_ != nullptr) return false;
  const std::string_view text = trimmed(data);
  if (text.empty()) return true;
  if (program_.done == stream_end::data && text == trimmed(program_.done_data)) {
    done_ = true;
    return false;
  }
  json::tree parsed;
  parsed.charge_to(&memory_);
  json::item* made = json::parse(text, parsed);
  if (made == nullptr) {
    if (!ended && (program_.frame != frame_kind::ndjson || text[0] == '{' || text[0] == '[')) {
      cut_ = true;
      return false;
    }
    if (events_ == 0) return fail("not_json", "the response is no JSON: " + text_excerpt(text), {});
    return fail("stream_invalid", "an event of the stream is no JSON: " + text_excerpt(text), true);
  }
  tree_ = std::move(parsed);
  event_ = made;
  ++events_;
  scope_.document = scope_.item = scope_.outer = json::view(event_);
  scope_.index = {};
  left_ = budget(most_, program_.steps.size() + program_.rules.rules.size(), {scope_.document});
  evaluator run(program_.rules, scope_, left_, most_, tree_, false);
  bool goes_on = true;
  for (std::size_t n = 0; n < program_.steps.size() && goes_on; ++n) goes_on = apply(program_.steps[n], run);
  if (goes_on && program_.done == stream_end::when) {
    done_ = run.holds(program_.rules.conditions[program_.done_when]);
    goes_on = !done_;
  }
  steps_ += left_.used;
  for (finding& one : run.warnings) {
    if (warnings_.size() == max_listed) break;
    one.input.clear();  // it points into an event, which nobody has any more
    warnings_.push_back(std::move(one));
  }
  return goes_on;
}

bool stream_builder::apply(const stream_rule& step, evaluator& run) {
  if (step.each.empty()) return apply_one(step, run);
  bool goes_on = true;
  std::int64_t number = 0;
  const json::node event = scope_.document;
  const auto bind = [&](const json::node& item, const json::node& index) {
    scope_.item = item;
    scope_.index = index;
    run.in() = scope_;
  };
  program_.rules.paths[step.each.front()].each(scope_, left_, [&](const json::node& match) {
    bind(match, json::view(tree_.integer(number++)));
    return goes_on = apply_one(step, run);
  });
  bind(event, {});
  return goes_on;
}

bool stream_builder::apply_one(const stream_rule& step, evaluator& run) {
  left_.spend();
  if (step.when != nothing && !run.holds(program_.rules.conditions[step.when])) return true;
  const bool is_error = step.error != nothing;
  const json::node value = json::view(run.run(program_.rules.rules[is_error ? step.error : step.from]));
  if (is_error) {
    take_error(value);
    return false;
  }
  if (!run.errors.empty()) {
    const finding& first = run.errors.front();
    return fail("stream_invalid", first.message + " (rule " + nameable(first.rule) + ")", false);
  }
  if (value.is_absent()) return true;
  if (!place_of(step, place_)) return false;
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
  if (!why.empty()) return fail("stream_invalid", why + " (rule " + step.pointer + ")", false);
  if (tell_ && step.emit != emission::none && value.is_string() && value.size > 0)
    tell_(step.emit, value.text());
  return true;
}

bool stream_builder::place_of(const stream_rule& step, std::vector<place_step>& place) {
  place.clear();
  for (const target_step& one : step.to) {
    place.push_back({one.name, one.is_index, one.index});
    if (one.path == nothing) continue;
    const json::node found = program_.rules.paths[one.path].first(scope_, left_);
    const auto number = found.is_number() ? json::to_int64(found.number_text()) : std::nullopt;
    if (!number || *number < 0 || *number > UINT32_MAX) {
      return fail("stream_invalid",
                  "an index must be a whole number, not " +
                      (found ? json::excerpt(found, 40) : std::string("absent")) + " (rule " + step.pointer +
                      ")",
                  false);
    }
    place.back().index = static_cast<std::uint32_t>(*number);
  }
  return true;
}

void stream_builder::take_error(const json::node& given) {
  error_ = error_tree_.object();
  if (given.is_object()) {
    for (std::string_view name : stream_error_members) {
      const json::node value = given.member(name);
      if (!value.is_absent()) error_tree_.append(error_, name, error_tree_.copy(value));
    }
  } else if (given.is_number()) {
    error_tree_.append(error_, "code", error_tree_.copy(given));
  } else if (given.is_scalar()) {
    error_tree_.append(error_, "message", error_tree_.copy(given));
  }
}

}  // namespace llm_admin::mapping
