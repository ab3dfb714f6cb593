// What is kept of a receiver's answer: the beginning of its body as text that the server can hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace llm_admin::webhooks {

inline constexpr std::size_t kept_response = 20'000;  // bytes

// Of the first kept_response bytes, as repaired_utf8() (core/json/plain_utf8.hpp) makes them text, again at most so
// many. A character that either cut would halve is left out. More than that is not looked at. Throws std::bad_alloc
// only.
std::string response_text(std::string_view body);

}  // namespace llm_admin::webhooks
