// Percent-encoding to whatever takes the pieces: a std::string, or memory for secrets.
#pragma once

#include <string_view>

namespace llm_admin {

// Calls `sink` with a std::string_view for each byte of `text`: RFC 3986 unreserved characters stay, every
// other byte is %XX.
template <class Sink>
void percent_encode(std::string_view text, Sink&& sink) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char& c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            c == '-' || c == '.' || c == '_' || c == '~';
    const auto code = static_cast<unsigned char>(c);
    const char escaped[] = {'%', digits[code >> 4], digits[code & 15]};
    sink(unreserved ? std::string_view(&c, 1) : std::string_view(escaped, 3));
  }
}

}  // namespace llm_admin
