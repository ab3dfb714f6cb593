#include "store/operations.hpp"

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/similar.hpp"

namespace llm_admin::store {

const mapping::call_shape& require_operation(const mapping::request_program& program, std::string_view name,
                                             std::string_view provider) {
  if (const mapping::call_shape* found = program.operation(name)) return *found;
  std::vector<std::string_view> names;
  std::string known;
  for (const mapping::call_shape& one : program.operations) {
    names.push_back(one.name);
    (known += known.empty() ? "" : ", ") += one.name;
  }
  const std::vector<std::string> near = nearest(name, names, 1);
  throw llm_admin::error(
      sqlstate::undefined_object,
      "provider " + std::string(provider) + " has no operation " + named_or_length(name, names),
      known.empty() ? "its mapping has no operations" : "its operations: " + known,
      near.empty() ? "SELECT request_builder_config -> 'operations' FROM "
                     "llm_admin.get_provider(" +
                         sql_literal(provider, "'<provider>'") + ") shows them"
                   : "did you mean " + near[0] + "?");
}

void require_enabled(const provider& row) {
  if (row.boolean(provider_column::is_enabled)) return;
  const std::string name(row.name());
  throw llm_admin::error(
      sqlstate::not_in_state, "Provider " + name + " is disabled", "",
      "UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = '" + name + "'");
}

}  // namespace llm_admin::store
