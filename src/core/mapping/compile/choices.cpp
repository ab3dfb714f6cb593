// The heads of mapping 1.2: first, difference, quotient, kept.
#include "core/mapping/compile/rules.hpp"

namespace llm_admin::mapping {

// False when the head is another one.
bool rule_compiler::latest_head(std::string_view name, const json::node& value, const std::string& pointer,
                                rule& into) {
  if (name == "first") {
    into.head = head::first;
    if (value.is_array() && value.size > 0) {
      children(value, pointer, into);
    } else {
      error(pointer, "not_an_array", "first must be an array of at least one rule");
    }
  } else if (name == "difference" || name == "quotient") {
    into.head = name == "quotient" ? head::quotient : head::difference;
    terms(name, value, pointer, into);
  } else if (name == "kept") {
    kept_head(value, pointer, into);
  } else {
    return false;
  }
  return true;
}

void rule_compiler::terms(std::string_view name, const json::node& value, const std::string& pointer,
                          rule& into) {
  const bool divides = into.head == head::quotient;
  if (!value.is_array() || value.size < 2 || (divides && value.size > 2))
    return error(pointer, "bad_terms",
                 std::string(name) + (divides ? " takes two rules: the first is divided by the second"
                                              : " takes two or more rules: the first minus the others"));
  children(value, pointer, into);
}

void rule_compiler::kept_head(const json::node& value, const std::string& pointer, rule& into) {
  into.head = head::kept;
  if (!value.is_boolean() || !value.truth()) return error(pointer, "bad_kept", "kept can only be true");
  if (reads_ != side::request)
    return error(pointer, "bad_kept", "kept is read by requests; a response makes it by provider_state");
  if (items_ == 0)
    return error(pointer, "bad_kept", "kept is of the message that @ is; outside of each there is none");
  if (out_.dialect.empty())
    error(pointer, "dialect_missing", "kept needs the name under which state is kept",
          "add \"dialect\": \"<name>\" to the config, the same to its request and its response");
}

}  // namespace llm_admin::mapping
