// extract_operation: what an operation's answer holds, by its rule.
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/keys/redact.hpp"
#include "core/mapping/response/operation.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "store/bounds.hpp"
#include "store/operations.hpp"
#include "store/programs.hpp"
#include "store/provider.hpp"
#include "store/provider_call.hpp"
#include "store/provider_key.hpp"

using namespace llm_admin;

namespace {

// What the vendor says went wrong, by the rules for ordinary responses; "" when it says nothing. Its message
// may quote the key it refused.
std::string error_in(const store::provider& row, mapping::response_input input) {
  const auto program = store::response_program_of(row);
  json::tree out;
  input.provider_columns = store::columns_for(program->rules.columns, row, out);
  std::vector<mapping::finding> findings;
  const json::item* result = mapping::try_extract(*program, input, out, findings);
  if (result == nullptr) return {};
  const json::node found = json::view(result).member("error");
  // That nothing was found by the rules for chat says nothing of an operation.
  if (const json::node type = found.member("type"); type.is_string() && type.text() == "nothing_found")
    return {};
  const json::node message = found.member("message");
  if (!message.is_string()) return {};
  return std::string(shortened(store::without_key(row, std::string(message.text())), 2000));
}

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_extract_operation, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string operation(in.required_text(0, "operation"));
  const store::provider row = store::require_provider(in.text(2));
  const std::string provider(row.name());
  const auto program = store::request_program_of(row);
  (void)store::require_operation(*program, operation, provider);
  const auto rules = program->extracts.find(operation);
  if (rules == program->extracts.end())
    throw error(sqlstate::not_extractable,
                "operation " + member_named(operation) + " of provider " + provider + " has no extract rule");
  mapping::response_input input;
  input.document = in.jsonb(1);
  input.http_status = in.integer(3);
  input.limits = store::limits_now();
  const std::string what = member_named(operation) + " of provider " + provider;
  if (input.http_status && *input.http_status >= 400) {
    const std::string said = error_in(row, input);
    const std::string status = "HTTP status " + std::to_string(*input.http_status);
    throw error(sqlstate::not_extractable,
                what + " failed with " + status + (said.empty() || said == status ? "" : ": " + said));
  }
  json::tree out;
  input.provider_columns = store::columns_for(rules->second.columns, row, out);
  std::vector<mapping::finding> findings;
  const json::item* value = mapping::extract_operation(rules->second, input, out, findings);
  if (value != nullptr) return store::bounded_jsonb(value, out);
  const std::string said = error_in(row, input);
  throw error(
      sqlstate::not_extractable,
      said.empty() ? "response to " + what + " is not extractable by its rule" : what + " failed: " + said,
      store::without_key(row, mapping::render(findings)));
}
