#include "calls/answer.hpp"

#include "calls/receipt.hpp"
#include "core/mapping/request/text.hpp"
#include "core/mapping/warnings.hpp"
#include "pg/jsonb.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "pg/uuid.hpp"

namespace llm_admin::calls_room {

void add_warnings(json::item* listed, const own_warnings& warnings, json::tree& out) {
  for (const own_warning& one : warnings) {
    json::item* object = out.object();
    out.append(object, "code", out.string(out.keep(one.code)));
    out.append(object, "message", out.string(out.keep(one.message)));
    out.push(listed, object);
  }
}

Datum begun(FunctionCallInfo fcinfo, const store::open_call& call, route& to, own_warnings warnings,
            bool repeated, bool is_request) {
  const std::optional<std::string> receipt = receipt_of(call, is_request, warnings);
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
