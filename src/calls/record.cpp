#include "calls/record.hpp"

#include "core/crypto/random_uuid.hpp"
#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/json/tree.hpp"
#include "store/finished_call.hpp"
#include "store/frontier.hpp"
#include "store/limits.hpp"
#include "store/owner.hpp"
#include "store/quota.hpp"

namespace llm_admin::calls_room {

void complete(store::usage_entry& entry, usage::call& used, recorded& made) {
  try {
    store::complete(entry);
  } catch (const error& e) {
    const std::string_view state(e.sqlstate());
    const bool is_long = state == sqlstate::program_limit;
    if ((!is_long && state != sqlstate::invalid_parameter) || used.reported_model.empty()) throw;
    used.reported_model = {};
    store::complete(entry);
    made.notes.push_back(is_long ? "the model that the answer names is too long, and left out"
                                 : "what the answer names as its model can be none, and is left out");
  }
}

namespace {

// A name in the log may be meant for two: "r/2" is a name of its own and that of the second attempt at "r", and a call's
// id may be another's request_id. Then the call goes by its call_id, at last by a name that nobody can know; that one,
// which `used` names, is returned. A call_id that another tenant has reported as its own is left out.
std::string claim_otherwise(pg::spi& sql, const store::open_call& call, usage::call& used,
                            std::span<const store::usage_entry> one, recorded& made) {
  std::string spare;
  const auto claim = [&](const char* note) {
    made.duplicate = !store::claim_requests(sql, one).front();
    if (!made.duplicate) made.notes.push_back(note);
  };
  const auto named = store::find_finished(call.call_id);
  if (named && named->tenant_id != call.tenant_id) {
    used.call_id.reset();
    // The same one each time, so that a repeat finds it.
    if (!used.request_id) used.request_id = spare = uuid_string(call.call_id);
    claim("another tenant has reported its call_id");
  }
  while (made.duplicate && spare.empty() &&
         store::is_other_call(call.tenant_id, store::request_of(used), call.call_id)) {
    if (used.request_id && used.call_id) {
      used.request_id.reset();
      claim("another call has its request_id in the log; this one has its call_id");
    } else {
      used.request_id = spare = uuid_string(crypto::random_uuid());
      claim("another call has its call_id for a request_id in the log");
    }
  }
  return spare;
}

}  // namespace

// As what begin_call() has kept of it; the texts are the call's.
json::node metadata_of(const store::open_call& call, json::tree& kept) {
  json::item* metadata = kept.object();
  if (call.access.is_object() && call.access.size > 0)
    kept.append(metadata, "access", kept.borrow(call.access));
  if (!call.models.empty()) {
    json::item* models = kept.array();
    for (const std::string& one : call.models) kept.push(models, kept.string(one));
    kept.append(metadata, "models", models);
  }
  const json::node made = json::view(metadata);
  return made.size > 0 ? made : json::node();
}

std::optional<recorded> record_call(const store::open_call& call, usage::call used, const char* caller,
                                    waiting waits, const unheld_limits* by_receipt) {
  used.provider = call.provider;
  used.model = call.requested_model;
  used.requested_model = call.requested_model;
  used.user_id = call.user_id;
  used.tenant_id = call.tenant_id;
  if (call.request_id) used.request_id = *call.request_id;
  used.operation = call.operation;
  used.team_id = call.team_id;
  if (used.service_tier.empty()) used.service_tier = call.service_tier;
  used.key_source = call.key_source;
  used.attempt = call.attempt;
  used.job_id = call.job_id;
  used.account_id = call.account_id;
  used.key_id = call.key_id;
  used.call_id = call.call_id;
  used.parent_call_id = call.parent_call_id;
  used.tags = call.tags;
  json::tree kept;
  used.metadata = metadata_of(call, kept);
  recorded made;
  store::usage_entry entry;
  entry.call = &used;
  entry.at = call.started_at;
  entry.pinned_price = call.price_id;
  entry.pinned_model = call.model_id;
  complete(entry, used, made);

  const store::as_owner owner;
  std::vector<calls::reservation> of_limits = call.reservations;
  const auto units = [&](const limits::limit& by, const calls::reservation& one) {
    return used_of(by, one, used, entry.cost_usd);
  };
  std::optional<pg::subtransaction> booked;
  if (by_receipt != nullptr) {
    booked.emplace();
    of_limits = book_limits(call, *by_receipt, used, entry.cost_usd, caller);
  } else if (!call.reservations.empty()) {
    const auto known = store::current_limits();
    if (waits == waiting::yes)
      store::settle_quota(call.reservations, *known, units, caller);
    else if (!store::settle_free_quota(call.reservations, *known, units, caller))
      return std::nullopt;
  }

  std::string held;
  if (!of_limits.empty()) {
    held = calls::write_reservations(std::move(of_limits));
    used.limits = json::view(json::parse(held, kept));
  }

  entry.id = store::next_id(store::usage_ids);
  const std::span<const store::usage_entry> one(&entry, 1);
  std::string spare;
  {
    pg::spi sql;
    made.duplicate = !store::claim_requests(sql, one).front();
    if (made.duplicate) spare = claim_otherwise(sql, call, used, one, made);
  }
  // What is in the log, by whatever name, books nothing: without a release it is undone.
  if (booked && !made.duplicate) booked->release();
  booked.reset();
  pg::spi sql;
  if (made.duplicate) {
    if (!call.reservations.empty()) unbook_repeated(call, units, caller);
    const store::request_answer first = store::first_answer(sql, entry);
    if (!spare.empty()) used.request_id.reset();
    store::warn_of_difference(entry, first);
    made.usage_id = first.id;
    made.cost_usd = first.cost_usd;
    made.cost_status = first.cost_status;
    return made;
  }
  if (!spare.empty()) used.request_id.reset();
  used.call_id = call.call_id;
  store::insert_usage(sql, one);
  made.usage_id = entry.id;
  made.cost_usd = entry.cost_usd;
  made.cost_status = entry.cost_status;
  made.note = entry.note;
  return made;
}

}  // namespace llm_admin::calls_room
