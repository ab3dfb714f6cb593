// Bytes of a streamed body into the texts of its events, fed in pieces of any size: the same events come out
// however the bytes are split, also inside a character or between CR and LF.
//
//   sse         WHATWG event stream: lines end in CR, LF or CRLF; a line that begins with a colon is a
//               comment; the `data` fields of an event are joined by a newline and handed out at the blank
//               line after them. Other fields are passed over but those that are wanted: of these the last
//               value stands in fields() during the call of the sink, and a block of them without data is an
//               event with an empty text
//   ndjson      one event a line; blank lines are passed over
//   json_array  the elements of one JSON array, each handed out as soon as it ends
// A byte order mark at the beginning is passed over. Nothing is parsed as JSON here: an event is a text.
//
// An event that lies in one piece is handed out in place; one that does not is gathered once. The view given
// to the sink is valid during that call. Work is linear in the bytes. Throws 54000 when a line or an event is
// longer than the limit, and what the sink throws; the object is of no more use then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/function_ref.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
using sse_field = std::pair<std::string, std::string>;  // name, value

class stream_frames {
 public:
  // `ended`: false when the input stopped before the event did; it may be cut short. The sink returns false
  // when it wants no more.
  using sink = function_ref<bool(std::string_view event, bool ended)>;

  // `poll` is called after each polled_bytes that were looked at; what it throws passes.
  // `wanted`: names of fields other than data; null: none. It must outlive the object.
  using names = std::set<std::string, std::less<>>;
  stream_frames(frame_kind frame, std::size_t max_event_bytes, void (*poll)() = nullptr,
                const names* wanted = nullptr)
      : frame_(frame), most_(max_event_bytes), poll_(poll), wanted_(wanted) {}
  static constexpr std::size_t polled_bytes = 1u << 20;

  // False once the sink has had enough; further calls do nothing.
  bool feed(std::string_view bytes, sink to);
  // The end of the input: what is pending is handed out, too.
  void finish(sink to);

  std::span<const sse_field> fields() const noexcept { return fields_; }
  bool blank() const noexcept { return blank_; }      // nothing but white space so far
  bool foreign() const noexcept { return foreign_; }  // some of it belongs to no such stream
  bool closed() const noexcept { return closed_; }    // json_array: the array's end has come

 private:
  void looked_at(std::size_t bytes) {
    looked_at_ += bytes;
    if (looked_at_ < polled_bytes) return;
    looked_at_ = 0;
    if (poll_ != nullptr) poll_();
  }
  bool body(std::string_view bytes, sink to);
  bool lines(std::string_view bytes, sink to);
  bool line(std::string_view text, bool gathered, sink to);
  bool sse_line(std::string_view text, bool gathered, sink to);
  void data_line(std::string_view text, std::size_t from, bool gathered);
  bool dispatch(bool ended, sink to);
  bool array(std::string_view bytes, sink to);
  bool element_ends(std::string_view bytes, std::size_t end, sink to);
  void gather(std::string& into, std::string_view more);
  void within(std::size_t size) const;

  void keep_field(std::string_view name, std::string_view value);

  frame_kind frame_;
  std::size_t most_;
  void (*poll_)();
  const names* wanted_;
  std::vector<sse_field> fields_;  // of the event that is being read
  std::size_t looked_at_ = 0;      // since the last poll
  bool over_ = false, blank_ = true, foreign_ = false, closed_ = false;
  std::size_t mark_ = 0;  // bytes of the byte order mark seen; 3: past it
  std::string pending_;   // of a line or an element that began in an earlier piece

  bool after_cr_ = false;
  bool has_data_ = false, owns_data_ = false;
  std::string data_;  // sse: the event's data, from data_from_ on, when it is owned
  std::size_t data_from_ = 0;
  std::string_view data_view_;  // else it stands in the piece that is being fed

  std::size_t depth_ = 0;  // json_array: open brackets, the array's own included
  std::size_t begin_ = 0;  // of the element in this piece
  bool in_element_ = false, in_string_ = false, escaped_ = false;
};

}  // namespace llm_admin::mapping
