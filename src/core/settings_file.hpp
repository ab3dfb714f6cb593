// The JSON settings that import_admin_settings() takes, understood but not yet applied.
//
// Accepted are the members of one provider
//   provider | provider_name, api_key | apiKey | key, base_url | baseUrl, model | default_model |
//   defaultModel, endpoint | endpoint_path | endpoint_path_template | endpointPath
// at the top, under "llm", under a member named after the provider, or so under "providers" (each for many
// providers). Values are strings; null and "" count as not given. Views are valid as long as the JSON's
// holder: the key is read in place and never copied.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"

namespace llm_admin {

struct provider_settings {
  std::string from;                     // where in the file: "the top", or a member's path
  std::optional<std::string> provider;  // as named by the file
  std::string_view api_key;             // empty when not given, as the next ones
  std::string_view base_url;
  std::string_view endpoint;
  std::string_view model;
};

// By provider name, each once, at least one. Faults are error{22023} with HINT: unknown members with the
// nearest names, things said twice, values that are no strings, nothing to import.
std::vector<provider_settings> parse_settings(const json::node& settings);

}  // namespace llm_admin
