// Which events may be claimed now, and which endpoint a URL belongs to.
//
// Events of one job are delivered in the order of their seq, one at a time: one may be claimed when all before it are
// final (delivered, failed, skipped), it is due, and nobody holds it; a lease that has run out holds nothing. An event
// without a job (a limit's alert) waits for none. No endpoint gets more than its max_in_flight at once. Events of a
// disabled endpoint are skipped, and what stands behind them waits no longer. Between jobs the longest due goes first.
// Points in time are of one clock, microseconds. Pure; throws std::bad_alloc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/http/url.hpp"

namespace llm_admin::webhooks {

inline constexpr std::int32_t default_in_flight = 4;

enum class event_state : std::uint8_t { pending, delivering, delivered, failed, skipped };
constexpr bool is_final(event_state state) noexcept { return state >= event_state::delivered; }

struct queued_event {
  std::optional<std::int64_t> job;  // the same number for events of one job
  std::int64_t seq = 0;
  event_state state = event_state::pending;
  std::int64_t due_at = 0;                // of pending
  std::int64_t lease_until = 0;           // of delivering
  std::optional<std::size_t> endpoint{};  // place in `endpoints`; without one nothing limits it
};
struct endpoint_load {
  std::int32_t max_in_flight = default_in_flight;
  std::int32_t in_flight = 0;  // held by living leases, of events that are not among those given, too
  bool disabled = false;
};
struct claim_plan {
  std::vector<std::size_t> claimed;  // places in `events`, in the order to claim them
  std::vector<std::size_t> skipped;
};
// Of each job that has one of its events here, all that are not final must be here.
claim_plan plan_claim(std::span<const queued_event> events, std::span<const endpoint_load> endpoints,
                      std::int64_t now, std::size_t most);

// Whether `url` lies at or below `prefix`, both parsed and without problems: scheme, host and port are the same, and
// the path begins with the prefix's, which ends there at a segment's end ("/hooks" holds "/hooks", "/hooks/a" and
// "/hooks?b", not "/hooks2"; "/hooks/" not "/hooks" either). Paths are compared as they are written.
bool is_below(const parsed_url& url, const parsed_url& prefix) noexcept;
// Of several prefixes the one with the longest path, of equal ones the first; nothing when none holds the URL or the
// URL has problems. A prefix with problems holds nothing.
std::optional<std::size_t> endpoint_of(std::string_view url, std::span<const std::string_view> prefixes);

}  // namespace llm_admin::webhooks
