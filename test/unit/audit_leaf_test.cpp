// The vectors come from test/perl/LlmAdmin/AuditLeaf.pm, which shares no code with the library.
#include <gtest/gtest.h>

#include <string>

#include "core/audit/canonical.hpp"
#include "core/audit/leaf.hpp"
#include "core/encoding.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::audit {
namespace {

std::string walked(const char* text) {
  const test::document document(text);
  canonical bytes;
  bytes.json(document);
  return hex_encode(bytes.view().subspan(5));  // past tag and length
}

salt salt_of(std::uint8_t first, std::uint8_t step) {
  salt made;
  for (std::size_t n = 0; n < made.size(); ++n) made[n] = static_cast<std::uint8_t>(first + step * n);
  return made;
}

std::string hex_of(const leaf& value) { return hex_encode(value); }

TEST(AuditCanonical, Json) {
  EXPECT_EQ(walked("null"), "6e");
  EXPECT_EQ(walked("true"), "74");
  EXPECT_EQ(walked("[]"), "6100000000");
  EXPECT_EQ(walked("{}"), "6f00000000");
  EXPECT_EQ(walked("1.50"), "6400000004312e3530");
  EXPECT_EQ(walked("-0.001"), "64000000062d302e303031");
  EXPECT_EQ(walked("{\"bb\":1,\"a\":[null,false,{\"z\":\"x\"}],\"aa\":\"\\\"\\\\\\n\"}"),
            "6f00000003000000016161000000036e666f00000001000000017a730000000178000000026161730000000322"
            "5c0a000000026262640000000131");
  EXPECT_EQ(walked("{\"b\":1,\"a\":{\"\xc3\xa9\":\"\xc3\xbc\",\"zz\":[[],[1]]}}"),
            "6f0000000200000001616f00000002000000027a7a61000000026100000000610000000164000000013100000002"
            "c3a97300000002c3bc0000000162640000000131");
}

TEST(AuditCanonical, KeysComeInOneOrder) {
  EXPECT_EQ(walked("{\"a\":1,\"b\":2,\"aa\":3}"), walked("{\"aa\":3,\"b\":2,\"a\":1}"));
  EXPECT_NE(walked("{\"a\":1,\"b\":2}"), walked("{\"a\":2,\"b\":1}"));
}

TEST(AuditCanonical, NothingRunsIntoItsNeighbour) {
  canonical one, other;
  one.text("ab");
  one.text("c");
  other.text("a");
  other.text("bc");
  EXPECT_NE(hex_encode(one.view()), hex_encode(other.view()));
  canonical null, empty;
  null.text_or_null(std::nullopt);
  empty.text("");
  EXPECT_EQ(hex_encode(null.view()), "00");
  EXPECT_EQ(hex_encode(empty.view()), "0100000000");
}

TEST(AuditCanonical, DepthCostsNoStack) {
  json::tree tree;
  json::item* top = tree.array();
  json::item* here = top;
  for (int n = 1; n < 100000; ++n) {
    json::item* below = tree.array();
    tree.push(here, below);
    here = below;
  }
  canonical bytes;
  bytes.json(json::view(top));
  EXPECT_EQ(bytes.view().size(), 5U * 100000 + 5);
}

TEST(AuditLeaf, Commitments) {
  const test::document after("{\"name\":\"x\",\"limit\":10}");
  EXPECT_EQ(hex_encode(commitment_of(salt_of(0, 1), {}, after)),
            "930c6155ec8368f1a4a608f0352ed45ab6752b9bf2343d3f88898512d5185419");
  const test::document before("{\"a\":null}");
  EXPECT_EQ(hex_encode(commitment_of(salt_of(0xff, 0), before, {})),
            "03a1776f7b5fda6bafba75bc39870bc16b708db24b893c2bd45d830c0b04de28");
  const test::document null("null"), empty("{}");
  EXPECT_EQ(hex_encode(commitment_of(salt_of(0xff, 0), null, empty)),
            "2283fda3ed54196e4f0adfee67f14c781bd9d5389e53368cb2396f144226189a");
}

TEST(AuditLeaf, Leaves) {
  const test::document none("{}");
  entry row;
  row.id = 1;
  row.unix_microseconds = 1771488930120456;
  row.user_id = "alice";
  row.session_user_name = "app";
  row.action_type = "created";
  row.resource_type = "tiers";
  row.resource_id = "7";
  row.details = none;
  const test::document after("{\"name\":\"x\",\"limit\":10}");
  row.commitment = commitment_of(salt_of(0, 1), {}, after);
  EXPECT_EQ(hex_of(leaf_of(row)), "018aa7ac0ef0dcd7a3eb1caeb02de45f0c4d7e38e370ee64dd514c0a0736798930");

  entry masked = row;
  masked.ip_address = address{4, 8, {10, 0, 0, 0}};
  EXPECT_EQ(hex_of(leaf_of(masked)), "019305c82ad69e449609e13be9e1f02eb7a0856e0d4aca812ae319a80545feb128");

  entry newer = row;
  newer.ip_address = address{6, 128, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  newer.user_agent = "";
  EXPECT_EQ(hex_of(leaf_of(newer)), "018dcab46d387b3442c1f43a97ef0bd851504f6fea6fd3eb7da4c93da82e7c2fda");

  const test::document columns("{\"columns\":[\"b\",\"a\"]}");
  entry last = row;
  last.id = INT64_MAX;
  last.unix_microseconds = -1;
  last.tenant_id = "acm\xc3\xa9";
  last.ip_address = address{4, 32, {192, 168, 0, 1}};
  last.user_agent = "curl";
  last.commitment = std::nullopt;
  last.details = columns;
  EXPECT_EQ(hex_of(leaf_of(last)), "018903fa83186c45cd4b0a434eb17ddbcc855a46e80e8de029eabc3142c75ce438");
}

TEST(AuditLeaf, EveryFieldCounts) {
  const test::document none("{}"), other("{\"a\":1}");
  entry row;
  row.details = none;
  const std::string before = hex_of(leaf_of(row));
  const auto changed = [&](auto change) {
    entry one = row;
    change(one);
    return hex_of(leaf_of(one)) != before;
  };
  EXPECT_TRUE(changed([](entry& e) { e.id = 1; }));
  EXPECT_TRUE(changed([](entry& e) { e.unix_microseconds = 1; }));
  EXPECT_TRUE(changed([](entry& e) { e.tenant_id = "x"; }));
  EXPECT_TRUE(changed([](entry& e) { e.user_id = "x"; }));
  EXPECT_TRUE(changed([](entry& e) { e.session_user_name = "x"; }));
  EXPECT_TRUE(changed([](entry& e) { e.action_type = "x"; }));
  EXPECT_TRUE(changed([](entry& e) { e.resource_type = "x"; }));
  EXPECT_TRUE(changed([](entry& e) { e.resource_id = "x"; }));
  EXPECT_TRUE(changed([&](entry& e) { e.details = other; }));
  EXPECT_TRUE(changed([](entry& e) { e.ip_address = address{}; }));
  EXPECT_TRUE(changed([](entry& e) { e.user_agent = ""; }));
  EXPECT_TRUE(changed([](entry& e) { e.commitment = crypto::digest{}; }));
}

}  // namespace
}  // namespace llm_admin::audit
