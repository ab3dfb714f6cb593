#include "store/entered_tenant.hpp"

#include <memory>
#include <string>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "pg/settings.hpp"
#include "store/tenant.hpp"

namespace llm_admin::store {

namespace {

constexpr const char* entered_tenant_setting = "llm_admin.entered_tenant";

struct remembered {
  std::string tenant;
  LocalTransactionId transaction = InvalidLocalTransactionId;
};

// For the life of the backend; a pointer, so that no destructor runs at exit.
remembered* memory = nullptr;

std::optional<std::string_view> of_transaction() {
  if (memory == nullptr || memory->transaction != pg::compat::local_transaction()) return std::nullopt;
  return memory->tenant;
}

// An id may be anything, a key given by mistake, too.
std::string shown(std::string_view id) { return named_or_length(id); }

}  // namespace

std::optional<std::string_view> entered_tenant() {
  if (const std::string_view set = pg::settings::entered_tenant(); !set.empty()) return set;
  return of_transaction();
}

void enter_tenant(std::string_view id) {
  require_tenant_id(id);
  if (const auto now = entered_tenant(); now && *now != id)
    throw llm_admin::error(sqlstate::not_in_state, "this transaction has entered tenant " + shown(*now),
                           "it cannot enter tenant " + shown(id) + ", too",
                           "COMMIT first; one transaction belongs to one tenant");
  const std::string value(id);
  const char* text = value.c_str();
  pg::call([=] {
    if (!IsTransactionBlock())
      ereport(WARNING, (errmsg("enter_tenant lasts for one transaction and no transaction is open"),
                        errhint("BEGIN first")));
    (void)set_config_option(entered_tenant_setting, text, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0,
                            false);
  });
  if (memory == nullptr) memory = std::make_unique<remembered>().release();
  memory->tenant = value;
  memory->transaction = pg::compat::local_transaction();
}

bool is_out_of_reach(std::string_view id) {
  const auto now = entered_tenant();
  return now && *now != id;
}

void require_entered(std::string_view id) {
  if (!is_out_of_reach(id)) return;
  throw llm_admin::error(
      sqlstate::insufficient_privilege,
      "this transaction has entered tenant " + shown(*entered_tenant()) + ", not " + shown(id), "",
      "COMMIT first; one transaction belongs to one tenant");
}

}  // namespace llm_admin::store
