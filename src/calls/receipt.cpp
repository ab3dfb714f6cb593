#include "calls/receipt.hpp"

#include <algorithm>

#include "core/calls/receipt.hpp"
#include "core/error.hpp"
#include "pg/clock.hpp"
#include "store/key_cache.hpp"

namespace llm_admin::calls_room {

namespace {

std::string text_member(const json::node& of, std::string_view name) {
  const json::node value = of.member(name);
  return value.is_string() ? std::string(value.text()) : std::string();
}

calls::receipt promised(const store::open_call& call, bool is_request) {
  calls::receipt of;
  of.call_id = call.call_id;
  of.started_at = call.started_at;
  of.attempt = call.attempt;
  of.input_estimate = call.input_estimate;
  of.price_id = call.price_id;
  of.account_id = call.account_id;
  of.key_id = call.key_id;
  of.job_id = call.job_id;
  of.parent_call_id = call.parent_call_id;
  of.by_tenant = call.key_source == "byollm";
  of.is_request = is_request;
  of.tenant_id = call.tenant_id;
  of.user_id = call.user_id;
  of.team_id = call.team_id;
  of.provider = call.provider;
  of.model = call.requested_model;
  of.model_id = call.model_id;
  of.operation = call.operation;
  of.service_tier = call.service_tier;
  of.request_id = call.request_id.value_or(std::string());
  if (call.estimate_usd) of.estimate_usd = call.estimate_usd->text();
  of.tier = text_member(call.access, "tier");
  of.reason = text_member(call.access, "reason");
  of.rule = read_uuid(text_member(call.access, "rule"));
  of.permission = read_uuid(text_member(call.access, "permission"));
  // A rule without a limit of its own holds nothing, and neither does any rule for a further attempt.
  of.rule_counts =
      of.rule && std::any_of(call.reservations.begin(), call.reservations.end(),
                             [&](const calls::reservation& one) { return one.limit_id == *of.rule; });
  for (const call_tag& tag : tags_of(call.tags))
    of.tags.push_back({std::string(tag.name), std::string(tag.value)});
  of.models = call.models;
  return of;
}

}  // namespace

std::optional<std::string> receipt_of(const store::open_call& call, bool is_request, own_warnings& warnings) {
  try {
    if (!store::key_cache::exists()) {
      warnings.push_back({"no_receipt", "there is no data key yet"});
      return std::nullopt;
    }
    const envelope::key_id named = store::key_cache::installation();
    return calls::write_receipt(promised(call, is_request), named,
                                store::key_cache::receipt_key(named).span());
  } catch (const llm_admin::error& refused) {
    if (refused.is_fault()) throw;
    warnings.push_back({"no_receipt", std::string("it cannot be signed: ") + refused.message()});
    return std::nullopt;
  }
}

receipted_call call_of_receipt(const uuid_bytes& id, std::string_view text, json::tree& kept) {
  const envelope::key_id named = calls::receipt_data_key(text);
  calls::receipt read = [&] {
    try {
      return calls::open_receipt(text, store::key_cache::receipt_key(named).span(), id, pg::clock_now());
    } catch (const llm_admin::error& why) {
      if (why.sqlstate() == std::string_view(sqlstate::envelope_rejected))
        calls::refuse_unknown_call(id, "its receipt was altered, or signed by another installation");
      throw;
    }
  }();
  receipted_call made;
  store::open_call& call = made.call;
  call.call_id = id;
  call.started_at = read.started_at;
  call.attempt = read.attempt;
  call.input_estimate = read.input_estimate;
  call.price_id = read.price_id;
  call.account_id = read.account_id;
  call.key_id = read.key_id;
  call.job_id = read.job_id;
  call.parent_call_id = read.parent_call_id;
  call.key_source = read.by_tenant ? "byollm" : "platform";
  call.tenant_id = read.tenant_id;
  call.user_id = read.user_id;
  call.team_id = read.team_id;
  call.provider = read.provider;
  call.requested_model = read.model;
  call.model_id = read.model_id;
  call.operation = read.operation;
  call.service_tier = read.service_tier;
  if (!read.request_id.empty()) call.request_id = read.request_id;
  if (!read.estimate_usd.empty()) call.estimate_usd = money::decimal::from_text(read.estimate_usd);
  call.access = json::view(
      access_item({kept.keep(read.reason), kept.keep(read.tier), read.rule, read.permission}, kept));
  json::item* tags = kept.object();
  for (const calls::receipt_tag& tag : read.tags)
    kept.append(tags, kept.keep(tag.name), kept.string(kept.keep(tag.value)));
  call.tags = json::view(tags);
  call.models = std::move(read.models);
  made.limits.tier = read.tier;
  if (read.rule_counts) made.limits.rule = read.rule;
  made.limits.is_request = read.is_request;
  return made;
}

json::item* access_item(const access_reason& of, json::tree& out) {
  json::item* object = out.object();
  const auto id = [&](const char* name, const std::optional<uuid_bytes>& value) {
    if (value) out.append(object, name, out.string(out.keep(uuid_string(*value))));
  };
  if (!of.reason.empty()) out.append(object, "reason", out.string(out.keep(of.reason)));
  if (!of.tier.empty()) out.append(object, "tier", out.string(out.keep(of.tier)));
  id("rule", of.rule);
  id("permission", of.permission);
  return object;
}

}  // namespace llm_admin::calls_room
