// The rules of one tier: which of those whose pattern matches a model decides.
//
// The highest priority, then the pattern with the most literal characters, then deny before allow, then the
// order of bytes, so that the answer never depends on the order of rows. Plain memory; throws std::bad_alloc
// only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/glob_index.hpp"

namespace llm_admin {

using row_id = std::array<std::uint8_t, 16>;  // a uuid

struct tier_rule {
  row_id id;
  std::string pattern;
  bool allowed;
  std::optional<std::int32_t> max_requests_per_day, max_context_length;  // nothing: no limit
  std::int32_t priority;
};

class tier_rules {
 public:
  tier_rules() = default;
  explicit tier_rules(std::vector<tier_rule> rules);
  // Null where no pattern matches.
  const tier_rule* find(std::string_view model) const;
  const std::vector<tier_rule>& in_order() const noexcept { return rules_; }

 private:
  std::vector<tier_rule> rules_;  // as they win
  glob_index index_;
};

}  // namespace llm_admin
