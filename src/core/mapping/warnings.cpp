#include "core/mapping/warnings.hpp"

#include <algorithm>

#include "core/given_name.hpp"

namespace llm_admin::mapping {

json::item* listed(std::span<const finding> warnings, json::tree& out) {
  json::item* list = out.array();
  for (const finding& one : warnings.first(std::min(warnings.size(), max_listed))) {
    json::item* entry = out.object();
    out.append(entry, "pointer", out.string(out.keep(nameable(one.input))));
    out.append(entry, "rule_pointer", out.string(out.keep(nameable(one.rule))));
    out.append(entry, "message", out.string(out.keep(one.message)));
    out.push(list, entry);
  }
  return list;
}

}  // namespace llm_admin::mapping
