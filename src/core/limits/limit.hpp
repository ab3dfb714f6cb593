// One limit: how much of what, for whom, of which models, in which period; read from the values of a row.
//
// Amounts are exact decimals: 0 allows nothing, NULL is unlimited. Whole numbers for requests, tokens and
// calls at a time. Grants (limit_overrides) add to the amount while they last. Globs are those of
// core/glob.hpp, over canonical names and concrete subjects; the subject of a tag is name=value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"
#include "core/limits/windows.hpp"
#include "core/money/decimal.hpp"
#include "core/uuid.hpp"

namespace llm_admin::limits {

using uuid = uuid_bytes;

// From the widest to the narrowest, those that cross them last.
enum class scope : std::uint8_t { organisation, tenant, team, user, key, tier, model, account, tag };
inline constexpr std::size_t scopes = 9;
enum class what : std::uint8_t { requests, input_tokens, output_tokens, tokens, cost_usd, concurrent };
enum class on_exceed : std::uint8_t { deny, warn, downgrade };
enum class unpriced : std::uint8_t { deny, estimate, allow };
std::string_view name_of(scope of) noexcept;
std::string_view name_of(what of) noexcept;
std::string_view name_of(on_exceed of) noexcept;
std::string_view name_of(unpriced of) noexcept;

inline constexpr std::size_t longest_glob = 255;  // bytes
inline constexpr std::size_t most_alert_shares = 20;
inline constexpr int largest_alert_share = 10;  // ten times the amount
inline constexpr int most_downgrades = 3;       // of one call

struct grant {
  money::decimal extra;
  std::int64_t from;                  // microseconds of the server's epoch
  std::optional<std::int64_t> until;  // nothing: for good
};

struct limit {
  uuid id{};
  limits::scope scope = scope::organisation;
  std::string subject, model = "*", tenant = "*";  // globs
  limits::what what = what::requests;
  std::optional<money::decimal> amount;  // nothing: unlimited
  limits::period period = period::day;
  limits::on_exceed on_exceed = on_exceed::deny;
  std::string downgrade_to;                  // empty: none
  std::vector<money::decimal> alert_shares;  // of the amount, ascending
  limits::unpriced unpriced = unpriced::deny;
  bool enabled = true;
  std::vector<grant> grants;

  bool counts_whole() const noexcept { return what != what::cost_usd; }
};

// The amount with the grants of a time; nothing: unlimited.
std::optional<money::decimal> amount_at(const limit& of, std::int64_t at);

// The values of a row as their texts; nothing: NULL. Numbers are as the server shows them: NaN and Infinity
// are among them.
struct limit_row {
  uuid id{};
  std::optional<std::string> scope, subject, model, what, tenant, amount, period, on_exceed, downgrade_to,
      unpriced;
  std::vector<std::optional<std::string>> alert_shares;
  std::optional<bool> enabled;
};

// A row of an object with the members id, scope, subject, model, what, tenant_id, amount, period, on_exceed,
// downgrade_to, alert_shares, unpriced, enabled; those that are not there have the defaults of the table's
// columns. What is no such object is added to `problems`.
limit_row row_of(const json::node& object, std::vector<std::string>& problems);

// What is wrong with a row, in words, all of it. Names of subjects and models are not repeated. Nothing is
// returned where there are problems.
std::optional<limit> read_limit(const limit_row& row, std::vector<std::string>& problems);
// The same; 23514 with all problems in DETAIL.
limit require_limit(const limit_row& row);

// What a grant of limit_overrides must be: more than nothing, of a number, for a time that does not end
// before it begins.
std::optional<grant> read_grant(std::string_view extra, std::int64_t from, std::optional<std::int64_t> until,
                                bool whole, std::vector<std::string>& problems);

// What a tier's rule and a tier's plan say, as limits. The subject is any: they are met where the access
// decision found them, not by their globs.
limit rule_limit(const uuid& rule, std::string model_pattern, std::int64_t requests_a_day);
limit plan_limit(const uuid& tier, std::int64_t requests, limits::period period, bool per_tenant);

}  // namespace llm_admin::limits
