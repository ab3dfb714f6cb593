// Types of the values that cross the bridge: a datum is read only as what it is.
//
// A mismatch is a fault of ours or of an object that was changed by hand. It is an error in words, never a
// number taken for a pointer.
#pragma once

#include <string>
#include <string_view>

#include "pg/guard.hpp"

namespace llm_admin::pg {

// A value and its type. InvalidOid is the type of a NULL, which fits everywhere.
struct typed_datum {
  Datum value;
  Oid type;
};

namespace detail {
bool domain_fits(Oid type, Oid expected);
// Set by _PG_init: throws in words when a table of ours has columns of other types than ours.
extern void (*find_damage)();
// Set by _PG_init: throws in words when `relation` is a table of ours that lacks the column or has it with
// another type than ours; returns when there is nothing to say, as about a column that is read as a wrong
// one.
extern void (*explain_column)(Oid relation, std::string_view column, Oid read_as);
}  // namespace detail

// text, varchar and char(n) have one layout.
constexpr bool is_text_type(Oid type) noexcept {
  return type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

// Whether a value of `type` may be read as `expected`: the same type, another text type, or a domain over
// either.
inline bool fits(Oid type, Oid expected) {
  if (type == expected || (is_text_type(type) && is_text_type(expected))) return true;
  return detail::domain_fits(type, expected);
}

std::string type_name(Oid type);

// A column has another type than the library reads: a table of ours was altered by hand, else an internal
// error.
[[noreturn]] void refuse_type(const std::string& message);

}  // namespace llm_admin::pg
