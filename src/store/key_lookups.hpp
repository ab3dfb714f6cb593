// For the life of a value lookups by a key are planned by its index, also where the table is so small by now that the
// server would rather read all of it: a session keeps the plan while the table grows under it. An error ends it with
// the (sub)transaction.
#pragma once

#include "pg/without.hpp"

namespace llm_admin::store {

class key_lookups {
 private:
  pg::without sequential_scans_{"enable_seqscan"};
};

}  // namespace llm_admin::store
