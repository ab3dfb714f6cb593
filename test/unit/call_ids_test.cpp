// Calls with one id, in one message and over turns: each goes out under an id of its own, its result with it.
#include "core/mapping/request/call_ids.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/mapping/state.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

std::string distinct(const std::string& messages, std::string_view dialect = "") {
  const document given(messages);
  json::tree out;
  budget left;
  const distinct_calls made = make_calls_distinct(given, dialect, out, left);
  std::string all;
  for (const std::string& pointer : made.pointers) {
    EXPECT_TRUE(test::resolves(given, pointer)) << pointer;
    all += pointer + " ";
  }
  return made.messages == nullptr ? "as it was" : all + text_of(made.messages);
}

std::string calls(const std::string& ids) {
  std::string list;
  for (const char id : ids) list += (list.empty() ? "" : ",") + (R"({"id":")" + std::string(1, id)) + R"("})";
  return R"({"role":"assistant","tool_calls":[)" + list + "]}";
}
std::string result(const std::string& id, const std::string& content) {
  return R"({"role":"tool","tool_call_id":")" + id + R"(","content":")" + content + R"("})";
}

TEST(call_ids, what_is_distinct_stays) {
  for (const std::string& messages :
       {std::string("[]"), "[" + calls("ab") + "," + result("a", "1") + "," + calls("c") + "]",
        std::string(R"([{"role":"assistant","tool_calls":[{"id":""},{"id":""},{"id":null},5,{}]},5,null])"),
        std::string(R"([{"role":"assistant","tool_calls":{"id":"a"}},{"tool_calls":"a"}])")})
    EXPECT_EQ(distinct(messages), "as it was") << messages;
  EXPECT_EQ(distinct(R"("text")"), "as it was");
}

TEST(call_ids, of_two_turns) {
  EXPECT_EQ(
      distinct("[" + calls("a") + "," + result("a", "1") + "," + calls("a") + "," + result("a", "2") + "]"),
      "/2/tool_calls/0/id [" + calls("a") + "," + result("a", "1") +
          R"(,{"role":"assistant","tool_calls":[{"id":"a_2"}]},)" + result("a_2", "2") + "]");
  // A call without a result leaves none to the next one; a result that comes twice stays with its call.
  EXPECT_EQ(
      distinct("[" + calls("a") + "," + calls("a") + "," + result("a", "2") + "," + result("a", "3") + "]"),
      "/1/tool_calls/0/id [" + calls("a") + R"(,{"role":"assistant","tool_calls":[{"id":"a_2"}]},)" +
          result("a_2", "2") + "," + result("a_2", "3") + "]");
}

TEST(call_ids, of_two_calls_in_one_message) {
  EXPECT_EQ(distinct("[" + calls("aba") + "," + result("a", "1") + "," + result("b", "2") + "," +
                     result("a", "3") + "]"),
            R"(/0/tool_calls/2/id [{"role":"assistant","tool_calls":[{"id":"a"},{"id":"b"},{"id":"a_2"}]},)" +
                result("a", "1") + "," + result("b", "2") + "," + result("a_2", "3") + "]");
}

TEST(call_ids, no_new_id_is_one_that_is_there) {
  EXPECT_EQ(
      distinct(R"([{"role":"assistant","tool_calls":[{"id":"a"},{"id":"a_2"},{"id":"a"},{"id":"a"}]}])"),
      R"(/0/tool_calls/2/id /0/tool_calls/3/id [{"role":"assistant","tool_calls":)"
      R"([{"id":"a"},{"id":"a_2"},{"id":"a_3"},{"id":"a_4"}]}])");
}

// What the vendor wrote goes back as it is: then the other one gets a new id, also when it came before.
TEST(call_ids, an_id_within_kept_state_stays) {
  const auto kept = [](const std::string& id, const std::string& inside) {
    const std::string call = R"("tool_calls":[{"id":")" + id + R"("}])";
    const std::string digest = state_digest(document("{" + call + "}"));
    return R"({"role":"assistant",)" + call + R"(,"provider_state":{"x":{"v":1,"content":"[\")" + inside +
           R"(\"]","digest":")" + digest + R"("}}})";
  };
  const std::string talk =
      "[" + calls("a") + "," + result("a", "1") + "," + kept("a", "a") + "," + result("a", "2") + "]";
  EXPECT_EQ(distinct(talk, "x"), R"(/0/tool_calls/0/id [{"role":"assistant","tool_calls":[{"id":"a_2"}]},)" +
                                     result("a_2", "1") + "," + kept("a", "a") + "," + result("a", "2") +
                                     "]");
  // State without the id belongs to the message under its new id, too.
  EXPECT_EQ(distinct("[" + calls("a") + "," + kept("a", "b") + "]", "x"),
            "/1/tool_calls/0/id [" + calls("a") + "," + kept("a_2", "b") + "]");
  // That of another dialect is not looked at.
  EXPECT_EQ(distinct("[" + calls("a") + "," + kept("a", "a") + "]", "y").substr(0, 20),
            "/1/tool_calls/0/id [");
}

TEST(call_ids, many_are_not_quadratic) {
  std::string all = "[";
  for (int n = 0; n < 20000; ++n) all += (n > 0 ? "," : "") + calls("a");
  const document given(all + "]");
  budget left(limits{}, 1, {given});
  json::tree out;
  EXPECT_EQ(make_calls_distinct(given, "", out, left).pointers.size(), 19999u);
  EXPECT_LT(left.used, 300000u);
}

}  // namespace
}  // namespace llm_admin::mapping
