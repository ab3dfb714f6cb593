// The parts of core/http/url.hpp that build: joining, percent-encoding, header checks.
#include <algorithm>
#include <cstddef>

#include "core/http/url.hpp"

namespace llm_admin {

namespace {

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      const auto code = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += digits[code >> 4];
      encoded += digits[code & 15];
    }
  }
  return encoded;
}

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    if (end == path.size()) break;
    path.remove_prefix(end + 1);
  }
  return parts;
}

// Bytes of `endpoint` (no slash in front) that only repeat the end of `base_path`, whole segments.
std::size_t repeated(std::string_view base_path, std::string_view endpoint) {
  const auto base = segments(base_path);
  const auto wanted = segments(endpoint.substr(0, endpoint.find_first_of("?#")));
  for (std::size_t count = std::min(base.size(), wanted.size()); count > 0; --count) {
    const auto end_of_base = base.end() - static_cast<std::ptrdiff_t>(count);
    if (!std::equal(end_of_base, base.end(), wanted.begin()) || wanted[count - 1].empty()) continue;
    return static_cast<std::size_t>(wanted[count - 1].data() + wanted[count - 1].size() - endpoint.data());
  }
  return 0;
}

}  // namespace

namespace {

// Whether `text` is `pattern` with some text, at least one character, in place of each {hole}.
bool fits(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  for (bool after_hole = false;; after_hole = true) {
    const std::size_t hole = pattern.find('{');
    const std::string_view literal = pattern.substr(0, hole);
    if (!after_hole) {
      if (!text.starts_with(literal)) return false;
      at = literal.size();
    } else if (hole == std::string_view::npos) {  // the end of the text belongs to the last piece
      return text.size() >= at + 1 + literal.size() && text.ends_with(literal);
    } else {
      at = text.find(literal, at + 1);
      if (at == std::string_view::npos) return false;
      at += literal.size();
    }
    if (hole == std::string_view::npos) return at == text.size();
    const std::size_t close = pattern.find('}', hole);
    if (close == std::string_view::npos) return false;
    pattern.remove_prefix(close + 1);
  }
}

std::string_view without_slashes(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

}  // namespace

std::string base_of(std::string_view url, std::string_view endpoint_path) {
  const std::string_view whole = without_slashes(url);
  const std::size_t scheme = whole.find("://");
  const std::size_t path = scheme == std::string_view::npos ? scheme : whole.find('/', scheme + 3);
  if (path == std::string_view::npos) return std::string(whole);
  std::string_view rest = whole, pattern = without_slashes(endpoint_path.substr(0, endpoint_path.find('?')));
  while (!pattern.empty()) {
    const std::size_t slash = rest.rfind('/'), of_pattern = pattern.rfind('/');
    if (slash == std::string_view::npos || slash < path || of_pattern == std::string_view::npos ||
        !fits(rest.substr(slash + 1), pattern.substr(of_pattern + 1)))
      return std::string(whole);
    rest = rest.substr(0, slash);
    pattern = pattern.substr(0, of_pattern);
  }
  return std::string(without_slashes(rest));
}

std::string join_url(std::string_view base_url, std::string_view endpoint_path) {
  if (endpoint_path.empty()) return std::string(base_url);
  while (!base_url.empty() && base_url.back() == '/') base_url.remove_suffix(1);
  while (!endpoint_path.empty() && endpoint_path.front() == '/') endpoint_path.remove_prefix(1);

  const std::size_t scheme_end = base_url.find("://");
  const std::size_t path = base_url.find('/', scheme_end == std::string_view::npos ? 0 : scheme_end + 3);
  const std::size_t taken =
      path == std::string_view::npos ? 0 : repeated(base_url.substr(path + 1), endpoint_path);
  endpoint_path.remove_prefix(taken);
  // What follows taken segments brings its own slash, or is a query or nothing.
  if (taken != 0) return std::string(base_url) + std::string(endpoint_path);
  return std::string(base_url) + "/" + std::string(endpoint_path);
}

std::string percent_encode_segment(std::string_view text) { return percent_encode(text); }
std::string percent_encode_query(std::string_view text) { return percent_encode(text); }

bool valid_header_name(std::string_view name) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [marks](char c) {
    return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
  });
}

bool valid_header_value(std::string_view value) noexcept {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code >= 0x20 && code != 0x7f;
  });
}

bool within_latin_1(std::string_view utf8) noexcept {
  for (std::size_t n = 0; n < utf8.size(); ++n) {
    const auto byte = static_cast<unsigned char>(utf8[n]);
    const auto next = static_cast<unsigned char>(n + 1 < utf8.size() ? utf8[n + 1] : 0);
    if (byte >= 0xC4 || (byte == 0xC2 && next < 0xA0)) return false;
  }
  return true;
}

std::vector<std::string> endpoint_path_problems(std::string_view path) {
  std::vector<std::string> problems;
  bool clean = true;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7F || c == '\\' || c == '#') clean = false;
  }
  if (!clean) problems.emplace_back("holds a blank, a control or non-ASCII character, '\\' or '#'");
  if (path.empty() || path[0] != '/' || path.starts_with("//"))
    problems.emplace_back("must begin with exactly one /");
  if (path.find("{api_key}") != std::string_view::npos) problems.emplace_back("may not hold {api_key}");
  return problems;
}

}  // namespace llm_admin
