// canonical_model, check_model_access: the one name of a model, and whether a call may use it.
#include <array>
#include <cstring>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "store/access.hpp"
#include "store/access_key.hpp"
#include "store/entered_tenant.hpp"
#include "store/model_name.hpp"
#include "store/tenant.hpp"

using namespace llm_admin;

namespace {

// team and tags bear on limits, not on models; a call is described once for all. A key, by its id, narrows what its tier
// allows.
constexpr std::array<std::string_view, 5> access_options = {"roles", "agent", "team", "key", "tags"};

void add_id(pg::row_builder& to, const std::optional<row_id>& id) {
  if (!id) {
    to.add_null();
    return;
  }
  auto* uuid = static_cast<pg_uuid_t*>(pg::call([] { return palloc(sizeof(pg_uuid_t)); }));
  std::memcpy(uuid->data, id->data(), id->size());
  to.add(UUIDPGetDatum(uuid), UUIDOID);
}

void add_limit(pg::row_builder& to, const std::optional<std::int32_t>& limit) {
  if (limit)
    to.add_integer(*limit);
  else
    to.add_null();
}

// Within an entered tenant a call is that tenant's.
std::string_view tenant_of(std::optional<std::string_view> given) {
  if (!given || given->empty()) return store::entered_tenant().value_or(std::string_view());
  store::require_tenant_id(*given);
  store::require_entered(*given);
  return *given;
}

std::optional<store::access_key> key_of_call(std::optional<std::string_view> given) {
  if (!given || given->empty()) return std::nullopt;
  const auto id = read_uuid(*given);
  if (!id)
    throw error(sqlstate::invalid_parameter, "option key must be the id of an access key",
                "a token or hash is not taken here",
                "SELECT * FROM llm_admin.list_access_keys() shows the keys that there are");
  auto found = store::find_access_key(*id);
  if (!found) store::no_such_access_key(*id);
  return found;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_canonical_model)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const model_named found =
      store::canonical_model(in.text(0).value_or(std::string_view()), in.required_text(1, "model"));
  pg::row_builder row;
  row.add_text(found.canonical).add_text(found.matched_by);
  return pg::make_row(fcinfo, row);
}

LLM_ADMIN_FUNCTION(llm_admin_check_model_access)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const call_options options(in.jsonb(5, pg::most::settings), access_options);
  store::access_request request;
  request.tier = in.text(0);
  request.model = in.required_text(1, "model");
  request.user_id = in.text(2).value_or(std::string_view());
  request.tenant_id = tenant_of(in.text(3));
  request.provider = in.text(4).value_or(std::string_view());
  request.agent = options.text("agent").value_or(std::string_view());
  request.roles = options.texts("roles");
  const std::optional<store::access_key> key = key_of_call(options.text("key"));
  if (key) store::bind_to_key(request, *key);
  store::access_decision made = store::check_access(request);
  if (key) store::apply_key(made, *key);
  pg::row_builder row;
  row.add_boolean(made.allowed).add_text(made.reason);
  add_id(row, made.rule);
  add_id(row, made.permission);
  row.add_text(made.canonical_model);
  add_limit(row, made.max_requests_per_day);
  add_limit(row, made.max_context_length);
  if (made.note.empty())
    row.add_null();
  else
    row.add_text(made.note);
  return pg::make_row(fcinfo, row);
}
