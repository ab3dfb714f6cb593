// A look at the beginning of an index, without a statement: for what is asked with every call and mostly is not there.
#pragma once

#include "pg/guard.hpp"

namespace llm_admin::pg {

// False: an index that begins with this column, a timestamptz, shows that no row has it at or before the bound; of the newest
// rows, this transaction's own among them. True: there may be one, or no index can tell. The table is locked by the caller.
bool may_have_until(Oid table, const char* column, Datum bound);

}  // namespace llm_admin::pg
