#include "core/mapping/compile/stream.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/given_name.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 3> stream_members = {"frame", "done", "rules"};
constexpr std::array<std::string_view, 3> done_members = {"data", "when", "eof"};
constexpr std::array<std::string_view, 8> step_members = {"when", "each",  "to",   "op",
                                                          "from", "value", "emit", "error"};
constexpr std::array<std::string_view, 3> frames = {"sse", "ndjson", "json_array"};
constexpr std::array<std::string_view, 4> ops = {"set", "append", "push", "merge"};
constexpr std::array<std::string_view, 3> emissions = {"text", "reasoning", "tool_arguments"};

bool name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The end of a quoted text that begins at `at`, past its quote; npos when it does not end.
std::size_t quoted_end(std::string_view text, std::size_t at) noexcept {
  const char quote = text[at];
  for (std::size_t n = at + 1; n < text.size(); ++n) {
    if (text[n] == '\\') {
      ++n;
    } else if (text[n] == quote) {
      return n + 1;
    }
  }
  return std::string_view::npos;
}

class stream_compiler {
 public:
  stream_compiler(compilation& shared, stream_program& out)
      : rules_("response_extractor_config", side::event, shared, out.rules), out_(out) {}

  void run(const json::node& stream) {
    const std::string here = "/stream";
    if (!stream.is_object()) {
      rules_.error(here, "not_an_object", "stream must be an object, not " + std::string(kind_name(stream)));
      return;
    }
    rules_.unknown_members(stream, here, stream_members);
    out_.frame = static_cast<frame_kind>(word_of(stream, here, "frame", frames));
    done(stream, here);
    const json::node list = stream.member("rules");
    if (!list.is_array()) {
      rules_.error(place_of(stream, here, "rules"), "stream_rules_missing",
                   "stream must have rules, a list of objects");
      return;
    }
    rule_compiler::item_scope items(rules_);
    for (std::uint32_t n = 0; n < list.size; ++n) step(list.element(n), json::child(here + "/rules", n));
  }

 private:
  // Of the member when it is there, else of the object it is missing from.
  static std::string place_of(const json::node& object, const std::string& pointer, std::string_view name) {
    return object.member(name) ? json::child(pointer, name) : pointer;
  }

  // The number of the word that the member `name` holds; 0 after a problem.
  std::size_t word_of(const json::node& object, const std::string& pointer, std::string_view name,
                      std::span<const std::string_view> words) {
    const json::node given = object.member(name);
    if (given.is_string()) {
      for (std::size_t n = 0; n < words.size(); ++n) {
        if (words[n] == given.text()) return n;
      }
    }
    rules_.error(place_of(object, pointer, name), "bad_word",
                 std::string(name) + " must be one of " + listed(words) +
                     (given.is_absent() ? std::string() : ", not " + value_or_size(given)),
                 given.is_string() ? did_you_mean(given.text(), words) : std::string());
    return 0;
  }

  void done(const json::node& stream, const std::string& pointer) {
    const json::node given = stream.member("done");
    const std::string here = json::child(pointer, "done");
    if (given.is_string() && given.text() == "eof") return;
    if (!given.is_object()) {
      rules_.error(place_of(stream, pointer, "done"), "bad_done",
                   R"(done must be {"data": text}, {"when": condition} or "eof")");
      return;
    }
    rules_.unknown_members(given, here, done_members);
    const json::node data = given.member("data"), when = given.member("when"), eof = given.member("eof");
    if (!data.is_absent() + !when.is_absent() + !eof.is_absent() != 1) {
      rules_.error(here, "bad_done", "done must have one of data, when and eof");
    } else if (!data.is_absent()) {
      out_.done = stream_end::data;
      if (data.is_string() && data.text().find_first_not_of(" \t\r\n") != std::string_view::npos) {
        out_.done_data = data.text();
      } else {
        rules_.error(json::child(here, "data"), "bad_done", "data must be the text of the last event");
      }
    } else if (!when.is_absent()) {
      rule_compiler::item_scope items(rules_);
      out_.done = stream_end::when;
      out_.done_when = rules_.one_condition(when, json::child(here, "when"));
    } else if (!eof.is_boolean() || !eof.truth()) {
      rules_.error(json::child(here, "eof"), "bad_done", "eof can only be true");
    }
  }

  void step(const json::node& given, const std::string& here) {
    if (!given.is_object()) {
      rules_.error(here, "not_an_object",
                   "a stream rule must be an object, not " + std::string(kind_name(given)));
      return;
    }
    rules_.unknown_members(given, here, step_members);
    rules_.charge(2 * sizeof(stream_rule) + here.size());
    stream_rule made;
    made.pointer = here;
    auto has = [&](std::string_view name) { return !given.member(name).is_absent(); };
    auto at = [&](std::string_view name) { return json::child(here, name); };
    if (has("when")) made.when = rules_.one_condition(given.member("when"), at("when"));
    if (has("each")) made.each.push_back(rules_.one_path(given.member("each"), at("each")));
    if (has("error")) {
      for (std::string_view name : {"to", "op", "from", "value", "emit"}) {
        if (has(name))
          rules_.error(at(name), "conflicting_members",
                       "a stream rule with error has no " + std::string(name));
      }
      if (!has("when"))
        rules_.error(here, "when_missing", "a stream rule with error needs when: it ends the stream");
      made.error = rules_.one_rule(given.member("error"), at("error"));
    } else {
      target(given, here, made);
      made.op = static_cast<stream_op>(word_of(given, here, "op", ops));
      if (has("emit")) made.emit = static_cast<emission>(1 + word_of(given, here, "emit", emissions));
      if (has("from") && has("value"))
        rules_.error(at("value"), "conflicting_members", "value is another spelling of from; give one");
      const std::string_view from = has("from") ? "from" : "value";
      if (has(from)) {
        made.from = rules_.one_rule(given.member(from), at(from));
      } else {
        rules_.error(here, "from_missing", "a stream rule needs from, the rule that gives its value");
      }
    }
    out_.steps.push_back(std::move(made));
  }

  void target(const json::node& given, const std::string& here, stream_rule& into) {
    const json::node to = given.member("to");
    const std::string at = place_of(given, here, "to");
    if (!to.is_string()) {
      rules_.error(at, "bad_target", "a stream rule needs to, the place in the document as text");
      return;
    }
    std::string why;
    if (!steps(to.text(), at, into.to, why)) {
      rules_.error(at, "bad_target",
                   "to is no place: " +
                       (why.empty() ? std::string("a step is .name, [\"name\"], [0] or [{path}]") : why));
    } else if (into.to.size() > max_target_steps) {
      rules_.error(at, "bad_target", "to has more than 64 steps");
    }
  }

  // False when the text is no place; a problem of a hole's path is reported here and is no reason to stop.
  bool steps(std::string_view text, const std::string& pointer, std::vector<target_step>& out,
             std::string& why) {
    if (text.empty() || text[0] != '$') {
      why = "it begins with $, the document that is rebuilt";
      return false;
    }
    std::size_t at = 1;
    while (at < text.size()) {
      target_step made;
      if (text[at] == '.') {
        const std::size_t from = ++at;
        while (at < text.size() && name_char(text[at])) ++at;
        made.name = text.substr(from, at - from);
        if (made.name.empty()) return false;
      } else if (text[at] == '[') {
        if (!bracketed(text, ++at, pointer, made)) return false;
      } else {
        return false;
      }
      rules_.charge(2 * sizeof(target_step) + made.name.size());
      out.push_back(std::move(made));
    }
    return true;
  }

  // From past the [ to past the ].
  bool bracketed(std::string_view text, std::size_t& at, const std::string& pointer, target_step& made) {
    const char first = at < text.size() ? text[at] : '\0';
    const std::size_t from = at;
    if (first == '"') {
      const std::size_t end = quoted_end(text, at);
      json::tree scratch;
      const json::item* name =
          end == std::string_view::npos ? nullptr : json::parse(text.substr(from, end - from), scratch, 1);
      if (name == nullptr) return false;
      made.name = name->text;
      at = end;
    } else if (first == '{') {
      std::size_t end = at + 1;
      while (end < text.size() && text[end] != '}') {
        end = text[end] == '"' || text[end] == '\'' ? quoted_end(text, end) : end + 1;
      }
      if (end >= text.size()) return false;
      made.is_index = true;
      json::tree scratch;
      made.path = rules_.one_path(json::view(scratch.string(text.substr(from + 1, end - from - 1))), pointer);
      at = end + 1;
    } else {
      std::uint64_t index = 0;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - from < 9) {
        index = index * 10 + static_cast<std::uint64_t>(text[at++] - '0');
      }
      if (at == from || (text[from] == '0' && at - from > 1)) return false;
      made.is_index = true;
      made.index = static_cast<std::uint32_t>(index);
    }
    if (at >= text.size() || text[at] != ']') return false;
    ++at;
    return true;
  }

  rule_compiler rules_;
  stream_program& out_;
};

}  // namespace

std::unique_ptr<const stream_program> compile_stream(const json::node& stream, compilation& shared) {
  auto program = std::make_unique<stream_program>();
  const std::size_t before = shared.problems.size();
  stream_compiler(shared, *program).run(stream);
  if (has_errors(std::span(shared.problems).subspan(before))) return nullptr;
  return program;
}

}  // namespace llm_admin::mapping
