#include "core/usage/call.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "core/json/parse.hpp"

namespace llm_admin::usage {
namespace {

json::node document(json::tree& tree, const std::string& text) {
  return json::view(json::parse(tree.keep(text), tree));
}

tokens tokens_of(const std::string& text) {
  json::tree tree;
  call of;
  read_usage(document(tree, text), of);
  return of.counted;
}

std::string refusal(const std::string& text) {
  try {
    (void)tokens_of(text);
  } catch (const error& e) {
    return std::string(e.sqlstate()) + ' ' + e.message();
  }
  return "taken";
}

TEST(UsageCall, TakesTheNamesOfReadAnswersAndOfVendors) {
  const tokens ours = tokens_of(
      R"({"input_tokens": 100, "output_tokens": 20, "total_tokens": 120, "cached_tokens": 60, "cache_write_tokens": 9,
          "cache_write_1h_tokens": 4, "reasoning_tokens": 7})");
  EXPECT_EQ(ours.input, 100);
  EXPECT_EQ(ours.output, 20);
  EXPECT_EQ(ours.total, 120);
  EXPECT_EQ(ours.cached, 60);
  EXPECT_EQ(ours.cache_write, 9);
  EXPECT_EQ(ours.cache_write_1h, 4);
  EXPECT_EQ(ours.reasoning, 7);
  const tokens theirs = tokens_of(
      R"({"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 60},
          "completion_tokens_details": {"reasoning_tokens": 7}, "other": "kept out"})");
  EXPECT_EQ(theirs.input, 100);
  EXPECT_EQ(theirs.output, 20);
  EXPECT_EQ(theirs.total, 120);
  EXPECT_EQ(theirs.cached, 60);
  EXPECT_EQ(theirs.reasoning, 7);
}

TEST(UsageCall, TakesAWholeResultWithTheModelThatAnswered) {
  json::tree tree;
  call of;
  read_usage(
      document(tree, R"({"model": "gpt-4o-2024-08-06", "usage": {"input_tokens": 3, "service_tier": "flex",
                                "quantities": {"images": 2}, "cost_usd": "0.00012"}})"),
      of);
  EXPECT_EQ(of.counted.input, 3);
  EXPECT_EQ(of.reported_model, "gpt-4o-2024-08-06");
  EXPECT_EQ(of.service_tier, "flex");
  EXPECT_TRUE(of.quantities.is_object());
  EXPECT_EQ(of.cost.value(), "0.00012");
}

TEST(UsageCall, NothingUsedIsNothing) {
  EXPECT_EQ(tokens_of("{}").total, 0);
  EXPECT_EQ(tokens_of("null").total, 0);
  EXPECT_EQ(tokens_of(R"({"input_tokens": null})").input, 0);
}

TEST(UsageCall, SaysSomethingOrNothing) {
  json::tree tree;
  for (const char* nothing :
       {"{}", "null", "1", "[]", R"({"usage": {}})", R"({"input_tokens": null})", R"({"quantities": {}})",
        R"({"queue_time": 0.1})", R"({"prompt_tokens_details": {}})", R"({"model": "m"})"})
    EXPECT_FALSE(says_usage(document(tree, nothing))) << nothing;
  for (const char* something :
       {R"({"prompt_tokens": 0})", R"({"usage": {"output_tokens": 1}})", R"({"cost_usd": "0.1"})",
        R"({"quantities": {"images": 1}})", R"({"prompt_tokens_details": {"cached_tokens": 3}})",
        R"({"promptTokenCount": 3})", R"({"prompt_tokens": "x"})"})
    EXPECT_TRUE(says_usage(document(tree, something))) << something;
}

TEST(UsageCall, WhatStandsBesideTheInputIsPutIntoIt) {
  const tokens beside = tokens_of(
      R"({"input_tokens": 10, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 500,
          "cache_creation": {"ephemeral_5m_input_tokens": 400, "ephemeral_1h_input_tokens": 100}})");
  EXPECT_EQ(beside.input, 1510);
  EXPECT_EQ(beside.total, 1510);
  EXPECT_EQ(beside.cached, 1000);
  EXPECT_EQ(beside.cache_write, 500);
  EXPECT_EQ(beside.cache_write_1h, 100);
  // As prompt_tokens the input holds them already.
  const tokens within = tokens_of(R"({"prompt_tokens": 1510, "cache_read_input_tokens": 1000})");
  EXPECT_EQ(within.input, 1510);
  EXPECT_EQ(within.cached, 1000);
  EXPECT_EQ(tokens_of(R"({"prompt_tokens": 9, "prompt_cache_hit_tokens": 4})").cached, 4);
  EXPECT_EQ(refusal(R"({"input_tokens": 2147483647, "cache_read_input_tokens": 1})"),
            "LA002 the sum of input and cached tokens must be at most 2147483647");
}

TEST(UsageCall, CountsUnderOtherNamesAreNotTakenForNone) {
  const std::string unknown = "LA002 usage has counts, but none under a name that is known";
  EXPECT_EQ(refusal(R"({"promptTokenCount": 5})"), unknown);
  EXPECT_EQ(refusal(R"({"usage": {"promt_tokens": 5}})"), unknown);
  EXPECT_EQ(refusal(R"({"inputTokens": 5, "outputTokens": 0})"), unknown);
  EXPECT_EQ(refusal(R"({"prompt_eval_count": 5})"), unknown);
  EXPECT_EQ(refusal(R"({"promptTokenCount": 5, "input_tokens": 5})"), "taken");
  EXPECT_EQ(refusal(R"({"model": "m", "text": "of tokens", "index": 0})"), "taken");
}

TEST(UsageCall, CostsStayWhereSumsAreExact) {
  EXPECT_EQ(read_cost("1e-3"), "0.001");
  EXPECT_EQ(read_cost("-1000000000000"), "-1000000000000");
  EXPECT_EQ(read_cost("1e12"), "1000000000000");
  for (const char* text : {"1000000000000.000001", "-1e13", "1e70", "1e-61", "NaN", "Infinity", "", "1,5"})
    EXPECT_FALSE(read_cost(text)) << text;
}

TEST(UsageCall, ATotalBelowItsPartsIsTheirSum) {
  EXPECT_EQ(tokens_of(R"({"input_tokens": 5, "output_tokens": 5, "total_tokens": 2})").total, 10);
  EXPECT_EQ(tokens_of(R"({"input_tokens": 5, "total_tokens": 12})").total, 12);
}

TEST(UsageCall, RefusesWhatCountsNothing) {
  const std::string whole = "LA002 input_tokens must be a whole number from 0 to 2147483647";
  for (const char* text : {"-1", "1.5", "2147483648", "1e300", "\"5\"", "[5]", "true"})
    EXPECT_EQ(refusal(std::string(R"({"input_tokens": )") + text + "}"), whole) << text;
  EXPECT_EQ(refusal(R"({"input_tokens": 2147483647})"), "taken");
  EXPECT_EQ(refusal(R"({"prompt_tokens_details": {"cached_tokens": -3}})"),
            "LA002 cached_tokens must be a whole number from 0 to 2147483647");
  EXPECT_EQ(refusal(R"({"input_tokens": 2147483647, "output_tokens": 1})"),
            "LA002 the sum of input and output tokens must be at most 2147483647");
  EXPECT_EQ(refusal("[1]"), "LA002 usage must be an object");
  EXPECT_EQ(refusal(R"({"quantities": [1]})"),
            "LA002 quantities must be an object of numbers by their meter");
  for (const char* text : {"-0.1", "\"x\"", "\"NaN\"", "[]"})
    EXPECT_EQ(refusal(std::string(R"({"cost_usd": )") + text + "}").substr(0, 5), "LA002") << text;
}

std::string option_refusal(const std::string& text) {
  json::tree tree;
  call of;
  try {
    read_options(document(tree, text), of);
  } catch (const error& e) {
    return std::string(e.sqlstate()) + ' ' + e.message();
  }
  return "taken";
}

TEST(UsageCall, RefusesOptionsOfOtherNamesAndTypes) {
  EXPECT_EQ(option_refusal(R"({"atempt": 1})"), "22023 unknown option atempt");
  EXPECT_EQ(option_refusal(R"({"attempt": 0})"),
            "22023 option attempt must be a whole number from 1 to 2147483647");
  EXPECT_EQ(option_refusal(R"({"job_id": "1"})"), "22023 option job_id must be a uuid");
  EXPECT_EQ(option_refusal(R"({"tags": []})"), "22023 option tags must be an object");
  EXPECT_EQ(option_refusal(R"({"kind": "correction"})"), "22023 option kind must be one of call, expired");
  EXPECT_EQ(option_refusal(R"({"key_source": "mine"})"),
            "22023 option key_source must be one of platform, byollm");
  EXPECT_EQ(option_refusal(R"({"attempt": null, "tags": {"team": "a"}, "status_code": 200})"), "taken");
}

TEST(UsageCall, ReadsIds) {
  EXPECT_EQ(read_uuid("00000000-0000-0000-0000-0000000000fF").value()[15], 0xff);
  for (const char* text : {"", "00000000-0000-0000-0000-00000000000", "00000000+0000-0000-0000-000000000000",
                           "0000000g-0000-0000-0000-000000000000"})
    EXPECT_FALSE(read_uuid(text)) << text;
}

TEST(UsageCall, ABatchElementHasArgumentsAndOptionsBesideThem) {
  json::tree tree;
  const call of = read_batch_element(document(
      tree,
      R"({"provider": "openai", "model": "gpt-4o", "tenant_id": "acme", "request_id": "r", "latency_ms": 12,
                "usage": {"input_tokens": 4}, "tags": {"a": "b"}})"));
  EXPECT_EQ(of.provider, "openai");
  EXPECT_EQ(of.tenant_id, "acme");
  EXPECT_EQ(of.request_id.value(), "r");
  EXPECT_EQ(of.counted.input, 4);
  EXPECT_EQ(of.latency_ms.value(), 12);
  EXPECT_TRUE(of.tags.is_object());
  const call apart = read_batch_element(
      document(tree, R"({"provider": "openai", "model": "gpt-4o", "options": {"latency_ms": 13}})"));
  EXPECT_EQ(apart.latency_ms.value(), 13);
  EXPECT_THROW((void)read_batch_element(document(tree, R"({"latency_ms": 12, "options": {}})")), error);
  EXPECT_THROW((void)read_batch_element(document(tree, "7")), error);
  EXPECT_THROW((void)read_batch_element(document(tree, R"({"provider": 7})")), error);
  EXPECT_THROW((void)read_batch_element(document(tree, R"({"modell": "x"})")), error);
}

TEST(UsageCall, ADifferenceIsNamedWithoutTextsOfTheCaller) {
  const auto print_of = [](int input, int cached, const char* user, const char* model) {
    call one;
    one.counted.input = input;
    one.counted.cached = cached;
    one.user_id = user;
    return fingerprint(one, model);
  };
  const auto first = print_of(10, 0, "u1", "openai/gpt-4o");
  EXPECT_EQ(difference(first, print_of(10, 0, "u1", "openai/gpt-4o")), "");
  EXPECT_EQ(difference(first, print_of(11, 4, "u1", "openai/gpt-4o")),
            "input was 10, is 11; cached was 0, is 4");
  EXPECT_EQ(difference(first, print_of(10, 0, "sk-a-key-by-mistake", "sk-another")),
            "model was openai/gpt-4o, another is given; user was u1, another is given");
}

}  // namespace
}  // namespace llm_admin::usage
