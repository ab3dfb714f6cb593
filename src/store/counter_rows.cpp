#include "store/counter_rows.hpp"

#include <cstring>
#include <string>

#include "core/error.hpp"
#include "pg/numeric.hpp"
#include "pg/uuid.hpp"
#include "store/kept_out.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

#define LLM_ADMIN_SLOT_COLUMNS                                                      \
  "SELECT c.slot, c.window_start, c.used, c.reserved, c.previous, c.share "         \
  "FROM llm_admin.limit_counters c WHERE c.limit_id OPERATOR(pg_catalog.=) $1 AND " \
  "c.tenant_id OPERATOR(pg_catalog.=) $2 AND c.subject OPERATOR(pg_catalog.=) $3"

pg::statement read_slots{LLM_ADMIN_SLOT_COLUMNS " ORDER BY c.slot", {UUIDOID, TEXTOID, TEXTOID}};
pg::statement try_slot{LLM_ADMIN_SLOT_COLUMNS " AND c.slot OPERATOR(pg_catalog.=) $4 FOR UPDATE SKIP LOCKED",
                       {UUIDOID, TEXTOID, TEXTOID, INT2OID}};
pg::statement lock_slot{LLM_ADMIN_SLOT_COLUMNS " AND c.slot OPERATOR(pg_catalog.=) $4 FOR UPDATE",
                        {UUIDOID, TEXTOID, TEXTOID, INT2OID}};
pg::statement lock_slots{LLM_ADMIN_SLOT_COLUMNS " ORDER BY c.slot FOR UPDATE", {UUIDOID, TEXTOID, TEXTOID}};
pg::statement insert_slot{
    "INSERT INTO llm_admin.limit_counters (limit_id, tenant_id, subject, slot, window_start, used, reserved, "
    "previous, share) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (limit_id, tenant_id, subject, "
    "slot) DO NOTHING",
    {UUIDOID, TEXTOID, TEXTOID, INT2OID, TIMESTAMPTZOID, NUMERICOID, NUMERICOID, NUMERICOID, NUMERICOID}};
pg::statement update_slot{
    "UPDATE llm_admin.limit_counters AS c SET window_start = $5, used = $6, reserved = $7, previous = $8, "
    "share = $9 WHERE c.limit_id OPERATOR(pg_catalog.=) $1 AND c.tenant_id OPERATOR(pg_catalog.=) $2 AND "
    "c.subject OPERATOR(pg_catalog.=) $3 AND c.slot OPERATOR(pg_catalog.=) $4",
    {UUIDOID, TEXTOID, TEXTOID, INT2OID, TIMESTAMPTZOID, NUMERICOID, NUMERICOID, NUMERICOID, NUMERICOID}};

using limits::slot;

pg::parameter small(std::int16_t number) { return pg::datum_value(Int16GetDatum(number), INT2OID); }

pg::parameter numeric(const money::decimal& value) {
  return pg::datum_value(pg::make_numeric(value.text()), NUMERICOID);
}

constexpr pg::keyed_column counter_columns[] = {{"limit_id", UUIDOID, F_UUID_EQ},
                                                {"tenant_id", TEXTOID, F_TEXTEQ},
                                                {"subject", TEXTOID, F_TEXTEQ},
                                                {"slot", INT2OID, F_INT2EQ},
                                                {"window_start", TIMESTAMPTZOID, InvalidOid},
                                                {"used", NUMERICOID, InvalidOid},
                                                {"reserved", NUMERICOID, InvalidOid},
                                                {"previous", NUMERICOID, InvalidOid},
                                                {"share", NUMERICOID, InvalidOid}};
constexpr int counter_keys = 4, counter_figures = 5;

money::decimal decimal_of(Datum stored) {
  if (pg::is_zero(stored)) return {};
  const auto value = money::decimal::from_text(pg::numeric_text(stored));
  if (!value)
    throw llm_admin::error(
        sqlstate::not_in_state, "a counter of llm_admin.limit_counters is damaged",
        "it holds a figure of more than " + std::to_string(money::most_digits) + " digits",
        "DELETE FROM llm_admin.limit_counters c WHERE c.used >= 1e60 OR c.reserved >= 1e60 "
        "OR c.previous >= 1e60 OR c.share >= 1e60");
  return *value;
}

slot slot_of(const pg::keyed_row& row) {
  const Datum* value = row.values + counter_keys - 1;
  return {DatumGetInt16(value[0]), DatumGetTimestampTz(value[1]), decimal_of(value[2]),
          decimal_of(value[3]),    decimal_of(value[4]),          decimal_of(value[5])};
}

}  // namespace

counter_rows::counter_rows(const limits::uuid& limit, std::string_view tenant, std::string_view subject)
    : tenant_(tenant), subject_(subject) {
  id_ = pg::uuid_value(limit);
  table_ = {store::lock(table::limit_counters, RowExclusiveLock),
            oid_of(index::limit_counters_key),
            checking_trigger(),
            counter_columns,
            static_cast<int>(std::size(counter_columns)),
            counter_keys};
  plain_ = pg::is_plain(table_);
}

std::vector<pg::keyed_row> counter_rows::find(int given, std::int16_t number) const {
  const Datum key[counter_keys] = {id_.value, pg::make_text(tenant_), pg::make_text(subject_),
                                   Int16GetDatum(number)};
  return pg::find_rows(table_, key, given);
}

pg::keyed_row* counter_rows::found(std::int16_t number) {
  for (pg::keyed_row& one : found_)
    if (DatumGetInt16(one.values[counter_keys - 1]) == number) return &one;
  return nullptr;
}

std::vector<slot> counter_rows::read() {
  if (!plain_) return all(read_slots);
  found_ = find(counter_keys - 1);
  std::vector<slot> made;
  for (const pg::keyed_row& one : found_) made.push_back(slot_of(one));
  return made;
}

std::vector<slot> counter_rows::lock_all() {
  if (!plain_) return all(lock_slots);
  std::vector<slot> made;
  found_ = find(counter_keys - 1);
  for (pg::keyed_row& one : found_)
    if (pg::lock_row(table_, one, true) == pg::row_lock::taken) made.push_back(slot_of(one));
  return made;
}

bool counter_rows::insert(const slot& what) const { return write(insert_slot, what); }

void counter_rows::update(const slot& what) {
  pg::keyed_row* row = plain_ ? found(what.number) : nullptr;
  if (row == nullptr) {
    // A unit that is not counted would be granted again.
    if (!write(update_slot, what))
      refuse_kept_out("limit_counters", "what is taken of a limit could not be written");
    return;
  }
  const Datum values[counter_figures] = {
      TimestampTzGetDatum(what.window_start), pg::make_numeric(what.used.text()),
      pg::make_numeric(what.reserved.text()), pg::make_numeric(what.previous.text()),
      pg::make_numeric(what.share.text())};
  pg::update_row(table_, *row, values);
}

std::optional<slot> counter_rows::lock(std::int16_t number, bool waits) {
  if (plain_) {
    if (found(number) == nullptr)
      for (const pg::keyed_row& one : find(counter_keys, number)) found_.push_back(one);
    pg::keyed_row* row = found(number);
    if (row == nullptr || pg::lock_row(table_, *row, waits) != pg::row_lock::taken) return std::nullopt;
    return slot_of(*row);
  }
  const as_owner owner;
  pg::spi sql;
  if (sql.run(waits ? lock_slot : try_slot, {id_, pg::value(tenant_), pg::value(subject_), small(number)}) ==
      0)
    return std::nullopt;
  return slot_of(sql.at(0));
}

std::vector<slot> counter_rows::all(pg::statement& by) const {
  const as_owner owner;
  pg::spi sql;
  const std::uint64_t count = sql.run(by, {id_, pg::value(tenant_), pg::value(subject_)});
  std::vector<slot> found;
  for (std::uint64_t n = 0; n < count; ++n) found.push_back(slot_of(sql.at(n)));
  return found;
}

bool counter_rows::write(pg::statement& by, const slot& what) const {
  const as_owner owner;
  pg::spi sql;
  return sql.run(by,
                 {id_, pg::value(tenant_), pg::value(subject_), small(what.number),
                  pg::datum_value(TimestampTzGetDatum(what.window_start), TIMESTAMPTZOID), numeric(what.used),
                  numeric(what.reserved), numeric(what.previous), numeric(what.share)}) > 0;
}

slot slot_of(const pg::row& row, int first) {
  slot made;
  made.number = DatumGetInt16(row.raw(first, INT2OID));
  made.window_start = DatumGetTimestampTz(row.raw(first + 1, TIMESTAMPTZOID));
  made.used = decimal_of(row.raw(first + 2, NUMERICOID));
  made.reserved = decimal_of(row.raw(first + 3, NUMERICOID));
  made.previous = decimal_of(row.raw(first + 4, NUMERICOID));
  made.share = decimal_of(row.raw(first + 5, NUMERICOID));
  return made;
}

}  // namespace llm_admin::store
