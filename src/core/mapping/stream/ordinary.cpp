#include "core/mapping/stream/ordinary.hpp"

#include <algorithm>
#include <array>

#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/response/error.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 4> ordinary_members = {"type", "code", "message", "retryable"};

const rule* find(const response_program& program, std::string_view name) noexcept {
  const auto end = program.rules.rules.begin() + static_cast<std::ptrdiff_t>(program.rules.top);
  const auto found =
      std::find_if(program.rules.rules.begin(), end, [=](const rule& one) { return one.name == name; });
  return found == end ? nullptr : &*found;
}

}  // namespace

bool ordinary_rules::has(std::string_view name) const noexcept { return find(program_, name) != nullptr; }

json::item* ordinary_rules::value(const json::node& document, std::string_view name) {
  const rule* of = find(program_, name);
  if (of == nullptr) return nullptr;
  scope in = around_;
  in.document = document;
  budget left(most_, program_.rules.rules.size(), {document, in.headers});
  evaluator run(program_.rules, in, left, most_, out_, false);
  run.enforce_required = false;
  json::item* made = run.run(*of);
  steps_ += left.used;
  return made;
}

bool ordinary_rules::speaks(const json::node& document) {
  for (const char* name : {"text_content", "tool_calls"}) {
    const json::node found = json::view(value(document, name));
    const bool empty = (found.is_string() || found.is_array() || found.is_object()) && found.size == 0;
    if (!found.is_absent() && !empty) return true;
  }
  return false;
}

json::item* ordinary_rules::error_in(const json::node& document) {
  error_input found;
  found.found = json::view(value(document, "error"));
  found.document = document;
  return error_of(found, out_);
}

// What is left out is for error_of() to find out.
void ordinary_rules::add_missing(json::item* to, const json::node& from) {
  for (std::string_view name : ordinary_members) {
    const json::node member = from.member(name);
    const bool guess = name == "retryable" && !member.truth();  // not said, only not known
    if (!member.is_absent() && !guess && json::tree::find(to, name) == nullptr)
      out_.append(to, name, out_.copy(member));
  }
}

json::node ordinary_rules::error(const json::node& document) {
  const json::item* found = error_in(document);
  if (found == nullptr) return {};
  json::item* made = out_.object();
  add_missing(made, json::view(found));
  return json::view(made);
}

json::node ordinary_rules::completed(const json::node& error, const json::node& event) {
  json::item* made = out_.object();
  for (std::string_view name : ordinary_members) {
    const json::node member = error.member(name);
    if (!member.is_absent()) out_.append(made, name, out_.copy(member));
  }
  if (json::tree::find(made, "type") == nullptr && event) {
    if (const json::item* found = error_in(event)) add_missing(made, json::view(found));
  }
  if (json::tree::find(made, "type") == nullptr) out_.append(made, "type", out_.string("stream_error"));
  return json::view(made);
}

}  // namespace llm_admin::mapping
