// uuid values, both ways.
#pragma once

#include <cstring>
#include <optional>

#include "core/uuid.hpp"
#include "pg/guard.hpp"
#include "pg/spi.hpp"
#include "pg/types.hpp"

namespace llm_admin::pg {

// In the current context.
inline Datum make_uuid(const uuid_bytes& id) {
  auto* made = static_cast<pg_uuid_t*>(call([] { return palloc(sizeof(pg_uuid_t)); }));
  std::memcpy(made->data, id.data(), id.size());
  return UUIDPGetDatum(made);
}
inline uuid_bytes uuid_of(Datum value) {
  uuid_bytes id;
  std::memcpy(id.data(), DatumGetUUIDP(value)->data, id.size());
  return id;
}
template <class Row>
std::optional<uuid_bytes> maybe_uuid(const Row& from, int column) {
  if (from.is_null(column)) return std::nullopt;
  return uuid_of(from.raw(column, UUIDOID));
}
inline parameter uuid_value(const uuid_bytes& id) { return datum_value(make_uuid(id), UUIDOID); }
// For rows of results; NULL where there is none.
inline typed_datum maybe_uuid_datum(const std::optional<uuid_bytes>& id) {
  return id ? typed_datum{make_uuid(*id), UUIDOID} : typed_datum{Datum{0}, InvalidOid};
}

}  // namespace llm_admin::pg
