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
    Oid result;
    bool is_set;
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
      signature result = {InvalidOid, gone, {}, InvalidOid, false};
      HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
      if (!HeapTupleIsValid(tuple)) return result;
      result.function = function;
      result.count = 0;
      const FormData_pg_proc& row = *reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
      result.result = row.prorettype;
      result.is_set = row.proretset;
      const oidvector& declared = row.proargtypes;
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

void require_result(FunctionCallInfo fcinfo, Oid type) {
  if (fcinfo->flinfo == nullptr) return;
  const signatures::signature& declared = signatures::of(fcinfo->flinfo->fn_oid);
  if (declared.count == signatures::gone || (!declared.is_set && declared.result == type)) return;
  if (!declared.is_set && fits(declared.result, type)) return;
  throw llm_admin::error(sqlstate::internal_error,
                         "the result is declared as " + std::string(declared.is_set ? "a set of " : "") +
                             type_name(declared.result) + ", and the library returns " + type_name(type),
                         "the function was declared by hand");
}

std::string_view text_of(Datum value) {
  auto* packed = reinterpret_cast<varlena*>(DatumGetPointer(value));
  // VARATT_IS_SHORT would not do: it holds for a pointer into the TOAST table too.
  if (VARATT_IS_COMPRESSED(packed) || VARATT_IS_EXTERNAL(packed))
    packed = call([&] { return pg_detoast_datum_packed(packed); });
  return {VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))};
}

std::size_t size_of(Datum value) {
  const auto* given = reinterpret_cast<const varlena*>(DatumGetPointer(value));
  if (!VARATT_IS_EXTENDED(given)) return static_cast<std::size_t>(VARSIZE(given) - VARHDRSZ);
  return call([=] { return toast_raw_datum_size(value); }) - VARHDRSZ;
}

void args::require_size(int n, Oid type, std::size_t most) const {
  const std::size_t size = most == most::unbound ? 0 : size_of(raw(n, type));
  if (size <= most) return;
  const Oid function = fcinfo_->flinfo->fn_oid;
  const char* name = call([=]() -> const char* {
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple)) return nullptr;
    Oid* types = nullptr;
    char** names = nullptr;
    char* modes = nullptr;
    const int count = get_func_arg_info(tuple, &types, &names, &modes);
    ReleaseSysCache(tuple);
    return names != nullptr && n < count ? names[n] : nullptr;
  });
  throw llm_admin::error(sqlstate::program_limit,
                         "argument " + (name != nullptr ? std::string(name) : std::to_string(n + 1)) +
                             " is longer than " + std::to_string(most) + " bytes",
                         "it has " + std::to_string(size) + " bytes");
}

std::optional<std::string_view> args::text(int n, std::size_t most) const {
  if (is_null(n)) return std::nullopt;
  require_size(n, TEXTOID, most);
  return text_of(raw(n, TEXTOID));
}

std::optional<std::string_view> args::json_text(int n, std::size_t most) const {
  if (is_null(n)) return std::nullopt;
  require_size(n, JSONOID, most);
  return text_of(raw(n, JSONOID));
}

std::string_view args::required_text(int n, const char* name, std::size_t most) const {
  if (is_null(n))
    throw llm_admin::error(sqlstate::null_not_allowed, std::string("argument ") + name + " must not be null");
  require_size(n, TEXTOID, most);
  return text_of(raw(n, TEXTOID));
}

std::optional<std::string_view> args::text_start(int n, std::size_t most) const {
  if (is_null(n)) return std::nullopt;
  const Datum whole = raw(n, TEXTOID);
  if (size_of(whole) <= most) return text_of(whole);
  auto* given = reinterpret_cast<varlena*>(DatumGetPointer(whole));
  const auto count = static_cast<std::int32_t>(most);
  std::string_view start =
      text_of(PointerGetDatum(call([=] { return pg_detoast_datum_slice(given, 0, count); })));
  std::size_t end = start.size();
  while (end > 0 && (static_cast<unsigned char>(start[end - 1]) & 0xC0) == 0x80) --end;
  // Half a character ends with its first byte or with some of those that follow it.
  if (end > 0 && (static_cast<unsigned char>(start[end - 1]) & 0x80) != 0) --end;
  return start.substr(0, end);
}

std::optional<int> args::integer(int n) const {
  if (is_null(n)) return std::nullopt;
  return DatumGetInt32(raw(n, INT4OID));
}

json::node args::jsonb(int n, std::size_t most) const {
  if (is_null(n)) return {};
  require_size(n, JSONBOID, most);
  return jsonb_view(raw(n, JSONBOID));
}

Datum make_text(std::string_view value) {
  return call([&] {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
  });
}

}  // namespace llm_admin::pg
