// The codec fit_id: ids that a vendor does not take become ids that it takes, the same one each time.
//
// Vendors differ in the ids they accept: a call made by one vendor and sent to another with its result must
// keep the two equal. So a text that has the shape stays as it is, and any other becomes a digest of itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/mapping/rule_set.hpp"

namespace llm_admin::mapping {

inline constexpr std::size_t usual_digest = 24;  // characters of a digest, where the shape allows them
inline constexpr std::uint32_t most_least = 40;  // of id_shape::min: SHA-256 gives no more of 62 digits
inline constexpr std::uint32_t longest_id = 1024;
inline constexpr std::size_t fewest_digits = 10;  // letters and digits in a class
inline constexpr std::string_view usual_characters = "A-Za-z0-9_-";

// The characters of a class: single ones and ranges `a-z`; a - at either end stands for itself. Nothing, with
// the reason in `why`, when there are fewer than fewest_digits letters and digits among them, or others than
// visible ASCII.
std::optional<id_shape> read_class(std::string_view text, std::string& why);

bool has_shape(std::string_view id, const id_shape& shape) noexcept;

// SHA-256 of the text as a number written in the shape's digits: min(max, usual_digest) of them, but at least
// `min`. Linear in the text.
std::string digest_id(std::string_view text, const id_shape& shape);

}  // namespace llm_admin::mapping
