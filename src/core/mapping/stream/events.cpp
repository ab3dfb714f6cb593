#include "core/mapping/stream/events.hpp"

#include <algorithm>
#include <array>

#include "core/given_name.hpp"
#include "core/json/parse.hpp"
#include "core/json/plain_utf8.hpp"
#include "core/json/text.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::string_view white_space = " \t\r\n";
constexpr std::array<std::string_view, 4> error_members = {"type", "code", "message", "retryable"};

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
  if (at == text.size()) return repaired_utf8(out);
  // Back to the beginning of a character, should the cut have gone through one.
  while (at > 0 && !out.empty() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) {
    --at;
    out.pop_back();
  }
  return repaired_utf8(out) + "...";
}

std::vector<finding> findings_of(const json::replaced& counts) {
  std::vector<finding> out;
  const auto say = [&](std::size_t count, const std::string& what) {
    if (count > 0) out.push_back({"", "", std::to_string(count) + what});
  };
  say(counts.nulls, " times \\u0000 became U+FFFD: no text can hold it");
  say(counts.surrogates, " times half of a surrogate pair became U+FFFD");
  say(counts.numbers, " times a number beyond what numeric holds became its text");
  return out;
}

event_options options_of(const stream_program& program) noexcept {
  const bool newest = program.rules.version >= language::v1_2;
  return {newest, newest, false};
}

stream_events::stream_events(const stream_program& program, const scope& around, const limits& most,
                             const event_options& how)
    : program_(program),
      scope_(around),
      most_(most),
      how_(how),
      own_memory_(most.max_memory(), most.poll),
      memory_(most.memory != nullptr ? *most.memory : own_memory_) {
  tree_.charge_to(&memory_);
  error_tree_.charge_to(&memory_);
}

bool stream_events::fail(std::string_view type, const std::string& message, std::optional<bool> retryable) {
  error_ = error_tree_.object();
  error_tree_.append(error_, "type", error_tree_.string(type));
  error_tree_.append(error_, "message", error_tree_.string(error_tree_.keep(message)));
  if (retryable) error_tree_.append(error_, "retryable", error_tree_.boolean(*retryable));
  return false;
}

void stream_events::warn(finding what) {
  const bool known = std::any_of(warnings_.begin(), warnings_.end(), [&](const finding& one) {
    return how_.forgiving && one.rule == what.rule && one.message == what.message;
  });
  if (known || warnings_.size() == max_listed) return;
  what.input.clear();  // it points into an event, which nobody has any more
  warnings_.push_back(std::move(what));
}

bool stream_events::event(std::string_view data, bool ended, std::span<const sse_field> fields, taker take) {
  for (std::size_t end = first_document(data); end != std::string_view::npos; end = first_document(data)) {
    if (!one_event(data.substr(0, end), true, {}, take)) return false;
    data.remove_prefix(end + 1);
  }
  return one_event(data, ended, fields, take);
}

bool stream_events::one_event(std::string_view data, bool ended, std::span<const sse_field> fields,
                              taker take) {
  if (done_ || error_ != nullptr) return false;
  const std::string_view text = trimmed(data);
  if (text.empty() && fields.empty()) return true;
  if (program_.done == stream_end::data && text == trimmed(program_.done_data)) {
    done_ = true;
    return false;
  }
  bool goes_on = true;
  if (!parse(text, ended, goes_on)) return goes_on;
  ++events_;
  scope_.document = scope_.item = scope_.outer = json::view(event_);
  scope_.index = {};
  bind_fields(fields);
  left_ = budget(most_, program_.steps.size() + program_.rules.rules.size(), {scope_.document});
  evaluator run(program_.rules, scope_, left_, most_, tree_, false);
  matched_ = nothing;
  for (std::size_t n = 0; n < program_.steps.size() && goes_on; ++n) {
    const stream_rule& step = program_.steps[n];
    if (how_.deltas_only && step.emit == emission::none && step.error == nothing && !step.of_usage) continue;
    goes_on = apply(step, 0, run, take);
  }
  if (goes_on && program_.done == stream_end::when) {
    done_ = run.holds(program_.rules.conditions[program_.done_when]);
    goes_on = !done_;
  }
  steps_ += left_.used;
  for (finding& one : run.warnings) warn(std::move(one));
  return goes_on;
}

// Where the first line ends when it is a document by itself and others follow: no blank line stood between the
// events. npos otherwise.
std::size_t stream_events::first_document(std::string_view text) const {
  const std::size_t end = how_.forgiving ? text.find('\n') : std::string_view::npos;
  if (end == std::string_view::npos) return end;
  json::tree scratch;
  scratch.charge_to(&memory_);
  json::parse_options how;
  how.lenient = how_.lenient;
  return json::parse(text.substr(0, end), scratch, how).value != nullptr ? end : std::string_view::npos;
}

// False when there is no event; `goes_on` then says whether others may follow.
bool stream_events::parse(std::string_view text, bool ended, bool& goes_on) {
  json::tree made;
  made.charge_to(&memory_);
  json::parsed parsed;
  if (!text.empty()) {
    json::parse_options how;
    how.lenient = how_.lenient;
    parsed = json::parse(text, made, how);
    if (parsed.value == nullptr) {
      if (!ended && (program_.frame != frame_kind::ndjson || text[0] == '{' || text[0] == '[')) {
        cut_ = true;
        return goes_on = false;
      }
      if (how_.forgiving) {
        if (events_ == 0 && not_json_.empty()) not_json_ = text_excerpt(text);
        warn({"", "", "an event of the stream is no JSON: " + text_excerpt(text)});
      } else if (events_ == 0) {
        goes_on = fail("not_json", "the response is no JSON: " + text_excerpt(text), {});
      } else {
        goes_on = fail("stream_invalid", "an event of the stream is no JSON: " + text_excerpt(text), true);
      }
      return false;
    }
  }
  replaced_.nulls += parsed.nulls;
  replaced_.numbers += parsed.numbers;
  not_json_.clear();
  tree_ = std::move(made);
  event_ = parsed.value;
  return true;
}

void stream_events::bind_fields(std::span<const sse_field> fields) {
  scope_.fields = {};
  if (fields.empty()) return;
  json::item* made = tree_.object();
  for (const auto& [name, value] : fields) tree_.put(made, tree_.keep(name), tree_.string(tree_.keep(value)));
  scope_.fields = json::view(made);
}

bool stream_events::apply(const stream_rule& step, std::size_t level, evaluator& run, taker take) {
  if (level == step.each.size()) return apply_one(step, run, take);
  bool goes_on = true;
  std::int64_t number = 0;
  const json::node item = scope_.item, outer = scope_.outer, index = scope_.index;
  const auto bind = [&](const json::node& to, const json::node& around, const json::node& at) {
    for (scope* one : {&scope_, &run.in()}) {
      one->item = to;
      one->outer = around;
      one->index = at;
    }
  };
  const bool numbered = program_.rules.reads(root_kind::index);
  const auto visit = [&](const json::node& match) {
    bind(match, level > 0 ? item : outer, numbered ? json::view(tree_.integer(number)) : json::node{});
    ++number;
    return goes_on = apply(step, level + 1, run, take);
  };
  if (level == 0 && find_matches(step.each[0])) {
    for (std::size_t n = 0; n < matches_.size() && goes_on; ++n) {
      left_.spend();
      visit(matches_[n]);
    }
  } else {
    // A path looks at the scope once, at its root.
    program_.rules.paths[step.each[level]].each(scope_, left_, visit);
  }
  if (number > 0) bind(item, outer, index);
  return goes_on;
}

// The rules of a stream go over the same few elements one after the other, and nothing they do changes the
// event. False where there are many: they are not kept.
bool stream_events::find_matches(std::uint32_t path) {
  constexpr std::size_t few = 64;
  if (matched_ == path) return matches_.size() <= few;
  matches_.clear();
  program_.rules.paths[path].each(scope_, left_, [&](const json::node& match) {
    matches_.push_back(match);
    return matches_.size() <= few;
  });
  matched_ = path;
  return matches_.size() <= few;
}

bool stream_events::apply_one(const stream_rule& step, evaluator& run, taker take) {
  left_.spend();
  if (step.when != nothing && !run.holds(program_.rules.conditions[step.when])) return true;
  const bool is_error = step.error != nothing;
  const json::node value = json::view(run.run(program_.rules.rules[is_error ? step.error : step.from]));
  if (is_error) {
    take_error(value);
    return false;
  }
  if (!run.errors.empty()) {
    const finding first = std::move(run.errors.front());
    run.errors.clear();
    return rule_fails(step, first.message, first.rule);
  }
  if (value.is_absent()) return true;
  const std::string why = take(step, value);
  return why.empty() || rule_fails(step, why, step.pointer);
}

bool stream_events::rule_fails(const stream_rule& step, const std::string& why, const std::string& named) {
  if (!how_.forgiving) return fail("stream_invalid", why + " (rule " + nameable(named) + ")", false);
  warn({"", named.empty() ? step.pointer : named, why});
  return true;
}

void stream_events::take_error(const json::node& given) {
  error_ = error_tree_.object();
  if (given.is_object()) {
    for (std::string_view name : error_members) {
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
