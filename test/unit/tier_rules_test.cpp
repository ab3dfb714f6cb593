#include "core/tier_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace llm_admin {
namespace {

tier_rule rule(std::string pattern, bool allowed, std::int32_t priority) {
  return {{}, std::move(pattern), allowed, std::nullopt, std::nullopt, priority};
}

std::string decided(const tier_rules& rules, std::string_view model) {
  const tier_rule* found = rules.find(model);
  return found == nullptr ? "none" : (found->allowed ? "allow " : "deny ") + found->pattern;
}

TEST(TierRules, PriorityThenLiteralsThenDeny) {
  const tier_rules rules({rule("*", false, 0), rule("openai/*", true, 10), rule("openai/gpt-4*", false, 10),
                          rule("openai/gpt-4o", true, 10), rule("openai/*-mini", true, 10),
                          rule("groq/*", true, 5), rule("groq/llama-3", false, 1)});
  EXPECT_EQ(decided(rules, "openai/gpt-3.5"), "allow openai/*");
  EXPECT_EQ(decided(rules, "openai/gpt-4-turbo"), "deny openai/gpt-4*");
  EXPECT_EQ(decided(rules, "openai/gpt-4o"), "allow openai/gpt-4o");
  EXPECT_EQ(decided(rules, "openai/gpt-4x-mini"), "deny openai/gpt-4*");  // as many literals: deny
  EXPECT_EQ(decided(rules, "groq/llama-3"), "allow groq/*");              // priority before literals
  EXPECT_EQ(decided(rules, "custom/x"), "deny *");
  EXPECT_EQ(decided(tier_rules(), "x"), "none");
  EXPECT_EQ(decided(tier_rules({rule("a", true, 0)}), "b"), "none");
}

TEST(TierRules, TheOrderOfRowsDoesNotMatter) {
  std::mt19937 random(50);
  std::vector<tier_rule> all;
  for (int n = 0; n < 200; ++n) {
    std::string pattern;
    for (unsigned count = 1 + random() % 5; count > 0; --count) pattern += "ab/*?"[random() % 5];
    if (std::none_of(all.begin(), all.end(), [&](const tier_rule& one) { return one.pattern == pattern; }))
      all.push_back(rule(pattern, random() % 2 == 0, static_cast<std::int32_t>(random() % 3)));
  }
  const tier_rules first(all);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    const tier_rules again(all);
    for (const char* model : {"a", "b", "a/b", "ab/ab", "/", "aaaa", "b/a/b"})
      ASSERT_EQ(decided(again, model), decided(first, model));
  }
}

}  // namespace
}  // namespace llm_admin
