#include "core/given_name.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/json/tree.hpp"

namespace llm_admin {
namespace {

constexpr std::array<std::string_view, 3> known = {"chatgpt", "anthropic",
                                                   "a_rather_long_name_of_a_provider"};

TEST(GivenName, NamesAreTold) {
  EXPECT_EQ(named_or_length("nobody"), "nobody");
  EXPECT_EQ(named_or_length("gpt_4"), "gpt_4");
  EXPECT_EQ(named_or_length(std::string(24, 'a')), std::string(24, 'a'));
  EXPECT_EQ(quoted_or_length("nobody"), "\"nobody\"");
}

TEST(GivenName, OfOthersTheLength) {
  EXPECT_EQ(named_or_length(""), "(a text of 0 characters)");
  EXPECT_EQ(named_or_length(std::string(25, 'a')), "(a text of 25 characters)");
  EXPECT_EQ(named_or_length("sk-proj-0123456789"), "(a text of 18 characters)");
  EXPECT_EQ(named_or_length("sk-proj-0123456789", known), "(a text of 18 characters)");
  EXPECT_EQ(named_or_length("Nobody"), "(a text of 6 characters)");
  EXPECT_EQ(named_or_length("\xc3\xa9"), "(a text of 1 character)");
  EXPECT_EQ(quoted_or_length("a b"), "(a text of 3 characters)");
}

TEST(GivenName, MembersOfDefinitions) {
  for (const char* told : {"", "top_p", "gpt-4.1-mini", "a b", "maxOutputTokens", "automaticFunctionCalling",
                           "context_management_betas", "x-goog-api-client", "..."})
    EXPECT_EQ(member_named(told), told);
  EXPECT_EQ(quoted_member("top\n"), "\"top\\n\"");
  EXPECT_EQ(member_named("sk-proj-0123456789"), "(a text of 18 characters)");
  EXPECT_EQ(member_named("AIzaSyB0123456789abcdef"), "(a text of 23 characters)");
  EXPECT_EQ(member_named("includeServerSideToolInvocations"), "(a text of 32 characters)");
  EXPECT_EQ(quoted_member("sk-proj-0123456789"), "(a text of 18 characters)");
}

TEST(GivenName, APointerEndsBeforeWhatIsNotTold) {
  EXPECT_EQ(nameable(""), "");
  EXPECT_EQ(nameable("/payload_structure/generationConfig/fields/0"),
            "/payload_structure/generationConfig/fields/0");
  EXPECT_EQ(nameable("/payload_structure/sk-proj-0123456789/source"), "/payload_structure");
  EXPECT_EQ(nameable("/sk-proj-0123456789"), "");
  EXPECT_EQ(nameable("/headers/X-A-Header-That-Has-A-Long-Name/source"),
            "/headers/X-A-Header-That-Has-A-Long-Name/source");
  EXPECT_EQ(nameable("/payload_structure/X-A-Header-That-Has-A-Long-Name/source"), "/payload_structure");
  EXPECT_EQ(nameable("/headers/sk-proj-0123456789"), "/headers");
}

TEST(GivenName, WhatIsNearIsTold) {
  EXPECT_EQ(named_or_length("ChatGPT", known), "ChatGPT");
  EXPECT_EQ(named_or_length("chat-gpt", known), "chat-gpt");
  EXPECT_EQ(named_or_length("a-rather-long-name-of-a-provider", known), "a-rather-long-name-of-a-provider");
  EXPECT_EQ(named_or_length("chatgpt\n", known), "(a text of 8 characters)");
  EXPECT_EQ(named_or_length("a-rather-long-name-of-a-provider" + std::string(20, 'x'), known),
            "(a text of 52 characters)");
}

TEST(GivenName, Headers) {
  for (const char* name : {"X-Title", "HTTP-Referer", "anthropic-version", "api_version"})
    EXPECT_EQ(header_named(name), name);
  EXPECT_EQ(header_named("sk-proj-0123456789"), "(a text of 18 characters)");
  EXPECT_EQ(header_named(std::string(41, 'x')), "(a text of 41 characters)");
}

TEST(GivenName, Values) {
  json::tree tree;
  EXPECT_EQ(value_or_size(json::view(tree.string("high speed"))), "\"high speed\"");
  EXPECT_EQ(value_or_size(json::view(tree.string("sk-proj-0123456789"))), "(a text of 18 characters)");
  EXPECT_EQ(value_or_size(json::view(tree.boolean(true))), "true");
  json::item* object = tree.object();
  tree.put(object, "key", tree.string("sk-proj-0123456789"));
  EXPECT_EQ(value_or_size(json::view(object)), "of 1 members");
}

TEST(GivenName, Tenants) {
  EXPECT_EQ(tenant_named("sk-proj-0123456789", false), "tenant (a text of 18 characters)");
  EXPECT_EQ(tenant_named("sk-proj-0123456789", true), "tenant sk-proj-0123456789");
  EXPECT_EQ(tenant_literal("acme", false), "'acme'");
  EXPECT_EQ(tenant_literal("sk-proj-0123456789", false), "'<tenant>'");
  EXPECT_EQ(tenant_literal("o'hara", true), "'o''hara'");
}

TEST(GivenName, Literals) {
  EXPECT_EQ(sql_literal("groq", "'<provider>'"), "'groq'");
  EXPECT_EQ(sql_literal("it's", "'<provider>'"), "'it''s'");
  EXPECT_EQ(sql_literal("a\\b'", "'<provider>'"), "E'a\\\\b'''");
  EXPECT_EQ(sql_literal("", "'<provider>'"), "'<provider>'");
  EXPECT_EQ(sql_literal("a\nb", "'<provider>'"), "'<provider>'");
  EXPECT_EQ(sql_literal(std::string(201, 'a'), "'<provider>'"), "'<provider>'");
}

}  // namespace
}  // namespace llm_admin
