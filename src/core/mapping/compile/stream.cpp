#include "core/mapping/compile/stream.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/compile/reads.hpp"
#include "core/mapping/compile/target.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 3> stream_members = {"frame", "done", "rules"};
constexpr std::array<std::string_view, 3> done_members = {"data", "when", "eof"};
// Those of 1.1 first, in both.
constexpr std::array<std::string_view, 9> step_members = {"when",  "each", "to",    "op", "from",
                                                          "value", "emit", "error", "key"};
constexpr std::array<std::string_view, 4> emissions = {"text", "reasoning", "tool_arguments", "tool_call"};
constexpr std::size_t newer_step_members = 8, newer_emissions = 3;
constexpr std::uint32_t most_levels = 8;  // of `each`
constexpr std::array<std::string_view, 3> frames = {"sse", "ndjson", "json_array"};
constexpr std::array<std::string_view, 4> ops = {"set", "append", "push", "merge"};

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
    rules_.unknown_members(
        given, here,
        std::span(step_members).first(rules_.latest() ? step_members.size() : newer_step_members),
        step_members);
    rules_.charge(2 * sizeof(stream_rule) + here.size());
    stream_rule made;
    made.pointer = here;
    auto has = [&](std::string_view name) { return !given.member(name).is_absent(); };
    auto at = [&](std::string_view name) { return json::child(here, name); };
    if (has("when")) made.when = rules_.one_condition(given.member("when"), at("when"));
    if (has("each")) each(given.member("each"), at("each"), made);
    if (has("error")) {
      for (std::string_view name : {"to", "op", "from", "value", "emit", "key"}) {
        if (has(name) && (name != "key" || rules_.latest()))
          rules_.error(at(name), "conflicting_members",
                       "a stream rule with error has no " + std::string(name));
      }
      if (!has("when"))
        rules_.error(here, "when_missing", "a stream rule with error needs when: it ends the stream");
      made.error = rules_.one_rule(given.member("error"), at("error"));
    } else {
      target(given, here, made);
      made.op = static_cast<stream_op>(word_of(given, here, "op", ops));
      const auto kinds = std::span(emissions).first(rules_.latest() ? emissions.size() : newer_emissions);
      if (has("emit")) made.emit = static_cast<emission>(1 + word_of(given, here, "emit", kinds));
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
    target_reader reader(rules_, at, rules_.latest());
    if (!reader.read(to.text(), into.to)) {
      rules_.error(at, "bad_target",
                   "to is no place: " + (reader.why.empty()
                                             ? std::string("a step is .name, [\"name\"], [0] or [{path}]")
                                             : reader.why));
    } else if (into.to.size() > max_target_steps) {
      rules_.error(at, "bad_target", "to has more than 64 steps");
    }
    if (rules_.latest()) keys(given.member("key"), here, reader.keys, into);
  }

  // A path, or since 1.2 several, each below the match of the one before.
  void each(const json::node& given, const std::string& at, stream_rule& into) {
    if (!rules_.latest() || !given.is_array()) {
      into.each.push_back(first_each(given, at));
      return;
    }
    if (given.size == 0 || given.size > most_levels)
      return rules_.error(at, "bad_each", "each is a path, or 1 to 8 of them, each below the match before");
    for (std::uint32_t n = 0; n < given.size; ++n) {
      const std::string place = json::child(at, std::size_t{n});
      into.each.push_back(n == 0 ? first_each(given.element(n), place)
                                 : rules_.one_path(given.element(n), place));
    }
  }

  // Rules that follow each other mostly go over the same elements; then they share the path.
  std::uint32_t first_each(const json::node& given, const std::string& at) {
    if (given.is_string() && last_each_ != nothing && given.text() == last_each_text_) return last_each_;
    last_each_ = rules_.one_path(given, at);
    if (last_each_ != nothing) last_each_text_ = given.text();
    return last_each_;
  }

  // One list of paths for the only [{key}] of `to`, or a list of such lists, one for each.
  void keys(const json::node& given, const std::string& here, std::uint32_t wanted, stream_rule& into) {
    if (given.is_absent()) {
      if (wanted > 0)
        rules_.error(here, "key_missing", "to has [{key}], and the rule has no key",
                     R"(add "key": ["@.index", "@.id"], the paths that tell the slots apart)");
      return;
    }
    const std::string at = json::child(here, "key");
    const bool several = given.is_array() && given.size > 0 && given.element(0).is_array();
    if (!several) into.keys.push_back(key(given, at));
    for (std::uint32_t n = 0; several && n < given.size; ++n)
      into.keys.push_back(key(given.element(n), json::child(at, std::size_t{n})));
    rules_.charge(2 * into.keys.size() * sizeof(slot_key));
    if (into.keys.size() != wanted)
      rules_.error(at, "key_mismatch",
                   "key gives " + std::to_string(into.keys.size()) + " of the " + std::to_string(wanted) +
                       " steps [{key}] of to");
  }

  slot_key key(const json::node& paths, const std::string& at) {
    slot_key made;
    if (!paths.is_array() || paths.size == 0 || paths.size > 3) {
      rules_.error(
          at, "bad_key",
          "a key is an array of one to three paths: what numbers a slot, what names it, what begins one");
      return made;
    }
    made.primary = rules_.one_path(paths.element(0), json::child(at, std::size_t{0}));
    if (paths.size > 1) made.secondary = rules_.one_path(paths.element(1), json::child(at, std::size_t{1}));
    if (paths.size > 2) made.beginning = rules_.one_path(paths.element(2), json::child(at, std::size_t{2}));
    return made;
  }

  rule_compiler rules_;
  stream_program& out_;
  std::uint32_t last_each_ = nothing;  // in rule_set::paths
  std::string last_each_text_;
};

// Is this step of `to` the one that stands for the elements of `list`, a path?
bool numbers(const std::vector<target_step>& to, std::size_t at, const path& list) {
  const auto same = [](const target_step& a, const step& b) {
    return !a.is_index && b.what == step::type::name && a.name == b.name;
  };
  return at + 1 == list.steps.size() && list.steps[at].what == step::type::all &&
         std::equal(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(at), list.steps.begin(), same);
}

void mark_choices(const rule_set& answers, stream_program& out) {
  const auto end = answers.rules.begin() + static_cast<std::ptrdiff_t>(answers.top);
  const auto choices =
      std::find_if(answers.rules.begin(), end, [](const rule& one) { return one.name == "choices"; });
  if (choices == end || choices->head != head::each || answers.version < language::v1_2) return;
  const path& list = answers.paths[choices->first_path];
  if (list.root != root_kind::document) return;
  for (stream_rule& one : out.steps) {
    const auto index =
        std::find_if(one.to.begin(), one.to.end(), [](const target_step& at) { return at.is_index; });
    const auto at = static_cast<std::size_t>(index - one.to.begin());
    if (index != one.to.end() && numbers(one.to, at, list)) one.choice = static_cast<std::uint32_t>(at);
  }
}

}  // namespace

std::unique_ptr<stream_program> compile_stream(const json::node& stream, const rule_set& answers,
                                               compilation& shared) {
  auto program = std::make_unique<stream_program>();
  const std::size_t before = shared.problems.size();
  stream_compiler(shared, *program).run(stream);
  mark_choices(answers, *program);
  for (const path& one : program->rules.paths)
    if (one.root == root_kind::field) program->fields.insert(one.root_name);
  if (has_errors(std::span(shared.problems).subspan(before))) return nullptr;
  return program;
}

void mark_usage(const rule_set& rules, stream_program& stream, memory_bound& memory) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> of_usage;
  for (std::uint32_t n = 0; n < rules.top; ++n)
    if (rules.rules[n].name == "usage_stats") of_usage.emplace_back(n, 1);
  const std::uint64_t before = memory.held();
  const read_trie reads = find_reads(rules, of_usage, memory);
  memory.give(memory.held() - before);
  for (stream_rule& one : stream.steps) {
    const bool named = !one.to.empty() && !one.to[0].is_index;
    one.of_usage = !named || reads.member(reads.top(), one.to[0].name) != nullptr;
  }
}

}  // namespace llm_admin::mapping
