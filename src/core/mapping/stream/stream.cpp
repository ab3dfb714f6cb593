#include "core/mapping/stream/stream.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/response/parts.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/stream/build.hpp"
#include "core/mapping/stream/frames.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t cost_of_event = 1024;  // in bytes, besides those it has

const rule* find(const response_program& program, std::string_view name) noexcept {
  const auto end = program.rules.rules.begin() + static_cast<std::ptrdiff_t>(program.rules.top);
  const auto found =
      std::find_if(program.rules.rules.begin(), end, [=](const rule& one) { return one.name == name; });
  return found == end ? nullptr : &*found;
}

// Charges an event that does not stand in the body but was gathered from several lines.
class gathered_text {
 public:
  gathered_text(memory_bound& bound, std::string_view body, std::string_view event) : bound_(bound) {
    const std::less<const char*> before;
    if (!before(event.data(), body.data()) && before(event.data(), body.data() + body.size())) return;
    bound_.take(event.size());
    size_ = event.size();
  }
  ~gathered_text() { bound_.give(size_); }
  gathered_text(const gathered_text&) = delete;
  gathered_text& operator=(const gathered_text&) = delete;

 private:
  memory_bound& bound_;
  std::size_t size_ = 0;
};

class stream_extractor {
 public:
  stream_extractor(const response_program& program, const stream_input& input, json::tree& out)
      : program_(program),
        input_(input),
        out_(out),
        memory_(input.limits, out),
        limits_(input.limits),
        polls_(input.limits, 0, {}) {
    limits_.memory = &memory_.bound();
    // It only polls; events have budgets of their own.
    polls_.most = std::numeric_limits<std::uint64_t>::max();
    response_.http_status = input.http_status;
    response_.headers = input.headers;
    response_.provider_name = input.provider_name;
    response_.provider_columns = input.provider_columns;
    response_.limits = limits_;
    around_.headers = input.headers;
    around_.provider = input.provider_columns;
    if (input.http_status) around_.status = json::view(out.integer(*input.http_status));
  }

  // What is to be extracted, instead of a streamed body.
  const response_input& read() {
    stream_frames frames(program_.stream->frame, limits_.max_output_bytes, limits_.poll);
    stream_builder builder(*program_.stream, around_, limits_);
    const auto take = [&](std::string_view event, bool ended) {
      polls_.read(event.size() + cost_of_event);
      const gathered_text held(memory_.bound(), input_.body, event);
      return builder.event(event, ended);
    };
    if (frames.feed(input_.body, take)) frames.finish(take);
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
      response_.error = completed(builder.error(), builder.last_event());
    } else {
      response_.unfinished = broke_off(frames, builder);
      // An error that no rule of the stream looks for.
      if (response_.unfinished && builder.events() > 0)
        response_.error = ordinary_error(builder.last_event());
    }
    return response_;
  }

  std::uint64_t steps() const noexcept { return steps_; }

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
    return error_in(whole) || finish_in(whole) ? whole : json::node{};
  }

  std::string_view body() const noexcept {
    return input_.body.substr(input_.body.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
  }

  json::item* value_in(const json::node& document, std::string_view name) {
    const rule* of = find(program_, name);
    if (of == nullptr) return nullptr;
    scope in = around_;
    in.document = document;
    budget left(limits_, program_.rules.rules.size(), {document, input_.headers});
    evaluator run(program_.rules, in, left, limits_, out_, false);
    run.enforce_required = false;
    json::item* value = run.run(*of);
    steps_ += left.used;
    return value;
  }

  // As error_of() makes it, without the HTTP status; null when the ordinary rule finds none.
  json::item* error_in(const json::node& document) {
    return error_of(json::view(value_in(document, "error")), {}, document, out_);
  }

  bool finish_in(const json::node& document) {
    return !json::view(value_in(document, "finish_reason")).is_absent();
  }

  json::node ordinary_error(const json::node& event) {
    const json::item* found = error_in(event);
    return found == nullptr ? json::node{} : without_nulls(found);
  }

  // The members that say something: what is left out is for error_of() to find out.
  json::node without_nulls(const json::item* from) {
    json::item* made = out_.object();
    add_missing(made, json::view(from));
    return json::view(made);
  }

  void add_missing(json::item* to, const json::node& from) {
    for (std::string_view name : stream_error_members) {
      const json::node value = from.member(name);
      const bool guess = name == "retryable" && !value.truth();  // not said, only not known
      if (!value.is_absent() && !guess && json::tree::find(to, name) == nullptr)
        out_.append(to, name, out_.copy(value));
    }
  }

  json::node completed(const json::node& error, const json::node& event) {
    json::item* made = out_.object();
    for (std::string_view name : stream_error_members) {
      const json::node value = error.member(name);
      if (!value.is_absent()) out_.append(made, name, out_.copy(value));
    }
    if (json::tree::find(made, "type") == nullptr && event) {
      if (const json::item* found = error_in(event)) add_missing(made, json::view(found));
    }
    if (json::tree::find(made, "type") == nullptr) out_.append(made, "type", out_.string("stream_error"));
    return json::view(made);
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
    return builder.cut() || builder.events() == 0 || find(program_, "finish_reason") != nullptr;
  }

  const response_program& program_;
  const stream_input& input_;
  json::tree& out_;
  call_memory memory_;
  limits limits_;  // with the memory of this call
  scope around_;
  response_input response_;
  budget polls_;
  std::uint64_t steps_ = 0;
};

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

}  // namespace

json::item* try_extract_stream(const response_program& program, const stream_input& input, json::tree& out,
                               std::vector<finding>& findings, std::uint64_t* steps) {
  require_stream(program, input.provider_name);
  stream_extractor stream(program, input, out);
  json::item* result = try_extract(program, stream.read(), out, findings, steps);
  if (steps != nullptr) *steps += stream.steps();
  return result;
}

json::item* extract_stream(const response_program& program, const stream_input& input, json::tree& out) {
  require_stream(program, input.provider_name);
  return extract(program, stream_extractor(program, input, out).read(), out);
}

}  // namespace llm_admin::mapping
