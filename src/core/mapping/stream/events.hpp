// Reads the events of a stream, one after the other, and runs the config's stream rules over each.
//
// Within a rule `$` is the event, absent when it has only SSE fields, and `@` the match of `each`, else the
// event, too; of an `each` with several paths each stands below the match before it, and `^` is the match one
// level out. `when` is asked for each match. An absent value changes nothing. A rule with `error` ends the
// stream with this error, a text or {type, code, message, retryable}.
//
// Two ways to take what goes wrong. Strictly (1.0, 1.1): an event that is no JSON or a rule that cannot be
// applied ends the stream with an error of one of these types: `not_json` (the first event), `stream_invalid`
// (a later one, or a rule). Forgiving (1.2): such an event, or such a rule on this event, is passed over with
// a warning, one for each rule and reason; `not_json` only if no event at all is JSON.
//
// Each event is parsed, applied and forgotten; only the last one is kept. Program and input must outlive the
// reader. Throws 54000 when the memory or the paths over one event pass a bound of `limits`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/function_ref.hpp"
#include "core/json/tree.hpp"
#include "core/json/utf8.hpp"
#include "core/mapping/path.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"
#include "core/mapping/stream/frames.hpp"

namespace llm_admin::mapping {

class evaluator;

struct event_options {
  bool lenient = false;    // takes \u0000, lone halves of pairs and any number (core/json/parse.hpp)
  bool forgiving = false;  // see above
  // Only the rules that emit something, that tell an error, or whose place the rule usage_stats reads.
  bool deltas_only = false;
};
// What a program of this version asks for.
event_options options_of(const stream_program& program) noexcept;

class stream_events {
 public:
  // Is given what a rule gives for one match, never absent, valid during the call. The text says why it
  // cannot be used, without a full stop; it is empty when it was.
  using taker = function_ref<std::string(const stream_rule&, const json::node& value)>;

  // `around`: what header:, status and provider: stand for; its document and items are not used.
  stream_events(const stream_program& program, const scope& around, const limits& most,
                const event_options& how);

  // False when the stream is over: done, or ended by an error. `ended`: false for an event that the input
  // stopped in; it counts only when it is whole all the same.
  bool event(std::string_view data, bool ended, std::span<const sse_field> fields, taker take);

  // While a value is taken: the first match of one of the program's paths.
  json::node first(std::uint32_t path) { return program_.rules.paths[path].first(scope_, left_); }

  bool done() const noexcept { return done_; }             // its mark of the end was seen
  bool cut() const noexcept { return cut_; }               // the input stopped within an event
  std::size_t events() const noexcept { return events_; }  // applied
  std::uint64_t steps() const noexcept { return steps_; }  // values looked at, all events together
  // Of {type, code, message, retryable} what is known, so it may be {}; absent without an error.
  json::node error() const noexcept { return json::view(error_); }
  json::node last_event() const noexcept { return json::view(event_); }
  // Forgiving: no event was JSON, and this is how the first one begins.
  const std::string& not_json() const noexcept { return not_json_; }
  const json::replaced& replaced() const noexcept { return replaced_; }
  // Findings that are no errors, the first max_listed of them.
  const std::vector<finding>& warnings() const noexcept { return warnings_; }

 private:
  bool one_event(std::string_view data, bool ended, std::span<const sse_field> fields, taker take);
  std::size_t first_document(std::string_view text) const;
  bool parse(std::string_view text, bool ended, bool& goes_on);
  void bind_fields(std::span<const sse_field> fields);
  bool find_matches(std::uint32_t path);
  bool apply(const stream_rule& step, std::size_t level, evaluator& run, taker take);
  bool apply_one(const stream_rule& step, evaluator& run, taker take);
  bool rule_fails(const stream_rule& step, const std::string& why, const std::string& named);
  void take_error(const json::node& given);
  bool fail(std::string_view type, const std::string& message, std::optional<bool> retryable);
  void warn(finding what);

  const stream_program& program_;
  scope scope_;
  const limits& most_;
  const event_options how_;
  memory_bound own_memory_;  // when the limits bring none
  memory_bound& memory_;
  budget left_;
  json::tree tree_;  // of the last event
  json::item* event_ = nullptr;
  json::tree error_tree_;
  json::item* error_ = nullptr;
  json::replaced replaced_;
  std::vector<finding> warnings_;
  std::string not_json_;
  std::uint32_t matched_ = nothing;  // the path whose first matches in this event are `matches_`
  std::vector<json::node> matches_;
  std::size_t events_ = 0;
  std::uint64_t steps_ = 0;
  bool done_ = false, cut_ = false;
};

// As text, for the halves and the like that had to be replaced; empty when there was nothing.
std::vector<finding> findings_of(const json::replaced& counts);

std::string_view trimmed(std::string_view text) noexcept;  // without JSON's white space at both ends
// The first bytes of a text for a message: white space as single blanks, cut at a character's border, bytes
// that are no text (core/json/plain_utf8.hpp) as U+FFFD.
std::string text_excerpt(std::string_view text, std::size_t max_bytes = 100);

}  // namespace llm_admin::mapping
