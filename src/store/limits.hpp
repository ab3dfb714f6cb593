// All limits as one session keeps them: rows of limits with their grants, and what rules and plans of tiers say.
//
// Compiled once a backend and anew when somebody has committed a change (store/cache_version.hpp); what a
// transaction has changed itself is read each time and not kept. A row that is no limit, and an id that two
// limits have, are error 55000: nothing is let through because it could not be read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/limits/matcher.hpp"
#include "pg/tuple.hpp"

namespace llm_admin::store {

struct known_limits {
  limits::compiled_limits rows;
  std::vector<limits::limit> of_tiers;  // max_requests_per_day of rules and quotas of plans, by id
  std::unordered_map<std::string, limits::uuid> plans;  // by the tier's code

  // Of any of the three tables; null where there is none.
  const limits::limit* find(const limits::uuid& id) const noexcept;
  const limits::limit* plan_of(const std::string& tier) const noexcept;
};

std::shared_ptr<const known_limits> current_limits();
// The limits that a call meets, in lock order: rows by their globs, besides the plan of its tier and, where one is given,
// a rule that limits the requests of a day.
std::vector<limits::met_limit> limits_met(const known_limits& known, const limits::call_facts& call,
                                          const std::optional<limits::uuid>& rule);

// Whether a tier or a tier's rule has that id, which is the id of what they say as limits.
bool is_id_of_tiers(const limits::uuid& id);

// A row of limits, or one with columns of the same names.
limits::limit_row limit_row_of(const pg::tuple_image& row);

}  // namespace llm_admin::store
