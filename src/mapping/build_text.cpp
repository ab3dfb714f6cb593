// build_request_text: a request whose body is text, so that members and numbers stand as the caller wrote
// them.
#include <array>
#include <optional>
#include <string>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/json/utf8.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/warnings.hpp"
#include "mapping/operations.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "store/bounds.hpp"
#include "store/provider.hpp"
#include "store/provider_call.hpp"
#include "store/resolution.hpp"

using namespace llm_admin;
using column = store::provider_column;

namespace {

constexpr std::array<std::string_view, 4> known_options = {"with_key", "operation", "tenant_id", "requested"};

// The parameters as a tree that keeps what the caller wrote.
struct read_params {
  mutable memory_bound memory;
  json::tree tree;
  json::parsed read;

  explicit read_params(std::string_view text, const mapping::limits& most)
      : memory(most.max_memory(), most.poll) {
    tree.charge_to(&memory);
    json::parse_options how;
    how.lenient = how.keep_source = true;
    read = json::parse(text, tree, how);
    if (read.value == nullptr)
      throw error(sqlstate::request_invalid, "request cannot be built from these parameters",
                  read.too_deep ? "params nest deeper than 256 levels" : "params are no JSON");
    json::replaced halves;
    if (read.surrogates > 0) json::sanitize(tree, read.value, false, halves);
  }
  read_params(const read_params&) = delete;
  read_params& operator=(const read_params&) = delete;
};

// What the parameters hold that no JSON text of a request may.
void tell_replaced(const json::parsed& read, std::vector<mapping::finding>& warnings) {
  const auto tell = [&](std::size_t count, const char* what) {
    if (count > 0)
      warnings.push_back({"", "", std::to_string(count) + what + " in params became U+FFFD"});
  };
  tell(read.nulls, " times \\u0000");
  tell(read.surrogates, " lone halves of surrogate pairs");
}

Datum made(FunctionCallInfo fcinfo, store::call_of_provider& call, const json::parsed& read, bool with_key) {
  store::provider_request request = store::build(call, with_key);
  tell_replaced(read, request.built.warnings);
  pg::row_builder row;
  store::add_target(row, request.http);
  if (request.http.body != nullptr)
    row.add_text(store::bounded_text(request.http.body));
  else
    row.add_null();
  store::add_origin(row, call, request);
  row.add_jsonb(pg::make_jsonb(mapping::listed(request.built.warnings, call.out)));
  return pg::make_row(fcinfo, row);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_build_request_text)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const auto text = in.json_text(0);
  if (!text) throw error(sqlstate::null_not_allowed, "argument params must not be null");
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
  if (!tenant && !operation) mapping_room::require_enabled(row);
  const read_params params(*text, store::limits_now());
  store::call_of_provider call(row, json::view(params.read.value));
  call.input.limits.memory = &params.memory;
  if (tenant) store::direct(call, *tenant, with_key);
  if (operation) call.input.call = &mapping_room::require_operation(*call.program, *operation, row.name());
  return made(fcinfo, call, params.read, with_key);
}
