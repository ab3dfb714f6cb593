// The argument of put_llm_config(), decoded and checked as far as that needs no database.
#pragma once

#include <optional>
#include <string_view>

#include "core/json/view.hpp"

namespace llm_admin {

// Views into the document. A member that is not given is not changed.
struct given_config {
  std::optional<std::string_view> provider, api_key, base_url, default_model, policy;
  bool clears_base_url = false;       // "baseUrl": null
  bool clears_default_model = false;  // "defaultModel": null
  bool keeps_key = false;             // "keepKey": true
};

// LA001 with the problems in DETAIL, the first hundred: members of another name, other types, values that are
// too long. Never quotes a value. `poll` is called every few thousand members; what it throws passes.
given_config decode_tenant_config(const json::node& config, void (*poll)() = nullptr);

}  // namespace llm_admin
