// The heads of 1.2: the first of several rules, two more kinds of arithmetic, and the vendor's own form of a
// message.
#include <limits>

#include "core/given_name.hpp"
#include "core/json/decimal.hpp"
#include "core/json/quotient.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/state.hpp"

namespace llm_admin::mapping {

json::item* evaluator::first_given(const rule& what, bool& failed) {
  for (std::uint32_t n = 0; n < what.child_count; ++n) {
    const std::uint64_t before = failures_;
    json::item* value = run(rules_.rules[what.first_child + n]);
    if (value != nullptr) return value;
    if (request_ && failures_ != before) {  // what cannot be had is not what is absent
      failed = true;
      return nullptr;
    }
  }
  return nullptr;
}

// The decimal text of a term; nothing when it is absent or no number, which is a failure then.
std::optional<std::string> evaluator::term(const rule& what, const rule& of, bool& failed) {
  const json::item* given = run(of);
  if (given == nullptr) return std::nullopt;
  const json::node value = json::view(given);
  if (value.is_number()) return value.number_text();
  failed = true;
  fail(what,
       std::string(what.head == head::quotient ? "quotient" : "difference") + " takes numbers, not " +
           std::string(kind_name(value)) + " " + value_or_size(value),
       {nullptr, 0, true, &of});
  return std::nullopt;
}

json::item* evaluator::difference(const rule& what, bool& failed) {
  json::decimal_sum total;
  bool whole = true;
  const auto first = term(what, rules_.rules[what.first_child], failed);
  if (first) whole = total.add(*first);
  for (std::uint32_t n = 1; n < what.child_count; ++n) {
    const auto less = term(what, rules_.rules[what.first_child + n], failed);
    if (less) whole &= total.add(less->starts_with('-') ? less->substr(1) : "-" + *less);
  }
  if (!first || failed) return nullptr;
  const auto text = whole ? total.text() : std::nullopt;
  if (text) return out_.number(out_.keep(*text));
  failed = true;
  fail(what, "the difference has too many digits");
  return nullptr;
}

json::item* evaluator::quotient(const rule& what, bool& failed) {
  const auto above = term(what, rules_.rules[what.first_child], failed);
  const auto below = term(what, rules_.rules[what.first_child + 1], failed);
  if (!above || !below || failed) return nullptr;
  std::string why;
  const auto text = json::quotient(*above, *below, why);
  if (text) return out_.number(out_.keep(*text));
  failed = true;
  fail(what, why);
  return nullptr;
}

json::item* evaluator::kept(const rule& what) {
  const json::node own = in_.item.member("provider_state").member(rules_.dialect);
  if (own.is_absent()) return nullptr;
  // The array is parsed and the message hashed, once each.
  constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
  left_.read(json::measure(in_.item, any, any).bytes);
  std::string why;
  const auto array = kept_array(in_.item, rules_.dialect, out_, why);
  check_size();
  if (array) return out_.borrow(*array);
  if (!why.empty()) note(what, std::move(why));
  return nullptr;
}

}  // namespace llm_admin::mapping
