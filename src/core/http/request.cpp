#include "core/http/request.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/http/auth.hpp"
#include "core/http/headers.hpp"
#include "core/http/percent.hpp"
#include "core/http/url.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::http {

namespace {

constexpr std::uint32_t headers_between_polls = 4096;

using named_values = std::vector<std::pair<std::string, std::string>>;

[[noreturn]] void refuse_url(std::string_view provider, const std::string& detail) {
  const std::string name(provider);
  throw error(sqlstate::request_invalid, "the URL of provider " + name + " cannot be built", detail,
              "SELECT base_url, endpoint_path_template FROM llm_admin.get_provider('" + name + "')");
}

// The header that carries the key; nothing for other schemes.
std::optional<auth::header_template> header_of_key(const endpoint& to) {
  if (to.auth_scheme == "none" || to.auth_scheme == "query_param") return std::nullopt;
  return auth::parse_template(to.auth_header_template.empty() ? auth::default_template(to.auth_scheme)
                                                              : to.auth_header_template);
}

// A value with its own / between segments (mapping 1.2's url:+hole).
std::string encoded_segments(std::string_view value) {
  std::string out;
  for (std::size_t from = 0; from <= value.size();) {
    const std::size_t end = std::min(value.find('/', from), value.size());
    if (from > 0) out += '/';
    out += percent_encode_segment(value.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

// Fills {hole}s of the path.
std::string fill(std::string_view text, std::size_t host_ends, const named_values& holes,
                 const std::vector<std::string>& segmented, std::string_view provider,
                 const mapping::limits& most) {
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
    const bool keeps = std::find(segmented.begin(), segmented.end(), name) != segmented.end();
    out += keeps ? encoded_segments(hole->second) : percent_encode_segment(hole->second);
    if (out.size() > most.max_output_bytes) mapping::output_too_large(most);  // the path may name it often
    i = close + 1;
  }
  return out;
}

char before_query(std::string_view url) { return url.find('?') == std::string_view::npos ? '?' : '&'; }

std::string url_of(const endpoint& to, const mapping::built_request& built, const mapping::limits& limits) {
  const std::string joined =
      join_url(to.base_url, built.path.empty() ? to.path_template : std::string_view(built.path));
  const std::size_t host_ends = joined.find("://") == std::string::npos ? 0 : path_begin(joined);
  std::string url = fill(joined, host_ends, built.url_holes, built.segmented_holes, to.provider, limits);
  char before = before_query(url);
  for (const auto& [name, value] : built.query) {
    url += std::exchange(before, '&');
    url += percent_encode_query(name) + '=';
    url += percent_encode_query(value);
    if (url.size() > limits.max_output_bytes) mapping::output_too_large(limits);
  }
  return url;
}

json::item* headers_of(const endpoint& to, const mapping::built_request& built, bool has_body,
                       const mapping::limits& limits, json::tree& out) {
  json::item* headers = out.object();
  for (std::uint32_t n = 0; to.headers.is_object() && n < to.headers.size; ++n) {
    std::string_view name;
    const json::node value = to.headers.member_at(n, name);
    out.append(headers, name, out.borrow(value));  // their names differ
    if (n % headers_between_polls == 0 && limits.poll != nullptr) limits.poll();
  }
  const auto has = [&](std::string_view name) {
    for (const json::item* one : headers->children())
      if (same_header(one->key, name)) return true;
    return false;
  };
  const auto with_key = built.headers.empty() ? std::nullopt : header_of_key(to);
  for (const auto& [name, value] : built.headers)
    if (!has(name) && !(with_key && same_header(with_key->name, name)))
      out.put(headers, name, out.string(value));
  if (has_body && !has("Content-Type")) out.put(headers, "Content-Type", out.string("application/json"));
  return headers;
}

}  // namespace

secret_bytes request::whole_url() const {
  secret_bytes whole = secret_bytes::copy_of(as_bytes(url));
  whole.append(url_tail.span());
  return whole;
}

request build(const endpoint& to, const mapping::built_request& built, const mapping::limits& limits,
              json::tree& out) {
  request made;
  made.url = url_of(to, built, limits);
  made.method = built.method.empty() ? std::string(to.method) : built.method;
  if (made.method != "GET") made.body = built.body;
  made.headers = headers_of(to, built, made.body != nullptr, limits, out);
  return made;
}

void add_key(request& made, const endpoint& to, const mapping::built_request& built, const secret_bytes& key,
             json::tree& out) {
  if (to.auth_scheme == "none") return;
  if (to.auth_scheme == "query_param") {
    const std::string_view name = to.auth_header_template.empty() ? "key" : to.auth_header_template;
    for (const auto& [other, value] : built.query)
      if (other == name) refuse_url(to.provider, "a rule sets the query parameter that carries the key");
    const char before = before_query(made.url);
    made.url_tail.append(as_bytes(std::string_view(&before, 1)));
    made.url_tail.append(as_bytes(name));
    made.url_tail.append(as_bytes("="));
    percent_encode(key.text(), [&](std::string_view some) { made.url_tail.append(as_bytes(some)); });
    return;
  }
  const auto form = header_of_key(to);
  if (!form)
    throw error(sqlstate::config_invalid,
                "auth_header_template of provider " + std::string(to.provider) + " is invalid");
  secret_bytes& value = made.header_value;
  value.append(as_bytes(form->before));
  value.append(key.span());
  value.append(as_bytes(form->after));
  if (!valid_header_value(value.text()) || !within_latin_1(value.text()))
    throw error(
        sqlstate::request_invalid,
        "the key of provider " + std::string(to.provider) + " cannot stand in a header",
        "it holds control characters, or others than those of Latin-1",
        "SELECT llm_admin.set_provider_key(" + sql_literal(to.provider, "'<provider>'") + ", '<key>')");
  out.put(made.headers, out.keep(form->name), out.string(value.text()));
}

}  // namespace llm_admin::http
