#include "store/usage_requests.hpp"

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/uuid.hpp"
#include "pg/insert.hpp"
#include "pg/keyed_rows.hpp"
#include "pg/numeric.hpp"
#include "pg/uuid.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

// Arrays of one length; the order of their elements is that of the locks.
pg::statement insert_requests{
    "INSERT INTO llm_admin.usage_requests AS r (tenant_id, request_id, call_id, usage_id, usage_time, "
    "cost_usd, "
    "cost_status, fingerprint) SELECT u.tenant_id, u.request_id, u.call_id::pg_catalog.uuid, u.id, u.at, "
    "u.cost::pg_catalog.numeric, u.status, u.print FROM ROWS FROM (pg_catalog.unnest($1), "
    "pg_catalog.unnest($2), "
    "pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), "
    "pg_catalog.unnest($7), pg_catalog.unnest($8)) WITH ORDINALITY AS u (tenant_id, request_id, call_id, id, "
    "at, "
    "cost, status, print, place) ORDER BY u.place ON CONFLICT DO NOTHING RETURNING r.usage_id",
    {TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
     TEXTARRAYOID}};
pg::statement select_answer{
    "SELECT r.usage_id, r.cost_usd::pg_catalog.text, r.cost_status, r.fingerprint, "
    "(SELECT l.price_id FROM llm_admin.llm_usage_logs l WHERE l.id OPERATOR(pg_catalog.=) r.usage_id "
    "AND l.\"timestamp\" OPERATOR(pg_catalog.=) r.usage_time) FROM llm_admin.usage_requests r "
    "WHERE r.tenant_id OPERATOR(pg_catalog.=) $1 AND r.request_id OPERATOR(pg_catalog.=) $2 "
    "UNION ALL SELECT r.usage_id, r.cost_usd::pg_catalog.text, r.cost_status, r.fingerprint, NULL "
    "FROM llm_admin.usage_requests r WHERE r.call_id OPERATOR(pg_catalog.=) $3::pg_catalog.uuid "
    "AND r.tenant_id OPERATOR(pg_catalog.=) $1 LIMIT 1",
    {TEXTOID, TEXTOID, TEXTOID}};

pg::statement find_other_tenant{
    "SELECT 1 FROM llm_admin.usage_requests r WHERE r.call_id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid "
    "AND r.tenant_id OPERATOR(pg_catalog.<>) $2",
    {TEXTOID, TEXTOID}};

// An array under construction; all in the current context.
class array_builder {
 public:
  array_builder(int most, Oid type)
      : values_(pg::call([=] {
          return static_cast<Datum*>(palloc0(sizeof(Datum) * static_cast<std::size_t>(most + 1)));
        })),
        nulls_(pg::call([=] { return static_cast<bool*>(palloc0(static_cast<std::size_t>(most + 1))); })),
        type_(type) {}
  void add(Datum value) { values_[count_++] = value; }
  void add_text(std::string_view value) { add(pg::make_text(value)); }
  void add_null() { nulls_[count_++] = true; }
  pg::parameter made(Oid array_type) const {
    const bool is_text = type_ == TEXTOID;
    const Datum array = pg::call([=, this] {
      int dims[1] = {count_}, bounds[1] = {1};
      return PointerGetDatum(construct_md_array(values_, nulls_, 1, dims, bounds, type_, is_text ? -1 : 8,
                                                !is_text, is_text ? TYPALIGN_INT : TYPALIGN_DOUBLE));
    });
    return pg::datum_value(array, array_type);
  }

 private:
  Datum* values_;
  bool* nulls_;
  Oid type_;
  int count_ = 0;
};

}  // namespace

std::string request_of(const usage::call& call) {
  std::string request;
  if (call.request_id)
    request = *call.request_id;
  else if (call.call_id)
    request = uuid_string(*call.call_id);
  if (!request.empty() && call.request_id && call.attempt > 1) request += '/' + std::to_string(call.attempt);
  return request;
}

// One, by the statement above or, where it is alone and nobody looks on, below it: most are new.
std::optional<bool> claim_below(const usage_entry& entry, std::string_view request) {
  static constexpr pg::keyed_column key_columns[] = {{"tenant_id", TEXTOID, F_TEXTEQ},
                                                     {"request_id", TEXTOID, F_TEXTEQ}};
  if (IsolationUsesXactSnapshot()) return std::nullopt;
  const pg::keyed_table of = {lock(table::usage_requests, RowExclusiveLock),
                              oid_of(index::usage_requests_key),
                              checking_trigger(),
                              key_columns,
                              2,
                              2};
  if (!pg::is_plain(of)) return std::nullopt;
  const usage::call& call = *entry.call;
  const Datum key[] = {pg::make_text(call.tenant_id), pg::make_text(request)};
  if (!pg::find_rows(of, key, 2).empty()) return false;
  const std::string print = usage::fingerprint(call, entry.model_id);
  const bool has_id = call.call_id.has_value(), has_cost = entry.cost_usd.has_value();
  const pg::new_column columns[] = {
      {"tenant_id", TEXTOID, key[0], false},
      {"request_id", TEXTOID, key[1], false},
      {"call_id", UUIDOID, has_id ? pg::make_uuid(*call.call_id) : Datum{0}, !has_id},
      {"usage_id", INT8OID, Int64GetDatum(entry.id), false},
      {"usage_time", TIMESTAMPTZOID, TimestampTzGetDatum(entry.at), false},
      {"cost_usd", NUMERICOID, has_cost ? pg::make_numeric(*entry.cost_usd) : Datum{0}, !has_cost},
      {"cost_status", TEXTOID, pg::make_text(entry.cost_status), false},
      {"fingerprint", TEXTOID, pg::make_text(print), false},
      {"created_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), false}};
  // Another session's row of this moment is waited for, and found to be there.
  pg::subtransaction claim;
  try {
    if (!pg::insert_row(of.table, columns, std::size(columns))) return false;
  } catch (const pg::error& e) {
    if (std::string_view(e.sqlstate()) != "23505") throw;
    return false;
  }
  claim.release();
  return true;
}

std::vector<bool> claim_requests(pg::spi& sql, std::span<const usage_entry> entries) {
  if (entries.size() == 1) {
    const std::string request = request_of(*entries.front().call);
    if (request.empty()) return {true};
    if (const auto made = claim_below(entries.front(), request)) return {*made};
  }
  std::vector<bool> claimed(entries.size(), true);
  const int most = static_cast<int>(entries.size());
  array_builder tenants(most, TEXTOID), requests(most, TEXTOID), calls(most, TEXTOID), ids(most, INT8OID),
      times(most, TIMESTAMPTZOID), costs(most, TEXTOID), statuses(most, TEXTOID), prints(most, TEXTOID);
  bool any = false;
  for (std::size_t n = 0; n < entries.size(); ++n) {
    const usage_entry& entry = entries[n];
    const std::string request = request_of(*entry.call);
    if (request.empty()) continue;
    any = true;
    claimed[n] = false;
    tenants.add_text(entry.call->tenant_id);
    requests.add_text(request);
    if (entry.call->call_id)
      calls.add_text(uuid_string(*entry.call->call_id));
    else
      calls.add_null();
    ids.add(Int64GetDatum(entry.id));
    times.add(TimestampTzGetDatum(entry.at));
    if (entry.cost_usd)
      costs.add_text(*entry.cost_usd);
    else
      costs.add_null();
    statuses.add_text(entry.cost_status);
    prints.add_text(usage::fingerprint(*entry.call, entry.model_id));
  }
  if (!any) return claimed;
  sql.run(insert_requests, {tenants.made(TEXTARRAYOID), requests.made(TEXTARRAYOID), calls.made(TEXTARRAYOID),
                            ids.made(INT8ARRAYOID), times.made(TIMESTAMPTZARRAYOID), costs.made(TEXTARRAYOID),
                            statuses.made(TEXTARRAYOID), prints.made(TEXTARRAYOID)});
  // Ids rise with the entries, and what is returned comes in the same order.
  std::size_t n = 0;
  for (std::uint64_t row = 0; row < sql.rows(); ++row) {
    const std::int64_t id = sql.at(row).bigint(1);
    while (n < entries.size() && entries[n].id != id) ++n;
    if (n < entries.size()) claimed[n] = true;
  }
  return claimed;
}

request_answer first_answer(pg::spi& sql, const usage_entry& repeat) {
  const std::string request = request_of(*repeat.call);
  const std::optional<std::string> call =
      repeat.call->call_id ? std::optional<std::string>(uuid_string(*repeat.call->call_id)) : std::nullopt;
  sql.run_on_latest(select_answer, {pg::value(repeat.call->tenant_id), pg::value(request), pg::value(call)});
  const auto row = sql.first();
  if (!row) {
    // That would be so each time.
    if (call &&
        sql.run_on_latest(find_other_tenant, {pg::value(call), pg::value(repeat.call->tenant_id)}) > 0)
      throw llm_admin::error(sqlstate::request_invalid, "this call_id was reported by another tenant", "",
                             "give each call an id of its own, such as a random one");
    throw llm_admin::error(sqlstate::serialization_failure, "the first report of this request is gone by now",
                           "it left the log while this one was written", "repeat the call");
  }
  const std::string now = usage::fingerprint(*repeat.call, repeat.model_id);
  return {row->bigint(1), row->maybe_text(2), row->text(3),
          row->is_null(5) ? std::nullopt : std::optional<std::int64_t>(row->bigint(5)),
          usage::difference(row->text_view(4), now)};
}

void warn_of_difference(const usage_entry& repeat, const request_answer& first) {
  if (first.difference.empty()) return;
  const std::string of = "request " + sql_literal(request_of(*repeat.call), "'<request>'") +
                         " was reported before, with other numbers";
  const char* message = of.c_str();
  const char* detail = first.difference.c_str();
  pg::call([=] {
    ereport(WARNING,
            (errmsg("%s", message), errdetail("%s", detail),
             errhint("The first report stands; a correction is a row of its own, by book_correction().")));
  });
}

}  // namespace llm_admin::store
