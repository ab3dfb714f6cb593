#include "core/jobs/limit.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/checked_options.hpp"
#include "core/given_name.hpp"
#include "core/json/text.hpp"

namespace llm_admin::jobs {

namespace {

constexpr std::array<std::string_view, limit_scopes> limit_scope_names = {"tenant", "workflow", "provider",
                                                                          "account"};

void check_limit_number(std::string_view column, std::optional<std::int64_t> given, std::int64_t least,
                        std::int64_t most, std::vector<std::string>& problems) {
  if (given && (*given < least || *given > most))
    problems.push_back(std::string(column) + " must be from " + std::to_string(least) + " to " +
                       std::to_string(most));
}

}  // namespace

std::string_view name_of(limit_scope of) noexcept { return limit_scope_names[static_cast<std::size_t>(of)]; }

std::optional<limit_scope> limit_scope_named(std::string_view name) noexcept {
  for (std::size_t n = 0; n < limit_scopes; ++n)
    if (limit_scope_names[n] == name) return static_cast<limit_scope>(n);
  return std::nullopt;
}

std::optional<job_limit> read_limit(const limit_row& row, std::vector<std::string>& problems) {
  const std::size_t before = problems.size();
  const auto scope = row.scope ? limit_scope_named(*row.scope) : std::nullopt;
  const bool is_of_tenant = row.scope == name_of(limit_scope::tenant);
  if (!scope) {
    problems.push_back("scope must be one of tenant, workflow, provider, account");
    if (row.scope) problems.back() += ", not " + named_or_length(*row.scope, limit_scope_names);
  }
  if (!row.key)
    problems.emplace_back("key must not be null");
  else if (const auto wrong = name_problem(*row.key, longest_limit_key);
           wrong && !(row.key->empty() && is_of_tenant))  // '' is the tenant of no tenant
    problems.push_back("key " + *wrong);
  check_limit_number("max_running", row.max_running, 0, most_of_limit, problems);
  check_limit_number("max_per_minute", row.max_per_minute, 0, most_of_limit, problems);
  check_limit_number("max_pending", row.max_pending, 0, most_of_limit, problems);
  const std::int64_t weight = row.weight.value_or(1);
  check_limit_number("weight", weight, 1, most_weight, problems);
  if (scope && !is_of_tenant && weight != 1) problems.emplace_back("weight is of tenants alone");
  if (scope && row.max_pending && !is_of_tenant && row.scope != name_of(limit_scope::workflow))
    problems.emplace_back("max_pending is of tenants and workflows alone");
  if (!row.paused) problems.emplace_back("paused must not be null");
  if (problems.size() > before) return std::nullopt;
  return job_limit{*scope,          std::string(*row.key),
                   row.max_running, row.max_per_minute,
                   row.max_pending, static_cast<std::int32_t>(weight),
                   *row.paused};
}

job_limit require_limit(const limit_row& row) {
  std::vector<std::string> problems;
  auto read = read_limit(row, problems);
  if (read) return std::move(*read);
  std::string detail;
  for (const std::string& one : problems) detail.append(detail.empty() ? "" : "\n").append(one);
  throw error(sqlstate::check_violation, "the limit of jobs is invalid", detail);
}

std::int64_t room_in(const limit_use& use) noexcept {
  if (use.of.paused || use.is_locked) return 0;
  std::int64_t room = unlimited;
  if (use.of.max_running) room = *use.of.max_running - use.running;
  if (use.of.max_per_minute) room = std::min(room, *use.of.max_per_minute - use.started);
  return std::max<std::int64_t>(room, 0);
}

void require_room_to_wait(const job_limit& of, std::int64_t pending, std::int64_t more) {
  if (!of.max_pending || more <= *of.max_pending - pending) return;
  std::string detail = R"({"limit": "max_pending", "scope": )" + json::quoted(name_of(of.scope));
  detail.append(R"(, "key": )").append(json::quoted(of.key));
  detail.append(R"(, "used": )").append(std::to_string(pending));
  detail.append(R"(, "asked": )").append(std::to_string(more));
  detail.append(R"(, "amount": )").append(std::to_string(*of.max_pending)).append("}");
  throw error(sqlstate::limit_reached,
              "too many jobs of the " + std::string(name_of(of.scope)) + " are waiting", std::move(detail),
              "submit again when some have been claimed, or raise max_pending in llm_admin.job_limits");
}

}  // namespace llm_admin::jobs
