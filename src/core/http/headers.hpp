// What may stand in a header of a request.
#pragma once

#include <string_view>

namespace llm_admin {

bool valid_header_name(std::string_view name) noexcept;    // RFC 9110 token
bool valid_header_value(std::string_view value) noexcept;  // no control character, no tab; may be empty

// Whether UTF-8 text has Latin-1 characters only, and none of C1. Of others some clients send the low byte in
// a header, which may be the end of a line.
bool within_latin_1(std::string_view utf8) noexcept;

// ASCII case-blind equality, for header names.
bool same_header(std::string_view a, std::string_view b) noexcept;

}  // namespace llm_admin
