#include "core/http/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

#include "core/text.hpp"

namespace llm_admin {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_unreserved(char c) noexcept {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// Length of the hole `{name}` that begins `text`, 0 when there is none.
std::size_t hole_length(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '{' || !(is_letter(text[1]) || text[1] == '_')) return 0;
  std::size_t i = 2;
  while (i < text.size() && (is_letter(text[i]) || is_digit(text[i]) || text[i] == '_')) ++i;
  return i < text.size() && text[i] == '}' ? i + 1 : 0;
}

// The four numbers of a dotted quad in plain decimal, without leading zeros.
std::optional<std::array<unsigned, 4>> dotted_quad(std::string_view host) noexcept {
  std::array<unsigned, 4> numbers{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t end = std::min(host.find('.'), host.size());
    const std::string_view part = host.substr(0, end);
    if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), is_digit))
      return std::nullopt;
    if (part.size() > 1 && part[0] == '0') return std::nullopt;
    std::from_chars(part.data(), part.data() + part.size(), numbers[i]);
    if (numbers[i] > 255) return std::nullopt;
    if (i == 3 ? end != host.size() : end == host.size()) return std::nullopt;
    host.remove_prefix(std::min(end + 1, host.size()));
  }
  return numbers;
}

std::optional<std::string> ipv6(std::string_view bracketed) {
  in6_addr address{};
  const std::string inner(bracketed.substr(1, bracketed.size() - 2));
  char text[INET6_ADDRSTRLEN];
  if (inner.find('\0') != std::string::npos || inet_pton(AF_INET6, inner.c_str(), &address) != 1 ||
      inet_ntop(AF_INET6, &address, text, sizeof text) == nullptr) {
    return std::nullopt;
  }
  return "[" + std::string(text) + "]";
}

// A label of a host name: letters, digits, '-', '_' and holes; nothing when it is not one.
std::optional<std::string> label(std::string_view text) {
  std::string result;
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return std::nullopt;
  while (!text.empty()) {
    if (const std::size_t hole = hole_length(text)) {
      result += text.substr(0, hole);
      text.remove_prefix(hole);
      continue;
    }
    const char c = text.front();
    if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_') return std::nullopt;
    result += ascii_lower(c);
    text.remove_prefix(1);
  }
  return result;
}

// True when clients would take the last label for a number and so the host for an IPv4 address.
bool ends_in_number(std::string_view host) noexcept {
  const std::size_t dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  if (last.starts_with("0x")) return std::all_of(last.begin() + 2, last.end(), is_hex);
  return std::all_of(last.begin(), last.end(), is_digit);
}

std::optional<std::string> canonical_host(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') return ipv6(host);
  if (host.empty() || host.size() > 253) return std::nullopt;
  std::string result;
  for (std::string_view left = host;;) {
    const std::size_t dot = std::min(left.find('.'), left.size());
    const auto part = label(left.substr(0, dot));
    if (!part) return std::nullopt;
    result += *part;
    if (dot == left.size()) break;
    result += '.';
    left.remove_prefix(dot + 1);
  }
  if (ends_in_number(result) && !dotted_quad(result)) return std::nullopt;
  return result;
}

void check_characters(std::string_view url, url_query query, std::vector<std::string>& problems) {
  const auto any = [url](auto test) { return std::any_of(url.begin(), url.end(), test); };
  const auto code = [](char c) { return static_cast<unsigned char>(c); };
  if (any([code](char c) { return code(c) < 0x20 || code(c) == 0x7f; })) {
    problems.emplace_back("it holds a control character");
  }
  if (any([](char c) { return c == ' '; })) problems.emplace_back("it holds a space");
  if (any([](char c) { return c == '\\'; })) problems.emplace_back("it holds a backslash");
  if (any([code](char c) { return code(c) >= 0x80; })) {
    problems.emplace_back("it holds a character outside ASCII; write the host in its xn-- form");
  }
  if (query == url_query::refused && any([](char c) { return c == '?'; }))
    problems.emplace_back("it has a query");
  if (any([](char c) { return c == '#'; })) problems.emplace_back("it has a fragment");
}

// Dots as clients see them: "%2e" counts as ".".
bool is_dot_segment(std::string_view segment) {
  std::string plain;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment.size() - i >= 3 && ascii_lower(segment.substr(i, 3)) == "%2e") {
      plain += '.';
      i += 2;
    } else {
      plain += segment[i];
    }
  }
  return plain == "." || plain == "..";
}

// Whether `text` is made of what RFC 3986 lets stand there: unreserved characters, those of `others`, bytes in
// percent-encoding, and holes.
bool is_made_of(std::string_view text, std::string_view others, bool holes) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t hole = holes ? hole_length(text.substr(i)) : 0) {
      i += hole;
    } else if (text[i] == '%') {
      if (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 3;
    } else {
      if (!is_unreserved(text[i]) && others.find(text[i]) == std::string_view::npos) return false;
      ++i;
    }
  }
  return true;
}

void check_path(std::string_view path, std::vector<std::string>& problems) {
  if (!is_made_of(path, "/!$&'()*+,;=:@", true))
    problems.emplace_back("its path holds a character that must be percent-encoded, or a malformed hole");
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    if (is_dot_segment(path.substr(0, end))) {
      problems.emplace_back("its path has a segment . or ..");
      return;
    }
    path.remove_prefix(end);
  }
}

bool is_loopback(std::string_view host) noexcept {
  if (host == "localhost" || host == "[::1]") return true;
  const auto numbers = dotted_quad(host);
  return numbers && (*numbers)[0] == 127;
}

bool is_listed(std::string_view host, std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view entry = list.substr(0, comma);
    while (!entry.empty() && entry.front() == ' ') entry.remove_prefix(1);
    while (!entry.empty() && entry.back() == ' ') entry.remove_suffix(1);
    if (const auto listed = canonical_host(entry); listed && *listed == host) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

parsed_url parse_url(std::string_view url, url_query query) {
  parsed_url result;
  if (url.empty()) {
    result.problems.emplace_back("it is empty");
    return result;
  }
  check_characters(url, query, result.problems);
  const std::size_t colon = url.find("://");
  if (colon != std::string_view::npos) result.scheme = ascii_lower(url.substr(0, colon));
  if (result.scheme != "http" && result.scheme != "https") {
    result.problems.emplace_back("it does not begin with http:// or https://");
    return result;
  }
  result.port = result.scheme == "https" ? 443 : 80;
  url.remove_prefix(colon + 3);
  // '\' ends the authority too: some clients read it as '/'.
  const std::size_t end = std::min(url.find_first_of("/\\?#"), url.size());
  std::string_view host = url.substr(0, end);
  const std::string_view rest = url.substr(end);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    result.problems.emplace_back("it holds credentials before an @");
    host.remove_prefix(at + 1);
  }
  const std::size_t port_colon = host.rfind(':');
  if (port_colon != std::string_view::npos && host.back() != ']') {
    const std::string_view digits = host.substr(port_colon + 1);
    host = host.substr(0, port_colon);
    const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
    if (digits.empty() || digits.front() == '0' || code != std::errc() ||
        stop != digits.data() + digits.size()) {
      result.problems.emplace_back("its port is not a number from 1 to 65535");
    }
  }
  result.written_host = host;
  if (auto canonical = canonical_host(host)) {
    result.host = std::move(*canonical);
  } else {
    result.problems.emplace_back(host.empty() ? "it has no host"
                                              : "its host is not a plain host name or address");
  }
  result.path = rest.substr(0, rest.find_first_of("\\?#"));
  check_path(result.path, result.problems);
  if (const std::size_t mark = rest.find('?'); query == url_query::kept && mark != std::string_view::npos) {
    result.query = rest.substr(mark, rest.find('#', mark) - mark);
    // Brackets belong there no more than anywhere, yet many write arrays so, and every client sends them.
    if (!is_made_of(result.query, "/!$&'()*+,;=:@?[]", false))
      result.problems.emplace_back("its query holds a character that must be percent-encoded");
  }
  return result;
}

std::vector<std::string> base_url_problems(std::string_view url, std::string_view plain_http_hosts) {
  parsed_url parsed = parse_url(url);
  if (parsed.problems.empty() && parsed.scheme == "http" && !is_loopback(parsed.host) &&
      !is_listed(parsed.host, plain_http_hosts)) {
    parsed.problems.emplace_back("plain http would send the key in the clear; it is for loopback hosts only");
  }
  return std::move(parsed.problems);
}

std::string origin(std::string_view base_url) {
  const parsed_url parsed = parse_url(base_url);
  if (!parsed.problems.empty()) return {};
  return parsed.scheme + "://" + parsed.host + ":" + std::to_string(parsed.port);
}

}  // namespace llm_admin
