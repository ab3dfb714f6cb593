// record_llm_test: the outcome of a connection test that the application made.
#include <string>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/keys/redact.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/fetch.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/provider_key.hpp"
#include "store/tenant.hpp"
#include "tenants/config_view.hpp"

using namespace llm_admin;

namespace {

pg::statement store_test{
    "UPDATE llm_admin.llm_configs AS c SET last_tested_at = pg_catalog.clock_timestamp(), "
    "last_test_result = $2, last_test_latency = $3 WHERE c.tenant_id OPERATOR(pg_catalog.=) $1",
    {TEXTOID, TEXTOID, INT4OID}};

constexpr std::size_t longest_message = 2000;

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_record_llm_test, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string id(in.required_text(0, "tenant_id"));
  store::require_tenant_id(id);
  store::require_entered(id);
  if (in.is_null(1)) throw error(sqlstate::null_not_allowed, "argument ok must not be null");
  const bool ok = in.boolean(1, false);
  const auto latency = in.integer(2);
  if (latency && *latency < 0) throw error(sqlstate::invalid_parameter, "latency_ms must not be negative");
  pg::require_primary("record_llm_test");
  const auto tenant = store::find_tenant(id, pg::as_of::latest);
  if (!tenant) tenants::unknown_tenant(id);
  std::string result = "success";
  if (!ok) {
    // A vendor's message may quote the key it refused. Scrubbed before it is cut, or half a key would stay.
    std::string message(in.text_start(3).value_or(""));
    if (message.empty()) message = "no message";
    if (const auto key = tenants::readable_key(*tenant))
      message = scrub(std::move(message), key->text());
    else if (tenant->kind_of_key() == stored_key::bound_envelope)
      message = store::left_out;
    // An application that fell back may report what it was told there, and tenants read the result.
    const auto platform = store::find_active_provider(pg::as_of::latest);
    if (platform && message != store::left_out) message = store::without_key(*platform, std::move(message));
    result = "error: " + std::string(shortened(message, longest_message));
  }
  {
    const store::as_owner owner;
    pg::spi sql;
    const auto took = ok ? pg::value(latency) : pg::null_value();
    if (sql.run_on_latest(store_test, {pg::value(id), pg::value(result), took}) == 0)
      throw error(sqlstate::not_in_state, "the test of " + tenant_named(id, true) + " could not be recorded",
                  "its configuration was deleted meanwhile, or another trigger suppressed the change");
  }
  return tenants::config_json(store::find_tenant(id, pg::as_of::latest));
}
