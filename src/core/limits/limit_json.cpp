#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/limits/replay.hpp"
#include "core/similar.hpp"

namespace llm_admin::limits {

namespace {

constexpr std::array<std::string_view, 14> members_of_limit = {
    "id",     "scope",     "subject",      "model",        "what",     "tenant_id", "amount",
    "period", "on_exceed", "downgrade_to", "alert_shares", "unpriced", "enabled",   "metadata"};
constexpr std::uint32_t most_members_of_limit = 100;

bool is_member(std::string_view name) noexcept {
  return std::find(members_of_limit.begin(), members_of_limit.end(), name) != members_of_limit.end();
}

std::optional<std::string> scalar_text(const json::node& value, std::string_view name, bool number,
                                       std::vector<std::string>& problems) {
  if (value.is_absent()) return std::nullopt;
  if (value.is_string()) return std::string(value.text());
  if (number && value.is_number()) return value.number_text();
  problems.push_back(std::string(name) + " must be a " + (number ? "number" : "text") + ", not " +
                     value_or_size(value));
  return std::nullopt;
}

}  // namespace

limit_row row_of(const json::node& object, std::vector<std::string>& problems) {
  limit_row row;
  if (!object.is_object()) {
    problems.push_back("a limit must be an object, not " + value_or_size(object));
    return row;
  }
  for (std::uint32_t n = 0; n < std::min(object.size, most_members_of_limit); ++n) {
    std::string_view name;
    (void)object.member_at(n, name);
    if (is_member(name)) continue;
    const auto near = nearest(name, members_of_limit, 1);
    problems.push_back(named_or_length(name, members_of_limit) + " is no member of a limit" +
                       (near.empty() ? "" : "; did you mean " + near[0] + "?"));
  }
  // A member that is null is NULL; one that is not there has the column's default.
  const auto text = [&](std::string_view name, std::optional<std::string> otherwise = std::nullopt,
                        bool number = false) {
    const json::node value = object.member(name);
    return value ? scalar_text(value, name, number, problems) : std::move(otherwise);
  };
  row.scope = text("scope");
  row.subject = text("subject", "*");
  row.model = text("model", "*");
  row.what = text("what");
  row.tenant = text("tenant_id", "*");
  row.amount = text("amount", std::nullopt, true);
  row.period = text("period");
  row.on_exceed = text("on_exceed", "deny");
  row.downgrade_to = text("downgrade_to");
  row.unpriced = text("unpriced", "deny");
  if (const auto id = text("id")) {
    const auto read = read_uuid(*id);
    if (!read) problems.push_back("id must be a uuid");
    row.id = read.value_or(uuid{});
  }
  const json::node enabled = object.member("enabled");
  if (!enabled || enabled.is_boolean())
    row.enabled = !enabled || enabled.truth();
  else if (!enabled.is_absent())
    problems.push_back("enabled must be a boolean, not " + value_or_size(enabled));
  const json::node metadata = object.member("metadata");
  if (metadata && !metadata.is_object())
    problems.push_back("metadata must be an object, not " + value_or_size(metadata));
  const json::node shares = object.member("alert_shares");
  if (!shares.is_absent() && !shares.is_array())
    problems.push_back("alert_shares must be an array of numbers, not " + value_or_size(shares));
  for (std::uint32_t n = 0;
       shares.is_array() && n < std::min<std::uint32_t>(shares.size, most_alert_shares + 1); ++n)
    row.alert_shares.push_back(scalar_text(shares.element(n), "a share of alert_shares", true, problems));
  return row;
}

std::vector<limit> read_proposed(const json::node& list) {
  constexpr const char* form =
      "members are the columns of llm_admin.limits: SELECT * FROM llm_admin.simulate_limits('[{\"scope\": "
      "\"user\", "
      "\"what\": \"requests\", \"amount\": 100, \"period\": \"day\"}]', 'yesterday')";
  constexpr std::size_t most_told = 100;
  if (!list.is_array())
    throw error(sqlstate::request_invalid, "limits must be an array of limits",
                "it is " + value_or_size(list), form);
  if (list.size > most_proposed)
    throw error(sqlstate::request_invalid, "too many limits are proposed",
                "there are " + std::to_string(list.size) + ", and " + std::to_string(most_proposed) +
                    " are taken at most",
                form);
  std::vector<limit> read;
  std::string detail;
  std::size_t told = 0;
  for (std::uint32_t n = 0; n < list.size && told < most_told; ++n) {
    std::vector<std::string> problems;
    const limit_row row = row_of(list.element(n), problems);
    auto made = problems.empty() ? read_limit(row, problems) : std::nullopt;
    for (const std::string& one : problems)
      detail.append(told++ == 0 ? "limits[" : "\nlimits[")
          .append(std::to_string(n))
          .append("]: ")
          .append(one);
    if (made) read.push_back(std::move(*made));
  }
  if (told > 0) throw error(sqlstate::request_invalid, "the proposed limits are invalid", detail, form);
  return read;
}

}  // namespace llm_admin::limits
