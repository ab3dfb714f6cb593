// Evaluates compiled rules over a scope. Recursion goes over rules only; values are borrowed, never copied.
//
// The order is the language's: with, head, codec, strip_prefix, join or all, map, distinct, type, bounds,
// omit_empty, default, required; `on_error` covers them all. In a request a failure is an error; in a response the value is absent
// and there is a warning, unless the rule is required or says `on_error: fail`. A failure inside the rules
// below counts as one of the rule that has an on_error; unless that is `fail`, what they found is then
// dropped. Findings name the place of the value in the input, also below `each`; it is worked out only when
// it is needed. Throws 54000 when the budget or the output's size runs out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/path.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

[[noreturn]] void output_too_large(const limits& most);  // 54000
void check_output(const json::node& value, const limits& most);

// Where the value that is wrong came from: the `number`th match of `from`; or, with `head`, what the rule's
// own path gave; or nowhere in particular, which is @. `part` is the rule below that is to be named,
// `element` the one of the array at that place.
struct spot {
  const path* from = nullptr;
  std::uint64_t number = 0;
  bool head = false;
  const rule* part = nullptr;
  std::uint32_t element = nothing;
};

// Which rule made a value, the innermost one, and whether by its `default`.
struct origin {
  const rule* by = nullptr;
  bool by_default = false;
};

class evaluator {
 public:
  // Keeps references to all but `in`, which it copies. Output is measured from what `out` holds now.
  evaluator(const rule_set& rules, const scope& in, budget& left, const limits& most, json::tree& out,
            bool request)
      : rules_(rules), in_(in), left_(left), most_(most), out_(out), base_(out.bytes()), request_(request) {}

  // The value, or null when it is absent (also after a failure).
  json::item* run(const rule& what);
  bool holds(const condition& what);
  // Does it equal an element of the array `list`? Long lists cost steps.
  bool is_among(const json::node& value, const json::item* list) const;
  // To change the scope between calls; what was remembered of the old one is forgotten here, so take it anew
  // for each change.
  scope& in() noexcept {
    if (!lookups_.empty()) lookups_.clear();
    return in_;
  }

  // So many bytes in `out` are of others and do not count as output.
  void disregard(std::size_t bytes) noexcept { base_ += bytes; }

  static constexpr std::size_t max_findings = 1000;  // kept, of errors and of warnings
  std::vector<finding> errors;
  std::vector<finding> warnings;  // of requests: what was done otherwise than asked
  bool enforce_required = true;
  std::unordered_map<const json::item*, origin>* origins = nullptr;  // filled when set

 private:
  static constexpr std::uint64_t size_slack = 64 * 1024;  // the arena's own room

  class binding;  // a place where @ (and ^) is bound, with what it was before
  class gatherer;
  struct key_index;

  // evaluate.cpp
  json::item* evaluated(const rule& what);
  json::item* attempt(const rule& what, bool& failed, json::item** raw);
  json::item* general(const rule& what, bool& failed, json::item** raw);
  json::item* modified(const rule& what, json::item* value, bool& failed);
  json::item* typed(const rule& what, json::item* value, bool& failed);
  json::item* finish(const rule& what, json::item* value, bool failed);
  json::item* fallback_of(const rule& what);
  json::item* guarded(const rule& what);
  void fail(const rule& what, std::string message, spot at = {});
  void note(const rule& what, std::string message, spot at = {});  // a warning, and no failure
  std::vector<finding>& list_for(const rule& what) noexcept;
  // Bytes that a text may have: it is made beside the tree and copied into it.
  std::uint64_t most_text() const noexcept {
    const memory_bound* bound = out_.charged();
    return bound == nullptr ? most_.max_output_bytes : std::min(most_.max_output_bytes, bound->left() / 2);
  }
  void check_size() const {  // of what was made so far
    if (out_.bytes() - base_ > most_.max_output_bytes + size_slack) output_too_large(most_);
  }

  const conversion* conversion_of(const rule& what) const noexcept {
    return what.conversion == nothing ? nullptr : &rules_.conversions[what.conversion];
  }

  // heads.cpp
  json::item* head_of(const rule& what, bool& failed);
  json::item* first_of(const rule& what, bool& failed);
  json::item* first_decoded(const rule& what, const conversion* by, bool& failed);
  json::item* matches(const rule& what, const conversion* by, bool& failed);
  json::item* joined(const rule& what, bool& failed);
  json::item* joined_value(const rule& what, json::item* value, bool& failed);
  json::node decode(const conversion& by, const json::node& value, const rule& what, spot at, bool& failed);

  // composite_heads.cpp
  json::item* fields(const rule& what, bool& failed);
  json::item* items(const rule& what, bool& failed);
  json::item* select(const rule& what);
  void spread(json::item* object, const json::node& under);
  json::item* format(const rule& what, bool& failed);
  json::item* sum(const rule& what, bool& failed);

  // choices.cpp: the heads of 1.2
  json::item* first_given(const rule& what, bool& failed);
  json::item* difference(const rule& what, bool& failed);
  json::item* quotient(const rule& what, bool& failed);
  json::item* kept(const rule& what);
  std::optional<std::string> term(const rule& what, const rule& of, bool& failed);

  // each.cpp, lookup.cpp
  json::item* each(const rule& what);
  json::item* lookup(const rule& what);
  bool found(const rule& what, const json::node& key, json::node& match, std::uint64_t& number);
  template <typename visitor>
  void candidates(const rule& what, visitor visit);
  bool outlasts_items(const rule& what) const noexcept;

  // checks.cpp, distinct.cpp
  json::item* mapped(const rule& what, const checks& by, json::item* value, bool& failed);
  const json::item* mapping_of(const checks& by, const json::node& value, bool& known) const;
  json::item* distinct(const checks& by, json::item* value);
  json::item* bounded(const rule& what, const checks& by, json::item* value, bool& failed);
  std::optional<std::string> bound_of(const rule& what, const rule& giver, bool& failed);
  bool within(const checks& by, const json::node& value, std::string& why) const;
  std::string subject(const rule& what) const;

  // spots.cpp
  const path* giver_of(const rule& what) const;  // which of its paths has a match
  std::string place(const rule& what, spot at) const;
  std::string place(const path& from, std::uint64_t number, const scope& in, const binding* item_at,
                    const binding* outer_at, bool& exact) const;
  std::string place_of(const binding* bound, bool& exact) const;
  json::node peek(const path& from, const scope& in) const;  // without spending

  const rule_set& rules_;
  scope in_;
  budget& left_;
  const limits& most_;
  json::tree& out_;
  std::size_t base_;  // what `out` held before
  bool request_;
  std::uint32_t quiet_ = 0;            // on_error rules around us that will drop what is found
  std::uint64_t failures_ = 0;         // that no on_error has taken care of
  const binding* item_at_ = nullptr;   // of @; null: the caller's
  const binding* outer_at_ = nullptr;  // of ^
  std::unordered_map<const rule*, std::shared_ptr<const key_index>> lookups_;
  std::unordered_map<const rule*, std::int64_t> counts_;  // for @count
};

std::string source_name(const path& from);            // what messages call its values
bool same(const json::node& a, const json::node& b);  // deep equality, quick for texts

}  // namespace llm_admin::mapping
