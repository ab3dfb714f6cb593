// build_request_text: a request whose body is text, so that members and numbers stand as the caller wrote
// them.
#include <array>
#include <optional>
#include <string>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/mapping/request/text.hpp"
#include "core/mapping/warnings.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "store/bounds.hpp"
#include "store/operations.hpp"
#include "store/provider.hpp"
#include "store/provider_call.hpp"
#include "store/resolution.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 4> known_options = {"with_key", "operation", "tenant_id", "requested"};

Datum text_request(FunctionCallInfo fcinfo, store::call_of_provider& call, bool with_key) {
  const store::provider_request request = store::build(call, with_key);
  pg::row_builder row;
  store::add_target(row, request.http);
  if (request.http.body != nullptr)
    row.add_text(mapping::body_text(request.built, call.input.limits));
  else
    row.add_null();
  store::add_origin(row, call, request);
  row.add_jsonb(pg::make_jsonb(mapping::listed(request.built.warnings, call.out)));
  return pg::make_row(fcinfo, row);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_build_request_text)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const auto params = in.json_text(0);
  if (!params) throw error(sqlstate::null_not_allowed, "argument params must not be null");
  const call_options options(in.jsonb(2, pg::most::settings), known_options);
  const bool with_key = options.boolean("with_key");
  const auto tenant_id = options.text("tenant_id"), operation = options.text("operation");
  std::optional<store::resolution> tenant;
  if (tenant_id) {
    if (in.text(1))
      throw error(sqlstate::invalid_parameter, "a tenant's call goes where the tenant's configuration says",
                  "provider_name and option tenant_id were both given");
    tenant.emplace(store::resolve(*tenant_id, options.text("requested")));
  } else if (options.text("requested")) {
    throw error(sqlstate::invalid_parameter, "option requested needs option tenant_id");
  }
  const store::provider row = tenant ? *tenant->provider : store::require_provider(in.text(1));
  if (!tenant && !operation) store::require_enabled(row);
  store::call_of_provider call(row, json::node());
  mapping::read_params(*params, call.input, call.out);
  if (tenant)
    store::direct(call, *tenant, with_key);
  else
    store::use_account(call);
  if (operation) call.input.call = &store::require_operation(*call.program, *operation, row.name());
  return text_request(fcinfo, call, with_key);
}
