// Decoding the arguments of an SQL function. Views stay valid for the call; NULL handling is the caller's
// choice.
//
// An argument is read as what the function is declared to take (pg_proc), and another type is an internal
// error: whoever declares a function over this library by hand may get its arguments wrong. One that is not
// declared is NULL, so that the SQL of an older version works.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json/view.hpp"
#include "pg/guard.hpp"
#include "pg/types.hpp"

namespace llm_admin::pg {

// The bytes of a text-like datum, detoasted into the current context if need be.
std::string_view text_of(Datum value);
// How many there are, without fetching them.
std::size_t size_of(Datum value);

// The most bytes that an argument of a kind is taken with.
namespace most {
inline constexpr std::size_t name = 1024;  // names, ids of tenants, words
inline constexpr std::size_t url = 8192;   // as servers take a request line
inline constexpr std::size_t key =
    256 * 1024;  // a key of 64 kB in an envelope or in OpenPGP's armor; passphrases
inline constexpr std::size_t settings = 4 << 20;   // options and settings in JSON
inline constexpr std::size_t message = 64 * 1024;  // of which less is kept
inline constexpr std::size_t unbound = SIZE_MAX;   // documents, which are read where they stand
}  // namespace most

class args {
 public:
  explicit args(FunctionCallInfo fcinfo);

  bool is_null(int n) const noexcept { return fcinfo_->nargs <= n || fcinfo_->args[n].isnull; }
  Datum raw(int n, Oid type) const {  // of an argument that is not NULL
    require_type(n, type);
    return fcinfo_->args[n].value;
  }
  // A longer one than `most` is error 54000, before anything of it is fetched.
  std::optional<std::string_view> text(int n, std::size_t most = most::name) const;
  // The text, or error 22004 that names the argument.
  std::string_view required_text(int n, const char* name, std::size_t most = most::name) const;
  // Its first bytes, at most so many, up to the end of a character: for messages, which are kept cut.
  std::optional<std::string_view> text_start(int n, std::size_t most = most::message) const;
  std::optional<int> integer(int n) const;
  bool boolean(int n, bool when_null) const { return is_null(n) ? when_null : DatumGetBool(raw(n, BOOLOID)); }
  json::node jsonb(int n, std::size_t most = most::unbound) const;  // absent when NULL
  // Of an argument of type json, its text; the server has looked at the syntax.
  std::optional<std::string_view> json_text(int n, std::size_t most = most::unbound) const;

 private:
  void require_type(int n, Oid type) const {
    if (n < declared_ && types_[n] == type) return;
    check_type(n, type);
  }
  void check_type(int n, Oid type) const;
  void require_size(int n, Oid type, std::size_t most) const;
  FunctionCallInfo fcinfo_;
  static constexpr int most_checked = 16;
  friend struct signatures;
  Oid types_[most_checked];  // of the declared arguments; a nested call may put its own into the cache
  int declared_ = 0;
};

// Throws an internal error where the function is not declared to return one value that may be read as `type`.
void require_result(FunctionCallInfo fcinfo, Oid type);

// Results. Allocated in the current context, which is the caller's.
Datum make_text(std::string_view value);
[[nodiscard]] inline Datum return_null(FunctionCallInfo fcinfo) noexcept {
  fcinfo->isnull = true;
  return Datum{0};
}

}  // namespace llm_admin::pg
