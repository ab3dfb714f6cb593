// What the functions on a job's steps decide, from the step's row as it stands and what the worker says.
//
//   (none) -> running -> completed | failed        failed, running -> running, with one attempt more
//
// completed is final: beginning it again hands back its output, and nothing runs twice. A step that is running when it is
// begun was cut off in its middle: the lease says that nobody works on it any more. Whether the lease is held is asked
// before (core/jobs/lease.hpp). The same name with another input is another request, LA006. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/jobs/lease.hpp"

namespace llm_admin::jobs {

inline constexpr std::size_t longest_step_name = 255;   // bytes
inline constexpr std::size_t longest_event_name = 255;  // bytes

enum class step_status : std::uint8_t { running, completed, failed };
std::string_view name_of(step_status of) noexcept;
std::optional<step_status> step_status_named(std::string_view name) noexcept;

// What a name of a step or an event is not, "must not be empty"; nothing where it is one. Any text without control
// characters, of at most 255 bytes.
std::optional<std::string> step_name_problem(std::string_view name);

struct stored_step {
  step_status status = step_status::running;
  std::string_view input_hash,
      output_hash;  // core/jobs/fingerprint.hpp; the output's is empty before there is one
  std::int32_t attempts = 1;
};

struct step_begin {
  bool is_done = false;      // hand back what is recorded, write nothing
  bool is_new = false;       // else insert or update
  std::int32_t attempt = 1;  // the one that has now begun, or that has ended
};
// `step` stands in messages: a name that is stored, or that step_name_problem() has passed.
step_begin begin_step(const std::optional<stored_step>& stored, std::string_view step,
                      std::string_view input_hash);

enum class step_write : std::uint8_t {
  record,   // write the row, extend the lease, tell the event
  already,  // the same is recorded: a repetition whose answer was lost
};
// 55000 for a step that was not begun or has failed; LA006 for one that is completed with another output.
step_write finish_step(const std::optional<stored_step>& stored, std::string_view step,
                       std::string_view output_hash);
// 55000 for a step that was not begun; LA005 for one that is completed.
step_write fail_step(const std::optional<stored_step>& stored, std::string_view step);

// pause_job: what the job's row becomes. It is pending, without a lease, and the attempt is taken off again.
struct pause_request {
  std::optional<std::int64_t> run_at;
  std::optional<std::string_view> event;
  bool event_is_there = false;  // emitted before, and not read yet
  std::int32_t retry_count = 1;
};
struct pause {
  std::int64_t run_at = 0;  // never: until the event
  std::optional<std::string_view> waits_for_event;
  std::int32_t retry_count = 0;
};
// 22023 where neither or both are given, or the event's name is none. A run_at in the past is now, so that the job stands
// behind the marks.
pause pause_job(const pause_request& asked, std::int64_t now);

}  // namespace llm_admin::jobs
