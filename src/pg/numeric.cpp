#include "pg/numeric.hpp"

#include <cstdint>
#include <cstring>

namespace llm_admin::pg {

Datum make_numeric(std::string_view decimal_text) {
  return call([=] {
    return DirectFunctionCall3(numeric_in,
                               CStringGetDatum(pnstrdup(decimal_text.data(), decimal_text.size())),
                               ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
  });
}

std::string numeric_text(Datum value) {
  return call([=] { return DatumGetCString(DirectFunctionCall1(numeric_out, value)); });
}

// A value of no digits has its header alone, as have NaN and the infinities, which the two highest bits of it tell apart
// (the server's utils/adt/numeric.c).
bool is_zero(Datum value) noexcept {
  const auto* stored = reinterpret_cast<const struct varlena*>(DatumGetPointer(value));
  constexpr std::uint16_t special = 0xC000;
  std::uint16_t header;
  if (VARATT_IS_EXTERNAL(stored) || VARATT_IS_COMPRESSED(stored) ||
      VARSIZE_ANY_EXHDR(stored) != sizeof header)
    return false;
  std::memcpy(&header, VARDATA_ANY(stored), sizeof header);
  return (header & special) != special;
}

}  // namespace llm_admin::pg
