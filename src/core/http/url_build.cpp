// The parts of core/http/url.hpp that build: joining and percent-encoding.
#include <algorithm>
#include <cstddef>

#include "core/encoding.hpp"
#include "core/http/percent.hpp"
#include "core/http/url.hpp"

namespace llm_admin {

namespace {

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
  const std::size_t path = path_begin(whole);
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

std::size_t path_begin(std::string_view url) noexcept {
  const std::size_t scheme_end = url.find("://");
  return scheme_end == std::string_view::npos ? scheme_end : url.find('/', scheme_end + 3);
}

std::string_view path_of(std::string_view url) noexcept {
  const std::size_t path = path_begin(url);
  return path == std::string_view::npos ? std::string_view() : url.substr(path);
}

std::string percent_encode_segment(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  percent_encode(text, [&](std::string_view some) { encoded += some; });
  return encoded;
}

std::string percent_encode_query(std::string_view text) { return percent_encode_segment(text); }

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t n = 0; n < text.size(); ++n) {
    std::uint8_t byte = 0;
    if (text[n] != '%' || text.size() - n < 3 || !hex_decode(text.substr(n + 1, 2), {&byte, 1})) {
      out += text[n];
      continue;
    }
    out += static_cast<char>(byte);
    n += 2;
  }
  return out;
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
