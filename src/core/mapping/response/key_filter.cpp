#include "core/mapping/response/key_filter.hpp"

#include <vector>

namespace llm_admin::mapping {

namespace {

bool holds_key(const json::node& value, vendor_text what, const key_filter& filter) {
  std::vector<json::node> open = {value};
  std::string without;
  while (!open.empty()) {
    const json::node one = open.back();
    open.pop_back();
    if (one.is_string() && filter(what, one.text(), without)) return true;
    for (std::uint32_t n = 0; (one.is_object() || one.is_array()) && n < one.size; ++n) {
      std::string_view name;
      open.push_back(one.is_array() ? one.element(n) : one.member_at(n, name));
      if (!name.empty() && filter(what, name, without)) return true;
    }
  }
  return false;
}

// Of a copy, all of whose items are the tree's own.
void take_out(json::item* top, vendor_text what, const key_filter& filter, json::tree& out) {
  std::vector<json::item*> open = {top};
  std::string without;
  while (!open.empty()) {
    json::item* one = open.back();
    open.pop_back();
    if (one->type == json::kind::string && filter(what, one->text, without)) one->text = out.keep(without);
    bool renamed = false;
    for (json::item* child : one->children()) {
      if (!child->key.empty() && filter(what, child->key, without)) {
        child->key = out.keep(without);
        renamed = true;
      }
      open.push_back(child);
    }
    if (renamed && one->type == json::kind::object) out.unify(one);
  }
}

}  // namespace

json::item* without_key(const json::node& value, vendor_text what, const key_filter& filter, json::tree& out,
                        bool& found) {
  if (!filter || !holds_key(value, what, filter)) return out.borrow(value);
  json::item* made = out.copy(value);
  take_out(made, what, filter, out);
  found = true;
  return made;
}

}  // namespace llm_admin::mapping
