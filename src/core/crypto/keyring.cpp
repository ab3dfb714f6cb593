#include "core/crypto/keyring.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {

namespace {

constexpr std::string_view shape_hint =
    "write each line as id:key or id:key:active, the key as 64 hexadecimal digits; "
    "scripts/new-keyring PATH makes a keyring";

[[noreturn]] void refuse(std::string detail) {
  throw error(sqlstate::keyring, "keyring is not valid", std::move(detail), std::string(shape_hint));
}

[[noreturn]] void refuse_line(std::size_t line, std::string_view fault) {
  refuse("line " + std::to_string(line) + ": " + std::string(fault));
}

std::string_view trimmed(std::string_view line) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  while (!line.empty() && blank(line.front())) line.remove_prefix(1);
  while (!line.empty() && blank(line.back())) line.remove_suffix(1);
  return line;
}

std::int32_t parse_id(std::string_view text, std::size_t line) {
  std::int32_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, id);
  if (text.empty() || text.front() == '0' || code != std::errc() || stop != end || id < 1) {
    refuse_line(line, "the id before the colon is not a number from 1 to 2147483647");
  }
  return id;
}

}  // namespace

keyring keyring::parse(std::string_view text) {
  if (text.size() > max_keyring_bytes) refuse("it is larger than 1 MB");
  keyring ring;
  std::size_t number = 0;
  while (!text.empty()) {
    if (++number > max_keyring_lines) refuse("it has more than 10000 lines");
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;

    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) refuse_line(number, "there is no colon after the id");
    const std::int32_t id = parse_id(line.substr(0, colon), number);
    std::string_view hex = line.substr(colon + 1);
    const std::size_t mark = hex.find(':');
    if (mark != std::string_view::npos) {
      if (hex.substr(mark) != ":active") refuse_line(number, "what follows the key is not :active");
      if (ring.marked_) refuse_line(number, "a second key is marked active");
      ring.marked_ = id;
      hex = hex.substr(0, mark);
    }
    if (hex.size() != key_size * 2) {
      refuse_line(number, "the key has " + std::to_string(hex.size()) + " characters instead of 64");
    }
    auto key = hex_decode_secret(hex);
    if (!key) refuse_line(number, "the key holds a character that is not a hexadecimal digit");
    ring.keys_.push_back({id, number, std::move(*key)});
  }
  if (ring.keys_.empty()) refuse("it holds no key");

  std::sort(ring.keys_.begin(), ring.keys_.end(),
            [](const entry& a, const entry& b) { return a.id != b.id ? a.id < b.id : a.line < b.line; });
  const auto twin = std::adjacent_find(ring.keys_.begin(), ring.keys_.end(),
                                       [](const entry& a, const entry& b) { return a.id == b.id; });
  if (twin != ring.keys_.end()) {
    refuse_line(std::next(twin)->line,
                "id " + std::to_string(twin->id) + " already stands on line " + std::to_string(twin->line));
  }
  return ring;
}

keyring keyring::copy() const {
  keyring other;
  other.marked_ = marked_;
  other.keys_.reserve(keys_.size());
  for (const entry& each : keys_)
    other.keys_.push_back({each.id, each.line, secret_bytes::copy_of(each.key.span())});
  return other;
}

const secret_bytes* keyring::find(std::int32_t id) const noexcept {
  const auto found =
      std::lower_bound(keys_.begin(), keys_.end(), id,
                       [](const entry& item, std::int32_t wanted) { return item.id < wanted; });
  return found != keys_.end() && found->id == id ? &found->key : nullptr;
}

std::vector<std::int32_t> keyring::ids() const {
  std::vector<std::int32_t> all;
  all.reserve(keys_.size());
  for (const entry& item : keys_) all.push_back(item.id);
  return all;
}

std::int32_t keyring::first_active() const noexcept {
  if (marked_) return *marked_;
  return keys_.empty() ? 0 : keys_.back().id;
}

}  // namespace llm_admin::crypto
