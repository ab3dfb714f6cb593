// The ends of what was taken: settle_quota() and settle_free_quota() of store/quota.hpp.
#include <algorithm>
#include <optional>
#include <vector>

#include "core/limits/denial.hpp"
#include "pg/clock.hpp"
#include "pg/spi.hpp"
#include "store/counter_rows.hpp"
#include "store/counter_turn.hpp"
#include "store/limit_alerts.hpp"
#include "store/quota.hpp"
#include "store/shared_counters.hpp"

namespace llm_admin::store {

using limits::slot;

namespace {

// The slot once so much of what was taken of it is said to be used.
std::optional<slot> after_use(const limits::limit& by, const slot& held, const calls::reservation& taken,
                              const money::decimal& used) {
  if (is_reserved(by.what)) return limits::settled(held, by.period, {taken.window_start, taken.amount}, used);
  if (used <= taken.amount)
    return limits::given_back(held, by.period, {taken.window_start, taken.amount - used});
  return limits::settled(held, by.period, {taken.window_start, {}}, used - taken.amount);
}

// One reservation on its way to its end, its slot locked.
struct ending {
  const calls::reservation& taken;
  const limits::limit& by;
  counter_rows rows;
  slot held;

  void write(const money::decimal& used) {
    keys_held().insert({taken.limit_id, taken.tenant_id, taken.subject});
    const auto changed = after_use(by, held, taken, used);
    if (!changed) return;
    rows.update(*changed);
    if (by.alert_shares.empty()) return;
    const std::int64_t now = pg::clock_now();
    const auto amount = limits::amount_at(by, now);
    if (amount)
      record_alerts({&by, taken.tenant_id, taken.subject},
                    limits::figures_of(rows.read(), by.period, *amount, now), now);
  }
};

[[noreturn]] void cannot_settle(pg::error& e, const known_limits& known, const calls::reservation& at) {
  const limits::limit* by = known.find(at.limit_id);
  if (by != nullptr && tells_nothing(e)) e.reword(limits::cannot_tell({by, at.tenant_id, at.subject}));
  throw;
}

}  // namespace

void settle_quota(std::span<const calls::reservation> taken, const known_limits& known,
                  const units_used& used, const char* caller) {
  require_read_committed(caller);
  for (const calls::reservation& one : taken) {
    const limits::limit* by = known.find(one.limit_id);
    if (by == nullptr) continue;
    if (one.slot == calls::shared_slot) {
      settle_shared(*by, one, used(*by, one));
      continue;
    }
    try {
      counter_rows rows(one.limit_id, one.tenant_id, one.subject);
      if (const auto held = rows.lock(one.slot, true)) ending{one, *by, rows, *held}.write(used(*by, one));
    } catch (pg::error& e) {
      cannot_settle(e, known, one);
    }
  }
}

bool settle_free_quota(std::span<const calls::reservation> taken, const known_limits& known,
                       const units_used& used, const char* caller, const std::function<bool()>& also) {
  require_read_committed(caller);
  pg::subtransaction locks;
  std::vector<ending> all;
  for (const calls::reservation& one : taken) {
    const limits::limit* by = known.find(one.limit_id);
    if (by == nullptr || one.slot == calls::shared_slot) continue;
    counter_rows rows(one.limit_id, one.tenant_id, one.subject);
    if (const auto held = rows.lock(one.slot, false)) {
      all.push_back({one, *by, rows, *held});
      continue;
    }
    const std::vector<slot> there = rows.read();
    if (std::any_of(there.begin(), there.end(), [&](const slot& s) { return s.number == one.slot; }))
      return false;
  }
  for (ending& one : all) one.write(used(one.by, one.taken));
  for (const calls::reservation& one : taken) {
    const limits::limit* by = known.find(one.limit_id);
    if (by != nullptr && one.slot == calls::shared_slot) settle_shared(*by, one, used(*by, one));
  }
  if (also && !also()) return false;
  locks.release();
  return true;
}

}  // namespace llm_admin::store
