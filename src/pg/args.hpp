// Decoding the arguments of an SQL function. Views stay valid for the call; NULL handling is the caller's
// choice.
#pragma once

#include <optional>
#include <string_view>

#include "core/json/view.hpp"
#include "pg/guard.hpp"

namespace llm_admin::pg {

// The bytes of a text-like datum, detoasted into the current context if need be.
std::string_view text_of(Datum value);

class args {
 public:
  explicit args(FunctionCallInfo fcinfo) : fcinfo_(fcinfo) {}

  bool is_null(int n) const noexcept { return fcinfo_->nargs <= n || fcinfo_->args[n].isnull; }
  Datum raw(int n) const noexcept { return fcinfo_->args[n].value; }
  std::optional<std::string_view> text(int n) const;
  // The text, or error 22004 that names the argument.
  std::string_view required_text(int n, const char* name) const;
  std::optional<int> integer(int n) const noexcept;
  bool boolean(int n, bool when_null) const noexcept { return is_null(n) ? when_null : DatumGetBool(raw(n)); }
  json::node jsonb(int n) const;  // absent when NULL

 private:
  FunctionCallInfo fcinfo_;
};

// Results. Allocated in the current context, which is the caller's.
Datum make_text(std::string_view value);
[[nodiscard]] inline Datum return_null(FunctionCallInfo fcinfo) noexcept {
  fcinfo->isnull = true;
  return Datum{0};
}

}  // namespace llm_admin::pg
