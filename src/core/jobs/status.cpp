#include "core/jobs/status.hpp"

#include <array>
#include <utility>

namespace llm_admin::jobs {

namespace {

constexpr std::array<std::string_view, statuses> status_names = {"pending",   "queued", "processing",
                                                                 "completed", "failed", "cancelled"};

struct status_move {
  status from, to;
};
constexpr std::array<status_move, 10> status_moves = {{
    {status::pending, status::queued},
    {status::pending, status::processing},
    {status::pending, status::cancelled},
    {status::queued, status::pending},
    {status::queued, status::processing},
    {status::queued, status::cancelled},
    {status::processing, status::completed},
    {status::processing, status::failed},
    {status::processing, status::cancelled},
    {status::processing, status::pending},
}};

std::string hint_for_refusal(std::string_view job, status from, status to) {
  if (is_final(from))
    return "SELECT llm_admin.resubmit_job('" + std::string(job) + "') makes a new job of the same request";
  if (from != status::processing && (to == status::completed || to == status::failed))
    return "claim it first, by llm_admin.claim_jobs()";
  return "SELECT llm_admin.cancel_job('" + std::string(job) + "') ends it";
}

}  // namespace

std::string_view name_of(status of) noexcept { return status_names[static_cast<std::size_t>(of)]; }

std::optional<status> status_named(std::string_view name) noexcept {
  for (std::size_t n = 0; n < statuses; ++n)
    if (status_names[n] == name) return static_cast<status>(n);
  return std::nullopt;
}

std::string_view all_statuses() noexcept {
  return "pending, queued, processing, completed, failed, cancelled";
}

bool is_final(status of) noexcept {
  return of == status::completed || of == status::failed || of == status::cancelled;
}

bool is_waiting(status of) noexcept { return of == status::pending || of == status::queued; }

bool may_move(status from, status to) noexcept {
  if (from == to) return true;
  for (const status_move& one : status_moves)
    if (one.from == from && one.to == to) return true;
  return false;
}

std::string states_after(status from) {
  std::string list;
  for (const status_move& one : status_moves)
    if (one.from == from) list.append(list.empty() ? "" : ", ").append(name_of(one.to));
  return list;
}

refused_move describe_refusal(std::string_view job, status from, status to) {
  refused_move made;
  made.message = "job must not move from " + std::string(name_of(from)) + " to " + std::string(name_of(to));
  made.detail = "job " + std::string(job) + ": ";
  if (is_final(from))
    made.detail.append(name_of(from)).append(" is final");
  else
    made.detail.append(name_of(from)).append(" may become ").append(states_after(from));
  made.hint = hint_for_refusal(job, from, to);
  return made;
}

error move_refused(std::string_view job, status from, status to) {
  refused_move said = describe_refusal(job, from, to);
  return {sqlstate::move_not_allowed, std::move(said.message), std::move(said.detail), std::move(said.hint)};
}

}  // namespace llm_admin::jobs
