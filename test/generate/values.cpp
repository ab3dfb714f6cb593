#include "generate/values.hpp"

#include <array>

namespace llm_admin::test {

namespace {

constexpr std::array<std::string_view, 14> names = {
    "a", "b", "id", "name", "type", "text", "role", "content", "größe", "x y", "q\"t", "", "0", "a~b/c\\d"};
constexpr std::array<std::string_view, 26> texts = {"",
                                                    "a",
                                                    "b",
                                                    "text",
                                                    "stop",
                                                    "user",
                                                    "assistant",
                                                    "42",
                                                    "-7",
                                                    "1.5",
                                                    "007",
                                                    "true",
                                                    " \n\t",
                                                    "größe 日本 \U0001F600",
                                                    "line\nbreak \"quoted\" \\ / \x01",
                                                    "{\"a\":1,\"b\":[true,null]}",
                                                    "[1,2,{\"id\":\"a\"}]",
                                                    "{\"a\":",
                                                    "\"text\"",
                                                    "data:image/png;base64,iVBORw0KGgo=",
                                                    "data:,hello%20world",
                                                    "data:text/plain;charset=utf-8,%C3%A9",
                                                    "https://example.org/a/picture.JPG?x=1#y",
                                                    "https://example.org/sound.mp3",
                                                    "tool_calls",
                                                    "2026-01-31"};
constexpr std::array<std::string_view, 4> models = {"m-1", "m-2", "other", "größe/x y"};
constexpr std::array<std::string_view, 24> numbers = {"0",
                                                      "1",
                                                      "2",
                                                      "3",
                                                      "-1",
                                                      "7",
                                                      "1.0",
                                                      "1.50",
                                                      "0.1",
                                                      "-0.25",
                                                      "100",
                                                      "9007199254740993",
                                                      "9223372036854775807",
                                                      "18446744073709551616",
                                                      "123456789012345678901234567890.5",
                                                      "0.000000000000000000001",
                                                      "429",
                                                      "1e3",
                                                      "2.5E-7",
                                                      "-0",
                                                      "-1.50e1",
                                                      "0e-3",
                                                      "12.5E+20",
                                                      "-0.00"};

}  // namespace

std::string_view value_maker::name() { return dice_.pick(names); }
std::string_view value_maker::text() { return dice_.pick(texts); }

json::item* value_maker::scalar() {
  const std::uint32_t kind = dice_.below(10);
  if (kind < 5) return out_.string(text());
  if (kind < 8) return out_.number(dice_.pick(numbers));
  return kind < 9 ? out_.boolean(dice_.chance(50)) : out_.null();
}

json::item* value_maker::put(json::item* object, std::string_view key, json::item* value) {
  out_.put(object, key, value);
  return object;
}

json::item* value_maker::object(int depth) {
  json::item* made = out_.object();
  for (std::uint32_t n = dice_.below(5); n > 0; --n) put(made, name(), value(depth - 1));
  return made;
}

json::item* value_maker::deep() {
  json::item* made = scalar();
  for (std::uint32_t n = 20 + dice_.below(200); n > 0; --n) {
    json::item* around = dice_.chance(50) ? out_.array() : out_.object();
    around->type == json::kind::array ? out_.push(around, made) : out_.put(around, "a", made);
    made = around;
  }
  return made;
}

json::item* value_maker::value(int depth) {
  if (depth <= 0 || dice_.chance(45)) return scalar();
  const std::uint32_t kind = dice_.below(100);
  if (kind < 1) return deep();
  if (kind < 50) return object(depth);
  if (kind < 70) return records();
  json::item* made = out_.array();
  for (std::uint32_t n = dice_.below(5); n > 0; --n) out_.push(made, value(depth - 1));
  return made;
}

json::item* value_maker::records() {
  static constexpr std::array<std::string_view, 3> roles = {"user", "assistant", "system"};
  json::item* made = out_.array();
  const bool calls = dice_.chance(30);
  for (std::uint32_t n = dice_.below(6); n > 0; --n) {
    json::item* one = out_.object();
    put(one, "role", out_.string(dice_.pick(roles)));
    if (dice_.chance(80)) put(one, "id", dice_.chance(70) ? out_.number(numbers[dice_.below(4)]) : scalar());
    if (dice_.chance(40)) put(one, "type", out_.string(texts[1 + dice_.below(3)]));
    if (dice_.chance(70)) put(one, "content", dice_.chance(70) ? out_.string(text()) : value(2));
    if (dice_.chance(30)) put(one, name(), value(1));
    if (calls)
      put(put(one, "name", out_.string("look")), "arguments", dice_.chance(80) ? scalar() : object(2));
    out_.push(made, one);
  }
  return made;
}

json::item* value_maker::document() {
  if (dice_.chance(3)) return value(2);
  json::item* made = object(3);
  if (dice_.chance(80)) {
    json::item* message = object(2);
    put(message, "content", dice_.chance(80) ? out_.string(text()) : value(2));
    if (dice_.chance(40)) put(message, "tool_calls", records());
    json::item* choice = put(out_.object(), "message", message);
    if (dice_.chance(70)) put(choice, "finish_reason", out_.string(dice_.chance(50) ? "stop" : text()));
    json::item* choices = out_.array();
    out_.push(choices, choice);
    if (dice_.chance(20)) out_.push(choices, value(2));
    put(made, "choices", choices);
  }
  if (dice_.chance(60)) {
    json::item* usage = object(1);
    for (std::string_view part : {"input_tokens", "output_tokens"})
      put(usage, part, dice_.chance(90) ? out_.number(dice_.pick(numbers)) : scalar());
    put(made, "usage", usage);
  }
  if (dice_.chance(60)) put(made, "list", records());
  if (dice_.chance(8)) put(made, "error", dice_.chance(50) ? object(1) : scalar());
  return made;
}

json::item* value_maker::parameters() {
  if (dice_.chance(1)) return value(2);
  json::item* made = out_.object();
  put(made, "messages", dice_.chance(95) ? records() : scalar());
  if (dice_.chance(60)) put(made, dice_.chance(50) ? "model" : "model_name", out_.string(dice_.pick(models)));
  if (dice_.chance(40)) put(made, "temperature", out_.number(dice_.pick(numbers)));
  if (dice_.chance(40))
    put(made, dice_.chance(50) ? "max_tokens" : "max_output_tokens", out_.number(numbers[dice_.below(12)]));
  if (dice_.chance(40)) put(made, "stop", dice_.chance(50) ? scalar() : records());
  if (dice_.chance(30)) put(made, "tools", records());
  if (dice_.chance(30)) put(made, "metadata", object(3));
  if (dice_.chance(30)) put(made, "user", scalar());
  if (dice_.chance(30)) put(made, "stream", out_.boolean(dice_.chance(70)));
  if (dice_.chance(30)) put(made, "response_format", object(3));
  if (dice_.chance(30)) put(made, "input", dice_.chance(50) ? scalar() : records());
  if (dice_.chance(10)) put(made, "extra_body", object(3));
  if (dice_.chance(96)) put(made, "drop_params", out_.boolean(true));
  if (dice_.chance(3)) put(made, name(), scalar());
  return made;
}

json::item* value_maker::headers() {
  json::item* made = out_.object();
  if (dice_.chance(80)) put(made, "x-request-id", dice_.chance(90) ? out_.string(text()) : value(1));
  if (dice_.chance(50)) put(made, "Retry-After", scalar());
  return made;
}

json::item* value_maker::columns() {
  json::item* made = out_.object();
  put(put(made, "provider_name", out_.string("acme")), "default_model", out_.string("m-1"));
  put(put(made, "max_output_tokens_limit", scalar()), "supported_models", records());
  return put(made, "description", dice_.chance(50) ? scalar() : out_.null());
}

json::item* value_maker::capabilities() {
  json::item* made = out_.object();
  for (std::string_view glob : {"m-1", "m-*", "*"}) {
    if (dice_.chance(50)) put(made, glob, object(2));
  }
  return put(put(made, "vision", scalar()), "list", records());
}

}  // namespace llm_admin::test
