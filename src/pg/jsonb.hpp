// jsonb, walked in place and written once.
//
// The view reads the server's binary form (utils/jsonb.h: JEntry headers, keys sorted by length then bytes)
// without calling the server, so it cannot raise and needs no guard; numbers alone go through numeric_out.
// The writer turns an item tree into jsonb in one guarded call; borrowed containers are copied as they stand.
#pragma once

#include "core/json/tree.hpp"
#include "pg/guard.hpp"

namespace llm_admin::pg {

// A node over a jsonb datum. A toasted or packed datum is detoasted into the current context, which must
// outlive the node; otherwise the node points into the datum itself.
json::node jsonb_view(Datum value);

// The jsonb datum of a tree, allocated in the current context. 54000 when it takes more than `most` bytes.
Datum make_jsonb(const json::item* value, std::size_t most = SIZE_MAX);

}  // namespace llm_admin::pg
