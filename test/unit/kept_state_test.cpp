// A vendor's own content array within a message: made of an answer, found again in a request.
#include "core/mapping/state.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

const std::string content =
    R"([{"type":"thinking","thinking":"I look","signature":"Eu=="},{"type":"tool_use","id":"t1","name":"f","input":{"b":1.50,"a":[]}}])";
const std::string calls =
    R"([{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"b\": 1.50, \"a\": []}"}}])";

// A message with the state that made_state() gives it, as JSON text.
std::string kept_message(const std::string& text, const std::string& tool_calls = calls) {
  document message(R"({"role":"assistant","content":)" + text + R"(,"tool_calls":)" + tool_calls + "}");
  const document array(content);
  json::tree& out = message.tree();
  std::string why;
  json::item* state = made_state(array, "anthropic_messages", message, 1u << 20, out, why);
  EXPECT_NE(state, nullptr) << why;
  out.append(message.item(), "provider_state", state);
  return text_of(message);
}

// What is found in `message`: the array's text, or "absent: " and why.
std::string found(const std::string& message, const std::string& dialect = "anthropic_messages") {
  const document given(message);
  json::tree out;
  std::string why = "not cleared";
  const auto array = kept_array(given, dialect, out, why);
  return array ? text_of(*array) : "absent: " + why;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

const std::string edited =
    "absent: the message was edited after it was received: the normalised form is sent";
const std::string broken = "absent: provider_state is broken: the normalised form is sent";

TEST(kept_state, what_is_made_is_found_again) {
  const std::string message = kept_message(R"("Hello")");
  EXPECT_EQ(found(message), content);
  EXPECT_EQ(found(message, "bedrock_converse"), "absent: ");
  const document given(message);
  const json::node state = given.node().member("provider_state").member("anthropic_messages");
  EXPECT_EQ(text_of(state.member("v")), "1");
  EXPECT_EQ(state.member("content").text(), content);
  EXPECT_EQ(state.member("digest").text().size(), 32u);
}

TEST(kept_state, it_comes_back_as_it_came) {
  const std::string came = R"([ {"b": 1e2, "a":"\u0000\ud83d", "b" :1.50 } ])";
  const document state(R"({"role":"assistant","content":null,"provider_state":{"d":{"v":1,"digest":")" +
                       state_digest(document("{}")) + R"(","content":)" + json::quoted(came) + "}}}");
  json::tree out;
  std::string why;
  const auto array = kept_array(state, "d", out, why);
  ASSERT_TRUE(array) << why;
  EXPECT_EQ(json::write_text(*array, 1000), came);
}

TEST(kept_state, only_assistants_have_one) {
  EXPECT_EQ(found(replaced(kept_message(R"("Hello")"), R"("assistant")", R"("user")")), "absent: ");
  EXPECT_EQ(found(R"({"content":"x"})"), "absent: ");
  EXPECT_EQ(found(R"({"role":"assistant","content":"x"})"), "absent: ");
  EXPECT_EQ(found(R"("assistant")"), "absent: ");
}

TEST(kept_state, each_edit_is_told) {
  const std::string message = kept_message(R"("Hello")");
  EXPECT_EQ(found(replaced(message, R"("Hello")", R"("Hello!")")), edited);
  EXPECT_EQ(found(replaced(message, R"("id":"t1")", R"("id":"t2")")), edited);
  EXPECT_EQ(found(replaced(message, R"("name":"f")", R"("name":"g")")), edited);
  EXPECT_EQ(found(replaced(message, R"(1.50, )", R"(2, )")), edited);
  EXPECT_EQ(found(replaced(message, R"("tool_calls":)", R"("calls":)")), edited);
  EXPECT_EQ(found(replaced(
                message, calls,
                "[" + calls.substr(1, calls.size() - 2) + "," + calls.substr(1, calls.size() - 2) + "]")),
            edited);
}

TEST(kept_state, the_form_of_a_message_is_no_edit) {
  EXPECT_EQ(found(replaced(kept_message("null"), R"("content":null,"tool_calls")", R"("tool_calls")")),
            content);
  EXPECT_EQ(
      found(replaced(kept_message("null"), R"("content":null,"tool_calls")", R"("content":"","tool_calls")")),
      content);
  const std::string message = kept_message(R"("Hello")");
  const std::string arguments = R"("{\"b\": 1.50, \"a\": []}")";
  EXPECT_EQ(found(replaced(message, arguments, R"("{\"a\":[],\"b\":1.50}")")), content);
  EXPECT_EQ(found(replaced(message, arguments, R"({"a":[],"b":1.50})")), content);
  EXPECT_EQ(found(replaced(message, R"("role")", R"("refusal":null,"role")")), content);
}

TEST(kept_state, fields_do_not_run_into_each_other) {
  const auto digest = [](const std::string& message) { return state_digest(document(message), nullptr); };
  const std::string one = digest(R"({"content":"ab","tool_calls":[{"id":"c","function":{"name":"d"}}]})");
  EXPECT_NE(one, digest(R"({"content":"a","tool_calls":[{"id":"bc","function":{"name":"d"}}]})"));
  EXPECT_NE(one, digest(R"({"content":"ab","tool_calls":[{"id":"cd","function":{"name":""}}]})"));
  EXPECT_NE(digest(R"({"content":""})"), digest(R"({"content":"","tool_calls":[{}]})"));
  EXPECT_EQ(digest(R"({"content":null})"), digest("{}"));
  // Worked out apart: with another rule all states kept so far would go unused.
  EXPECT_EQ(digest(R"({"content":"Hello"})"), "70bc18bef5ae66b72d1995f8db90a583");
  EXPECT_EQ(digest(R"({"content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f",)"
                   R"("arguments":"{ \"b\": 1, \"a\": 2}"}}]})"),
            "dad061d4de70de53f3d1916b9d584828");
}

TEST(kept_state, custom_input_counts_as_text) {
  const auto digest = [](const std::string& input) {
    return state_digest(document(R"({"tool_calls":[{"id":"t","type":"custom","custom":{"name":"f","input":)" +
                                 input + "}}]}"),
                        nullptr);
  };
  EXPECT_NE(digest(R"("[1]")"), digest(R"("[ 1]")"));
  EXPECT_EQ(digest(R"("[1]")"), digest(R"("[1]")"));
}

TEST(kept_state, broken_ones_are_told) {
  const std::string message = kept_message(R"("Hello")");
  EXPECT_EQ(found(replaced(message, R"("v":1)", R"("v":2)")),
            "absent: provider_state is of a version that is not known: the normalised form is sent");
  EXPECT_EQ(found(replaced(message, R"("content":"[)", R"("content":"{)")), broken);
  EXPECT_EQ(found(replaced(message, R"("content":"[)", R"("content":"[[)")), broken);
  EXPECT_EQ(found(R"({"role":"assistant","provider_state":{"anthropic_messages":{"v":1}}})"), broken);
  EXPECT_EQ(
      found(
          R"({"role":"assistant","provider_state":{"anthropic_messages":{"v":1,"content":["x"],"digest":""}}})"),
      broken);
  // Shapes of 0.3 belong to the rules.
  EXPECT_EQ(found(R"({"role":"assistant","provider_state":{"anthropic":{"thinking":[]}}})", "anthropic"),
            "absent: ");
  EXPECT_EQ(found(R"({"role":"assistant","provider_state":[{"type":"reasoning"}]})"), "absent: ");
}

TEST(kept_state, what_cannot_be_kept) {
  const document message(R"({"role":"assistant","content":"x"})");
  json::tree out;
  std::string why;
  EXPECT_EQ(made_state(document("{}"), "d", message, 100, out, why), nullptr);
  EXPECT_EQ(why, "provider_state must be an array");
  const document four("[123]");
  EXPECT_EQ(made_state(four, "d", message, 4, out, why), nullptr);
  EXPECT_EQ(why, "the state of the answer is longer than 4 bytes and was not kept");
  EXPECT_NE(made_state(four, "d", message, 5, out, why), nullptr);
  const document deep(std::string(257, '[') + std::string(257, ']'));
  EXPECT_EQ(made_state(deep, "d", message, 10000, out, why), nullptr);
  EXPECT_EQ(why, "the state of the answer nests too deep to be kept");
}

TEST(kept_state, memory_is_charged) {
  const std::string message = kept_message(R"("Hello")");
  const document given(message);
  memory_bound small(64);
  json::tree out;
  out.charge_to(&small);
  std::string why;
  EXPECT_THROW(kept_array(given, "anthropic_messages", out, why), memory_exceeded);
  out.charge_to(nullptr);
}

}  // namespace
}  // namespace llm_admin::mapping
