// Applies a config's stream rules to the events of a stream, one after the other, and so rebuilds the
// vendor's own non-stream document.
//
//   set     the value replaces what stands there        append  text behind text, elements behind elements
//   push    the value becomes the array's last element  merge   its members, one level deep; null is skipped
// Within a rule `$` is the event, and `@` the match of `each`, else the event, too; `when` is asked for each
// match. An absent value changes nothing. A hole in a place needs a whole number, at most the array's current
// length. A rule with `error` ends the stream with this error, a text or {type, code, message, retryable}.
//
// What ends the stream badly becomes an error of one of these types: `not_json` (the first event is no JSON),
// `stream_invalid` (a later one is not, or a rule cannot be applied), `stream_error` (a rule `error` that
// names no type; its caller's). Whatever was rebuilt by then stays. Each event is parsed, applied and
// forgotten; only the last one is kept. Program, input and listener must outlive the builder. Throws 54000
// when the document, or the paths over one event, pass a bound of `limits`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/path.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"
#include "core/mapping/stream/document.hpp"

namespace llm_admin::mapping {

class evaluator;

constexpr std::array<std::string_view, 4> stream_error_members = {"type", "code", "message", "retryable"};

class stream_builder {
 public:
  // Told of each text that a rule with `emit` adds, in order, for a consumer who shows it as it comes.
  using listener = std::function<void(emission, std::string_view)>;

  // `around`: what header:, status and provider: stand for; its document and items are not used.
  stream_builder(const stream_program& program, const scope& around, const limits& most, listener tell = {});

  // False when the stream is over: done, or ended by an error. `ended`: false for an event that the input
  // stopped in; it counts only when it is whole all the same.
  bool event(std::string_view data, bool ended = true);

  bool done() const noexcept { return done_; }             // its mark of the end was seen
  bool cut() const noexcept { return cut_; }               // the input stopped within an event
  std::size_t events() const noexcept { return events_; }  // applied
  std::uint64_t steps() const noexcept { return steps_; }  // values looked at, all events together
  // Of {type, code, message, retryable} what is known, so it may be {}; absent without an error.
  json::node error() const noexcept { return json::view(error_); }
  json::node last_event() const noexcept { return json::view(event_); }
  // The rules' findings that are no errors, the first max_listed of them.
  const std::vector<finding>& warnings() const noexcept { return warnings_; }
  json::item* document(json::tree& out) const { return document_.copy_to(out); }

 private:
  bool apply(const stream_rule& step, evaluator& run);
  bool apply_one(const stream_rule& step, evaluator& run);
  bool place_of(const stream_rule& step, std::vector<place_step>& place);
  void take_error(const json::node& given);
  bool fail(std::string_view type, const std::string& message, std::optional<bool> retryable);

  const stream_program& program_;
  scope scope_;
  const limits& most_;
  memory_bound own_memory_;  // when the limits bring none
  memory_bound& memory_;
  listener tell_;
  budget left_;
  stream_document document_;
  json::tree tree_;  // of the last event
  json::item* event_ = nullptr;
  json::tree error_tree_;
  json::item* error_ = nullptr;
  std::vector<finding> warnings_;
  std::vector<place_step> place_;  // reused
  std::size_t events_ = 0;
  std::uint64_t steps_ = 0;
  bool done_ = false, cut_ = false;
};

std::string_view trimmed(std::string_view text) noexcept;  // without JSON's white space at both ends
// The first bytes of a text for a message: white space as single blanks, cut at a character's border.
std::string text_excerpt(std::string_view text, std::size_t max_bytes = 100);

}  // namespace llm_admin::mapping
