// reseal_keys: stored keys that an older data key sealed are sealed by the newest one of their owner. Each is
// opened and sealed under its row's lock; updated_at, config_version and history stay as they are.
#include <map>
#include <string>
#include <vector>

#include "core/crypto/envelope.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/data_keys.hpp"
#include "pg/entry.hpp"
#include "pg/key_store.hpp"
#include "pg/own_update.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/stop_point.hpp"
#include "pg/stored_keys.hpp"

using namespace llm_admin;

namespace {

class resealing {
 public:
  explicit resealing(std::int64_t batch) : batch_(batch) {}

  void run() {
    pg::each_stored_key(std::nullopt, [&](const pg::stored_secret& secret) { look(secret); });
    for (std::size_t n = 0; n < stale_.size(); ++n) {
      if (n == stale_.size() / 2) pg::stop_point("reseal_keys.half");
      pg::call([] { CHECK_FOR_INTERRUPTS(); });
      (void)pg::with_locked_key(stale_[n].of_tenant, stale_[n].name,
                                [&](const pg::stored_secret& secret) { reseal(secret); });
    }
    pg::stop_point("reseal_keys.done");
  }

  std::int64_t resealed = 0, remaining = 0, unreadable = 0;

 private:
  struct named {
    bool of_tenant;
    std::string name;
  };

  // Whether another data key than the owner's newest sealed it.
  bool is_stale(const pg::stored_secret& secret) const {
    const auto newest = newest_.find(secret.of_tenant ? std::string(secret.name) : std::string());
    if (newest == newest_.end()) return false;  // never rotated
    const auto sealed = envelope::parse(secret.text);
    return sealed && sealed->kind == envelope::kind::bound && sealed->key_id != newest->second;
  }

  void look(const pg::stored_secret& secret) {
    if (!is_stale(secret)) return;
    if (!secret.place || !opens(secret))
      ++unreadable;
    else if (static_cast<std::int64_t>(stale_.size()) < batch_)
      stale_.push_back({secret.of_tenant, std::string(secret.name)});
    else
      ++remaining;
  }

  static bool opens(const pg::stored_secret& secret) {
    try {
      (void)pg::open_at(*secret.place, secret.text);
      return true;
    } catch (const error& refused) {
      if (std::string_view(refused.sqlstate()) != sqlstate::envelope_rejected) throw;
      return false;
    }
  }

  void reseal(const pg::stored_secret& secret) {
    if (!secret.place || !is_stale(secret)) return;  // changed meanwhile
    const secret_bytes plain = pg::open_at(*secret.place, secret.text);
    const pg::own_update note(pg::own_change::resealing);
    pg::store_key_text(secret.of_tenant, secret.name, pg::seal_for(*secret.place, plain.span()));
    ++resealed;
  }

  std::int64_t batch_;
  std::vector<named> stale_;
  const std::map<std::string, envelope::key_id> newest_ = pg::data_keys::rotated();
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_reseal_keys)(FunctionCallInfo fcinfo) {
  const auto batch = pg::args(fcinfo).integer(0);
  if (!batch || *batch < 1)
    throw error(sqlstate::invalid_parameter, "batch must be at least 1", "",
                "SELECT * FROM llm_admin.reseal_keys(1000)");
  pg::require_primary("reseal_keys");
  pg::key_store::lock_for_sealing();  // before any row's
  resealing work(*batch);
  work.run();
  pg::row_builder row;
  row.add_bigint(work.resealed).add_bigint(work.remaining).add_bigint(work.unreadable);
  return pg::make_row(fcinfo, row);
}
