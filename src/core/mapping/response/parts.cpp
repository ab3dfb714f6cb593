#include "core/mapping/response/parts.hpp"

#include <array>

#include "core/json/decimal.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::int64_t largest_count = std::int64_t{1} << 53;

struct part {
  std::string_view name, chat_name;
  std::array<std::string_view, 2>
      details;  // the objects in which OpenAI's two APIs nest it, under its own name
};

constexpr std::array<std::string_view, 2> none{}, of_input{"prompt_tokens_details", "input_tokens_details"},
    of_output{"completion_tokens_details", "output_tokens_details"};

json::node part_of(const json::node& raw, const part& what) {
  json::node value = raw.member(what.name);
  if (value.is_absent() && !what.chat_name.empty()) value = raw.member(what.chat_name);
  for (std::size_t n = 0; n < what.details.size() && value.is_absent(); ++n) {
    if (!what.details[n].empty()) value = raw.member(what.details[n]).member(what.name);
  }
  return value;
}

// -1 when it is not reported.
std::int64_t count_of(const json::node& value, std::string_view name, const std::string& rule,
                      json::tree& out, std::vector<finding>& warnings) {
  if (value.is_absent()) return -1;
  std::optional<std::int64_t> count;
  if (value.is_number()) {
    count = json::to_int64(value.number_text());
  } else if (const json::item* whole = coerce(value, value_type::integer, out)) {
    count = json::to_int64(json::view(whole).number_text());
  }
  if (count && *count >= 0 && *count <= largest_count) return *count;
  warnings.push_back(
      {"", rule, std::string(name) + " must be a whole number, not " + json::excerpt(value, 40)});
  return -1;
}

bool retryable(std::int64_t code, bool http) noexcept {
  const bool listed = code == 408 || code == 409 || code == 425 || code == 429;
  return listed || (code >= 500 && (http || code < 600));  // above 599 a body's code is no HTTP status
}

json::item* text_or_null(const json::node& value, json::tree& out) {
  if (value.is_absent()) return out.null();
  json::item* text = coerce(value, value_type::string, out);
  return text != nullptr ? text : out.string(out.keep(json::excerpt(value, 1000)));
}

std::optional<std::int64_t> numeric(const json::node& code) {
  if (code.is_number()) return json::to_int64(code.number_text());
  return code.is_string() && code.size < 10 ? json::to_int64(code.text()) : std::nullopt;
}

// Without a rule only the places are tried where nearly every vendor puts its text.
json::node usual_message(const json::node& document) {
  const json::node error = document.member("error");
  for (const json::node& value : {error.member("message"), error, document.member("message")}) {
    if (value.is_string()) return value;
  }
  return {};
}

}  // namespace

json::item* usage_of(const json::node& raw, const std::string& rule, json::tree& out,
                     std::vector<finding>& warnings) {
  static constexpr std::array<part, 6> parts = {{{"input_tokens", "prompt_tokens", none},
                                                 {"output_tokens", "completion_tokens", none},
                                                 {"cached_tokens", "", of_input},
                                                 {"cache_write_tokens", "", of_input},
                                                 {"cache_write_1h_tokens", "", none},
                                                 {"reasoning_tokens", "", of_output}}};
  if (!raw.is_object()) return nullptr;
  std::array<std::int64_t, parts.size()> counts{};
  bool any = false;
  for (std::size_t n = 0; n < parts.size(); ++n) {
    counts[n] = count_of(part_of(raw, parts[n]), parts[n].name, rule, out, warnings);
    any |= n < 2 ? counts[n] >= 0 : counts[n] > 0;  // a part that is 0 may be a rule's default
    if (counts[n] < 0) counts[n] = 0;
  }
  if (!any) return nullptr;
  json::item* made = out.object();
  for (std::size_t n = 0; n < parts.size(); ++n) {
    out.append(made, parts[n].name, out.integer(counts[n]));
    if (n == 1) out.append(made, "total_tokens", out.integer(counts[0] + counts[1]));
  }
  out.append(made, "service_tier", text_or_null(raw.member("service_tier"), out));
  return made;
}

json::item* tool_calls_of(const json::node& raw, const limits& most, json::tree& out, json::item*& nested) {
  json::item* calls = out.array();
  nested = out.array();
  const std::uint32_t count = raw.is_array() ? raw.size : 0;
  for (std::uint32_t n = 0; n < count; ++n) {
    const json::node call = raw.element(n), function = call.member("function");
    const json::node& holder = function.is_object() ? function : call;
    const json::node name = holder.member("name"), id = call.member("id");
    json::node arguments = holder.member("arguments");
    if (!name.is_string()) continue;
    json::item* text = nullptr;
    json::item* value = nullptr;
    if (arguments.is_string()) {
      text = out.borrow(arguments);
      value = json::parse(arguments.text(), out);
      if (value == nullptr) value = out.borrow(arguments);
    } else {
      value = arguments.is_absent() ? out.object() : out.borrow(arguments);
      const auto written = json::write(json::view(value), most.max_output_bytes);
      if (!written) output_too_large(most);
      text = out.string(out.keep(*written));
    }
    json::item* flat = out.object();
    out.append(flat, "id", id.is_absent() ? out.null() : out.borrow(id));
    out.append(flat, "name", out.borrow(name));
    out.append(flat, "arguments", value);
    out.push(calls, flat);
    json::item* inner = out.object();
    out.append(inner, "name", out.borrow(name));
    out.append(inner, "arguments", text);
    json::item* outer = out.object();
    if (!id.is_absent()) out.append(outer, "id", out.borrow(id));
    out.append(outer, "type", out.string("function"));
    out.append(outer, "function", inner);
    out.push(nested, outer);
  }
  return calls->count > 0 ? calls : nullptr;
}

json::item* error_of(const json::node& raw, std::optional<int> http_status, const json::node& document,
                     json::tree& out) {
  json::node type, code, message, retry;
  bool found = false;
  if (raw.is_object()) {
    type = raw.member("type");
    code = raw.member("code");
    message = raw.member("message");
    retry = raw.member("retryable");
    found = !type.is_absent() || !code.is_absent() || !message.is_absent();
  } else if (raw.is_string()) {
    message = raw;
    found = raw.size > 0;
  } else if (raw.is_number()) {
    code = raw;
    found = true;
  } else if (raw.is_boolean()) {
    found = raw.truth();
  }
  const bool http_error = http_status && *http_status >= 400;
  if (!found && !http_error) return nullptr;
  if (!found) {
    retry = {};
    message = usual_message(document);
  }
  json::item* made = out.object();
  const std::string http_type = http_error ? "http_" + std::to_string(*http_status) : std::string();
  const bool name_status = type.is_absent() && http_error;
  out.append(made, "type", name_status ? out.string(out.keep(http_type)) : text_or_null(type, out));
  out.append(made, "code", code.is_scalar() ? out.borrow(code) : text_or_null(code, out));
  out.append(made, "message",
             message.is_absent() && http_error
                 ? out.string(out.keep("HTTP status " + std::to_string(*http_status)))
                 : text_or_null(message, out));
  bool again = http_status && retryable(*http_status, true);
  if (const auto number = numeric(code)) again |= retryable(*number, false);
  if (retry.is_boolean()) again = retry.truth();
  out.append(made, "retryable", out.boolean(again));
  return made;
}

}  // namespace llm_admin::mapping
