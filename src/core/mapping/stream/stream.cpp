#include "core/mapping/stream/stream.hpp"

#include <string>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/mapping/answer/answer.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/stream/build.hpp"
#include "core/mapping/stream/feed.hpp"
#include "core/mapping/stream/frames.hpp"
#include "core/mapping/stream/ordinary.hpp"

namespace llm_admin::mapping {

namespace {

class stream_extractor {
 public:
  stream_extractor(const response_program& program, const stream_input& input, json::tree& out)
      : program_(program),
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
    response_.limits = limits_;
    response_.now_ms = input.now_ms;
    response_.filter = input.filter;
    around_.headers = input.headers;
    around_.provider = input.provider_columns;
    if (input.http_status) around_.status = json::view(out.integer(*input.http_status));
  }

  // What is to be extracted, instead of a streamed body.
  const response_input& read() {
    stream_frames frames(program_.stream->frame, limits_.max_output_bytes, limits_.poll,
                         &program_.stream->fields);
    stream_builder builder(*program_.stream, around_, limits_);
    feed(input_.body, frames, builder, limits_);
    steps_ = builder.steps();
    if (const json::node whole = whole_document(frames, builder)) {
      response_.document = whole;
      return response_;
    }
    response_.document = json::view(builder.document(out_));
    response_.warnings = builder.warnings();
    const bool no_event = builder.events() == 0 && !builder.done();
    if (no_event && (frames.blank() || frames.foreign() || builder.error())) {
      response_.error = not_json(frames.blank());
    } else if (builder.error()) {
      response_.error = ordinary_.completed(builder.error(), builder.last_event());
      response_.error_document = json::view(out_.copy(builder.last_event()));
    } else {
      response_.unfinished = broke_off(frames, builder);
      // An error that no rule of the stream looks for.
      if (response_.unfinished && builder.events() > 0) {
        response_.error = ordinary_.error(builder.last_event());
        response_.error_document = json::view(out_.copy(builder.last_event()));
      }
    }
    return response_;
  }

  std::uint64_t steps() const noexcept { return steps_ + ordinary_.steps(); }

 private:
  // The body as one JSON document, when that is what it is and not a stream's events.
  json::node whole_document(const stream_frames& frames, const stream_builder& builder) {
    const std::string_view text = trimmed(body());
    const bool line = program_.stream->frame == frame_kind::ndjson;
    // One line of ndjson may be an answer that was not streamed, or an error; a stream that ended well is
    // none.
    if (text.empty() || builder.done() || (line ? builder.events() > 1 : builder.events() > 0)) return {};
    if (program_.stream->frame == frame_kind::json_array && text[0] == '[') return {};
    if (!line && !frames.foreign()) return {};
    const json::node whole = json::view(json::parse(text, out_));
    if (!whole || !line || builder.events() == 0) return whole;
    return ordinary_.error(whole) || ordinary_.finished(whole) ? whole : json::node{};
  }

  std::string_view body() const noexcept {
    return input_.body.substr(input_.body.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
  }

  json::node not_json(bool blank) {
    json::item* made = out_.object();
    const std::string text =
        blank ? "the response is empty"
              : "the response is neither a stream nor JSON: " + text_excerpt(trimmed(body()));
    out_.append(made, "type", out_.string("not_json"));
    out_.append(made, "message", out_.string(out_.keep(text)));
    return json::view(made);
  }

  bool broke_off(const stream_frames& frames, const stream_builder& builder) const {
    if (program_.stream->done != stream_end::eof) return !builder.done();
    if (program_.stream->frame == frame_kind::json_array) return !frames.closed();
    return builder.cut() || builder.events() == 0 || ordinary_.has("finish_reason");
  }

  const response_program& program_;
  const stream_input& input_;
  json::tree& out_;
  call_memory memory_;
  limits limits_;  // with the memory of this call
  scope around_;
  response_input response_;
  ordinary_rules ordinary_;
  std::uint64_t steps_ = 0;
};

// From 1.2 on a streamed body is read as any other.
json::item* as_answer(const response_program& program, const stream_input& input, json::tree& out,
                      std::uint64_t* steps) {
  answer_input made;
  made.body = input.body;
  made.http_status = input.http_status;
  made.headers = input.headers;
  made.provider_name = input.provider_name;
  made.provider_columns = input.provider_columns;
  made.limits = input.limits;
  made.now_ms = input.now_ms;
  made.filter = input.filter;
  return read_answer(program, made, out, steps);
}

}  // namespace

void require_stream(const response_program& program, std::string_view provider) {
  if (program.stream) return;
  std::string name(provider.empty() ? "<provider>" : provider), literal;
  for (char c : name) literal.append(c == '\'' ? 2 : 1, c);
  throw error(
      sqlstate::not_extractable, "provider " + name + " has no rules for streams",
      "Its response_extractor_config has no member stream.",
      "UPDATE llm_admin.llm_provider_configs SET response_extractor_config = response_extractor_config "
      "|| '{\"version\": \"1.1\", \"stream\": {...}}' WHERE provider_name = '" +
          literal + "';");
}

json::item* try_extract_stream(const response_program& program, const stream_input& input, json::tree& out,
                               std::vector<finding>& findings, std::uint64_t* steps) {
  require_stream(program, input.provider_name);
  if (program.rules.version >= language::v1_2) return as_answer(program, input, out, steps);
  stream_extractor stream(program, input, out);
  json::item* result = try_extract(program, stream.read(), out, findings, steps);
  if (steps != nullptr) *steps += stream.steps();
  return result;
}

json::item* extract_stream(const response_program& program, const stream_input& input, json::tree& out) {
  require_stream(program, input.provider_name);
  if (program.rules.version >= language::v1_2) return as_answer(program, input, out, nullptr);
  return extract(program, stream_extractor(program, input, out).read(), out);
}

}  // namespace llm_admin::mapping
