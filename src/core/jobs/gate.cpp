#include "core/jobs/gate.hpp"

#include <algorithm>
#include <utility>

#include "core/checked_options.hpp"
#include "core/error.hpp"
#include "core/jobs/steps.hpp"
#include "core/text.hpp"

namespace llm_admin::jobs {

namespace {

bool is_workflow_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-';
}

std::optional<std::string> short_text_problem(std::string_view text, std::size_t most_characters) {
  if (const auto wrong = name_problem(text, 4 * most_characters)) return wrong;
  if (characters_in(text) > most_characters)
    return "must have at most " + std::to_string(most_characters) + " characters";
  return std::nullopt;
}

class row_gate {
 public:
  row_gate(const job_row& now, const job_row* old, const gate_rules& rules)
      : now_(now), old_(old), rules_(rules) {}

  gate_verdict run(std::string_view job) {
    judge_move(job);
    required("workflow_name", &job_row::workflow_name, workflow_name_problem);
    required("tenant_id", &job_row::tenant_id, tenant_id_problem);
    optional("idempotency_key", &job_row::idempotency_key, key_problem);
    optional("external_task_id", &job_row::external_task_id, key_problem);
    optional("waits_for_event", &job_row::waits_for_event, step_name_problem);
    for (const auto& [column, member] :
         {std::pair("username", &job_row::username), std::pair("action", &job_row::action),
          std::pair("worker", &job_row::worker)})
      optional(column, member, [](std::string_view text) -> std::optional<std::string> {
        return text.empty() ? std::nullopt : name_problem(text, longest_note);
      });
    required("on_ambiguous", &job_row::on_ambiguous, [](std::string_view word) {
      return word_problem(on_ambiguous_named(word).has_value(), "retry, fail");
    });
    required("executor", &job_row::executor, [](std::string_view word) {
      return word_problem(word == "client" || word == "worker", "client, worker");
    });
    number("priority", &job_row::priority, least_priority, most_priority, false);
    number("max_retries", &job_row::max_retries, 0, most_retries, false);
    number("retry_count", &job_row::retry_count, 0, INT32_MAX, false);
    number("waits_for", &job_row::waits_for, 0, INT32_MAX, true);
    size("input_data", now_.input_bytes, old_ ? old_->input_bytes : 0, rules_.most_input);
    size("result_data", now_.result_bytes, old_ ? old_->result_bytes : 0, rules_.most_result);
    if (changed(&job_row::run_at) && !now_.run_at) problem("run_at must not be null");
    judge_lease();
    if (rules_.require_user && !now_.has_user && (old_ == nullptr || old_->has_user))
      problem("user_id must not be null while users are required");
    if (now_.has_webhook_secret && !now_.has_webhook_url &&
        (old_ == nullptr || !old_->has_webhook_secret || old_->has_webhook_url))
      problem("webhook_secret must not be given without webhook_url");
    for (const std::string& one : rules_.webhook_problems) problem(one);
    return std::move(verdict_);
  }

 private:
  void problem(std::string what) { verdict_.problems.push_back(std::move(what)); }

  template <class type>
  bool changed(type job_row::*member) const {
    return old_ == nullptr || now_.*member != old_->*member;
  }

  static std::optional<std::string> word_problem(bool is_one, std::string_view words) {
    if (is_one) return std::nullopt;
    return "must be one of " + std::string(words);
  }

  template <class check>
  void optional(std::string_view column, std::optional<std::string_view> job_row::*member,
                check&& wrong_with) {
    const auto& value = now_.*member;
    if (!value || !changed(member)) return;
    if (const std::optional<std::string> wrong = wrong_with(*value))
      problem(std::string(column) + ' ' + *wrong);
  }
  template <class check>
  void required(std::string_view column, std::optional<std::string_view> job_row::*member,
                check&& wrong_with) {
    if (!(now_.*member) && changed(member)) problem(std::string(column) + " must not be null");
    optional(column, member, wrong_with);
  }
  void number(std::string_view column, std::optional<std::int64_t> job_row::*member, std::int64_t least,
              std::int64_t most, bool may_be_null) {
    if (!changed(member)) return;
    const auto& value = now_.*member;
    if (!value && may_be_null) return;
    if (!value)
      problem(std::string(column) + " must not be null");
    else if (*value < least || *value > most)
      problem(std::string(column) + " must be from " + std::to_string(least) + " to " + std::to_string(most));
  }
  void size(std::string_view column, std::size_t bytes, std::size_t before, std::size_t most) {
    if (bytes > most && bytes != before)
      problem(std::string(column) + " must have at most " + std::to_string(most) + " bytes");
  }

  void judge_move(std::string_view job) {
    const auto to = now_.status ? status_named(*now_.status) : std::nullopt;
    if (!to) return problem("status must be one of " + std::string(all_statuses()));
    const auto from = old_ != nullptr && old_->status ? status_named(*old_->status) : std::nullopt;
    if (from && !may_move(*from, *to)) verdict_.refused = describe_refusal(job, *from, *to);
    verdict_.clears_lease =
        *to != status::processing && (now_.lease_token || now_.lease_until || now_.worker);
    const bool returns = old_ != nullptr && old_->status == name_of(status::processing) && is_waiting(*to);
    verdict_.renews_run_at = returns && now_.run_at && *now_.run_at < rules_.now;
  }

  void judge_lease() {
    if (verdict_.clears_lease) return;
    if (now_.lease_token.has_value() != now_.lease_until.has_value())
      problem("lease_token and lease_until must both be given, or none");
    if (changed(&job_row::lease_token) && now_.lease_token && *now_.lease_token < 1)
      problem("lease_token must be above 0");
  }

  const job_row& now_;
  const job_row* old_;
  const gate_rules& rules_;
  gate_verdict verdict_;
};

}  // namespace

std::optional<std::string> workflow_name_problem(std::string_view name) {
  if (name.empty()) return "must not be empty";
  if (name.size() > longest_workflow_name)
    return "must have at most " + std::to_string(longest_workflow_name) + " characters";
  if (!std::all_of(name.begin(), name.end(), is_workflow_character))
    return "must hold letters, digits, _, - and . alone";
  return std::nullopt;
}

std::optional<std::string> tenant_id_problem(std::string_view id) {
  return id.empty() ? std::nullopt : short_text_problem(id, longest_tenant_id);
}

std::optional<std::string> key_problem(std::string_view key) { return short_text_problem(key, longest_key); }

gate_verdict check_row(std::string_view job, const job_row& now, const job_row* old,
                       const gate_rules& rules) {
  return row_gate(now, old, rules).run(job);
}

gate_verdict require_row(std::string_view job, const job_row& now, const job_row* old,
                         const gate_rules& rules) {
  gate_verdict verdict = check_row(job, now, old, rules);
  if (verdict.is_right()) return verdict;
  std::string detail = verdict.refused ? verdict.refused->detail : "";
  for (const std::string& one : verdict.problems) detail.append(detail.empty() ? "" : "\n").append(one);
  if (verdict.refused)
    throw error(sqlstate::move_not_allowed, verdict.refused->message, detail, verdict.refused->hint);
  throw error(sqlstate::check_violation, "the job is invalid", detail);
}

}  // namespace llm_admin::jobs
