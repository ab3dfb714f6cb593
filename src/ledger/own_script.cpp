#include "ledger/own_script.hpp"

#include <cstring>
#include <string>

#include "core/error.hpp"

namespace llm_admin::ledger {

Oid require_own_script(const char* function) {
  if (creating_extension) {
    const Oid extension = CurrentExtensionObject;
    const char* name = pg::call([=] { return get_extension_name(extension); });
    if (name != nullptr && std::strcmp(name, "llm_admin") == 0) return extension;
  }
  throw error(sqlstate::not_in_state,
              std::string(function) + " can only be called by a script of the extension llm_admin", "",
              "CREATE EXTENSION llm_admin, or ALTER EXTENSION llm_admin UPDATE");
}

bool made_here(Datum xmin) noexcept {
  return TransactionIdIsCurrentTransactionId(DatumGetTransactionId(xmin));
}

}  // namespace llm_admin::ledger
