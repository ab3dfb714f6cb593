#include "core/calls/options.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/calls/caller.hpp"
#include "core/calls/caller_error.hpp"
#include "core/error.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::calls {
namespace {

template <typename Read>
std::string said_of(Read read) {
  try {
    read();
  } catch (const error& e) {
    return std::string(e.sqlstate()) + ' ' + e.message() + (e.detail().empty() ? "" : "\n" + e.detail());
  }
  return "taken";
}

std::string said_of_begin(const std::string& json) {
  return said_of([&] { (void)read_begin_options(test::document(json)); });
}

std::string said_of_finish(const std::string& json, std::optional<std::int32_t> status = {},
                           std::optional<std::int32_t> latency = {}) {
  return said_of([&] { (void)read_finish_options(test::document(json), status, latency); });
}

constexpr const char* some_uuid = "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a";

TEST(BeginOptions, AreDecoded) {
  const test::document given(
      R"({"access_key": "sk-1234", "with_key": true, "requested": "byollm", "request_id": "r/1",
    "team": "search", "tags": {"project": "x"}, "roles": ["a", "b"], "agent": "bot", "cache": false, "stream": true,
    "provider": "openai", "operation": "embed", "service_tier": "flex",
    "account_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a", "parent_call_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5b",
    "models": ["gpt-4o", "m"], "input_tokens": 120, "timeout_ms": 30000, "job_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5c"})");
  const begin_options read = read_begin_options(given);
  ASSERT_TRUE(read.key);
  EXPECT_EQ(read.key->form, credential_form::foreign_token);
  EXPECT_EQ(read.key->hash, access_token_hash("sk-1234"));
  EXPECT_TRUE(read.with_key);
  EXPECT_EQ(read.requested, "byollm");
  EXPECT_EQ(read.request_id, "r/1");
  EXPECT_EQ(read.team, "search");
  ASSERT_EQ(read.tags.size(), 1u);
  EXPECT_EQ(read.roles.size(), 2u);
  EXPECT_EQ(read.agent, "bot");
  EXPECT_EQ(read.stream, true);
  EXPECT_EQ(read.provider, "openai");
  EXPECT_EQ(read.operation, "embed");
  EXPECT_EQ(read.service_tier, "flex");
  EXPECT_EQ(read.account_id, read_uuid(some_uuid));
  EXPECT_EQ(uuid_string(*read.parent_call_id).back(), 'b');
  EXPECT_EQ(uuid_string(*read.job_id).back(), 'c');
  EXPECT_EQ(read.input_tokens, 120);
  EXPECT_EQ(read.timeout_ms, 30000);
  EXPECT_EQ(read.models, (std::vector<std::string_view>{"gpt-4o", "m"}));
}

TEST(BeginOptions, WithoutAnyAreNone) {
  for (const char* json : {"{}", "null"}) {
    const begin_options read = read_begin_options(test::document(json));
    EXPECT_FALSE(read.key);
    EXPECT_FALSE(read.with_key);
    EXPECT_FALSE(read.stream);
    EXPECT_FALSE(read.request_id);
    EXPECT_FALSE(read.account_id);
    EXPECT_FALSE(read.input_tokens);
    EXPECT_FALSE(read.timeout_ms);
    EXPECT_TRUE(read.roles.empty());
  }
}

TEST(BeginOptions, AllProblemsAtOnce) {
  EXPECT_EQ(
      said_of_begin(R"({"acess_key": "x", "with_key": "yes", "requested": "mine", "request_id": "", "team": 5,
    "tags": [], "roles": "a", "stream": 1, "account_id": "x", "input_tokens": -1, "timeout_ms": 0, "cache": 1})"),
      "22023 unknown option acess_key\n"
      "option with_key must be true or false\n"
      "option stream must be true or false\n"
      "option requested must be one of byollm, aegis\n"
      "option request_id must not be empty\n"
      "option team must be a text\n"
      "option roles must be an array of texts\n"
      "option tags must be a JSON object\n"
      "option account_id must be a uuid\n"
      "option input_tokens must be a whole number from 0 to 2147483647\n"
      "option timeout_ms must be a whole number from 1 to 86400000\n"
      "option cache must be true or false\n"
      "known options: access_key, access_key_hash, with_key, requested, request_id, team, tags, roles, "
      "agent, "
      "cache, stream, provider, operation, service_tier, account_id, parent_call_id, input_tokens, "
      "timeout_ms, "
      "job_id, models");
}

TEST(BeginOptions, AKeyIsATokenOrAHashAndNeverNone) {
  const std::string hash(64, 'a');
  const test::document by_hash("{\"access_key_hash\": \"" + hash + "\"}");
  EXPECT_EQ(read_begin_options(by_hash).key->form, credential_form::hash);
  const test::document by_bytea("{\"access_key_hash\": \"\\\\x" + hash + "\"}");
  EXPECT_EQ(read_begin_options(by_bytea).key->form, credential_form::hash);
  EXPECT_EQ(said_of_begin(R"({"access_key_hash": ""})"),
            "22023 option access_key_hash must be 64 hexadecimal digits");
  EXPECT_EQ(said_of_begin(R"({"access_key_hash": "sk-1"})"),
            "22023 option access_key_hash must be 64 hexadecimal digits");
  EXPECT_EQ(said_of_begin(R"({"access_key": "sk-1", "access_key_hash": ")" + hash + "\"}"),
            "22023 options access_key and access_key_hash exclude each other");
  // An unset variable is a key that nobody has, not the absence of one.
  const test::document unset(R"({"access_key": ""})");
  const begin_options read = read_begin_options(unset);
  ASSERT_TRUE(read.key);
  EXPECT_EQ(read.key->form, credential_form::malformed);
  EXPECT_STREQ(read.key->problem, "is empty");
}

TEST(BeginOptions, AKeyIsNeverTold) {
  const std::string key = "sk-canary-0123456789abcdef";
  for (const char* name :
       {"access_key_hash", "requested", "request_id", "team", "account_id", "cache", "stream", "tags"}) {
    const std::string said =
        said_of_begin("{\"" + std::string(name) + "\": \"" + key + "\", \"timeout_ms\": 0}");
    EXPECT_TRUE(said.starts_with("22023")) << said;
    EXPECT_EQ(said.find("canary"), std::string::npos) << said;
  }
  EXPECT_EQ(said_of_begin("{\"" + key + "\": 1}").find("canary"), std::string::npos);
}

TEST(BeginOptions, ThereIsNoCacheYet) {
  EXPECT_EQ(said_of_begin(R"({"cache": true})"),
            "0A000 option cache is not supported yet\nthere is no response cache before version 0.9");
  EXPECT_EQ(said_of_begin(R"({"cache": false})"), "taken");
  EXPECT_EQ(said_of_begin(R"({"cache": null})"), "taken");
}

TEST(BeginOptions, RequestIdsLeaveRoomForTheirAttempts) {
  EXPECT_EQ(said_of_begin("{\"request_id\": \"" + std::string(1000, 'r') + "\"}"), "taken");
  EXPECT_EQ(said_of_begin("{\"request_id\": \"" + std::string(1001, 'r') + "\"}"),
            "22023 option request_id must have at most 1000 bytes");
}

TEST(FinishOptions, AreDecoded) {
  const test::document given(
      R"({"headers": {"retry-after": "3"}, "error": "ECONNRESET\nat x", "cancelled": true,
    "usage": {"input_tokens": 3}, "estimated": true, "dispatched": true, "output_seen": true, "receipt": "lmr1.x"})");
  const finish_options read = read_finish_options(given, 529, 1200);
  EXPECT_EQ(read.headers.size, 1u);
  EXPECT_EQ(read.error, "ECONNRESET\nat x");
  EXPECT_TRUE(read.cancelled && read.estimated && read.output_seen);
  EXPECT_EQ(read.dispatched, true);
  EXPECT_TRUE(read.usage.is_object());
  EXPECT_EQ(read.receipt, "lmr1.x");
  EXPECT_EQ(read.http_status, 529);
  EXPECT_EQ(read.latency_ms, 1200);
  const finish_options bare = read_finish_options(test::document(R"({"error": "", "receipt": ""})"), 0, {});
  EXPECT_FALSE(bare.error || bare.receipt || bare.http_status || bare.latency_ms || bare.dispatched);
  EXPECT_FALSE(bare.cancelled || bare.estimated || bare.output_seen);
}

TEST(FinishOptions, AllProblemsAtOnce) {
  EXPECT_EQ(
      said_of_finish(
          R"({"header": {}, "headers": [], "usage": 5, "error": {}, "cancelled": 0, "receipt": 1})", 99, -1),
      "22023 unknown option header\n"
      "argument http_status must be a status from 100 to 999, or 0 where no answer came\n"
      "argument latency_ms must not be negative\n"
      "option headers must be a JSON object\n"
      "option usage must be a JSON object\n"
      "option error must be a text\n"
      "option cancelled must be true or false\n"
      "option receipt must be a text\n"
      "known options: headers, error, cancelled, usage, estimated, dispatched, output_seen, receipt");
  const std::string both =
      "22023 option dispatched must not be false where there is an http_status or output was seen";
  EXPECT_EQ(said_of_finish(R"({"dispatched": false})", 500), both);
  EXPECT_EQ(said_of_finish(R"({"dispatched": false, "output_seen": true})"), both);
  EXPECT_EQ(said_of_finish(R"({"dispatched": false})"), "taken");
  EXPECT_EQ(said_of_finish("{\"error\": \"" + std::string(65537, 'e') + "\"}"),
            "22023 option error must have at most 65536 bytes");
}

caller caller_of(std::string_view tenant, std::string_view user, std::string_view team = {},
                 std::string_view tier = {}, std::vector<call_tag> tags = {}) {
  return {tenant, user, team, tier, std::move(tags)};
}

std::string refused_for(const caller& given, const caller& key,
                        std::optional<std::string_view> entered = {}) {
  return said_of([&] { (void)settle_caller(given, key, entered); });
}

TEST(CallCaller, AKeySetsWhatItNames) {
  const caller key = caller_of("acme", "alice", "search", "pro", {{"project", "x"}});
  const caller settled = settle_caller(caller_of("", "", "", "", {{"zone", "eu"}, {"area", "1"}}), key, {});
  EXPECT_EQ(settled.tenant_id, "acme");
  EXPECT_EQ(settled.user_id, "alice");
  EXPECT_EQ(settled.team, "search");
  EXPECT_EQ(settled.tier, "pro");
  ASSERT_EQ(settled.tags.size(), 3u);
  EXPECT_EQ(settled.tags[0].name, "area");
  EXPECT_EQ(settled.tags[1].name, "project");
  EXPECT_EQ(settled.tags[2].name, "zone");
  EXPECT_EQ(refused_for(caller_of("acme", "alice", "search", "pro", {{"project", "x"}}), key, "acme"),
            "taken");
}

TEST(CallCaller, WhatAKeyDoesNotNameTheCallMay) {
  const caller settled = settle_caller(caller_of("acme", "bob", "t", "free"), caller_of("acme", ""), {});
  EXPECT_EQ(settled.user_id, "bob");
  EXPECT_EQ(settled.team, "t");
  EXPECT_EQ(settled.tier, "free");
  EXPECT_TRUE(settled.tags.empty());
}

TEST(CallCaller, AnArgumentThatDiffersIsRefused) {
  const caller key = caller_of("acme", "alice", "search", "pro", {{"project", "x"}});
  const std::string beginning =
      "LA011 the access key is for another caller\nit fixes, and the call says otherwise: ";
  EXPECT_EQ(
      refused_for(caller_of("other", "bob", "t", "free", {{"project", "y"}, {"zone", "eu"}}), key, "third"),
      beginning +
          "argument tenant_id, the entered tenant, argument user_id, argument tier, option team, "
          "tag project");
  EXPECT_EQ(refused_for(caller_of("", "bob"), key), beginning + "argument user_id");
  EXPECT_EQ(refused_for(caller_of("ACME", ""), key), beginning + "argument tenant_id");
  EXPECT_EQ(refused_for(caller_of("", ""), key, "third"), beginning + "the entered tenant");
}

TEST(CallCaller, AKeyWithoutATenantIsOfThePlatform) {
  const std::string beginning =
      "LA011 the access key is for another caller\nit fixes, and the call says otherwise: ";
  EXPECT_EQ(refused_for(caller_of("acme", ""), caller_of("", "")), beginning + "argument tenant_id");
  EXPECT_EQ(refused_for(caller_of("", ""), caller_of("", ""), "acme"), beginning + "the entered tenant");
  EXPECT_EQ(refused_for(caller_of("", "bob"), caller_of("", "")), "taken");
}

TEST(CallCaller, NoValueIsTold) {
  const std::string said = refused_for(
      caller_of("canary-t", "canary-u", "canary-m", "canary-r", {{"project", "canary"}}),
      caller_of("canary-a", "canary-b", "canary-c", "canary-d", {{"project", "canary-x"}}), "canary-e");
  EXPECT_TRUE(said.starts_with("LA011"));
  EXPECT_EQ(said.find("canary"), std::string::npos) << said;
}

TEST(CallCaller, WithoutAKeyTheEnteredTenantIsTheCalls) {
  EXPECT_EQ(settle_caller(caller_of("", "bob"), "acme").tenant_id, "acme");
  EXPECT_EQ(settle_caller(caller_of("acme", "bob"), "acme").tenant_id, "acme");
  EXPECT_EQ(settle_caller(caller_of("", "bob"), std::nullopt).tenant_id, "");
}

TEST(CallerError, IsKnownByItsWords) {
  using mapping::error_kind;
  struct said {
    const char* text;
    error_kind kind;
    bool timed_out, cancelled, unsent;
  };
  for (const said& one : std::initializer_list<said>{
           {"timeout", error_kind::timeout, true, false, false},
           {"rate_limit", error_kind::rate_limit, false, false, false},
           {"network_cut", error_kind::network_cut, false, false, false},
           {"connect ECONNREFUSED 127.0.0.1:443", error_kind::network_cut, false, false, true},
           {"getaddrinfo ENOTFOUND api.openai.com", error_kind::network_cut, false, false, true},
           {"read ECONNRESET", error_kind::network_cut, false, false, false},
           {"UND_ERR_CONNECT_TIMEOUT", error_kind::timeout, true, false, true},
           {"UND_ERR_HEADERS_TIMEOUT", error_kind::timeout, true, false, false},
           {"ConnectTimeoutError: Connect Timeout Error", error_kind::timeout, true, false, true},
           {"dial tcp: lookup x: no such host", error_kind::network_cut, false, false, true},
           {"Connection timed out", error_kind::timeout, true, false, false},
           {"context deadline exceeded", error_kind::timeout, true, false, false},
           {"AbortError: This operation was aborted", error_kind::unknown, false, true, false},
           {"curl: (52) Empty reply from server", error_kind::network_cut, false, false, false},
           {"something else", error_kind::unknown, false, false, false},
           {"", error_kind::unknown, false, false, false},
       }) {
    const caller_error read = read_caller_error(one.text);
    EXPECT_EQ(read.kind, one.kind) << one.text;
    EXPECT_EQ(read.timed_out, one.timed_out) << one.text;
    EXPECT_EQ(read.cancelled, one.cancelled) << one.text;
    EXPECT_EQ(read.surely_unsent, one.unsent) << one.text;
  }
  EXPECT_EQ(read_caller_error(std::string(5000, 'x') + " timeout").kind, error_kind::unknown);
}

}  // namespace
}  // namespace llm_admin::calls
