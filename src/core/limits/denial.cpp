#include "core/limits/denial.hpp"

#include <optional>

#include "core/json/text.hpp"
#include "core/keys/redact.hpp"
#include "core/limits/alerts.hpp"
#include "core/time_text.hpp"

namespace llm_admin::limits {

namespace {

constexpr std::size_t longest_subject = 200;

// Members of one object, in the order given.
class object_text {
 public:
  object_text& text(std::string_view name, std::string_view value) { return raw(name, json::quoted(value)); }
  object_text& number(std::string_view name, const money::decimal& value) { return raw(name, value.text()); }
  object_text& time(std::string_view name, std::optional<std::int64_t> at) {
    return raw(name, at && *at != total_start ? json::quoted(iso_utc(*at)) : "null");
  }
  object_text& raw(std::string_view name, std::string_view json) {
    out_.append(out_.empty() ? "{" : ", ").append(json::quoted(name)).append(": ").append(json);
    return *this;
  }
  std::string end() const { return out_ + "}"; }

 private:
  std::string out_;
};

object_text begin_object(const limit& of, std::string_view tenant, std::string_view subject) {
  object_text made;
  made.text("limit", uuid_string(of.id)).text("scope", name_of(of.scope)).text("tenant_id", tenant);
  made.text("subject", subject);
  return made;
}

}  // namespace

std::string named(const met_limit& met) {
  std::string text(name_of(met.by->what));
  text.append(" of ").append(name_of(met.by->scope));
  if (!met.subject.empty()) text.append(" ").append(shortened(met.subject, longest_subject));
  return text;
}

std::string denial_json(const met_limit& met, const figures& as_it_stands, const money::decimal& asked) {
  object_text made = begin_object(*met.by, met.tenant, met.subject);
  made.text("model", met.by->model)
      .text("what", name_of(met.by->what))
      .text("period", name_of(met.by->period));
  made.number("used", as_it_stands.used).number("reserved", as_it_stands.reserved).number("asked", asked);
  made.number("amount", as_it_stands.amount).number("remaining", as_it_stands.remaining);
  made.time("resets_at", as_it_stands.resets_at);
  made.raw("retry_after_ms",
           as_it_stands.retry_after_ms ? std::to_string(*as_it_stands.retry_after_ms) : std::string("null"));
  return made.end();
}

error limit_reached(const met_limit& met, const figures& as_it_stands, const money::decimal& asked,
                    std::int64_t now) {
  constexpr std::int64_t microseconds = 1000;  // of a millisecond
  std::string hint;
  if (as_it_stands.retry_after_ms)
    hint = "try again at " + iso_utc(now + *as_it_stands.retry_after_ms * microseconds) + ", or ";
  const money::decimal missing = as_it_stands.used + as_it_stands.reserved + asked - as_it_stands.amount;
  hint +=
      "add what is missing: INSERT INTO llm_admin.limit_overrides (limit_id, extra, valid_until, reason) "
      "VALUES ('" +
      uuid_string(met.by->id) + "', " + missing.text() + ", <until>, <reason>)";
  return {sqlstate::limit_reached, "limit reached: " + named(met), denial_json(met, as_it_stands, asked),
          hint};
}

error no_price(const met_limit& met, std::string_view model) {
  object_text made = begin_object(*met.by, met.tenant, met.subject);
  made.text("model", model).text("what", name_of(met.by->what)).raw("asked", "null");
  return {
      sqlstate::limit_reached, "limit on " + named(met) + " met by a model without a price", made.end(),
      "add the model's price, or let the limit estimate or allow what has none: UPDATE llm_admin.limits SET "
      "unpriced = 'estimate' WHERE id = '" +
          uuid_string(met.by->id) + "'"};
}

error cannot_tell(const met_limit& met) {
  return {sqlstate::cannot_tell, "cannot tell now whether the limit on " + named(met) + " is reached",
          "other open transactions hold parts of it, and this one cannot wait for them any longer",
          "commit, and try again"};
}

std::span<const money::decimal> shares_passed(const limit& of, const money::decimal& amount,
                                              const money::decimal& sum, std::size_t told) {
  std::size_t passed = 0;
  if (!sum.is_zero() && !sum.is_negative())
    while (passed < of.alert_shares.size() && of.alert_shares[passed] * amount <= sum) ++passed;
  if (told >= passed) return {};
  return std::span(of.alert_shares).subspan(told, passed - told);
}

limit_event event_of(const met_limit& met, const figures& now, const money::decimal& share, std::int64_t at) {
  return {met.by->id, met.tenant, met.subject, now.window_start, share, at, now.used + now.reserved};
}

std::string event_json(const limit_event& event, const limit& of, const money::decimal& amount) {
  object_text made = begin_object(of, event.tenant, event.subject);
  made.text("what", name_of(of.what)).text("period", name_of(of.period)).number("share", event.share);
  made.number("used", event.used).number("amount", amount).time("window_start", event.window_start);
  made.time("resets_at", window_of(of.period, event.window_start).end).time("at", event.at);
  return made.end();
}

}  // namespace llm_admin::limits
