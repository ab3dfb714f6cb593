// Answers of shipped providers at their edges: several choices, an end that does not come, more than the bounds
// allow, a key that is quoted.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/mapping/answer/answer.hpp"
#include "core/mapping/stream/deltas.hpp"
#include "unit/shipped_vendors.hpp"
#include "unit/streamed.hpp"

namespace llm_admin::mapping {
namespace {

using test::text_of;

const test::vendor& vendor_of(const test::all_vendors& all, std::string_view name) {
  for (const test::vendor& one : all.list) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("no vendor " + std::string(name));
}

// read_answer, or stream_deltas with `deltas`; the member at `pointer`.
struct reading {
  const test::vendor& from;
  answer_input input = {};
  bool deltas = false;

  std::string at(const std::string& body, const std::string& pointer) {
    input.body = body;
    input.provider_columns = from.columns;
    json::tree out;
    const response_program& program = *from.response.program;
    const json::item* made = deltas ? stream_deltas(program, input, out) : read_answer(program, input, out);
    return text_of(json::resolve(json::view(made), pointer));
  }
};

std::string chunk(int choice, const std::string& delta, const std::string& finish = "null") {
  return R"({"id":"c","model":"m","choices":[{"index":)" + std::to_string(choice) + R"(,"delta":{)" + delta +
         R"(},"finish_reason":)" + finish + "}]}";
}

TEST(shipped_answers, deltas_are_of_the_first_choice) {
  const test::all_vendors& all = test::vendors();
  const auto call = [](const char* id) {
    return R"("tool_calls":[{"index":0,"id":")" + std::string(id) +
           R"(","type":"function","function":{"name":"f","arguments":"{}"}}])";
  };
  const std::string body = test::sse(
      {chunk(1, R"("content":"other")"), chunk(0, R"("content":"one")"), chunk(1, call("second")),
       chunk(0, call("first")), chunk(0, "", R"("tool_calls")"), chunk(1, "", R"("tool_calls")"), "[DONE]"});
  reading told{vendor_of(all, "chatgpt"), {}, true}, whole{vendor_of(all, "chatgpt")};
  EXPECT_EQ(whole.at(body, "/text"), R"("one")");
  EXPECT_EQ(whole.at(body, "/choices/0/text"), R"("other")");
  const std::string deltas = told.at(body, "/deltas");
  EXPECT_EQ(deltas.find("other"), std::string::npos) << deltas;
  EXPECT_EQ(deltas.find("second"), std::string::npos) << deltas;
  EXPECT_NE(deltas.find(R"("id":"first","name":"f")"), std::string::npos) << deltas;
  EXPECT_EQ(told.at(body, "/deltas/0/text"), R"("one")");
  // Where an event has no number of the choice, there is one.
  EXPECT_EQ(told.at(test::sse({R"({"choices":[{"delta":{"content":"x"}}]})"}), "/deltas/0/text"), R"("x")");
}

TEST(shipped_answers, an_end_that_does_not_come_is_told) {
  const test::all_vendors& all = test::vendors();
  for (const char* name : {"chatgpt", "openrouter", "vllm", "mistral"}) {
    reading one{vendor_of(all, name)};
    const std::string said = chunk(0, R"("content":"a")", R"("stop")");
    EXPECT_EQ(one.at(test::sse({said, "[DONE]"}), "/warnings"), "[]") << name;
    EXPECT_EQ(one.at(test::sse({said}), "/error"), "null") << name;
    EXPECT_NE(one.at(test::sse({said}), "/warnings").find("broke off"), std::string::npos) << name;
    EXPECT_EQ(one.at(test::sse({chunk(0, R"("content":"a")")}), "/warnings"), "[]")
        << name;  // it is the error
  }
  reading gemini{vendor_of(all, "google_ai")};
  const std::string part = R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]})";
  EXPECT_EQ(gemini.at(test::sse({part}), "/warnings"), "[]");
  EXPECT_NE(gemini.at(test::sse({part}) + "data: {\"cand", "/warnings").find("broke off"), std::string::npos);
}

TEST(shipped_answers, what_is_too_much_costs_all_the_same) {
  const test::all_vendors& all = test::vendors();
  reading one{vendor_of(all, "chatgpt")};
  one.input.limits.max_output_bytes = 100'000;
  const auto answer = [](std::size_t size) {
    return R"({"id":"r","model":"m","choices":[{"message":{"content":")" + std::string(size, 'x') +
           R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}})";
  };
  const std::string large = answer(150'000);
  EXPECT_EQ(one.at(large, "/error/type"), R"("too_large")");
  EXPECT_EQ(one.at(large, "/text"), "null");
  EXPECT_EQ(one.at(large, "/usage/total_tokens"), "7");
  EXPECT_EQ(one.at(large, "/finish_reason"), R"("stop")");
  EXPECT_EQ(one.at(large, "/model"), R"("m")");
  EXPECT_EQ(one.at(large, "/message"), "null");
}

TEST(shipped_answers, a_batch_that_is_too_much_is_an_error_of_the_result) {
  const test::all_vendors& all = test::vendors();
  reading one{vendor_of(all, "chatgpt"), {}, true};
  one.input.limits.max_output_bytes = 10'000;
  for (const std::string& frames : {test::sse({chunk(0, R"("content":")" + std::string(20'000, 'x') + "\"")}),
                                    std::string(20'000, 'x')}) {
    EXPECT_EQ(one.at(frames, "/error/type"), R"("too_large")");
    EXPECT_EQ(one.at(frames, "/deltas"), "[]");
    EXPECT_EQ(one.at(frames, "/done"), "false");
  }
}

TEST(shipped_answers, what_is_told_of_an_answer_quotes_no_key) {
  const test::all_vendors& all = test::vendors();
  const std::string key = "sk-abcdefghijklmnop";
  for (const test::vendor& from : all.list) {
    reading one{from};
    one.input.filter = [&](vendor_text, std::string_view text, std::string& without) {
      const std::size_t at = text.find(key);
      if (at == std::string_view::npos) return false;
      without = std::string(text.substr(0, at)) + "***" + std::string(text.substr(at + key.size()));
      return true;
    };
    for (const std::string& body :
         {R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]} )" + key,
          R"({")" + key + R"(":{"a":1}})", R"({"usage":{"prompt_tokens":")" + key + R"("}})",
          test::sse({"{bad " + key, chunk(0, R"("content":"a")"), "[DONE]"}), "no JSON " + key}) {
      for (const char* pointer : {"/warnings", "/unread", "/error"})
        EXPECT_EQ(one.at(body, pointer).find(key), std::string::npos) << from.name << one.at(body, pointer);
    }
  }
}

}  // namespace
}  // namespace llm_admin::mapping
