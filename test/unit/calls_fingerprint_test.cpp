#include "core/calls/fingerprint.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/encoding.hpp"
#include "core/json/parse.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::calls {
namespace {

constexpr std::uint64_t a_megabyte = 1 << 20;

std::string digest_text(const std::string& json) {
  memory_bound bound(a_megabyte);
  const std::string made = hex_encode(digest_of(test::document(json), bound));
  EXPECT_EQ(bound.held(), 0u);
  return made;
}

TEST(CallFingerprint, TheOrderOfMembersDoesNotCount) {
  EXPECT_EQ(digest_text(R"({"a": 1, "b": {"c": [1, 2], "d": null}})"),
            digest_text(R"({ "b" : {"d":null,"c":[1,2]},  "a":1 })"));
  EXPECT_NE(digest_text(R"({"a": [1, 2]})"), digest_text(R"({"a": [2, 1]})"));
}

TEST(CallFingerprint, NumbersCountByValue) {
  for (const char* same : {"1.0", "1e0", "10e-1", "1.000"})
    EXPECT_EQ(digest_text("[1]"), digest_text('[' + std::string(same) + ']'));
  EXPECT_NE(digest_text("[1]"), digest_text("[1.0000000000000000000001]"));
  EXPECT_NE(digest_text("[1]"), digest_text("[\"1\"]"));
  EXPECT_EQ(digest_text("[0]"), digest_text("[-0]"));
}

// Values that a careless walk would take for one another.
TEST(CallFingerprint, NothingRunsIntoItsNeighbour) {
  std::set<std::string> met;
  const std::vector<std::string> values = {"null",
                                           "true",
                                           "false",
                                           "0",
                                           "1",
                                           "\"\"",
                                           "\"n\"",
                                           "\"0\"",
                                           "[]",
                                           "{}",
                                           "[[]]",
                                           "[{}]",
                                           "[null]",
                                           "[[],[]]",
                                           "[[[]]]",
                                           "[\"ab\",\"c\"]",
                                           "[\"a\",\"bc\"]",
                                           "[\"abc\"]",
                                           "{\"a\":null}",
                                           "{\"a\":{}}",
                                           "{\"ab\":1}",
                                           "{\"a\":1,\"b\":2}",
                                           "{\"a\":2,\"b\":1}",
                                           "{\"a\":{\"b\":1}}",
                                           "{\"a\":1,\"b\":{}}",
                                           "[1,2]",
                                           "[12]",
                                           "[[1],2]",
                                           "[[1,2]]",
                                           "[\"a\",\"b\"]",
                                           "{\"a\":\"b\"}",
                                           "[1,[2]]"};
  for (const std::string& value : values) met.insert(digest_text(value));
  EXPECT_EQ(met.size(), values.size());
}

TEST(CallFingerprint, LongValuesCountToTheirLastByte) {
  for (const std::size_t size : {1023u, 1024u, 1025u, 40000u, 200000u}) {
    std::string text(size, 'x');
    const std::string before = digest_text('"' + text + '"');
    text.back() = 'y';
    EXPECT_NE(before, digest_text('"' + text + '"')) << size;
    text.back() = 'x';
    EXPECT_EQ(before, digest_text('"' + text + '"')) << size;
    EXPECT_NE(before, digest_text("\"x" + text + '"')) << size;
  }
  // More than is kept of a run at a time.
  std::string many = "[0";
  for (int n = 1; n < 20000; ++n) many += ',' + std::to_string(n);
  EXPECT_NE(digest_text(many + "]"), digest_text(many + ",1]"));
  std::string first = many + "]";
  first[1] = '7';
  EXPECT_NE(digest_text(many + "]"), digest_text(first));
}

TEST(CallFingerprint, ManyMembersAreChargedAndGivenBack) {
  std::string many = "{";
  for (int n = 5000; n > 0; --n) many += (n == 5000 ? "\"m" : ",\"m") + std::to_string(n) + "\":1";
  const test::document shuffled(many + "}");
  memory_bound small(1000);
  EXPECT_THROW((void)digest_of(shuffled, small), memory_exceeded);
  memory_bound enough(20000);
  (void)digest_of(shuffled, enough);
  EXPECT_EQ(enough.held(), 0u);
  EXPECT_EQ(enough.peak, 20000u);
}

int polls = 0;

TEST(CallFingerprint, IsPolled) {
  polls = 0;
  memory_bound bound(a_megabyte, [] { ++polls; });
  const test::document image('"' + std::string(300000, 'x') + '"');
  (void)digest_of(image, bound);
  EXPECT_GT(polls, 0);
}

TEST(CallFingerprint, DepthCostsNoStack) {
  EXPECT_NE(digest_text(std::string(200, '[') + std::string(200, ']')),
            digest_text(std::string(201, '[') + std::string(201, ']')));
}

struct request_texts {
  std::string params = R"({"model": "gpt-4o", "messages": []})", options = "{}";
  std::string_view tenant = "acme", user = "alice", team = {}, tier = "pro";
  std::optional<uuid_bytes> key = {};
  std::size_t replaced = 0;
};

std::string fingerprint_with(const request_texts& from) {
  const test::document params(from.params), given(from.options);
  const begin_options options = read_begin_options(given);
  const caller by{from.tenant, from.user, options.team, from.tier, options.tags};
  memory_bound bound(a_megabyte);
  return fingerprint_of({params, from.replaced, &options, &by, from.key}, bound);
}

TEST(CallFingerprint, IsTheSameForTheSameRequest) {
  const std::string plain = fingerprint_with({});
  EXPECT_EQ(plain.size(), 32u);
  EXPECT_EQ(fingerprint_with({.params = R"({"messages": [], "model": "gpt-4o"})"}), plain);
  for (const char* options : {R"({"with_key": true})", R"({"input_tokens": 5})", R"({"timeout_ms": 5})",
                              R"({"models": ["x"]})", R"({"cache": false})", R"({"request_id": "r"})",
                              R"({"access_key": "sk-1"})", R"({"roles": []})", R"({"team": ""})"})
    EXPECT_EQ(fingerprint_with({.options = options}), plain) << options;
  EXPECT_EQ(fingerprint_with({.options = R"({"roles": ["b", "a", "b"], "tags": {"x": "1", "y": "2"}})"}),
            fingerprint_with({.options = R"({"tags": {"y": "2", "x": "1"}, "roles": ["a", "b"]})"}));
}

TEST(CallFingerprint, DiffersByAllThatCounts) {
  std::set<std::string> met = {fingerprint_with({})};
  std::size_t tried = 1;
  const auto one_more = [&](const request_texts& from, const std::string& what) {
    met.insert(fingerprint_with(from));
    EXPECT_EQ(met.size(), ++tried) << what;
  };
  for (const char* options :
       {R"({"requested": "aegis"})", R"({"requested": "byollm"})", R"({"stream": true})",
        R"({"stream": false})", R"({"team": "x"})", R"({"agent": "x"})", R"({"provider": "x"})",
        R"({"operation": "x"})", R"({"service_tier": "x"})", R"({"roles": ["x"]})",
        R"({"roles": ["x", "y"]})", R"({"tags": {"x": "y"}})",
        R"({"account_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"})",
        R"({"parent_call_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"})",
        R"({"job_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"})"})
    one_more({.options = options}, options);
  one_more({.params = R"({"model": "gpt-4o", "messages": [1]})"}, "params");
  one_more({.tenant = "x"}, "tenant");
  one_more({.user = "x"}, "user");
  one_more({.tenant = "acmea", .user = "lice"}, "the border of two");
  one_more({.tier = "x"}, "tier");
  one_more({.key = uuid_bytes{}}, "key");
  one_more({.replaced = 1}, "replaced");
}

// A lenient parse makes \u0000 and U+FFFD one text; who passes on how much it replaced tells them apart.
TEST(CallFingerprint, ReplacedCharactersAreTold) {
  json::tree tree;
  const json::parsed null = json::parse("[\"a\\u0000\"]", tree, {.lenient = true});
  const json::parsed other = json::parse("[\"a\xEF\xBF\xBD\"]", tree, {.lenient = true});
  memory_bound bound(a_megabyte);
  EXPECT_EQ(digest_of(json::view(null.value), bound), digest_of(json::view(other.value), bound));
  EXPECT_NE(null.nulls, other.nulls);
}

}  // namespace
}  // namespace llm_admin::calls
