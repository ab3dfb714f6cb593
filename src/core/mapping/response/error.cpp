#include "core/mapping/response/error.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/keys/redact.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/read_trie.hpp"
#include "core/mapping/response/error_kind.hpp"
#include "core/mapping/response/retry_after.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t longest_text_in_detail = 500;

bool listed(std::int64_t code, bool http) noexcept {
  const bool passing = code == 408 || code == 409 || code == 425 || code == 429;
  return passing || (code >= 500 && (http || code < 600));  // above 599 a body's code is no HTTP status
}

std::optional<std::int64_t> numeric(const json::node& code) {
  if (code.is_number()) return json::to_int64(code.number_text());
  return code.is_string() && code.size < 10 ? json::to_int64(code.text()) : std::nullopt;
}

std::string string_of(const json::node& value) { return value.is_string() ? std::string(value.text()) : ""; }

// Without a rule only the places are tried where nearly every vendor puts its text.
json::node usual_message(const json::node& document) {
  const json::node error = document.member("error");
  for (const json::node& value : {error.member("message"), error, document.member("message")}) {
    if (value.is_string()) return value;
  }
  return {};
}

// A copy with long texts cut at a character's border.
json::item* shortened_copy(const json::node& value, json::tree& out) {
  json::item* made = out.copy(value);
  std::vector<json::item*> open = {made};
  while (!open.empty()) {
    json::item* one = open.back();
    open.pop_back();
    if (one->type == json::kind::string && one->text.size() > longest_text_in_detail)
      one->text = out.keep(std::string(shortened(one->text, longest_text_in_detail)) + "...");
    open.insert(open.end(), one->children().begin(), one->children().end());
  }
  return made;
}

json::item* bounded(const json::node& value, json::tree& out) {
  const auto fits = [](const json::node& given) {
    return json::measure(given, max_detail_bytes, SIZE_MAX).within;
  };
  if (fits(value)) return out.borrow(value);
  // A copy of what is very long would be made for nothing.
  if (json::measure(value, 64 * max_detail_bytes, SIZE_MAX).within) {
    if (json::item* copy = shortened_copy(value, out); fits(json::view(copy))) return copy;
  }
  return out.string(out.keep(json::excerpt(value, max_detail_bytes / 2)));
}

// AWS writes "name.space#ThrottlingException:http://…".
std::string_view bare_name(std::string_view type) noexcept {
  if (const std::size_t mark = type.find(":http"); mark != std::string_view::npos)
    type = type.substr(0, mark);
  const std::size_t space = type.rfind('#');
  return space == std::string_view::npos ? type : type.substr(space + 1);
}

class error_maker {
 public:
  error_maker(const error_input& input, json::tree& out) : input_(input), out_(out) {}

  json::item* make() {
    if (!read()) return nullptr;
    const json::node top = input_.document.is_array() ? input_.document.element(0) : input_.document;
    const json::node own = top.member("error");
    vendors_ = own.is_object() ? own : top;
    bool filtered = false;
    const auto clean = [&](const json::node& value) {
      return input_.filter == nullptr
                 ? out_.borrow(value)
                 : without_key(value, vendor_text::error, *input_.filter, out_, filtered);
    };
    const error_kind kind = find_kind(given_kind_).value_or(kind_of(facts()));
    json::item* made = out_.object();
    out_.append(made, "kind", out_.string(kind_name(kind)));
    out_.append(made, "type", clean(json::view(type())));
    out_.append(made, "code", clean(code_.is_scalar() ? code_ : json::view(text_or_null(code_))));
    out_.append(made, "message", clean(json::view(message())));
    out_.append(made, "retryable", out_.boolean(retryable(kind)));
    const auto wait = retry_after(kind);
    out_.append(made, "retry_after_ms", wait ? out_.integer(*wait) : out_.null());
    const json::node whole = detail();
    out_.append(made, "detail", whole.is_absent() ? out_.null() : bounded(json::view(clean(whole)), out_));
    return made;
  }

 private:
  // False when there is no error.
  bool read() {
    const json::node& found = input_.found;
    bool any = false;
    if (found.is_object()) {
      given_kind_ = string_of(found.member("kind"));
      type_ = found.member("type");
      code_ = found.member("code");
      message_ = found.member("message");
      retry_ = found.member("retryable");
      any = !type_.is_absent() || !code_.is_absent() || !message_.is_absent();
    } else if (found.is_string()) {
      message_ = found;
      any = found.size > 0;
    } else if (found.is_number()) {
      code_ = found;
      any = true;
    } else if (found.is_boolean()) {
      any = found.truth();
    }
    http_error_ = input_.http_status && *input_.http_status >= 400;
    if (any) return true;
    if (!http_error_) return false;
    retry_ = {};
    message_ = usual_message(input_.document);
    return true;
  }

  json::item* text_or_null(const json::node& value) {
    if (value.is_absent()) return out_.null();
    json::item* text = coerce(value, value_type::string, out_);
    return text != nullptr ? text : out_.string(out_.keep(json::excerpt(value, 1000)));
  }

  json::item* type() {
    if (input_.newer && type_.is_string()) return out_.string(bare_name(type_.text()));
    if (!type_.is_absent() || !http_error_) return text_or_null(type_);
    return out_.string(out_.keep("http_" + std::to_string(*input_.http_status)));
  }

  json::item* message() {
    if (!message_.is_absent() || !http_error_) return text_or_null(message_);
    return out_.string(out_.keep("HTTP status " + std::to_string(*input_.http_status)));
  }

  error_facts facts() const {
    error_facts made;
    const auto word = [&](const json::node& value) {
      if (value.is_string() && value.size > 0) made.words.emplace_back(value.text());
    };
    word(code_);
    word(vendors_.member("code"));
    word(vendors_.member("innererror").member("code"));
    word(vendors_.member("metadata").member("error_type"));
    made.details = vendors_.member("details");
    for (std::uint32_t n = 0; made.details.is_array() && n < std::min(made.details.size, 100u); ++n)
      word(made.details.element(n).member("reason"));
    word(type_);
    word(vendors_.member("type"));
    word(vendors_.member("status"));
    made.message = string_of(message_);
    for (const json::node& more : {code_, vendors_.member("metadata").member("raw")})
      (made.message += '\n') += string_of(more).substr(0, max_detail_bytes);
    if (http_error_) made.http_status = input_.http_status;
    made.code = numeric(code_);
    return made;
  }

  bool retryable(error_kind kind) const {
    const bool server_failed = input_.http_status && *input_.http_status >= 500;
    if (input_.newer && server_failed) return true;
    if (retry_.is_boolean()) return retry_.truth();
    const auto number = numeric(code_);
    const bool by_number =
        (input_.http_status && listed(*input_.http_status, true)) || (number && listed(*number, false));
    if (!input_.newer) return by_number;
    const bool undecided = kind == error_kind::unknown || kind == error_kind::not_json;
    return undecided ? by_number : goes_away(kind);
  }

  std::optional<std::int64_t> retry_after(error_kind kind) const {
    const json::node given = input_.found.member("retry_after_ms");
    if (given.is_number()) {
      const auto number = json::to_int64(given.number_text());
      if (number && *number >= 0 && *number <= longest_wait_ms) return number;
    }
    retry_hints hints;
    hints.headers = input_.headers;
    hints.error = vendors_;
    if (message_.is_string()) hints.message = message_.text();
    hints.limited = kind == error_kind::rate_limit || input_.http_status == 429;
    hints.headers_only = kind == error_kind::quota_exhausted;
    hints.now_ms = input_.now_ms;
    return retry_after_ms(hints);
  }

  // An answer that only ended badly is no detail of the error.
  json::node detail() const {
    if (const json::node given = input_.found.member("detail"); !given.is_absent()) return given;
    const json::node top = input_.document.is_array() ? input_.document.element(0) : input_.document;
    const json::node own = top.member("error");
    if (own.is_object() || own.is_array()) return own;
    const bool tells = http_error_ || !own.is_absent() || top.member("message").is_string() ||
                       !top.member("detail").is_absent();
    return tells && !says_nothing(top) ? top : json::node{};
  }

  const error_input& input_;
  json::tree& out_;
  json::node vendors_;  // the vendor's error object
  json::node type_, code_, message_, retry_;
  std::string given_kind_;
  bool http_error_ = false;
};

}  // namespace

json::item* error_of(const error_input& input, json::tree& out) { return error_maker(input, out).make(); }

}  // namespace llm_admin::mapping
