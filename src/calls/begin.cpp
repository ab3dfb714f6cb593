// begin_call: who may call, whose key, which request, what of limits; one row says so until finish_call().
#include <string>

#include "calls/answer.hpp"
#include "calls/estimate.hpp"
#include "calls/expire.hpp"
#include "calls/receipt.hpp"
#include "calls/route.hpp"
#include "core/calls/fingerprint.hpp"
#include "core/calls/next_step.hpp"
#include "core/crypto/random_uuid.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/keys/redact.hpp"
#include "pg/args.hpp"
#include "pg/clock.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/stop_point.hpp"
#include "store/bounds.hpp"
#include "store/entered_tenant.hpp"
#include "store/finished_call.hpp"
#include "store/open_call.hpp"
#include "store/tenant.hpp"
#include "store/usage_log.hpp"

using namespace llm_admin;
using calls_room::asked_call;
using calls_room::route;

namespace {

calls::caller who_key_says(const store::access_key& key) {
  calls::caller fixed{key.tenant_id, key.user_id, key.team_id, key.tier.value_or(std::string_view()), {}};
  if (key.tags != Datum{0}) fixed.tags = tags_of(pg::jsonb_view(key.tags));
  return fixed;
}

// Who asks: what the key fixes goes before the arguments, which may not say otherwise.
asked_call settle(const pg::args& in, const calls::begin_options& options) {
  asked_call asked{options, {}, std::nullopt};
  const calls::caller given{in.text(2).value_or(std::string_view()), in.text(1).value_or(std::string_view()),
                            options.team, in.text(3).value_or(std::string_view()), options.tags};
  const auto entered = store::entered_tenant();
  if (options.key) {
    asked.key = store::require_access_key(*options.key);
    asked.who = calls::settle_caller(given, who_key_says(*asked.key), entered);
  } else {
    asked.who = calls::settle_caller(given, entered);
  }
  if (!asked.who.tenant_id.empty()) {
    store::require_tenant_id(asked.who.tenant_id);
    store::require_entered(asked.who.tenant_id);
  }
  return asked;
}

// Which attempt of which request it is.
struct chain {
  std::int32_t attempt = 1;
  std::optional<std::string> request_id;
  bool is_request = true;           // counts in limits of requests
  std::vector<std::string> models;  // to fall back to
};

[[noreturn]] void unknown_parent(const char* why) {
  throw error(sqlstate::call_unknown, "option parent_call_id is of no call that has ended", why,
              "finish_call() ends the attempt before; its answer says what may follow");
}

chain chain_of(const asked_call& asked) {
  const calls::begin_options& options = asked.options;
  chain made;
  if (options.request_id) made.request_id = *options.request_id;
  made.models.assign(options.models.begin(), options.models.end());
  if (!options.parent_call_id) return made;
  const auto before = store::find_finished(*options.parent_call_id);
  if (!before || !before->in_log || before->tenant_id != asked.who.tenant_id) {
    const auto open = store::find_call(*options.parent_call_id);
    unknown_parent(open && open->tenant_id == asked.who.tenant_id ? "that call is open"
                                                                  : "no call of this tenant has that id");
  }
  if (before->user_id != asked.who.user_id ||
      before->key_id != (asked.key ? std::optional(asked.key->id) : std::nullopt))
    unknown_parent("that call was made by another caller");
  if (before->attempt >= calls::most_attempts)
    throw error(sqlstate::move_not_allowed, "the chain of attempts is at its end",
                "it has had " + std::to_string(before->attempt) + " attempts",
                "begin a call of its own, without option parent_call_id");
  if (made.request_id && made.request_id != before->request_id)
    throw error(sqlstate::invalid_parameter, "option request_id differs from that of the attempt before", "",
                "leave it out beside parent_call_id");
  // An attempt has one successor: where the caller named no request, the first attempt's id is its name.
  made.request_id = before->request_id ? *before->request_id : uuid_string(*options.parent_call_id);
  made.attempt = before->attempt + 1;
  made.is_request = before->was_answered;
  if (made.models.empty()) made.models = store::texts_of(before->metadata.member("models"));
  return made;
}

std::string request_name(const chain& of) {
  return *of.request_id + (of.attempt > 1 ? "/" + std::to_string(of.attempt) : std::string());
}

// The call that is open under this request; nothing where it is the first. Holds the request until the transaction ends.
std::optional<store::open_call> open_before(const asked_call& asked, const chain& of,
                                            const std::string& fingerprint) {
  if (!of.request_id) return std::nullopt;
  store::lock_request(asked.who.tenant_id, *of.request_id, of.attempt);
  auto open = store::find_call(asked.who.tenant_id, *of.request_id, of.attempt);
  if (open) {
    if (open->fingerprint == fingerprint) return open;
    throw error(
        sqlstate::request_differs, "another request is open under this request_id",
        "call " + uuid_string(open->call_id) + " was begun for other params, options or another caller",
        "give each request an id of its own; a repeat has the params of the first one");
  }
  const std::string name = request_name(of);
  if (const auto usage = store::usage_of_request(asked.who.tenant_id, name, of.attempt))
    throw error(sqlstate::call_unknown, "the request is answered already",
                "{\"usage_id\": " + std::to_string(*usage) + "}",
                "SELECT * FROM llm_admin.llm_usage_logs WHERE id = " + std::to_string(*usage));
  return std::nullopt;
}

json::item* tags_item(const std::vector<call_tag>& tags, json::tree& out) {
  json::item* object = out.object();
  for (const call_tag& one : tags) out.append(object, one.name, out.string(one.value));
  return object;
}

store::open_call call_of(const asked_call& asked, const route& to, const chain& of,
                         const calls_room::call_estimate& estimate, std::int64_t now) {
  store::open_call made;
  made.call_id = crypto::random_uuid();
  made.tenant_id = asked.who.tenant_id;
  made.user_id = asked.who.user_id;
  made.team_id = asked.who.team;
  if (asked.key) made.key_id = asked.key->id;
  made.job_id = asked.options.job_id;
  made.parent_call_id = asked.options.parent_call_id;
  made.account_id = to.account_id();
  made.request_id = of.request_id;
  made.attempt = of.attempt;
  made.provider = to.provider();
  made.key_source = to.source();
  made.requested_model = to.sent_model();
  made.model_id = to.canonical();
  made.operation = asked.options.operation;
  made.service_tier = asked.options.service_tier;
  made.price_id = estimate.price_id;
  made.config_version = to.call().row.integer(store::provider_column::config_version).value_or(0);
  made.started_at = now;
  const std::int64_t timeout_ms = asked.options.timeout_ms.value_or(pg::settings::call_timeout_ms());
  made.expires_at = now + timeout_ms * 1000;
  made.input_estimate = static_cast<std::int32_t>(estimate.tokens.input);
  made.estimate_usd = estimate.cost.usd;
  made.models = of.models;
  return made;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_begin_call)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const auto given = in.json_text(0);
  if (!given) throw error(sqlstate::null_not_allowed, "argument params must not be null");
  const calls::begin_options options = calls::read_begin_options(in.jsonb(4, pg::most::settings));
  pg::require_primary("begin_call");
  const asked_call asked = settle(in, options);
  const calls_room::given_params params(*given, store::limits_now());
  const chain of = chain_of(asked);

  const mapping::limits work = store::limits_now();
  memory_bound bound(work.max_memory(), work.poll);
  calls::begin_request described;
  described.params = params.params;
  described.replaced = params.replaced.nulls + params.replaced.surrogates + params.replaced.numbers;
  described.options = &options;
  described.by = &asked.who;
  if (asked.key) described.key_id = asked.key->id;
  const std::string fingerprint = calls::fingerprint_of(described, bound);
  if (const auto open = open_before(asked, of, fingerprint)) {
    const bool other_model = !open->requested_model.empty() && open->requested_model != params.model();
    route again(asked, params, other_model ? std::string_view(open->requested_model) : std::string_view(),
                &*open);
    return calls_room::begun(fcinfo, *open, again, {}, true, of.is_request);
  }

  const std::int64_t now = pg::clock_now();
  calls_room::own_warnings warnings;
  std::unique_ptr<route> to;
  calls_room::call_estimate estimate;
  calls_room::taken_limits taken;
  std::string model;
  for (int turn = 0;; ++turn) {
    to = std::make_unique<route>(asked, params, model, nullptr);
    estimate = calls_room::estimate_of(asked, *to, *given, now);
    store::require_book_key(asked.who.tenant_id, asked.who.user_id, to->provider(), to->canonical());
    taken = calls_room::take_limits(asked, *to, estimate, of.is_request, now, turn < limits::most_downgrades);
    if (taken.downgrade_to.empty()) break;
    warnings.push_back({"downgraded", "a limit is reached, and " +
                                          std::string(shortened(taken.downgrade_to, 255)) +
                                          " is asked in place of the model that was named"});
    model = taken.downgrade_to;
  }
  for (const std::string& one : estimate.tokens.notes)
    if (one != "counted" && one != "clamped") warnings.push_back({one, "of the estimate"});
  for (const std::string& one : taken.exceeded) warnings.push_back({"limit_exceeded", one});
  pg::stop_point("begin_call.taken");

  store::open_call call = call_of(asked, *to, of, estimate, now);
  call.fingerprint = fingerprint;
  call.reservations = std::move(taken.taken);
  json::tree kept;
  const store::access_decision& access = to->access();
  call.access =
      json::view(calls_room::access_item({access.reason, access.tier, access.rule, access.permission}, kept));
  call.tags = json::view(tags_item(asked.who.tags, kept));
  store::insert_call(call);
  pg::stop_point("begin_call.written");
  if (asked.key) store::note_use(*asked.key);
  (void)calls_room::expire_beside(now, calls_room::looks_beside);
  return calls_room::begun(fcinfo, call, *to, warnings, false, of.is_request);
}
