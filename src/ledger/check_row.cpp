// check_row: the trigger that says which NOT NULL or CHECK of a table of ours a row breaks without showing
// the row.
#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/insert.hpp"
#include "pg/row_rules.hpp"
#include "store/own_update.hpp"
#include "store/tables.hpp"

extern "C" {
#include "catalog/partition.h"
}

using namespace llm_admin;

namespace {

constexpr std::array tables = {"access_grants",
                               "access_keys",
                               "account_state",
                               "audit_log",
                               "audit_payloads",
                               "cache_versions",
                               "config_changes",
                               "daily_cost_summary",
                               "data_keys",
                               "exchange_rates",
                               "frontier_gaps",
                               "frontiers",
                               "installed_models",
                               "job_usage",
                               "limit_counters",
                               "limit_events",
                               "limit_overrides",
                               "limits",
                               "llm_calls",
                               "llm_provider_config_history",
                               "model_aliases",
                               "model_deployments",
                               "model_permissions",
                               "model_price_history",
                               "model_servers",
                               "provider_aliases",
                               "provider_history_leaves",
                               "provider_tests",
                               "quota_tickets",
                               "root_keys",
                               "schema_migrations",
                               "sender_tickets",
                               "tier_model_rules",
                               "tiers",
                               "usage_daily_tags",
                               "usage_requests",
                               "user_tiers"};

// A partition of a table of ours is one, wherever it stands, and so is one of a partition.
bool is_ours(Relation table) {
  const Oid relation = RelationGetRelid(table);
  const Oid named = table->rd_rel->relispartition
                        ? pg::call([=] { return llast_oid(get_partition_ancestors(relation)); })
                        : relation;
  const char* name =
      named == relation ? RelationGetRelationName(table) : pg::call([=] { return get_rel_name(named); });
  const Oid schema =
      named == relation ? RelationGetNamespace(table) : pg::call([=] { return get_rel_namespace(named); });
  return name != nullptr && std::find(tables.begin(), tables.end(), std::string_view(name)) != tables.end() &&
         schema == store::schema();
}

// The rules are made anew for each statement; of a row that we write ourselves the server asks them alone.
bool written_by_us(Relation table) {
  if (pg::inserts_into(RelationGetRelid(table))) return true;
  return store::own_update::current() == store::own_change::logging &&
         std::string_view(RelationGetRelationName(table)) == "llm_provider_config_history";
}

}  // namespace

// It reads no column by its name, so that a table of ours in any shape is served.
LLM_ADMIN_FUNCTION(llm_admin_check_row)(FunctionCallInfo fcinfo) {
  const auto* data =
      CALLED_AS_TRIGGER(fcinfo) ? reinterpret_cast<const TriggerData*>(fcinfo->context) : nullptr;
  const bool is_right = data != nullptr && TRIGGER_FIRED_BEFORE(data->tg_event) &&
                        TRIGGER_FIRED_FOR_ROW(data->tg_event) && !TRIGGER_FIRED_BY_DELETE(data->tg_event);
  const bool by_us = is_right && written_by_us(data->tg_relation);
  if (!is_right || (!by_us && !is_ours(data->tg_relation)))
    throw error(sqlstate::not_in_state,
                "this function can only be called by a trigger on a table of llm_admin's own",
                "the trigger is made BEFORE INSERT OR UPDATE FOR EACH ROW");
  const bool updates = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
  HeapTuple row = updates ? data->tg_newtuple : data->tg_trigtuple;
  if (by_us) return PointerGetDatum(row);
  pg::require_row_rules(fcinfo, data->tg_relation, row, updates ? data->tg_trigtuple : nullptr);
  return PointerGetDatum(row);
}
