// Base URLs of providers, the origin that a sealed key is bound to, and the parts of a request's URL.
//
// The grammar is the safe part of RFC 3986: http or https, a host that every client reads the same way
// (labels of letters, digits, '-' and '_'; a dotted quad in plain decimal; an IPv6 address in brackets), an
// optional port, a path. Holes `{name}` ([A-Za-z_][A-Za-z0-9_]*) may stand in host labels and in the path;
// they are kept as written. Everything a client could take for another host is a problem: credentials, '\',
// blanks, controls, non-ASCII, octal or short IPv4 forms. Functions throw std::bad_alloc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llm_admin {

struct parsed_url {
  std::string scheme;      // "http" or "https"
  std::string host;        // lower case outside holes; IPv6 in its shortest form, in brackets
  std::uint16_t port = 0;  // explicit or the scheme's default
  std::string path;        // as written, empty or beginning with '/'
  std::string query;       // as written, with its '?'; empty where none is kept
  std::vector<std::string>
      problems;  // sentences without full stop; the fields above hold only when it is empty
  // What stands in the place of the host, also where it is none: for who tells what a client could take it for.
  std::string written_host;
};

// A query is a problem unless it is to be kept; one that is kept has no holes.
enum class url_query : std::uint8_t { refused, kept };
parsed_url parse_url(std::string_view url, url_query query = url_query::refused);

// What keeps `url` from being a base URL, best first; empty when it is one. Plain http is a problem unless
// the host is loopback (localhost, 127.0.0.0/8, [::1]) or stands in the comma list `plain_http_hosts`
// (case-blind, blanks ignored, IPv6 in brackets).
std::vector<std::string> base_url_problems(std::string_view url, std::string_view plain_http_hosts);

// What keeps `path` from being an endpoint path below a base URL: verb phrases ("must begin with ..."), empty
// when it is one. It begins with exactly one '/', holds printable ASCII without '\' and '#', and no
// {api_key}.
std::vector<std::string> endpoint_path_problems(std::string_view path);

// scheme://host:port, canonical, the port always written out; empty when parse_url() finds a problem.
std::string origin(std::string_view base_url);

// Base and endpoint path with exactly one '/' between them. Path segments that end the base and also begin
// the endpoint are taken once (https://h/api/v1 and /v1/chat give https://h/api/v1/chat). A query of the
// endpoint stays.
std::string join_url(std::string_view base_url, std::string_view endpoint_path);

// A base URL from what people paste: without slashes at its end, and without `endpoint_path` where they gave
// the whole address of the endpoint (its {holes} stand for any text within a segment). Anything else stays as
// it is, wrong or not.
std::string base_of(std::string_view url, std::string_view endpoint_path);

// Where the path of `url` begins: the '/' after its host; npos when it has none, or no "://".
std::size_t path_begin(std::string_view url) noexcept;
// The path, and what follows it; empty when there is none.
std::string_view path_of(std::string_view url) noexcept;

// RFC 3986 unreserved characters stay, every other byte becomes %XX.
std::string percent_encode_segment(std::string_view text);
std::string percent_encode_query(std::string_view text);
// The other way. A % without two hex digits stands for itself, as browsers read it.
std::string percent_decoded(std::string_view text);

}  // namespace llm_admin
