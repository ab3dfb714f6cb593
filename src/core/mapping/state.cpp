#include "core/mapping/state.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::int64_t state_version = 1;
constexpr std::size_t digest_bytes = 16;

// Members in the order of their keys, all the way down; the items are `top`'s own.
void sort_members(json::item* top) {
  std::vector<json::item*> open = {top};
  while (!open.empty()) {
    json::item* one = open.back();
    open.pop_back();
    if (one->type == json::kind::object) {
      std::sort(one->slots, one->slots + one->count,
                [](const json::item* a, const json::item* b) { return a->key < b->key; });
    }
    for (json::item* child : one->children()) {
      if (child->count > 0) open.push_back(child);
    }
  }
}

class digest_maker {
 public:
  explicit digest_maker(memory_bound* bound) noexcept : bound_(bound) {}

  void text(std::string_view field) {
    if (bound_ != nullptr) bound_->work(field.size());
    const crypto::digest made = crypto::sha256(as_bytes(field));
    fields_.append(as_text(made));
  }

  // Texts count as the JSON that they hold, if they do.
  void value(const json::node& field, bool decode) {
    json::tree copied;
    copied.charge_to(bound_);
    json::item* made = nullptr;
    if (!field.is_string()) {
      if (!field.is_absent()) made = copied.copy(field);
    } else if (decode) {
      made = json::parse(field.text(), copied);
    }
    if (made == nullptr) return text(field.is_string() ? field.text() : std::string_view());
    sort_members(made);
    const std::size_t most = bound_ == nullptr ? SIZE_MAX : static_cast<std::size_t>(bound_->left());
    const auto written = json::write(json::view(made), most);
    if (!written) throw memory_exceeded(bound_->most());
    text(*written);
  }

  void call(const json::node& given) {
    const json::node function = given.member("function"), custom = given.member("custom");
    const json::node& holder = function.is_object() ? function : custom.is_object() ? custom : given;
    value(given.member("id"), false);
    value(holder.member("name"), false);
    if (const json::node input = holder.member("input"); !input.is_absent()) return value(input, false);
    value(holder.member("arguments"), true);
  }

  std::string hexadecimal() const {
    const crypto::digest made = crypto::sha256(as_bytes(fields_));
    return hex_encode(byte_view(made).first(digest_bytes));
  }

 private:
  memory_bound* bound_;
  std::string fields_;  // the digest of each
};

}  // namespace

std::string state_digest(const json::node& message, memory_bound* bound) {
  digest_maker made(bound);
  made.value(message.member("content"), false);
  const json::node calls = message.member("tool_calls");
  for (std::uint32_t n = 0; calls.is_array() && n < calls.size; ++n) made.call(calls.element(n));
  return made.hexadecimal();
}

json::item* made_state(const json::node& content, std::string_view dialect, const json::node& message,
                       std::size_t max_bytes, json::tree& out, std::string& why) {
  if (!content.is_array()) {
    why = "provider_state must be an array";
    return nullptr;
  }
  if (!json::measure(content, SIZE_MAX, json::parse_depth).within) {
    why = "the state of the answer nests too deep to be kept";
    return nullptr;
  }
  const auto text = json::write_text(content, max_bytes);
  if (!text) {
    why = "the state of the answer is longer than " + std::to_string(max_bytes) + " bytes and was not kept";
    return nullptr;
  }
  json::item* state = out.object();
  out.append(state, "v", out.integer(state_version));
  out.append(state, "content", out.string(out.keep(*text)));
  out.append(state, "digest", out.string(out.keep(state_digest(message, out.charged()))));
  json::item* made = out.object();
  out.append(made, out.keep(dialect), state);
  return made;
}

std::optional<json::node> kept_array(const json::node& message, std::string_view dialect, json::tree& out,
                                     std::string& why) {
  why.clear();
  const json::node role = message.member("role");
  if (!role.is_string() || role.text() != "assistant") return std::nullopt;
  const json::node state = message.member("provider_state").member(dialect);
  if (!state.is_object() || state.member("v").is_absent()) return std::nullopt;  // or a shape before this one
  const json::node version = state.member("v"), content = state.member("content"),
                   digest = state.member("digest");
  if (!version.is_number() || version.number_text() != std::to_string(state_version)) {
    why = "provider_state is of a version that is not known: the normalised form is sent";
    return std::nullopt;
  }
  json::parse_options as_it_came;
  as_it_came.lenient = as_it_came.keep_source = as_it_came.exact = true;
  json::item* array = content.is_string() ? json::parse(content.text(), out, as_it_came).value : nullptr;
  if (array == nullptr || array->type != json::kind::array || !digest.is_string()) {
    why = "provider_state is broken: the normalised form is sent";
    return std::nullopt;
  }
  if (digest.text() != state_digest(message, out.charged())) {
    why = "the message was edited after it was received: the normalised form is sent";
    return std::nullopt;
  }
  if (array->count == 0) return std::nullopt;
  return json::view(array);
}

}  // namespace llm_admin::mapping
