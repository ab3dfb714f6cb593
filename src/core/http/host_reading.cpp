#include "core/http/host_reading.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/http/url.hpp"
#include "core/json/utf8.hpp"
#include "core/text.hpp"

namespace llm_admin {

namespace {

constexpr std::size_t longest_host = 1024;  // bytes that are looked at; names have 253 at most

struct run_of_characters {
  std::uint32_t first, last;
  char ascii;     // what the first one becomes, the others what follows it
  unsigned wrap;  // after so many it begins anew; 0: never
};
// Of Unicode's compatibility decompositions to ASCII letters, digits and marks of a host.
constexpr std::array<run_of_characters, 26> compatible = {{
    {0x00B2, 0x00B3, '2', 0},    {0x00B9, 0x00B9, '1', 0},   {0x017F, 0x017F, 's', 0},
    {0x2024, 0x2024, '.', 0},    {0x2070, 0x2070, '0', 0},   {0x2071, 0x2071, 'i', 0},
    {0x2074, 0x2079, '4', 0},    {0x207F, 0x207F, 'n', 0},   {0x2080, 0x2089, '0', 0},
    {0x210E, 0x210E, 'h', 0},    {0x2113, 0x2113, 'l', 0},   {0x212A, 0x212A, 'k', 0},
    {0x2134, 0x2134, 'o', 0},    {0x2460, 0x2468, '1', 0},   {0x24B6, 0x24CF, 'a', 0},
    {0x24D0, 0x24E9, 'a', 0},    {0x24EA, 0x24EA, '0', 0},   {0x3002, 0x3002, '.', 0},
    {0xFE52, 0xFE52, '.', 0},    {0xFE55, 0xFE55, ':', 0},   {0xFE63, 0xFE63, '-', 0},
    {0xFF01, 0xFF5E, '!', 0},    {0xFF61, 0xFF61, '.', 0},   {0x1D400, 0x1D6A3, 'a', 26},
    {0x1D7CE, 0x1D7FF, '0', 10}, {0x1FBF0, 0x1FBF9, '0', 0},
}};

constexpr bool is_invisible(std::uint32_t point) noexcept {
  return point == 0xAD || point == 0x34F || (point >= 0x200B && point <= 0x200D) || point == 0x2060 ||
         point == 0x2064 || point == 0xFEFF || (point >= 0xFE00 && point <= 0xFE0F) ||
         (point >= 0x180B && point <= 0x180D);
}

// The code point that well-formed bytes stand for.
std::uint32_t point_of(std::string_view sequence) noexcept {
  const auto byte = [sequence](std::size_t n) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[n]));
  };
  if (sequence.size() == 1) return byte(0);
  std::uint32_t point = byte(0) & (0x7FU >> sequence.size());
  for (std::size_t n = 1; n < sequence.size(); ++n) point = point << 6 | (byte(n) & 0x3F);
  return point;
}

// ASCII in small letters as far as characters have a form of it.
std::string folded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::max<std::size_t>(json::sequence(text.substr(at)), 1);
    const std::string_view one = text.substr(at, size);
    at += size;
    const std::uint32_t point = size == 1 ? 0 : point_of(one);
    if (is_invisible(point)) continue;
    const auto found = std::find_if(compatible.begin(), compatible.end(), [point](const auto& run) {
      return point >= run.first && point <= run.last;
    });
    if (found == compatible.end()) {
      out += ascii_lower(one);
      continue;
    }
    const std::uint32_t n = point - found->first;
    const std::uint32_t step = found->wrap == 0 ? n : n % found->wrap;
    out += ascii_lower(static_cast<char>(static_cast<std::uint32_t>(found->ascii) + step));
  }
  return out;
}

// Each label of punycode as what it stands for.
std::string with_labels_decoded(std::string_view name) {
  std::string out;
  for (;;) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string_view label = name.substr(0, dot);
    const auto decoded = label.starts_with("xn--") ? punycode_decoded(label.substr(4)) : std::nullopt;
    out += decoded ? folded(*decoded) : std::string(label);
    if (dot == name.size()) return out;
    out += '.';
    name.remove_prefix(dot + 1);
  }
}

std::string percent_free(std::string_view text) {
  std::string plain(text);
  for (int times = 0; times < 3 && plain.find('%') != std::string::npos; ++times)
    plain = percent_decoded(plain);
  return plain;
}

}  // namespace

std::optional<std::string> punycode_decoded(std::string_view label) {
  constexpr std::uint32_t base = 36, least = 1, most = 26, skew = 38, damp = 700;
  constexpr std::size_t longest_label = 63;
  if (label.empty() || label.size() > longest_label) return std::nullopt;
  std::vector<std::uint32_t> points;
  const std::size_t delimiter = label.rfind('-');
  const std::size_t basic = delimiter == std::string_view::npos ? 0 : delimiter;
  for (const char c : label.substr(0, basic)) points.push_back(static_cast<unsigned char>(c));
  std::uint32_t next = 128, at = 0, bias = 72;
  for (std::size_t in = basic == 0 ? 0 : basic + 1; in < label.size();) {
    const std::uint32_t before = at;
    std::uint64_t weight = 1, sum = at;
    for (std::uint32_t k = base;; k += base) {
      if (in == label.size()) return std::nullopt;
      const char c = ascii_lower(label[in++]);
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) return std::nullopt;
      const auto digit = static_cast<std::uint32_t>(c >= 'a' ? c - 'a' : c - '0' + 26);
      sum += digit * weight;
      if (sum > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
      const std::uint32_t threshold = k <= bias ? least : k >= bias + most ? most : k - bias;
      if (digit < threshold) break;
      weight *= base - threshold;
      if (weight > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    }
    const auto count = static_cast<std::uint32_t>(points.size()) + 1;
    std::uint32_t delta = (static_cast<std::uint32_t>(sum) - before) / (before == 0 ? damp : 2);
    delta += delta / count;
    std::uint32_t k = 0;
    for (; delta > (base - least) * most / 2; k += base) delta /= base - least;
    bias = k + (base - least + 1) * delta / (delta + skew);
    if (sum / count > 0x10FFFF - next) return std::nullopt;
    next += static_cast<std::uint32_t>(sum / count);
    at = static_cast<std::uint32_t>(sum % count);
    points.insert(points.begin() + at, next);
    ++at;
  }
  std::string out(4 * points.size(), '\0');
  char* end = out.data();
  for (const std::uint32_t point : points) json::write_utf8(end, point);
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

host_reading read_host_leniently(std::string_view written) {
  host_reading result;
  if (written.size() > longest_host) return result;
  if (written.starts_with('[')) {
    // The '%' of a zone, itself encoded or not, is looked for first: what follows it may look like an encoding.
    result.name = written.substr(1, written.find_first_of("]%") - 1);
    result.address = read_ip(result.name);
    if (result.address) return result;
  }
  std::string name = folded(percent_free(written));
  if (name.starts_with('[')) {
    name.erase(0, 1);
    name.resize(std::min(name.find_first_of("]%"), name.size()));
  }
  name = with_labels_decoded(name);
  while (name.ends_with('.')) name.pop_back();
  result.address = read_ip_leniently(name);
  result.name = std::move(name);
  return result;
}

}  // namespace llm_admin
