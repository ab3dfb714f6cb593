// The triggers of installed_models and model_deployments: a model stays on its server, a deployment is on its
// model's, and moves from state to state as core/deployment_state.hpp says.
#include <string>

#include "core/deployment_state.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "pg/entry.hpp"
#include "pg/spi.hpp"
#include "store/load.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

namespace {

// Held until the deployment is committed. The model's server cannot change.
pg::statement hold_model{
    "SELECT m.server_id OPERATOR(pg_catalog.=) $2, s.name::pg_catalog.text, m.model_name::pg_catalog.text "
    "FROM llm_admin.installed_models m JOIN llm_admin.model_servers s ON s.id OPERATOR(pg_catalog.=) "
    "m.server_id WHERE m.id OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF m",
    {UUIDOID, UUIDOID}};

// A model that is not there is the foreign key's to tell.
void require_models_server(const pg::tuple_image& row) {
  if (row.is_null("model_id") || row.is_null("server_id")) return;
  const pg::typed_datum model = row.value("model_id"), server = row.value("server_id");
  std::string models_server, name;
  {
    const store::as_owner owner;
    pg::spi sql;
    if (sql.run_on_latest(hold_model, {pg::datum_value(model), pg::datum_value(server)}) == 0) return;
    if (sql.at(0).boolean(1)) return;
    models_server = sql.at(0).text(2);
    name = sql.at(0).text(3);
  }
  throw error(sqlstate::check_violation, "a deployment and its model are on the same server",
              "model " + name + " is installed on server " + models_server,
              "SELECT llm_admin.deploy_model(" + sql_literal(models_server, "'<server>'") + ", " +
                  sql_literal(name, "'<model>'") + ")");
}

void require_move(const pg::tuple_image& before, const pg::tuple_image& row) {
  const std::string_view from = before.text("status"), to = row.text("status");
  if (may_move(from, to)) return;
  throw error(sqlstate::move_not_allowed,
              "a deployment that is " + std::string(from) + " cannot become " + std::string(to),
              "it can become: " + std::string(states_after(from)),
              "SELECT * FROM llm_admin.deployment_status WHERE alias = " +
                  sql_literal(row.text("alias"), "'<alias>'"));
}

// When it began and ended, unless the statement says so itself.
HeapTuple with_times(const store::trigger_call& trigger, const pg::tuple_image& row,
                     const pg::tuple_image* before) {
  const std::string_view to = row.text("status");
  const std::string_view from = before == nullptr ? std::string_view() : before->text("status");
  if (from == to) return row.tuple();
  const auto given = [&](const char* column) {
    return before == nullptr ? !row.is_null(column) : trigger.sets(row.column(column));
  };
  const Datum now = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
  pg::tuple_changes changes(row);
  const bool begins = to == "loading" || (to == "running" && row.is_null("started_at"));
  if (begins && !given("started_at")) changes.set("started_at", now, TIMESTAMPTZOID);
  if (to == "loading" && !given("stopped_at")) changes.set_null("stopped_at");
  const bool ends = before != nullptr && (from == "running" || to == "stopped");
  if (ends && !given("stopped_at")) changes.set("stopped_at", now, TIMESTAMPTZOID);
  return changes.any() ? changes.apply() : row.tuple();
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_validate_installed_model)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::installed_models,
                                    {{true, true, {TRIGGER_EVENT_UPDATE}}});
  if (store::loading(trigger)) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  const int server = row.column("server_id");
  if (!trigger.old_row().same(row, server))
    throw error(sqlstate::not_in_state, "an installed model stays on its server",
                "its deployments are there, too",
                "on the other server: SELECT llm_admin.install_model('<server>', " +
                    sql_literal(row.text("model_name"), "'<model>'") + ")");
  return trigger.unchanged();
}

LLM_ADMIN_FUNCTION(llm_admin_validate_deployment)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::deployments,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  if (store::loading(trigger)) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  if (!trigger.updates()) {
    require_models_server(row);
    return pg::trigger_call::replaced(with_times(trigger, row, nullptr));
  }
  const pg::tuple_image before = trigger.old_row();
  require_move(before, row);
  if (!before.same(row, row.column("model_id")) || !before.same(row, row.column("server_id")))
    require_models_server(row);
  return pg::trigger_call::replaced(with_times(trigger, row, &before));
}
