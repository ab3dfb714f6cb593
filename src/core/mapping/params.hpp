// The closed vocabulary of request parameters (OpenAI chat names) with their aliases, normalised before any
// rule runs.
//
// Two names of one parameter at once, and names outside the vocabulary, are findings. Values are borrowed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/problem.hpp"

namespace llm_admin::mapping {

std::span<const std::string_view> param_names() noexcept;  // canonical, without aliases
// The canonical name of a parameter, itself or by alias; "" when unknown. Static storage.
std::string_view canonical_param(std::string_view name) noexcept;

// extra_body, extra_headers and drop_params work by themselves; rules need not read them.
bool steers_build(std::string_view canonical) noexcept;

struct param_set {
  json::item* values = nullptr;  // object by canonical name, values borrowed; absent and null ones left out
  std::vector<std::pair<std::string_view, std::string>> given;  // canonical -> name as the caller wrote it
  std::string_view given_name(
      std::string_view canonical) const noexcept;  // "" when the caller did not give it
  // As if it had not been given. `holder` is the tree of `values`.
  void leave_out(std::string_view canonical, json::tree& holder);
};

param_set normalise_params(const json::node& params, std::string_view default_model, json::tree& out,
                           std::vector<finding>& findings);

}  // namespace llm_admin::mapping
