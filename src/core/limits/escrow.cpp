#include "core/limits/escrow.hpp"

#include <algorithm>
#include <utility>

#include "core/limits/counter.hpp"

namespace llm_admin::limits {

namespace {

constexpr std::int64_t millisecond = 1000;
constexpr std::int64_t sliding_ms = 60'000;

std::int64_t ms_until(std::int64_t at, std::int64_t now) {
  return at <= now ? 0 : (at - now + millisecond - 1) / millisecond;
}

// The first millisecond of a sliding window in which the units fit beside `base` and the weighted `previous`
// of so many slots, each rounded up by itself; nothing where they do not before its end.
std::optional<std::int64_t> first_fit(const money::decimal& base, const money::decimal& previous,
                                      const money::decimal& amount, const window& in, std::size_t slots) {
  const money::decimal rounding = money::decimal(static_cast<std::int64_t>(slots)).shifted(-weight_places);
  const auto fits = [&](std::int64_t ms) {
    return base + weighted(previous, in, in.start + ms * millisecond) + rounding <= amount;
  };
  if (base > amount) return std::nullopt;
  std::int64_t low = 0, high = sliding_ms;  // at the end nothing of it weighs any more
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    if (fits(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return in.start + low * millisecond;
}

std::optional<std::int64_t> retry_after(const totals& of, const moment& when, const demand& want,
                                        std::size_t slots) {
  if (want.units > want.amount || !when.in.end) return std::nullopt;
  if (!when.in.slides) return ms_until(*when.in.end, want.now);
  const money::decimal spent = of.used + of.reserved;
  auto fit = first_fit(spent + want.units, of.previous, want.amount, when.in, slots);
  if (!fit) fit = first_fit(want.units, spent, want.amount, window_of(want.period, *when.in.end), slots);
  return fit ? std::optional(ms_until(*fit, want.now)) : std::nullopt;
}

class decider {
 public:
  decider(const demand& want, std::span<const seen_slot> seen)
      : want_(want), seen_(seen), when_(want.period, want.now) {}

  decision run() {
    for (const seen_slot& one : seen_) {
      when_.include(one.committed, want_.period);
      if (one.held) when_.include(*one.held, want_.period);
    }
    if (seen_.empty()) return first();
    read();
    // What was found locked is why another slot is wanted.
    if (all_held_ && want_.whole_list && contended_ && may_grow()) return deal(true);
    for (const std::size_t n : in_turn())
      if (seen_[n].held && can_pay(n)) return pay(n);
    if (want_.units.is_zero() && !all_held_ && committed_.load <= want_.amount) return nothing_to_pay();
    for (const std::size_t n : in_turn())
      if (!seen_[n].held && !seen_[n].others && can_pay(n)) return lock(n);
    if (all_held_ && want_.whole_list) return fits(known_) ? deal(false) : deny(known_);
    if (!want_.must_pay && !fits(committed_)) return deny(committed_);
    if (all_held_) return at(step::read_again);
    if (want_.may_wait) {
      if (!any_held_ && !may_grow())
        for (const std::size_t n : in_turn())
          if (seen_[n].others && can_pay(n)) return lock(n, step::wait_slot);
      return at(step::lock_all);
    }
    for (const std::size_t n : in_turn())
      if (!seen_[n].held && !seen_[n].others) return lock(n);
    return at(step::cannot_tell);
  }

 private:
  static decision at(step next) {
    decision made;
    made.next = next;
    return made;
  }

  void read() {
    all_held_ = true;
    for (const seen_slot& one : seen_) {
      slots_.push_back(when_.rolled(one.held ? *one.held : one.committed, want_.period));
      known_.add(slots_.back(), when_);
      committed_.add(when_.rolled(one.committed, want_.period), when_);
      all_held_ = all_held_ && one.held;
      any_held_ = any_held_ || one.held;
      contended_ = contended_ || one.others;
    }
  }

  // The session's own slot first.
  std::vector<std::size_t> in_turn() const {
    std::vector<std::size_t> order(seen_.size());
    for (std::size_t n = 0; n < order.size(); ++n) order[n] = (want_.session + n) % order.size();
    return order;
  }

  bool fits(const totals& of) const { return of.load + want_.units <= want_.amount; }

  bool can_pay(std::size_t n) const {
    if (want_.must_pay) return true;
    if (known_.share > want_.amount) return false;
    const money::decimal free = slots_[n].share - when_.load(slots_[n]);
    return !free.is_negative() && want_.units + known_.overdrawn <= free;
  }

  bool may_grow() const {
    if (seen_.size() >= most_slots) return false;
    const money::decimal after = want_.units * money::decimal(static_cast<std::int64_t>(seen_.size() + 1));
    return want_.must_pay || known_.load + after <= want_.amount;
  }

  void take(slot& from) const {
    money::decimal& figure = want_.reserves ? from.reserved : from.used;
    figure = bounded(figure + want_.units);
  }

  decision first() const {
    slot made;
    made.window_start = when_.in.start;
    made.share = want_.amount;
    totals none, with;
    if (!want_.must_pay && want_.units > want_.amount) return deny(none);
    take(made);
    with.add(made, when_);
    decision out = at(step::insert_first);
    out.figures = figures_from(with, when_, want_.amount);
    out.inserted = std::move(made);
    return out;
  }

  decision lock(std::size_t n, step how = step::lock_slot) const {
    decision out = at(how);
    out.slot = seen_[n].committed.number;
    return out;
  }

  decision deny(const totals& of) const {
    decision out = at(step::deny);
    out.figures = figures_from(of, when_, want_.amount);
    out.figures.retry_after_ms = retry_after(of, when_, want_, seen_.size());
    return out;
  }

  decision nothing_to_pay() const {
    decision out = at(step::pay);
    out.slot = seen_[want_.session % seen_.size()].committed.number;
    out.figures = figures_from(committed_, when_, want_.amount);
    return out;
  }

  decision pay(std::size_t n) {
    decision out = at(step::pay);
    out.slot = slots_[n].number;
    take(slots_[n]);
    if (slots_[n] != *seen_[n].held) out.changed.push_back(slots_[n]);
    finish(out);
    return out;
  }

  // All slots are held. Those that are to have something left get as much each as the units are now, at
  // least; the one that pays comes first and has what cannot be divided.
  decision deal(bool grows) {
    if (grows) {
      slot added;
      for (const slot& one : slots_)  // the lowest that is free: somebody may have deleted some
        if (one.number == added.number) ++added.number;
      added.window_start = when_.in.start;
      slots_.push_back(added);
    }
    const std::size_t count = slots_.size(), payer = want_.session % count;
    take(slots_[payer]);
    money::decimal left = want_.amount;
    for (slot& one : slots_) {
      one.share = when_.load(one);
      left -= one.share;
    }
    left = above_zero(left);
    std::size_t parts = count;
    while (parts > 1 && want_.units * money::decimal(static_cast<std::int64_t>(parts)) > left) --parts;
    const money::decimal part =
        left.quotient(static_cast<std::uint32_t>(parts), want_.whole ? 0 : weight_places);
    for (std::size_t n = 1; n < parts; ++n) {
      slots_[(payer + n) % count].share += part;
      left -= part;
    }
    slots_[payer].share += left;

    decision out = at(step::deal);
    out.slot = slots_[payer].number;
    for (std::size_t n = 0; n < seen_.size(); ++n)
      if (slots_[n] != *seen_[n].held) out.changed.push_back(slots_[n]);
    if (grows) out.inserted = slots_.back();
    finish(out);
    return out;
  }

  void finish(decision& out) const {
    totals with;
    for (const slot& one : slots_) with.add(one, when_);
    out.figures = figures_from(with, when_, want_.amount);
  }

  const demand& want_;
  std::span<const seen_slot> seen_;
  moment when_;
  std::vector<slot> slots_;  // as they are known, in the window that counts
  totals known_, committed_;
  bool all_held_ = false, any_held_ = false, contended_ = false;
};

}  // namespace

decision decide(const demand& want, std::span<const seen_slot> seen) { return decider(want, seen).run(); }

}  // namespace llm_admin::limits
