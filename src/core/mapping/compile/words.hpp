// Words in the compiler's messages: lists, quotes, and "did you mean". Private to the compiler.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/similar.hpp"

namespace llm_admin::mapping {

inline bool among(std::string_view word, std::span<const std::string_view> list) noexcept {
  return std::find(list.begin(), list.end(), word) != list.end();
}

inline std::string did_you_mean(std::string_view word, std::span<const std::string_view> list) {
  const std::vector<std::string> near = nearest(word, list, 1);
  return near.empty() ? std::string() : "did you mean " + quoted_member(near[0]) + "?";
}

inline std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (std::string_view word : words) (out += out.empty() ? "" : ", ") += word;
  return out;
}

}  // namespace llm_admin::mapping
