#include "pg/numeric.hpp"

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

}  // namespace llm_admin::pg
