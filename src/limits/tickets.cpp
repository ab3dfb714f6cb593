#include "limits/tickets.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/crypto/random_uuid.hpp"
#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/index_peek.hpp"
#include "pg/insert.hpp"
#include "pg/jsonb.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "pg/uuid.hpp"
#include "store/entered_tenant.hpp"
#include "store/kept_out.hpp"
#include "store/limits.hpp"
#include "store/overdue.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

namespace llm_admin::limits_room {

namespace {

constexpr std::int64_t second = 1'000'000;  // microseconds
constexpr std::int64_t few = 10, most_looked_at = 1000;

pg::statement delete_ticket{
    "DELETE FROM llm_admin.quota_tickets AS t WHERE t.ticket OPERATOR(pg_catalog.=) $1 AND t.kind "
    "OPERATOR(pg_catalog.=) $2 AND ($3 IS NULL OR t.tenant_id OPERATOR(pg_catalog.=) $3) RETURNING "
    "t.reservations",
    {UUIDOID, TEXTOID, TEXTOID}};
// Behind the last one that was looked at: those that were left are not met again.
pg::statement lock_overdue{
    "SELECT t.ticket, t.kind, t.expires_at, t.reservations FROM llm_admin.quota_tickets t "
    "WHERE t.expires_at OPERATOR(pg_catalog.<=) $1 AND ($2 IS NULL OR t.tenant_id OPERATOR(pg_catalog.=) $2) "
    "AND (t.expires_at, t.ticket) OPERATOR(pg_catalog.>) ($3, $4) "
    "ORDER BY t.expires_at, t.ticket LIMIT $5 FOR UPDATE SKIP LOCKED",
    {TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID, UUIDOID, INT8OID}};

std::vector<calls::reservation> read_taken(const uuid_bytes& ticket, Datum stored) {
  try {
    return calls::read_reservations(pg::jsonb_view(stored));
  } catch (const error& e) {
    if (e.is_fault()) throw;
    throw error(sqlstate::not_in_state, "the reservations of a ticket are damaged", e.detail(),
                "DELETE FROM llm_admin.quota_tickets WHERE ticket = '" + uuid_string(ticket) +
                    "' ends it; what it held is then to be taken from limit_counters.reserved");
  }
}

struct overdue_ticket {
  uuid_bytes id{};
  std::string kind;
  std::int64_t expires_at = 0;
  std::vector<calls::reservation> taken;
  std::optional<error> damage;
};

money::decimal kept(const limits::limit& by, const calls::reservation& one) {
  return store::is_reserved(by.what) ? money::decimal() : one.amount;
}

}  // namespace

uuid_bytes write_ticket(const std::string& tenant, const char* kind, std::int64_t now, std::int64_t seconds,
                        std::vector<calls::reservation> taken) {
  const uuid_bytes id = crypto::random_uuid();
  const std::string reservations = calls::write_reservations(std::move(taken));
  const char* held = reservations.c_str();
  const Datum stored = pg::call([=] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(held)); });
  const pg::new_column columns[] = {
      {"ticket", UUIDOID, pg::make_uuid(id), false},
      {"tenant_id", TEXTOID, pg::make_text(tenant), false},
      {"kind", TEXTOID, pg::make_text(kind), false},
      {"taken_at", TIMESTAMPTZOID, TimestampTzGetDatum(now), false},
      {"expires_at", TIMESTAMPTZOID, TimestampTzGetDatum(now + seconds * second), false},
      {"reservations", JSONBOID, stored, false}};
  const store::as_owner owner;
  // Without its row what was reserved would never be given back.
  if (!pg::insert_row(store::lock(store::table::quota_tickets, RowExclusiveLock), columns,
                      std::size(columns)))
    store::refuse_kept_out("quota_tickets", "the ticket could not be stored");
  return id;
}

bool end_ticket(pg::typed_datum ticket, const char* kind, const char* caller, const store::units_used& used) {
  std::vector<calls::reservation> taken;
  {
    const auto tenant = store::entered_tenant();
    const store::as_owner owner;
    pg::spi sql;
    if (sql.run(delete_ticket, {pg::datum_value(ticket), pg::value(kind), pg::value(tenant)}) == 0)
      return false;
    taken = read_taken(pg::uuid_of(ticket.value), sql.at(0).raw(1, JSONBOID));
  }
  store::settle_quota(taken, *store::current_limits(), used, caller);
  return true;
}

namespace {

std::vector<overdue_ticket> next_overdue(std::int64_t most, const std::optional<std::string>& tenant,
                                         std::int64_t now, const overdue_walk::place& after) {
  const Datum until = TimestampTzGetDatum(now);
  if (after == overdue_walk::place() &&
      !pg::may_have_until(store::lock(store::table::quota_tickets, RowShareLock), "expires_at", until))
    return {};
  const store::as_owner owner;
  pg::spi sql;
  const std::uint64_t count =
      sql.run(lock_overdue, {pg::datum_value(until, TIMESTAMPTZOID), pg::value(tenant),
                             pg::datum_value(TimestampTzGetDatum(after.expires_at), TIMESTAMPTZOID),
                             pg::uuid_value(after.ticket), pg::value(most)});
  std::vector<overdue_ticket> found;
  for (std::uint64_t n = 0; n < count; ++n) {
    const pg::row row = sql.at(n);
    overdue_ticket one;
    one.id = pg::uuid_of(row.raw(1, UUIDOID));
    one.kind = row.text(2);
    one.expires_at = DatumGetTimestampTz(row.raw(3, TIMESTAMPTZOID));
    try {
      one.taken = read_taken(one.id, row.raw(4, JSONBOID));
    } catch (const error& e) {
      if (e.is_fault()) throw;
      one.damage = e;
    }
    found.push_back(std::move(one));
  }
  return found;
}

bool remove(const overdue_ticket& one) {
  const store::as_owner owner;
  pg::spi sql;
  return sql.run(delete_ticket, {pg::uuid_value(one.id), pg::value(one.kind), pg::null_value()}) > 0;
}

// False: what it holds is held by another transaction as well, or its row stays, and nothing is given back.
bool end_one(const overdue_ticket& one, const store::known_limits& known, const char* caller, damaged are) {
  if (one.damage && are == damaged::told) throw *one.damage;
  if (one.damage) return false;
  const auto removed = [&one] { return remove(one); };
  try {
    return store::settle_free_quota(one.taken, known, kept, caller, removed);
  } catch (const pg::error& e) {
    if (e.is_fault() || are == damaged::told) throw;
  } catch (const error& e) {
    if (e.is_fault() || are == damaged::told) throw;
  }
  return false;  // what is wrong with it keeps nobody from taking what is free
}

}  // namespace

std::int64_t end_overdue(std::int64_t most, const std::optional<std::string>& tenant, std::int64_t now,
                         const char* caller, damaged are, overdue_walk& walk) {
  const auto known = store::current_limits();
  bool from_start = walk.last == overdue_walk::place();
  std::int64_t ended = 0, seen = 0;
  while (ended < most && seen < walk.most) {
    const std::vector<overdue_ticket> found = next_overdue(few, tenant, now, walk.last);
    for (const overdue_ticket& one : found) {
      if (ended == most) return ended;
      ended += end_one(one, *known, caller, are) ? 1 : 0;
      walk.last = {one.expires_at, one.id};
    }
    seen += few;
    if (static_cast<std::int64_t>(found.size()) == few) continue;
    walk.last = {};
    if (from_start) break;
    from_start = true;
  }
  return ended;
}

namespace {

// Where none were left, once a second in a session.
const store::overdue_ender tickets_overdue([](std::int64_t now, const char* caller, bool urgent) {
  static std::int64_t none_at = DT_NOBEGIN;
  static overdue_walk::place last;  // behind those that could not be ended there may be others that can
  if (!urgent && now >= none_at && now < none_at + second) return 0;
  overdue_walk walk{urgent ? most_looked_at : few, urgent ? last : overdue_walk::place{}};
  const auto ended =
      static_cast<int>(end_overdue(few, std::nullopt, now, caller, damaged::passed_over, walk));
  if (urgent) last = ended == 0 ? walk.last : overdue_walk::place{};
  none_at = ended < few ? now : DT_NOBEGIN;
  return ended;
});

}  // namespace

}  // namespace llm_admin::limits_room
