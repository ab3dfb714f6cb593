#include "core/jobs/explain.hpp"

#include "core/json/text.hpp"
#include "core/keys/redact.hpp"
#include "core/time_text.hpp"

namespace llm_admin::jobs {

namespace {

constexpr std::size_t longest_explained = 200;  // bytes of a name

class reason_list {
 public:
  reason_list& begin(std::string_view reason) {
    out_.append(out_.empty() ? "" : ", ").append("{\"reason\": ").append(json::quoted(reason));
    return *this;
  }
  reason_list& raw(std::string_view name, std::string_view json) {
    out_.append(", ").append(json::quoted(name)).append(": ").append(json);
    return *this;
  }
  reason_list& text(std::string_view name, std::string_view value) {
    return raw(name, json::quoted(shortened(value, longest_explained)));
  }
  reason_list& number(std::string_view name, std::int64_t value) { return raw(name, std::to_string(value)); }
  reason_list& time(std::string_view name, std::int64_t at) {
    return raw(name, at == never ? "null" : json::quoted(iso_utc(at)));
  }
  void end() { out_ += '}'; }
  bool is_empty() const noexcept { return out_.empty(); }
  const std::string& text() const noexcept { return out_; }

 private:
  std::string out_;
};

void explain_processing(const waiting_state& of, reason_list& to) {
  if (!of.lease_token)
    to.begin("processing").raw("leased", "false").end();
  else if (has_run_out({of.in, of.lease_token, of.lease_until}, of.now))
    to.begin("lease_expired").time("since", of.lease_until).end();
  else
    to.begin("processing").time("until", of.lease_until).end();
}

void explain_limit(const limit_use& use, reason_list& to) {
  const auto full = [&](std::string_view reason, std::int64_t used, const std::optional<std::int64_t>& most) {
    if (!most || used < *most) return;
    to.begin(reason).text("scope", name_of(use.of.scope)).text("key", use.of.key);
    to.number("used", used).number("most", *most).end();
  };
  if (use.of.paused) to.begin("paused").text("scope", name_of(use.of.scope)).text("key", use.of.key).end();
  full("max_running", use.running, use.of.max_running);
  full("max_per_minute", use.started, use.of.max_per_minute);
}

}  // namespace

std::string explain(const waiting_state& of) {
  reason_list reasons;
  bool is_ready = false;
  if (is_final(of.in)) {
    reasons.begin("final").text("status", name_of(of.in)).end();
  } else if (of.in == status::processing) {
    explain_processing(of, reasons);
  } else {
    if (of.waits_for_event) reasons.begin("event").text("event", *of.waits_for_event).end();
    if (of.waits_for > 0) reasons.begin("jobs").number("count", of.waits_for).end();
    if (of.run_at > of.now && !(of.waits_for_event && of.run_at == never))
      reasons.begin("not_due").time("run_at", of.run_at).end();
    for (const limit_use& use : of.limits) explain_limit(use, reasons);
    is_ready = reasons.is_empty();
    if (is_ready || of.ahead > 0)
      reasons.begin("turn").number("ahead", of.ahead).number("tenants", of.tenants).end();
  }
  std::string made = "{\"status\": " + json::quoted(name_of(of.in));
  made.append(", \"ready\": ").append(is_ready ? "true" : "false");
  return made.append(", \"reasons\": [").append(reasons.text()).append("]}");
}

}  // namespace llm_admin::jobs
