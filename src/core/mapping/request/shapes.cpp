// Parameters of a kind that the chat API does not know for them. Rules look for what they can use, so that a
// value of another kind would be left out without a word.
#include <array>

#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/request/builder.hpp"

namespace llm_admin::mapping {

namespace {

struct shape {
  std::string_view param, what;
  bool (*fits)(const json::node&);
};

bool is_choice(const json::node& value) { return value.is_string() || value.is_object(); }
bool is_array(const json::node& value) { return value.is_array(); }
bool is_object(const json::node& value) { return value.is_object(); }
bool is_switch(const json::node& value) { return value.is_boolean(); }

// api.openai.com, 2025-11.
constexpr std::array<shape, 9> shapes = {{{"messages", "an array", is_array},
                                          {"tools", "an array", is_array},
                                          {"tool_choice", "a text or an object", is_choice},
                                          {"parallel_tool_calls", "true or false", is_switch},
                                          {"response_format", "an object", is_object},
                                          {"stream", "true or false", is_switch},
                                          {"stream_options", "an object", is_object},
                                          {"modalities", "an array", is_array},
                                          {"audio", "an object", is_object}}};

bool asks_for_a_tool(const json::node& choice) {
  return choice.is_object() || (choice.is_string() && choice.text() != "auto" && choice.text() != "none");
}

}  // namespace

// Of what the call reads; what a rule has refused is not told twice.
void request_builder::check_shapes() {
  if (program_.rules.version < language::v1_2) return;
  for (const shape& one : shapes) {
    const std::string_view given = params_.given_name(one.param);
    if (given.empty() || !call_.params.contains(std::string(one.param))) continue;
    const json::node value = params_view_.member(one.param);
    if (value.is_absent() || one.fits(value)) continue;
    std::string at = json::child("", given);
    if (!refused(at))
      find(std::move(at), "",
           json::quoted(given) + " must be " + std::string(one.what) + ", not " + value_or_size(value));
  }
  const json::node choice = params_view_.member("tool_choice");
  if (asks_for_a_tool(choice) && says_nothing(params_view_.member("tools")))
    warn(pointer_to("tool_choice"), "", "\"tool_choice\" asks for a call, and there are no tools");
}

}  // namespace llm_admin::mapping
