#include "store/quota.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/limits/denial.hpp"
#include "pg/clock.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "pg/stop_point.hpp"
#include "store/counter_rows.hpp"
#include "store/limit_alerts.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace llm_admin::store {

namespace {

using limits::slot;
using counter_key = std::tuple<limits::uuid, std::string, std::string>;

// The counters of which this transaction holds slots. A savepoint that is rolled back leaves them here: then
// LA012 comes where waiting would have done.
struct held_counters {
  FullTransactionId transaction = InvalidFullTransactionId;
  std::set<counter_key> keys;
};
held_counters* counters_held = nullptr;  // for the life of the backend

std::set<counter_key>& keys_held() {
  if (counters_held == nullptr) counters_held = std::make_unique<held_counters>().release();
  const FullTransactionId now = GetTopFullTransactionIdIfAny();
  if (!FullTransactionIdEquals(counters_held->transaction, now) || !FullTransactionIdIsValid(now)) {
    counters_held->keys.clear();
    counters_held->transaction = now;
  }
  return counters_held->keys;
}

void note_held(const counter_key& key) { keys_held().insert(key); }

// One limit of a call on its way to a decision.
class taking {
 public:
  taking(const quota_ask& ask, std::int64_t now)
      : ask_(ask),
        key_(ask.met.by->id, ask.met.tenant, ask.met.subject),
        rows_(ask.met.by->id, ask.met.tenant, ask.met.subject) {
    const limits::limit& by = *ask.met.by;
    want_.period = by.period;
    want_.amount = *limits::amount_at(by, now);
    want_.units = ask.units;
    want_.whole = by.counts_whole();
    want_.reserves = is_reserved(by.what);
    want_.must_pay = by.on_exceed == limits::on_exceed::warn;
    const std::set<counter_key>& held = keys_held();
    want_.may_wait = held.lower_bound(key_) == held.end();
    want_.now = now;
    want_.session = static_cast<std::uint32_t>(MyProcPid);
    see(rows_.read());
  }

  std::size_t slots() const noexcept { return seen_.size(); }
  const limits::decision& made() const noexcept { return made_; }
  const counter_key& key() const noexcept { return key_; }

  // False where it is denied.
  bool decide() {
    // Locks of slots that cannot pay are given up with it; one slot is locked or not.
    std::optional<pg::subtransaction> locks;
    if (seen_.size() > 1) locks.emplace();
    while (!step(locks)) {
    }
    if (locks) locks->release();
    return made_.next != limits::step::deny;
  }

  void write() const {
    for (const slot& one : made_.changed) rows_.update(one);
    if (made_.inserted && made_.next == limits::step::deal) rows_.insert(*made_.inserted);
  }

 private:
  void see(const std::vector<slot>& read) {
    std::vector<limits::seen_slot> now;
    for (const slot& one : read) {
      now.push_back({one, std::nullopt, false});
      for (const limits::seen_slot& before : seen_)
        if (before.committed.number == one.number) {
          now.back().held = before.held;
          now.back().others = before.others;
        }
    }
    seen_ = std::move(now);
  }

  // True: done.
  bool step(std::optional<pg::subtransaction>& locks) {
    made_ = limits::decide(want_, seen_);
    switch (made_.next) {
      case limits::step::insert_first:
        if (rows_.insert(*made_.inserted)) return true;
        see(rows_.read());
        if (seen_.size() > 1 && !locks) locks.emplace();
        return false;
      case limits::step::lock_slot:
        try_lock(made_.slot);
        return false;
      case limits::step::read_again:
        see(rows_.read());
        want_.whole_list = true;
        return false;
      case limits::step::lock_all:
        lock_all(locks);
        return false;
      case limits::step::cannot_tell:
        throw limits::cannot_tell(ask_.met);
      case limits::step::pay:
      case limits::step::deal:
      case limits::step::deny:
        break;
    }
    return true;
  }

  void try_lock(std::int16_t number) {
    const auto held = rows_.lock(number, false);
    for (limits::seen_slot& one : seen_) {
      if (one.committed.number != number) continue;
      one.held = held;
      one.others = !held;
    }
  }

  void lock_all(std::optional<pg::subtransaction>& locks) {
    locks.reset();
    pg::stop_point("quota.lock_all");
    rows_.lock(0, true);
    const std::vector<slot> all = rows_.lock_all();
    const std::vector<limits::seen_slot> before = std::exchange(seen_, {});
    for (const slot& one : all) seen_.push_back({one, one, false});
    // That they were found locked is why another slot may be wanted.
    for (limits::seen_slot& one : seen_)
      for (const limits::seen_slot& former : before)
        if (former.committed.number == one.committed.number) one.others = former.others;
    want_.whole_list = true;
  }

  const quota_ask& ask_;
  counter_key key_;
  counter_rows rows_;
  limits::demand want_;
  std::vector<limits::seen_slot> seen_;
  limits::decision made_;
};

void require_read_committed(const char* caller) {
  pg::require_primary(caller);
  if (IsolationUsesXactSnapshot())
    throw llm_admin::error(sqlstate::serialization_failure, "limits are counted at READ COMMITTED only",
                           std::string(caller) + " cannot see what others have used since the snapshot",
                           "START TRANSACTION ISOLATION LEVEL READ COMMITTED");
}

bool tells_nothing(const pg::error& e) {
  const std::string_view code = e.sqlstate();
  return code == "40P01" || code == "55P03";
}

// Denied: what the counters said on the way is kept, their locks and rows are given up.
quota_answer take_all(std::span<const quota_ask> asked, std::int64_t now, std::size_t& at) {
  quota_answer answer;
  std::optional<pg::subtransaction> all;
  if (asked.size() > 1) all.emplace();
  std::vector<taking> each;
  each.reserve(asked.size());
  for (at = 0; at < asked.size(); ++at) {
    taking& one = each.emplace_back(asked[at], now);
    const bool granted = one.decide();
    answer.figures.push_back(one.made().figures);
    if (granted) continue;
    answer.denied_by = at;
    if (!all) note_held(one.key());  // a lock may be left
    all.reset();
    record_alerts(asked[at].met, answer.figures.back(), now);
    return answer;
  }
  for (at = 0; at < asked.size(); ++at) each[at].write();
  if (all) all->release();
  for (at = 0; at < asked.size(); ++at) {
    note_held(each[at].key());
    const limits::met_limit& met = asked[at].met;
    answer.taken.push_back({met.by->id, met.tenant, met.subject, each[at].made().slot,
                            each[at].made().figures.window_start, asked[at].units});
  }
  return answer;
}

}  // namespace

quota_answer take_quota(std::span<const quota_ask> asked, std::int64_t now, const char* caller) {
  require_read_committed(caller);
  std::size_t at = 0;
  try {
    quota_answer answer = take_all(asked, now, at);
    if (!answer.denied_by)
      for (at = 0; at < asked.size(); ++at) record_alerts(asked[at].met, answer.figures[at], now);
    return answer;
  } catch (pg::error& e) {
    if (tells_nothing(e) && at < asked.size()) e.reword(limits::cannot_tell(asked[at].met));
    throw;
  }
}

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

  void write(const money::decimal& used) const {
    note_held({taken.limit_id, taken.tenant_id, taken.subject});
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
    if (by == nullptr || one.slot < 0) continue;
    try {
      const counter_rows rows(one.limit_id, one.tenant_id, one.subject);
      if (const auto held = rows.lock(one.slot, true)) ending{one, *by, rows, *held}.write(used(*by, one));
    } catch (pg::error& e) {
      cannot_settle(e, known, one);
    }
  }
}

bool settle_free_quota(std::span<const calls::reservation> taken, const known_limits& known,
                       const units_used& used, const char* caller) {
  require_read_committed(caller);
  pg::subtransaction locks;
  std::vector<ending> all;
  for (const calls::reservation& one : taken) {
    const limits::limit* by = known.find(one.limit_id);
    if (by == nullptr || one.slot < 0) continue;
    const counter_rows rows(one.limit_id, one.tenant_id, one.subject);
    if (const auto held = rows.lock(one.slot, false)) {
      all.push_back({one, *by, rows, *held});
      continue;
    }
    const std::vector<slot> there = rows.read();
    if (std::any_of(there.begin(), there.end(), [&](const slot& s) { return s.number == one.slot; }))
      return false;
  }
  for (const ending& one : all) one.write(used(one.by, one.taken));
  locks.release();
  return true;
}

}  // namespace llm_admin::store
