#include "store/open_call.hpp"

#include "core/json/tree.hpp"
#include "pg/index_peek.hpp"
#include "pg/insert.hpp"
#include "pg/jsonb.hpp"
#include "pg/keyed_rows.hpp"
#include "pg/numeric.hpp"
#include "pg/uuid.hpp"
#include "store/kept_out.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

extern "C" {
#include "common/hashfn.h"
#include "storage/lock.h"
}

namespace llm_admin::store {

namespace {

#define LLM_ADMIN_CALL_COLUMNS                                                                           \
  "c.call_id, c.tenant_id, c.user_id, c.team_id, c.key_id, c.job_id, c.request_id, c.fingerprint, "      \
  "c.attempt, c.parent_call_id, c.provider, c.account_id, c.key_source, c.requested_model, c.model_id, " \
  "c.operation, c.service_tier, c.price_id, c.config_version, c.started_at, c.expires_at, "              \
  "c.input_estimate, c.estimate_usd, c.reservations, c.access, c.tags, c.models, c.xmin"

pg::statement select_call{"SELECT " LLM_ADMIN_CALL_COLUMNS
                          " FROM llm_admin.llm_calls c WHERE c.call_id OPERATOR(pg_catalog.=) $1",
                          {UUIDOID}};
pg::statement select_request{"SELECT " LLM_ADMIN_CALL_COLUMNS
                             " FROM llm_admin.llm_calls c WHERE c.tenant_id OPERATOR(pg_catalog.=) $1 AND "
                             "c.request_id OPERATOR(pg_catalog.=) $2 AND c.attempt OPERATOR(pg_catalog.=) $3",
                             {TEXTOID, TEXTOID, INT4OID}};
pg::statement delete_call{
    "DELETE FROM llm_admin.llm_calls AS c WHERE c.call_id OPERATOR(pg_catalog.=) $1 "
    "RETURNING " LLM_ADMIN_CALL_COLUMNS,
    {UUIDOID}};
pg::statement move_deadline{
    "UPDATE llm_admin.llm_calls AS c SET expires_at = GREATEST($2, c.expires_at) WHERE c.call_id "
    "OPERATOR(pg_catalog.=) $1 RETURNING c.expires_at",
    {UUIDOID, TIMESTAMPTZOID}};
pg::statement select_overdue{
    "SELECT " LLM_ADMIN_CALL_COLUMNS
    " FROM llm_admin.llm_calls c WHERE c.expires_at OPERATOR(pg_catalog.<=) $1 AND (c.expires_at, c.call_id) "
    "OPERATOR(pg_catalog.>) ($2, $3) ORDER BY c.expires_at, c.call_id LIMIT 10 FOR UPDATE SKIP LOCKED",
    {TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID}};

// A copy in the current memory: the row's goes with its connection.
template <class Row>
json::node kept_jsonb(const Row& row, int column) {
  const Datum stored = row.raw(column, JSONBOID);
  return pg::jsonb_view(pg::call([=] { return PointerGetDatum(PG_DETOAST_DATUM_COPY(stored)); }));
}

// Of a row of a statement, or of pg/keyed_rows.hpp.
template <class Row>
open_call call_of(const Row& row) {
  open_call made;
  made.call_id = *pg::maybe_uuid(row, 1);
  made.tenant_id = row.text(2);
  made.user_id = row.text(3);
  made.team_id = row.text(4);
  made.key_id = pg::maybe_uuid(row, 5);
  made.job_id = pg::maybe_uuid(row, 6);
  made.request_id = row.maybe_text(7);
  made.fingerprint = row.text(8);
  made.attempt = row.integer(9);
  made.parent_call_id = pg::maybe_uuid(row, 10);
  made.provider = row.text(11);
  made.account_id = pg::maybe_uuid(row, 12);
  made.key_source = row.text(13);
  made.requested_model = row.text(14);
  made.model_id = row.text(15);
  made.operation = row.text(16);
  made.service_tier = row.text(17);
  if (!row.is_null(18)) made.price_id = row.bigint(18);
  made.config_version = row.integer(19);
  made.started_at = DatumGetTimestampTz(row.raw(20, TIMESTAMPTZOID));
  made.expires_at = DatumGetTimestampTz(row.raw(21, TIMESTAMPTZOID));
  made.input_estimate = row.integer(22);
  if (!row.is_null(23))
    made.estimate_usd = money::decimal::from_text(pg::numeric_text(row.raw(23, NUMERICOID)));
  made.reservations = calls::read_reservations(pg::jsonb_view(row.raw(24, JSONBOID)));
  made.access = kept_jsonb(row, 25);
  made.tags = kept_jsonb(row, 26);
  made.models = texts_of(pg::jsonb_view(row.raw(27, JSONBOID)));
  return made;
}

open_call of_statement(const pg::row& row) {
  open_call made = call_of(row);
  const TransactionId by = DatumGetTransactionId(row.raw(28, XIDOID));
  made.of_this_transaction = TransactionIdIsNormal(by) && TransactionIdIsCurrentTransactionId(by);
  return made;
}

// In the order of LLM_ADMIN_CALL_COLUMNS.
constexpr pg::keyed_column call_columns_of_key[] = {{"call_id", UUIDOID, F_UUID_EQ},
                                                    {"tenant_id", TEXTOID, InvalidOid},
                                                    {"user_id", TEXTOID, InvalidOid},
                                                    {"team_id", TEXTOID, InvalidOid},
                                                    {"key_id", UUIDOID, InvalidOid},
                                                    {"job_id", UUIDOID, InvalidOid},
                                                    {"request_id", TEXTOID, InvalidOid},
                                                    {"fingerprint", TEXTOID, InvalidOid},
                                                    {"attempt", INT4OID, InvalidOid},
                                                    {"parent_call_id", UUIDOID, InvalidOid},
                                                    {"provider", TEXTOID, InvalidOid},
                                                    {"account_id", UUIDOID, InvalidOid},
                                                    {"key_source", TEXTOID, InvalidOid},
                                                    {"requested_model", TEXTOID, InvalidOid},
                                                    {"model_id", TEXTOID, InvalidOid},
                                                    {"operation", TEXTOID, InvalidOid},
                                                    {"service_tier", TEXTOID, InvalidOid},
                                                    {"price_id", INT8OID, InvalidOid},
                                                    {"config_version", INT4OID, InvalidOid},
                                                    {"started_at", TIMESTAMPTZOID, InvalidOid},
                                                    {"expires_at", TIMESTAMPTZOID, InvalidOid},
                                                    {"input_estimate", INT4OID, InvalidOid},
                                                    {"estimate_usd", NUMERICOID, InvalidOid},
                                                    {"reservations", JSONBOID, InvalidOid},
                                                    {"access", JSONBOID, InvalidOid},
                                                    {"tags", JSONBOID, InvalidOid},
                                                    {"models", JSONBOID, InvalidOid}};

// Nothing: a statement has to take it.
std::optional<std::optional<open_call>> take_below(const uuid_bytes& id) {
  if (IsolationUsesXactSnapshot()) return std::nullopt;
  const pg::keyed_table of = {lock(table::llm_calls, RowExclusiveLock),
                              oid_of(index::llm_calls_id),
                              checking_trigger(),
                              call_columns_of_key,
                              static_cast<int>(std::size(call_columns_of_key)),
                              1};
  if (!pg::is_plain(of)) return std::nullopt;
  const Datum key[] = {pg::make_uuid(id)};
  const auto row = pg::delete_row(of, key);
  if (!row) return std::optional<open_call>();
  open_call made = call_of(*row);
  made.of_this_transaction = row->of_this_transaction();
  return made;
}

std::optional<open_call> one(pg::statement& by, std::initializer_list<pg::parameter> values) {
  const as_owner owner;
  pg::spi sql;
  if (sql.run_on_latest(by, values) == 0) return std::nullopt;
  return of_statement(sql.at(0));
}

Datum object_or_empty(const json::node& value) {
  json::tree tree;
  return pg::make_jsonb(value.is_absent() ? tree.object() : tree.borrow(value));
}

// Columns under construction.
class columns {
 public:
  void add(const char* name, Oid type, Datum value) { all_[count_++] = {name, type, value, false}; }
  void null(const char* name, Oid type) { all_[count_++] = {name, type, Datum{0}, true}; }
  void text(const char* name, std::string_view value) { add(name, TEXTOID, pg::make_text(value)); }
  void id(const char* name, const std::optional<uuid_bytes>& value) {
    value ? add(name, UUIDOID, pg::make_uuid(*value)) : null(name, UUIDOID);
  }
  void insert() const {
    if (!pg::insert_row(lock(table::llm_calls, RowExclusiveLock), all_, count_))
      refuse_kept_out("llm_calls", "the call could not be stored");
  }

 private:
  pg::new_column all_[32];
  int count_ = 0;
};

}  // namespace

std::vector<std::string> texts_of(const json::node& array) {
  std::vector<std::string> texts;
  for (std::uint32_t n = 0; array.is_array() && n < array.size; ++n)
    if (const json::node one = array.element(n); one.is_string()) texts.emplace_back(one.text());
  return texts;
}

void insert_call(const open_call& call) {
  columns row;
  row.id("call_id", call.call_id);
  row.text("tenant_id", call.tenant_id);
  row.text("user_id", call.user_id);
  row.text("team_id", call.team_id);
  row.id("key_id", call.key_id);
  row.id("job_id", call.job_id);
  if (call.request_id)
    row.text("request_id", *call.request_id);
  else
    row.null("request_id", TEXTOID);
  row.text("fingerprint", call.fingerprint);
  row.add("attempt", INT4OID, Int32GetDatum(call.attempt));
  row.id("parent_call_id", call.parent_call_id);
  row.text("provider", call.provider);
  row.id("account_id", call.account_id);
  row.text("key_source", call.key_source);
  row.text("requested_model", call.requested_model);
  row.text("model_id", call.model_id);
  row.text("operation", call.operation);
  row.text("service_tier", call.service_tier);
  if (call.price_id)
    row.add("price_id", INT8OID, Int64GetDatum(*call.price_id));
  else
    row.null("price_id", INT8OID);
  row.add("config_version", INT4OID, Int32GetDatum(call.config_version));
  row.add("started_at", TIMESTAMPTZOID, TimestampTzGetDatum(call.started_at));
  row.add("expires_at", TIMESTAMPTZOID, TimestampTzGetDatum(call.expires_at));
  row.add("input_estimate", INT4OID, Int32GetDatum(call.input_estimate));
  if (call.estimate_usd)
    row.add("estimate_usd", NUMERICOID, pg::make_numeric(call.estimate_usd->text()));
  else
    row.null("estimate_usd", NUMERICOID);
  const std::string held = calls::write_reservations(call.reservations);
  const char* characters = held.c_str();
  row.add("reservations", JSONBOID,
          pg::call([=] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(characters)); }));
  row.add("access", JSONBOID, object_or_empty(call.access));
  row.null("cache_key", BYTEAOID);
  row.add("tags", JSONBOID, object_or_empty(call.tags));
  json::tree tree;
  json::item* models = tree.array();
  for (const std::string& one : call.models) tree.push(models, tree.string(one));
  row.add("models", JSONBOID, pg::make_jsonb(models));
  const as_owner owner;
  row.insert();
}

std::optional<open_call> find_call(const uuid_bytes& id) { return one(select_call, {pg::uuid_value(id)}); }

std::optional<open_call> find_call(std::string_view tenant, std::string_view request_id,
                                   std::int32_t attempt) {
  return one(select_request, {pg::value(tenant), pg::value(request_id), pg::value(attempt)});
}

std::optional<open_call> take_call(const uuid_bytes& id) {
  if (auto taken = take_below(id)) return *std::move(taken);
  auto taken = one(delete_call, {pg::uuid_value(id)});
  if (!taken && find_call(id)) refuse_kept_out("llm_calls", "the call could not be ended");
  return taken;
}

std::optional<std::int64_t> extend_call(const uuid_bytes& id, std::int64_t expires_at) {
  const as_owner owner;
  pg::spi sql;
  if (sql.run_on_latest(move_deadline, {pg::uuid_value(id), pg::datum_value(TimestampTzGetDatum(expires_at),
                                                                            TIMESTAMPTZOID)}) == 0)
    return std::nullopt;
  return DatumGetTimestampTz(sql.at(0).raw(1, TIMESTAMPTZOID));
}

std::vector<overdue_call> lock_overdue(std::int64_t now, const overdue_place& after) {
  const Datum until = TimestampTzGetDatum(now);
  if (after == overdue_place() &&
      !pg::may_have_until(lock(table::llm_calls, RowShareLock), "expires_at", until))
    return {};
  const as_owner owner;
  pg::spi sql;
  const std::uint64_t count = sql.run_on_latest(
      select_overdue, {pg::datum_value(until, TIMESTAMPTZOID),
                       pg::datum_value(TimestampTzGetDatum(after.expires_at), TIMESTAMPTZOID),
                       pg::uuid_value(after.call_id)});
  std::vector<overdue_call> all;
  for (std::uint64_t n = 0; n < count; ++n) {
    const pg::row row = sql.at(n);
    overdue_call& one = all.emplace_back();
    try {
      one.call = of_statement(row);
    } catch (const error& e) {
      if (e.is_fault()) throw;
      one.damage = e;
      one.call.call_id = *pg::maybe_uuid(row, 1);
      one.call.expires_at = DatumGetTimestampTz(row.raw(21, TIMESTAMPTZOID));
    }
  }
  return all;
}

void lock_request(std::string_view tenant, std::string_view request_id, std::int32_t attempt) {
  std::string key(tenant);
  key.append(1, '\0').append(request_id).append(1, '\0').append(std::to_string(attempt));
  const Oid table = oid_of(table::llm_calls);
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
  const int size = static_cast<int>(key.size());
  pg::call([=] {
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, table, hash_bytes(bytes, size), 1);
    (void)LockAcquire(&tag, ExclusiveLock, false, false);
  });
}

}  // namespace llm_admin::store
