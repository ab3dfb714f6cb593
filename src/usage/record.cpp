// record_usage and record_usage_batch: calls into the log, each request once.
#include <algorithm>

#include "core/audit/concealed.hpp"
#include "core/call_options.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/stop_point.hpp"
#include "store/bounds.hpp"
#include "store/entered_tenant.hpp"
#include "store/frontier.hpp"
#include "store/owner.hpp"
#include "store/tenant.hpp"
#include "store/usage_requests.hpp"

using namespace llm_admin;

namespace {

constexpr std::size_t most_calls = 10000;

// Whoever has entered a tenant reports for that one.
void settle_tenant(usage::call& call) {
  if (call.tenant_id.empty()) {
    if (const auto entered = store::entered_tenant()) call.tenant_id = *entered;
    return;
  }
  store::require_tenant_id(call.tenant_id);
  store::require_entered(call.tenant_id);
}

void require_sizes(const usage::call& call) {
  for (const std::string_view text :
       {call.provider, call.model, call.user_id, call.source, call.requested_model, call.served_model,
        call.reported_model, call.operation, call.team_id, call.service_tier, call.currency,
        call.request_id.value_or("")})
    if (text.size() > pg::most::name)
      throw error(sqlstate::program_limit, "a name of a call is too long",
                  "it has " + std::to_string(text.size()) + " bytes, and " + std::to_string(pg::most::name) +
                      " are the most",
                  "");
  if (call.request_id && call.request_id->empty())
    throw error(sqlstate::request_invalid, "request_id must not be empty", "",
                "leave it out where there is none");
  if (call.request_id && audit::looks_secret(*call.request_id))
    throw error(sqlstate::request_invalid, "request_id must be no key", "rows and messages show it",
                "give each request an id of its own, such as a random uuid");
  if (call.provider.empty() || call.model.empty())
    throw error(sqlstate::request_invalid, "a call has a provider and a model", "",
                "SELECT provider_name FROM llm_admin.list_providers()");
}

store::usage_entry entry_of(usage::call& call) {
  settle_tenant(call);
  require_sizes(call);
  store::usage_entry entry;
  entry.call = &call;
  entry.at = store::time_of_call(call);
  store::complete(entry);
  return entry;
}

// What a function answers about one call, in the order of its columns from `id` on.
void answer_first(pg::row_builder& out, const store::usage_entry& entry) {
  out.add_bigint(entry.id);
  if (entry.cost_usd)
    out.add(pg::call([text = entry.cost_usd->c_str()] {
              return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
                                         Int32GetDatum(-1));
            }),
            NUMERICOID);
  else
    out.add_null();
  out.add_text(entry.cost_status);
}

void answer(pg::row_builder& out, const store::usage_entry& entry, bool duplicate) {
  answer_first(out, entry);
  out.add_boolean(duplicate);
  if (entry.price_id)
    out.add_bigint(*entry.price_id);
  else
    out.add_null();
  if (entry.note.empty())
    out.add_null();
  else
    out.add_text(entry.note);
}

void answer_repeat(pg::spi& sql, store::usage_entry& entry) {
  const store::request_answer first = store::first_answer(sql, entry);
  store::warn_of_difference(entry, first);
  entry.id = first.id;
  entry.cost_usd = first.cost_usd;
  entry.cost_status = first.cost_status;
  entry.price_id = first.price_id;
  entry.note = first.difference.empty() ? "" : "differs: " + first.difference;
}

// The calls of a batch: what could be read of them, and why not of the others.
struct batch {
  std::vector<usage::call> calls;
  std::vector<store::usage_entry> entries;  // of those that are right
  std::vector<std::size_t> places;          // of each entry, its element
  std::vector<std::string> faults;          // by element; empty: none
};

batch read_batch(const json::node& given, bool skip_errors) {
  if (!given.is_array())
    throw error(sqlstate::request_invalid, "calls must be an array", "",
                "give an object for each call, with the arguments of record_usage() as its members");
  if (given.size > most_calls)
    throw error(sqlstate::program_limit, "a batch has at most " + std::to_string(most_calls) + " calls",
                "it has " + std::to_string(given.size), "write it in parts");
  batch all;
  all.calls.resize(given.size);
  all.faults.resize(given.size);
  for (std::uint32_t n = 0; n < given.size; ++n) {
    store::poll();
    try {
      all.calls[n] = usage::read_batch_element(given.element(n));
      store::usage_entry entry = entry_of(all.calls[n]);
      all.entries.push_back(std::move(entry));
      all.places.push_back(n);
    } catch (const error& e) {
      if (!skip_errors)
        throw error(e.sqlstate(), "call " + std::to_string(n) + " of the batch: " + e.message(), e.detail(),
                    e.hint());
      all.faults[n] = std::string(e.sqlstate()) + ": " + e.message();
    }
  }
  return all;
}

// In the order in which requests are claimed, whatever order two batches come in; ids rise with it.
void put_in_order(batch& all) {
  std::vector<std::size_t> order(all.entries.size());
  std::vector<std::string> requests;
  for (std::size_t n = 0; n < order.size(); ++n) {
    order[n] = n;
    requests.push_back(store::request_of(*all.entries[n].call));
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int tenants = all.entries[a].call->tenant_id.compare(all.entries[b].call->tenant_id);
    return tenants != 0 ? tenants < 0 : requests[a] < requests[b];
  });
  std::vector<store::usage_entry> entries;
  std::vector<std::size_t> places;
  for (const std::size_t n : order) {
    entries.push_back(std::move(all.entries[n]));
    places.push_back(all.places[n]);
  }
  all.entries = std::move(entries);
  all.places = std::move(places);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_record_usage)(FunctionCallInfo fcinfo) {
  pg::require_primary("record_usage");
  const pg::args in(fcinfo);
  usage::call call;
  call.provider = in.required_text(0, "provider");
  call.model = in.required_text(1, "model");
  call.user_id = in.text(3).value_or("");
  call.tenant_id = in.text(4).value_or("");
  call.request_id = in.text(5);
  usage::read_usage(in.jsonb(2), call);
  usage::read_options(in.jsonb(6, pg::most::settings), call);
  store::usage_entry entry = entry_of(call);
  pg::row_builder out;
  bool repeat = false;
  {
    const store::as_owner owner;
    pg::spi sql;
    entry.id = store::next_id(store::usage_ids);
    const std::span<const store::usage_entry> one(&entry, 1);
    repeat = !store::claim_requests(sql, one).front();
    pg::stop_point("record_usage.claimed");
    if (repeat)
      answer_repeat(sql, entry);
    else
      store::insert_usage(sql, one);
    answer(out, entry, repeat);
  }
  return pg::make_row(fcinfo, out);
}

LLM_ADMIN_FUNCTION(llm_admin_record_usage_batch)(FunctionCallInfo fcinfo) {
  pg::require_primary("record_usage_batch");
  const pg::args in(fcinfo);
  static constexpr std::array<std::string_view, 1> known = {"skip_errors"};
  const call_options options(in.jsonb(1, pg::most::settings), known);
  batch all = read_batch(in.jsonb(0), options.boolean("skip_errors"));
  put_in_order(all);
  std::vector<bool> written;
  {
    const store::as_owner owner;
    pg::spi sql;
    for (store::usage_entry& entry : all.entries) entry.id = store::next_id(store::usage_ids);
    written = store::claim_requests(sql, all.entries);
    std::vector<store::usage_entry> fresh;
    for (std::size_t n = 0; n < all.entries.size(); ++n)
      if (written[n]) fresh.push_back(all.entries[n]);
    store::insert_usage(sql, fresh);
    for (std::size_t n = 0; n < all.entries.size(); ++n)
      if (!written[n]) answer_repeat(sql, all.entries[n]);
  }
  std::vector<std::size_t> entry_of_element(all.calls.size(), all.entries.size());
  for (std::size_t n = 0; n < all.places.size(); ++n) entry_of_element[all.places[n]] = n;
  pg::row_set rows(fcinfo);
  for (std::size_t n = 0; n < all.calls.size(); ++n) {
    pg::row_builder out;
    out.add_integer(static_cast<std::int32_t>(n));
    if (const std::size_t at = entry_of_element[n]; at < all.entries.size())
      answer(out, all.entries[at], !written[at]);
    else
      out.add_null().add_null().add_null().add_boolean(false).add_null().add_text(all.faults[n]);
    rows.add(out);
  }
  return Datum{0};
}
