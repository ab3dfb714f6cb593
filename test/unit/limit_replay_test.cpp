#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/json/tree.hpp"
#include "core/limits/replay.hpp"

namespace llm_admin::limits {
namespace {

constexpr std::int64_t second = 1'000'000, minute = 60 * second;
constexpr std::uint64_t enough = 1 << 20;

std::vector<limit> proposed(std::string_view text) {
  json::tree tree;
  return read_proposed(json::view(json::parse(text, tree)));
}

struct replaying {
  explicit replaying(std::string_view limits, std::uint64_t most = enough)
      : bound(most), of(proposed(limits), estimate_settings(), bound) {}

  void call(std::string_view user, std::int64_t at, const char* cost = "1", std::int64_t latency_ms = 0,
            std::string_view model = "m") {
    logged_call made;
    made.who.user = user;
    made.who.model = model;
    made.at = at;
    made.input = 3;
    made.output = 2;
    made.total = 5;
    if (cost != nullptr) made.cost_usd = money::decimal::from_text(cost);
    made.latency_ms = latency_ms;
    of.add(made);
  }

  // Each as place:subject calls/denied/warned/downgraded peak saved.
  std::string told() const {
    std::string text;
    of.each([&](const replay::outcome& one) {
      text.append(text.empty() ? "" : "; ").append(std::to_string(one.place)).append(":").append(one.subject);
      text.append(" ").append(std::to_string(one.what.calls));
      for (const std::int64_t n : {one.what.denied, one.what.warned, one.what.downgraded})
        text.append("/").append(std::to_string(n));
      text.append(" ").append(one.what.peak.text()).append(" ").append(one.what.saved_usd.text());
    });
    return text;
  }

  memory_bound bound;
  replay of;
};

TEST(LimitReplay, WhatIsDeniedCountsNowhereAndWindowsBeginEmpty) {
  replaying all(R"([{"scope": "user", "what": "requests", "amount": 2, "period": "hour"},
                    {"scope": "organisation", "what": "cost_usd", "amount": 4.5, "period": "total"}])");
  for (int n = 0; n < 5; ++n) all.call("a", n * minute);
  std::vector<replayed> seen;
  all.of.each([&](const replay::outcome& one) { seen.push_back(one.what); });
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].calls, 5);
  EXPECT_EQ(seen[0].denied, 3);
  EXPECT_EQ(seen[0].first_at, 2 * minute);
  EXPECT_EQ(seen[0].saved_usd, money::decimal(3));
  EXPECT_EQ(seen[1].peak, money::decimal(2));
  // The next hour: the user has two again, and then the organisation has no more than 4.5.
  all.call("a", 60 * minute);
  all.call("b", 60 * minute);
  all.call("b", 61 * minute);
  seen.clear();
  all.of.each([&](const replay::outcome& one) { seen.push_back(one.what); });
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[2].denied, 1);
  EXPECT_EQ(seen[2].first_at, 61 * minute);
  EXPECT_EQ(seen[2].peak, money::decimal(4));
}

TEST(LimitReplay, OneDenialIsPutDownToOneLimit) {
  replaying all(R"([{"scope": "user", "what": "requests", "amount": 0, "period": "day"},
                    {"scope": "user", "what": "tokens", "amount": 0, "period": "day"}])");
  all.call("a", 0, "0.1");
  all.call("a", 1, "0.2");
  std::int64_t denied = 0;
  money::decimal saved;
  all.of.each([&](const replay::outcome& one) {
    EXPECT_EQ(one.what.calls, 2);
    denied += one.what.denied;
    saved += one.what.saved_usd;
  });
  EXPECT_EQ(denied, 2);
  EXPECT_EQ(saved.text(), "0.3");
}

TEST(LimitReplay, CallsAtATimeEnd) {
  replaying all(R"([{"scope": "user", "what": "concurrent", "amount": 2, "period": "total"}])");
  all.call("a", 0, "1", 10'000);
  all.call("a", 1 * second, "1", 1'000);
  all.call("a", 1500 * 1000, "1", 1'000);  // the third
  all.call("a", 2 * second, "1", 1'000);   // the second has ended just now
  all.call("a", 2 * second, "1", 1'000);
  all.call("a", 20 * second, nullptr, 0);
  all.call("a", 20 * second, nullptr, 0);
  all.call("a", 20 * second, nullptr, 0);  // calls that took no time
  EXPECT_EQ(all.told(), "0:a 8/2/0/0 2 2");
}

TEST(LimitReplay, WarningsCountOnAndDowngradesAskForTheOtherModel) {
  replaying warned(
      R"([{"scope": "user", "what": "requests", "amount": 1, "period": "day", "on_exceed": "warn"}])");
  for (int n = 0; n < 3; ++n) warned.call("a", n);
  EXPECT_EQ(warned.told(), "0:a 3/0/2/0 3 0");

  replaying led(R"([{"scope": "user", "what": "requests", "amount": 1, "period": "day", "model": "m",
                     "on_exceed": "downgrade", "downgrade_to": "small"},
                    {"scope": "model", "subject": "small", "what": "requests", "amount": 1, "period": "day"}])");
  for (int n = 0; n < 3; ++n) led.call("a", n);
  EXPECT_EQ(led.told(), "0:a 3/0/0/2 1 0; 1:small 2/1/0/0 1 1");
}

TEST(LimitReplay, TwoThatLeadToEachOtherComeToAnEnd) {
  replaying all(R"([{"scope": "user", "what": "requests", "amount": 0, "period": "day", "model": "m",
                     "on_exceed": "downgrade", "downgrade_to": "n"},
                    {"scope": "user", "what": "requests", "amount": 0, "period": "day", "model": "n",
                     "on_exceed": "downgrade", "downgrade_to": "m"}])");
  all.call("a", 0);
  std::int64_t denied = 0;
  all.of.each([&](const replay::outcome& one) { denied += one.what.denied; });
  EXPECT_EQ(denied, 1);
}

TEST(LimitReplay, WhatHasNoPrice) {
  const auto one = [](const char* unpriced) {
    replaying all(R"([{"scope": "user", "what": "cost_usd", "amount": 1, "period": "day", "unpriced": ")" +
                  std::string(unpriced) + R"("}])");
    all.call("a", 0, nullptr);
    return all.told();
  };
  EXPECT_EQ(one("deny"), "0:a 1/1/0/0 0 0");
  EXPECT_EQ(one("allow"), "0:a 1/0/0/0 0 0");
}

TEST(LimitReplay, RequestsOfAChainAndAnswersFromTheCache) {
  replaying all(R"([{"scope": "user", "what": "requests", "amount": 9, "period": "day"},
                    {"scope": "user", "what": "tokens", "amount": 9, "period": "day"}])");
  logged_call call;
  call.who.user = "a";
  call.total = 4;
  call.is_request = false;
  all.of.add(call);
  call.is_request = true;
  call.is_cached = true;
  all.of.add(call);
  EXPECT_EQ(all.told(), "0:a 1/0/0/0 1 0; 1:a 1/0/0/0 4 0");
}

// Of random calls no window ever holds more than the amount, and no call is denied that had room.
TEST(LimitReplay, NeverOverAndNeverUnder) {
  std::mt19937 random(7);
  for (int run = 0; run < 50; ++run) {
    const std::int64_t amount = 1 + static_cast<std::int64_t>(random() % 20);
    replaying all(R"([{"scope": "organisation", "what": "cost_usd", "period": "hour", "amount": )" +
                  std::to_string(amount) + "}]");
    std::int64_t at = 0, hour = 0, used = 0, denied = 0;
    for (int n = 0; n < 300; ++n) {
      at += static_cast<std::int64_t>(random() % (10 * minute));
      if (at / (60 * minute) != hour) used = 0;
      hour = at / (60 * minute);
      const std::int64_t cost = static_cast<std::int64_t>(random() % 6);
      const bool fits = used + cost <= amount;
      if (fits)
        used += cost;
      else
        ++denied;
      all.call("a", at, std::to_string(cost).c_str());
    }
    all.of.each([&](const replay::outcome& one) {
      EXPECT_EQ(one.what.denied, denied);
      EXPECT_LE(one.what.peak, money::decimal(amount));
    });
  }
}

TEST(LimitReplay, CountersAreChargedToTheBound) {
  replaying all(R"([{"scope": "user", "what": "requests", "amount": 1, "period": "day"}])", 10'000);
  const auto many = [&] {
    for (int n = 0; n < 1000; ++n) all.call("user " + std::to_string(n), n);
  };
  EXPECT_THROW(many(), memory_exceeded);
  EXPECT_LE(all.bound.peak, 10'000U);
  EXPECT_GT(all.of.counters(), 5U);
}

TEST(LimitReplay, ProblemsAreToldWithTheirPlaces) {
  const auto detail = [](std::string_view text) -> std::string {
    try {
      (void)proposed(text);
    } catch (const error& e) {
      EXPECT_EQ(std::string_view(e.sqlstate()), sqlstate::request_invalid);
      return e.detail();
    }
    return "none";
  };
  EXPECT_EQ(detail("[]"), "none");
  EXPECT_EQ(detail("7"), "it is 7");
  EXPECT_EQ(detail(R"([{"scope": "user", "what": "requests", "period": "day"}, null])"),
            "limits[1]: a limit must be an object, not null");
  EXPECT_EQ(detail(R"([{"scope": "user", "what": "requests", "period": "day", "metadata": {"a": 1}},
                       {"scope": "user", "what": "requests", "period": "day", "amount": 0.5, "unpriced": "allow"}])"),
            "limits[1]: an amount of requests must be a whole number\n"
            "limits[1]: unpriced is of cost_usd alone; requests have no price");
}

}  // namespace
}  // namespace llm_admin::limits
