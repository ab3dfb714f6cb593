#include "core/keys/access_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/keys/access_key_options.hpp"
#include "core/keys/access_token.hpp"
#include "unit/json_text.hpp"

namespace llm_admin {
namespace {

using state = access_key_state;

struct lifetime_case {
  access_key_lifetime key;
  bool by_previous;
  state expected;
};

constexpr std::int64_t at_noon = 1'000'000;

TEST(AccessKey, HasOneStateAtATime) {
  const auto none = std::optional<std::int64_t>();
  const std::vector<lifetime_case> cases = {
      {{}, false, state::active},
      {{false, at_noon + 1, none, none}, false, state::active},
      {{false, at_noon, none, none}, false, state::expired},
      {{false, at_noon - 1, none, none}, false, state::expired},
      {{false, INT64_MAX, INT64_MAX, none}, false, state::active},  // infinity
      {{false, INT64_MIN, none, none}, false, state::expired},      // -infinity
      {{false, none, at_noon + 1, none}, false, state::active},
      {{false, none, at_noon, none}, false, state::revoked},
      {{true, none, none, none}, false, state::blocked},
      {{true, at_noon, at_noon, none}, false, state::revoked},
      {{true, at_noon, none, none}, false, state::blocked},
      {{false, none, none, at_noon + 1}, true, state::in_grace},
      {{false, none, none, at_noon}, true, state::replaced},
      {{false, none, none, none}, true, state::replaced},
      {{false, none, none, at_noon - 1}, false, state::active},  // the grace bears on the old token alone
      {{true, none, none, at_noon + 1}, true, state::blocked},
      {{false, at_noon, none, at_noon + 1}, true, state::expired},
      {{false, none, at_noon, at_noon + 1}, true, state::revoked},
  };
  for (std::size_t n = 0; n < cases.size(); ++n)
    EXPECT_EQ(state_of(cases[n].key, cases[n].by_previous, at_noon), cases[n].expected) << n;
}

TEST(AccessKey, OnlyTwoStatesAreUsable) {
  EXPECT_TRUE(is_usable(state::active));
  EXPECT_TRUE(is_usable(state::in_grace));
  for (const state one : {state::revoked, state::blocked, state::expired, state::replaced})
    EXPECT_FALSE(is_usable(one));
}

TEST(AccessKey, ARefusalNamesTheKeyAndMendsIt) {
  const uuid_bytes id = *read_uuid("8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a");
  access_key_lifetime key;
  key.expires_at = 0;
  key.revoke_at = 1'500'000;
  key.previous_until = 0;
  const error expired = refusal_of(state::expired, id, "la_AAECAwQF", key);
  EXPECT_STREQ(expired.sqlstate(), "LA011");
  EXPECT_EQ(expired.message(), "the access key is expired");
  EXPECT_EQ(expired.detail(),
            "key 8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a (la_AAECAwQF...) expired at 2000-01-01T00:00:00.000Z");
  EXPECT_EQ(expired.hint(),
            "UPDATE llm_admin.access_keys SET expires_at = '<time>' WHERE id = "
            "'8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a'");
  EXPECT_EQ(refusal_of(state::revoked, id, "", key).detail(),
            "key 8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a was revoked at 2000-01-01T00:00:01.500Z");
  EXPECT_EQ(refusal_of(state::blocked, id, "", key).hint(),
            "SELECT llm_admin.block_access_key('8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a', false)");
  EXPECT_EQ(refusal_of(state::replaced, id, "", key).detail(),
            "key 8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a has a new token, and this one ended at "
            "2000-01-01T00:00:00.000Z");
  EXPECT_EQ(refusal_of(state::expired, id, "", {false, INT64_MIN, {}, {}}).detail(),
            "key 8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a expired");
  EXPECT_STREQ(unknown_access_key().sqlstate(), "LA011");
  EXPECT_EQ(unknown_access_key("is empty").detail(), "what was given is empty");
}

TEST(AccessKey, ModelsAreNarrowedAndADenyWins) {
  using globs = std::vector<std::string>;
  const auto judged = [](const globs& allow, const globs& deny, const char* model) {
    const model_judgement made = judge_model(allow, deny, model);
    return std::to_string(static_cast<int>(made.verdict)) + (made.is_open() ? " open " : " shut ") +
           std::string(made.by);
  };
  EXPECT_EQ(judged({}, {}, "openai/gpt-4o"), "0 open ");
  EXPECT_EQ(judged({"openai/*"}, {}, "openai/gpt-4o"), "1 open openai/*");
  EXPECT_EQ(judged({"anthropic/*", "openai/gpt-4o"}, {}, "openai/gpt-4o"), "1 open openai/gpt-4o");
  EXPECT_EQ(judged({"anthropic/*"}, {}, "openai/gpt-4o"), "3 shut ");
  EXPECT_EQ(judged({}, {"*/gpt-4o"}, "openai/gpt-4o"), "2 shut */gpt-4o");
  EXPECT_EQ(judged({"openai/gpt-4o"}, {"*"}, "openai/gpt-4o"), "2 shut *");
  EXPECT_EQ(judged({}, {"anthropic/*"}, "openai/gpt-4o"), "0 open ");
  EXPECT_EQ(judged({"*"}, {"openai/gpt-4o-mini"}, "openai/gpt-4o"), "1 open *");
  EXPECT_EQ(judged({"OpenAI/*"}, {}, "openai/gpt-4o"), "3 shut ");  // canonical names are exact
}

std::string said_of_issue(const std::string& name, const std::string& json) {
  try {
    (void)read_access_key_options(name, test::document(json));
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "22023");
    EXPECT_NE(e.hint().find("issue_access_key"), std::string::npos);
    return e.message() + (e.detail().empty() ? "" : "\n" + e.detail());
  }
  return "taken";
}

TEST(AccessKeyOptions, AreDecoded) {
  const test::document given(R"({"tenant_id": "acme", "user_id": "alice", "team": "search", "tier": "pro_2",
    "allow": ["openai/*", "anthropic/claude-*"], "deny": ["*-preview"], "tags": {"project": "x"},
    "expires_at": "2027-01-01", "blocked": true})");
  const access_key_options read = read_access_key_options("ci", given);
  EXPECT_EQ(read.name, "ci");
  EXPECT_EQ(read.tenant_id, "acme");
  EXPECT_EQ(read.user_id, "alice");
  EXPECT_EQ(read.team, "search");
  EXPECT_EQ(read.tier, "pro_2");
  EXPECT_EQ(read.allow, (std::vector<std::string_view>{"openai/*", "anthropic/claude-*"}));
  EXPECT_EQ(read.deny, (std::vector<std::string_view>{"*-preview"}));
  ASSERT_EQ(read.tags.size(), 1u);
  EXPECT_EQ(read.expires_at, "2027-01-01");
  EXPECT_TRUE(read.blocked);
  const access_key_options bare = read_access_key_options("ci", test::document("{}"));
  EXPECT_EQ(bare.tenant_id, "");
  EXPECT_FALSE(bare.tier);
  EXPECT_FALSE(bare.expires_at);
  EXPECT_TRUE(bare.allow.empty());
  EXPECT_FALSE(bare.blocked);
}

TEST(AccessKeyOptions, AllProblemsAtOnce) {
  EXPECT_EQ(said_of_issue(
                "", R"({"tenant": "acme", "tier": "Pro 2", "allow": ["a", ""], "deny": "x", "expires_at": "",
                                  "blocked": 1, "tags": []})"),
            "unknown option tenant\n"
            "argument name must not be empty\n"
            "option tier must be a tier's code, up to 50 of a-z, 0-9, _ and -\n"
            "option allow: element 2 must not be empty\n"
            "option deny must be an array of texts\n"
            "option tags must be a JSON object\n"
            "option expires_at must not be empty\n"
            "option blocked must be true or false\n"
            "known options: tenant_id, user_id, team, tier, allow, deny, tags, expires_at, blocked");
}

TEST(AccessKeyOptions, AnUnsetVariableOpensNothing) {
  EXPECT_EQ(said_of_issue("ci", R"({"tier": ""})"), "option tier must not be empty");
  EXPECT_EQ(said_of_issue("ci", R"({"expires_at": ""})"), "option expires_at must not be empty");
  EXPECT_EQ(said_of_issue("ci", R"({"allow": [""]})"), "option allow: element 1 must not be empty");
}

TEST(AccessKeyOptions, ContradictionsAndBoundsAreTold) {
  EXPECT_EQ(said_of_issue("ci", R"({"allow": ["a/*", "b/*"], "deny": ["b/*"]})"),
            "option allow: element 2 stands in deny, too, which wins");
  EXPECT_EQ(said_of_issue("ci", R"({"allow": ["a/b"], "deny": ["a/*"]})"), "taken");
  EXPECT_EQ(said_of_issue(std::string(256, 'n'), "{}"), "argument name must have at most 255 bytes");
  EXPECT_EQ(said_of_issue("ci", "{\"tenant_id\": \"" + std::string(256, 't') + "\"}"),
            "option tenant_id must have at most 255 characters");
  std::string many = "{\"deny\": [\"g\"";
  for (int n = 0; n < 1000; ++n) many += ", \"g\"";
  EXPECT_EQ(said_of_issue("ci", many + "]}"), "option deny must have at most 1000 texts");
}

TEST(AccessKeyOptions, ATokenIsNoName) {
  const made_access_token made = make_access_token();
  const std::string said = said_of_issue(std::string(made.text.text()), "{}");
  EXPECT_EQ(said, "argument name is an access token, and a name is shown to people");
}

}  // namespace
}  // namespace llm_admin
