#include "calls/answer.hpp"

#include "core/calls/receipt.hpp"
#include "core/error.hpp"
#include "core/mapping/request/text.hpp"
#include "core/mapping/warnings.hpp"
#include "pg/jsonb.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "pg/uuid.hpp"
#include "store/key_cache.hpp"

namespace llm_admin::calls_room {

namespace {

// Nothing, with a warning, where no key is at hand to sign it with: the call's row alone then ends it.
std::optional<std::string> receipt_of(const store::open_call& call, own_warnings& warnings) {
  try {
    if (!store::key_cache::exists()) {
      warnings.push_back({"no_receipt", "there is no data key yet"});
      return std::nullopt;
    }
    const envelope::key_id& key = store::key_cache::installation();
    calls::receipt of;
    of.call_id = call.call_id;
    of.started_at = call.started_at;
    of.tenant_id = call.tenant_id;
    of.user_id = call.user_id;
    of.provider = call.provider;
    of.model = call.requested_model;
    of.account_id = call.account_id;
    of.price_id = call.price_id;
    of.by_tenant = call.key_source == "byollm";
    if (call.estimate_usd) of.estimate_usd = call.estimate_usd->text();
    const envelope::key_id named = key;
    return calls::write_receipt(of, named, store::key_cache::receipt_key(named).span());
  } catch (const llm_admin::error& refused) {
    if (refused.is_fault()) throw;
    warnings.push_back({"no_receipt", std::string("it cannot be signed: ") + refused.message()});
    return std::nullopt;
  }
}

}  // namespace

void add_warnings(json::item* listed, const own_warnings& warnings, json::tree& out) {
  for (const own_warning& one : warnings) {
    json::item* object = out.object();
    out.append(object, "code", out.string(out.keep(one.code)));
    out.append(object, "message", out.string(out.keep(one.message)));
    out.push(listed, object);
  }
}

Datum begun(FunctionCallInfo fcinfo, const store::open_call& call, route& to, own_warnings warnings,
            bool repeated) {
  const std::optional<std::string> receipt = receipt_of(call, warnings);
  const store::provider_request& request = to.request();
  pg::row_builder row;
  row.add(pg::maybe_uuid_datum(call.call_id));
  store::add_target(row, request.http);
  if (request.http.body != nullptr)
    row.add_text(mapping::body_text(request.built, to.call().input.limits));
  else
    row.add_null();
  row.add_text(call.provider).add(pg::maybe_uuid_datum(call.account_id));
  if (call.requested_model.empty())
    row.add_null();
  else
    row.add_text(call.requested_model);
  row.add_text(call.key_source);
  if (call.estimate_usd)
    row.add(pg::make_numeric(call.estimate_usd->text()), NUMERICOID);
  else
    row.add_null();
  row.add(TimestampTzGetDatum(call.expires_at), TIMESTAMPTZOID);
  row.add_null();  // cached_response
  json::item* listed = mapping::listed(request.built.warnings, to.out());
  add_warnings(listed, warnings, to.out());
  row.add_jsonb(pg::make_jsonb(listed)).add_boolean(repeated);
  if (receipt)
    row.add_text(*receipt);
  else
    row.add_null();
  return pg::make_row(fcinfo, row);
}

}  // namespace llm_admin::calls_room
