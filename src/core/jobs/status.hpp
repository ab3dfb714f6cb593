// The statuses of a job and the moves between them, as one table.
//
//   pending    -> queued | processing | cancelled
//   queued     -> pending | processing | cancelled
//   processing -> completed | failed | cancelled | pending      (pending: a retry, an expired lease, a pause)
//
// completed, failed and cancelled are final: no move leaves them. A status to itself is no move, and allowed. pending and
// queued are claimed alike. Throws std::bad_alloc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace llm_admin::jobs {

enum class status : std::uint8_t { pending, queued, processing, completed, failed, cancelled };
inline constexpr std::size_t statuses = 6;

std::string_view name_of(status of) noexcept;
std::optional<status> status_named(std::string_view name) noexcept;
std::string_view all_statuses() noexcept;  // "pending, queued, ..."

bool is_final(status of) noexcept;
bool is_waiting(status of) noexcept;  // a claim may take it
bool may_move(status from, status to) noexcept;
// "queued, processing, cancelled"; empty for a final one.
std::string states_after(status from);

// "job must not move from pending to completed"; what may follow; what to call instead. For LA005.
struct refused_move {
  std::string message, detail, hint;
};
// `job` is the job's id as text.
refused_move describe_refusal(std::string_view job, status from, status to);
error move_refused(std::string_view job, status from, status to);

}  // namespace llm_admin::jobs
