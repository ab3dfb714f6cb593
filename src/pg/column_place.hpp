// Where a column stands in a row.
#pragma once

#include <cstring>

#include "pg/server.hpp"

namespace llm_admin::pg {

// From 0; -1: there is none of that name. `guess` is asked first. Plain reads, for guarded code as well.
inline int column_place(TupleDesc desc, const char* name, int guess) noexcept {
  const auto is = [=](int n) {
    const FormData_pg_attribute* column = TupleDescAttr(desc, n);
    return !column->attisdropped && std::strcmp(NameStr(column->attname), name) == 0;
  };
  if (guess < desc->natts && is(guess)) return guess;
  for (int n = 0; n < desc->natts; ++n)
    if (is(n)) return n;
  return -1;
}

}  // namespace llm_admin::pg
