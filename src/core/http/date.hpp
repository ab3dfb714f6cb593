// Points in time as HTTP headers write them.
//
// RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT" and the two older forms, "Sunday, 06-Nov-94 08:49:37
// GMT" (a year of two digits lies from 1970 to 2069) and "Sun Nov  6 08:49:37 1994". RFC 3339 as vendors use
// it: "2026-01-27T12:00:00.5Z", with an offset, too. The day's name is not looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace llm_admin {

// Milliseconds since 1970-01-01T00:00:00Z; nothing for any other text. Never throws.
std::optional<std::int64_t> http_date_ms(std::string_view text) noexcept;

}  // namespace llm_admin
