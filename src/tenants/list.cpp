// list_llm_configs: all tenants at a glance, without keys.
#include <string_view>

#include "core/keys/stored_key.hpp"
#include "pg/args.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

// Null stands for all tenants.
pg::statement select_configs{
    "SELECT c.tenant_id, c.provider, c.base_url, c.default_model, c.policy, c.api_key_encrypted, "
    "c.last_tested_at::pg_catalog.timestamptz, c.last_test_result, c.last_test_latency, "
    "c.created_at::pg_catalog.timestamptz, c.updated_at::pg_catalog.timestamptz FROM llm_admin.llm_configs c "
    "WHERE $1 IS NULL OR c.tenant_id OPERATOR(pg_catalog.=) $1 ORDER BY c.tenant_id",
    {TEXTOID}};
constexpr int columns = 11, key_column = 6;

std::string_view state_of(std::string_view stored) {
  switch (classify(stored, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys())) {
    case stored_key::none:
      return "none";
    case stored_key::bound_envelope:
      return "sealed";
    case stored_key::foreign:
      return "opaque";
    case stored_key::openpgp:
      return "pgcrypto";
    default:
      return "invalid";
  }
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_list_llm_configs)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  pg::cursor all = store::cursor_by_owner(select_configs, {pg::value(store::entered_tenant())});
  pg::scratch memory;
  while (const auto row = all.next()) {
    memory.reset();
    pg::row_builder out;
    for (int c = 1; c <= columns; ++c) {
      if (c == key_column)
        out.add_text(state_of(row->text_view(c)));
      else
        out.add(row->value(c));
    }
    rows.add(out);
  }
  return Datum{0};
}
