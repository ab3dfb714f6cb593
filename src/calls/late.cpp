#include "calls/late.hpp"

#include <algorithm>

#include "core/crypto/primitives.hpp"
#include "core/crypto/random_uuid.hpp"
#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/json/tree.hpp"
#include "store/finished_call.hpp"
#include "store/frontier.hpp"
#include "store/owner.hpp"

namespace llm_admin::calls_room {

namespace {

money::decimal amount_of(const std::optional<std::string>& text) {
  const auto value = text ? money::decimal::from_text(*text) : std::nullopt;
  return value.value_or(money::decimal());
}

// What the budgets have not seen of it, or have seen too much. The reservations themselves were ended when the call
// expired.
void book_difference(const store::finished_call& expired, const usage::call& used,
                     const std::optional<std::string>& cost_usd, const char* caller) {
  json::tree kept;
  const json::item* held = json::parse(expired.reservations, kept);
  if (held == nullptr) return;
  std::vector<calls::reservation> all = calls::read_reservations(json::view(held));
  if (all.empty()) return;
  usage::call before;
  before.counted.input = before.counted.total = expired.input;
  book_again(
      std::move(all),
      [&](const limits::limit& by, const calls::reservation& one) {
        return used_of(by, one, before, expired.cost_usd);
      },
      [&](const limits::limit& by, const calls::reservation& one) {
        return used_of(by, one, used, cost_usd);
      },
      caller);
}

// The id under which the late answer of a call is in usage_requests.
uuid_bytes late_id(const uuid_bytes& of) {
  const std::string text = uuid_string(of) + "/late";
  const crypto::digest hash = crypto::sha256(as_bytes(text));
  uuid_bytes made;
  std::copy_n(hash.begin(), made.size(), made.begin());
  made[6] = static_cast<std::uint8_t>((made[6] & 0x0f) | 0x80);  // version 8 of RFC 9562
  made[8] = static_cast<std::uint8_t>((made[8] & 0x3f) | 0x80);
  return made;
}

}  // namespace

recorded record_late(const store::open_call& call, usage::call used, const char* caller) {
  const auto expired = store::find_finished(call.call_id);
  if (!expired) throw llm_admin::error(sqlstate::internal_error, "the expired call is gone from the log");
  const std::string request = uuid_string(call.call_id) + "/late";
  used.provider = call.provider;
  used.model = used.requested_model = call.requested_model;
  used.user_id = call.user_id;
  used.tenant_id = call.tenant_id;
  used.team_id = call.team_id;
  used.key_source = call.key_source;
  used.account_id = call.account_id;
  used.key_id = call.key_id;
  used.parent_call_id = call.call_id;
  used.operation = call.operation;
  if (used.service_tier.empty()) used.service_tier = call.service_tier;
  used.job_id = call.job_id;
  used.tags = call.tags;
  json::tree kept;
  used.metadata = metadata_of(call, kept);
  store::usage_entry entry;
  entry.call = &used;
  entry.at = call.started_at;
  entry.pinned_price = call.price_id;
  entry.pinned_model = call.model_id;
  recorded made;
  complete(entry, used, made);
  const std::optional<std::string> whole = entry.cost_usd;
  // One finish at a time, so that the difference is booked once. Who else has that name does not matter: the row's id
  // follows from the call's.
  store::lock_request(call.tenant_id, request, 1);
  used.call_id = late_id(call.call_id);
  const bool is_first = !store::find_finished(*used.call_id);
  if (is_first) book_difference(*expired, used, whole, caller);

  used.kind = "correction";
  used.request_id = request;
  used.counted.input -= expired->input;
  used.counted.output -= expired->output;
  used.counted.total = used.counted.input + used.counted.output;
  const money::decimal difference = amount_of(whole) - amount_of(expired->cost_usd);
  entry.cost_usd = difference.text();
  entry.list_cost_usd = (amount_of(entry.list_cost_usd) - amount_of(expired->list_cost_usd)).text();
  const store::as_owner owner;
  pg::spi sql;
  entry.id = store::next_id(store::usage_ids);
  const std::span<const store::usage_entry> one(&entry, 1);
  made.duplicate = !is_first || !store::claim_requests(sql, one).front();
  const std::string spare = uuid_string(crypto::random_uuid());
  if (made.duplicate) {
    used.request_id = spare;  // nobody else has that
    made.duplicate = !store::claim_requests(sql, one).front();
    if (!made.duplicate) made.notes.push_back("another call has its name in the log");
  }
  if (made.duplicate) {
    const store::request_answer first = store::first_answer(sql, entry);
    used.request_id = request;
    store::warn_of_difference(entry, first);
    made.usage_id = first.id;
    made.cost_usd = first.cost_usd;
    made.cost_status = first.cost_status;
    return made;
  }
  used.call_id.reset();
  used.request_id = request;
  used.attempt = call.attempt;
  store::insert_usage(sql, one);
  made.usage_id = entry.id;
  made.cost_usd = entry.cost_usd;
  made.cost_status = entry.cost_status;
  made.note = entry.note;
  return made;
}

}  // namespace llm_admin::calls_room
