#include "core/mapping/stream/deltas.hpp"

#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/json/decimal.hpp"
#include "core/mapping/answer/answer.hpp"
#include "core/mapping/answer/content.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/response/error.hpp"
#include "core/mapping/response/usage.hpp"
#include "core/mapping/stream/feed.hpp"
#include "core/mapping/stream/ordinary.hpp"
#include "core/mapping/stream/stream.hpp"

namespace llm_admin::mapping {

namespace {

std::string_view kind_of(emission what) noexcept {
  switch (what) {
    case emission::reasoning:
      return "reasoning";
    case emission::tool_arguments:
      return "tool_arguments";
    case emission::tool_call:
      return "tool_call";
    default:
      return "text";
  }
}

class delta_reader {
 public:
  delta_reader(const response_program& program, const answer_input& input, json::tree& out)
      : program_(program),
        input_(input),
        out_(out),
        memory_(input.limits, out),
        limits_(input.limits),
        ordinary_(program, around_, limits_, out),
        deltas_(out.array()) {
    limits_.memory = &memory_.bound();
    around_.headers = input.headers;
    around_.provider = input.provider_columns;
    if (input.http_status) around_.status = json::view(out.integer(*input.http_status));
  }

  json::item* read() {
    const stream_program& stream = *program_.stream;
    stream_frames frames(stream.frame, limits_.max_output_bytes, limits_.poll, &stream.fields);
    build_options how;
    how.events = {true, true, true};
    how.emits_only = true;
    stream_builder builder(
        stream, around_, limits_, [this](const emitted& one) { take(one); }, how);
    const bool ends = feed_batch(frames, builder);
    flush();
    json::item* made = out_.object();
    out_.append(made, "deltas", deltas_);
    out_.append(made, "done", out_.boolean(builder.done() || ends));
    json::item* error = error_in(frames, builder);
    out_.append(made, "error", error != nullptr ? error : out_.null());
    json::item* usage = usage_in(builder);
    out_.append(made, "usage", usage != nullptr ? usage : out_.null());
    check_output(json::view(made), limits_);
    return made;
  }

 private:
  struct pending {
    emission what = emission::none;  // none: nothing is pending
    std::optional<std::int64_t> index;
    std::string id, text;
  };

  // A piece of an array is read as an array of its own. True when it holds the array's end.
  bool feed_batch(stream_frames& frames, stream_builder& builder) {
    std::string_view text = input_.body;
    if (program_.stream->frame != frame_kind::json_array) {
      feed(text, frames, builder, limits_);
      return false;
    }
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    text = trimmed(text);
    const bool ends = text.ends_with(']');
    if (!text.starts_with('[')) {
      const auto take = [&](std::string_view event, bool ended) { return builder.event(event, ended); };
      if (!frames.feed("[", take)) return ends;
    }
    feed(text, frames, builder, limits_);
    return ends;
  }

  void take(const emitted& one) {
    if (one.what == emission::tool_call) {
      flush();
      return call(one);
    }
    pending next{one.what, one.index, one.id, std::string(one.value.text())};
    memory_.bound().work(next.text.size());
    if (held_.what == next.what && held_.index == next.index && json::ends_in_high_half(held_.text) &&
        json::begins_with_low_half(next.text)) {
      std::string whole = held_.text.substr(held_.text.size() - json::half_bytes);
      json::append_text(whole, next.text);
      held_.text.resize(held_.text.size() - json::half_bytes);
      next.text = std::move(whole);
    }
    flush();
    held_ = std::move(next);
  }

  void flush() {
    const pending done = std::exchange(held_, {});
    if (done.what == emission::none || done.text.empty()) return;
    add(done.what, done.index, text_or_null(done.id), out_.null(), text_of(done.text));
  }

  void call(const emitted& one) {
    const json::node given = one.value.is_object() ? one.value : json::node{};
    const json::node inner = given.member("function").member("name");
    const json::node name = one.value.is_string() ? one.value
                            : inner.is_string()   ? inner
                                                  : given.member("name");
    const json::node id = given.member("id"), number = given.member("index");
    const std::string known = id.is_string() ? std::string(id.text()) : one.id;
    if (!name.is_string() && known.empty()) return;
    std::optional<std::int64_t> index = one.index;
    if (number.is_number()) index = json::to_int64(number.number_text());
    add(one.what, index, text_or_null(known),
        name.is_string() ? text_of(std::string(name.text())) : out_.null(), out_.null());
  }

  void add(emission what, std::optional<std::int64_t> index, json::item* id, json::item* name,
           json::item* text) {
    json::item* made = out_.object();
    out_.append(made, "kind", out_.string(kind_of(what)));
    out_.append(made, "index", index ? out_.integer(*index) : out_.null());
    out_.append(made, "id", id);
    out_.append(made, "name", name);
    out_.append(made, "text", text);
    out_.push(deltas_, made);
  }

  json::item* text_of(std::string text) {
    std::size_t count = 0;
    json::replace_halves(text, count);
    return out_.string(out_.keep(text));
  }
  json::item* text_or_null(const std::string& text) { return text.empty() ? out_.null() : text_of(text); }

  json::item* error_in(const stream_frames& frames, const stream_builder& builder) {
    error_input made;
    json::item* event = builder.last_event() ? out_.copy(builder.last_event()) : nullptr;
    if (builder.error()) {
      made.found = ordinary_.completed(builder.error(), json::view(event));
    } else if (event != nullptr && deltas_->count == 0) {
      const json::node found = ordinary_.error(json::view(event));
      if (found) made.found = ordinary_.completed(found, {});
    } else if (builder.events() == 0 && (frames.foreign() || !builder.not_json().empty())) {
      const std::string_view text = trimmed(input_.body);
      json::item* told = out_.object();
      out_.append(told, "type", out_.string("not_json"));
      out_.append(told, "message",
                  out_.string(out_.keep("the frames are no JSON: " +
                                        shown_text(text, content_of(text, program_.stream->fields)))));
      made.found = json::view(told);
    }
    if (!made.found) return nullptr;
    made.document = json::view(event);
    made.headers = input_.headers;
    made.http_status = input_.http_status;
    made.now_ms = input_.now_ms;
    made.newer = program_.rules.version >= language::v1_2;
    made.filter = &input_.filter;
    json::item* error = error_of(made, out_);
    json::replaced counts;
    if (error != nullptr) json::sanitize(out_, error, true, counts);
    return error;
  }

  json::item* usage_in(const stream_builder& builder) {
    json::item* document = builder.document(out_);
    json::replaced counts;
    json::sanitize(out_, document, true, counts);
    const json::node raw = json::view(ordinary_.value(json::view(document), "usage_stats"));
    std::vector<finding> passed_over;
    return usage_of(raw, "", program_.rules.version >= language::v1_2, out_, passed_over);
  }

  const response_program& program_;
  const answer_input& input_;
  json::tree& out_;
  call_memory memory_;
  limits limits_;  // with the memory of this call
  scope around_;
  ordinary_rules ordinary_;
  json::item* deltas_;
  pending held_;
};

json::item* too_large(const response_program& program, const answer_input& input, const error& why,
                      json::tree& out) {
  error_input made;
  made.found = json::view(told_too_large(why, out));
  made.http_status = input.http_status;
  made.newer = program.rules.version >= language::v1_2;
  made.filter = &input.filter;
  json::item* result = out.object();
  out.append(result, "deltas", out.array());
  out.append(result, "done", out.boolean(false));
  out.append(result, "error", error_of(made, out));
  out.append(result, "usage", out.null());
  return result;
}

}  // namespace

json::item* stream_deltas(const response_program& program, const answer_input& input, json::tree& out) {
  require_stream(program, input.provider_name);
  try {
    return delta_reader(program, input, out).read();
  } catch (const error& why) {
    if (!is_bound(why)) throw;
    return too_large(program, input, why, out);
  }
}

}  // namespace llm_admin::mapping
