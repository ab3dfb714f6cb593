// For explain_request: which rule made which leaf.
#include "core/json/text.hpp"
#include "core/mapping/request/builder.hpp"

namespace llm_admin::mapping {

void request_builder::trace_dropped(const std::string& given, const json::node& value) {
  if (input_.trace) result_.trace.push_back({"", "", "dropped " + given, out_.borrow(value)});
}

void request_builder::trace(const rule& of, const json::item* value, std::string pointer) {
  const bool chosen = call_.model_rule != nothing && &of == &program_.rules.rules[call_.model_rule] &&
                      params_.given_name("model_name").empty();
  walk(value, pointer, of.pointer, chosen ? "default_model" : "");
}

// What the rules made themselves is taken apart; what they took over as it was is one leaf. Values without a
// rule of their own (members of merged objects) count as the enclosing one's.
void request_builder::walk(const json::item* value, const std::string& pointer,
                           const std::string& rule_pointer, const char* note) {
  if (out_.charged() != nullptr) out_.charged()->take(sizeof(trace_entry) + 2 * pointer.size());
  const auto made = origins_.find(value);
  const std::string& by = made == origins_.end() ? rule_pointer : made->second.by->pointer;
  if (made != origins_.end() && made->second.by_default) note = "default";
  if (value->is_borrowed || value->count == 0) {
    // A copy, since extra_body may add to the original.
    result_.trace.push_back({pointer, by, note, out_.clone(*value)});
    return;
  }
  std::size_t index = 0;
  for (const json::item* one : value->children()) {
    walk(one, value->type == json::kind::array ? json::child(pointer, index) : json::child(pointer, one->key),
         by, "");
    ++index;
  }
}

}  // namespace llm_admin::mapping
