// Canonical names of models (core/model_names.hpp), by provider_aliases and model_aliases.
//
// What was read of the tables is kept in the session until somebody commits a change of them; what this
// transaction itself has changed is read anew each time.
#pragma once

#include <string>
#include <string_view>

#include "core/model_names.hpp"

namespace llm_admin::store {

// The names as the running statement sees them; valid until the next call.
const model_names& model_names_now();

// `provider`: by its name or alias, or empty. 22023 where the model is empty, has control
// characters, or begins or ends with a blank.
model_named canonical_model(std::string_view provider, std::string_view model);
void require_model(std::string_view model);

}  // namespace llm_admin::store
