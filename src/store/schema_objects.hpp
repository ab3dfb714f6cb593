// The extension's schema as the catalog holds it: what validate_schema() compares with the reference that
// ships.
//
// Found: all that stands in the extension's schema, all members of the extension wherever they stand, and
// what hangs on their tables. Not described: owners and grants (judged from the access list), row counts,
// OIDs, the order of columns, settings that are the server's defaults. Texts come from the server's deparser and depend on the
// settings that the SQL functions which call this pin. Reads pg_catalog alone, so no damage to our own
// objects breaks it.
#pragma once

#include <functional>

#include "core/schema/object.hpp"
#include "pg/spi.hpp"

namespace llm_admin::store {

// In the order in which they can be made: what others need first.
void each_schema_object(const std::function<void(const schema::object&)>& visit);

}  // namespace llm_admin::store
