#include "core/mapping/compile.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/json/text.hpp"
#include "core/mapping/compile_rules.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 2> request_members = {"version", "payload_structure"};
constexpr std::array<std::string_view, 5> later_request = {"defs", "headers", "query", "operations",
                                                           "streaming_path"};
constexpr std::array<std::string_view, 2> response_members = {"version", "extraction_rules"};
constexpr std::array<std::string_view, 2> later_response = {"defs", "stream"};
constexpr std::array<std::string_view, 1> top_members = {"path"};
constexpr std::size_t max_place_depth = 16;

// "a.b\.c" -> a, b.c; false on an empty part or a stray escape.
bool split_place(std::string_view text, std::vector<std::string>& out) {
  std::string part;
  auto close = [&] {
    if (part.empty()) return false;
    out.push_back(std::move(part));
    part.clear();
    return true;
  };
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (text[n] == '.') {
      if (!close()) return false;
    } else if (text[n] == '\\') {
      if (++n == text.size() || (text[n] != '.' && text[n] != '\\')) return false;
      part += text[n];
    } else {
      part += text[n];
    }
  }
  return close();
}

bool hole_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > 100 || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool query_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
  });
}

class place_compiler {
 public:
  place_compiler(rule_compiler& rules, request_program& out) : rules_(rules), out_(out) {}

  void add(const rule& of, const json::node& text) {
    place made;
    const json::node given = text.is_object() ? text.member("path") : json::node{};
    std::string at = of.pointer;
    if (given.is_absent()) {
      made.segments.push_back(of.name);
    } else {
      json::push_token(at, "path");
      if (!read(given, at, made)) made.segments = {of.name};
    }
    claim(made, at);
    out_.chat.places.push_back(std::move(made));
  }

  // Two rules at one place, or one inside the other. In the order of the segments a place stands right before
  // what lies inside it.
  void conflicts() {
    const std::pair<const key, std::string>* before = nullptr;
    for (const auto& entry : claimed_) {
      if (before != nullptr && inside(entry.first, before->first)) {
        rules_.error(entry.second, "place_conflict",
                     "this place lies inside the place of the rule at " + before->second);
        continue;
      }
      before = &entry;
    }
  }

 private:
  using key = std::pair<place_kind, std::vector<std::string>>;

  bool read(const json::node& given, const std::string& at, place& made) {
    if (!given.is_string()) {
      rules_.error(at, "bad_place", "path must be the text of an output place");
      return false;
    }
    const std::string_view text = given.text();
    if (text.starts_with("url:") || text.starts_with("query:")) {
      const bool url = text.starts_with("url:");
      made.kind = url ? place_kind::url : place_kind::query;
      made.segments.emplace_back(text.substr(url ? 4 : 6));
      if (url ? hole_name(made.segments[0]) : query_name(made.segments[0])) return true;
      rules_.error(at, "bad_place",
                   url ? "url: must be followed by the name of a hole (letters, digits, _)"
                       : "query: must be followed by a name without blanks");
      return false;
    }
    if (!split_place(text, made.segments) || made.segments.size() > max_place_depth) {
      rules_.error(at, "bad_place",
                   "path is names joined by points, at most 16; a point in a name is written \\.");
      made.segments.clear();
      return false;
    }
    if (made.segments[0] != "$") return true;
    rules_.error(at, "bad_place",
                 "path says where the value goes and has no $; the value's own path goes in source");
    made.segments.clear();
    return false;
  }

  void claim(const place& made, const std::string& at) {
    const auto [entry, fresh] = claimed_.try_emplace({made.kind, made.segments}, at);
    if (!fresh) {
      rules_.error(at, "place_conflict", "this place is taken by the rule at " + entry->second);
    }
  }

  static bool inside(const key& inner, const key& outer) {
    return inner.first == outer.first && inner.second.size() > outer.second.size() &&
           std::equal(outer.second.begin(), outer.second.end(), inner.second.begin());
  }

  rule_compiler& rules_;
  request_program& out_;
  std::map<key, std::string> claimed_;
};

template <typename program_type>
compiled<program_type> finish(rule_compiler& rules, std::shared_ptr<program_type> program) {
  compiled<program_type> result;
  result.problems = std::move(rules.problems);
  if (!has_errors(result.problems)) result.program = std::move(program);
  return result;
}

}  // namespace

compiled<request_program> compile_request(const json::node& config) {
  auto program = std::make_shared<request_program>();
  rule_compiler rules("request", "request_builder_config", program->rules);
  if (!rules.within_bounds(config)) return finish(rules, program);
  const bool readable = rules.version(config);
  const json::node structure = rules.structure(config, "payload_structure", {"model", "messages"});
  if (readable && structure) {
    rules.unknown_members(config, "", request_members, later_request);
    std::uint32_t count = 0;
    rules.rules(structure, "/payload_structure", top_members, count);
    program->rules.top = program->chat.count = count;
    place_compiler places(rules, *program);
    for (std::size_t n = 0; n < count; ++n) {
      const rule& of = program->rules.rules[n];
      if (of.name == "model") program->chat.model_rule = static_cast<std::uint32_t>(n);
      places.add(of, structure.member(of.name));
    }
    places.conflicts();
  }
  program->chat.params = std::move(rules.params);
  return finish(rules, program);
}

compiled<response_program> compile_response(const json::node& config) {
  auto program = std::make_shared<response_program>();
  rule_compiler rules("response", "response_extractor_config", program->rules);
  if (!rules.within_bounds(config)) return finish(rules, program);
  const bool readable = rules.version(config);
  const json::node structure = rules.structure(config, "extraction_rules", {"text_content", "usage_stats"});
  if (readable && structure) {
    rules.unknown_members(config, "", response_members, later_response);
    if (!structure.member("mapping_warnings").is_absent()) {
      rules.error("/extraction_rules/mapping_warnings", "reserved_name",
                  "\"mapping_warnings\" is where warnings of the extraction stand; choose another name");
    }
    std::uint32_t count = 0;
    rules.rules(structure, "/extraction_rules", {}, count);
    program->rules.top = count;
  }
  return finish(rules, program);
}

}  // namespace llm_admin::mapping
