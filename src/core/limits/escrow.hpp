// What a counter in slots decides: which slot pays for units, when shares are dealt anew, and when there is
// nothing left. Pure; the store reads and locks rows as each decision asks, and asks again with what it
// found.
//
// A counter is up to most_slots rows. Each holds what was used and reserved in its window, what the window
// before had, and its share: the part of the amount that it may pay without a look at the others. What of a
// slot counts is its load: used + reserved + the weighted rest of the window before
// (core/limits/windows.hpp).
//
// Never over: a slot pays while its load stays within its share, the shares together are not above the
// amount, and what other slots are overdrawn by is left free (settling never refuses, so a slot may come to
// hold more than its share). Shares change only while all slots are locked. Never under: what one slot cannot
// pay is denied only when the load of all, read by one statement or locked, leaves no room; else all are
// locked and dealt anew. Where all are found locked and there may be no more of them, one is waited for, not all: whoever
// holds all makes everybody else find all locked. Units of open transactions count as used where their slot is needed: who needs it
// waits for it.
//
// A slot of an earlier window counts as empty, and a clock that steps back empties none: the latest window of
// the slots is the one that counts. Whoever locks all does so in slot order, holding none. A slot is added by
// who holds all of them, so a list of them is sure to be whole where it was read by who held slot 0. Throws
// std::bad_alloc only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/limits/windows.hpp"
#include "core/money/decimal.hpp"

namespace llm_admin::limits {

inline constexpr std::size_t most_slots = 16;

struct slot {
  std::int16_t number = 0;
  std::int64_t window_start = 0;
  money::decimal used, reserved, previous, share;

  friend bool operator==(const slot&, const slot&) = default;
};

struct seen_slot {
  slot committed;            // as one statement read all of them
  std::optional<slot> held;  // as it was when this transaction got its lock
  bool others = false;       // another transaction held it when its lock was tried
};

struct demand {
  limits::period period = period::day;
  money::decimal amount;  // with the grants of now
  money::decimal units;
  bool whole = true;      // units of this limit are whole numbers
  bool reserves = false;  // to be settled later; else used at once
  bool must_pay = false;  // on_exceed warn: counted beyond the amount, too
  bool may_wait = true;   // false: the transaction held a slot of this limit before this call
  std::int64_t now = 0;
  std::uint32_t session = 0;  // any number of the session's; it says which slot is tried first
  bool whole_list = false;    // the slots were read while this transaction held slot 0
};

enum class step : std::uint8_t {
  insert_first,  // insert `inserted`; where another was quicker, read again
  lock_slot,     // lock `slot` without waiting, and ask again with `held` or `others` set
  wait_slot,  // lock `slot`, waiting for it, and ask again with `held` set; of the counter nothing else is held
  pay,        // write `changed`; done
  deal,       // write `changed`, insert `inserted` where there is one; done
  read_again,  // read all slots by another statement, keep what is held, and ask again, the list being whole
  lock_all,  // give up this call's locks, lock slot 0, then by another statement all others in their order; ask
             // again with `held` of each, the list being whole
  deny,      // done
  cannot_tell  // LA012: others hold slots, and this transaction must not wait for them
};

// A counter in its window, for people and callers.
struct figures {
  money::decimal used, reserved, amount;  // used holds the weighted rest of the window before
  money::decimal remaining;               // not below 0
  std::int64_t window_start = 0;
  std::optional<std::int64_t> resets_at;       // nothing: never
  std::optional<std::int64_t> retry_after_ms;  // of a denial: when the units fit if nothing else is asked for
  bool exceeded = false;                       // more than the amount is used and reserved
};

struct decision {
  step next = step::deny;
  std::int16_t slot = 0;  // to be locked, or the one that paid
  std::vector<limits::slot> changed;
  std::optional<limits::slot> inserted;
  limits::figures figures;  // pay, deal, insert_first: with the units; deny: without
};

// `seen`: every slot of the counter, by its number, as one statement read them.
decision decide(const demand& want, std::span<const seen_slot> seen);

// The counter as it stands.
figures figures_of(std::span<const slot> slots, period of, const money::decimal& amount, std::int64_t now);

// What was taken of a slot: the window that it was counted in, and how much.
struct taken {
  std::int64_t window_start = 0;
  money::decimal units;
};

// The slot once a reservation is settled with what was used, or given back with 0. In its window all that was
// used is booked, more than was reserved too, and less than 0 where more was booked before. In the one after, only what was reserved too much is released;
// later nothing is. Nothing is returned where nothing changes.
std::optional<slot> settled(const slot& of, period in, const taken& reservation, const money::decimal& used);
// The slot once so much more was used in the window of that time, for which nothing was taken. In a later window that the
// minute slides over, it counts as that window's rest. Nothing is returned where nothing changes.
std::optional<slot> booked(const slot& of, period in, const taken& used);
// The same as settled() for units that were used at once and are given back.
std::optional<slot> given_back(const slot& of, period in, const taken& units);

}  // namespace llm_admin::limits
