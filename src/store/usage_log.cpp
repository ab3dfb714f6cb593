#include "store/usage_log.hpp"

#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "pg/jsonb.hpp"
#include "pg/settings.hpp"
#include "store/damage.hpp"
#include "store/members.hpp"
#include "store/own_update.hpp"
#include "store/tables.hpp"
#include "store/usage_columns.hpp"
#include "store/usage_cost.hpp"

namespace llm_admin::store {

namespace {

constexpr std::int64_t ahead = 5 * USECS_PER_MINUTE;

struct shape {
  Oid table, row_type, array_type;
  std::uint64_t generation;
  AttrNumber places[usage_field_count];  // 0: the installed table has no such column
};
shape known{};

// Type of the parameter: the row type's array, which another installation has another OID for.
pg::statement insert_rows{"INSERT INTO llm_admin.llm_usage_logs SELECT * FROM pg_catalog.unnest($1)",
                          {ANYARRAYOID}};
pg::statement insert_job{
    "INSERT INTO llm_admin.job_usage (job_id, usage_id, usage_time) VALUES ($1, $2, $3) ON CONFLICT DO "
    "NOTHING",
    {UUIDOID, INT8OID, TIMESTAMPTZOID}};

const shape& shape_of_log() {
  const Oid table = oid_of(table::usage_log);
  if (known.table == table && known.generation == generation(table::usage_log)) return known;
  shape found{};
  found.table = table;
  found.generation = generation(table::usage_log);
  pg::call([&] {
    found.row_type = get_rel_type_id(table);
    found.array_type = get_array_type(found.row_type);
    for (std::size_t n = 0; n < usage_field_count; ++n) {
      const AttrNumber at = get_attnum(table, usage_field_names[n]);
      found.places[n] =
          at != InvalidAttrNumber && get_atttype(table, at) == usage_field_types[n] ? at : InvalidAttrNumber;
    }
  });
  // The values of a column that should be there and is not would be left out in silence.
  if (const own_column* wrong = wrong_column(table, description(table::usage_log)))
    damage::explain_column(table, wrong->name, wrong->type);
  // The plan was made for another table.
  if (insert_rows.types[0] != found.array_type) {
    if (insert_rows.plan != nullptr) pg::call([plan = insert_rows.plan] { (void)SPI_freeplan(plan); });
    insert_rows.plan = nullptr;
    insert_rows.types[0] = found.array_type;
  }
  return known = found;
}

// One row under construction.
class row_values {
 public:
  row_values(const shape& of, TupleDesc desc) : shape_(of), desc_(desc) {
    for (bool& null : nulls_) null = true;
  }
  void set(usage_field which, Datum value) {
    const AttrNumber at = shape_.places[static_cast<std::size_t>(which)];
    if (at == InvalidAttrNumber || at > MaxAttributes) return;
    values_[at - 1] = value;
    nulls_[at - 1] = false;
  }
  void text(usage_field which, std::string_view value) { set(which, pg::make_text(value)); }
  void maybe_text(usage_field which, const std::optional<std::string_view>& value) {
    if (value) text(which, *value);
  }
  void number(usage_field which, std::int32_t value) { set(which, Int32GetDatum(value)); }
  void number(usage_field which, const std::optional<std::int32_t>& value) {
    if (value) number(which, *value);
  }
  void money(usage_field which, const std::optional<std::string>& value) {
    if (!value) return;
    const char* text = value->c_str();
    set(which, pg::call([=] {
          return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
                                     Int32GetDatum(-1));
        }));
  }
  void id(usage_field which, const std::optional<usage::uuid>& value) {
    if (!value) return;
    const usage::uuid& bytes = *value;
    pg_uuid_t* made = pg::call([] { return static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t))); });
    std::copy(bytes.begin(), bytes.end(), made->data);
    set(which, UUIDPGetDatum(made));
  }
  // An absent object is an empty one.
  void object(usage_field which, const json::node& value) {
    json::tree tree;
    set(which, pg::make_jsonb(value.is_absent() ? tree.object() : tree.borrow(value)));
  }
  Datum make() {
    return pg::call(
        [this] { return heap_copy_tuple_as_datum(heap_form_tuple(desc_, values_, nulls_), desc_); });
  }

 private:
  static constexpr int MaxAttributes = 64;
  const shape& shape_;
  TupleDesc desc_;
  Datum values_[MaxAttributes] = {};
  bool nulls_[MaxAttributes];
};

Datum row_of(const shape& of, TupleDesc desc, const usage_entry& entry) {
  const usage::call& c = *entry.call;
  row_values row(of, desc);
  row.set(usage_field::id, Int64GetDatum(entry.id));
  row.set(usage_field::at, TimestampTzGetDatum(entry.at));
  row.text(usage_field::user_id, c.user_id);
  row.text(usage_field::model_id, entry.model_id);
  row.text(usage_field::provider, entry.provider);
  row.id(usage_field::server_id, c.server_id);
  row.id(usage_field::deployment_id, c.deployment_id);
  row.text(usage_field::source, c.source);
  row.number(usage_field::prompt_tokens, c.counted.input);
  row.number(usage_field::completion_tokens, c.counted.output);
  row.number(usage_field::total_tokens, c.counted.total);
  row.money(usage_field::cost_usd, entry.cost_usd);
  row.number(usage_field::latency_ms, c.latency_ms);
  row.number(usage_field::status_code, c.status_code);
  row.maybe_text(usage_field::error_message, c.error_message);
  row.object(usage_field::metadata, c.metadata);
  row.text(usage_field::tenant_id, c.tenant_id);
  row.id(usage_field::job_id, c.job_id);
  row.number(usage_field::cached_tokens, c.counted.cached);
  row.number(usage_field::cache_write_tokens, c.counted.cache_write);
  row.number(usage_field::cache_write_1h_tokens, c.counted.cache_write_1h);
  row.number(usage_field::reasoning_tokens, c.counted.reasoning);
  row.object(usage_field::quantities, c.quantities);
  row.text(usage_field::service_tier, c.service_tier);
  if (entry.price_id) row.set(usage_field::price_id, Int64GetDatum(*entry.price_id));
  row.money(usage_field::list_cost_usd, entry.list_cost_usd);
  row.id(usage_field::account_id, c.account_id);
  row.text(usage_field::requested_model, entry.requested_model);
  row.text(usage_field::served_model, c.served_model.empty() ? c.reported_model : c.served_model);
  row.text(usage_field::operation, c.operation);
  row.text(usage_field::kind, c.kind);
  row.text(usage_field::team_id, c.team_id);
  row.id(usage_field::key_id, c.key_id);
  row.id(usage_field::call_id, c.call_id);
  row.id(usage_field::parent_call_id, c.parent_call_id);
  if (!c.limits.is_absent()) row.object(usage_field::limits, c.limits);
  row.number(usage_field::attempt, c.attempt);
  row.set(usage_field::estimated, BoolGetDatum(c.estimated));
  row.text(usage_field::key_source, c.key_source);
  row.text(usage_field::currency, c.currency);
  row.object(usage_field::tags, c.tags);
  row.text(usage_field::cost_status, entry.cost_status);
  row.maybe_text(usage_field::request_id, c.request_id);
  return row.make();
}

// Rows that have no month go to the default partition. Whoever makes their month holds it meanwhile: waiting here,
// before the statement has read where rows belong, they get into the month.
void wait_for_months() {
  const Oid rest = relation_in(schema(), "llm_usage_logs_default");
  if (OidIsValid(rest)) pg::call([=] { LockRelationOid(rest, RowExclusiveLock); });
}

}  // namespace

std::optional<TimestampTz> usage_kept_since(int months) {
  if (months <= 0) return std::nullopt;
  const TimestampTz now = GetCurrentTimestamp();
  // In UTC both kinds of time are one number.
  return pg::call([=] {
    const Datum month = DirectFunctionCall2(timestamp_trunc, PointerGetDatum(cstring_to_text("month")),
                                            TimestampGetDatum(now));
    Interval back{};
    back.month = months;
    return DatumGetTimestamp(DirectFunctionCall2(timestamp_mi_interval, month, IntervalPGetDatum(&back)));
  });
}

void require_usage_time(TimestampTz at) {
  if (at > GetCurrentTimestamp() + ahead)
    throw error(sqlstate::request_invalid, "a call cannot be dated in the future",
                "it is more than five minutes ahead", "SELECT clock_timestamp() tells what time it is here");
  constexpr TimestampTz first = 0;  // 2000-01-01 in UTC
  if (at < first)
    throw error(sqlstate::request_invalid, "a call cannot be dated before the year 2000", "",
                "leave the time out where it is not known");
  const auto kept = usage_kept_since(pg::settings::keep_usage_months());
  if (kept && at < *kept)
    throw error(sqlstate::request_invalid, "a call cannot be older than what is kept of the log",
                "llm_admin.keep_usage is " + std::to_string(pg::settings::keep_usage_months()) + " months",
                "");
}

TimestampTz time_of_call(const usage::call& call) {
  if (!call.at) return GetCurrentTimestamp();
  const std::string text(*call.at);
  const char* characters = text.c_str();
  const TimestampTz at = pg::call([=] {
    return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(characters),
                                                   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
  });
  require_usage_time(at);
  return at;
}

void require_book_key(std::string_view tenant, std::string_view user, std::string_view provider,
                      std::string_view model) {
  constexpr std::size_t most =
      2400;  // of the 2704 bytes that an index takes, with room for what is stored beside
  const std::size_t all = tenant.size() + user.size() + provider.size() + model.size();
  if (all <= most) return;
  throw error(sqlstate::program_limit, "the names of a call are too long together",
              "tenant, user, provider and model have " + std::to_string(all) + " bytes, and " +
                  std::to_string(most) + " are the most",
              "");
}

void complete(usage_entry& entry) {
  const usage::call& c = *entry.call;
  const call_names names = names_of_call(c);
  entry.provider = names.provider;
  entry.model_id = names.served;
  entry.requested_model = names.requested;
  require_book_key(c.tenant_id, c.user_id, entry.provider, entry.model_id);
  const bool pinned = entry.pinned_price && entry.pinned_model == names.served;
  const call_cost cost = cost_of_call(c, names, entry.at, pinned ? entry.pinned_price : std::nullopt);
  entry.cost_usd = cost.cost_usd;
  entry.list_cost_usd = cost.list_cost_usd;
  entry.price_id = cost.price_id;
  entry.cost_status = cost.status;
  entry.note = cost.note;
}

void insert_job_usage(pg::spi& sql, Datum job_id, std::int64_t id, TimestampTz at) {
  sql.run(insert_job, {pg::datum_value(job_id, UUIDOID), pg::value(id),
                       pg::datum_value(TimestampTzGetDatum(at), TIMESTAMPTZOID)});
}

void insert_usage(pg::spi& sql, std::span<const usage_entry> entries) {
  if (entries.empty()) return;
  const shape& of = shape_of_log();
  const TupleDesc desc = pg::call([type = of.row_type] { return lookup_rowtype_tupdesc_copy(type, -1); });
  if (desc->natts > 64)
    throw error(sqlstate::internal_error, "llm_usage_logs has more columns than this library writes");
  const int count = static_cast<int>(entries.size());
  Datum* rows =
      pg::call([=] { return static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(count))); });
  for (int n = 0; n < count; ++n) rows[n] = row_of(of, desc, entries[static_cast<std::size_t>(n)]);
  const Datum all = pg::call([=, type = of.row_type] {
    return PointerGetDatum(construct_array(rows, count, type, -1, false, TYPALIGN_DOUBLE));
  });
  wait_for_months();
  const own_update whole(own_change::recording);
  sql.run(insert_rows, {pg::datum_value(all, of.array_type)});
  for (const usage_entry& entry : entries) {
    if (!entry.call->job_id) continue;
    pg_uuid_t job;
    std::copy(entry.call->job_id->begin(), entry.call->job_id->end(), job.data);
    insert_job_usage(sql, UUIDPGetDatum(&job), entry.id, entry.at);
  }
}

}  // namespace llm_admin::store
