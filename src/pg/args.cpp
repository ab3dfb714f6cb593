#include "pg/args.hpp"

#include "core/error.hpp"
#include "pg/jsonb.hpp"

namespace llm_admin::pg {

std::string_view text_of(Datum value) {
  auto* packed = reinterpret_cast<varlena*>(DatumGetPointer(value));
  // VARATT_IS_SHORT would not do: it holds for a pointer into the TOAST table too.
  if (VARATT_IS_COMPRESSED(packed) || VARATT_IS_EXTERNAL(packed))
    packed = call([&] { return pg_detoast_datum_packed(packed); });
  return {VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))};
}

std::optional<std::string_view> args::text(int n) const {
  if (is_null(n)) return std::nullopt;
  return text_of(raw(n));
}

std::string_view args::required_text(int n, const char* name) const {
  if (is_null(n))
    throw llm_admin::error(sqlstate::null_not_allowed, std::string("argument ") + name + " must not be null");
  return text_of(raw(n));
}

std::optional<int> args::integer(int n) const noexcept {
  if (is_null(n)) return std::nullopt;
  return DatumGetInt32(raw(n));
}

json::node args::jsonb(int n) const { return is_null(n) ? json::node{} : jsonb_view(raw(n)); }

Datum make_text(std::string_view value) {
  return call([&] {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
  });
}

}  // namespace llm_admin::pg
