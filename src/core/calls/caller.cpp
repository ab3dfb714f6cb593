#include "core/calls/caller.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "core/given_name.hpp"

namespace llm_admin::calls {

namespace {

// What is wrong, for one error at the end.
struct differing {
  std::string names;
  void add(const std::string& name) { (names += names.empty() ? "" : ", ") += name; }
};

std::string_view settle(std::string_view given, std::string_view fixed, const char* name, differing& wrong) {
  if (!fixed.empty() && !given.empty() && given != fixed) wrong.add(name);
  return fixed.empty() ? given : fixed;
}

std::vector<call_tag> settle_tags(const caller& given, const caller& key, differing& wrong) {
  std::vector<call_tag> tags = key.tags;
  for (const call_tag& tag : given.tags) {
    const auto fixed = std::find_if(key.tags.begin(), key.tags.end(),
                                    [&](const call_tag& one) { return one.name == tag.name; });
    if (fixed == key.tags.end())
      tags.push_back(tag);
    else if (fixed->value != tag.value)
      wrong.add("tag " + named_or_length(tag.name));
  }
  std::sort(tags.begin(), tags.end(), [](const call_tag& a, const call_tag& b) { return a.name < b.name; });
  return tags;
}

}  // namespace

caller settle_caller(const caller& given, std::optional<std::string_view> entered_tenant) {
  caller settled = given;
  if (settled.tenant_id.empty() && entered_tenant) settled.tenant_id = *entered_tenant;
  return settled;
}

caller settle_caller(const caller& given, const caller& fixed_by_key,
                     std::optional<std::string_view> entered_tenant) {
  differing wrong;
  caller settled;
  // The tenant is fixed where it is empty, too.
  settled.tenant_id = fixed_by_key.tenant_id;
  if (!given.tenant_id.empty() && given.tenant_id != fixed_by_key.tenant_id) wrong.add("argument tenant_id");
  if (entered_tenant && *entered_tenant != fixed_by_key.tenant_id) wrong.add("the entered tenant");
  settled.user_id = settle(given.user_id, fixed_by_key.user_id, "argument user_id", wrong);
  settled.tier = settle(given.tier, fixed_by_key.tier, "argument tier", wrong);
  settled.team = settle(given.team, fixed_by_key.team, "option team", wrong);
  settled.tags = settle_tags(given, fixed_by_key, wrong);
  if (!wrong.names.empty())
    throw error(sqlstate::not_allowed, "the access key is for another caller",
                "it fixes, and the call says otherwise: " + wrong.names,
                "leave out what the key says already, or use the key of that caller");
  return settled;
}

}  // namespace llm_admin::calls
