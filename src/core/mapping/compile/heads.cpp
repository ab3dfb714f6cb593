// The heads but source and paths, which are read in place, and those of 1.2.
#include <array>

#include "core/json/text.hpp"
#include "core/mapping/compile/rules.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 2> switch_members = {"when", "then"};
constexpr std::array<std::string_view, 4> lookup_members = {"in", "key", "equals", "then"};
constexpr std::array<std::string_view, 2> merge_members = {"by", "append"};

// Where the hole that opens before `from` ends: the first } outside quotes.
std::size_t hole_end(std::string_view text, std::size_t from) noexcept {
  char quote = 0;
  for (std::size_t n = from; n < text.size(); ++n) {
    if (quote != 0) {
      if (text[n] == '\\')
        ++n;
      else if (text[n] == quote)
        quote = 0;
    } else if (text[n] == '"' || text[n] == '\'') {
      quote = text[n];
    } else if (text[n] == '}') {
      return n;
    }
  }
  return std::string_view::npos;
}

}  // namespace

void rule_compiler::newer_head(std::string_view name, const json::node& value, const written& text,
                               const std::string& pointer, rule& into) {
  if (name == "value") {
    into.head = head::value;
    into.literal = literal(value);
  } else if (name == "items") {
    into.head = head::items;
    if (!value.is_array()) return error(pointer, "not_an_array", "items must be an array of rules");
    children(value, pointer, into);
  } else if (name == "each") {
    each_head(value, text, pointer, into);
  } else if (name == "switch") {
    switch_head(value, pointer, into);
  } else if (name == "lookup") {
    lookup_head(value, pointer, into);
  } else if (name == "format") {
    format_head(value, pointer, into);
  } else if (name == "sum") {
    into.head = head::sum;
    if (value.is_array()) return children(value, pointer, into);
    if (!value.is_string())
      return error(pointer, "not_an_array", "sum must be an array of rules, or one path");
    into.first_path = static_cast<std::uint32_t>(out_.paths.size());
    add_path(value, into, {pointer});
  } else if (!latest_head(name, value, pointer, into)) {
    into.head = head::raise;
    if (!value.is_string() || value.size == 0)
      return error(pointer, "not_a_text", "error must be the text to raise");
    charge(value.size);
    into.text = value.text();
  }
}

void rule_compiler::fields_head(const json::node& fields, const std::string& pointer, const written& text,
                                rule& into) {
  into.head = head::fields;
  if (!fields.is_object()) {
    error(pointer, "not_an_object", "fields must be an object of rules");
    return;
  }
  if (into.joins) error(text.at("join"), "join_without_path", "join needs source or paths");
  if (into.type != value_type::any && into.type != value_type::object && into.conversion == nothing) {
    error(text.at("type"), "wrong_type", "fields make an object; type cannot be another");
  }
  into.first_child = rules(fields, pointer, {}, into.child_count, true);
}

void rule_compiler::children(const json::node& list, const std::string& pointer, rule& into) {
  into.first_child = static_cast<std::uint32_t>(out_.rules.size());
  for (std::uint32_t n = 0; n < list.size && room(pointer); ++n) {
    add(into.name, json::child(pointer, std::size_t{n}));
    ++into.child_count;
  }
  for (std::uint32_t n = 0; n < into.child_count; ++n) fill(into.first_child + n, list.element(n), {});
}

void rule_compiler::each_head(const json::node& value, const written& text, const std::string& pointer,
                              rule& into) {
  into.head = head::each;
  into.first_path = static_cast<std::uint32_t>(out_.paths.size());
  add_path(value, into, {pointer});
  gather made;
  const item_scope item(*this);
  if (const json::node where = text.member("where"); !where.is_absent())
    made.where = one_condition(where, text.at("where"));
  if (const json::node flatten = text.member("flatten"); !flatten.is_absent())
    flag(flatten, text.at("flatten"), made.flatten);
  if (const json::node merge = text.member("merge_adjacent"); !merge.is_absent())
    merge_adjacent(merge, text.at("merge_adjacent"), made);
  if (const json::node as = text.member("as"); !as.is_absent() && room(pointer)) {
    into.first_child = add(into.name, text.at("as"));
    into.child_count = 1;
    fill(into.first_child, as, {});
  }
  into.gather = static_cast<std::uint32_t>(out_.gathers.size());
  charge(2 * sizeof(gather));
  out_.gathers.push_back(std::move(made));
}

void rule_compiler::merge_adjacent(const json::node& value, const std::string& pointer, gather& into) {
  into.merges = true;
  if (!value.is_object())
    return error(pointer, "not_an_object", "merge_adjacent must be {\"by\": ..., \"append\": [...]}");
  unknown_members(value, pointer, merge_members);
  const json::node by = value.member("by"), append = value.member("append");
  if (by.is_string() && by.size > 0) {
    charge(by.size);
    into.by = by.text();
  } else {
    error(by.is_absent() ? pointer : json::child(pointer, "by"), "not_a_name",
          "by must name the member that neighbours have in common");
  }
  if (append.is_absent()) return;
  const std::string at = json::child(pointer, "append");
  if (!append.is_array()) return error(at, "not_an_array", "append must be an array of member names");
  std::set<std::string_view> names;
  for (std::uint32_t n = 0; n < append.size; ++n) {
    const json::node name = append.element(n);
    if (name.is_string()) {
      charge(2 * sizeof(std::string) + name.size);
      if (names.insert(name.text()).second) into.append.emplace_back(name.text());  // twice is once
    } else {
      error(json::child(at, std::size_t{n}), "not_a_name", "append must be an array of member names");
    }
  }
}

void rule_compiler::switch_head(const json::node& list, const std::string& pointer, rule& into) {
  into.head = head::select;
  if (!list.is_array())
    return error(pointer, "not_an_array", "switch must be an array of {\"when\": ..., \"then\": ...}");
  const auto first_condition = static_cast<std::uint32_t>(out_.conditions.size());
  into.first_condition = first_condition;
  into.first_child = static_cast<std::uint32_t>(out_.rules.size());
  for (std::uint32_t n = 0; n < list.size && room(pointer); ++n) {
    charge(2 * sizeof(condition));
    out_.conditions.emplace_back();
    add(into.name, json::child(json::child(pointer, std::size_t{n}), "then"));
    ++into.child_count;
  }
  for (std::uint32_t n = 0; n < into.child_count; ++n) {
    const json::node branch = list.element(n);
    const std::string at = json::child(pointer, std::size_t{n});
    if (!branch.is_object()) {
      error(at, "not_an_object", "a branch of switch is {\"when\": ..., \"then\": ...}");
      continue;
    }
    unknown_members(branch, at, switch_members);
    const json::node when = branch.member("when"), then = branch.member("then");
    if (!when.is_absent()) {
      condition made;
      condition_of(when, json::child(at, "when"), made);
      out_.conditions[first_condition + n] = std::move(made);
    } else if (n + 1 < into.child_count) {
      warning(at, "unreachable", "a branch without when is always taken; those after it never are");
    }
    // "then": null leaves the value absent, which is what a rule of nothing gives.
    if (!then.is_absent()) {
      fill(into.first_child + n, then, {});
    } else if (then.type == json::kind::absent) {
      error(at, "no_then", "a branch of switch needs \"then\"", "\"then\": null leaves the value out");
    }
  }
}

void rule_compiler::lookup_head(const json::node& value, const std::string& pointer, rule& into) {
  into.head = head::lookup;
  if (!value.is_object())
    return error(pointer, "not_an_object", "lookup must be {\"in\", \"key\", \"equals\", \"then\"}");
  unknown_members(value, pointer, lookup_members);
  for (std::string_view needed : lookup_members) {
    if (!value.member(needed).is_absent()) continue;
    error(pointer, "lookup_incomplete", "lookup needs " + json::quoted(needed));
    return;
  }
  into.first_path = static_cast<std::uint32_t>(out_.paths.size());
  add_path(value.member("in"), into, {pointer, "in"});
  {
    const item_scope candidate(*this);
    add_path(value.member("key"), into, {pointer, "key"});
  }
  if (!room(pointer)) return;
  into.first_child = add(into.name, json::child(pointer, "equals"));
  if (!room(pointer)) return;
  add(into.name, json::child(pointer, "then"));
  into.child_count = 2;
  fill(into.first_child, value.member("equals"), {});
  const item_scope found(*this);
  fill(into.first_child + 1, value.member("then"), {});
}

void rule_compiler::format_head(const json::node& value, const std::string& pointer, rule& into) {
  into.head = head::format;
  if (!value.is_string()) return error(pointer, "not_a_text", "format must be a text with {path} holes");
  const std::string_view text = value.text();
  into.first_path = static_cast<std::uint32_t>(out_.paths.size());
  std::string piece;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const bool doubled = n + 1 < text.size() && text[n + 1] == text[n];
    if ((text[n] != '{' && text[n] != '}') || doubled) {
      n += text[n] == '{' || text[n] == '}';
      piece += text[n];
      continue;
    }
    const std::size_t end = text[n] == '{' ? hole_end(text, n + 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
      return error(pointer, "bad_format",
                   text[n] == '{' ? "a { opens a hole that is never closed" : "a } closes no hole",
                   "write {{ and }} for the characters themselves");
    }
    json::node hole = value;  // a part of the same text
    hole.data += n + 1;
    hole.size = static_cast<std::uint32_t>(end - n - 1);
    const std::uint32_t before = into.path_count;
    add_path(hole, into, {pointer});
    if (into.path_count == before) return;
    charge(2 * sizeof(piece) + piece.size());
    into.pieces.push_back(std::move(piece));
    piece.clear();
    n = end;
  }
  charge(2 * sizeof(piece) + piece.size());
  into.pieces.push_back(std::move(piece));
}

}  // namespace llm_admin::mapping
