#include "pg/args.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "pg/jsonb.hpp"

namespace llm_admin::pg {

// What pg_proc declares, for the functions that this backend called last. Plain memory.
struct signatures {
  static constexpr int gone = -1;  // as a count: dropped since the call began
  struct signature {
    Oid function;
    int count;
    Oid types[args::most_checked];
  };
  static constexpr std::size_t slots = 128;
  static inline signature known[slots];
  static inline bool watching = false;

  static const signature& of(Oid function) {
    signature& slot = known[function % slots];
    if (slot.function == function && OidIsValid(function)) return slot;
    return slot = read(function);
  }

 private:
  static void on_function_event(Datum, int, uint32) noexcept {
    for (signature& one : known) one.function = InvalidOid;
  }

  static signature read(Oid function) {
    return call([=] {
      if (!watching) CacheRegisterSyscacheCallback(PROCOID, on_function_event, 0);
      watching = true;
      signature result = {InvalidOid, gone, {}};
      HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
      if (!HeapTupleIsValid(tuple)) return result;
      result.function = function;
      result.count = 0;
      const oidvector& declared = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->proargtypes;
      for (int i = 0; i < declared.dim1 && i < args::most_checked; ++i)
        result.types[result.count++] = declared.values[i];
      ReleaseSysCache(tuple);
      return result;
    });
  }
};

args::args(FunctionCallInfo fcinfo) : fcinfo_(fcinfo) {
  if (fcinfo->flinfo == nullptr) return;
  const signatures::signature& declared = signatures::of(fcinfo->flinfo->fn_oid);
  if (declared.count == signatures::gone)
    throw llm_admin::error(sqlstate::undefined_object, "the function was dropped while the statement ran", "",
                           "repeat the statement");
  std::copy(declared.types, declared.types + declared.count, types_);
  declared_ = declared.count;
}

void args::check_type(int n, Oid type) const {
  if (n < declared_ && fits(types_[n], type)) return;
  throw llm_admin::error(sqlstate::internal_error,
                         "argument " + std::to_string(n + 1) + " is declared as " +
                             (n < declared_ ? type_name(types_[n]) : std::string("nothing")) +
                             ", and the library reads " + type_name(type),
                         "the function was declared by hand");
}

std::string_view text_of(Datum value) {
  auto* packed = reinterpret_cast<varlena*>(DatumGetPointer(value));
  // VARATT_IS_SHORT would not do: it holds for a pointer into the TOAST table too.
  if (VARATT_IS_COMPRESSED(packed) || VARATT_IS_EXTERNAL(packed))
    packed = call([&] { return pg_detoast_datum_packed(packed); });
  return {VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))};
}

std::optional<std::string_view> args::text(int n) const {
  if (is_null(n)) return std::nullopt;
  return text_of(raw(n, TEXTOID));
}

std::string_view args::required_text(int n, const char* name) const {
  if (is_null(n))
    throw llm_admin::error(sqlstate::null_not_allowed, std::string("argument ") + name + " must not be null");
  return text_of(raw(n, TEXTOID));
}

std::optional<int> args::integer(int n) const {
  if (is_null(n)) return std::nullopt;
  return DatumGetInt32(raw(n, INT4OID));
}

json::node args::jsonb(int n) const { return is_null(n) ? json::node{} : jsonb_view(raw(n, JSONBOID)); }

Datum make_text(std::string_view value) {
  return call([&] {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
  });
}

}  // namespace llm_admin::pg
