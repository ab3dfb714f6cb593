// The turns of vendor_turns.hpp as streams: the events of each vendor, texts and arguments in pieces.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "unit/vendor_turns.hpp"

namespace llm_admin::test {

// Whole frames, in order; together they are the body.
class stream_writer {
 public:
  // `halves`: characters outside the BMP may be split over two events.
  stream_writer(const turn& of, random_source& dice, bool halves) : turn_(of), dice_(dice), halves_(halves) {}

  // Empty for a dialect whose streams are not read.
  std::vector<std::string> frames(std::string_view dialect) {
    frames_.clear();
    if (dialect == "anthropic_messages") anthropic();
    if (dialect == "gemini_generate_content") gemini();
    if (dialect == "openai_responses") responses();
    if (dialect == "cohere_chat") cohere();
    if (dialect == "ollama_chat") ollama();
    if (dialect == "openai_chat") chat();
    return std::move(frames_);
  }

 private:
  void event(const std::string& data, std::string_view name = "") {
    if (dice_.chance(5)) frames_.push_back(": ping\n\n");
    const char* end = dice_.chance(10) ? "\r\n" : "\n";
    std::string made = name.empty() || dice_.chance(20) ? "" : "event: " + std::string(name) + end;
    frames_.push_back(made + "data: " + data + end + end);
  }
  void line(const std::string& data) { frames_.push_back(data + "\n"); }

  using piece_taker = std::function<void(const std::string& quoted_piece)>;
  void pieces(const std::string& text, const piece_taker& take, bool halves = true) {
    for (const std::string& one : split_text(text, dice_, halves && halves_)) take("\"" + one + "\"");
  }

  void anthropic() {
    std::size_t index = 0;
    const auto typed = [&](const char* type, const std::string& rest) {
      event(R"({"type":")" + std::string(type) + R"(","index":)" + std::to_string(index) + rest + "}", type);
    };
    const auto delta = [&](const char* type, const char* member) {
      return [&typed, type, member](const std::string& piece) {
        typed("content_block_delta",
              R"(,"delta":{"type":")" + std::string(type) + R"(",")" + member + "\":" + piece + "}");
      };
    };
    const auto stop = [&] {
      typed("content_block_stop", "");
      ++index;
    };
    event(
        R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m",)"
        R"("content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":)" +
            std::to_string(turn_.input) + R"(,"output_tokens":1}}})",
        "message_start");
    if (!turn_.thoughts.empty()) {
      typed("content_block_start", R"(,"content_block":{"type":"thinking","thinking":"","signature":""})");
      pieces(turn_.thoughts, delta("thinking_delta", "thinking"));
      delta("signature_delta", "signature")(json_string(turn_.signature));
      stop();
    }
    if (!turn_.text.empty()) {
      typed("content_block_start", R"(,"content_block":{"type":"text","text":""})");
      if (dice_.chance(20)) event(R"({"type":"ping"})", "ping");
      pieces(turn_.text, delta("text_delta", "text"));
      stop();
    }
    for (const made_call& one : turn_.calls) {
      typed("content_block_start", R"(,"content_block":{"type":"tool_use","id":)" + json_string(one.id) +
                                       R"(,"name":)" + json_string(one.name) + R"(,"input":{}})");
      pieces(one.arguments, delta("input_json_delta", "partial_json"));
      stop();
    }
    event(R"({"type":"message_delta","delta":{"stop_reason":)" +
              std::string(turn_.calls.empty() ? R"("end_turn")" : R"("tool_use")") +
              R"(,"stop_sequence":null},"usage":{"output_tokens":)" + std::to_string(turn_.output) + "}}",
          "message_delta");
    event(R"({"type":"message_stop"})", "message_stop");
  }

  void gemini() {
    const std::string rest = R"(,"modelVersion":"m","responseId":"resp1")";
    const auto part = [&](const std::string& one) {
      event(R"({"candidates":[{"content":{"parts":[)" + one + R"(],"role":"model"},"index":0}])" + rest +
            "}");
    };
    if (!turn_.thoughts.empty())
      pieces(
          turn_.thoughts, [&](const std::string& one) { part(R"({"text":)" + one + R"(,"thought":true})"); },
          false);
    if (!turn_.text.empty())
      pieces(
          turn_.text, [&](const std::string& one) { part(R"({"text":)" + one + "}"); }, false);
    for (const made_call& one : turn_.calls)
      part(R"({"functionCall":{"name":)" + json_string(one.name) + R"(,"args":)" + one.arguments + "}}");
    event(
        R"({"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],)"
        R"("usageMetadata":{"promptTokenCount":)" +
        std::to_string(turn_.input) + R"(,"candidatesTokenCount":)" + std::to_string(turn_.output) +
        R"(,"totalTokenCount":)" + std::to_string(turn_.input + turn_.output) + "}" + rest + "}");
  }

  void responses() {
    std::vector<std::string> items;
    const auto at = [&](const char* type, const std::string& rest) {
      event(R"({"type":")" + std::string(type) + R"(","output_index":)" + std::to_string(items.size()) +
                rest + "}",
            type);
    };
    const auto done = [&](std::string item) {
      at("response.output_item.done", R"(,"item":)" + item);
      items.push_back(std::move(item));
    };
    event(
        R"({"type":"response.created","response":{"id":"resp_1","status":"in_progress","model":"m","output":[]}})",
        "response.created");
    if (!turn_.thoughts.empty()) {
      at("response.output_item.added", R"(,"item":{"type":"reasoning","id":"rs_1","summary":[]})");
      pieces(turn_.thoughts, [&](const std::string& one) {
        at("response.reasoning_summary_text.delta", R"(,"item_id":"rs_1","summary_index":0,"delta":)" + one);
      });
      done(R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":)" +
           json_string(turn_.thoughts) + R"(}],"encrypted_content":)" + json_string(turn_.signature) + "}");
    }
    if (!turn_.text.empty()) {
      at("response.output_item.added",
         R"(,"item":{"type":"message","id":"msg_1","role":"assistant","content":[]})");
      pieces(turn_.text, [&](const std::string& one) {
        at("response.output_text.delta", R"(,"item_id":"msg_1","content_index":0,"delta":)" + one);
      });
      done(R"({"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[)"
           R"({"type":"output_text","text":)" +
           json_string(turn_.text) + R"(,"annotations":[]}]})");
    }
    for (const made_call& one : turn_.calls) {
      const std::string head = R"({"type":"function_call","id":"fc_)" + std::to_string(items.size()) +
                               R"(","call_id":)" + json_string(one.id) + R"(,"name":)" +
                               json_string(one.name);
      at("response.output_item.added", R"(,"item":)" + head + R"(,"arguments":""})");
      const std::string id = R"(,"item_id":"fc_)" + std::to_string(items.size()) + "\"";
      pieces(one.arguments, [&](const std::string& piece) {
        at("response.function_call_arguments.delta", id + R"(,"delta":)" + piece);
      });
      done(head + R"(,"arguments":)" + json_string(one.arguments) + R"(,"status":"completed"})");
    }
    std::string output;
    for (const std::string& one : items) output += (output.empty() ? "" : ",") + one;
    event(
        R"({"type":"response.completed","response":{"id":"resp_1","object":"response","status":"completed",)"
        R"("model":"m","output":[)" +
            output + R"(],"usage":{"input_tokens":)" + std::to_string(turn_.input) + R"(,"output_tokens":)" +
            std::to_string(turn_.output) + R"(,"total_tokens":)" +
            std::to_string(turn_.input + turn_.output) + "}}}",
        "response.completed");
  }

  void cohere() {
    std::size_t index = 0;
    const auto at = [&](const char* type, const std::string& message) {
      event(R"({"type":")" + std::string(type) + R"(","index":)" + std::to_string(index) +
                (message.empty() ? "" : R"(,"delta":{"message":)" + message + "}") + "}",
            type);
    };
    const auto said = [&](const std::string& text, const std::string& kind) {
      at("content-start", R"({"content":{"type":")" + kind + "\",\"" + kind + R"(":""}})");
      pieces(text, [&](const std::string& one) {
        at("content-delta", R"({"content":{")" + kind + "\":" + one + "}}");
      });
      at("content-end", "");
      ++index;
    };
    event(R"({"type":"message-start","id":"c1","delta":{"message":{"role":"assistant","content":[],)"
          R"("tool_plan":"","tool_calls":[],"citations":[]}}})",
          "message-start");
    if (!turn_.thoughts.empty()) said(turn_.thoughts, "thinking");
    if (!turn_.text.empty()) said(turn_.text, "text");
    index = 0;
    for (const made_call& one : turn_.calls) {
      at("tool-call-start", R"({"tool_calls":{"id":)" + json_string(one.id) +
                                R"(,"type":"function","function":{"name":)" + json_string(one.name) +
                                R"(,"arguments":""}}})");
      pieces(one.arguments, [&](const std::string& piece) {
        at("tool-call-delta", R"({"tool_calls":{"function":{"arguments":)" + piece + "}}}");
      });
      at("tool-call-end", "");
      ++index;
    }
    const std::string usage = R"({"input_tokens":)" + std::to_string(turn_.input) + R"(,"output_tokens":)" +
                              std::to_string(turn_.output) + "}";
    event(R"({"type":"message-end","id":"c1","delta":{"finish_reason":)" +
              std::string(turn_.calls.empty() ? R"("COMPLETE")" : R"("TOOL_CALL")") +
              R"(,"usage":{"billed_units":)" + usage + R"(,"tokens":)" + usage + "}}}",
          "message-end");
  }

  void ollama() {
    const auto said = [&](const std::string& rest, const std::string& end) {
      line(R"({"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant",)" + rest +
           "}," + end + "}");
    };
    const std::string more = R"("done":false)";
    if (!turn_.thoughts.empty())
      pieces(turn_.thoughts,
             [&](const std::string& one) { said(R"("content":"","thinking":)" + one, more); });
    if (!turn_.text.empty())
      pieces(turn_.text, [&](const std::string& one) { said(R"("content":)" + one, more); });
    for (const made_call& one : turn_.calls)
      said(R"("content":"","tool_calls":[{"function":{"name":)" + json_string(one.name) + R"(,"arguments":)" +
               one.arguments + "}}]",
           more);
    said(R"("content":"")", R"("done":true,"done_reason":"stop","prompt_eval_count":)" +
                                std::to_string(turn_.input) + R"(,"eval_count":)" +
                                std::to_string(turn_.output));
  }

  void chat() {
    const auto chunk = [&](const std::string& delta, const std::string& finish = "null") {
      event(
          R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{)" +
          delta + R"(},"finish_reason":)" + finish + "}]}");
    };
    chunk(R"("role":"assistant","content":"")");
    if (!turn_.thoughts.empty())
      pieces(turn_.thoughts, [&](const std::string& one) { chunk(R"("reasoning_content":)" + one); });
    if (!turn_.text.empty())
      pieces(turn_.text, [&](const std::string& one) { chunk(R"("content":)" + one); });
    for (std::size_t n = 0; n < turn_.calls.size(); ++n) {
      const made_call& one = turn_.calls[n];
      const std::string index = R"("tool_calls":[{"index":)" + std::to_string(n);
      chunk(index + R"(,"id":)" + json_string(one.id) + R"(,"type":"function","function":{"name":)" +
            json_string(one.name) + R"(,"arguments":""}}])");
      pieces(one.arguments, [&](const std::string& piece) {
        chunk(index + R"(,"function":{"arguments":)" + piece + "}}]");
      });
    }
    chunk("", turn_.calls.empty() ? R"("stop")" : R"("tool_calls")");
    event(R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{)"
          R"("prompt_tokens":)" +
          std::to_string(turn_.input) + R"(,"completion_tokens":)" + std::to_string(turn_.output) +
          R"(,"total_tokens":)" + std::to_string(turn_.input + turn_.output) + "}}");
    event("[DONE]");
  }

  const turn& turn_;
  random_source& dice_;
  const bool halves_;
  std::vector<std::string> frames_;
};

}  // namespace llm_admin::test
