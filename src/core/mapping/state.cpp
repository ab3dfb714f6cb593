#include "core/mapping/state.hpp"

#include <limits>
#include <span>

#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t digest_bytes = 16;
constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();

void add(std::string& fields, std::string_view text) {
  for (int shift = 56; shift >= 0; shift -= 8)
    fields += static_cast<char>(static_cast<std::uint64_t>(text.size()) >> shift & 0xFF);
  fields += text;
}

// A text as it is, nothing as "", any other value as compact JSON.
void add(std::string& fields, const json::node& value) {
  if (value.is_string()) return add(fields, value.text());
  add(fields, value.is_absent() ? std::string_view() : std::string_view(*json::write(value, any_size)));
}

}  // namespace

std::string state_digest(const json::node& message) {
  std::string fields;
  add(fields, message.member("content"));
  const json::node calls = message.member("tool_calls");
  for (std::uint32_t n = 0; calls.is_array() && n < calls.size; ++n) {
    const json::node call = calls.element(n), function = call.member("function");
    const json::node custom = call.member("custom");
    const json::node& named = function.is_object() ? function : custom.is_object() ? custom : call;
    const json::node arguments = named.member("arguments"), input = named.member("input");
    add(fields, call.member("id"));
    add(fields, named.member("name"));
    add(fields, arguments.is_absent() ? input : arguments);
  }
  const crypto::digest whole = crypto::sha256(as_bytes(fields));
  return hex_encode(std::span(whole).first(digest_bytes));
}

std::optional<json::node> kept_array(const json::node& message, std::string_view dialect, json::tree& out,
                                     std::string& why) {
  why.clear();
  const json::node role = message.member("role");
  const json::node own = message.member("provider_state").member(dialect);
  if (!own.is_object() || !role.is_string() || role.text() != "assistant") return std::nullopt;
  const json::node version = own.member("v"), content = own.member("content"), digest = own.member("digest");
  if (version.is_absent()) return std::nullopt;  // as 0.3 kept it
  const char* const broken =
      "what the message keeps of the vendor's answer is broken: its normalised form is sent";
  if (!version.is_number() || version.number_text() != "1" || !content.is_string()) {
    why = broken;
    return std::nullopt;
  }
  if (!digest.is_string() || digest.text() != state_digest(message)) {
    why = "the message was edited since the vendor wrote it: its normalised form is sent";
    return std::nullopt;
  }
  const json::item* array = json::parse(out.keep(content.text()), out);
  if (array != nullptr && array->type == json::kind::array) return json::view(array);
  why = broken;
  return std::nullopt;
}

}  // namespace llm_admin::mapping
