// The triggers of limits and limit_overrides: all that is wrong with a row at once, and grants that never change.
#include <cstring>

#include "core/error.hpp"
#include "core/limits/limit.hpp"
#include "pg/entry.hpp"
#include "pg/numeric.hpp"
#include "store/limits.hpp"
#include "store/load.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

namespace {

constexpr const char* limits_there =
    "SELECT id, scope, subject, what, period FROM llm_admin.limits lists those that there are";

limits::uuid limit_of(const pg::tuple_image& row) {
  limits::uuid id;
  std::memcpy(id.data(), DatumGetUUIDP(row.value("limit_id").value)->data, id.size());
  return id;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_check_limit)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::limits,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  if (store::loading(trigger)) return trigger.unchanged();
  const limits::limit_row row = store::limit_row_of(trigger.new_row());
  // Whatever a row is, it can be switched off.
  if (!trigger.inserts() && row.enabled && !*row.enabled) return trigger.unchanged();
  limits::require_limit(row);
  const bool has_new_id =
      trigger.inserts() || !trigger.old_row().same(trigger.new_row(), trigger.new_row().column("id"));
  if (has_new_id && store::is_id_of_tiers(row.id))
    throw error(sqlstate::unique_violation, "a tier or a tier's rule has this id",
                "its plan or quota is a limit by that id: " + uuid_string(row.id),
                "leave id out; the table gives each limit one of its own");
  return trigger.unchanged();
}

LLM_ADMIN_FUNCTION(llm_admin_check_limit_override)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::limit_overrides,
                                    {{true, true, {TRIGGER_EVENT_INSERT}}});
  if (store::loading(trigger)) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  // What has no value is told by the table.
  if (row.is_null("limit_id") || row.is_null("extra") || row.is_null("valid_from"))
    return trigger.unchanged();
  const auto known = store::current_limits();
  const limits::limit* of = known->find(limit_of(row));
  if (of == nullptr)
    throw error(
        sqlstate::undefined_object, "there is no limit of that id",
        "limit_id is the id of a limit, of a tier's rule with max_requests_per_day, or of a tier with a plan",
        limits_there);
  std::vector<std::string> problems;
  std::optional<std::int64_t> until;
  if (!row.is_null("valid_until")) until = DatumGetTimestampTz(row.value("valid_until").value);
  limits::read_grant(pg::numeric_text(row.value("extra").value),
                     DatumGetTimestampTz(row.value("valid_from").value), until, of->counts_whole(), problems);
  if (problems.empty()) return trigger.unchanged();
  std::string detail;
  for (const std::string& one : problems) detail.append(detail.empty() ? "" : "\n").append(one);
  throw error(sqlstate::check_violation, "the grant is invalid", detail,
              "correct what DETAIL names; nothing was stored");
}

LLM_ADMIN_FUNCTION(llm_admin_refuse_override_change)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::limit_overrides,
      {{true, true, {TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}, {true, false, {TRIGGER_EVENT_TRUNCATE}}});
  throw error(
      sqlstate::append_only, "limit_overrides is append-only",
      trigger.truncates() ? "TRUNCATE was refused"
                          : (trigger.deletes() ? "DELETE was refused" : "UPDATE was refused"),
      "INSERT INTO llm_admin.limit_overrides (limit_id, extra, valid_until, reason) VALUES ('<limit>', "
      "<extra>, '<time>', '<reason>') grants more");
}
