#include "generate/paths.hpp"

#include <algorithm>
#include <array>

#include "core/json/text.hpp"

namespace llm_admin::test {

namespace {

bool simple(std::string_view name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  static_cast<unsigned char>(c) >= 0x80;
         });
}

constexpr std::array<std::string_view, 6> no_paths = {"", "a.b", "$.a..b", "$[", "$.a[?(@.b ==)]", "param:"};
constexpr std::array<std::string_view, 10> some_params = {
    "messages", "temperature", "max_tokens", "tools", "metadata", "user", "stop", "seed", "input", "stream"};
constexpr std::array<std::string_view, 4> some_columns = {"provider_name", "default_model",
                                                          "max_output_tokens_limit", "supported_models"};

}  // namespace

std::string path_maker::path(const readable& around, json::node& reached, bool many) {
  reached = {};
  if (dice_.below(400) == 0) return std::string(dice_.pick(no_paths));
  std::string text = root(around, reached);
  if (text != "status" && text != "@index" && text != "@count" && text.rfind("field:", 0) != 0)
    walk(text, reached, many);
  return text;
}

std::string path_maker::relative(const json::node& from, json::node& reached) {
  std::string text = "@";
  reached = from;
  if (!from.is_scalar() || dice_.chance(5)) walk(text, reached, false);
  return text;
}

std::string path_maker::root(const readable& around, json::node& reached) {
  if (around.has_item && dice_.chance(60)) {
    if (dice_.chance(10)) return "@index";
    const bool outer = dice_.chance(25);
    reached = outer ? around.outer : around.item;
    return outer ? "^" : "@";
  }
  const bool requests = around.by == reader::request;
  if (latest && around.by == reader::response && dice_.chance(3)) return "@count";
  if (latest && around.by == reader::event && dice_.chance(3))
    return dice_.chance(80) ? "field:event" : "field:id";
  const std::uint32_t kind = dice_.below(100);
  if (kind < 6) {
    const std::string_view column = dice_.pick(some_columns);
    reached = around.columns.member(column);
    return "provider:" + std::string(column);
  }
  if (requests && kind < 14) {
    static constexpr std::array<std::string_view, 4> keys = {"vision", "list", "a", "type"};
    const std::string_view key = dice_.pick(keys);
    reached = around.capabilities.member(key);
    return "model:" + std::string(key);
  }
  if (requests) {
    std::string_view name = dice_.pick(some_params);
    if (around.params.is_object() && around.params.size > 0 && dice_.chance(85))
      around.params.member_at(dice_.below(around.params.size), name);
    if (!simple(name) || name == "extra_body" || (name == "drop_params" && dice_.chance(80)))
      name = "messages";
    reached = around.params.member(name);
    return "param:" + std::string(name);
  }
  if (kind < 10) {
    reached = around.headers.member("x-request-id");
    return dice_.chance(50) ? "header:X-Request-Id" : "header:x-request-id";
  }
  if (kind < 13) return "status";
  reached = around.document;
  return "$";
}

void path_maker::walk(std::string& text, json::node& at, bool many) {
  for (int n = 0; n < 6; ++n) {
    if (dice_.chance(at.is_scalar() ? 95 : many && at.is_array() ? 2 : 18)) return;
    if (at.is_array()) {
      into_array(text, at, many);
      if (many && dice_.chance(80)) return;
    } else if (at.is_object()) {
      into_object(text, at);
    } else if (dice_.chance(50)) {
      step(text, values_.name());
      at = {};
    }
  }
}

void path_maker::step(std::string& text, std::string_view name) {
  if (simple(name) && !dice_.chance(10)) {
    (text += '.') += name;
  } else {
    ((text += '[') += json::quoted(name)) += ']';
  }
}

void path_maker::into_object(std::string& text, json::node& at) {
  if (at.size == 0 || dice_.chance(6)) {
    step(text, values_.name());
    at = {};
    return;
  }
  std::string_view name;
  const json::node member = at.member_at(dice_.below(at.size), name);
  if (dice_.chance(6)) {
    text += "[*]";
  } else {
    step(text, name);
  }
  at = member;
}

void path_maker::into_array(std::string& text, json::node& at, bool many) {
  const std::uint32_t index = dice_.below(at.size);
  const json::node one = at.element(index);
  const std::uint32_t kind = dice_.below(10);
  if (many ? kind < 6 : kind < 3) {
    text += "[*]";
  } else if (one && kind < 8) {
    text += filter(one);
  } else {
    text += "[" +
            std::to_string(kind < 9 ? std::int64_t{index} : std::int64_t{index} - std::int64_t{at.size}) +
            "]";
  }
  at = one;
}

std::string path_maker::literal(const json::node& value) {
  if (value.is_boolean()) return value.truth() ? "true" : "false";
  if (value.is_number()) return value.number_text();
  if (!value.is_string()) return "null";
  const bool plain = value.text().find_first_of("'\\\"\n\t\x01") == std::string_view::npos;
  return plain && dice_.chance(40) ? "'" + std::string(value.text()) + "'" : json::quoted(value.text());
}

std::string path_maker::filter(const json::node& example) {
  std::string text = "@";
  json::node at = example;
  for (int n = 0; n < 2 && (at.is_object() || at.is_array()) && at.size > 0 && !(n > 0 && dice_.chance(40));
       ++n) {
    if (at.is_array()) {
      text += "[0]";
      at = at.element(0);
    } else {
      std::string_view name;
      at = at.member_at(dice_.below(at.size), name);
      step(text, name);
    }
  }
  if (text == "@") step(text, values_.name());
  if (dice_.chance(10)) at = json::view(values_.scalar());
  const bool bare = dice_.chance(20);
  if (!dice_.chance(20)) ((text += dice_.chance(25) ? "!=" : " == ") += literal(at));
  return bare ? "[?" + text + "]" : "[?(" + text + ")]";
}

json::item* path_maker::condition(const readable& around, int depth) {
  json::item* made = out_.object();
  const std::uint32_t kind = depth > 0 ? dice_.below(100) : 99;
  if (kind < 8) return values_.put(made, "not", condition(around, depth - 1));
  if (kind >= 24) return test(around);
  json::item* list = out_.array();
  for (std::uint32_t n = 1 + dice_.below(3); n > 0; --n) out_.push(list, condition(around, depth - 1));
  return values_.put(made, kind < 16 ? "all" : "any", list);
}

json::item* path_maker::test(const readable& around) {
  static constexpr std::array<std::string_view, 6> types = {"string",  "integer", "number",
                                                            "boolean", "array",   "object"};
  static constexpr std::array<std::string_view, 4> codecs = {"json_decode", "json_encode", "data_uri",
                                                             "mime_from_url"};
  json::item* made = out_.object();
  json::node reached;
  values_.put(made, "path", out_.string(out_.keep(path(around, reached))));
  if (dice_.chance(8)) values_.put(made, "codec", out_.string(dice_.pick(codecs)));
  json::item* value = dice_.chance(60) && !reached.is_absent() ? out_.copy(reached) : values_.scalar();
  if (json::view(value).is_absent()) value = out_.boolean(true);
  json::item* list = out_.array();
  out_.push(list, values_.scalar());
  out_.push(list, out_.clone(*value));
  if (latest && dice_.chance(25)) {
    json::node other;
    json::item* path_to = out_.string(out_.keep(path(around, other)));
    const std::uint32_t kind = dice_.below(4);
    if (kind == 0) return values_.put(made, "blank", out_.boolean(dice_.chance(50)));
    if (kind == 1) return values_.put(made, "lt", path_to);
    if (kind == 2) return values_.put(made, "le", out_.number("7"));
    return values_.put(made, "eq", values_.put(out_.object(), "path", path_to));
  }
  switch (dice_.below(6)) {
    case 0:
      return values_.put(made, "in", list);
    case 1:
      return values_.put(made, "not_in", list);
    case 2: {
      const json::node text = json::view(value);
      const bool cut = text.is_string() && text.size > 1 && static_cast<unsigned char>(text.text()[0]) < 0x80;
      return values_.put(made, "prefix", out_.string(cut ? text.text().substr(0, 1) : values_.text()));
    }
    case 3:
      return values_.put(made, "type", out_.string(dice_.pick(types)));
    case 4:
      return values_.put(made, "exists", out_.boolean(dice_.chance(60)));
    default:
      return values_.put(made, "eq", value);
  }
}

}  // namespace llm_admin::test
