// From a body to what the extractor takes. Private to answer.cpp; contract in answer.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json/parse.hpp"
#include "core/json/utf8.hpp"
#include "core/mapping/answer/answer.hpp"
#include "core/mapping/answer/content.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/stream/feed.hpp"
#include "core/mapping/stream/ordinary.hpp"

namespace llm_admin::mapping {

class answer_reader {
 public:
  answer_reader(const response_program& program, const answer_input& input, json::tree& out);

  const response_input& read();
  const json::node& document() const noexcept { return response_.document; }  // what read() came to
  std::uint64_t steps() const noexcept { return steps_ + ordinary_.steps(); }
  // Was this container open where the document was cut?
  bool cut_within(const json::node& value) const noexcept;

 private:
  void read_json(std::string_view text);
  void read_stream(frame_kind frame);
  std::string_view body() const noexcept;  // without its byte order mark
  void take_document(json::parsed parsed);
  bool take_single_event(const stream_builder& builder, const json::node& event);
  void look_for_error(const json::node& event);
  void cut_document(std::string_view text);
  bool broke_off(frame_kind frame, const stream_frames& frames, const stream_builder& builder) const;
  bool end_missing(frame_kind frame, const stream_frames& frames, const stream_builder& builder) const;
  json::node clean_copy(const json::node& value);
  // `type` absent: error_of() makes it of the HTTP status.
  void fail(std::string_view type, const std::string& message, bool retryable);

  const response_program& program_;
  const stream_program no_rules_{};
  const stream_program& stream_;
  const answer_input& input_;
  json::tree& out_;
  call_memory memory_;
  limits limits_;  // with the memory of this call
  scope around_;
  response_input response_;
  ordinary_rules ordinary_;
  json::replaced replaced_;
  std::vector<const json::item*> open_;  // where the document was cut
  std::uint64_t steps_ = 0;
};

}  // namespace llm_admin::mapping
