// Applies a config's stream rules to the events of a stream, one after the other, and so rebuilds the
// vendor's own non-stream document.
//
//   set     the value replaces what stands there        append  text behind text, elements behind elements
//   push    the value becomes the array's last element  merge   its members, one level deep; null is skipped,
//           and from 1.2 on nothing empty ("", [], {}) comes over what is not
// A hole in a place needs a whole number, at most the array's current length; [{key}] stands for the element
// that has this key (stream_document::slot_of). How events are read and what becomes of errors: events.hpp.
//
// Program, input and listener must outlive the builder. Throws 54000 when the document, or the paths over one
// event, pass a bound of `limits`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/program.hpp"
#include "core/mapping/stream/document.hpp"
#include "core/mapping/stream/events.hpp"

namespace llm_admin::mapping {

// What a rule with `emit` adds: a text, which is not empty, or for tool_call what its rule gives.
struct emitted {
  emission what = emission::none;
  json::node value;
  // Which element of which array it belongs to: the last key of the rule, else the last index of its place.
  std::optional<std::int64_t> index;
  std::string id;  // the second part of the key, or ""
};

struct build_options {
  event_options events;
  // What rules with `emit` give is told and goes nowhere: a piece of a stream has not the elements before it.
  bool emits_only = false;
};

class stream_builder {
 public:
  // Told in order, for a consumer who shows it as it comes. Valid during the call. Texts may begin or end in
  // half of a surrogate pair (core/json/utf8.hpp).
  using listener = std::function<void(const emitted&)>;

  stream_builder(const stream_program& program, const scope& around, const limits& most, listener tell,
                 const build_options& how);
  stream_builder(const stream_program& program, const scope& around, const limits& most, listener tell = {})
      : stream_builder(program, around, most, std::move(tell), {options_of(program), false}) {}

  // As stream_events::event().
  bool event(std::string_view data, bool ended = true, std::span<const sse_field> fields = {});

  bool done() const noexcept { return events_.done(); }
  bool cut() const noexcept { return events_.cut(); }
  std::size_t events() const noexcept { return events_.events(); }
  std::uint64_t steps() const noexcept { return events_.steps(); }
  json::node error() const noexcept { return events_.error(); }
  json::node last_event() const noexcept { return events_.last_event(); }
  const std::string& not_json() const noexcept { return events_.not_json(); }
  const json::replaced& replaced() const noexcept { return events_.replaced(); }
  const std::vector<finding>& warnings() const noexcept { return events_.warnings(); }
  json::item* document(json::tree& out) const { return document_.copy_to(out); }

 private:
  std::string take(const stream_rule& step, const json::node& value);
  std::string place_of(const stream_rule& step);
  std::optional<std::uint32_t> index_at(std::uint32_t path, std::string& why);
  void tell(const stream_rule& step, const json::node& value);

  const build_options how_;
  listener tell_;
  stream_events events_;
  memory_bound own_memory_;  // when the limits bring none
  stream_document document_;
  std::vector<place_step> place_;  // reused
};

}  // namespace llm_admin::mapping
