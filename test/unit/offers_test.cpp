// Price files of others: each format's fields become our rates, to the last digit; what cannot be right has a
// problem. The public map of test data, where it is there, as a whole.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/pricing/bounds.hpp"
#include "core/pricing/offers/offer.hpp"

namespace llm_admin::pricing {
namespace {

std::string text_of(const rate_table& rates) {
  std::string all;
  for (const rate& each : rates.all()) all += (all.empty() ? "" : ", ") + each.key + " " + each.value.text();
  return all;
}

std::string read(price_format format, const std::string& text, std::string_view today = "2026-06-01") {
  json::tree tree;
  const json::item* parsed = json::parse(text, tree);
  EXPECT_NE(parsed, nullptr) << text;
  std::string all;
  read_offers(json::view(parsed), format, today, [&](const offer& one) {
    all += one.model_id + ": " + (one.problem.empty() ? text_of(one.rates) : "! " + one.problem) + "\n";
  });
  return all;
}

std::string litellm(const std::string& fields, const std::string& provider = "acme") {
  const std::string all =
      read(price_format::litellm, R"({"m": {"litellm_provider": ")" + provider + "\", " + fields + "}}");
  const std::string front = provider + "/m: ";
  return all.starts_with(front) ? all.substr(front.size(), all.size() - front.size() - 1) : all;
}

TEST(offers, fields_of_litellm) {
  EXPECT_EQ(litellm(R"("input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05)"),
            "input 0.0025, output 0.01");
  EXPECT_EQ(litellm(R"("input_cost_per_token": 1.23456789012345678e-06, "output_cost_per_token": 1)"),
            "input 0.00123456789012345678, output 1000");
  EXPECT_EQ(litellm(R"("input_cost_per_token": 1e-06, "input_cost_per_token_above_200k_tokens": 2e-06,
                       "input_cost_per_token_above_200k_tokens_priority": 3e-06, "input_cost_per_token_flex": 4e-07,
                       "input_cost_per_token_above_1000_tokens": 5e-06, "input_cost_per_token_batches": 5e-07)"),
            "input 0.001, input>1000 0.005, input>200000 0.002, input@batch 0.0005, input@flex 0.0004, "
            "input@priority>200000 0.003");
  EXPECT_EQ(litellm(R"("input_cost_per_token": 1e-06, "cache_creation_input_token_cost": 1.25e-06,
                       "cache_creation_input_token_cost_above_1hr": 2e-06,
                       "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 4e-06)"),
            "cache_write 0.00125, cache_write_1h 0.002, cache_write_1h>200000 0.004, input 0.001");
  EXPECT_EQ(
      litellm(R"("input_cost_per_token": 1e-06, "input_cost_per_token_above_128k_tokens": 2e-06)", "xai"),
      "input 0.001, input>=128000 0.002");
  // Intervals and odd suffixes are kept under their own names.
  EXPECT_EQ(
      litellm(R"("output_cost_per_second": 0.1, "input_cost_per_video_per_second_above_15s_interval": 0.2,
                       "output_cost_per_second_1080p": 0.3)"),
      "second_out 0.1, x_input_cost_per_video_per_second_above_15s_interval 0.2, "
      "x_output_cost_per_second_1080p 0.3");
  EXPECT_EQ(
      litellm(
          R"("tiered_pricing": [{"range": [0, 256000.0], "input_cost_per_token": 1e-06, "output_cost_per_reasoning_token": 2e-06},
                       {"range": [256000.0, 1000000.0], "input_cost_per_token": 3e-06}])"),
      "input 0.001, input>256000 0.003, reasoning 0.002");
  EXPECT_EQ(
      litellm(
          R"("input_cost_per_token": 1e-06, "cache_read_input_token_cost": 0.0, "output_cost_per_image": 0)"),
      "input 0.001");
  EXPECT_EQ(litellm(R"("mode": "embedding", "input_cost_per_token": 0.0)"), "input 0");
  EXPECT_EQ(litellm(R"("input_cost_per_token": 0.0, "output_cost_per_token": 0)"),
            "! costs nothing, and neither name nor provider says that it is free");
  EXPECT_EQ(litellm(R"("input_cost_per_token": 0.0, "output_cost_per_token": 0)", "ollama"),
            "input 0, output 0");
  EXPECT_EQ(litellm(R"("input_cost_per_token": 0.0, "output_cost_per_token": 1e-6)"),
            "input 0, output 0.001");
  EXPECT_EQ(litellm(R"("input_cost_per_token": -1)"), "! input is negative");
  EXPECT_EQ(litellm(R"("input_cost_per_token": "free")"), "! input is no number: \"free\"");
  EXPECT_EQ(litellm(R"("max_tokens": 4)"), "! no price");
}

TEST(offers, names_of_litellm) {
  const auto name = [](const std::string& key, const std::string& provider) {
    const std::string all =
        read(price_format::litellm, "{\"" + key + R"(": {"litellm_provider": ")" + provider +
                                        R"(", "input_cost_per_token": 1e-06}})");
    return all.substr(0, all.find(':'));
  };
  EXPECT_EQ(name("gpt-4o", "openai"), "openai/gpt-4o");
  EXPECT_EQ(name("gemini/gemini-pro", "gemini"), "google/gemini-pro");
  EXPECT_EQ(name("vertex_ai/claude", "vertex_ai-anthropic_models"), "vertex_ai/claude");
  EXPECT_EQ(name("openrouter/openai/gpt-4o", "openrouter"), "openrouter/openai/gpt-4o");
  EXPECT_EQ(name("together_ai/a/b", "together_ai"), "together/a/b");
  EXPECT_EQ(name("us.anthropic.claude", "bedrock_converse"), "bedrock/us.anthropic.claude");
  EXPECT_EQ(name("azure/gpt-4o", "azure"), "azure/gpt-4o");
  EXPECT_EQ(name("command", "cohere_chat"), "cohere/command");
  // One that begins with its provider counts before a bare one.
  EXPECT_EQ(read(price_format::litellm, R"({"m": {"litellm_provider": "acme", "input_cost_per_token": 1e-06},
                                            "acme/m": {"litellm_provider": "acme", "input_cost_per_token": 2e-06}})"),
            "acme/m: input 0.002\nacme/m: input 0.001\n");
}

TEST(offers, one_price_in_three_units) {
  EXPECT_EQ(litellm(R"("input_cost_per_token": 2.5e-06, "cache_read_input_token_cost": 1.25e-06)"),
            "cached_input 0.00125, input 0.0025");
  EXPECT_EQ(read(price_format::models_dev,
                 R"({"acme": {"models": {"m": {"cost": {"input": 2.5, "cache_read": 1.25}}}}})"),
            "acme/m: cached_input 0.00125, input 0.0025\n");
  EXPECT_EQ(
      read(
          price_format::genai_prices,
          R"([{"id": "acme", "models": [{"id": "m", "prices": {"input_mtok": 2.50, "cache_read_mtok": 1.25}}]}])"),
      "acme/m: cached_input 0.00125, input 0.0025\n");
}

TEST(offers, dates_of_genai_prices) {
  const std::string file = R"([{"id": "acme", "models": [{"id": "m", "prices": [{"prices": {"input_mtok": 1}},
      {"constraint": {"start_date": "2026-05-01"}, "prices": {"input_mtok": 2}},
      {"constraint": {"start_date": "2026-07-01"}, "prices": {"input_mtok": 3}}]}]}])";
  EXPECT_EQ(read(price_format::genai_prices, file, "2026-04-30"), "acme/m: input 0.001\n");
  EXPECT_EQ(read(price_format::genai_prices, file, "2026-05-01"), "acme/m: input 0.002\n");
  EXPECT_EQ(read(price_format::genai_prices, file, "2026-07-02"), "acme/m: input 0.003\n");
}

TEST(offers, changes) {
  json::tree tree;
  const auto rates = [&](const char* text) { return rate_table::read(json::view(json::parse(text, tree))); };
  const rate_table old = rates(R"({"input": 1, "output": 2, "query": 0})");
  EXPECT_TRUE(large_changes(old, rates(R"({"input": 5, "output": 0.4, "query": 0})"), 5).empty());
  EXPECT_EQ(large_changes(old, rates(R"({"input": 5.0001})"), 5),
            (std::vector<std::string>{"input 1 -> 5.0001"}));
  EXPECT_EQ(large_changes(old, rates(R"({"output": 0.3999})"), 5),
            (std::vector<std::string>{"output 2 -> 0.3999"}));
  EXPECT_EQ(large_changes(old, rates(R"({"query": 0.1})"), 5), (std::vector<std::string>{"query 0 -> 0.1"}));
  const rate_differences differing = differences(old, rates(R"({"input": 1.0, "output": 3, "page": 1})"));
  EXPECT_EQ(differing.before, "output 2, query 0");
  EXPECT_EQ(differing.now, "output 3, page 1");
}

TEST(offers, the_public_map) {
  std::ifstream in(LLM_ADMIN_TEST_DATA "/litellm_prices.json");
  if (!in) GTEST_SKIP() << "litellm_prices.json is not there";
  std::stringstream all;
  all << in.rdbuf();
  json::tree tree;
  const std::string text = all.str();
  const json::item* parsed = json::parse(text, tree);
  ASSERT_NE(parsed, nullptr);
  const bounds within{*money::decimal::from_text("0.000001"), 1, 100};
  std::map<std::string, int> outcomes;
  int absurd = 0;
  read_offers(json::view(parsed), price_format::litellm, "2026-08-06", [&](const offer& one) {
    EXPECT_FALSE(one.entry == "sample_spec" || one.entry == "fallback_generalizations");
    ++outcomes[one.problem];
    if (!one.problem.empty()) return;
    for (const rate& each : one.rates.all())
      EXPECT_FALSE(key_problem(each.key)) << one.entry << " " << each.key;
    bool above = false;
    for (const rate_beyond& each : out_of_bounds(one.rates, 1, within))
      above |= each.text.find(" above ") != std::string::npos;
    if (above) ++absurd;
    const bool hosted_there = one.vendor == "wandb" && one.rates.find("input")->value > money::decimal(1);
    EXPECT_TRUE(above || !hosted_there) << one.entry;
  });
  EXPECT_EQ(absurd, 16);
  EXPECT_GT(outcomes[""], 2700);
}

}  // namespace
}  // namespace llm_admin::pricing
