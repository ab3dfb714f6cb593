// book_quota() of store/quota.hpp.
#include <optional>
#include <string>
#include <vector>

#include "core/limits/denial.hpp"
#include "pg/clock.hpp"
#include "pg/spi.hpp"
#include "store/counter_rows.hpp"
#include "store/counter_turn.hpp"
#include "store/limit_alerts.hpp"
#include "store/quota.hpp"
#include "store/shared_counters.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace llm_admin::store {

using limits::slot;

namespace {

constexpr int most_turns = 100;  // somebody's trigger or rule may keep rows out

// One limit on its way to a slot that its units go to.
class booking {
 public:
  booking(const quota_ask& of, std::int64_t at, std::int64_t now)
      : of_(of),
        now_(now),
        amount_(limits::amount_at(*of.met.by, now)),
        window_start_(limits::window_of(of.met.by->period, at).start),
        rows_(of.met.by->id, of.met.tenant, of.met.subject) {}

  calls::reservation run() {
    const limits::met_limit& met = of_.met;
    for (int turn = 0; turn < most_turns; ++turn) {
      const std::vector<slot> there = rows_.read();
      const std::optional<std::int16_t> slot = there.empty() ? insert_first() : book_in(there);
      if (!slot) continue;
      keys_held().insert({met.by->id, met.tenant, met.subject});
      tell_alerts();
      return {met.by->id, met.tenant, met.subject, *slot, window_start_, {}};
    }
    throw limits::cannot_tell(met);
  }

 private:
  std::optional<std::int16_t> insert_first() {
    slot made;
    made.window_start = window_start_;
    if (amount_) made.share = *amount_;
    const auto booked = limits::booked(made, of_.met.by->period, {window_start_, of_.units});
    if (!rows_.insert(booked.value_or(made))) return std::nullopt;
    return made.number;
  }

  // The first that nobody else holds, else the session's own once it is free.
  std::optional<std::int16_t> book_in(const std::vector<slot>& there) {
    const std::size_t own = static_cast<std::size_t>(MyProcPid) % there.size();
    std::optional<slot> held;
    for (std::size_t n = 0; n < there.size() && !held; ++n)
      held = rows_.lock(there[(own + n) % there.size()].number, false);
    if (!held) held = rows_.lock(there[own].number, true);
    if (!held) return std::nullopt;  // it is gone
    if (const auto changed = limits::booked(*held, of_.met.by->period, {window_start_, of_.units}))
      rows_.update(*changed);
    return held->number;
  }

  void tell_alerts() {
    if (of_.met.by->alert_shares.empty() || !amount_) return;
    record_alerts(of_.met, limits::figures_of(rows_.read(), of_.met.by->period, *amount_, now_), now_);
  }

  const quota_ask& of_;
  std::int64_t now_;
  std::optional<money::decimal> amount_;
  std::int64_t window_start_;
  counter_rows rows_;
};

}  // namespace

std::vector<calls::reservation> book_quota(std::span<const quota_ask> used, std::int64_t at,
                                           const char* caller) {
  std::vector<calls::reservation> booked;
  for (const quota_ask& one : used) {
    if (one.units.is_zero()) continue;
    require_read_committed(caller);
    const std::int64_t now = pg::clock_now();
    if (auto shared = book_shared(one, at, now)) {
      booked.push_back(*std::move(shared));
      continue;
    }
    try {
      booked.push_back(booking(one, at, now).run());
    } catch (pg::error& e) {
      if (tells_nothing(e)) e.reword(limits::cannot_tell(one.met));
      throw;
    }
  }
  return booked;
}

}  // namespace llm_admin::store
