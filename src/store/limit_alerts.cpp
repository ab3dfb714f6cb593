#include "store/limit_alerts.hpp"

#include <cstring>
#include <string>

#include "core/limits/alerts.hpp"
#include "pg/numeric.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

extern "C" {
#include "common/hashfn.h"
#include "storage/lock.h"
}

namespace llm_admin::store {

namespace {

pg::statement find_event{
    "SELECT 1 FROM llm_admin.limit_events e WHERE e.limit_id OPERATOR(pg_catalog.=) $1 AND e.tenant_id "
    "OPERATOR(pg_catalog.=) $2 AND e.subject OPERATOR(pg_catalog.=) $3 AND e.window_start "
    "OPERATOR(pg_catalog.=) "
    "$4 AND e.share OPERATOR(pg_catalog.=) $5",
    {UUIDOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, NUMERICOID}};
pg::statement insert_event{
    "INSERT INTO llm_admin.limit_events (limit_id, tenant_id, subject, window_start, share, at, used) VALUES "
    "($1, "
    "$2, $3, $4, $5, $6, $7) ON CONFLICT (limit_id, tenant_id, subject, window_start, share) DO NOTHING",
    {UUIDOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, NUMERICOID, TIMESTAMPTZOID, NUMERICOID}};

// A lock until the transaction ends, which all who tell take first, so that no insert waits for another. Two
// events of one hash are told one after the other.
bool may_tell(const limits::limit_event& event) {
  std::string key(reinterpret_cast<const char*>(event.limit_id.data()), event.limit_id.size());
  key.append(event.tenant).append(1, '\0').append(event.subject).append(1, '\0').append(event.share.text());
  const Oid table = oid_of(table::limit_events);
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
  const int size = static_cast<int>(key.size());
  return pg::call([=] {
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, table, hash_bytes(bytes, size), 0);
    return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
  });
}

void tell(const limits::limit_event& event) {
  auto* id = static_cast<pg_uuid_t*>(pg::call([] { return palloc(sizeof(pg_uuid_t)); }));
  std::memcpy(id->data, event.limit_id.data(), event.limit_id.size());
  const pg::parameter limit = pg::datum_value(UUIDPGetDatum(id), UUIDOID);
  const pg::parameter start = pg::datum_value(TimestampTzGetDatum(event.window_start), TIMESTAMPTZOID);
  const pg::parameter share = pg::datum_value(pg::make_numeric(event.share.text()), NUMERICOID);
  const as_owner owner;
  pg::spi sql;
  if (sql.run(find_event, {limit, pg::value(event.tenant), pg::value(event.subject), start, share}) > 0)
    return;
  if (!may_tell(event)) return;
  sql.run(insert_event, {limit, pg::value(event.tenant), pg::value(event.subject), start, share,
                         pg::datum_value(TimestampTzGetDatum(event.at), TIMESTAMPTZOID),
                         pg::datum_value(pg::make_numeric(event.used.text()), NUMERICOID)});
}

}  // namespace

void record_alerts(const limits::met_limit& met, const limits::figures& now, std::int64_t at) {
  const money::decimal sum = now.used + now.reserved;
  for (const money::decimal& share : limits::shares_passed(*met.by, now.amount, sum))
    tell(limits::event_of(met, now, share, at));
}

}  // namespace llm_admin::store
