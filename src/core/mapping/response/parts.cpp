#include "core/mapping/response/parts.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/json/utf8.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 5> finish_reasons = {"stop", "length", "tool_calls", "content_filter",
                                                            "other"};

class call_reader {
 public:
  call_reader(const json::node& call, const limits& most, bool newer, json::tree& out)
      : most_(most), newer_(newer), out_(out), id_(call.member("id")) {
    const json::node function = call.member("function"),
                     custom = newer ? call.member("custom") : json::node{};
    const json::node& holder = function.is_object() ? function : custom.is_object() ? custom : call;
    name_ = holder.member("name");
    given_ = holder.member("arguments");
    if (!newer) return;
    const json::node kind = call.member("kind");
    if (kind.is_string() && kind.text() != "function" && kind.size > 0) kind_ = kind;
    if (custom.is_object() && !kind_) kind_ = json::view(out.string("custom"));
    if (given_.is_absent()) given_ = holder.member("input");
    if (empty_text(id_)) id_ = {};
    if (empty_text(name_) || name_.is_absent()) name_ = kind_;
    if (empty_text(given_) && !is_custom()) given_ = {};
  }

  bool named() const noexcept { return name_.is_string(); }

  void read() {
    if (given_.is_string()) {
      text_ = out_.borrow(given_);
      if (!is_custom()) value_ = parsed(given_.text());
      if (value_ == nullptr) value_ = out_.borrow(given_);
      return;
    }
    value_ = given_.is_absent() ? is_custom() ? out_.string("") : out_.object() : out_.borrow(given_);
    if (json::view(value_).is_string()) {
      text_ = value_;
      return;
    }
    const auto written = json::write(json::view(value_), most_.max_output_bytes);
    if (!written) output_too_large(most_);
    text_ = out_.string(out_.keep(*written));
  }

  json::item* flat() {
    json::item* made = out_.object();
    out_.append(made, "id", id_.is_absent() ? out_.null() : out_.borrow(id_));
    out_.append(made, "name", out_.borrow(name_));
    out_.append(made, "arguments", value_);
    if (kind_) out_.append(made, "kind", out_.borrow(kind_));
    return made;
  }

  json::item* nested() {
    json::item* inner = out_.object();
    out_.append(inner, "name", out_.borrow(name_));
    out_.append(inner, is_custom() ? "input" : "arguments", out_.borrow(json::view(text_)));
    json::item* made = out_.object();
    if (!id_.is_absent()) out_.append(made, "id", out_.borrow(id_));
    const std::string_view type = is_custom() ? "custom" : "function";
    out_.append(made, "type", out_.string(type));
    if (kind_ && !is_custom()) out_.append(made, "kind", out_.borrow(kind_));
    out_.append(made, type, inner);
    return made;
  }

 private:
  // What jsonb cannot hold is replaced here and stays as it came in the text of the message.
  json::item* parsed(std::string_view text) {
    json::item* made = json::parse(text, out_);
    if (made != nullptr || !newer_) return made;
    json::parse_options how;
    how.lenient = true;
    made = json::parse(text, out_, how).value;
    json::replaced counts;
    if (made != nullptr) json::sanitize(out_, made, true, counts);
    return made;
  }
  bool is_custom() const noexcept { return kind_.is_string() && kind_.text() == "custom"; }

  const limits& most_;
  bool newer_;
  json::tree& out_;
  json::node id_, name_, given_, kind_;
  json::item* value_ = nullptr;  // of the arguments
  json::item* text_ = nullptr;
};

}  // namespace

bool empty_text(const json::node& value) noexcept { return value.is_string() && value.size == 0; }

json::item* tool_calls_of(const json::node& raw, const limits& most, bool newer, json::tree& out,
                          json::item*& nested) {
  json::item* calls = out.array();
  nested = out.array();
  const std::uint32_t count = raw.is_array() ? raw.size : 0;
  for (std::uint32_t n = 0; n < count; ++n) {
    call_reader call(raw.element(n), most, newer, out);
    if (!call.named()) continue;
    call.read();
    out.push(calls, call.flat());
    out.push(nested, call.nested());
  }
  return calls->count > 0 ? calls : nullptr;
}

bool at_work(const json::node& finish_reason) noexcept {
  return finish_reason.is_string() &&
         (finish_reason.text() == "in_progress" || finish_reason.text() == "queued");
}

json::item* finish_reason_of(const json::node& text, bool newer, bool has_calls, json::tree& out) {
  if (!text.is_string()) return nullptr;
  if (newer && (text.size == 0 || at_work(text))) return nullptr;
  const auto known = std::find(finish_reasons.begin(), finish_reasons.end(), text.text());
  const std::string_view reason = known == finish_reasons.end() ? "other" : *known;
  return out.string(newer && has_calls && (reason == "stop" || reason == "other") ? "tool_calls" : reason);
}

json::item* choices_of(const json::node& raw, const limits& most, json::tree& out) {
  json::item* choices = out.array();
  for (std::uint32_t n = 0; raw.is_array() && n < raw.size; ++n) {
    const json::node one = raw.element(n);
    if (!one.is_object()) continue;
    json::item* nested = nullptr;
    json::item* calls = tool_calls_of(one.member("tool_calls"), most, true, out, nested);
    json::item* text = one.member("text").is_absent() || empty_text(one.member("text"))
                           ? nullptr
                           : coerce(one.member("text"), value_type::string, out);
    json::item* finish = finish_reason_of(one.member("finish_reason"), true, calls != nullptr, out);
    json::item* made = out.object();
    out.append(made, "text", text != nullptr ? text : out.null());
    out.append(made, "tool_calls", calls != nullptr ? calls : out.array());
    out.append(made, "finish_reason", finish != nullptr ? finish : out.null());
    out.push(choices, made);
  }
  return choices->count > 0 ? choices : nullptr;
}

json::item* parts_of(const json::node& raw, std::string_view rule, json::tree& out,
                     std::vector<finding>& warnings) {
  json::item* parts = out.array();
  for (std::uint32_t n = 0; raw.is_array() && n < raw.size; ++n) {
    const json::node one = raw.element(n), kind = one.member("kind");
    if (!kind.is_string() || kind.size == 0) {
      warnings.push_back({"", std::string(rule), "a part must be an object with a text kind"});
      continue;
    }
    json::item* made = out.object();
    for (std::uint32_t m = 0; m < one.size; ++m) {
      std::string_view name;
      const json::node value = one.member_at(m, name);
      if (!value.is_absent() && !empty_text(value)) out.append(made, name, out.borrow(value));
    }
    out.push(parts, made);
  }
  return parts->count > 0 ? parts : nullptr;
}

json::item* message_of(const json::item* text, const json::item* refusal, json::item* nested, bool ended,
                       json::tree& out) {
  if (text == nullptr && nested == nullptr && refusal == nullptr && !ended) return nullptr;
  json::item* made = out.object();
  out.append(made, "role", out.string("assistant"));
  if (const json::item* content = text != nullptr ? text : refusal) {
    out.append(made, "content", out.borrow(json::view(content)));
  } else {
    out.append(made, "content", nested != nullptr ? out.null() : out.string(""));
  }
  if (text == nullptr && refusal != nullptr) out.append(made, "refusal", out.borrow(json::view(refusal)));
  if (nested != nullptr) out.append(made, "tool_calls", nested);
  return made;
}

}  // namespace llm_admin::mapping
