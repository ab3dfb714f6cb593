#include "core/http/headers.hpp"

#include <algorithm>
#include <cstddef>

#include "core/text.hpp"

namespace llm_admin {

bool valid_header_name(std::string_view name) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [marks](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
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

bool same_header(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

}  // namespace llm_admin
