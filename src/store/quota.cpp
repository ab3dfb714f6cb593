#include "store/quota.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "core/limits/denial.hpp"
#include "pg/clock.hpp"
#include "pg/spi.hpp"
#include "pg/stop_point.hpp"
#include "store/counter_rows.hpp"
#include "store/counter_turn.hpp"
#include "store/limit_alerts.hpp"
#include "store/shared_counters.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace llm_admin::store {

namespace {

using limits::slot;
enum class outcome : std::uint8_t { granted, denied, give_up };

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

  // `can_give_up`: the locks are a subtransaction's, which the caller ends where they are to be given up.
  outcome decide(bool can_give_up) {
    while (!step(can_give_up)) {
    }
    if (gives_up_) return outcome::give_up;
    return made_.next == limits::step::deny ? outcome::denied : outcome::granted;
  }

  // Once its locks were given up: all slots are locked, waiting for each.
  void lock_all(bool contended) {
    pg::stop_point("quota.lock_all");
    rows_.lock(0, true);
    const std::vector<slot> all = rows_.lock_all();
    seen_.clear();
    // That they were found locked is why another slot may be wanted.
    for (const slot& one : all) seen_.push_back({one, one, contended});
    want_.whole_list = true;
  }
  bool contended() const noexcept {
    return std::any_of(seen_.begin(), seen_.end(), [](const limits::seen_slot& one) { return one.others; });
  }

  void write() {
    for (const slot& one : made_.changed) rows_.update(one);
    const bool grows = made_.inserted && made_.next == limits::step::deal;
    if (grows && !rows_.insert(*made_.inserted)) throw limits::cannot_tell(ask_.met);
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
  bool step(bool can_give_up) {
    if (!seen_.empty() && seen_.front().committed.number != 0) {
      add_first();
      return false;
    }
    made_ = limits::decide(want_, seen_);
    switch (made_.next) {
      case limits::step::insert_first:
        if (rows_.insert(*made_.inserted)) return true;
        see(rows_.read());
        if (seen_.empty()) note_kept_out();
        return false;
      case limits::step::lock_slot:
        // Whoever could not give the slot up locks in their order only.
        if (can_give_up || seen_.size() == 1)
          try_lock(made_.slot, false);
        else
          lock_all(contended());
        return false;
      case limits::step::wait_slot:
        try_lock(made_.slot, true);
        return false;
      case limits::step::read_again:
        see(rows_.read());
        want_.whole_list = true;
        return false;
      case limits::step::lock_all:
        gives_up_ = can_give_up && holds_any();
        if (!gives_up_) lock_all(contended());
        return gives_up_;
      case limits::step::cannot_tell:
        throw limits::cannot_tell(ask_.met);
      case limits::step::pay:
      case limits::step::deal:
      case limits::step::deny:
        break;
    }
    return true;
  }

  // Somebody's trigger or rule keeps rows out.
  void note_kept_out() {
    if (++kept_out_ == most_kept_out) throw limits::cannot_tell(ask_.met);
  }

  // Somebody has deleted it. Without it a list of slots is never sure to be whole.
  void add_first() {
    slot first;
    first.window_start = seen_.front().committed.window_start;
    if (!rows_.insert(first)) note_kept_out();
    see(rows_.read());
    want_.whole_list = false;
  }

  bool holds_any() const noexcept {
    return std::any_of(seen_.begin(), seen_.end(), [](const limits::seen_slot& one) { return one.held; });
  }

  void try_lock(std::int16_t number, bool waits) {
    const auto held = rows_.lock(number, waits);
    if (waits && !held) return see(rows_.read());  // it is gone
    for (limits::seen_slot& one : seen_) {
      if (one.committed.number != number) continue;
      one.held = held;
      one.others = !held;
    }
  }

  const quota_ask& ask_;
  counter_key key_;
  counter_rows rows_;
  limits::demand want_;
  std::vector<limits::seen_slot> seen_;
  limits::decision made_;
  bool gives_up_ = false;
  int kept_out_ = 0;
  static constexpr int most_kept_out = 100;
};

enum class escalation : std::uint8_t { none, lock_all, lock_all_contended };

// One turn. The locks and rows of a call are of one subtransaction, as what locks a row and then changes it by another id
// leaves a multixact behind. Nothing: they were given up, and `escalated` says of which limit all slots are to be locked.
std::optional<quota_answer> take_once(std::span<const quota_ask> asked, std::int64_t now, std::size_t& at,
                                      std::vector<escalation>& escalated) {
  quota_answer answer;
  std::optional<pg::subtransaction> all;
  std::vector<taking> each;
  each.reserve(asked.size());
  for (at = 0; at < asked.size(); ++at) {
    taking& one = each.emplace_back(asked[at], now);
    if (!all && (asked.size() > 1 || one.slots() > 1)) all.emplace();
    if (escalated[at] != escalation::none) one.lock_all(escalated[at] == escalation::lock_all_contended);
    const outcome made = one.decide(all.has_value());
    if (made == outcome::give_up) {
      escalated[at] = one.contended() ? escalation::lock_all_contended : escalation::lock_all;
      return std::nullopt;
    }
    answer.figures.push_back(one.made().figures);
    if (made == outcome::granted) continue;
    answer.denied_by = at;
    if (!all) keys_held().insert(one.key());  // a lock may be left
    return answer;
  }
  for (at = 0; at < asked.size(); ++at) each[at].write();
  if (all) all->release();
  for (at = 0; at < asked.size(); ++at) {
    keys_held().insert(each[at].key());
    const limits::met_limit& met = asked[at].met;
    answer.taken.push_back({met.by->id, met.tenant, met.subject, each[at].made().slot,
                            each[at].made().figures.window_start, asked[at].units});
  }
  return answer;
}

// Denied: what the counters said on the way is kept, their locks and rows are given up.
quota_answer take_all(std::span<const quota_ask> asked, std::int64_t now, std::size_t& at) {
  std::vector<escalation> escalated(asked.size(), escalation::none);
  for (;;)
    if (auto answer = take_once(asked, now, at, escalated)) return *std::move(answer);
}

quota_answer take_from_tables(std::span<const quota_ask> asked, std::int64_t now) {
  std::size_t at = 0;
  try {
    quota_answer answer = take_all(asked, now, at);
    const std::size_t first = answer.denied_by.value_or(0), end = answer.denied_by ? first + 1 : asked.size();
    for (at = first; at < end; ++at) record_alerts(asked[at].met, answer.figures[at], now);
    return answer;
  } catch (pg::error& e) {
    if (tells_nothing(e) && at < asked.size()) e.reword(limits::cannot_tell(asked[at].met));
    throw;
  }
}

quota_answer denied_shared(std::span<const quota_ask> asked, const shared_taking& shared, std::int64_t now) {
  quota_answer answer;
  answer.denied_by = shared.denied_by();
  answer.figures.resize(shared.denied_by() + 1);
  answer.figures.back() = shared.denial();
  record_alerts(asked[shared.denied_by()].met, answer.figures.back(), now);
  return answer;
}

// Those in shared memory are asked first, which costs little, and taken last, as they do not roll back.
quota_answer take_from_both(std::span<const quota_ask> asked, shared_taking& shared, std::int64_t now) {
  std::vector<quota_ask> rest;
  std::vector<std::size_t> rest_at;
  for (std::size_t n = 0; n < asked.size(); ++n)
    if (!shared.includes(n)) {
      rest.push_back(asked[n]);
      rest_at.push_back(n);
    }
  quota_answer of_tables;
  if (!rest.empty()) {
    pg::subtransaction tables;
    of_tables = take_from_tables(rest, now);
    const auto made = of_tables.denied_by ? shared_taking::outcome::granted
                                          : shared.run(shared_taking::intent::takes, true);
    if (made == shared_taking::outcome::elsewhere) throw limits::cannot_tell(asked[shared.denied_by()].met);
    if (made == shared_taking::outcome::granted) tables.release();
    if (made == shared_taking::outcome::denied) of_tables.taken.clear();
  }
  quota_answer answer;
  if (of_tables.denied_by) {
    answer.denied_by = rest_at[*of_tables.denied_by];
    answer.figures.resize(*answer.denied_by + 1);
    answer.figures.back() = of_tables.figures.back();
    return answer;
  }
  if (of_tables.taken.size() < rest.size()) return denied_shared(asked, shared, now);
  for (std::size_t n = 0, from_rest = 0; n < asked.size(); ++n) {
    const bool is_shared = shared.includes(n);
    answer.figures.push_back(is_shared ? shared.figures(n) : of_tables.figures[from_rest]);
    answer.taken.push_back(is_shared ? shared.taken(n) : of_tables.taken[from_rest]);
    if (is_shared)
      record_alerts(asked[n].met, answer.figures[n], now);
    else
      ++from_rest;
  }
  return answer;
}

}  // namespace

quota_answer take_quota(std::span<const quota_ask> asked, std::int64_t now, const char* caller) {
  require_read_committed(caller);
  shared_taking shared(asked, now);
  if (shared.empty()) return take_from_tables(asked, now);
  if (shared.run(shared.includes_all() ? shared_taking::intent::takes : shared_taking::intent::asks, false) ==
      shared_taking::outcome::denied)
    return denied_shared(asked, shared, now);
  return shared.empty() ? take_from_tables(asked, now) : take_from_both(asked, shared, now);
}

}  // namespace llm_admin::store
