#include "core/model_names.hpp"

#include <gtest/gtest.h>

namespace llm_admin {
namespace {

model_names shipped_like(std::vector<model_alias> aliases = {}) {
  return {{{"openai", "chatgpt", true},
           {"google", "google_ai", true},
           {"gemini", "google_ai", false},
           {"claude", "anthropic", false},
           {"azure", "azure_openai", true}},
          std::move(aliases)};
}

std::string named(const model_names& names, std::string_view provider, std::string_view model) {
  const model_named found = names.canonical(provider, model);
  return found.canonical + " " + found.matched_by;
}

TEST(ModelNames, BlanksThatAVendorMayCutOff) {
  for (const char* name :
       {" m", "m ", "m\xC2\xA0", "\xE3\x80\x80m", "m\xE2\x80\x8B", "\xEF\xBB\xBFm", "v/ m", "v /m", " "})
    EXPECT_TRUE(has_outer_blank(name)) << name;
  for (const char* name :
       {"m", "my own", "v/my own", "\xE2\x82\xACm", "m\xC3\xA0", "", "/", "v//m", "m\xE2\x80\x94"})
    EXPECT_FALSE(has_outer_blank(name)) << name;
}

TEST(ModelNames, TheVendorIsThePublicAliasOrTheProvider) {
  const model_names names = shipped_like();
  EXPECT_EQ(named(names, "chatgpt", "gpt-4o"), "openai/gpt-4o given");
  EXPECT_EQ(named(names, "openai", "gpt-4o"), "openai/gpt-4o given");
  EXPECT_EQ(named(names, "OpenAI", "gpt-4o"), "openai/gpt-4o given");
  EXPECT_EQ(named(names, "gemini", "gemini-pro"), "google/gemini-pro given");
  EXPECT_EQ(named(names, "claude", "claude-3-opus"), "anthropic/claude-3-opus given");
  EXPECT_EQ(named(names, "groq", "llama3"), "groq/llama3 given");
  EXPECT_EQ(names.vendor_of("azure_openai"), "azure");
  EXPECT_EQ(names.vendor_of("nobody"), "nobody");
}

TEST(ModelNames, AVendorInFrontStaysAndIsTheOneName) {
  const model_names names = shipped_like();
  EXPECT_EQ(named(names, "openai", "openai/gpt-4o"), "openai/gpt-4o given");
  EXPECT_EQ(named(names, "openai", "chatgpt/gpt-4o"), "openai/gpt-4o given");
  EXPECT_EQ(named(names, "", "chatgpt/gpt-4o"), "openai/gpt-4o given");
  EXPECT_EQ(named(names, "", "Claude/claude-3-opus"), "anthropic/claude-3-opus given");
  EXPECT_EQ(named(names, "google_ai", "gemini/gemini-pro"), "google/gemini-pro given");
  EXPECT_EQ(named(names, "", "custom/mine"), "custom/mine given");
  EXPECT_EQ(named(names, "", "Custom/Mine"), "custom/Mine given");  // else it got round a deny
  EXPECT_EQ(named(names, "", "meta-llama/Llama-3"), "meta-llama/Llama-3 given");
  EXPECT_EQ(named(names, "", "gpt-4o"), "gpt-4o given");
}

TEST(ModelNames, AnIntermediaryIsNotFolded) {
  const model_names names = shipped_like();
  EXPECT_EQ(named(names, "openrouter", "openai/gpt-4o"), "openrouter/openai/gpt-4o given");
  EXPECT_EQ(named(names, "", "openrouter/openai/gpt-4o"), "openrouter/openai/gpt-4o given");
  EXPECT_EQ(named(names, "openrouter", "openrouter/openai/gpt-4o"), "openrouter/openai/gpt-4o given");
  EXPECT_EQ(named(names, "azure", "gpt-4o"), "azure/gpt-4o given");
}

TEST(ModelNames, AliasesExactThenByPriorityThenByLiterals) {
  const model_names names = shipped_like({{"*", "fast", "groq/llama-3.1-8b", 0},
                                          {"openrouter", "*:free", "openrouter/free/*", 0},
                                          {"openai", "gpt-4-*", "openai/gpt-4", 0},
                                          {"openai", "gpt-4-turbo-*", "openai/gpt-4-turbo", 0},
                                          {"openai", "gpt-*", "openai/any", -1},
                                          {"*", "gpt-4-0613", "openai/gpt-4-june", -5},
                                          {"anthropic", "fast", "anthropic/claude-3-haiku", 0}});
  EXPECT_EQ(named(names, "", "fast"), "groq/llama-3.1-8b alias");
  EXPECT_EQ(named(names, "openai", "fast"), "groq/llama-3.1-8b alias");
  EXPECT_EQ(named(names, "claude", "fast"), "anthropic/claude-3-haiku alias");  // the more exact provider
  EXPECT_EQ(named(names, "openrouter", "meta-llama/llama-3-8b:free"),
            "openrouter/free/meta-llama/llama-3-8b pattern");
  EXPECT_EQ(named(names, "openrouter", "openrouter/a:free"), "openrouter/free/a pattern");
  EXPECT_EQ(named(names, "together", "a:free"), "together/a:free given");
  EXPECT_EQ(named(names, "chatgpt", "gpt-4-turbo-2024-04-09"), "openai/gpt-4-turbo pattern");
  EXPECT_EQ(named(names, "chatgpt", "gpt-4-x"), "openai/gpt-4 pattern");
  EXPECT_EQ(named(names, "chatgpt", "gpt-3.5-turbo"), "openai/any pattern");
  EXPECT_EQ(named(names, "chatgpt", "gpt-4-0613"), "openai/gpt-4-june alias");  // exact goes first
}

TEST(ModelNames, PatternsMayNameTheVendorAndEitherNameOfAProvider) {
  const model_names names = shipped_like({{"*", "openai/gpt-4-old", "openai/gpt-4", 0},
                                          {"chatgpt", "o1-*", "openai/o1", 0},
                                          {"?*", "only-with-provider", "x/y", 0}});
  EXPECT_EQ(named(names, "openai", "gpt-4-old"), "openai/gpt-4 alias");
  EXPECT_EQ(named(names, "", "chatgpt/gpt-4-old"), "openai/gpt-4 alias");
  EXPECT_EQ(named(names, "openai", "o1-preview"), "openai/o1 pattern");
  EXPECT_EQ(named(names, "", "only-with-provider"), "only-with-provider given");
  EXPECT_EQ(named(names, "groq", "only-with-provider"), "x/y alias");
}

TEST(ModelNames, NothingIsFoldedOrFollowed) {
  const model_names names = shipped_like({{"*", "a", "b", 0}, {"*", "b", "c", 0}});
  EXPECT_EQ(named(names, "", "a"), "b alias");
  EXPECT_EQ(named(names, "openai", "GPT-4o"), "openai/GPT-4o given");
  EXPECT_EQ(named(names, "", ""), " given");
  EXPECT_EQ(named(names, "openai", "/gpt-4o"), "openai//gpt-4o given");
}

// Of two public names one counts, whatever the order of the rows.
TEST(ModelNames, TheFirstPublicNameInOrder) {
  const model_names names({{"zeta", "p", true}, {"alpha", "p", true}, {"a", "p", false}}, {});
  EXPECT_EQ(names.vendor_of("zeta"), "alpha");
}

}  // namespace
}  // namespace llm_admin
