#include "store/kept_out.hpp"

#include <string>

#include "core/error.hpp"

namespace llm_admin::store {

void refuse_kept_out(const char* table, const char* message) {
  throw error(sqlstate::not_in_state, message,
              std::string("a trigger or rule of llm_admin.") + table + " kept the change out",
              std::string("SELECT tgname, pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger WHERE "
                          "tgrelid = 'llm_admin.") +
                  table + "'::pg_catalog.regclass");
}

}  // namespace llm_admin::store
