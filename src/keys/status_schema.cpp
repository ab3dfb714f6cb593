// key_status: whether the schema is as this version made it. Triggers, policies and functions keep the keys.
#include <string>

#include "keys/status.hpp"
#include "store/schema_drift.hpp"

namespace llm_admin::keys {

void add_schema(status_rows& rows) {
  constexpr const char* item = "schema";
  const store::drift drift = store::schema_drift();
  if (!drift.not_compared.empty())
    return rows.add(item, "not compared: " + drift.not_compared, verdict::info, drift.statement);
  std::size_t errors = 0;
  std::string first;
  for (const schema::finding& one : drift.findings) {
    if (one.verdict != "error") continue;
    if (errors++ == 0) first = one.kind + ' ' + one.object;
  }
  if (errors == 0) return;
  rows.add(item, std::to_string(errors) + " objects are not as they were made, " + first + " among them",
           verdict::error, "SELECT * FROM llm_admin.validate_schema() WHERE verdict = 'error'");
}

}  // namespace llm_admin::keys
