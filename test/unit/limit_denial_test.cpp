#include <gtest/gtest.h>

#include <string>

#include "core/limits/alerts.hpp"
#include "core/limits/denial.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::limits {
namespace {

constexpr std::int64_t day = 86'400'000'000;
constexpr std::int64_t now = 9'830 * day + day / 2;

money::decimal of(std::string_view text) { return money::decimal::from_text(text).value(); }

limit budget() {
  limit made;
  made.id = read_uuid("8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a").value();
  made.scope = scope::user;
  made.subject = "*";
  made.model = "openai/*";
  made.what = what::cost_usd;
  made.amount = of("10");
  made.period = period::day;
  made.alert_shares = {of("0.5"), of("0.8"), of("1")};
  return made;
}

figures figures_of_the_day() {
  figures made;
  made.used = of("9.123456789012345678901234567890");
  made.reserved = of("0.5");
  made.amount = of("10");
  made.remaining = of("0.376543210987654321098765432110");
  made.window_start = window_of(period::day, now).start;
  made.resets_at = window_of(period::day, now).end;
  made.retry_after_ms = 43'200'000;
  return made;
}

TEST(LimitDenial, ADetailThatProgramsRead) {
  const limit all = budget();
  const met_limit met{&all, "acme", "a\"b\\c"};
  const error denied = limit_reached(met, figures_of_the_day(), of("0.5"), now);
  EXPECT_STREQ(denied.sqlstate(), "LA010");
  EXPECT_EQ(denied.message(), "limit reached: cost_usd of user a\"b\\c");
  EXPECT_EQ(
      denied.detail(),
      "{\"limit\": \"8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a\", \"scope\": \"user\", \"tenant_id\": \"acme\", "
      "\"subject\": \"a\\\"b\\\\c\", \"model\": \"openai/*\", \"what\": \"cost_usd\", \"period\": \"day\", "
      "\"used\": 9.12345678901234567890123456789, \"reserved\": 0.5, \"asked\": 0.5, \"amount\": 10, "
      "\"remaining\": 0.37654321098765432109876543211, \"resets_at\": \"2026-12-01T00:00:00.000Z\", "
      "\"retry_after_ms\": 43200000}");
  const test::document read(denied.detail());
  EXPECT_EQ(read.node().member("subject").text(), "a\"b\\c");
  EXPECT_EQ(
      denied.hint(),
      "try again at 2026-12-01T00:00:00.000Z, or add what is missing: INSERT INTO llm_admin.limit_overrides "
      "(limit_id, extra, valid_until, reason) VALUES ('8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a', "
      "0.12345678901234567890123456789, <until>, <reason>)");
}

TEST(LimitDenial, WhatNeverResetsIsNull) {
  limit all = budget();
  all.scope = scope::organisation;
  all.period = period::total;
  figures none;
  none.window_start = total_start;
  const error denied = limit_reached({&all, "", ""}, none, of("1"), now);
  EXPECT_EQ(denied.message(), "limit reached: cost_usd of organisation");
  const test::document read(denied.detail());
  EXPECT_EQ(read.node().member("resets_at").type, json::kind::null);
  EXPECT_EQ(read.node().member("retry_after_ms").type, json::kind::null);
  EXPECT_EQ(denied.hint().find("try again"), std::string::npos);
}

TEST(LimitDenial, OthersThatSayWhatMendsThem) {
  const limit all = budget();
  const met_limit met{&all, "acme", std::string(500, 'u')};
  EXPECT_LT(named(met).size(), 230U);
  const error unpriced = no_price(met, "custom/x");
  EXPECT_STREQ(unpriced.sqlstate(), "LA010");
  const test::document read(unpriced.detail());
  EXPECT_EQ(read.node().member("model").text(), "custom/x");
  EXPECT_STREQ(cannot_tell(met).sqlstate(), "LA012");
}

TEST(LimitAlerts, EachShareThatASumPasses) {
  const limit all = budget();
  const auto passed = [&](const char* amount, const char* sum, std::size_t told = 0) {
    std::string text;
    for (const money::decimal& share : shares_passed(all, of(amount), of(sum), told))
      text += share.text() + " ";
    return text;
  };
  EXPECT_EQ(passed("10", "4.999999999999999999"), "");
  EXPECT_EQ(passed("10", "5"), "0.5 ");
  EXPECT_EQ(passed("10", "9"), "0.5 0.8 ");
  EXPECT_EQ(passed("10", "9", 1), "0.8 ");
  EXPECT_EQ(passed("10", "9", 2), "");
  EXPECT_EQ(passed("10", "100", 1), "0.8 1 ");
  EXPECT_EQ(passed("10", "100", 9), "");
  EXPECT_EQ(passed("0", "0"), "");  // nothing used is no news
  EXPECT_EQ(passed("0", "0.01"), "0.5 0.8 1 ");
}

TEST(LimitAlerts, TheEventOfOne) {
  const limit all = budget();
  const limit_event made = event_of({&all, "acme", "alice"}, figures_of_the_day(), of("0.8"), now);
  EXPECT_EQ(made.limit_id, all.id);
  EXPECT_EQ(made.used.text(), "9.62345678901234567890123456789");
  EXPECT_EQ(
      event_json(made, all, of("10")),
      "{\"limit\": \"8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a\", \"scope\": \"user\", \"tenant_id\": \"acme\", "
      "\"subject\": \"alice\", \"what\": \"cost_usd\", \"period\": \"day\", \"share\": 0.8, "
      "\"used\": 9.62345678901234567890123456789, \"amount\": 10, "
      "\"window_start\": \"2026-11-30T00:00:00.000Z\", \"resets_at\": \"2026-12-01T00:00:00.000Z\", "
      "\"at\": \"2026-11-30T12:00:00.000Z\"}");
}

}  // namespace
}  // namespace llm_admin::limits
