#include "store/usage_log.hpp"

#include "core/error.hpp"
#include "pg/settings.hpp"
#include "store/usage_cost.hpp"

namespace llm_admin::store {

namespace {

constexpr std::int64_t ahead = 5 * USECS_PER_MINUTE;

}  // namespace

std::optional<TimestampTz> usage_kept_since(int months) {
  if (months <= 0) return std::nullopt;
  const TimestampTz now = GetCurrentTimestamp();
  // In UTC both kinds of time are one number.
  return pg::call([=] {
    const Datum month = DirectFunctionCall2(timestamp_trunc, PointerGetDatum(cstring_to_text("month")),
                                            TimestampGetDatum(now));
    Interval back{};
    back.month = months;
    return DatumGetTimestamp(DirectFunctionCall2(timestamp_mi_interval, month, IntervalPGetDatum(&back)));
  });
}

void require_usage_time(TimestampTz at) {
  if (at > GetCurrentTimestamp() + ahead)
    throw error(sqlstate::request_invalid, "a call cannot be dated in the future",
                "it is more than five minutes ahead", "SELECT clock_timestamp() tells what time it is here");
  constexpr TimestampTz first = 0;  // 2000-01-01 in UTC
  if (at < first)
    throw error(sqlstate::request_invalid, "a call cannot be dated before the year 2000", "",
                "leave the time out where it is not known");
  const auto kept = usage_kept_since(pg::settings::keep_usage_months());
  if (kept && at < *kept)
    throw error(sqlstate::request_invalid, "a call cannot be older than what is kept of the log",
                "llm_admin.keep_usage is " + std::to_string(pg::settings::keep_usage_months()) + " months",
                "");
}

TimestampTz time_of_call(const usage::call& call) {
  if (!call.at) return GetCurrentTimestamp();
  const std::string text(*call.at);
  const char* characters = text.c_str();
  const TimestampTz at = pg::call([=] {
    return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(characters),
                                                   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
  });
  require_usage_time(at);
  return at;
}

void require_book_key(std::string_view tenant, std::string_view user, std::string_view provider,
                      std::string_view model) {
  constexpr std::size_t most =
      2400;  // of the 2704 bytes that an index takes, with room for what is stored beside
  const std::size_t all = tenant.size() + user.size() + provider.size() + model.size();
  if (all <= most) return;
  throw error(sqlstate::program_limit, "the names of a call are too long together",
              "tenant, user, provider and model have " + std::to_string(all) + " bytes, and " +
                  std::to_string(most) + " are the most",
              "");
}

void complete(usage_entry& entry) {
  const usage::call& c = *entry.call;
  const call_names names = names_of_call(c);
  entry.provider = names.provider;
  entry.model_id = names.served;
  entry.requested_model = names.requested;
  require_book_key(c.tenant_id, c.user_id, entry.provider, entry.model_id);
  const bool pinned = entry.pinned_price && entry.pinned_model == names.served;
  const call_cost cost = cost_of_call(c, names, entry.at, pinned ? entry.pinned_price : std::nullopt);
  entry.cost_usd = cost.cost_usd;
  entry.list_cost_usd = cost.list_cost_usd;
  entry.price_id = cost.price_id;
  entry.cost_status = cost.status;
  entry.note = cost.note;
}

}  // namespace llm_admin::store
