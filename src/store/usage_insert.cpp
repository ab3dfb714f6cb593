// insert_usage() of store/usage_log.hpp.
#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "pg/insert.hpp"
#include "pg/jsonb.hpp"
#include "store/damage.hpp"
#include "store/members.hpp"
#include "store/own_update.hpp"
#include "store/tables.hpp"
#include "store/usage_columns.hpp"
#include "store/usage_log.hpp"

extern "C" {
#include "catalog/pg_trigger.h"
}

namespace llm_admin::store {

namespace {

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

constexpr int most_columns = 64;

// One row under construction.
class row_values {
 public:
  row_values(const shape& of, TupleDesc desc) : shape_(of), desc_(desc) {
    for (bool& null : nulls_) null = true;
  }
  void set(usage_field which, Datum value) {
    const AttrNumber at = shape_.places[static_cast<std::size_t>(which)];
    if (at == InvalidAttrNumber || at > most_columns) return;
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
  int columns(pg::new_column* out) const {
    int count = 0;
    for (int n = 0; n < desc_->natts; ++n) {
      const FormData_pg_attribute* column = TupleDescAttr(desc_, n);
      if (!column->attisdropped)
        out[count++] = {NameStr(column->attname), column->atttypid, values_[n], nulls_[n]};
    }
    return count;
  }
  Datum make() {
    return pg::call(
        [this] { return heap_copy_tuple_as_datum(heap_form_tuple(desc_, values_, nulls_), desc_); });
  }

 private:
  const shape& shape_;
  TupleDesc desc_;
  Datum values_[most_columns] = {};
  bool nulls_[most_columns];
};

void fill(row_values& row, const usage_entry& entry) {
  const usage::call& c = *entry.call;
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
}

// Whether somebody waits for statements that insert: a rule, or a statement's trigger that is not ours (ours pass over
// what we write).
bool waits_for_statements(Oid table) {
  const Oid ours = schema();
  return pg::call([=] {
    const Relation log = table_open(table, NoLock);
    bool waits = log->rd_rules != nullptr;
    const TriggerDesc* triggers = log->trigdesc;
    for (int n = 0; triggers != nullptr && n < triggers->numtriggers && !waits; ++n) {
      const Trigger& one = triggers->triggers[n];
      waits = !TRIGGER_FOR_ROW(one.tgtype) && TRIGGER_FOR_INSERT(one.tgtype) &&
              get_func_namespace(one.tgfoid) != ours;
      waits = waits || (TRIGGER_FOR_INSERT(one.tgtype) && one.tgnewtable != nullptr);
    }
    table_close(log, NoLock);
    return waits;
  });
}

void insert_one(Oid table, const row_values& row) {
  pg::new_column columns[most_columns];
  const int count = row.columns(columns);
  pg::insert_row(table, columns, count);
}

// Rows that have no month go to the default partition. Whoever makes their month holds it meanwhile: waiting here,
// before the statement has read where rows belong, they get into the month.
void wait_for_months() {
  const Oid rest = relation_in(schema(), "llm_usage_logs_default");
  if (OidIsValid(rest)) pg::call([=] { LockRelationOid(rest, RowExclusiveLock); });
}

}  // namespace

void insert_job_usage(pg::spi& sql, Datum job_id, std::int64_t id, TimestampTz at) {
  sql.run(insert_job, {pg::datum_value(job_id, UUIDOID), pg::value(id),
                       pg::datum_value(TimestampTzGetDatum(at), TIMESTAMPTZOID)});
}

void insert_usage(pg::spi& sql, std::span<const usage_entry> entries) {
  if (entries.empty()) return;
  const Oid log = lock(table::usage_log, RowExclusiveLock);  // whose row type then stays
  const shape& of = shape_of_log();
  const TupleDesc desc = pg::call([type = of.row_type] { return lookup_rowtype_tupdesc_copy(type, -1); });
  if (desc->natts > 64)
    throw error(sqlstate::internal_error, "llm_usage_logs has more columns than this library writes");
  const own_update whole(own_change::recording);
  if (entries.size() == 1 && !waits_for_statements(log)) {
    row_values row(of, desc);
    fill(row, entries.front());
    insert_one(log, row);
  } else {
    const int count = static_cast<int>(entries.size());
    Datum* rows = pg::call(
        [=] { return static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(count))); });
    for (int n = 0; n < count; ++n) {
      row_values row(of, desc);
      fill(row, entries[static_cast<std::size_t>(n)]);
      rows[n] = row.make();
    }
    const Datum all = pg::call([=, type = of.row_type] {
      return PointerGetDatum(construct_array(rows, count, type, -1, false, TYPALIGN_DOUBLE));
    });
    wait_for_months();
    sql.run(insert_rows, {pg::datum_value(all, of.array_type)});
  }
  for (const usage_entry& entry : entries) {
    if (!entry.call->job_id) continue;
    pg_uuid_t job;
    std::copy(entry.call->job_id->begin(), entry.call->job_id->end(), job.data);
    insert_job_usage(sql, UUIDPGetDatum(&job), entry.id, entry.at);
  }
}

}  // namespace llm_admin::store
