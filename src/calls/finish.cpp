// finish_call: what came of a call, into the log once, with what it held of limits settled; and what to do next.
#include <algorithm>
#include <cstring>

#include "calls/answer.hpp"
#include "calls/late.hpp"
#include "calls/reading.hpp"
#include "calls/receipt.hpp"
#include "calls/record.hpp"
#include "core/calls/receipt.hpp"
#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "pg/args.hpp"
#include "pg/clock.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/stop_point.hpp"
#include "pg/uuid.hpp"
#include "store/account.hpp"
#include "store/bounds.hpp"
#include "store/entered_tenant.hpp"
#include "store/finished_call.hpp"
#include "store/model_name.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

// What is known of the call that ends: its row, or what stands in for it.
struct ending {
  store::open_call call;
  bool had_row = false;
  bool is_late = false;  // it was expired
  std::optional<calls_room::unheld_limits> by_receipt;
};

store::open_call of_log(const uuid_bytes& id, const store::finished_call& in_log) {
  store::open_call made;
  made.call_id = id;
  made.tenant_id = in_log.tenant_id;
  made.user_id = in_log.user_id;
  made.team_id = in_log.team_id;
  made.key_id = in_log.key_id;
  made.account_id = in_log.account_id;
  made.parent_call_id = in_log.parent_call_id;
  made.request_id = in_log.request_id;
  made.attempt = in_log.attempt;
  made.provider = in_log.provider;
  made.key_source = in_log.key_source.empty() ? "platform" : in_log.key_source;
  made.requested_model = made.model_id = in_log.requested_model;
  made.operation = in_log.operation;
  made.service_tier = in_log.service_tier;
  made.price_id = in_log.price_id;
  made.started_at = in_log.at;
  made.input_estimate = std::max(in_log.input, 0);  // so a repeat says what the first one did
  made.job_id = in_log.job_id;
  made.tags = in_log.tags;
  made.access = in_log.metadata.member("access");
  made.models = store::texts_of(in_log.metadata.member("models"));
  return made;
}

// `tenant`: whose call it is, where a receipt says so. Another tenant may have reported its id as its own.
std::optional<ending> in_log_or_open(const uuid_bytes& id, const std::optional<std::string>& tenant) {
  std::optional<ending> made;
  if (auto row = store::take_call(id)) {
    made.emplace();
    made->call = std::move(*row);
    made->had_row = true;
  } else if (const auto in_log = store::find_finished(id);
             in_log && in_log->tenant_id == tenant.value_or(in_log->tenant_id)) {
    made.emplace();
    made->call = of_log(id, *in_log);
    made->is_late = in_log->kind == "expired";
  }
  if (made && store::is_out_of_reach(made->call.tenant_id)) calls::refuse_unknown_call(id);
  return made;
}

ending find_ending(const uuid_bytes& id, const calls::finish_options& options, json::tree& kept) {
  // Believed only against what is in the log; what is recorded goes by a receipt that was checked.
  const auto told = options.receipt ? calls::parse_receipt(*options.receipt) : std::nullopt;
  const auto tenant = told && told->call_id == id ? std::optional(told->tenant_id) : std::nullopt;
  if (auto known = in_log_or_open(id, tenant)) return *std::move(known);
  if (!options.receipt) calls::refuse_unknown_call(id);
  calls_room::receipted_call by = calls_room::call_of_receipt(id, *options.receipt, kept);
  if (store::is_out_of_reach(by.call.tenant_id)) calls::refuse_unknown_call(id);
  // Who ends a call locks its row; without one it is this lock, so that it is booked once. Whoever waited looks again.
  store::lock_request(by.call.tenant_id, uuid_string(id) + "/receipt", 1);
  if (auto known = in_log_or_open(id, by.call.tenant_id)) return *std::move(known);
  ending made;
  made.call = std::move(by.call);
  made.by_receipt = std::move(by.limits);
  return made;
}

void warn_of_one_transaction() {
  pg::call([] {
    ereport(WARNING,
            (errmsg("begin_call() and finish_call() are in one transaction"),
             errdetail("What the call holds of limits is held from others until this transaction ends, and "
                       "nothing of the call is on record if it ends by a crash."),
             errhint("commit before the HTTP call")));
  });
}

struct following {
  calls::next_step step;
  std::optional<uuid_bytes> account;
  std::string model;
};

following what_next(const store::open_call& call, const calls::attempt_outcome& outcome) {
  following made;
  calls::chain_state chain;
  chain.attempt = call.attempt;
  chain.operation = call.operation;
  std::uint16_t spread;
  std::memcpy(&spread, call.call_id.data(), sizeof spread);
  chain.jitter = spread;
  const bool other_accounts = call.account_id && call.key_source == "platform";
  std::vector<store::finished_call> tried;
  if (outcome.failed && (other_accounts || !call.models.empty()))
    tried = store::attempts_before(call.parent_call_id, calls::most_attempts);
  const auto row = outcome.failed && other_accounts ? store::find_provider(call.provider) : std::nullopt;
  if (row) {
    for (const uuid_bytes& one : store::accounts_for(*row, call.model_id)) {
      const auto used = [&](const store::finished_call& before) { return before.account_id == one; };
      if (one == *call.account_id || std::any_of(tried.begin(), tried.end(), used)) continue;
      if (!made.account) made.account = one;
      ++chain.accounts_left;
    }
  }
  if (outcome.failed) {
    for (const std::string& one : call.models) {
      const std::string name = store::canonical_model(call.provider, one).canonical;
      const auto used = [&](const store::finished_call& before) { return before.requested_model == name; };
      if (name == call.model_id || std::any_of(tried.begin(), tried.end(), used)) continue;
      if (made.model.empty()) made.model = one;
      ++chain.models_left;
    }
  }
  made.step = calls::next_after(outcome, chain);
  if (made.step.action != calls::next_action::next_account) made.account = std::nullopt;
  if (made.step.action != calls::next_action::next_model) made.model.clear();
  return made;
}

void note_account(const store::open_call& call, const calls::next_step& step, bool failed, std::int64_t now) {
  if (!call.account_id || call.key_source != "platform") return;
  if (step.rest != calls::resting::nothing && step.rest_ms > 0)
    store::rest_account(
        *call.account_id,
        step.rest == calls::resting::model ? std::string_view(call.model_id) : std::string_view(),
        now + step.rest_ms * 1000, step.outcome);
  else if (!failed)
    store::note_success(*call.account_id, call.model_id);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_finish_call)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  if (in.is_null(0))
    throw error(sqlstate::null_not_allowed, "argument call_id must not be null", "",
                "give the call_id that begin_call() returned");
  const uuid_bytes id = pg::uuid_of(in.raw(0, UUIDOID));
  const calls::finish_options options =
      calls::read_finish_options(in.jsonb(4, pg::most::settings), in.integer(2), in.integer(3));
  pg::require_primary("finish_call");
  json::tree kept;
  const ending of = find_ending(id, options, kept);
  pg::stop_point("finish_call.taken");

  calls_room::reading read(of.call, in.text(1, pg::most::unbound), options);
  read.used.latency_ms = options.latency_ms;
  read.used.status_code = options.http_status;
  if (!read.error_message.empty()) read.used.error_message = read.error_message;
  const calls_room::recorded made =
      of.is_late ? calls_room::record_late(of.call, read.used, "finish_call")
                 : *calls_room::record_call(of.call, read.used, "finish_call", calls_room::waiting::yes,
                                            of.by_receipt ? &*of.by_receipt : nullptr);
  if (of.is_late && !made.duplicate)
    read.warnings.push_back({"late", "the call had expired; the difference is a row of its own"});
  if (!made.note.empty()) read.warnings.push_back({"cost", made.note});
  for (const char* note : made.notes) read.warnings.push_back({"recorded", note});
  pg::stop_point("finish_call.recorded");

  const following next = what_next(of.call, read.outcome);
  if (!next.model.empty()) read.warnings.push_back({"next_model", next.model});
  if (of.had_row) note_account(of.call, next.step, read.outcome.failed, pg::clock_now());
  if (of.had_row && of.call.of_this_transaction) warn_of_one_transaction();

  pg::row_builder row;
  if (read.result != nullptr)
    row.add_jsonb(store::bounded_jsonb(read.result, read.out));
  else
    row.add_null();
  row.add_bigint(made.usage_id);
  if (made.cost_usd)
    row.add(pg::make_numeric(*made.cost_usd), NUMERICOID);
  else
    row.add_null();
  row.add_text(made.cost_status).add_text(calls::action_name(next.step.action));
  row.add(pg::maybe_uuid_datum(next.account));
  if (next.step.after_ms)
    row.add_bigint(*next.step.after_ms);
  else
    row.add_null();
  row.add_boolean(next.step.safe).add_boolean(made.duplicate);
  json::tree told;
  json::item* listed = told.array();
  calls_room::add_warnings(listed, read.warnings, told);
  row.add_jsonb(pg::make_jsonb(listed));
  return pg::make_row(fcinfo, row);
}
