#include "core/mapping/answer/reader.hpp"

#include <algorithm>

namespace llm_admin::mapping {

namespace {

// Answers go back to whom they came from: what was replaced in them stays in their source.
json::parse_options whole_document() {
  json::parse_options how;
  how.lenient = how.keep_source = how.exact = true;
  return how;
}

}  // namespace

answer_reader::answer_reader(const response_program& program, const answer_input& input, json::tree& out)
    : program_(program),
      stream_(program.stream ? *program.stream : no_rules_),
      input_(input),
      out_(out),
      memory_(input.limits, out),
      limits_(input.limits),
      ordinary_(program, around_, limits_, out) {
  limits_.memory = &memory_.bound();
  response_.http_status = input.http_status;
  response_.headers = input.headers;
  response_.provider_name = input.provider_name;
  response_.provider_columns = input.provider_columns;
  response_.now_ms = input.now_ms;
  response_.filter = input.filter;
  response_.limits = limits_;
  response_.lenient = true;
  around_.headers = input.headers;
  around_.provider = input.provider_columns;
  if (input.http_status) around_.status = json::view(out.integer(*input.http_status));
}

std::string_view answer_reader::body() const noexcept {
  return input_.body.substr(input_.body.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
}

const response_input& answer_reader::read() {
  const std::string_view text = trimmed(body());
  const body_content what = content_of(text, stream_.fields);
  switch (what) {
    case body_content::empty:
      fail("empty", "the response is empty", true);
      break;
    case body_content::json:
      if (text[0] == '[' && program_.stream) {
        read_stream(frame_kind::json_array);
      } else {
        read_json(text);
      }
      break;
    case body_content::events:
      read_stream(frame_kind::sse);
      break;
    default:
      fail("not_json", "the response is no JSON: " + shown_text(text, what), false);
  }
  for (finding& one : findings_of(replaced_)) response_.warnings.push_back(std::move(one));
  return response_;
}

void answer_reader::fail(std::string_view type, const std::string& message, bool retryable) {
  json::item* made = out_.object();
  // A status says more than that the text is no JSON, that it was cut or that there is none.
  const bool by_status = input_.http_status && *input_.http_status >= 400;
  if (!by_status) out_.append(made, "type", out_.string(type));
  out_.append(made, "message", out_.string(out_.keep(message)));
  if (retryable && !by_status) out_.append(made, "retryable", out_.boolean(true));
  response_.error = json::view(made);
}

void answer_reader::take_document(json::parsed parsed) {
  replaced_.nulls += parsed.nulls;
  if (parsed.surrogates + parsed.numbers > 0) json::sanitize(out_, parsed.value, true, replaced_);
  open_ = std::move(parsed.open);
  response_.document = json::view(parsed.value);
}

void answer_reader::read_json(std::string_view text) {
  json::parsed parsed = json::parse(text, out_, whole_document());
  const bool lines = program_.stream && stream_.frame == frame_kind::ndjson;
  if (parsed.value != nullptr) {
    take_document(std::move(parsed));
    // One line of a stream of lines may be all that came of it.
    if (lines && !ordinary_.error(response_.document) && !ordinary_.finished(response_.document)) {
      response_.document = {};
      replaced_ = {};
      read_stream(frame_kind::ndjson);
    }
    return;
  }
  if (parsed.cut) return cut_document(text);
  if (parsed.too_deep) {
    return fail("not_json", "the response nests deeper than " + std::to_string(json::parse_depth) + " levels",
                false);
  }
  if (!parsed.more)
    return fail("not_json", "the response is no JSON: " + shown_text(text, body_content::text), false);
  const std::string_view first = trimmed(text.substr(0, parsed.at)), rest = text.substr(parsed.at);
  const bool one_line = first.find('\n') == std::string_view::npos;
  if (program_.stream && one_line && rest[0] == '{') return read_stream(frame_kind::ndjson);
  take_document(json::parse(first, out_, whole_document()));
  response_.warnings.push_back(
      {"", "", "what stands behind the JSON of the response was passed over: " + text_excerpt(rest)});
}

void answer_reader::cut_document(std::string_view text) {
  json::parse_options how = whole_document();
  how.keep_source = how.exact = false;
  how.partial = true;
  json::parsed parsed = json::parse(text, out_, how);
  if (parsed.value != nullptr) take_document(std::move(parsed));
  if (response_.document && ordinary_.error(response_.document)) return;
  fail("stream_incomplete",
       "the response ends within its JSON, after " + std::to_string(text.size()) + " bytes", true);
}

bool answer_reader::cut_within(const json::node& value) const noexcept {
  const json::item* of = json::item_of(value);
  return of != nullptr && std::find(open_.begin(), open_.end(), of) != open_.end();
}

json::node answer_reader::clean_copy(const json::node& value) {
  json::item* made = out_.copy(value);
  json::replaced counted_before;
  json::sanitize(out_, made, true, counted_before);
  return json::view(made);
}

void answer_reader::read_stream(frame_kind frame) {
  stream_frames frames(frame, limits_.max_output_bytes, limits_.poll, &stream_.fields);
  build_options how;
  how.events.lenient = true;
  how.events.forgiving = program_.rules.version >= language::v1_2 || !program_.stream;
  stream_builder builder(stream_, around_, limits_, {}, how);
  feed(body(), frames, builder, limits_);
  steps_ += builder.steps();
  json::item* document = builder.document(out_);
  replaced_.nulls += builder.replaced().nulls;
  json::sanitize(out_, document, true, replaced_);
  response_.document = json::view(document);
  response_.warnings = builder.warnings();
  const json::node event = builder.last_event() ? clean_copy(builder.last_event()) : json::node{};
  if (builder.error() && builder.events() > 0) {
    response_.error = clean_copy(ordinary_.completed(builder.error(), event));
    response_.error_document = event;
  } else if (builder.events() == 0 && !builder.done() && !builder.cut()) {
    const bool silent = builder.not_json().empty() && !builder.error();
    if (silent && frame == frame_kind::json_array && frames.closed()) return;  // an array of nothing
    if (silent && !frames.foreign()) {
      fail("empty", "the response is a stream without an event", true);
    } else {
      fail("not_json", "the response is no JSON: " + shown_text(body(), body_content::text), false);
    }
  } else if (!take_single_event(builder, event)) {
    response_.unfinished = broke_off(frame, frames, builder);
    response_.end_missing = end_missing(frame, frames, builder);
    look_for_error(event);
  }
  if (!program_.stream && !response_.error && !ordinary_.answers(response_.document))
    fail("no_stream_rules", "the response is a stream, for which the provider's config has no rules", false);
}

// The one event of a stream may be the whole answer.
bool answer_reader::take_single_event(const stream_builder& builder, const json::node& event) {
  if (builder.events() != 1 || !event || ordinary_.speaks(response_.document) || !ordinary_.speaks(event))
    return false;
  response_.document = event;
  return true;
}

// An error that no rule of the stream looks for.
void answer_reader::look_for_error(const json::node& event) {
  json::node found = ordinary_.error(response_.document);
  const bool silent = response_.unfinished || !ordinary_.answers(response_.document);
  if (!found && silent && event) found = ordinary_.error(event);
  if (!found) return;
  response_.error = ordinary_.completed(found, {});
  response_.error_document = event;
}

// An end that the stream must have did not come, or its last event is cut.
bool answer_reader::end_missing(frame_kind frame, const stream_frames& frames,
                                const stream_builder& builder) const {
  if (builder.done() || program_.rules.version < language::v1_2) return false;
  if (frame == frame_kind::json_array) return !frames.closed();
  return builder.cut() || stream_.done != stream_end::eof;
}

bool answer_reader::broke_off(frame_kind frame, const stream_frames& frames,
                              const stream_builder& builder) const {
  if (builder.done()) return false;
  if (frame == frame_kind::json_array) return !frames.closed();
  if (stream_.done != stream_end::eof) return true;
  return builder.cut() || builder.events() == 0 || ordinary_.has("finish_reason");
}

}  // namespace llm_admin::mapping
