// Tags of a call and of an access key: names with a text each, as in {"project": "search"}. Limits and reports know
// one as name=value.
//
// A name has up to 64 letters, digits and . _ - characters, so that no '=' of it is taken for the one that divides; a
// value is a text of 1 to 255 bytes without control characters, and nothing else, for 1, 1.0 and "1" would be three
// subjects of one limit. At most 32 tags. Views last as long as the object's holder.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "core/checked_options.hpp"
#include "core/json/view.hpp"

namespace llm_admin {

inline constexpr std::size_t most_tags = 32;
inline constexpr std::size_t longest_tag_name = 64;
inline constexpr std::size_t longest_tag_value = 255;

struct call_tag {
  std::string_view name, value;
};

// The tags of the option, in the order of their names; what is wrong with them becomes problems of `options`.
std::vector<call_tag> read_tags(checked_options& options, std::string_view option);
// Those of a row of ours; a member that is no tag is left out.
std::vector<call_tag> tags_of(const json::node& stored);

}  // namespace llm_admin
