// reseal_keys: stored keys that an older data key sealed are sealed by the newest one of their owner. Each is
// opened and sealed under its row's lock; updated_at, config_version and history stay as they are. Never
// waits for a row, so that no deadlock chooses it.
#include <string>

#include "core/error.hpp"
#include "core/secret_bytes.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/stop_point.hpp"
#include "store/all_keys.hpp"
#include "store/audit.hpp"
#include "store/key_cache.hpp"
#include "store/own_update.hpp"
#include "store/sealing.hpp"

using namespace llm_admin;

namespace {

class resealing {
 public:
  explicit resealing(std::int64_t batch) : batch_(batch) {}

  void run() {
    store::each_outdated_key([&](const store::stored_secret& secret, store::sealed_by by) {
      if (by == store::sealed_by::missing_data_key || !secret.place || !opens(secret))
        ++unreadable;
      else if (resealed == batch_)
        ++remaining;
      else
        lock_and_reseal(secret);
    });
    pg::stop_point("reseal_keys.done");
  }

  std::int64_t resealed = 0, remaining = 0, unreadable = 0;

 private:
  static bool opens(const store::stored_secret& secret) {
    try {
      (void)store::open_at(*secret.place, secret.text);
      return true;
    } catch (const error& refused) {
      if (refused.is_fault() || std::string_view(refused.sqlstate()) != sqlstate::envelope_rejected) throw;
      return false;
    }
  }

  // A row that another transaction holds is left to the next call.
  void lock_and_reseal(const store::stored_secret& seen) {
    const auto outcome = store::with_locked_key(seen.holder, seen.name, [&](const store::stored_secret& now) {
      if (now.text == seen.text && now.place) reseal(now);  // else changed meanwhile
    });
    if (outcome == store::visited::in_use) ++remaining;
  }

  void reseal(const store::stored_secret& secret) {
    const secret_bytes plain = store::open_at(*secret.place, secret.text);
    const store::own_update note(store::own_change::resealing);
    store::store_key_text(secret, store::seal_for(*secret.place, plain.span()));
    ++resealed;
    pg::stop_point("reseal_keys.resealed");
  }

  std::int64_t batch_;
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_reseal_keys)(FunctionCallInfo fcinfo) {
  const auto batch = pg::args(fcinfo).integer(0);
  if (!batch || *batch < 1)
    throw error(sqlstate::invalid_parameter, "batch must be at least 1", "",
                "SELECT * FROM llm_admin.reseal_keys(1000)");
  pg::require_primary("reseal_keys");
  store::key_cache::lock_for_sealing();  // before any row's
  resealing work(*batch);
  work.run();
  if (work.resealed > 0)
    store::write_audit(
        {.action = "resealed", .resource_type = "stored_key"},
        {{"resealed", work.resealed}, {"remaining", work.remaining}, {"unreadable", work.unreadable}});
  pg::row_builder row;
  row.add_bigint(work.resealed).add_bigint(work.remaining).add_bigint(work.unreadable);
  return pg::make_row(fcinfo, row);
}
