#include "core/webhooks/claim_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "generate/random.hpp"

namespace llm_admin::webhooks {
namespace {

using state = event_state;
using places = std::vector<std::size_t>;
constexpr std::int64_t now = 1000;

queued_event pending(std::optional<std::int64_t> job, std::int64_t seq, std::int64_t due_at = 0) {
  queued_event made;
  made.job = job;
  made.seq = seq;
  made.due_at = due_at;
  return made;
}
queued_event in_state(queued_event event, state is, std::int64_t lease_until = 0) {
  event.state = is;
  event.lease_until = lease_until;
  return event;
}
queued_event at_endpoint(queued_event event, std::size_t endpoint) {
  event.endpoint = endpoint;
  return event;
}

places claimed(const std::vector<queued_event>& events, const std::vector<endpoint_load>& endpoints = {},
               std::size_t most = 100) {
  return plan_claim(events, endpoints, now, most).claimed;
}

TEST(WebhookClaimOrder, OneOfAJobAtATimeInOrder) {
  EXPECT_EQ(claimed({pending(1, 2), pending(1, 1), pending(1, 3)}), (places{1}));
  EXPECT_EQ(claimed({pending(1, 2), in_state(pending(1, 1), state::delivered)}), (places{0}));
  EXPECT_EQ(claimed({pending(1, 2), in_state(pending(1, 1), state::failed)}), (places{0}));
  EXPECT_EQ(claimed({pending(1, 2), in_state(pending(1, 1), state::skipped)}), (places{0}));
  EXPECT_EQ(claimed({pending(1, 2), in_state(pending(1, 1), state::delivering, now + 1)}), (places{}));
  // One that waits for its retry holds up what stands behind it.
  EXPECT_EQ(claimed({pending(1, 2), pending(1, 1, now + 1)}), (places{}));
  EXPECT_EQ(claimed({pending(1, 2, now + 5), pending(1, 1, now)}), (places{1}));
}

TEST(WebhookClaimOrder, LeasesRunOut) {
  EXPECT_EQ(claimed({pending(1, 2), in_state(pending(1, 1), state::delivering, now)}), (places{1}));
  EXPECT_EQ(claimed({in_state(pending({}, 1), state::delivering, now + 1)}), (places{}));
  EXPECT_EQ(claimed({in_state(pending({}, 1), state::delivering, now - 1)}), (places{0}));
}

TEST(WebhookClaimOrder, JobsDoNotWaitForEachOtherAndTheLongestDueGoesFirst) {
  EXPECT_EQ(claimed({pending(1, 1, 30), pending(2, 1, 10), pending({}, 7, 20), pending({}, 6, 20),
                     pending(1, 2, 0)}),
            (places{1, 3, 2, 0}));
  EXPECT_EQ(claimed({pending(1, 1, 30), pending(2, 1, 10), pending(3, 1, 20)}, {}, 2), (places{1, 2}));
  EXPECT_EQ(claimed({pending(1, 1)}, {}, 0), (places{}));
  EXPECT_EQ(claimed({}), (places{}));
}

TEST(WebhookClaimOrder, EndpointsHaveRoomForSoMany) {
  std::vector<queued_event> events;
  for (std::int64_t job = 0; job < 10; ++job)
    events.push_back(at_endpoint(pending(job, 1, job), static_cast<std::size_t>(job % 2)));
  EXPECT_EQ(claimed(events, {{3, 1, false}, {4, 0, false}}), (places{0, 1, 2, 3, 5, 7}));
  EXPECT_EQ(claimed(events, {{3, 3, false}, {0, 0, false}}), (places{}));
  EXPECT_EQ(claimed(events, {{3, 9, false}, {1, 0, false}}), (places{1}));
  // An endpoint that is full takes no room from others.
  EXPECT_EQ(claimed(events, {{4, 4, false}, {4, 0, false}}, 3), (places{1, 3, 5}));
}

TEST(WebhookClaimOrder, OfADisabledEndpointIsSkipped) {
  const std::vector<endpoint_load> endpoints = {{4, 0, true}, {4, 0, false}};
  const std::vector<queued_event> events = {
      at_endpoint(pending(1, 1, now + 50), 0),
      at_endpoint(pending(1, 2), 1),
      at_endpoint(pending(2, 1), 0),
      at_endpoint(pending(2, 2), 0),
      at_endpoint(in_state(pending(3, 1), state::delivering, now + 1), 0),
      at_endpoint(pending(3, 2), 0),
      at_endpoint(in_state(pending(4, 1), state::delivering, now), 0)};
  const claim_plan plan = plan_claim(events, endpoints, now, 100);
  EXPECT_EQ(plan.claimed, (places{1}));
  EXPECT_EQ(plan.skipped, (places{0, 2, 3, 6}));
}

// Deliveries by several senders under a simulated clock, with crashes and retries: what the receiver sees of a job is
// in order, no two of a job or too many of an endpoint are under way at once, and all end.
TEST(WebhookClaimOrder, Simulated) {
  test::random_source from(8005);
  for (int round = 0; round < 60; ++round) {
    std::vector<endpoint_load> endpoints(1 + from.below(3));
    for (auto& one : endpoints) one.max_in_flight = 1 + static_cast<std::int32_t>(from.below(4));
    std::vector<queued_event> events;
    for (std::int64_t n = 0; n < 40; ++n) {
      const std::optional<std::int64_t> job =
          from.chance(10) ? std::nullopt : std::optional<std::int64_t>(from.below(6));
      queued_event event = pending(job, n);
      if (from.chance(90)) event.endpoint = from.below(endpoints.size());
      events.insert(events.begin() + from.below(events.size() + 1), event);
    }
    std::map<std::int64_t, std::int64_t> seen;  // last seq of a job
    std::int64_t clock = 0;
    std::size_t open = events.size();
    for (; open > 0 && clock < 100'000; ++clock) {
      for (std::size_t e = 0; e < endpoints.size(); ++e)
        endpoints[e].in_flight =
            static_cast<std::int32_t>(std::count_if(events.begin(), events.end(), [&](const auto& one) {
              return one.endpoint == e && one.state == state::delivering && one.lease_until > clock;
            }));
      for (const std::size_t n : plan_claim(events, endpoints, clock, from.below(8)).claimed) {
        queued_event& event = events[n];
        if (event.endpoint) {
          endpoint_load& of = endpoints[*event.endpoint];
          ASSERT_LE(++of.in_flight, of.max_in_flight);
        }
        if (event.job) {
          const auto last = seen.find(*event.job);
          ASSERT_TRUE(last == seen.end() || last->second <= event.seq);
          seen[*event.job] = event.seq;
          for (const queued_event& other : events)
            ASSERT_FALSE(&other != &event && other.job == event.job && other.state == state::delivering &&
                         other.lease_until > clock);
        }
        event.state = state::delivering;
        event.lease_until = clock + 5;
      }
      for (queued_event& event : events) {
        if (event.state != state::delivering || event.lease_until <= clock || !from.chance(30)) continue;
        const auto what = from.below(10);
        if (what == 0) continue;  // the sender has died
        event.state = what < 6 ? state::delivered : what < 8 ? state::failed : state::pending;
        event.due_at = clock + from.below(20);
        if (is_final(event.state)) --open;
      }
    }
    EXPECT_EQ(open, 0U);
  }
}

std::optional<std::size_t> of(std::string_view url, const std::vector<std::string_view>& prefixes) {
  return endpoint_of(url, prefixes);
}

TEST(WebhookEndpoint, HoldsWhatLiesBelowItsPrefix) {
  const auto holds = [](std::string_view prefix, std::string_view url) {
    return of(url, {prefix}).has_value();
  };
  EXPECT_TRUE(holds("https://a.example", "https://a.example"));
  EXPECT_TRUE(holds("https://a.example", "https://A.example:443/x?y"));
  EXPECT_TRUE(holds("https://a.example/", "https://a.example"));
  EXPECT_TRUE(holds("https://a.example/hooks", "https://a.example/hooks"));
  EXPECT_TRUE(holds("https://a.example/hooks", "https://a.example/hooks/a"));
  EXPECT_TRUE(holds("https://a.example/hooks", "https://a.example/hooks?b"));
  EXPECT_TRUE(holds("https://a.example/hooks/", "https://a.example/hooks/a"));
  EXPECT_TRUE(holds("https://[::1]/", "https://[0::1]:443/"));
  EXPECT_FALSE(holds("https://a.example/hooks", "https://a.example/hooks2"));
  EXPECT_FALSE(holds("https://a.example/hooks/", "https://a.example/hooks"));
  EXPECT_FALSE(holds("https://a.example/hooks", "https://a.example/Hooks"));
  EXPECT_FALSE(holds("https://a.example", "https://a.example.evil.example/"));
  EXPECT_FALSE(holds("https://a.example", "https://a.example@evil.example/"));
  EXPECT_FALSE(holds("https://a.example", "http://a.example/"));
  EXPECT_FALSE(holds("https://a.example", "https://a.example:444/"));
  EXPECT_FALSE(holds("https://a.example/x", "https://a.example/x/../y"));
  EXPECT_FALSE(holds("no url", "https://a.example/"));
}

TEST(WebhookEndpoint, TheLongestPrefixCounts) {
  const std::vector<std::string_view> prefixes = {"https://a.example", "https://a.example/hooks/one",
                                                  "https://a.example/hooks", "https://b.example",
                                                  "https://a.example/hooks"};
  EXPECT_EQ(of("https://a.example/hooks/one/x", prefixes), 1U);
  EXPECT_EQ(of("https://a.example/hooks/two", prefixes), 2U);
  EXPECT_EQ(of("https://a.example/other", prefixes), 0U);
  EXPECT_EQ(of("https://b.example/hooks", prefixes), 3U);
  EXPECT_EQ(of("https://c.example/hooks", prefixes), std::nullopt);
}

}  // namespace
}  // namespace llm_admin::webhooks
