#include "core/call_options.hpp"

#include <gtest/gtest.h>

#include <array>

#include "core/error.hpp"
#include "json_text.hpp"

namespace llm_admin {
namespace {

constexpr std::array<std::string_view, 2> known{"with_key", "operation"};

error refused(const char* given) {
  try {
    const test::document options(given);
    const call_options read(options, known);
    (void)read.boolean("with_key");
    (void)read.text("operation");
  } catch (const error& why) {
    return why;
  }
  return error(sqlstate::internal_error, "taken");
}

TEST(CallOptions, WhatIsGiven) {
  const test::document given(R"({"with_key": true, "operation": "embed"})");
  const call_options read(given, known);
  EXPECT_TRUE(read.boolean("with_key"));
  EXPECT_EQ(read.text("operation"), "embed");
}

TEST(CallOptions, NullIsNotGiven) {
  const test::document given(R"({"with_key": null, "operation": null})");
  const call_options read(given, known);
  EXPECT_FALSE(read.boolean("with_key"));
  EXPECT_EQ(read.text("operation"), std::nullopt);
  EXPECT_FALSE(call_options(json::node(), known).boolean("with_key"));
}

TEST(CallOptions, WrongOnesAreToldInWords) {
  EXPECT_EQ(refused(R"({"withkey": true})").message(), "unknown option withkey");
  EXPECT_EQ(refused(R"({"withkey": true})").detail(), "known options: with_key, operation");
  EXPECT_EQ(refused(R"({"withkey": true})").hint(), "did you mean with_key?");
  EXPECT_EQ(refused(R"({"with_key": "yes"})").message(), "option with_key must be true or false");
  EXPECT_EQ(refused(R"({"operation": 1})").message(), "option operation must be a text");
  EXPECT_EQ(refused("[]").message(), "argument options must be a JSON object");
  EXPECT_EQ(std::string_view(refused("[]").sqlstate()), std::string_view(sqlstate::invalid_parameter));
}

TEST(CallOptions, AKeyInTheWrongPlaceIsNotShown) {
  EXPECT_EQ(refused(R"({"sk-proj-AbCdEfGhIjKlMnOpQrSt": 1})").message(),
            "unknown option (a text of 28 characters)");
}

}  // namespace
}  // namespace llm_admin
