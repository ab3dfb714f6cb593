// schema_objects: the extension's schema as the catalog holds it, a row an object. scripts/make-catalog makes
// the reference of it.
#include "pg/entry.hpp"
#include "pg/pinned_settings.hpp"
#include "pg/result.hpp"
#include "store/schema_objects.hpp"

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_schema_objects)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  const pg::pinned_settings pinned;
  store::each_schema_object([&](const schema::object& found) {
    pg::row_builder row;
    row.add_text(found.kind).add_text(found.name).add_text(found.table).add_text(found.identifier);
    row.add_text(found.definition).add_boolean(found.member);
    rows.add(row);
  });
  return Datum{0};
}
