// Decoding the arguments of an SQL function. Views stay valid for the call; NULL handling is the caller's
// choice.
//
// An argument is read as what the function is declared to take (pg_proc), and another type is an internal
// error: whoever declares a function over this library by hand may get its arguments wrong. One that is not
// declared is NULL, so that the SQL of an older version works.
#pragma once

#include <optional>
#include <string_view>

#include "core/json/view.hpp"
#include "pg/guard.hpp"
#include "pg/types.hpp"

namespace llm_admin::pg {

// The bytes of a text-like datum, detoasted into the current context if need be.
std::string_view text_of(Datum value);

class args {
 public:
  explicit args(FunctionCallInfo fcinfo);

  bool is_null(int n) const noexcept { return fcinfo_->nargs <= n || fcinfo_->args[n].isnull; }
  Datum raw(int n, Oid type) const {  // of an argument that is not NULL
    require_type(n, type);
    return fcinfo_->args[n].value;
  }
  std::optional<std::string_view> text(int n) const;
  // The text, or error 22004 that names the argument.
  std::string_view required_text(int n, const char* name) const;
  std::optional<int> integer(int n) const;
  bool boolean(int n, bool when_null) const { return is_null(n) ? when_null : DatumGetBool(raw(n, BOOLOID)); }
  json::node jsonb(int n) const;  // absent when NULL

 private:
  void require_type(int n, Oid type) const {
    if (n < declared_ && types_[n] == type) return;
    check_type(n, type);
  }
  void check_type(int n, Oid type) const;
  FunctionCallInfo fcinfo_;
  static constexpr int most_checked = 16;
  friend struct signatures;
  Oid types_[most_checked];  // of the declared arguments; a nested call may put its own into the cache
  int declared_ = 0;
};

// Results. Allocated in the current context, which is the caller's.
Datum make_text(std::string_view value);
[[nodiscard]] inline Datum return_null(FunctionCallInfo fcinfo) noexcept {
  fcinfo->isnull = true;
  return Datum{0};
}

}  // namespace llm_admin::pg
