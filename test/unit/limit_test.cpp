#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/limits/limit.hpp"

namespace llm_admin::limits {
namespace {

limit_row good() {
  limit_row row;
  row.scope = "user";
  row.subject = "*";
  row.model = "openai/*";
  row.what = "requests";
  row.tenant = "*";
  row.amount = "100";
  row.period = "day";
  row.on_exceed = "deny";
  row.unpriced = "deny";
  row.enabled = true;
  return row;
}

// What is wrong, a line each.
std::string problems_of(const limit_row& row) {
  std::vector<std::string> problems;
  const auto made = read_limit(row, problems);
  EXPECT_EQ(made.has_value(), problems.empty());
  std::string all;
  for (const std::string& one : problems) all.append(all.empty() ? "" : "\n").append(one);
  return all;
}

template <class Change>
std::string with(const Change& change) {
  limit_row row = good();
  change(row);
  return problems_of(row);
}

TEST(Limit, IsReadFromARow) {
  limit_row row = good();
  row.what = "cost_usd";
  row.amount = "12.50";
  row.period = "month";
  row.on_exceed = "downgrade";
  row.downgrade_to = "openai/gpt-4o-mini";
  row.alert_shares = {"1", "0.8", "1.5"};
  row.unpriced = "estimate";
  const limit made = require_limit(row);
  EXPECT_EQ(made.scope, scope::user);
  EXPECT_EQ(made.what, what::cost_usd);
  EXPECT_EQ(made.amount->text(), "12.5");
  EXPECT_EQ(made.period, period::month);
  EXPECT_EQ(made.downgrade_to, "openai/gpt-4o-mini");
  ASSERT_EQ(made.alert_shares.size(), 3U);
  EXPECT_EQ(made.alert_shares[0].text(), "0.8");  // ascending
  EXPECT_FALSE(made.counts_whole());
  row = good();
  row.amount = std::nullopt;
  EXPECT_FALSE(require_limit(row).amount);  // unlimited
  row.amount = "0";
  EXPECT_TRUE(require_limit(row).amount->is_zero());
  row.amount = "100.000";
  EXPECT_EQ(require_limit(row).amount->text(), "100");
}

TEST(Limit, AmountsThatAreNone) {
  const auto amount = [](const char* text) { return with([=](limit_row& row) { row.amount = text; }); };
  EXPECT_EQ(amount("NaN"), "amount must be a number, not NaN; NULL is unlimited");
  EXPECT_EQ(amount("Infinity"), "amount must be a number, not Infinity; NULL is unlimited");
  EXPECT_EQ(amount("-1"), "amount must not be negative; 0 allows nothing, NULL is unlimited");
  EXPECT_EQ(amount("0.5"), "an amount of requests must be a whole number");
  EXPECT_NE(amount("1e300"), "");
  EXPECT_NE(amount("many"), "");
  EXPECT_NE(amount(""), "");
}

TEST(Limit, MembersThatContradict) {
  EXPECT_EQ(with([](limit_row& row) { row.what = "concurrent"; }),
            "concurrent counts calls at a time and has the period total, not day");
  EXPECT_EQ(with([](limit_row& row) { row.what = "concurrent", row.period = "total"; }), "");
  EXPECT_EQ(with([](limit_row& row) { row.scope = "organisation", row.subject = "acme"; }),
            "an organisation has no subject; leave subject empty, or give another scope");
  EXPECT_EQ(with([](limit_row& row) { row.scope = "organisation", row.subject = std::nullopt; }), "");
  EXPECT_EQ(with([](limit_row& row) { row.scope = "model"; }),
            "scope model has its glob in subject; model must be *");
  EXPECT_EQ(with([](limit_row& row) { row.scope = "tenant", row.subject = "acme", row.tenant = "other"; }),
            "scope tenant has its glob in subject; tenant_id must be * or the same");
  EXPECT_EQ(with([](limit_row& row) { row.unpriced = "allow"; }),
            "unpriced is of cost_usd alone; requests have no price");
  EXPECT_EQ(with([](limit_row& row) { row.on_exceed = "downgrade"; }),
            "on_exceed downgrade needs downgrade_to, a canonical model");
  EXPECT_EQ(with([](limit_row& row) { row.downgrade_to = "a/b"; }),
            "downgrade_to is given and on_exceed is deny");
  const auto to = [](const char* model) {
    return with([=](limit_row& row) { row.on_exceed = "downgrade", row.downgrade_to = model; });
  };
  EXPECT_EQ(to("groq/llama"), "");
  EXPECT_EQ(to("openai/gpt-4o-mini"),
            "downgrade_to is of the models of this limit, which would deny it just so");
  EXPECT_NE(to("groq/*"), "");
  EXPECT_NE(to(""), "");
}

TEST(Limit, SubjectsOfEachScope) {
  const auto subject = [](const char* scope, const std::string& text) {
    return with([&](limit_row& row) { row.scope = scope, row.subject = text, row.model = "*"; });
  };
  EXPECT_EQ(subject("key", "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"), "");
  EXPECT_EQ(subject("key", "*"), "");
  EXPECT_NE(subject("key", "8C1F3A52-6E0B-4D7C-9A55-0F1E2D3C4B5A"), "");  // the subject is in lower case
  EXPECT_EQ(subject("key", "la_secret").find("la_secret"), std::string::npos);
  EXPECT_NE(subject("account", "main"), "");
  EXPECT_NE(subject("tier", "Gold"), "");
  EXPECT_EQ(subject("tier", "gold-*"), "");
  EXPECT_EQ(subject("tag", "project=search"), "");
  EXPECT_EQ(subject("tag", "project=*"), "");
  EXPECT_NE(subject("tag", "project"), "");
  EXPECT_NE(subject("user", ""), "");
  EXPECT_EQ(subject("user", std::string(255, 'u')), "");
  EXPECT_EQ(subject("user", std::string(256, 'u')), "subject has 256 bytes and may have 255");
}

TEST(Limit, AlertShares) {
  const auto shares = [](std::vector<std::optional<std::string>> all) {
    return with([&](limit_row& row) { row.alert_shares = all; });
  };
  EXPECT_EQ(shares({"0.5", "10"}), "");
  EXPECT_EQ(
      shares({"0"}),
      "share 1 of alert_shares must be a number above 0 and at most 10; 0.8 is 80 percent of the amount");
  EXPECT_NE(shares({"80"}), "");
  EXPECT_NE(shares({"-0.1"}), "");
  EXPECT_NE(shares({"NaN"}), "");
  EXPECT_EQ(shares({"0.5", std::nullopt}), "share 2 of alert_shares must not be null");
  EXPECT_EQ(shares({"0.5", "0.50"}), "share 2 of alert_shares is there twice");
  EXPECT_NE(shares(std::vector<std::optional<std::string>>(21, "1")), "");
}

TEST(Limit, AllThatIsWrongIsToldAtOnce) {
  limit_row row;
  row.scope = "usr";
  row.subject = "x";
  row.what = "request";
  row.amount = "NaN";
  row.period = "year";
  row.on_exceed = "sk-0123456789abcdef0123456789abcdef";
  try {
    (void)require_limit(row);
    FAIL();
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), sqlstate::check_violation);
    EXPECT_EQ(
        e.detail(),
        "scope must be one of organisation, tenant, team, user, key, tier, model, account, tag, not usr\n"
        "what must be one of requests, input_tokens, output_tokens, tokens, cost_usd, concurrent, not "
        "request\n"
        "period must be one of minute, hour, day, week, month, total, not year\n"
        "on_exceed must be one of deny, warn, downgrade, not (a text of 35 characters)\n"
        "unpriced must not be null\n"
        "model must not be null; * stands for any\n"
        "tenant_id must not be null; * stands for any\n"
        "amount must be a number, not NaN; NULL is unlimited\n"
        "enabled must not be null");
  }
}

std::vector<std::string> problems_of_json(std::string_view text) {
  json::tree tree;
  const json::item* parsed = json::parse(text, tree);
  std::vector<std::string> problems;
  const limit_row row = row_of(json::view(parsed), problems);
  if (problems.empty()) (void)read_limit(row, problems);
  return problems;
}

TEST(Limit, FromJson) {
  EXPECT_TRUE(
      problems_of_json(R"({"scope": "team", "what": "tokens", "period": "hour", "amount": 1e6})").empty());
  EXPECT_TRUE(
      problems_of_json(
          R"({"scope": "team", "what": "cost_usd", "period": "hour", "amount": "0.1", "alert_shares": [0.5]})")
          .empty());
  const auto unknown =
      problems_of_json(R"({"scope": "team", "what": "tokens", "period": "hour", "amont": 5})");
  ASSERT_EQ(unknown.size(), 1U);
  EXPECT_EQ(unknown[0], "amont is no member of a limit; did you mean amount?");
  EXPECT_EQ(problems_of_json("[]").size(), 1U);
  EXPECT_EQ(
      problems_of_json(R"({"scope": 1, "what": "tokens", "period": "hour", "enabled": 1, "id": "x"})").size(),
      3U);
  EXPECT_FALSE(
      problems_of_json(R"({"scope": "team", "what": "tokens", "period": "hour", "model": null})").empty());
}

TEST(Limit, GrantsAddWhileTheyLast) {
  limit made = require_limit(good());
  std::vector<std::string> problems;
  made.grants.push_back(*read_grant("50", 1000, 2000, true, problems));
  made.grants.push_back(*read_grant("7", 1500, std::nullopt, true, problems));
  EXPECT_EQ(amount_at(made, 999)->text(), "100");
  EXPECT_EQ(amount_at(made, 1000)->text(), "150");
  EXPECT_EQ(amount_at(made, 1500)->text(), "157");
  EXPECT_EQ(amount_at(made, 2000)->text(), "107");
  EXPECT_FALSE(read_grant("0", 5, 5, true, problems));
  EXPECT_EQ(problems.size(), 2U);
  EXPECT_FALSE(read_grant("0.5", 5, 6, true, problems));
  EXPECT_TRUE(read_grant("0.5", 5, 6, false, problems));
  EXPECT_FALSE(read_grant("NaN", 5, 6, false, problems));
  made.amount.reset();
  EXPECT_FALSE(amount_at(made, 1500));
}

TEST(Limit, OfTiers) {
  const limit rule = rule_limit(uuid{1}, "openai/*", 20);
  EXPECT_EQ(rule.scope, scope::user);
  EXPECT_EQ(rule.period, period::day);
  EXPECT_EQ(rule.amount->text(), "20");
  const limit plan = plan_limit(uuid{2}, 5, period::year, true);
  EXPECT_EQ(plan.scope, scope::tenant);
  EXPECT_EQ(plan.period, period::year);
}

}  // namespace
}  // namespace llm_admin::limits
