#include "core/webhooks/claim_order.hpp"

#include <algorithm>

namespace llm_admin::webhooks {

namespace {

// Since when nothing but its endpoint keeps an event that is the next of its job from being claimed.
std::int64_t free_since(const queued_event& event) noexcept {
  return event.state == event_state::pending ? event.due_at : event.lease_until;
}

}  // namespace

claim_plan plan_claim(std::span<const queued_event> events, std::span<const endpoint_load> endpoints,
                      std::int64_t now, std::size_t most) {
  claim_plan plan;
  std::vector<std::size_t> order;
  for (std::size_t n = 0; n < events.size(); ++n)
    if (!is_final(events[n].state)) order.push_back(n);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return events[a].job != events[b].job ? events[a].job < events[b].job : events[a].seq < events[b].seq;
  });

  std::vector<std::size_t> next;  // of their jobs, and due
  const queued_event* before = nullptr;
  for (const std::size_t n : order) {
    const queued_event& event = events[n];
    const bool waits = event.job && before != nullptr && before->job == event.job;
    if (waits) continue;
    const bool held = event.state == event_state::delivering && event.lease_until > now;
    if (!held && event.endpoint && endpoints[*event.endpoint].disabled) {
      plan.skipped.push_back(n);
      continue;
    }
    before = &event;
    if (free_since(event) <= now) next.push_back(n);
  }
  std::stable_sort(next.begin(), next.end(), [&](std::size_t a, std::size_t b) {
    return free_since(events[a]) < free_since(events[b]);
  });

  std::vector<std::int64_t> room;
  for (const endpoint_load& one : endpoints) room.push_back(std::int64_t{one.max_in_flight} - one.in_flight);
  for (const std::size_t n : next) {
    if (plan.claimed.size() == most) break;
    if (events[n].endpoint && room[*events[n].endpoint]-- <= 0) continue;
    plan.claimed.push_back(n);
  }
  return plan;
}

bool is_below(const parsed_url& url, const parsed_url& prefix) noexcept {
  if (url.scheme != prefix.scheme || url.host != prefix.host || url.port != prefix.port) return false;
  const std::string_view path = url.path.empty() ? std::string_view("/") : url.path;
  if (!path.starts_with(prefix.path)) return false;
  return prefix.path.empty() || prefix.path.ends_with('/') || path.size() == prefix.path.size() ||
         path[prefix.path.size()] == '/';
}

std::optional<std::size_t> endpoint_of(std::string_view url, std::span<const std::string_view> prefixes) {
  const parsed_url parsed = parse_url(url, url_query::kept);
  if (!parsed.problems.empty()) return std::nullopt;
  std::optional<std::size_t> found;
  std::size_t longest = 0;
  for (std::size_t n = 0; n < prefixes.size(); ++n) {
    const parsed_url prefix = parse_url(prefixes[n]);
    if (!prefix.problems.empty() || !is_below(parsed, prefix)) continue;
    if (found && prefix.path.size() <= longest) continue;
    found = n;
    longest = prefix.path.size();
  }
  return found;
}

}  // namespace llm_admin::webhooks
