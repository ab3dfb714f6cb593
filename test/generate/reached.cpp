#include "generate/reached.hpp"

#include <array>

namespace llm_admin::test {

namespace {

// In the order of the enumerations of core/mapping.
constexpr std::array<std::string_view, 16> heads = {
    "none",   "paths", "value", "fields", "items", "each",       "switch",   "lookup",
    "format", "sum",   "use",   "error",  "first", "difference", "quotient", "kept"};
constexpr std::array<std::string_view, 8> codecs = {
    "", "json_decode", "json_encode", "data_uri", "mime_from_url", "fit_id", "base64_decode", "utf8_replace"};
constexpr std::array<std::string_view, 5> policies = {"", "fail", "omit", "default", "raw"};
constexpr std::array<std::string_view, 7> types = {"",        "string", "integer", "number",
                                                   "boolean", "array",  "object"};
constexpr std::array<std::string_view, 13> tests = {"",      "eq", "in", "not_in", "prefix", "type", "exists",
                                                    "blank", "lt", "le", "all",    "any",    "not"};
constexpr std::array<std::string_view, 11> roots = {
    "$", "@", "^", "@index", "param", "provider", "model", "header", "status", "@count", "field"};
constexpr std::array<std::string_view, 6> steps = {"name", "index", "all", "exists", "equal", "not_equal"};
constexpr std::array<std::string_view, 4> ops = {"set", "append", "push", "merge"};
constexpr std::array<std::string_view, 3> frames = {"sse", "ndjson", "json_array"};
constexpr std::array<std::string_view, 3> ends = {"eof", "data", "when"};
constexpr std::array<std::string_view, 23> modifiers = {
    "with",     "join",        "all",       "map",       "map_default",    "map_else",   "min",
    "max",      "enum",        "min_items", "max_items", "max_length",     "omit_empty", "default",
    "required", "spread",      "where",     "flatten",   "merge_adjacent", "append",     "clamp",
    "distinct", "strip_prefix"};

template <typename list, typename value>
std::string_view word_of(const list& words, value of) {
  return words[static_cast<std::size_t>(of)];
}

}  // namespace

reached::reached() {
  const auto all = [&](std::string_view kind, const auto& words) {
    for (std::string_view one : words) {
      if (one.empty()) continue;
      times_[std::string(kind) + " " + std::string(one)] = 0;
      // What fails gives nothing; tests, paths and streams are counted once, by their programs.
      const bool gives =
          kind == "head" || kind == "codec" || kind == "on_error" || kind == "type" || kind == "modifier";
      if (gives && one != "error") times_["gave " + std::string(kind) + " " + std::string(one)] = 0;
    }
  };
  all("head", heads);
  all("codec", codecs);
  all("on_error", policies);
  all("type", types);
  all("modifier", modifiers);
  all("test", tests);
  all("root", roots);
  all("step", steps);
  all("op", ops);
  all("frame", frames);
  all("done", ends);
}

void reached::word(std::string_view kind, std::string_view name, bool gave) {
  if (name.empty()) return;
  const std::string whole = std::string(kind) + " " + std::string(name);
  ++times_[whole];
  if (gave) ++times_["gave " + whole];
}

void reached::add(const mapping::path& one) {
  word("root", word_of(roots, one.root), false);
  for (const mapping::step& step : one.steps) word("step", word_of(steps, step.what), false);
}

void reached::add(const mapping::rule_set& rules, const std::function<bool(const mapping::rule&)>& gave) {
  for (const mapping::rule& one : rules.rules) add(rules, one, gave(one));
  for (const mapping::path& one : rules.paths) add(one);
  for (const mapping::condition& one : rules.conditions) word("test", word_of(tests, one.what), false);
}

void reached::add(const mapping::stream_program& stream, bool used) {
  add(stream.rules, [](const mapping::rule&) { return false; });
  if (!used) return;
  word("frame", word_of(frames, stream.frame), false);
  word("done", word_of(ends, stream.done), false);
  for (const mapping::stream_rule& one : stream.steps) {
    if (one.error == mapping::nothing) word("op", word_of(ops, one.op), false);
  }
}

void reached::add(const mapping::rule_set& all, const mapping::rule& one, bool gave) {
  const auto modifier = [&](std::string_view name, bool there) {
    if (there) word("modifier", name, gave);
  };
  word("head", word_of(heads, one.head), gave && one.head != mapping::head::raise);
  if (one.conversion != mapping::nothing) {
    const mapping::conversion& by = all.conversions[one.conversion];
    modifier("strip_prefix", !by.prefixes.empty());
    for (mapping::codec_kind codec : by.codecs) word("codec", word_of(codecs, codec), gave);
  }
  word("on_error", word_of(policies, one.on_error), gave);
  word("type", word_of(types, one.type), gave);
  modifier("with", one.with != mapping::nothing);
  modifier("join", one.joins);
  modifier("all", one.all);
  modifier("omit_empty", one.omit_empty);
  modifier("default", one.fallback != nullptr);
  modifier("required", one.required);
  modifier("spread", one.spread);
  if (one.checks != mapping::nothing) {
    const mapping::checks& by = all.checks[one.checks];
    modifier("map", by.map != nullptr);
    modifier("map_default", by.map_default != nullptr);
    modifier("map_else", by.map_keeps);
    modifier("clamp", by.clamps);
    modifier("distinct", by.distinct);
    modifier("min", by.min.has_value());
    modifier("max", by.max.has_value());
    modifier("enum", by.one_of != nullptr);
    modifier("min_items", by.min_items.has_value());
    modifier("max_items", by.max_items.has_value());
    modifier("max_length", by.max_length.has_value());
  }
  if (one.gather == mapping::nothing) return;
  const mapping::gather& by = all.gathers[one.gather];
  modifier("where", by.where != mapping::nothing);
  modifier("flatten", by.flatten);
  modifier("merge_adjacent", by.merges);
  modifier("append", !by.append.empty());
}

}  // namespace llm_admin::test
