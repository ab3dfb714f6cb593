#include "store/provider_call.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/http/auth.hpp"
#include "core/http/url.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "pg/guard.hpp"
#include "pg/jsonb.hpp"
#include "pg/settings.hpp"
#include "store/owner.hpp"
#include "store/programs.hpp"
#include "store/provider_key.hpp"

namespace llm_admin::store {

using column = provider_column;

namespace {

[[noreturn]] void refuse_url(const std::string& provider, const std::string& detail) {
  throw llm_admin::error(
      sqlstate::request_invalid, "the URL of provider " + provider + " cannot be built", detail,
      "SELECT base_url, endpoint_path_template FROM llm_admin.get_provider('" + provider + "')");
}

// The header that carries the key; nothing for other schemes.
std::optional<auth::header_template> header_of_key(const provider& row) {
  const std::string_view scheme = row.text(column::auth_scheme);
  if (scheme == "none" || scheme == "query_param") return std::nullopt;
  const std::string_view written = row.text(column::auth_header_template);
  return auth::parse_template(written.empty() ? auth::default_template(scheme) : written);
}

constexpr std::uint32_t headers_between_polls = 4096;

using named_values = std::vector<std::pair<std::string, std::string>>;

// Fills {hole}s of the path, each percent-encoded as one segment. The host is filled by nothing: whoever may
// write a mapping, or call it, would choose where the key goes.
std::string fill(std::string_view text, std::size_t host_ends, const named_values& holes,
                 const std::string& provider, const mapping::limits& most) {
  std::string out;
  out.reserve(text.size() + 32);
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '{') {
      out += text[i++];
      continue;
    }
    const std::size_t close = text.find('}', i);
    if (close == std::string_view::npos) refuse_url(provider, "a { is never closed");
    const std::string_view name = text.substr(i + 1, close - i - 1);
    if (i < host_ends)
      refuse_url(provider, "base_url's host holds {" + member_named(name) + "}: write the host itself there");
    const auto hole =
        std::find_if(holes.begin(), holes.end(), [&](const auto& h) { return h.first == name; });
    if (hole == holes.end()) refuse_url(provider, "nothing fills {" + member_named(name) + "}");
    // Clients take these two for steps up the path, also when they are percent-encoded.
    if (hole->second == "." || hole->second == "..")
      refuse_url(provider, "the value for {" + member_named(name) + "} is a dot segment");
    out += percent_encode_segment(hole->second);
    if (out.size() > most.max_output_bytes) mapping::output_too_large(most);  // the path may name it often
    i = close + 1;
  }
  return out;
}

std::string_view path_of(std::string_view base_url) {
  const std::size_t host = base_url.find("://");
  const std::size_t path = host == std::string_view::npos ? host : base_url.find('/', host + 3);
  return path == std::string_view::npos ? std::string_view() : base_url.substr(path);
}

void add_query(std::string& url, char before, std::string_view name, std::string_view value) {
  url += before;
  url += percent_encode_query(name);
  url += '=';
  url += percent_encode_query(value);
}

// What the key adds to a request; both parts hold it, so neither is a std::string.
struct credentials {
  secret_bytes header_value;
  secret_bytes url_tail;  // '?key=...' or '&key=...', for auth_scheme query_param
};

std::string url_of(const call_of_provider& call, const mapping::built_request& built) {
  const std::string provider(call.row.name());
  const std::string joined =
      join_url(call.base_url, built.path.empty() ? call.row.text(column::endpoint_path_template)
                                                 : std::string_view(built.path));
  const std::size_t host = joined.find("://");
  const std::size_t host_ends = host == std::string::npos ? 0 : joined.find('/', host + 3);
  std::string url = fill(joined, host_ends, built.url_holes, provider, call.input.limits);
  char before = url.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : built.query) {
    add_query(url, std::exchange(before, '&'), name, value);
    if (url.size() > call.input.limits.max_output_bytes) mapping::output_too_large(call.input.limits);
  }
  return url;
}

// Of several headers of one name, compared without case, the row's own goes before the mapping's, and the one
// that carries the key before both; the latter is left out without the key, too, so that with_key only adds.
json::item* headers_of(const provider& row, const mapping::built_request& built, bool has_body,
                       json::tree& out) {
  json::item* headers = out.object();
  const json::node stored = row.jsonb(column::additional_headers);
  for (std::uint32_t n = 0; stored.is_object() && n < stored.size; ++n) {
    std::string_view name;
    const json::node value = stored.member_at(n, name);
    out.append(headers, name, out.borrow(value));  // their names differ
    if (n % headers_between_polls == 0) poll();
  }
  const auto has = [&](std::string_view name) {
    for (const json::item* one : headers->children())
      if (auth::same_header(one->key, name)) return true;
    return false;
  };
  const auto with_key = built.headers.empty() ? std::nullopt : header_of_key(row);
  for (const auto& [name, value] : built.headers)
    if (!has(name) && !(with_key && auth::same_header(with_key->name, name)))
      out.put(headers, name, out.string(value));
  if (has_body && !has("Content-Type")) out.put(headers, "Content-Type", out.string("application/json"));
  return headers;
}

void append_encoded(secret_bytes& to, std::span<const std::uint8_t> bytes) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const std::uint8_t b : bytes) {
    const bool unreserved = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') ||
                            b == '-' || b == '.' || b == '_' || b == '~';
    const std::uint8_t escaped[] = {'%', static_cast<std::uint8_t>(digits[b >> 4]),
                                    static_cast<std::uint8_t>(digits[b & 15])};
    to.append(unreserved ? std::span<const std::uint8_t>(&b, 1) : std::span<const std::uint8_t>(escaped));
  }
}

// Puts the key where the row says; `made` keeps what holds it until the result is made.
void add_key(call_of_provider& call, const mapping::built_request& built, const std::string& url,
             json::item* headers, credentials& made) {
  const provider& row = call.row;
  const std::string_view scheme = row.text(column::auth_scheme);
  if (scheme == "none") return;
  if (call.key == nullptr && !caller_may_execute("decrypt_provider_key", {TEXTOID}))
    throw llm_admin::error(sqlstate::insufficient_privilege,
                           "permission denied to build a request with its key",
                           "with_key needs the right to call decrypt_provider_key (level app)",
                           "SELECT llm_admin.grant_access(" + caller_literal() + ", 'app')");
  secret_bytes own;
  if (call.key == nullptr) own = key_of(row);
  const secret_bytes& key = call.key != nullptr ? *call.key : own;
  if (scheme == "query_param") {
    const std::string_view written = row.text(column::auth_header_template);
    const std::string_view name = written.empty() ? "key" : written;
    for (const auto& [other, value] : built.query)
      if (other == name)
        refuse_url(std::string(row.name()), "a rule sets the query parameter that carries the key");
    made.url_tail.append(as_bytes(url.find('?') == std::string::npos ? "?" : "&"));
    made.url_tail.append(as_bytes(name));
    made.url_tail.append(as_bytes("="));
    append_encoded(made.url_tail, key.span());
    return;
  }
  const auto form = header_of_key(row);
  if (!form)
    throw llm_admin::error(sqlstate::config_invalid,
                           "auth_header_template of provider " + std::string(row.name()) + " is invalid");
  secret_bytes& value = made.header_value;
  value.append(as_bytes(form->before));
  value.append(key.span());
  value.append(as_bytes(form->after));
  if (!valid_header_value(value.text()) || !within_latin_1(value.text()))
    throw llm_admin::error(
        sqlstate::request_invalid,
        "the key of provider " + std::string(row.name()) + " cannot stand in a header",
        "it holds control characters, or others than those of Latin-1",
        "SELECT llm_admin.set_provider_key(" + sql_literal(row.name(), "'<provider>'") + ", '<key>')");
  call.out.put(headers, call.out.keep(form->name), call.out.string(value.text()));
}

}  // namespace

call_of_provider::call_of_provider(const provider& of, const json::node& params)
    : row(of), program(request_program_of(of)), base_url(row.text(column::base_url)), key(nullptr) {
  input.params = params;
  input.default_model = row.text(column::default_model);
  if (const auto limit = row.integer(column::max_output_tokens_limit)) input.max_output_tokens_limit = *limit;
  if (program->rules.reads(mapping::root_kind::model))  // else it is not even detoasted
    input.model_capabilities = row.jsonb(column::model_capabilities);
  input.limits = limits_now();
  input.endpoint_path = row.text(column::endpoint_path_template);
  input.provider_columns = columns_for(program->rules, row, out);
}

void add_http_request(pg::row_builder& result, call_of_provider& call, bool with_key) {
  const provider& row = call.row;
  call.input.base_path = path_of(call.base_url);
  const mapping::built_request built = mapping::build(*call.program, call.input, call.out);
  const std::string url = url_of(call, built);
  const std::string_view method = built.method.empty() ? row.text(column::http_method) : built.method;
  const bool has_body = built.body != nullptr && method != "GET";
  json::item* headers = headers_of(row, built, has_body, call.out);
  credentials made;
  if (with_key) add_key(call, built, url, headers, made);

  if (made.url_tail.empty()) {
    result.add_text(method).add_text(url);
  } else {
    secret_bytes whole = secret_bytes::copy_of(as_bytes(url));
    whole.append(made.url_tail.span());
    result.add_text(method).add_text(whole.text());
  }
  result.add_jsonb(pg::make_jsonb(headers));
  if (has_body)
    result.add_jsonb(bounded_jsonb(built.body, call.out));
  else
    result.add_null();
  result.add_text(row.name());
  if (built.model.empty())
    result.add_null();
  else
    result.add_text(built.model);
  result.add(row.value(column::config_version));
}

}  // namespace llm_admin::store
