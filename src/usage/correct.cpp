// book_correction: the difference to an invoice, or to what a late finish says, as a row of its own. Rows that were
// counted do not change.
#include <array>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/usage/correction.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "store/alias.hpp"
#include "store/entered_tenant.hpp"
#include "store/frontier.hpp"
#include "store/model_name.hpp"
#include "store/owner.hpp"
#include "store/usage_log.hpp"

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_book_correction, INT8OID)(FunctionCallInfo fcinfo) {
  pg::require_primary("book_correction");
  const pg::args in(fcinfo);
  usage::call call;
  call.provider = in.required_text(0, "provider");
  call.model = in.required_text(1, "model");
  usage::read_correction(in.jsonb(2, pg::most::settings), call);
  static constexpr std::array<std::string_view, 5> known = {"at", "tenant_id", "user_id", "reason", "byollm"};
  const call_options options(in.jsonb(3, pg::most::settings), known);
  call.at = options.text("at");
  call.tenant_id = options.text("tenant_id").value_or("");
  call.user_id = options.text("user_id").value_or("");
  call.error_message = options.text("reason");
  if (options.boolean("byollm")) call.key_source = "byollm";
  if (!call.tenant_id.empty()) store::require_entered(call.tenant_id);
  store::usage_entry entry;
  entry.call = &call;
  entry.at = store::time_of_call(call);
  entry.provider = store::provider_named(call.provider);
  entry.model_id = store::canonical_model(call.provider, call.model).canonical;
  entry.requested_model = entry.model_id;
  store::require_book_key(call.tenant_id, call.user_id, entry.provider, entry.model_id);
  entry.cost_status = "reported";
  entry.cost_usd = call.key_source == "byollm" ? std::string("0") : call.cost.value_or("0");
  entry.list_cost_usd = call.cost.value_or("0");
  const store::as_owner owner;
  pg::spi sql;
  entry.id = store::next_id(store::usage_ids);
  store::insert_usage(sql, std::span<const store::usage_entry>(&entry, 1));
  return Int64GetDatum(entry.id);
}
