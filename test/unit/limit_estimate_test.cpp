#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/limits/estimate.hpp"
#include "core/pricing/cost.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::limits {
namespace {

money::decimal of(std::string_view text) { return money::decimal::from_text(text).value(); }

request_size size_of_text(std::string_view params) {
  const test::document read(params);
  return size_of(read.node());
}

std::string notes_of(const token_estimate& made) {
  std::string text;
  for (const std::string& one : made.notes) text += (text.empty() ? "" : " ") + one;
  return text;
}

estimate_settings strictly() {
  estimate_settings made;
  made.bytes_per_token = 1;
  return made;
}

TEST(LimitEstimate, BytesMessagesAndTools) {
  const request_size made = size_of_text(
      R"({"model_name": "gpt-4o", "temperature": 0.5, "messages": [{"role": "system", "content": "äöü"},
          {"role": "user", "content": [{"type": "text", "text": "hello"}]}]})");
  // Texts as UTF-8, roles and types too; one more for each element of an array.
  EXPECT_EQ(made.text_bytes, 2U + 6 + 6 + 4 + 1 + 4 + 5);
  EXPECT_EQ(made.messages, 2U);
  EXPECT_EQ(made.tools, 0U);
  const request_size tools = size_of_text(
      R"({"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}], "input": "abc"})");
  EXPECT_EQ(tools.tools, 1U);
  EXPECT_FALSE(tools.server_tools);
  EXPECT_GT(tools.text_bytes, 75U);
  EXPECT_TRUE(size_of_text(R"({"tools": [{"type": "web_search_20250305"}]})").server_tools);
  EXPECT_TRUE(size_of_text(R"({"modalities": ["text", "image"]})").media_out);
  EXPECT_FALSE(size_of_text(R"({"modalities": ["text"]})").media_out);
  EXPECT_EQ(size_of_text("[]").text_bytes, 0U);
}

TEST(LimitEstimate, AttachmentsCountByTheirKind) {
  const request_size made = size_of_text(
      R"({"messages": [{"role": "user", "content": [
          {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
          {"type": "image", "source": {"type": "base64", "data": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}},
          {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
          {"type": "document", "title": "T", "source": {"data": "AAAA"}},
          {"inline_data": {"mime_type": "video/mp4", "data": "AAAA"}}]}]})");
  EXPECT_EQ(made.images, 2U);
  EXPECT_EQ(made.audios, 1U);
  EXPECT_EQ(made.files, 1U);
  EXPECT_EQ(made.videos, 1U);
  EXPECT_TRUE(made.by_url);
  EXPECT_LT(made.text_bytes, 250U);  // what they carry is no text
  const std::string payload(100'000, 'A'), words(1'000, ' ');
  const auto bytes = [](const std::string& data) {
    return size_of_text(R"({"messages": [{"content": [{"type": "document", "source": {"data": ")" + data +
                        R"("}}]}]})")
        .text_bytes;
  };
  EXPECT_LT(bytes(payload), 50U);
  EXPECT_GT(bytes(words), 1'000U);  // a document of plain text
  const auto tokens = estimate_tokens(made, std::nullopt, {100, {}, {}, 1, true}, strictly());
  EXPECT_EQ(notes_of(tokens), "not_strict");
  EXPECT_GE(tokens.input, 2 * 2'000 + 8'000 + 30'000 + 60'000);
}

TEST(LimitEstimate, InputIsRoundedUp) {
  request_size size;
  size.text_bytes = 100, size.messages = 2, size.tools = 1;
  EXPECT_EQ(estimate_tokens(size, std::nullopt, {10, {}, {}, 1, true}, {}).input, 34 + 48);
  EXPECT_EQ(estimate_tokens(size, std::nullopt, {10, {}, {}, 1, true}, strictly()).input, 100 + 48);
  EXPECT_EQ(estimate_tokens(size, 7, {10, {}, {}, 1, true}, strictly()).input, 7);
  EXPECT_EQ(notes_of(estimate_tokens(size, 7, {10, {}, {}, 1, true}, strictly())), "counted not_strict");
  EXPECT_EQ(estimate_tokens(size, -7, {10, {}, {}, 1, true}, {}).input, 0);
  size.text_bytes = ~std::uint64_t{0};
  EXPECT_EQ(estimate_tokens(size, std::nullopt, {10, {}, {}, 1, true}, strictly()).input, most_tokens);
}

TEST(LimitEstimate, OnlyABoundedTextIsStrict) {
  const request_size size = size_of_text(R"({"messages": [{"role": "user", "content": "hello"}]})");
  const auto made = estimate_tokens(size, std::nullopt, {100, {}, {}, 1, true}, strictly());
  EXPECT_TRUE(made.strict);
  EXPECT_EQ(notes_of(made), "");
  EXPECT_FALSE(estimate_tokens(size, std::nullopt, {100, {}, {}, 1, true}, {}).strict);
  EXPECT_FALSE(estimate_tokens(size, std::nullopt, {}, strictly()).strict);
}

TEST(LimitEstimate, TheBoundOfTheOutput) {
  const auto bound = [](std::optional<std::int64_t> requested, std::optional<std::int64_t> provider,
                        std::optional<std::int64_t> price, std::int64_t choices = 1) {
    const token_estimate made =
        estimate_tokens({}, std::nullopt, {requested, provider, price, choices, true}, strictly());
    return std::to_string(made.output) + (made.notes.empty() ? "" : " " + notes_of(made));
  };
  EXPECT_EQ(bound(100, 8'000, 16'000), "100");
  EXPECT_EQ(bound({}, 8'000, 16'000), "8000");
  EXPECT_EQ(bound({}, {}, 16'000), "16000");
  EXPECT_EQ(bound({}, 0, 16'000), "16000");
  EXPECT_EQ(bound({}, {}, {}), "4096 unbounded not_strict");
  EXPECT_EQ(bound(20'000, {}, 16'000), "16000 clamped");
  EXPECT_EQ(bound(20'000, 30'000, 16'000), "16000 clamped");
  EXPECT_EQ(bound(largest_maximum, 8'000, {}), "8000 clamped");
  EXPECT_EQ(bound(largest_maximum, {}, {}), "4096 unbounded not_strict");
  EXPECT_EQ(bound(100, {}, {}, 5), "500");
  EXPECT_EQ(bound(2'000'000'000, {}, {}, INT64_MAX), std::to_string(most_tokens));
  EXPECT_EQ(estimate_tokens({}, std::nullopt, {100, {}, {}, 1, false}, {}).output, 0);
}

TEST(LimitEstimate, HostileMaxima) {
  const auto maximum = [](const std::string& value) {
    const test::document read("{\"max_tokens\": " + value + "}");
    return requested_maximum(read.node());
  };
  EXPECT_EQ(maximum("100"), 100);
  EXPECT_EQ(maximum("1e2"), 100);
  EXPECT_FALSE(maximum("null"));
  for (const char* hostile :
       {"-1", "0", "0.5", "1e300", "9223372036854775808", "\"100\"", "[]", "true", "-1e99"})
    EXPECT_EQ(maximum(hostile), largest_maximum) << hostile;
  const test::document two(R"({"max_output_tokens": 10, "max_tokens": 500})");
  EXPECT_EQ(requested_maximum(two.node()), 500);
  const test::document behind(R"({"max_tokens": 10, "extra_body": {"max_tokens": 5000}})");
  EXPECT_EQ(requested_maximum(behind.node()), 5'000);
  const test::document none("{}");
  EXPECT_FALSE(requested_maximum(none.node()));
}

TEST(LimitEstimate, ChoicesWhereverTheyAreAskedFor) {
  const auto choices = [](const std::string& params) {
    const test::document read(params);
    return requested_choices(read.node());
  };
  EXPECT_EQ(choices("{}"), 1);
  EXPECT_EQ(choices(R"({"n": null})"), 1);
  for (const char* many : {R"({"n": 5})", R"({"n": "5"})", R"({"n": 5e0})", R"({"best_of": 5, "n": 2})",
                           R"({"n": 1, "extra_body": {"n": 5}})", R"({"extra_body": {"best_of": 5}})",
                           R"({"extra_body": {"generationConfig": {"candidateCount": 5}}})",
                           R"({"extra_body": {"parameters": {"num_return_sequences": 5}}})"})
    EXPECT_EQ(choices(many), 5) << many;
  for (const char* hostile :
       {R"({"n": 1e9})", R"({"n": 1e300})", R"({"n": 0.5})", R"({"n": []})", R"({"n": "many"})"})
    EXPECT_EQ(choices(hostile), most_choices) << hostile;
  EXPECT_EQ(choices(R"({"n": -1})"), 1);
  EXPECT_EQ(choices(R"({"n": 0})"), 1);
}

TEST(LimitEstimate, ServiceTiersAndToolsOfExtraBody) {
  const auto tier = [](const std::string& params) {
    const test::document read(params);
    return std::string(requested_service_tier(read.node()));
  };
  EXPECT_EQ(tier("{}"), "");
  EXPECT_EQ(tier(R"({"service_tier": 1})"), "");
  EXPECT_EQ(tier(R"({"service_tier": "flex"})"), "flex");
  EXPECT_EQ(tier(R"({"service_tier": "flex", "extra_body": {"service_tier": "priority"}})"), "priority");
  EXPECT_EQ(tier(R"({"extra_body": {"serviceTier": "priority"}})"), "priority");
  const test::document searches(
      R"({"extra_body": {"tools": [{"type": "web_search"}], "modalities": ["audio"]}})");
  const request_size size = size_of(searches.node());
  EXPECT_TRUE(size.server_tools);
  EXPECT_TRUE(size.media_out);
  EXPECT_EQ(size.tools, 1U);
}

pricing::rate_table rates_of(std::string_view json) {
  const test::document read(json);
  return pricing::rate_table::read(read.node());
}

token_estimate tokens(std::int64_t input, std::int64_t output) {
  token_estimate made;
  made.input = input, made.output = output;
  return made;
}

std::string cost(const pricing::rate_table& rates, const token_estimate& of_call, const charged_by& how = {},
                 const request_size& size = {}, const char* usd = "1") {
  const cost_estimate made = estimate_cost(of_call, size, how, &rates, of(usd));
  return made.usd ? made.usd->text() : "none";
}

TEST(LimitEstimate, TheDearestRateThatCanBeReached) {
  const auto rates = rates_of(
      R"({"input": 0.003, "output": 0.015, "input>200000": 0.006, "output>200000": 0.0225, "cached_input": 0.0003,
          "cache_write": 0.00375, "cache_write_1h": 0.007, "input@batch": 0.0015, "output@batch": 0.0075,
          "input_audio": 0.1, "reasoning": 0.02})");
  EXPECT_EQ(cost(rates, tokens(1'000, 1'000)), "0.023");  // 0.003 + 0.02
  EXPECT_EQ(cost(rates, tokens(200'000, 0)), "0.6");
  EXPECT_EQ(cost(rates, tokens(200'001, 0)), "1.200006");  // the long context
  EXPECT_EQ(cost(rates, tokens(200'001, 1'000)), "1.222506");
  EXPECT_EQ(cost(rates, tokens(1'000, 0), {"", true, false, false, false}), "0.00375");
  EXPECT_EQ(cost(rates, tokens(1'000, 0), {"", true, true, false, false}), "0.007");
  EXPECT_EQ(cost(rates, tokens(1'000, 0), {"batch", false, false, false, false}), "0.0015");
  request_size sound;
  sound.audios = 1;
  EXPECT_EQ(cost(rates, tokens(1'000, 0), {}, sound), "0.1");
  EXPECT_EQ(cost(rates, tokens(1'000, 0), {}, {}, "1.1"), "0.0033");  // of another currency
  EXPECT_EQ(cost(rates, tokens(0, 0)), "0");
}

TEST(LimitEstimate, FactorsAndFeesAreInIt) {
  const auto rates = rates_of(
      R"({"input": 0.001, "output": 0.002, "multiplier": 1.1, "multiplier_fast": 6, "request": 0.01})");
  EXPECT_EQ(cost(rates, tokens(1'000, 1'000)), "0.0143");
  EXPECT_EQ(cost(rates, tokens(1'000, 1'000), {"fast", false, false, false, false}), "0.0858");
}

// A context that is cheaper than the ones below it does not lower the estimate: fewer tokens may have been
// sent.
TEST(LimitEstimate, ACheaperContextLowersNothing) {
  const auto rates = rates_of(R"({"input": 0.003, "output": 0.01, "input>1000": 0.001})");
  EXPECT_EQ(cost(rates, tokens(2'000, 0)), "0.006");
}

// The estimate of an upper bound is not below what the call then costs.
TEST(LimitEstimate, NoCallWithinItCostsMore) {
  const auto rates = rates_of(
      R"({"input": 0.003, "output": 0.015, "input>=100": 0.005, "output>50": 0.02, "reasoning": 0.018,
          "cached_input": 0.0003, "cache_write": 0.004, "multiplier": 1.25, "request": 0.001})");
  const cost_estimate bound =
      estimate_cost(tokens(150, 40), {}, {"", true, false, false, false}, &rates, of("1"));
  for (std::int64_t input = 0; input <= 150; input += 7)
    for (std::int64_t output = 0; output <= 40; output += 3)
      for (const bool writes : {false, true}) {
        pricing::call made;
        made.usage.prompt_tokens = input, made.usage.completion_tokens = output;
        made.usage.reasoning_tokens = output / 2;
        (writes ? made.usage.cache_write_tokens : made.usage.cached_tokens) = input / 2;
        const pricing::cost actual = pricing::cost_of(made, &rates, of("1"));
        ASSERT_TRUE(actual.cost_usd);
        ASSERT_LE(*actual.cost_usd, *bound.usd) << input << " " << output;
      }
}

TEST(LimitEstimate, WithoutAPrice) {
  const cost_estimate none = estimate_cost(tokens(1'000, 500), {}, {}, nullptr, of("1"));
  EXPECT_FALSE(none.usd);
  const auto half = rates_of(R"({"input": 0.001})");
  EXPECT_EQ(cost(half, tokens(10, 10)), "none");
  EXPECT_EQ(cost(half, tokens(10, 0)), "0.00001");                              // embeddings
  EXPECT_FALSE(estimate_cost(tokens(10, 0), {}, {}, &half, std::nullopt).usd);  // a currency of unknown worth

  limit budget;
  budget.what = what::cost_usd;
  estimate_settings settings;
  settings.unpriced_input_per_1k = of("0.03");
  settings.unpriced_output_per_1k = of("0.06");
  EXPECT_FALSE(units_of(budget, tokens(1'000, 500), none, settings));
  budget.unpriced = unpriced::estimate;
  EXPECT_EQ(units_of(budget, tokens(1'000, 500), none, settings)->text(), "0.06");
  budget.unpriced = unpriced::allow;
  EXPECT_EQ(units_of(budget, tokens(1'000, 500), none, settings)->text(), "0");
}

TEST(LimitEstimate, WhatEachLimitAsks) {
  cost_estimate priced;
  priced.usd = of("0.125");
  const auto asked = [&](what counted) {
    limit of_it;
    of_it.what = counted;
    return units_of(of_it, tokens(1'000, 500), priced, {})->text();
  };
  EXPECT_EQ(asked(what::requests), "1");
  EXPECT_EQ(asked(what::concurrent), "1");
  EXPECT_EQ(asked(what::input_tokens), "1000");
  EXPECT_EQ(asked(what::output_tokens), "500");
  EXPECT_EQ(asked(what::tokens), "1500");
  EXPECT_EQ(asked(what::cost_usd), "0.125");
}

}  // namespace
}  // namespace llm_admin::limits
