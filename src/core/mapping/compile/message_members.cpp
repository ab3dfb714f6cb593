#include "core/mapping/compile/message_members.hpp"

#include <array>
#include <string>

#include "core/given_name.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 26> of_message = {"role",
                                                         "content",
                                                         "name",
                                                         "tool_calls",
                                                         "tool_call_id",
                                                         "refusal",
                                                         "audio",
                                                         "annotations",
                                                         "function_call",
                                                         "reasoning",
                                                         "reasoning_content",
                                                         "reasoning_details",
                                                         "thinking",
                                                         "thinking_blocks",
                                                         "parsed",
                                                         "id",
                                                         "index",
                                                         "phase",
                                                         "prefix",
                                                         "images",
                                                         "is_error",
                                                         "cache_control",
                                                         "citations",
                                                         "metadata",
                                                         "provider_state",
                                                         "provider_specific_fields"};
constexpr std::array<std::string_view, 25> of_part = {"type",
                                                      "text",
                                                      "image_url",
                                                      "input_audio",
                                                      "file",
                                                      "refusal",
                                                      "video_url",
                                                      "audio_url",
                                                      "title",
                                                      "cache_control",
                                                      "annotations",
                                                      "context",
                                                      "thinking",
                                                      "signature",
                                                      "data",
                                                      "citations",
                                                      "id",
                                                      "name",
                                                      "detail",
                                                      "document",
                                                      "document_url",
                                                      "document_name",
                                                      "file_id",
                                                      "reference_ids",
                                                      "prompt_cache_breakpoint"};
constexpr std::array<std::string_view, 11> of_tool = {
    "type",   "function",    "custom",       "cache_control", "name",         "strict",
    "format", "description", "input_schema", "parameters",    "defer_loading"};
constexpr std::array<std::string_view, 6> of_function = {"name",   "description", "parameters",
                                                         "strict", "format",      "cache_control"};
constexpr std::array<std::string_view, 12> of_call = {
    "id",     "type",          "index",  "function", "custom", "extra_content", "provider_specific_fields",
    "caller", "cache_control", "status", "kind",     "name"};
constexpr std::array<std::string_view, 5> of_called = {"name", "arguments", "input", "thought_signature",
                                                       "namespace"};

class checker {
 public:
  checker(const request_program& program, const std::vector<std::uint32_t>& by, rule_compiler& rules)
      : program_(program), by_(by), rules_(rules) {}

  const read_trie::place* below(const read_trie::place* from, std::string_view name) const {
    if (from == nullptr || from->whole_object) return nullptr;
    const auto found = from->members.find(name);
    return found == from->members.end() ? nullptr : &program_.reads.at(found->second);
  }
  const read_trie::place* element_of(const read_trie::place* from, std::string_view name) const {
    const read_trie::place* list = below(from, name);
    return list == nullptr || list->whole_array || list->elements == read_trie::none
               ? nullptr
               : &program_.reads.at(list->elements);
  }

  void check(const read_trie::place* at, const char* what, std::span<const std::string_view> known) {
    if (at == nullptr || at->whole_object) return;
    for (const auto& [name, number] : at->members) {
      if (among(name, known) || number >= by_.size() || by_[number] == nothing) continue;
      rules_.warning(program_.rules.rules[by_[number]].pointer, "unknown_member_of_message",
                     std::string("no ") + what + " has a member " + quoted_member(name, known),
                     did_you_mean(name, known));
    }
  }

 private:
  const request_program& program_;
  const std::vector<std::uint32_t>& by_;
  rule_compiler& rules_;
};

}  // namespace

void warn_of_unknown_members(const request_program& program, const std::vector<std::uint32_t>& by,
                             rule_compiler& rules) {
  checker all(program, by, rules);
  const read_trie::place* top = program.reads.top();
  const read_trie::place* message = all.element_of(top, "messages");
  const read_trie::place* call = all.element_of(message, "tool_calls");
  const read_trie::place* tool = all.element_of(top, "tools");
  all.check(message, "message", of_message);
  all.check(all.element_of(message, "content"), "content part", of_part);
  all.check(call, "tool call", of_call);
  all.check(tool, "tool", of_tool);
  for (const char* name : {"function", "custom"}) {
    all.check(all.below(call, name), "tool call", of_called);
    all.check(all.below(tool, name), "tool", of_function);
  }
}

}  // namespace llm_admin::mapping
