#include "generate/rules.hpp"

#include <array>

#include "core/json/text.hpp"

namespace llm_admin::test {

namespace {

constexpr std::array<std::string_view, 6> types = {"string",  "integer", "number",
                                                   "boolean", "array",   "object"};
constexpr std::array<std::string_view, 4> codecs = {"json_decode", "json_encode", "data_uri",
                                                    "mime_from_url"};
constexpr std::array<std::string_view, 4> policies = {"omit", "default", "raw", "fail"};

readable below(readable around, const json::node& item) {
  around.outer = around.item;
  around.item = item;
  around.has_item = true;
  return around;
}

}  // namespace

json::item* rule_maker::path(const readable& around, bool many) {
  return text(paths_.path(around, reached_, many));
}

json::item* rule_maker::source(const readable& around) {
  return values_.put(out_.object(), "source", path(around));
}

json::item* rule_maker::rule(const readable& around, int depth) {
  reached_ = {};
  if (dice_.chance(12)) return path(around);
  json::item* made = out_.object();
  readable here = around;
  if (newer_ && dice_.chance(8)) {
    values_.put(made, "with", source(around));
    here.has_item = true;
    here.item = reached_;
  }
  head(made, here, depth);
  modifiers(made);
  return made;
}

void rule_maker::head(json::item* rule, const readable& around, int depth) {
  if (latest_ && dice_.chance(12)) return latest_head(rule, around, depth);
  const std::uint32_t kind = dice_.below(newer_ ? 100 : 55);
  if (kind < 35) {
    values_.put(rule, "source", path(around));
  } else if (kind < 43) {
    json::item* paths = out_.array();
    for (std::uint32_t n = 1 + dice_.below(3); n > 0; --n) out_.push(paths, path(around));
    values_.put(rule, "paths", paths);
  } else if (kind < 55) {
    values_.put(rule, "fields", fields(around, depth));
  } else if (kind < 59) {
    values_.put(rule, "value", values_.value(2));
  } else if (kind < 64) {
    values_.put(rule, "items", list(around, depth));
  } else if (kind < 74) {
    each(rule, around, depth);
  } else if (kind < 80) {
    values_.put(rule, "switch", branches(around, depth));
  } else if (kind < 85) {
    values_.put(rule, "lookup", lookup(around, depth));
  } else if (kind < 89) {
    values_.put(rule, "format", text(format(around)));
  } else if (kind < 94) {
    values_.put(rule, "sum", dice_.chance(40) ? path(around, true) : list(around, 0));
  } else if (kind < 99 && !defs_.empty()) {
    values_.put(rule, "use", text(dice_.pick(defs_)));
  } else if (dice_.chance(30)) {
    values_.put(rule, "error", text("refused: größe"));
  } else {
    fallback(rule);
  }
}

void rule_maker::latest_head(json::item* rule, const readable& around, int depth) {
  json::item* two = out_.array();
  out_.push(two, source(around));
  out_.push(two, dice_.chance(50) ? source(around) : values_.put(out_.object(), "value", out_.number("3")));
  const std::uint32_t kind = dice_.below(4);
  const bool message = around.by == reader::request && around.has_item;
  if (kind == 0 && message) {
    values_.put(rule, "kept", out_.boolean(true));
  } else if (kind == 1) {
    values_.put(rule, "difference", two);
  } else if (kind == 2) {
    values_.put(rule, "quotient", two);
  } else {
    values_.put(rule, "first", list(around, depth));
  }
}

json::item* rule_maker::fields(const readable& around, int depth) {
  json::item* made = out_.object();
  for (std::uint32_t n = depth > 0 ? dice_.below(4) : 0; n > 0; --n)
    values_.put(made, values_.name(), rule(around, depth - 1));
  if (newer_ && dice_.chance(15)) values_.put(made, "...", source(around));
  return made;
}

json::item* rule_maker::list(const readable& around, int depth) {
  json::item* made = out_.array();
  for (std::uint32_t n = 1 + dice_.below(3); n > 0; --n) {
    json::item* one = depth > 0 ? rule(around, depth - 1) : source(around);
    if (one->type == json::kind::object && dice_.chance(15)) values_.put(one, "spread", out_.boolean(true));
    out_.push(made, one);
  }
  return made;
}

void rule_maker::each(json::item* rule, const readable& around, int depth) {
  values_.put(rule, "each", path(around, true));
  const readable inside = below(around, reached_);
  if (dice_.chance(30)) values_.put(rule, "where", paths_.condition(inside, 1));
  if (dice_.chance(15)) values_.put(rule, "flatten", out_.boolean(true));
  if (depth > 0 && dice_.chance(75)) values_.put(rule, "as", this->rule(inside, depth - 1));
  if (!dice_.chance(20)) return;
  json::item* merge = out_.object();
  values_.put(merge, "by", text("role"));
  json::item* append = out_.array();
  out_.push(append, text("content"));
  if (dice_.chance(50)) out_.push(append, text("id"));
  if (dice_.chance(80)) values_.put(merge, "append", append);
  values_.put(rule, "merge_adjacent", merge);
}

json::item* rule_maker::lookup(const readable& around, int depth) {
  json::item* made = out_.object();
  values_.put(made, "in", path(around, true));
  const json::node candidate = reached_;
  json::node key;
  values_.put(made, "key", text(paths_.relative(candidate, key)));
  json::item* wanted = out_.object();
  if (!key.is_absent() && dice_.chance(70)) {
    values_.put(wanted, "value", out_.copy(key));
  } else {
    wanted = source(around);
  }
  values_.put(made, "equals", wanted);
  return values_.put(made, "then", rule(below(around, candidate), depth > 0 ? depth - 1 : 0));
}

json::item* rule_maker::branches(const readable& around, int depth) {
  json::item* made = out_.array();
  for (std::uint32_t n = 1 + dice_.below(3); n > 0; --n) {
    json::item* branch = out_.object();
    if (n > 1 || dice_.chance(50)) values_.put(branch, "when", paths_.condition(around, 2));
    values_.put(branch, "then", dice_.chance(8) ? out_.null() : rule(around, depth > 0 ? depth - 1 : 0));
    out_.push(made, branch);
  }
  return made;
}

std::string rule_maker::format(const readable& around) {
  std::string made = "{{a";
  for (std::uint32_t n = dice_.below(3); n > 0; --n) made += "{" + paths_.path(around, reached_) + "}, ";
  return made + "}}";
}

json::item* rule_maker::definitions(readable around) {
  json::item* made = out_.object();
  around.has_item = dice_.chance(60);
  around.item = around.by == reader::request ? around.params : around.document;
  around.outer = around.item;
  for (const char* name : {"one", "two", "größe"}) {
    if (!dice_.chance(70)) continue;
    values_.put(made, name, rule(around, 2));
    defs_.emplace_back(name);  // after its rule was made: no cycle
  }
  return made;
}

void rule_maker::map(json::item* rule) {
  json::item* made = out_.object();
  if (reached_.is_scalar() && dice_.chance(80)) {
    const json::node from = reached_;
    values_.put(made, out_.keep(from.is_string() ? std::string(from.text()) : json::excerpt(from)),
                values_.value(1));
  }
  for (std::uint32_t n = dice_.below(3); n > 0; --n) values_.put(made, values_.text(), values_.scalar());
  values_.put(rule, "map", made);
  const std::uint32_t kind = dice_.below(3);
  if (kind == 0) values_.put(rule, "map_default", values_.scalar());
  if (kind == 1) values_.put(rule, "map_else", text("keep"));
}

// Mostly one that the rule's type can take.
void rule_maker::fallback(json::item* rule) {
  const json::item* type = json::tree::find(rule, "type");
  json::item* value = dice_.chance(60) ? out_.string(values_.text()) : out_.number("7");
  if (type == nullptr && dice_.chance(30)) value = values_.value(2);
  if (type != nullptr && type->text == "object") value = values_.object(2);
  if (type != nullptr && type->text == "boolean") value = out_.boolean(true);
  if (type != nullptr && (type->text == "integer" || type->text == "number")) value = out_.number("7");
  if (json::view(value).is_absent()) value = out_.array();
  values_.put(rule, "default", value);
}

void rule_maker::latest_modifiers(json::item* rule) {
  static constexpr std::array<std::string_view, 3> more = {"fit_id", "base64_decode", "utf8_replace"};
  if (dice_.chance(8)) values_.put(rule, "strip_prefix", dice_.chance(50) ? text("a") : text("x "));
  if (dice_.chance(8)) values_.put(rule, "distinct", dice_.chance(70) ? out_.boolean(true) : text("id"));
  const bool bounded = json::tree::find(rule, "min") != nullptr || json::tree::find(rule, "max") != nullptr;
  if (bounded && dice_.chance(50)) values_.put(rule, "clamp", out_.boolean(true));
  if (bounded || json::tree::find(rule, "codec") != nullptr || !dice_.chance(12)) return;
  json::item* all = out_.array();
  out_.push(all, text(dice_.pick(more)));
  if (dice_.chance(30)) out_.push(all, text("utf8_replace"));
  values_.put(rule, "codec", all);
}

void rule_maker::modifiers(json::item* rule) {
  const auto flag = [&](std::string_view name, std::uint32_t percent) {
    if (dice_.chance(percent)) values_.put(rule, name, out_.boolean(true));
  };
  const auto number = [&](std::string_view name, std::uint32_t percent, const json::item* value) {
    if (dice_.chance(percent)) values_.put(rule, name, out_.clone(*value));
  };
  const auto has = [&](std::string_view name) { return json::tree::find(rule, name) != nullptr; };
  if (has("use") && dice_.chance(50)) return;  // a call; with modifiers it is a rule of its own
  const bool of_path = has("source") || has("paths");
  const bool gives_text = reached_.is_string();
  const std::string_view type = dice_.chance(50) && gives_text ? "string" : dice_.pick(types);
  if (dice_.chance(10)) values_.put(rule, "type", text(has("fields") ? "object" : type));
  if (of_path && dice_.chance(10)) values_.put(rule, "join", text(", "));
  flag("required", 4);
  if (!newer_) {
    if (dice_.chance(8) || has("default")) fallback(rule);
    return;
  }
  if (dice_.chance(gives_text ? 20 : 5)) values_.put(rule, "codec", text(dice_.pick(codecs)));
  if (!has("join")) flag("all", of_path ? 12 : 2);
  if (dice_.chance(reached_.is_scalar() ? 12 : 3)) map(rule);
  number("min", 3, out_.number("0.5"));
  number("max", 3, out_.number("1000"));
  number("min_items", 3, out_.integer(1));
  number("max_items", 3, out_.integer(4));
  number("max_length", 5, out_.integer(10));
  if (dice_.chance(5)) {
    json::item* allowed = out_.array();
    if (reached_.is_scalar()) out_.push(allowed, out_.copy(reached_));
    out_.push(allowed, values_.scalar());
    values_.put(rule, "enum", allowed);
  }
  if (latest_) latest_modifiers(rule);
  flag("omit_empty", 8);
  const bool guarded = dice_.chance(60);
  const std::string_view policy = dice_.pick(policies);
  if (has("default") || dice_.chance(12) || (guarded && policy == "default")) fallback(rule);
  if (guarded) values_.put(rule, "on_error", text(policy));
}

}  // namespace llm_admin::test
