// The statement trigger, the trigger that keeps one provider active, and switch_active_provider().
#include "providers/activity.hpp"

#include <string>

#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "store/alias.hpp"
#include "store/load.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/provider_key.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

namespace {

// The command id at which the running user statement began, so that a row it activated itself can be told
// from one that was active before. Our own nested UPDATE leaves it alone.
CommandId statement_began = InvalidCommandId;
bool deactivating = false;

class deactivation {
 public:
  deactivation() { deactivating = true; }
  ~deactivation() { deactivating = false; }
};

pg::statement any_active{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p WHERE p.is_active", {}};
pg::statement delete_all{"DELETE FROM llm_admin.llm_provider_configs", {}};
pg::statement other_active{
    "SELECT p.provider_name::pg_catalog.text, p.xmin, p.cmin FROM llm_admin.llm_provider_configs p "
    "WHERE p.is_active AND p.provider_name OPERATOR(pg_catalog.<>) $1::pg_catalog.varchar",
    {TEXTOID}};
pg::statement same_name_or_id{
    "SELECT 1 FROM llm_admin.llm_provider_configs p WHERE p.provider_name OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar OR p.id OPERATOR(pg_catalog.=) $2",
    {TEXTOID, INT4OID}};
pg::statement deactivate_others{
    "UPDATE llm_admin.llm_provider_configs AS p SET is_active = false "
    "WHERE p.is_active AND p.provider_name OPERATOR(pg_catalog.<>) $1::pg_catalog.varchar",
    {TEXTOID}};
pg::statement deactivate_others_by{
    "UPDATE llm_admin.llm_provider_configs AS p SET is_active = false, updated_by = $2 "
    "WHERE p.is_active AND p.provider_name OPERATOR(pg_catalog.<>) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID}};
pg::statement lock_target{
    "SELECT p.is_active, p.is_enabled, p.api_key_encrypted IS NULL AND "
    "p.auth_scheme OPERATOR(pg_catalog.<>) 'none'::pg_catalog.varchar "
    "FROM llm_admin.llm_provider_configs p WHERE p.provider_name OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar "
    "FOR UPDATE",
    {TEXTOID}};
pg::statement activate{
    "UPDATE llm_admin.llm_provider_configs AS p SET is_active = true "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID}};
pg::statement activate_by{
    "UPDATE llm_admin.llm_provider_configs AS p SET is_active = true, updated_by = $2 "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID}};

bool written_by_this_statement(const pg::row& row) {
  const TransactionId xmin = DatumGetTransactionId(row.raw(2, XIDOID));
  const CommandId cmin = DatumGetCommandId(row.raw(3, CIDOID));
  return pg::call([=] { return TransactionIdIsCurrentTransactionId(xmin); }) && cmin >= statement_began;
}

}  // namespace

namespace llm_admin::providers {

void lock_activity() {
  // The table first, as in a trigger: whoever holds all of it (TRUNCATE) may wait for the object lock behind
  // us.
  const Oid table = store::lock(store::table::providers, RowExclusiveLock);
  pg::call([=] { LockDatabaseObject(RelationRelationId, table, 0, ExclusiveLock); });
}

}  // namespace llm_admin::providers

LLM_ADMIN_FUNCTION(llm_admin_lock_provider_configs)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::providers,
      {{true,
        false,
        {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE, TRIGGER_EVENT_TRUNCATE}}});
  if (!deactivating) statement_began = pg::call([] { return GetCurrentCommandId(false); });
  if (store::loading(trigger)) return trigger.unchanged();
  providers::lock_activity();
  if (trigger.truncates()) {
    const store::as_owner owner;
    pg::spi sql;
    if (sql.run_on_latest(any_active, {}) > 0)
      throw error(sqlstate::object_in_use, "cannot truncate llm_provider_configs while a provider is active",
                  "active provider: " + sql.first()->text(1),
                  "UPDATE llm_admin.llm_provider_configs SET is_active = false WHERE is_active");
    // TRUNCATE fires no row trigger; deleting the rows first writes the history of each.
    sql.run_on_latest(delete_all, {});
  }
  return trigger.unchanged();
}

LLM_ADMIN_FUNCTION(llm_admin_ensure_single_active_provider)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::providers,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  if (store::loading(trigger)) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  if (!row.boolean("is_active")) return trigger.unchanged();
  if (trigger.updates() && trigger.old_row().boolean("is_active")) return trigger.unchanged();
  const std::string name(row.text("provider_name"));
  const store::as_owner owner;
  pg::spi sql;
  // An INSERT that meets an existing row either fails or becomes DO NOTHING or DO UPDATE; only the last
  // activates anything, and comes here again as an UPDATE.
  if (trigger.inserts() &&
      sql.run_on_latest(same_name_or_id, {pg::value(name), pg::value(row.integer("id"))}) > 0)
    return trigger.unchanged();
  // updated_by follows the activated row, so that both history rows name the same person.
  const bool by_whom = trigger.updates() && trigger.sets(row.column("updated_by"));
  sql.run_on_latest(other_active, {pg::value(name)});
  if (sql.rows() == 0) return trigger.unchanged();
  if (const auto other = sql.first(); written_by_this_statement(*other))
    throw error(sqlstate::not_in_state, "cannot activate more than one provider in one statement",
                "both " + other->text(1) + " and " + name + " would become active",
                "SELECT llm_admin.switch_active_provider('" + name + "')");
  const deactivation nested;
  if (by_whom)
    sql.run_on_latest(deactivate_others_by, {pg::value(name), pg::value(row.maybe_text("updated_by"))});
  else
    sql.run_on_latest(deactivate_others, {pg::value(name)});
  return trigger.unchanged();
}

LLM_ADMIN_FUNCTION(llm_admin_prevent_active_provider_deletion)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::providers, {{true, true, {TRIGGER_EVENT_DELETE}}});
  if (trigger.old_row().boolean("is_active") && !store::loading(trigger))
    throw error(sqlstate::object_in_use, "Cannot delete active provider. Switch to another provider first.",
                "", "SELECT llm_admin.switch_active_provider('<another provider>')");
  return trigger.unchanged();
}

LLM_ADMIN_SCALAR(llm_admin_switch_active_provider, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view given = in.required_text(0, "new_provider_name");
  const auto by = in.text(1);
  pg::require_primary("switch_active_provider");
  const std::string name = store::provider_named(given);
  providers::lock_activity();
  bool without_key = false;
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run_on_latest(lock_target, {pg::value(name)});
    const auto target = sql.first();
    if (!target) store::unknown_provider(name);
    if (!target->boolean(2))
      throw error(
          sqlstate::not_in_state, "Provider " + name + " is disabled", "",
          "UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = '" + name + "'");
    if (target->boolean(1)) return BoolGetDatum(true);
    without_key = target->boolean(3);
    const auto changed = by ? sql.run_on_latest(activate_by, {pg::value(name), pg::value(*by)})
                            : sql.run_on_latest(activate, {pg::value(name)});
    if (changed != 1)
      throw error(sqlstate::not_in_state, "provider " + name + " could not be activated",
                  "another trigger on llm_provider_configs suppressed the change",
                  "SELECT tgname FROM pg_trigger WHERE tgrelid = 'llm_admin.llm_provider_configs'::regclass");
  }
  if (without_key) {
    const char* provider = name.c_str();
    pg::call([=] {
      ereport(WARNING, (errmsg("provider %s has no key", provider),
                        errhint("SELECT llm_admin.set_provider_key('%s', '<key>')", provider)));
    });
  }
  return BoolGetDatum(true);
}
