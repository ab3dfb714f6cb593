#include "pg/entry.hpp"

#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "pg/args.hpp"

namespace llm_admin::pg {

namespace {

// What is left of an exception once its handler is gone. Static storage: a backend has one thread, and
// ereport copies the texts before anything can come back here.
struct failure {
  char sqlstate[6];
  char message[2048];
  char detail[32768];
  char hint[4096];
  char log_detail[8192];
  bool shows_context;
};

failure last_failure;

// Cuts at the buffer's end without leaving half a UTF-8 character.
void copy_text(char* to, std::size_t room, std::string_view from) noexcept {
  std::size_t n = from.size() < room ? from.size() : room - 1;
  if (n < from.size())
    while (n > 0 && (static_cast<unsigned char>(from[n]) & 0xC0) == 0x80) --n;
  std::memcpy(to, from.data(), n);
  to[n] = '\0';
}

// Views, so that no argument has to be allocated while memory may be what is missing.
void remember(const char* state, std::string_view message, std::string_view detail, std::string_view hint,
              std::string_view log_detail = {}) noexcept {
  std::memcpy(last_failure.sqlstate, state, 5);
  last_failure.sqlstate[5] = '\0';
  copy_text(last_failure.message, sizeof last_failure.message, message);
  copy_text(last_failure.detail, sizeof last_failure.detail, detail);
  copy_text(last_failure.hint, sizeof last_failure.hint, hint);
  copy_text(last_failure.log_detail, sizeof last_failure.log_detail, log_detail);
  last_failure.shows_context = true;
}

[[noreturn]] void raise_last_failure() {
  const failure& f = last_failure;
  // Whoever catches the error puts its own back.
  if (!f.shows_context || detail::within_copy()) error_context_stack = nullptr;
  ereport(ERROR,
          (errcode(MAKE_SQLSTATE(f.sqlstate[0], f.sqlstate[1], f.sqlstate[2], f.sqlstate[3], f.sqlstate[4])),
           errmsg_internal("%s", f.message), f.detail[0] != '\0' ? errdetail_internal("%s", f.detail) : 0,
           f.log_detail[0] != '\0' ? errdetail_log("%s", f.log_detail) : 0,
           f.hint[0] != '\0' ? errhint("%s", f.hint) : 0));
  pg_unreachable();
}

// The server's own words for an object that went while it was being used ("could not open relation with OID")
// are an internal error. Where the function itself is gone too, the extension was changed under the
// statement.
bool was_dropped(FunctionCallInfo fcinfo) noexcept {
  const Oid function = fcinfo->flinfo != nullptr ? fcinfo->flinfo->fn_oid : InvalidOid;
  try {
    return call(
        [=] { return OidIsValid(function) && !SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(function)); });
  } catch (...) {
    return false;
  }
}

// The body with everything it may throw turned into plain data: either server error data or last_failure.
bool run(FunctionCallInfo fcinfo, function_body body, Oid type, Datum& result,
         ErrorData*& server_error) noexcept {
  try {
    if (OidIsValid(type)) require_result(fcinfo, type);
    result = body(fcinfo);
    return true;
  } catch (const pg::error& e) {
    if (std::strcmp(e.sqlstate(), sqlstate::internal_error) == 0 && was_dropped(fcinfo))
      remember(sqlstate::undefined_object, "the function was dropped while the statement ran", e.message(),
               "repeat the statement");
    else
      server_error = e.release();
  } catch (const llm_admin::error& e) {
    remember(e.sqlstate(), e.message(), e.detail(), e.hint(), e.log_detail());
    last_failure.shows_context = e.shows_context();
  } catch (const std::bad_alloc&) {
    remember(sqlstate::out_of_memory, "out of memory", "", "");
  } catch (const std::exception& e) {
    try {
      remember(sqlstate::internal_error, std::string("unexpected exception: ") + e.what(), "", "");
    } catch (...) {
      remember(sqlstate::out_of_memory, "out of memory", "", "");
    }
  } catch (...) {
    remember(sqlstate::internal_error, "unexpected exception of unknown type", "", "");
  }
  return false;
}

}  // namespace

Datum entry(FunctionCallInfo fcinfo, function_body body, Oid type) {
  const MemoryContext memory = CurrentMemoryContext;
  const MemoryContext outer_home = detail::error_home;
  detail::error_home = memory;
  const std::uint64_t outer_errors = detail::server_errors;
  Datum result = 0;
  ErrorData* server_error = nullptr;
  const bool ok = run(fcinfo, body, type, result, server_error);
  detail::error_home = outer_home;
  if (ok) return result;
  // Whoever catches what is raised here counts it for himself, and may be a language that rolls it back.
  detail::server_errors = outer_errors;
  MemoryContextSwitchTo(memory);
  if (server_error != nullptr) ReThrowError(server_error);
  raise_last_failure();
}

}  // namespace llm_admin::pg
