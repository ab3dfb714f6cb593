// The scopes that rules open: while a binding lives, @ (and ^) stand for something else. Private to the
// evaluator.
//
// A binding remembers the scope around it, restores it at its end, and is what the place of @ in the input is
// worked out from: it is the `number`th match of `from` in the scope around, or what the rule `given` gave.
#pragma once

#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

class evaluator::binding {
 public:
  // Binds nothing yet: each() and lookup() do, for one item after the other.
  binding(evaluator& of, const path* matches, const rule* giver) noexcept
      : from(matches),
        given(giver),
        item(of.in_.item),
        outer(of.in_.outer),
        item_at(of.item_at_),
        outer_at(of.outer_at_),
        of_(of),
        index_(of.in_.index) {}
  ~binding() { restore(); }
  binding(const binding&) = delete;
  binding& operator=(const binding&) = delete;

  void bind_item(const json::node& to) noexcept {
    of_.in_.item = to;
    of_.item_at_ = this;
  }
  void bind_outer() noexcept {  // to the @ around
    of_.in_.outer = item;
    of_.outer_at_ = item_at;
  }
  void restore() noexcept {
    of_.in_.item = item;
    of_.in_.outer = outer;
    of_.in_.index = index_;
    of_.item_at_ = item_at;
    of_.outer_at_ = outer_at;
  }

  const path* from;
  const rule* given;
  std::uint64_t number = 0;
  const json::node item, outer;
  const binding *item_at, *outer_at;

 private:
  evaluator& of_;
  const json::node index_;
};

}  // namespace llm_admin::mapping
