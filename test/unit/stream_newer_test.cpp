// Streams of 1.2: slots by keys through several levels, what one event may do wrong, SSE fields; read whole, in
// pieces, cut anywhere, and as deltas.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/mapping/answer/answer.hpp"
#include "core/mapping/stream/deltas.hpp"
#include "core/mapping/stream/feed.hpp"
#include "unit/json_text.hpp"
#include "unit/streamed.hpp"

namespace llm_admin::mapping {
namespace {

using test::sse;
using test::text_of;

// Chat completions as OpenAI and those like it stream them.
const std::string chat =
    R"~({"version":"1.2","extraction_rules":{"text_content":"$.choices[0].message.content",)~"
    R"~("finish_reason":"$.choices[0].finish_reason","error":{"paths":["$.error"]},)~"
    R"~("usage_stats":{"fields":{"input_tokens":"$.usage.prompt_tokens","output_tokens":"$.usage.completion_tokens"},)~"
    R"~("omit_empty":true},"tool_calls":{"each":"$.choices[0].message.tool_calls[*]","omit_empty":true,)~"
    R"~("as":{"fields":{"id":"@.id","name":"@.function.name","arguments":"@.function.arguments"}}}},)~"
    R"~("stream":{"frame":"sse","done":{"data":"[DONE]"},"rules":[)~"
    R"~({"when":{"path":"field:error","exists":true},"error":{"source":"field:error","codec":"json_decode","on_error":"raw"}},)~"
    R"~({"to":"$.usage","op":"merge","from":"$.usage"},)~"
    R"~({"each":"$.choices[*]","key":["@.index"],"to":"$.choices[{key}].message.content","op":"append",)~"
    R"~("from":{"source":"@.delta.content","type":"string","on_error":"fail"},"emit":"text"},)~"
    R"~({"each":["$.choices[*]","@.delta.tool_calls[*]"],"key":[["^.index"],["@.index","@.id"]],)~"
    R"~("to":"$.choices[{key}].message.tool_calls[{key}]","op":"merge","from":{"fields":{"id":"@.id"},"omit_empty":true},"emit":"tool_call"},)~"
    R"~({"each":["$.choices[*]","@.delta.tool_calls[*]"],"key":[["^.index"],["@.index","@.id"]],)~"
    R"~("to":"$.choices[{key}].message.tool_calls[{key}].function","op":"merge","from":{"fields":{"name":"@.function.name"},"omit_empty":true}},)~"
    R"~({"each":["$.choices[*]","@.delta.tool_calls[*]"],"key":[["^.index"],["@.index","@.id"]],)~"
    R"~("to":"$.choices[{key}].message.tool_calls[{key}].function.arguments","op":"append","from":"@.function.arguments","emit":"tool_arguments"},)~"
    R"~({"each":"$.choices[*]","key":["@.index"],"to":"$.choices[{key}].finish_reason","op":"set","from":"@.finish_reason"}]}})~";

std::string call(const std::string& index, const std::string& id, const std::string& name,
                 const std::string& arguments) {
  std::string out = "{";
  if (!index.empty()) out += "\"index\":" + index + ",";
  if (!id.empty()) out += "\"id\":\"" + id + "\",";
  out += "\"function\":{";
  if (!name.empty()) out += "\"name\":\"" + name + "\",";
  return R"({"choices":[{"index":0,"delta":{"tool_calls":[)" + out +
         "\"arguments\":" + json::quoted(arguments) + "}}]}}]}";
}
const std::string finish = R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})";

std::string answer(const std::string& body, const std::string& pointer = "") {
  static const auto program = test::compiled_of(chat);
  answer_input input;
  input.body = body;
  input.http_status = 200;
  json::tree out;
  return text_of(json::resolve(json::view(read_answer(*program, input, out)), pointer));
}

std::string calls(const std::vector<std::string>& events) {
  std::string body;
  for (const std::string& event : events) body += "data: " + event + "\n\n";
  return answer(body + sse({finish, "[DONE]"}), "/tool_calls");
}

const std::string two_calls =
    R"([{"id":"a","name":"one","arguments":{"x":1}},{"id":"b","name":"two","arguments":{}}])";

TEST(stream_newer, calls_are_found_by_their_keys) {
  // Indices from 0; from 1; none at all; one for both; ids again in each delta; the second call first.
  EXPECT_EQ(calls({call("0", "a", "one", "{\"x\""), call("0", "", "", ":1}"), call("1", "b", "two", "{}")}),
            two_calls);
  EXPECT_EQ(calls({call("1", "a", "one", "{\"x\""), call("1", "", "", ":1}"), call("2", "b", "two", "{}")}),
            two_calls);
  EXPECT_EQ(calls({call("", "a", "one", "{\"x\""), call("", "", "", ":1}"), call("", "b", "two", "{}")}),
            two_calls);
  EXPECT_EQ(calls({call("0", "a", "one", "{\"x\":1}"), call("0", "b", "two", "{}")}), two_calls);
  EXPECT_EQ(calls({call("0", "a", "one", "{\"x\""), call("0", "a", "", ":1}"), call("1", "b", "two", "{}")}),
            two_calls);
  EXPECT_EQ(calls({call("1", "b", "two", "{}"), call("0", "a", "one", "{\"x\":1}")}), two_calls);
  EXPECT_EQ(calls({call("-3", "a", "one", "{\"x\":1}"), call("900000000000", "b", "two", "{}")}), two_calls);
  EXPECT_EQ(calls({call("\"p\"", "a", "one", "{\"x\":1}"), call("\"q\"", "b", "two", "{}")}), two_calls);
  EXPECT_EQ(calls({call("0", "a", "one", "{\"x\":1}"), call("1", "a", "two", "{}")}),
            R"([{"id":"a","name":"one","arguments":{"x":1}},{"id":"a","name":"two","arguments":{}}])");
}

TEST(stream_newer, choices_stand_by_their_index) {
  const std::string body = sse(
      {R"({"choices":[{"index":1,"delta":{"content":"B"}}]})",
       R"({"choices":[{"index":0,"delta":{"content":"A"}}]})",
       R"({"choices":[{"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})",
       "[DONE]"});
  EXPECT_EQ(answer(body, "/text"), "\"Aa\"");
  EXPECT_EQ(answer(body, "/finish_reason"), "\"stop\"");
}

TEST(stream_newer, what_one_event_does_wrong_costs_that_event) {
  const std::string good = R"({"choices":[{"index":0,"delta":{"content":"a"}}]})";
  const std::string body =
      sse({good, "not JSON", R"({"choices":[{"index":0,"delta":{"content":{"no":"text"}}}]})", good,
           R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})", "[DONE]"});
  EXPECT_EQ(answer(body, "/text"), "\"aa\"");
  EXPECT_EQ(answer(body, "/error"), "null");
  const std::string told = answer(body, "/warnings");
  EXPECT_NE(told.find("an event of the stream is no JSON: not JSON"), std::string::npos) << told;
  EXPECT_NE(told.find("/stream/rules/2"), std::string::npos) << told;
  EXPECT_EQ(answer(sse({"not JSON", "nor this"}), "/error/type"), "\"not_json\"");
}

TEST(stream_newer, nothing_empty_comes_over_usage) {
  EXPECT_EQ(
      answer(
          sse({R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})",
               R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":null}})",
               "[DONE]"}),
          "/usage/total_tokens"),
      "7");
}

TEST(stream_newer, fields_besides_data_can_be_read) {
  const std::string body =
      sse({R"({"choices":[{"index":0,"delta":{"content":"Par"}}]})"}) +
      "error: {\"code\": 400, \"message\": \"too long\", \"type\": \"invalid_request_error\"}\n\n";
  EXPECT_EQ(answer(body, "/text"), "\"Par\"");
  EXPECT_EQ(answer(body, "/error/message"), "\"too long\"");
  EXPECT_EQ(answer(body, "/error/type"), "\"invalid_request_error\"");
  EXPECT_EQ(answer("error: broken\n\n", "/error/message"), "\"broken\"");
}

const std::string long_stream =
    ": OPENROUTER\n\n" +
    sse({R"({"choices":[{"index":0,"delta":{"content":"He\ud83d"}}]})",
         R"({"choices":[{"index":0,"delta":{"content":"\ude00\u00e9"}}]})", call("0", "a", "one", "{\"x\""),
         call("0", "", "", ":1}"), call("1", "b", "two", "{}"), finish,
         R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})", "[DONE]"});

TEST(stream_newer, in_any_pieces_it_is_the_same) {
  const auto program = test::compiled_of(chat);
  const auto document = [&](std::size_t piece) {
    limits most;
    memory_bound memory(most.max_memory());
    most.memory = &memory;
    stream_frames frames(frame_kind::sse, most.max_output_bytes, nullptr, &program->stream->fields);
    stream_builder builder(*program->stream, {}, most);
    const auto take = [&](std::string_view event, bool ended) {
      return builder.event(event, ended, frames.fields());
    };
    for (std::size_t at = 0; at < long_stream.size(); at += piece)
      if (!frames.feed(long_stream.substr(at, piece), take)) break;
    frames.finish(take);
    json::tree out;
    return text_of(builder.document(out)) + (builder.done() ? " done" : "");
  };
  const std::string whole = document(long_stream.size());
  EXPECT_NE(whole.find("He\xF0\x9F\x98\x80\xC3\xA9"), std::string::npos) << whole;
  for (std::size_t piece = 1; piece < long_stream.size(); ++piece) ASSERT_EQ(document(piece), whole) << piece;
}

TEST(stream_newer, cut_anywhere_it_is_a_result) {
  EXPECT_EQ(answer(long_stream, "/tool_calls"), two_calls);
  for (std::size_t size = 0; size < long_stream.size(); ++size) {
    const std::string cut = long_stream.substr(0, size);
    const bool finished = cut.find(finish) != std::string::npos;
    const std::string error = answer(cut, "/error");
    EXPECT_TRUE(finished || error != "null") << cut;
    const std::string text = answer(cut, "/text");
    EXPECT_TRUE(text == "null" || text.starts_with("\"He")) << cut << text;
  }
}

// All that a client puts together from the deltas, whatever the batches, is the answer.
TEST(stream_newer, deltas_in_any_batches_are_the_answer) {
  const auto program = test::compiled_of(chat);
  std::vector<std::string> frames;
  for (std::size_t at = 0; at < long_stream.size();) {
    const std::size_t end = long_stream.find("\n\n", at) + 2;
    frames.push_back(long_stream.substr(at, end - at));
    at = end;
  }
  const std::size_t split = 2;  // the border between the two halves of a character
  for (unsigned borders = 0; borders < 1u << (frames.size() - 1); ++borders) {
    if (borders >> (split - 1) & 1) continue;
    std::string text, arguments, names, batch;
    bool done = false;
    for (std::size_t n = 0; n < frames.size(); ++n) {
      batch += frames[n];
      if (n + 1 < frames.size() && (borders >> n & 1) == 0) continue;
      answer_input input;
      input.body = batch;
      json::tree out;
      const json::node made = json::view(stream_deltas(*program, input, out));
      EXPECT_TRUE(made.member("error").is_absent()) << text_of(made);
      done = done || made.member("done").truth();
      const json::node list = made.member("deltas");
      for (std::uint32_t d = 0; d < list.size; ++d) {
        const json::node one = list.element(d);
        const std::string_view kind = one.member("kind").text();
        if (kind == "text") text += one.member("text").text();
        if (kind == "tool_arguments")
          arguments += text_of(one.member("index")) + std::string(one.member("text").text());
        if (kind == "tool_call") names += text_of(one.member("index")) + std::string(one.member("id").text());
      }
      batch.clear();
    }
    ASSERT_TRUE(done);
    ASSERT_EQ(text, "He\xF0\x9F\x98\x80\xC3\xA9");
    ASSERT_EQ(arguments, "0{\"x\"0:1}1{}");
    ASSERT_EQ(names, "0a1b");
  }
}

// Steps that paths take follow the events, also where each opens a slot of its own.
TEST(stream_newer, many_slots_are_linear) {
  const auto program = test::compiled_of(chat);
  const auto steps = [&](int count) {
    std::string body;
    for (int n = 0; n < count; ++n)
      body += sse({call(std::to_string(n), "id" + std::to_string(n), "f", "{}")});
    answer_input input;
    input.body = body;
    json::tree out;
    std::uint64_t taken = 0;
    const json::node made = json::view(read_answer(*program, input, out, &taken));
    EXPECT_EQ(made.member("tool_calls").size, static_cast<std::uint32_t>(count));
    return taken;
  };
  const std::uint64_t few = steps(200), many = steps(2'000);
  EXPECT_LE(many, 12 * few);
}

}  // namespace
}  // namespace llm_admin::mapping
