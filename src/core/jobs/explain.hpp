// Why a job waits, as one JSON object:
//
//   {"status": "pending", "ready": false, "reasons": [{"reason": "paused", "scope": "workflow", "key": "report"}, ...]}
//
// Reasons, each with its figures, in this order; all that hold are told:
//   final            {status}: it does not run any more
//   processing       {until}: it is leased; "leased": false where it was moved by hand
//   lease_expired    {since}: its worker is silent; the next claim takes it back
//   event            {event}: it waits for emit_event()
//   jobs             {count}: so many others must be completed first
//   not_due          {run_at}: null for infinity without an event
//   paused           {scope, key}
//   max_running, max_per_minute  {scope, key, used, most}
//   turn             {ahead, tenants}: jobs of its tenant before it, tenants that wait; always there when nothing else is
// `ready`: a claim may take it now. Times are ISO 8601 in UTC. Keys and names are stored ones, cut at 200 bytes. Throws
// std::bad_alloc only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/jobs/lease.hpp"
#include "core/jobs/limit.hpp"

namespace llm_admin::jobs {

struct waiting_state {
  status in = status::pending;
  std::int64_t now = 0, run_at = 0;
  std::optional<std::int64_t> lease_token;
  std::int64_t lease_until = 0;
  std::optional<std::string_view> waits_for_event;
  std::int64_t waits_for = 0;         // jobs
  std::span<const limit_use> limits;  // those that it meets
  std::int64_t ahead = 0, tenants = 1;
};

std::string explain(const waiting_state& of);

}  // namespace llm_admin::jobs
