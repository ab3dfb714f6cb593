// JSON values as compact JSON text, and JSON Pointers (RFC 6901) into them. Iterative: depth costs no stack.
//
// An absent value is written as null. Members keep the holder's order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/view.hpp"

namespace llm_admin::json {

// The text, or nothing when it would be longer than `max_bytes`.
std::optional<std::string> write(const node& value, std::size_t max_bytes);
// The same as the value came in: numbers of a tree with the text they were read with, and containers that
// know the slice of the source they were read from as that slice, verbatim.
std::optional<std::string> write_text(const node& value, std::size_t max_bytes);
// write() for messages: cut after `max_bytes` (at a character's border) and marked with "...".
std::string excerpt(const node& value, std::size_t max_bytes = 80);
// How long the text is and how deep the value nests (a scalar is 0 deep); stops when either bound is passed.
struct extent {
  std::size_t bytes = 0;
  std::size_t depth = 0;
  bool within = true;  // false: one of the bounds was passed and the numbers are those reached by then
};
extent measure(const node& value, std::size_t max_bytes, std::size_t max_depth);
// True when the value surely keeps both bounds: it looks at no text, so that it is much quicker than
// measure(). False says nothing. Recursive, at most max_depth deep.
bool surely_within(const node& value, std::uint64_t max_bytes, std::size_t max_depth) noexcept;

std::string quoted(std::string_view text);  // "text" with JSON's escapes

// Appends "/token" with ~ and / escaped.
void push_token(std::string& pointer, std::string_view token);
void push_token(std::string& pointer, std::size_t index);
std::string child(std::string_view pointer, std::string_view token);
std::string child(std::string_view pointer, std::size_t index);
// The value an RFC 6901 pointer names; absent when it names none or is no pointer.
node resolve(const node& value, std::string_view pointer);

}  // namespace llm_admin::json
