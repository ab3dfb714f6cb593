// Sessions that take, keep, settle and roll back units of one counter, a step at a time and in random order,
// as READ COMMITTED would let them: rows that are locked, states that are committed or open, statements that
// see what was committed when they began.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "core/limits/escrow.hpp"

namespace llm_admin::limits {

struct simulation_of {
  std::int64_t amount = 0;
  int sessions = 0;
  std::int64_t most_units = 1;
  int places = 0;              // units are so many places behind the point
  bool several_calls = false;  // in one transaction
  bool reserves = false;
  bool windows = false;  // minutes pass; else one day
};

class simulation {
 public:
  simulation(std::mt19937& random, const simulation_of& how)
      : random_(random), how_(how), amount_(how.amount), sessions_(static_cast<std::size_t>(how.sessions)) {
    for (std::size_t n = 0; n < sessions_.size(); ++n) sessions_[n].number = static_cast<int>(n);
  }

  void run(int steps) {
    for (int n = 0; n < steps; ++n) {
      changed_ = false;
      if (how_.windows && random_() % 20 == 0) {
        now_ += static_cast<std::int64_t>(random_() % 30'000'000);
        changed_ = true;
      }
      if (random_() % 4 == 0) settle_one();
      advance(sessions_[random_() % sessions_.size()]);
      if (changed_) never_over();
    }
  }

  // Ends all transactions, and takes what is left: not a unit more or less than the amount.
  void finish() {
    bool any = true;
    for (int round = 0; any; ++round) {
      ASSERT_LT(round, 10'000) << "sessions wait for each other";
      any = false;
      for (session& one : sessions_) {
        if (one.at == state::idle) continue;
        one.calls_left = 0;
        advance(one);
        any = true;
      }
    }
    for (const row& one : rows_) ASSERT_EQ(one.owner, nobody);
    session& last = sessions_.front();
    const money::decimal unit = money::decimal(1).shifted(-how_.places);
    money::decimal step = unit;
    while (load() + step + step <= amount_) step += step;
    for (int round = 0; round < 2'000; ++round) {
      begin(last, step);
      while (last.at != state::idle && last.at != state::open) advance(last);
      if (last.at == state::open) {
        end(last, true);
      } else if (step == unit) {
        break;
      } else {
        step = unit;
        while (load() + step + step <= amount_) step += step;
      }
      never_over();
    }
    const money::decimal left = amount_ - load();
    ASSERT_FALSE(left.is_negative());
    ASSERT_LT(left, unit);  // a fraction may be left by the weight of the window before
    ASSERT_TRUE(how_.windows || left.is_zero()) << left.text();
  }

  std::size_t slots() const { return rows_.size(); }
  std::size_t untold() const { return untold_; }
  std::size_t waits() const { return waits_; }
  std::size_t settlements() const { return settlements_; }

 private:
  static constexpr int nobody = -1;
  enum class state { idle, reading, deciding, waiting_one, waiting_first, waiting_all, open };
  struct row {
    std::optional<slot> committed, open;  // open: of the owner's transaction
    int owner = nobody;
  };
  struct reservation {
    std::size_t slot;
    taken what;
  };
  struct session {
    int number = 0;
    state at = state::idle;
    demand want;
    std::vector<seen_slot> seen;
    std::set<std::size_t> locked_now;  // by this call
    std::size_t next_lock = 0, all = 0;
    int calls_left = 0;
    std::vector<reservation> reserved;
  };

  limits::period period() const { return how_.windows ? period::minute : period::day; }

  money::decimal units() {
    const auto most = static_cast<std::uint64_t>(how_.most_units);
    return money::decimal(static_cast<std::int64_t>(1 + random_() % most)).shifted(-how_.places);
  }

  void begin(session& one, const money::decimal& wanted) {
    one.want = {};
    one.want.period = period();
    one.want.amount = amount_;
    one.want.units = wanted;
    one.want.whole = how_.places == 0;
    one.want.reserves = how_.reserves && random_() % 2 == 0;
    one.want.now = now_;
    one.want.session = static_cast<std::uint32_t>(one.number);
    one.want.may_wait = !holds_any(one);
    one.seen.clear();
    one.locked_now.clear();
    one.at = state::reading;
  }

  bool holds_any(const session& one) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const row& each) { return each.owner == one.number; });
  }

  const slot* visible(const row& of, const session& to) const {
    if (of.owner == to.number && of.open) return &*of.open;
    return of.committed ? &*of.committed : nullptr;
  }

  void read(session& one) {
    std::vector<seen_slot> again;
    for (std::size_t n = 0; n < rows_.size(); ++n) {
      const slot* its = visible(rows_[n], one);
      if (its == nullptr) continue;
      again.push_back({*its, std::nullopt, false});
      for (const seen_slot& before : one.seen)
        if (before.committed.number == its->number) {
          again.back().held = before.held;
          again.back().others = before.others;
        }
    }
    one.seen = std::move(again);
  }

  void lock(session& one, std::size_t n) {
    if (rows_[n].owner != one.number) one.locked_now.insert(n);
    rows_[n].owner = one.number;
    for (seen_slot& each : one.seen)
      if (static_cast<std::size_t>(each.committed.number) == n) each.held = *visible(rows_[n], one);
  }

  void release(session& one) {
    for (const std::size_t n : one.locked_now) rows_[n].owner = nobody;
    one.locked_now.clear();
    for (seen_slot& each : one.seen) each.held.reset();
  }

  void advance(session& one) {
    switch (one.at) {
      case state::idle:
        one.calls_left = how_.several_calls ? static_cast<int>(random_() % 3) : 0;
        return begin(one, units());
      case state::reading:
        read(one);
        one.at = state::deciding;
        return;
      case state::deciding:
        return act(one);
      case state::waiting_one:
        if (rows_[one.next_lock].owner != nobody) return;
        lock(one, one.next_lock);
        one.at = state::deciding;
        return;
      case state::waiting_first:
        if (rows_[0].owner != nobody && rows_[0].owner != one.number) return;
        one.want.whole_list = true;
        lock(one, 0);
        read(one);
        lock(one, 0);
        one.next_lock = 1;
        one.at = state::waiting_all;
        return;
      case state::waiting_all:
        if (one.next_lock < one.seen.size()) {
          const int owner = rows_[one.next_lock].owner;
          if (owner != nobody && owner != one.number) return;
          lock(one, one.next_lock++);
          return;
        }
        one.at = state::deciding;
        return;
      case state::open:
        if (one.calls_left > 0) {
          --one.calls_left;
          return begin(one, units());
        }
        return end(one, random_() % 2 == 0);
    }
  }

  void act(session& one) {
    const decision made = decide(one.want, one.seen);
    switch (made.next) {
      case step::insert_first:
        if (rows_.empty()) {
          rows_.push_back({std::nullopt, made.inserted, one.number});
          return took(one, 0, made);
        }
        // The other one's insert is waited for, and what it became is read.
        if (rows_[0].owner == nobody && !rows_[0].committed)
          rows_[0] = {std::nullopt, made.inserted, one.number};
        if (rows_[0].owner == one.number) return took(one, 0, made);
        if (rows_[0].committed) one.at = state::reading;
        return;
      case step::lock_slot: {
        const auto n = static_cast<std::size_t>(made.slot);
        if (rows_[n].owner == nobody || rows_[n].owner == one.number)
          lock(one, n);
        else
          for (seen_slot& each : one.seen)
            if (each.committed.number == made.slot) each.others = true;
        return;
      }
      case step::wait_slot:
        ASSERT_TRUE(one.want.may_wait && one.locked_now.empty() && !holds_any(one));
        ++waits_;
        one.next_lock = static_cast<std::size_t>(made.slot);
        one.at = state::waiting_one;
        return;
      case step::read_again:
        ASSERT_EQ(rows_[0].owner, one.number);
        ASSERT_FALSE(one.want.whole_list);
        read(one);
        one.want.whole_list = true;
        return;
      case step::lock_all:
        ASSERT_TRUE(one.want.may_wait);
        release(one);
        one.at = state::waiting_first;
        return;
      case step::pay:
      case step::deal:
        for (const slot& each : made.changed) {
          row& of = rows_[static_cast<std::size_t>(each.number)];
          ASSERT_EQ(of.owner, one.number);
          of.open = each;
        }
        if (made.inserted) {
          // A slot that was added and rolled back left its place.
          const auto n = static_cast<std::size_t>(made.inserted->number);
          if (n == rows_.size()) rows_.emplace_back();
          ASSERT_TRUE(n < rows_.size() && rows_[n].owner == nobody && !rows_[n].committed);
          rows_[n] = {std::nullopt, made.inserted, one.number};
        }
        return took(one, static_cast<std::size_t>(made.slot), made);
      case step::deny:
        return end(one, true);
      case step::cannot_tell:
        ++untold_;
        return end(one, false);
    }
  }

  void took(session& one, std::size_t n, const decision& made) {
    changed_ = true;
    if (one.want.reserves) one.reserved.push_back({n, {made.figures.window_start, one.want.units}});
    one.at = state::open;
  }

  void end(session& one, bool commits) {
    changed_ = true;
    for (row& each : rows_) {
      if (each.owner != one.number) continue;
      if (commits && each.open) each.committed = each.open;
      each.open.reset();
      each.owner = nobody;
    }
    if (commits) reserved_.insert(reserved_.end(), one.reserved.begin(), one.reserved.end());
    one.reserved.clear();
    one.at = state::idle;
  }

  // In a transaction of its own that waits for nobody here; what was used is at most what was reserved.
  void settle_one() {
    std::size_t n = 0;
    while (n < reserved_.size() && rows_[reserved_[n].slot].owner != nobody) ++n;
    if (n == reserved_.size()) return;
    const reservation its = reserved_[n];
    row& of = rows_[its.slot];
    money::decimal used;
    if (random_() % 2 == 0) used = its.what.units.quotient(1 + random_() % 3, how_.places);
    if (const auto changed = settled(*of.committed, period(), its.what, used)) of.committed = changed;
    reserved_.erase(reserved_.begin() + static_cast<std::ptrdiff_t>(n));
    ++settlements_;
    changed_ = true;
  }

  money::decimal load(bool open = false) const {
    std::vector<slot> all;
    for (const row& each : rows_) {
      if (open && each.open)
        all.push_back(*each.open);
      else if (each.committed)
        all.push_back(*each.committed);
    }
    const figures sum = figures_of(all, period(), amount_, now_);
    return sum.used + sum.reserved;
  }

  // Neither what is committed, nor with all that is open.
  void never_over() const {
    ASSERT_LE(load(), amount_);
    ASSERT_LE(load(true), amount_);
  }

  std::mt19937& random_;
  simulation_of how_;
  money::decimal amount_;
  std::vector<session> sessions_;
  std::vector<row> rows_;
  std::vector<reservation> reserved_;
  std::int64_t now_ = 9'830LL * 86'400'000'000;
  bool changed_ = false;  // rows, or the time
  std::size_t untold_ = 0, settlements_ = 0, waits_ = 0;
};

}  // namespace llm_admin::limits
