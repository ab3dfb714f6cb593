// History: one row for every distinct change, written by the log trigger; append-only.
#include <array>
#include <iterator>
#include <string>

#include "core/audit/leaf.hpp"
#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/keys/redact.hpp"
#include "pg/entry.hpp"
#include "pg/insert.hpp"
#include "pg/jsonb.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/trigger.hpp"
#include "providers/activity.hpp"
#include "store/audit.hpp"
#include "store/load.hpp"
#include "store/own_update.hpp"
#include "store/owner.hpp"
#include "store/provider_key.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

namespace {

pg::statement add_history{
    "INSERT INTO llm_admin.llm_provider_config_history (provider_id, provider_name, action, config_snapshot, "
    "changed_by, config_version, session_user_name, current_user_name) "
    "VALUES ($1, $2, $3, pg_catalog.to_jsonb($4), $5, $6, $7, $8)",
    {INT4OID, TEXTOID, TEXTOID, RECORDOID, TEXTOID, INT4OID, TEXTOID, TEXTOID}};
// As to_jsonb writes it, and with the id and the time that the row's leaf holds.
pg::statement describe_history{
    "SELECT pg_catalog.to_jsonb($1), pg_catalog.gen_random_uuid(), pg_catalog.clock_timestamp()",
    {RECORDOID}};
pg::statement add_hashed_history{
    "INSERT INTO llm_admin.llm_provider_config_history (provider_id, provider_name, action, config_snapshot, "
    "changed_by, config_version, session_user_name, current_user_name, id, changed_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    {INT4OID, TEXTOID, TEXTOID, JSONBOID, TEXTOID, INT4OID, TEXTOID, TEXTOID, UUIDOID, TIMESTAMPTZOID}};
pg::statement forget_test{
    "DELETE FROM llm_admin.provider_tests AS t WHERE t.provider_name OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar",
    {TEXTOID}};
// A test that stands there under the new name is of a provider of that name that is gone.
pg::statement rename_test{
    "WITH moved AS (DELETE FROM llm_admin.provider_tests AS t WHERE t.provider_name OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar RETURNING t.tested_at, t.result, t.latency_ms), "
    "stale AS (DELETE FROM llm_admin.provider_tests AS s WHERE s.provider_name OPERATOR(pg_catalog.=) "
    "$2::pg_catalog.varchar AND NOT EXISTS (SELECT FROM moved)) "
    "INSERT INTO llm_admin.provider_tests AS n (provider_name, tested_at, result, latency_ms) "
    "SELECT $2, m.tested_at, m.result, m.latency_ms FROM moved m ON CONFLICT (provider_name) DO UPDATE "
    "SET tested_at = excluded.tested_at, result = excluded.result, latency_ms = excluded.latency_ms",
    {TEXTOID, TEXTOID}};

// Columns that say nothing about the provider itself; a change in them alone is no change worth a row of its
// own.
bool is_bookkeeping(std::string_view column) {
  return column == "updated_at" || column == "updated_by" || column == "config_version";
}

// Columns whose change has an action of its own.
bool has_own_action(std::string_view column) {
  return column == "is_active" || column == "is_enabled" || column == "api_key_encrypted";
}

// The row without key material: a digest of the envelope stands for it, so that a change still shows. The
// envelope is randomised, so its digest tells nothing of the key.
Datum snapshot_of(const pg::tuple_image& row) {
  pg::tuple_changes without_key(row);
  if (const auto envelope = row.maybe_text("api_key_encrypted")) {
    const auto digest = crypto::sha256(as_bytes(*envelope));
    without_key.set_text("api_key_encrypted", "sha256:" + hex_encode(byte_view(digest).first(8)));
  }
  const HeapTuple tuple = without_key.apply();
  const TupleDesc desc = row.descriptor();
  return pg::call([=] { return heap_copy_tuple_as_datum(tuple, desc); });
}

struct actions {
  std::array<const char*, 5> names{};
  std::size_t count = 0;
  void add(const char* name) { names[count++] = name; }
};

actions actions_of(const pg::trigger_call& trigger, const pg::tuple_image& before,
                   const pg::tuple_image& after) {
  actions result;
  bool updated = false;
  bool bookkeeping = false;
  for (int i = 1; i <= after.columns(); ++i) {
    if (after.is_dropped(i) || before.same(after, i)) continue;
    const std::string_view column = after.name_of(i);
    if (column == "updated_by")
      bookkeeping = true;
    else if (!has_own_action(column) && !is_bookkeeping(column))
      updated = true;
  }
  const int key = after.column("api_key_encrypted");
  // A rename re-seals the envelope by itself; only a statement that sets the column changed the key.
  const bool key_changed = trigger.sets(key) && !before.same(after, key);
  const bool was_active = before.boolean("is_active");
  const bool was_enabled = before.boolean("is_enabled");
  const bool activity = was_active != after.boolean("is_active");
  const bool enablement = was_enabled != after.boolean("is_enabled");
  if (updated || (bookkeeping && !key_changed && !activity && !enablement)) result.add("updated");
  if (key_changed) result.add("key_changed");
  if (enablement) result.add(was_enabled ? "disabled" : "enabled");
  if (activity) result.add(was_active ? "deactivated" : "activated");
  return result;
}

std::string changed_by(const pg::trigger_call& trigger, const pg::tuple_image& row) {
  if (!pg::settings::actor().empty()) return std::string(shortened(pg::settings::actor(), 255));
  const int column = row.column("updated_by");
  const bool stated = trigger.inserts() || (trigger.updates() && trigger.sets(column));
  if (stated && !row.is_null(column)) return std::string(row.text("updated_by"));
  return pg::session_role();
}

// A row of history, before it is written.
struct history_row {
  std::optional<int> provider_id, version;
  std::string_view provider, action, by, session, current;
};

// From 0.6 on: vouched for as the audit log is, its leaf over the columns that both have and, as details, the rest
// (docs/audit.md).
void add_hashed(pg::spi& sql, const history_row& row, Datum snapshot) {
  sql.run(describe_history, {pg::datum_value(snapshot, RECORDOID)});
  const Datum described = sql.at(0).raw(1, JSONBOID);
  const Datum uuid = sql.at(0).raw(2, UUIDOID);
  const Datum at = sql.at(0).raw(3, TIMESTAMPTZOID);
  json::tree tree;
  json::item* details = tree.object();
  tree.put(details, "id",
           tree.string(pg::call([=] { return DatumGetCString(DirectFunctionCall1(uuid_out, uuid)); })));
  tree.put(details, "provider_id", tree.integer(row.provider_id.value_or(0)));
  tree.put(details, "config_version", tree.integer(row.version.value_or(0)));
  tree.put(details, "current_user_name", tree.string(row.current));
  tree.put(details, "config_snapshot", tree.borrow(pg::jsonb_view(described)));
  audit::entry entry;
  entry.id = store::next_audit_id();
  entry.unix_microseconds = store::unix_microseconds(DatumGetTimestampTz(at));
  entry.user_id = row.by;
  entry.session_user_name = row.session;
  entry.action_type = row.action;
  entry.resource_type = "llm_provider_configs";
  entry.resource_id = row.provider;
  entry.details = json::view(details);
  sql.run(add_hashed_history, {pg::value(row.provider_id), pg::value(row.provider), pg::value(row.action),
                               pg::datum_value(described, JSONBOID), pg::value(row.by),
                               pg::value(row.version), pg::value(row.session), pg::value(row.current),
                               pg::datum_value(uuid, UUIDOID), pg::datum_value(at, TIMESTAMPTZOID)});
  const pg::new_column leaf[] = {{"history_id", UUIDOID, uuid, false},
                                 {"audit_id", INT8OID, Int64GetDatum(entry.id), false},
                                 {"leaf", BYTEAOID, store::leaf_datum(entry), false}};
  pg::insert_row(store::oid_of(store::table::history_leaves), leaf, std::size(leaf));
}

void write(const pg::trigger_call& trigger, const pg::tuple_image& row, const actions& what) {
  if (what.count == 0) return;
  const Datum snapshot = snapshot_of(row);
  const std::string by = changed_by(trigger, row);
  const std::string session = pg::session_role();
  const std::string current = pg::outer_role();
  const store::own_update logging(store::own_change::logging);
  const store::as_owner owner;
  pg::spi sql;
  const bool hashed = store::expects(store::table::history_leaves);
  for (std::size_t i = 0; i < what.count; ++i)
    if (hashed)
      add_hashed(sql,
                 {row.integer("id"), row.integer("config_version"), row.text("provider_name"), what.names[i],
                  by, session, current},
                 snapshot);
    else
      sql.run(add_history,
              {pg::value(row.integer("id")), pg::value(row.text("provider_name")), pg::value(what.names[i]),
               pg::datum_value(snapshot, RECORDOID), pg::value(by), pg::value(row.integer("config_version")),
               pg::value(session), pg::value(current)});
}

// The last test goes with its provider. Against the newest state: record_provider_test() holds the provider
// until it commits, and what it stored meanwhile an older snapshot would not see. A new provider begins
// without one.
void carry_test(const pg::trigger_call& trigger) {
  const store::as_owner owner;
  pg::spi sql;
  if (trigger.updates())
    sql.run_on_latest(rename_test, {pg::value(trigger.old_row().text("provider_name")),
                                    pg::value(trigger.new_row().text("provider_name"))});
  else
    sql.run_on_latest(
        forget_test,
        {pg::value((trigger.deletes() ? trigger.old_row() : trigger.new_row()).text("provider_name"))});
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_log_provider_config_change)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::providers,
      {{false, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}});
  const bool loading = store::loading(trigger);
  actions what;
  if (trigger.inserts()) {
    if (loading) return Datum{0};  // its test may have been loaded before it
    what.add("created");
    write(trigger, trigger.new_row(), what);
    carry_test(trigger);
    return Datum{0};
  }
  const pg::tuple_image before = trigger.old_row();
  if (trigger.deletes()) {
    what.add("deleted");
    if (!loading) write(trigger, before, what);
    carry_test(trigger);
    return Datum{0};
  }
  const pg::tuple_image after = trigger.new_row();
  if (store::only_resealed(before, after)) return Datum{0};
  if (!loading) write(trigger, after, actions_of(trigger, before, after));
  if (before.text("provider_name") != after.text("provider_name")) carry_test(trigger);
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_refuse_history_change)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::history,
      {{true, true, {TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}, {true, false, {TRIGGER_EVENT_TRUNCATE}}});
  throw error(
      sqlstate::append_only, "llm_provider_config_history is append-only",
      trigger.truncates() ? "TRUNCATE was refused"
                          : (trigger.deletes() ? "DELETE was refused" : "UPDATE was refused"),
      "SELECT * FROM llm_admin.remove_seed_providers() removes untouched seed rows; their history stays");
}
