#include "core/jobs/submission.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "core/checked_options.hpp"
#include "core/error.hpp"
#include "core/json/text.hpp"
#include "core/text.hpp"

namespace llm_admin::jobs {

namespace {

constexpr std::array<std::string_view, 17> job_members = {
    "workflow_name",   "input_data",       "user_id",        "tenant_id",    "priority", "run_at",
    "max_retries",     "webhook_url",      "webhook_secret", "username",     "action",   "deadline",
    "idempotency_key", "external_task_id", "debug_mode",     "on_ambiguous", "executor"};
constexpr std::array<std::string_view, 2> ambiguity_words = {"retry", "fail"};
constexpr std::array<std::string_view, 2> executor_words = {"client", "worker"};
constexpr std::size_t most_problems_told = 100;
constexpr const char* form_of_batch =
    "SELECT * FROM llm_admin.submit_jobs('[{\"workflow_name\": \"report\", \"input_data\": {}}]')";

// Problems of a member, with its name before them.
class member_problems {
 public:
  explicit member_problems(std::vector<std::string>& to) : to_(to) {}
  void add(std::string_view name, const std::optional<std::string>& wrong) {
    if (wrong) to_.push_back(std::string(name) + ' ' + *wrong);
  }

 private:
  std::vector<std::string>& to_;
};

std::optional<std::string> range_problem(std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return std::nullopt;
  return "must be from " + std::to_string(least) + " to " + std::to_string(most);
}

std::optional<std::string> input_problem(const json::node& input, std::size_t most) {
  if (json::surely_within(input, most, deepest_input)) return std::nullopt;
  const json::extent found = json::measure(input, most, deepest_input);
  if (found.within) return std::nullopt;
  if (found.depth > deepest_input) return "must nest at most " + std::to_string(deepest_input) + " deep";
  return "must have at most " + std::to_string(most) + " bytes";
}

std::optional<std::string> secret_problem(std::string_view secret) {
  const std::size_t count = characters_in(secret);
  if (count < least_secret || count > most_secret)
    return "must have " + std::to_string(least_secret) + " to " + std::to_string(most_secret) + " characters";
  return name_problem(secret, 4 * most_secret);
}

std::optional<std::string> note_problem(std::string_view text) {
  return text.empty() ? std::nullopt : name_problem(text, longest_note);
}

void check_webhook(const submission& of, const submission_bounds& bounds, std::vector<std::string>& to) {
  member_problems problems(to);
  if (of.webhook_url) {
    const auto wrong = name_problem(*of.webhook_url, longest_url);
    problems.add("webhook_url", wrong);
    if (!wrong && bounds.judge_url != nullptr)
      for (const std::string& one : bounds.judge_url(*of.webhook_url)) problems.add("webhook_url", one);
  }
  if (!of.webhook_secret) return;
  problems.add("webhook_secret", secret_problem(*of.webhook_secret));
  if (!of.webhook_url) problems.add("webhook_secret", "must not be given without webhook_url");
}

// What is said of an option, said of a member.
std::string of_member(std::string_view said) {
  constexpr std::string_view option = "option ", unknown = "unknown option ";
  if (said.starts_with(unknown)) return "unknown member " + std::string(said.substr(unknown.size()));
  return std::string(said.starts_with(option) ? said.substr(option.size()) : said);
}

// One element; `problems` gets what is wrong with it.
submission read_element(const json::node& element, const submission_bounds& bounds,
                        std::vector<std::string>& problems) {
  submission read;
  if (!element.is_object()) {
    problems.emplace_back("must be a JSON object");
    return read;
  }
  checked_options in(element, job_members);
  const auto workflow = in.whole_text("workflow_name");
  if (!workflow && !in.is_given("workflow_name")) problems.emplace_back("workflow_name must be given");
  read.workflow_name = workflow.value_or("-");  // what is no text was told as that
  read.input_data = element.member("input_data");
  read.user_id = in.id("user_id");
  read.tenant_id = in.whole_text("tenant_id").value_or("");
  read.priority = in.integer("priority", least_priority, most_priority).value_or(default_priority);
  read.max_retries = in.integer("max_retries", 0, most_retries).value_or(default_retries);
  read.run_at_text = in.text("run_at", checked_options::empty::refused, longest_time);
  read.deadline_text = in.text("deadline", checked_options::empty::refused, longest_time);
  read.webhook_url = in.whole_text("webhook_url");
  read.webhook_secret = in.whole_text("webhook_secret");
  read.idempotency_key = in.whole_text("idempotency_key");
  read.external_task_id = in.whole_text("external_task_id");
  read.username = in.whole_text("username");
  read.action = in.whole_text("action");
  read.debug_mode = in.boolean("debug_mode").value_or(false);
  read.on_ambiguous =
      on_ambiguous_named(in.word("on_ambiguous", ambiguity_words).value_or("")).value_or(on_ambiguous::retry);
  read.executor = in.word("executor", executor_words).value_or("client");
  for (const std::string& one : in.problems()) problems.push_back(of_member(one));
  for (std::string& one : problems_of(read, bounds)) problems.push_back(std::move(one));
  return read;
}

// Elements that would be one job each, and must not be: the same external_task_id, but under one idempotency key.
class batch_names {
 public:
  std::optional<std::size_t> other_of(const submission& given, std::size_t n) {
    if (!given.external_task_id) return std::nullopt;
    const auto [found, is_new] = by_task_.try_emplace(*given.external_task_id, &given, n);
    if (is_new) return std::nullopt;
    const submission& other = *found->second.first;
    const bool is_same = given.idempotency_key && given.idempotency_key == other.idempotency_key &&
                         given.tenant_id == other.tenant_id;
    if (is_same) return std::nullopt;
    return found->second.second;
  }

 private:
  std::unordered_map<std::string_view, std::pair<const submission*, std::size_t>> by_task_;
};

[[noreturn]] void refuse_batch(std::size_t wrong, std::size_t of, const std::vector<std::string>& told) {
  std::string detail;
  for (const std::string& one : told) detail.append(detail.empty() ? "" : "\n").append(one);
  throw error(sqlstate::invalid_parameter,
              std::to_string(wrong) + " of " + std::to_string(of) +
                  (of == 1 ? " job is invalid; none was submitted" : " jobs are invalid; none was submitted"),
              std::move(detail), form_of_batch);
}

}  // namespace

std::vector<std::string> problems_of(const submission& given, const submission_bounds& bounds) {
  std::vector<std::string> found;
  member_problems problems(found);
  problems.add("workflow_name", workflow_name_problem(given.workflow_name));
  problems.add("tenant_id", tenant_id_problem(given.tenant_id));
  problems.add("input_data", input_problem(given.input_data, bounds.most_input));
  problems.add("priority", range_problem(given.priority, least_priority, most_priority));
  problems.add("max_retries", range_problem(given.max_retries, 0, most_retries));
  if (given.idempotency_key) problems.add("idempotency_key", key_problem(*given.idempotency_key));
  if (given.external_task_id) problems.add("external_task_id", key_problem(*given.external_task_id));
  if (given.username) problems.add("username", note_problem(*given.username));
  if (given.action) problems.add("action", note_problem(*given.action));
  if (given.executor != "client" && given.executor != "worker")
    problems.add("executor", "must be one of client, worker");
  if (given.run_at && given.deadline && *given.deadline < *given.run_at)
    problems.add("deadline", "must not be before run_at");
  check_webhook(given, bounds, found);
  return found;
}

void require_submission(const submission& given, const submission_bounds& bounds) {
  const std::vector<std::string> problems = problems_of(given, bounds);
  if (problems.empty()) return;
  std::string detail;
  for (std::size_t n = 1; n < problems.size(); ++n)
    detail.append(detail.empty() ? "" : "\n").append("argument ").append(problems[n]);
  throw error(sqlstate::invalid_parameter, "argument " + problems.front(), std::move(detail));
}

std::vector<submission> read_submissions(const json::node& list, const submission_bounds& bounds,
                                         memory_bound& bound) {
  if (!list.is_array())
    throw error(sqlstate::invalid_parameter, "argument jobs must be an array of jobs", {}, form_of_batch);
  if (list.size > bounds.most_jobs)
    throw error(sqlstate::invalid_parameter, "too many jobs are submitted at once",
                "there are " + std::to_string(list.size) + ", and " + std::to_string(bounds.most_jobs) +
                    " are taken at most",
                "submit them in several calls");
  std::vector<submission> read;
  read.reserve(list.size);  // batch_names points into it
  std::vector<std::string> told;
  std::size_t wrong = 0;
  batch_names names;
  for (std::uint32_t n = 0; n < list.size; ++n) {
    bound.work(memory_bound::bytes_between_polls / 64);
    std::vector<std::string> problems;
    read.push_back(read_element(list.element(n), bounds, problems));
    if (const auto other = names.other_of(read.back(), n))
      problems.push_back("external_task_id is that of jobs[" + std::to_string(*other) + "], too");
    wrong += problems.empty() ? 0 : 1;
    for (const std::string& one : problems)
      if (told.size() < most_problems_told)
        told.push_back("jobs[" + std::to_string(n) + "]: " + one);
      else if (told.size() == most_problems_told)
        told.emplace_back("there are more problems; the first 100 are listed");
  }
  if (wrong > 0) refuse_batch(wrong, list.size, told);
  return read;
}

}  // namespace llm_admin::jobs
