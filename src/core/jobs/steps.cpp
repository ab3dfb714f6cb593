#include "core/jobs/steps.hpp"

#include <algorithm>
#include <array>

#include "core/checked_options.hpp"
#include "core/given_name.hpp"
#include "core/jobs/retry.hpp"

namespace llm_admin::jobs {

namespace {

constexpr std::array<std::string_view, 3> step_status_names = {"running", "completed", "failed"};

error step_not_begun(std::string_view step) {
  return {sqlstate::not_in_state, "the step has not begun", "step " + member_named(step) + " has no row",
          "call llm_admin.begin_step() first, with the same name"};
}

}  // namespace

std::string_view name_of(step_status of) noexcept { return step_status_names[static_cast<std::size_t>(of)]; }

std::optional<step_status> step_status_named(std::string_view name) noexcept {
  for (std::size_t n = 0; n < step_status_names.size(); ++n)
    if (step_status_names[n] == name) return static_cast<step_status>(n);
  return std::nullopt;
}

std::optional<std::string> step_name_problem(std::string_view name) {
  static_assert(longest_step_name == longest_event_name);
  return name_problem(name, longest_step_name);
}

step_begin begin_step(const std::optional<stored_step>& stored, std::string_view step,
                      std::string_view input_hash) {
  step_begin made;
  if (!stored) {
    made.is_new = true;
    return made;
  }
  if (stored->input_hash != input_hash)
    throw error(sqlstate::request_differs, "the step was begun with another input",
                "step " + member_named(step) + " is " + std::string(name_of(stored->status)) + ", attempt " +
                    std::to_string(stored->attempts),
                "give each step of a job its own name, and the same input whenever it is repeated");
  made.is_done = stored->status == step_status::completed;
  made.attempt = made.is_done ? stored->attempts : count_at_claim(stored->attempts);
  return made;
}

step_write finish_step(const std::optional<stored_step>& stored, std::string_view step,
                       std::string_view output_hash) {
  if (!stored) throw step_not_begun(step);
  if (stored->status == step_status::running) return step_write::record;
  if (stored->status == step_status::failed)
    throw error(sqlstate::not_in_state, "the step has failed",
                "step " + member_named(step) + ", attempt " + std::to_string(stored->attempts),
                "call llm_admin.begin_step() for another attempt");
  if (stored->output_hash == output_hash) return step_write::already;
  throw error(sqlstate::request_differs, "the step is completed with another output",
              "step " + member_named(step) + ", attempt " + std::to_string(stored->attempts),
              "llm_admin.begin_step() hands back the output that is recorded");
}

step_write fail_step(const std::optional<stored_step>& stored, std::string_view step) {
  if (!stored) throw step_not_begun(step);
  if (stored->status == step_status::running) return step_write::record;
  if (stored->status == step_status::failed) return step_write::already;
  throw error(sqlstate::move_not_allowed, "step must not move from completed to failed",
              "step " + member_named(step) + ": completed is final",
              "llm_admin.begin_step() hands back the output that is recorded");
}

pause pause_job(const pause_request& asked, std::int64_t now) {
  if (asked.run_at && asked.event)
    throw error(sqlstate::invalid_parameter, "arguments run_at and event exclude each other", {},
                "give the time until which the job waits, or the event that it waits for");
  if (!asked.run_at && !asked.event)
    throw error(sqlstate::invalid_parameter, "one of the arguments run_at and event must be given", {},
                "llm_admin.release_job() gives a job back at once");
  if (asked.event)
    if (const auto wrong = step_name_problem(*asked.event))
      throw error(sqlstate::invalid_parameter, "argument event " + *wrong);
  pause made;
  made.retry_count = count_given_back(asked.retry_count);
  if (asked.run_at) {
    made.run_at = std::max(*asked.run_at, now);
  } else {
    made.run_at = asked.event_is_there ? now : never;
    if (!asked.event_is_there) made.waits_for_event = asked.event;
  }
  return made;
}

}  // namespace llm_admin::jobs
