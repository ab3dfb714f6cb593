// `when` and `where`: {"path": p, one test} or all, any, not of such.
#include <array>

#include "core/mapping/coerce.hpp"
#include "core/mapping/compile/rules.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

// Those of 1.1 first.
constexpr std::array<std::string_view, 9> all_tests = {"eq",     "in",    "not_in", "prefix", "type",
                                                       "exists", "blank", "lt",     "le"};
constexpr std::size_t newer_tests = 6;
constexpr std::array<std::string_view, 14> condition_members = {"path",   "codec", "eq",     "in",  "not_in",
                                                                "prefix", "type",  "exists", "all", "any",
                                                                "not",    "blank", "lt",     "le"};
constexpr std::size_t newer_members = 11;

// {"path": text} and nothing else.
bool names_a_path(const json::node& value) noexcept {
  return value.is_object() && value.size == 1 && value.member("path").is_string();
}

constexpr std::uint64_t condition_memory = 2 * sizeof(condition);  // the vector doubles

}  // namespace

std::uint32_t rule_compiler::one_condition(const json::node& text, const std::string& pointer) {
  const std::size_t before = problem_count();
  charge(condition_memory);
  const auto at = static_cast<std::uint32_t>(out_.conditions.size());
  out_.conditions.emplace_back();
  condition made;
  condition_of(text, pointer, made);
  out_.conditions[at] = std::move(made);
  return any_error_since(before) ? nothing : at;
}

void rule_compiler::condition_of(const json::node& text, const std::string& pointer, condition& into) {
  defs_.memory.work(compilation::rule_work);
  charge(pointer.size());
  into.pointer = pointer;
  if (!text.is_object())
    return error(pointer, "not_a_condition", "a condition is an object, not " + std::string(kind_name(text)),
                 "write {\"path\": \"...\", \"eq\": ...}");
  unknown_members(text, pointer,
                  std::span(condition_members).first(latest() ? condition_members.size() : newer_members),
                  condition_members);
  const json::node path = text.member("path"), all = text.member("all"), any = text.member("any"),
                   negated = text.member("not");
  const int kinds = !path.is_absent() + !all.is_absent() + !any.is_absent() + !negated.is_absent();
  if (kinds != 1)
    return error(pointer, "not_a_condition", "a condition has exactly one of path, all, any and not");
  if (!all.is_absent()) return nested(all, json::child(pointer, "all"), predicate::all, into);
  if (!any.is_absent()) return nested(any, json::child(pointer, "any"), predicate::any, into);
  if (negated.is_absent()) return test_of(text, pointer, into);
  into.what = predicate::negate;
  into.first_child = static_cast<std::uint32_t>(out_.conditions.size());
  into.child_count = 1;
  charge(condition_memory);
  out_.conditions.emplace_back();
  condition child;
  condition_of(negated, json::child(pointer, "not"), child);
  out_.conditions[into.first_child] = std::move(child);
}

void rule_compiler::nested(const json::node& list, const std::string& pointer, predicate what,
                           condition& into) {
  into.what = what;
  if (!list.is_array()) return error(pointer, "not_an_array", "all and any take an array of conditions");
  into.first_child = static_cast<std::uint32_t>(out_.conditions.size());
  into.child_count = list.size;
  charge(condition_memory * list.size);
  out_.conditions.resize(out_.conditions.size() + list.size);
  for (std::uint32_t n = 0; n < list.size; ++n) {
    condition child;
    condition_of(list.element(n), json::child(pointer, std::size_t{n}), child);
    out_.conditions[into.first_child + n] = std::move(child);
  }
}

void rule_compiler::test_of(const json::node& text, const std::string& pointer, condition& into) {
  into.path = one_path(text.member("path"), json::child(pointer, "path"));
  if (const json::node names = text.member("codec"); !names.is_absent()) {
    const std::string at = json::child(pointer, "codec");
    conversion made;
    codecs_of(names, at, made);
    if (fits_id(made))
      error(at, "codec_of_condition", "fit_id makes ids, and a condition keeps none; it goes into a rule");
    into.conversion = add(std::move(made));
  }
  const auto tests = std::span(all_tests).first(latest() ? all_tests.size() : newer_tests);
  std::string_view found;
  for (std::string_view one : tests) {
    if (text.member(one).is_absent()) continue;
    if (!found.empty())
      return error(pointer, "several_tests",
                   "a condition has one test, not both " + std::string(found) + " and " + std::string(one));
    found = one;
  }
  if (found.empty())
    return error(pointer, "no_test", "a condition needs one test: " + listed(tests),
                 "{\"path\": \"...\", \"exists\": false} holds for null");
  const json::node value = text.member(found);
  const std::string at = json::child(pointer, found);
  if (found == "eq" && latest() && names_a_path(value)) {
    into.what = predicate::equal;
    into.other = one_path(value.member("path"), json::child(at, "path"));
  } else if (found == "eq") {
    into.what = predicate::equal;
    into.literal = literal(value);
  } else if (found == "in" || found == "not_in") {
    into.what = found == "in" ? predicate::among : predicate::not_among;
    if (!value.is_array()) return error(at, "not_an_array", std::string(found) + " takes an array of values");
    into.literal = literal(value);
  } else if (found == "prefix") {
    into.what = predicate::prefix;
    if (!value.is_string()) return error(at, "not_a_text", "prefix takes a text");
    charge(value.size);
    into.text = value.text();
  } else if (found == "type") {
    into.what = predicate::type;
    if (!value.is_string() || !find_type(value.text(), into.type))
      error(at, "unknown_type", "type must be one of string, integer, number, boolean, array, object");
  } else if (found == "lt" || found == "le") {
    into.what = found == "lt" ? predicate::less : predicate::at_most;
    if (value.is_number()) {
      into.literal = literal(value);
    } else {
      into.bound = one_rule(value, at);
    }
  } else {
    into.what = found == "blank" ? predicate::blank : predicate::exists;
    if (!value.is_boolean()) return error(at, "not_boolean", std::string(found) + " must be true or false");
    into.truth = value.truth();
  }
}

}  // namespace llm_admin::mapping
