// Names among the options of begin_call(): models to fall back to, and what a request is called.
#include <gtest/gtest.h>

#include <string>

#include "core/calls/options.hpp"
#include "core/error.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::calls {
namespace {

std::string said_of_begin(const std::string& json) {
  try {
    (void)read_begin_options(test::document(json));
  } catch (const error& e) {
    return std::string(e.sqlstate()) + ' ' + e.message();
  }
  return "taken";
}

TEST(BeginOptions, ModelsAreAFewNames) {
  EXPECT_EQ(said_of_begin(R"({"models": null})"), "taken");
  EXPECT_EQ(said_of_begin(R"({"models": ["a", "b", "c", "d"]})"), "taken");
  EXPECT_EQ(said_of_begin(R"({"models": "a"})"), "22023 option models must be an array of texts");
  EXPECT_EQ(said_of_begin(R"({"models": []})"), "22023 option models must name a model at least");
  EXPECT_EQ(said_of_begin(R"({"models": ["a", "b", "c", "d", "e"]})"),
            "22023 option models must have at most 4 texts");
  EXPECT_EQ(said_of_begin(R"({"models": ["a", 1]})"), "22023 option models: element 2 must be a text");
  EXPECT_EQ(said_of_begin(R"({"models": [""]})"), "22023 option models: element 1 must not be empty");
  EXPECT_EQ(said_of_begin(R"({"models": ["a\n"]})"),
            "22023 option models: element 1 must not hold control characters");
  EXPECT_EQ(said_of_begin("{\"models\": [\"" + std::string(1025, 'm') + "\"]}"),
            "22023 option models: element 1 must have at most 1024 bytes");
  EXPECT_EQ(said_of_begin(R"({"models": ["openai/ m"]})"),
            "22023 option models must name models without blanks at their ends");
  EXPECT_EQ(said_of_begin(R"({"models": ["a", "b", "a"]})"), "22023 option models must name each model once");
}

TEST(BeginOptions, ARequestIdIsNoKey) {
  const std::string refusal = "22023 option request_id must be no key: rows and messages show it";
  for (const std::string& key :
       {std::string("sk-proj-0123456789abcdef"), "la_" + std::string(43, 'A'), "lt_" + std::string(43, 'A')})
    EXPECT_EQ(said_of_begin("{\"request_id\": \"" + key + "\"}"), refusal);
  for (const char* id : {"sk-1", "req_011CSabcdefghijklmnop", "chatcmpl-0123456789abcdefghij",
                         "la_order of the 17th of May, 2026", "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"})
    EXPECT_EQ(said_of_begin("{\"request_id\": \"" + std::string(id) + "\"}"), "taken") << id;
}

}  // namespace
}  // namespace llm_admin::calls
