// One turn of a model, generated, in the form of each vendor: as a document and as a stream.
//
// A turn is thoughts, texts and calls of tools in this order, with whatever makes texts and JSON hard to carry:
// member order, forms of numbers, escapes, characters outside the BMP. The same seed gives the same turn. Facts
// of the forms: the cases in test/cases.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/text.hpp"
#include "generate/random.hpp"

namespace llm_admin::test {

struct made_call {
  std::string id, name, arguments;  // JSON text
};

struct turn {
  std::string text, thoughts, signature;
  std::vector<made_call> calls;
  long input = 0, output = 0;
};

class turn_maker {
 public:
  explicit turn_maker(random_source& dice) : dice_(dice) {}

  turn make(std::string_view dialect) {
    turn made;
    made.input = 1 + dice_.below(5000);
    made.output = 20 + dice_.below(5000);
    if (dice_.chance(40)) {
      made.thoughts = text();
      made.signature = word(24);
    }
    if (dice_.chance(80)) made.text = text();
    const std::uint32_t calls = made.text.empty() ? 1 + dice_.below(3) : dice_.below(3);
    for (std::uint32_t n = 0; n < calls; ++n) {
      static const std::vector<std::string> names = {"get_weather", "now", "find-2", "tool_with_a_long_name"};
      made_call one;
      one.name = dice_.pick(names);
      one.id = id(dialect, one.name, n);
      one.arguments = object(2);
      made.calls.push_back(std::move(one));
    }
    return made;
  }

  std::string text() {
    static const std::vector<std::string> pieces = {
        "Hello",     " ",       "\n", "\"quoted\"", "back\\slash", "é",    "€",    "😀",      "𝒳",    "\t",
        "{\"a\":1}", "data: x", "x",  "</s>",       "日本",        "\x7f", "\r\n", "[DONE]", "null", "0"};
    std::string made = "T";
    for (std::uint32_t n = 1 + dice_.below(12); n > 0; --n) made += dice_.pick(pieces);
    return made + ".";
  }

  // A JSON object without white space, its members in any order.
  std::string object(std::uint32_t depth) {
    static const std::vector<std::string> names = {"zeta", "alpha", "b", "a", "città", "10", "9", "Z"};
    std::string made = "{";
    const std::uint32_t first = dice_.below(names.size());
    for (std::uint32_t n = 0, count = dice_.below(4); n < count; ++n) {
      if (n > 0) made += ',';
      made += json::quoted(names[(first + n * 3) % names.size()]) + ":" + value(depth);
    }
    return made + "}";
  }

  std::string word(std::size_t length) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string made;
    while (made.size() < length) made += digits[dice_.below(digits.size())];
    return made;
  }

 private:
  std::string value(std::uint32_t depth) {
    static const std::vector<std::string> scalars = {"1.0",  "1e2",  "-0",   "0.10",  "12345678901234567890",
                                                     "true", "null", "\"\"", "\"😀\"", "\"a\\nb\"",
                                                     "[]",   "{}",   "7"};
    if (depth == 0 || dice_.chance(60)) return dice_.pick(scalars);
    if (dice_.chance(50)) return object(depth - 1);
    return "[" + value(depth - 1) + "," + value(depth - 1) + "]";
  }

  // As the vendors of these dialects write them; some count their calls anew in each answer.
  std::string id(std::string_view dialect, const std::string& name, std::uint32_t number) {
    if (dialect == "anthropic_messages") return "toolu_" + word(24);
    if (dialect == "bedrock_converse") return "tooluse_" + word(20) + "-_";
    if (dialect == "cohere_chat") return name + "_" + word(12);
    if (dialect == "gemini_generate_content" || dialect == "ollama_chat") return "";
    switch (dice_.below(dialect == "openai_chat" ? 4 : 1)) {
      case 0:
        return "call_" + word(24);
      case 1:
        return word(9);
      case 2:
        return "chatcmpl-tool-" + word(32);
      default:
        return "functions." + name + ":" + std::to_string(number);
    }
  }

  random_source& dice_;
};

inline std::string json_string(std::string_view text) { return json::quoted(text); }
// Pieces of a text; characters outside the BMP may come in two halves where a vendor splits by UTF-16.
inline std::vector<std::string> split_text(const std::string& text, random_source& dice, bool halves) {
  std::vector<std::string> made(1);
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string one = text.substr(at, size);
    at += size;
    if (size == 4 && halves && dice.chance(40)) {
      const auto byte = [&](int n) {
        return static_cast<unsigned>(static_cast<unsigned char>(one[n]) & 0x3F);
      };
      const unsigned code = ((lead & 7u) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3)) - 0x10000;
      char buffer[16];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", 0xD800 + (code >> 10));
      made.back() += buffer;
      std::snprintf(buffer, sizeof buffer, "\\u%04x", 0xDC00 + (code & 0x3FF));
      made.emplace_back(buffer);
      continue;
    }
    const std::string escaped = json_string(one);
    made.back() += escaped.substr(1, escaped.size() - 2);
    if (dice.chance(20)) made.emplace_back();
  }
  return made;  // between the quotes of JSON
}

// The array that a vendor keeps of an answer, and the document around it.
struct vendor_document {
  std::string body;
  std::vector<std::string> kept;  // what goes back as it stands, in order
};

class vendor_writer {
 public:
  vendor_writer(const turn& of, random_source& dice) : turn_(of), dice_(dice) {}

  vendor_document document(std::string_view dialect) {
    if (dialect == "anthropic_messages") return anthropic();
    if (dialect == "bedrock_converse") return bedrock();
    if (dialect == "gemini_generate_content") return gemini();
    if (dialect == "openai_responses") return responses();
    if (dialect == "cohere_chat") return cohere();
    if (dialect == "ollama_chat") return ollama();
    return chat();
  }

 private:
  // White space as vendors put it between values.
  std::string gap() { return dice_.chance(15) ? " " : dice_.chance(5) ? "\n  " : ""; }
  std::string list(const std::vector<std::string>& items) {
    std::string made = "[";
    for (std::size_t n = 0; n < items.size(); ++n) made += (n > 0 ? "," : "") + gap() + items[n];
    return made + gap() + "]";
  }
  std::string counts(const char* in, const char* out, const char* total = nullptr) const {
    std::string made = "{" + json_string(in) + ":" + std::to_string(turn_.input) + "," + json_string(out) +
                       ":" + std::to_string(turn_.output);
    if (total != nullptr) made += "," + json_string(total) + ":" + std::to_string(turn_.input + turn_.output);
    return made + "}";
  }

  vendor_document anthropic() {
    std::vector<std::string> blocks;
    if (!turn_.thoughts.empty())
      blocks.push_back(R"({"type":"thinking","thinking":)" + json_string(turn_.thoughts) +
                       R"(,"signature":)" + json_string(turn_.signature) + "}");
    if (!turn_.text.empty())
      blocks.push_back(R"({"text":)" + gap() + json_string(turn_.text) + R"(,"type":"text"})");
    for (const made_call& one : turn_.calls)
      blocks.push_back(R"({"type":"tool_use","id":)" + json_string(one.id) + R"(,"name":)" +
                       json_string(one.name) + R"(,"input":)" + one.arguments + "}");
    const std::string content = list(blocks);
    return {R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":)" + content +
                R"(,"stop_reason":)" + (turn_.calls.empty() ? R"("end_turn")" : R"("tool_use")") +
                R"(,"stop_sequence":null,"usage":)" + counts("input_tokens", "output_tokens") + "}",
            {content}};
  }

  vendor_document bedrock() {
    std::vector<std::string> blocks;
    if (!turn_.thoughts.empty())
      blocks.push_back(R"({"reasoningContent":{"reasoningText":{"text":)" + json_string(turn_.thoughts) +
                       R"(,"signature":)" + json_string(turn_.signature) + "}}}");
    if (!turn_.text.empty()) blocks.push_back(R"({"text":)" + gap() + json_string(turn_.text) + "}");
    for (const made_call& one : turn_.calls)
      blocks.push_back(R"({"toolUse":{"toolUseId":)" + json_string(one.id) + R"(,"name":)" +
                       json_string(one.name) + R"(,"input":)" + one.arguments + "}}");
    const std::string content = list(blocks);
    return {R"({"output":{"message":{"content":)" + content + R"(,"role":"assistant"}},"stopReason":)" +
                (turn_.calls.empty() ? R"("end_turn")" : R"("tool_use")") + R"(,"usage":)" +
                counts("inputTokens", "outputTokens", "totalTokens") + R"(,"metrics":{"latencyMs":1}})",
            {content}};
  }

  vendor_document gemini() {
    std::vector<std::string> parts;
    if (!turn_.thoughts.empty())
      parts.push_back(R"({"text":)" + json_string(turn_.thoughts) + R"(,"thought":true})");
    if (!turn_.text.empty()) parts.push_back(R"({"text":)" + gap() + json_string(turn_.text) + "}");
    for (const made_call& one : turn_.calls)
      parts.push_back(
          R"({"functionCall":{"name":)" + json_string(one.name) + R"(,"args":)" + one.arguments + "}" +
          (turn_.signature.empty() ? "" : R"(,"thoughtSignature":)" + json_string(turn_.signature)) + "}");
    const std::string content = list(parts);
    return {R"({"candidates":[{"content":{"parts":)" + content +
                R"(,"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":)" +
                counts("promptTokenCount", "candidatesTokenCount", "totalTokenCount") +
                R"(,"modelVersion":"m","responseId":"resp)" + turn_maker(dice_).word(8) + "\"}",
            {content}};
  }

  vendor_document responses() {
    std::vector<std::string> items;
    if (!turn_.thoughts.empty())
      items.push_back(R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":)" +
                      json_string(turn_.thoughts) + R"(}],"encrypted_content":)" +
                      json_string(turn_.signature) + "}");
    if (!turn_.text.empty())
      items.push_back(
          R"({"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text",)"
          R"("text":)" +
          gap() + json_string(turn_.text) + R"(,"annotations":[]}]})");
    for (const made_call& one : turn_.calls)
      items.push_back(R"({"type":"function_call","id":"fc_)" + turn_maker(dice_).word(6) + R"(","call_id":)" +
                      json_string(one.id) + R"(,"name":)" + json_string(one.name) + R"(,"arguments":)" +
                      json_string(one.arguments) + R"(,"status":"completed"})");
    return {R"({"id":"resp_1","object":"response","status":"completed","model":"m","output":)" + list(items) +
                R"(,"usage":)" + counts("input_tokens", "output_tokens", "total_tokens") + "}",
            items};
  }

  std::string chat_calls() {
    std::vector<std::string> calls;
    for (const made_call& one : turn_.calls)
      calls.push_back(R"({"id":)" + json_string(one.id) + R"(,"type":"function","function":{"name":)" +
                      json_string(one.name) + R"(,"arguments":)" + json_string(one.arguments) + "}}");
    return calls.empty() ? "" : R"(,"tool_calls":)" + list(calls);
  }

  vendor_document cohere() {
    std::vector<std::string> content;
    if (!turn_.thoughts.empty())
      content.push_back(R"({"type":"thinking","thinking":)" + json_string(turn_.thoughts) + "}");
    if (!turn_.text.empty()) content.push_back(R"({"type":"text","text":)" + json_string(turn_.text) + "}");
    const std::string said = list(content);
    return {R"({"id":"c1","finish_reason":)" +
                std::string(turn_.calls.empty() ? R"("COMPLETE")" : R"("TOOL_CALL")") +
                R"(,"message":{"role":"assistant","content":)" + said + chat_calls() +
                R"(},"usage":{"billed_units":)" + counts("input_tokens", "output_tokens") + R"(,"tokens":)" +
                counts("input_tokens", "output_tokens") + "}}",
            turn_.thoughts.empty() ? std::vector<std::string>{} : std::vector<std::string>{said}};
  }

  vendor_document ollama() {
    std::vector<std::string> calls;
    for (const made_call& one : turn_.calls)
      calls.push_back(R"({"function":{"name":)" + json_string(one.name) + R"(,"arguments":)" + one.arguments +
                      "}}");
    return {R"({"model":"m","created_at":"2026-01-01T00:00:0)" + std::to_string(dice_.below(10)) +
                R"(Z","message":{"role":"assistant","content":)" + json_string(turn_.text) +
                (turn_.thoughts.empty() ? "" : R"(,"thinking":)" + json_string(turn_.thoughts)) +
                (calls.empty() ? "" : R"(,"tool_calls":)" + list(calls)) +
                R"(},"done":true,"done_reason":"stop","prompt_eval_count":)" + std::to_string(turn_.input) +
                R"(,"eval_count":)" + std::to_string(turn_.output) + "}",
            turn_.thoughts.empty()
                ? std::vector<std::string>{}
                : std::vector<std::string>{R"("thinking":)" + json_string(turn_.thoughts)}};
  }

  vendor_document chat() {
    return {
        R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
        R"({"role":"assistant","content":)" +
            (turn_.text.empty() ? "null" : json_string(turn_.text)) +
            (turn_.thoughts.empty() ? "" : R"(,"reasoning_content":)" + json_string(turn_.thoughts)) +
            chat_calls() + R"(,"refusal":null},"logprobs":null,"finish_reason":)" +
            (turn_.calls.empty() ? R"("stop")" : R"("tool_calls")") + R"(}],"usage":)" +
            counts("prompt_tokens", "completion_tokens", "total_tokens") + "}",
        {}};
  }

  const turn& turn_;
  random_source& dice_;
};

}  // namespace llm_admin::test
