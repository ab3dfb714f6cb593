#include "core/mapping/fit_id.hpp"

#include <algorithm>

#include "core/crypto/primitives.hpp"
#include "core/given_name.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::string_view base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool visible(char c) noexcept { return c > ' ' && c <= '~'; }

}  // namespace

std::optional<id_shape> read_class(std::string_view text, std::string& why) {
  id_shape made;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const char from = text[n];
    const bool range = n > 0 && n + 2 < text.size() && text[n + 1] == '-';
    const bool first_range = n == 0 && text.size() > 2 && from != '-' && text[1] == '-';
    const char to = range || first_range ? text[n + 2] : from;
    if (!visible(from) || !visible(to)) {
      why = "holds a character that is not visible ASCII";
      return std::nullopt;
    }
    if (to < from) {
      why = "holds the range " + quoted_member(text.substr(n, 3)) + ", which is backwards";
      return std::nullopt;
    }
    for (char c = from; c <= to; ++c) made.chars.set(static_cast<std::size_t>(c));
    n += to != from || range || first_range ? 2 : 0;
  }
  for (char c : base62)
    if (made.chars.test(static_cast<std::size_t>(c))) made.digits += c;
  if (made.digits.size() >= fewest_digits) return made;
  why = "must hold at least 10 letters and digits";
  return std::nullopt;
}

bool has_shape(std::string_view id, const id_shape& shape) noexcept {
  if (id.size() < shape.min || id.size() > shape.max) return false;
  return std::all_of(id.begin(), id.end(), [&](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code < shape.chars.size() && shape.chars.test(code);
  });
}

std::string digest_id(std::string_view text, const id_shape& shape) {
  crypto::digest number = crypto::sha256(as_bytes(text));
  const std::size_t size = std::max<std::size_t>(shape.min, std::min<std::size_t>(shape.max, usual_digest));
  const auto base = static_cast<unsigned>(shape.digits.size());
  std::string id;
  while (id.size() < size) {  // the lowest digit first
    unsigned rest = 0;
    for (std::uint8_t& byte : number) {
      const unsigned value = rest * 256 + byte;
      byte = static_cast<std::uint8_t>(value / base);
      rest = value % base;
    }
    id += shape.digits[rest];
  }
  return id;
}

}  // namespace llm_admin::mapping
