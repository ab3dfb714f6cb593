#include "store/limits.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "pg/cursor.hpp"
#include "pg/numeric.hpp"
#include "pg/scratch.hpp"
#include "pg/spi.hpp"
#include "pg/uuid.hpp"
#include "store/cache_version.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

pg::statement select_limits{
    "SELECT l.id, l.scope, l.subject, l.model, l.what, l.tenant_id, l.amount, l.period, l.on_exceed, "
    "l.downgrade_to, l.alert_shares, l.unpriced, l.enabled FROM llm_admin.limits l",
    {}};
pg::statement select_grants{
    "SELECT o.limit_id, o.extra, o.valid_from, o.valid_until FROM llm_admin.limit_overrides o", {}};
pg::statement select_rule_limits{
    "SELECT r.id, r.model_pattern::pg_catalog.text, r.max_requests_per_day::pg_catalog.int8 "
    "FROM llm_admin.tier_model_rules r WHERE r.max_requests_per_day IS NOT NULL",
    {}};
pg::statement select_plans{
    "SELECT t.id, t.tier_code::pg_catalog.text, t.quota_requests, t.quota_period, t.quota_scope "
    "FROM llm_admin.tiers t WHERE t.quota_requests IS NOT NULL",
    {}};
pg::statement select_id_of_tiers{
    "SELECT 1 FROM llm_admin.tiers t WHERE t.id OPERATOR(pg_catalog.=) $1 UNION ALL "
    "SELECT 1 FROM llm_admin.tier_model_rules r WHERE r.id OPERATOR(pg_catalog.=) $1",
    {UUIDOID}};

limits::uuid uuid_of(Datum value) {
  limits::uuid id;
  std::memcpy(id.data(), DatumGetUUIDP(value)->data, id.size());
  return id;
}

struct uuid_hash {
  std::size_t operator()(const limits::uuid& id) const noexcept {
    return std::hash<std::string_view>()({reinterpret_cast<const char*>(id.data()), id.size()});
  }
};
using grants_by_limit = std::unordered_map<limits::uuid, std::vector<limits::grant>, uuid_hash>;

grants_by_limit read_grants(pg::spi& shared) {
  grants_by_limit found;
  pg::cursor rows = cursor_by_owner(select_grants, {}, pg::as_of::statement, &shared);
  pg::scratch row_memory;
  while (const auto row = rows.next()) {
    row_memory.reset();
    std::optional<std::int64_t> until;
    if (!row->is_null(4)) until = DatumGetTimestampTz(row->raw(4, TIMESTAMPTZOID));
    std::vector<std::string> problems;
    const auto grant =
        limits::read_grant(pg::numeric_text(row->raw(2, NUMERICOID)),
                           DatumGetTimestampTz(row->raw(3, TIMESTAMPTZOID)), until, false, problems);
    if (grant) found[uuid_of(row->raw(1, UUIDOID))].push_back(*grant);  // one that is none adds nothing
  }
  return found;
}

std::vector<limits::limit> read_rows(pg::spi& shared, grants_by_limit& grants) {
  std::vector<limits::limit> all;
  pg::cursor rows = cursor_by_owner(select_limits, {}, pg::as_of::statement, &shared);
  pg::scratch row_memory;
  while (const auto row = rows.next()) {
    row_memory.reset();
    const limits::limit_row read =
        limit_row_of(pg::tuple_image(row->tuple(), row->descriptor(), oid_of(table::limits), "limits"));
    std::vector<std::string> problems;
    auto made = limits::read_limit(read, problems);
    if (!made && read.enabled && !*read.enabled) continue;
    if (!made)
      throw llm_admin::error(
          sqlstate::not_in_state, "limit " + uuid_string(read.id) + " is damaged", problems.front(),
          "UPDATE llm_admin.limits SET enabled = false WHERE id = '" + uuid_string(read.id) + "'");
    const auto its = grants.find(made->id);
    if (its != grants.end()) made->grants = std::move(its->second);
    all.push_back(std::move(*made));
  }
  return all;
}

void read_tiers(pg::spi& shared, grants_by_limit& grants, known_limits& into) {
  const auto add = [&](limits::limit made) {
    const auto its = grants.find(made.id);
    if (its != grants.end()) made.grants = std::move(its->second);
    into.of_tiers.push_back(std::move(made));
  };
  {
    pg::cursor rows = cursor_by_owner(select_rule_limits, {}, pg::as_of::statement, &shared);
    pg::scratch row_memory;
    while (const auto row = rows.next()) {
      row_memory.reset();
      add(limits::rule_limit(uuid_of(row->raw(1, UUIDOID)), row->text(2), row->bigint(3)));
    }
  }
  pg::cursor rows = cursor_by_owner(select_plans, {}, pg::as_of::statement, &shared);
  pg::scratch row_memory;
  while (const auto row = rows.next()) {
    row_memory.reset();
    const limits::uuid id = uuid_of(row->raw(1, UUIDOID));
    const auto period = row->is_null(4) ? std::nullopt : limits::period_named(row->text_view(4));
    if (!period) continue;  // the table's CHECK has the periods
    add(limits::plan_limit(id, row->bigint(3), *period, row->text_view(5) == "tenant"));
    into.plans.emplace(row->text(2), id);
  }
  std::sort(into.of_tiers.begin(), into.of_tiers.end(),
            [](const limits::limit& a, const limits::limit& b) { return a.id < b.id; });
}

// A counter goes by the limit's id alone. The triggers look for a second one, as far as they see: not in a load, nor what
// another transaction has not committed.
void require_own_ids(const known_limits& all) {
  const limits::limit* before = nullptr;
  for (const limits::limit& one : all.of_tiers) {
    const std::string id = uuid_string(one.id), told = "two limits have the id " + id;
    if (all.rows.find(one.id) != nullptr)
      throw llm_admin::error(
          sqlstate::not_in_state, told, "one is a row of limits, the other a tier's or a tier rule's",
          "UPDATE llm_admin.limits SET id = pg_catalog.gen_random_uuid() WHERE id = '" + id + "'");
    if (before != nullptr && before->id == one.id)
      throw llm_admin::error(
          sqlstate::not_in_state, told, "one is a tier's, the other a tier rule's",
          "UPDATE llm_admin.tier_model_rules SET id = pg_catalog.gen_random_uuid() WHERE id = '" + id + "'");
    before = &one;
  }
}

std::shared_ptr<const known_limits> read_all_limits() {
  pg::spi shared;
  auto made = std::make_shared<known_limits>();
  grants_by_limit grants = read_grants(shared);
  made->rows = limits::compiled_limits(read_rows(shared, grants));
  read_tiers(shared, grants, *made);
  require_own_ids(*made);
  return made;
}

struct kept_limits {
  cache_version limits, tiers;
  std::shared_ptr<const known_limits> known;
};
// For the life of the backend; a pointer, so that no destructor runs at exit.
kept_limits* limits_kept = nullptr;

std::vector<std::optional<std::string>> numeric_texts(Datum array) {
  struct parts {
    Datum* values;
    bool* nulls;
    int count;
  };
  const parts of = pg::call([=] {
    parts found{};
    deconstruct_array(DatumGetArrayTypeP(array), NUMERICOID, -1, false, TYPALIGN_INT, &found.values,
                      &found.nulls, &found.count);
    return found;
  });
  std::vector<std::optional<std::string>> texts;
  for (int n = 0; n < of.count; ++n)
    texts.push_back(of.nulls[n] ? std::nullopt : std::optional(pg::numeric_text(of.values[n])));
  return texts;
}

}  // namespace

const limits::limit* known_limits::find(const limits::uuid& id) const noexcept {
  if (const limits::limit* row = rows.find(id)) return row;
  const auto at = std::lower_bound(of_tiers.begin(), of_tiers.end(), id,
                                   [](const limits::limit& a, const limits::uuid& b) { return a.id < b; });
  return at != of_tiers.end() && at->id == id ? &*at : nullptr;
}

const limits::limit* known_limits::plan_of(const std::string& tier) const noexcept {
  const auto plan = plans.find(tier);
  return plan == plans.end() ? nullptr : find(plan->second);
}

std::shared_ptr<const known_limits> current_limits() {
  const cache_version limits = version_of(cached::limits), tiers = version_of(cached::tier_rules);
  if (limits.is_own || tiers.is_own) return read_all_limits();
  if (limits_kept == nullptr || limits_kept->limits != limits || limits_kept->tiers != tiers) {
    auto made = std::make_unique<kept_limits>(kept_limits{limits, tiers, read_all_limits()});
    const std::unique_ptr<kept_limits> former(std::exchange(limits_kept, made.release()));
  }
  return limits_kept->known;
}

bool is_id_of_tiers(const limits::uuid& id) {
  const as_owner owner;
  pg::spi sql;
  return sql.run(select_id_of_tiers, {pg::uuid_value(id)}) > 0;
}

std::vector<limits::met_limit> limits_met(const known_limits& known, const limits::call_facts& call,
                                          const std::optional<limits::uuid>& rule) {
  std::vector<limits::met_limit> met = known.rows.matching(call);
  const auto add = [&](const limits::limit* by) {
    if (by == nullptr) return;
    const bool per_tenant = by->scope == limits::scope::tenant;
    met.push_back({by, std::string(call.tenant), std::string(per_tenant ? call.tenant : call.user)});
  };
  if (rule) add(known.find(*rule));
  if (!call.tier.empty()) add(known.plan_of(std::string(call.tier)));
  limits::into_lock_order(met);
  return met;
}

limits::limit_row limit_row_of(const pg::tuple_image& row) {
  limits::limit_row made;
  const auto text = [&](std::string_view column) {
    const auto value = row.maybe_text(column);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  };
  const pg::typed_datum id = row.value("id"), amount = row.value("amount"),
                        shares = row.value("alert_shares");
  if (id.type != InvalidOid) made.id = uuid_of(id.value);
  made.scope = text("scope");
  made.subject = text("subject");
  made.model = text("model");
  made.what = text("what");
  made.tenant = text("tenant_id");
  if (amount.type != InvalidOid) made.amount = pg::numeric_text(amount.value);
  made.period = text("period");
  made.on_exceed = text("on_exceed");
  made.downgrade_to = text("downgrade_to");
  made.unpriced = text("unpriced");
  if (shares.type != InvalidOid) made.alert_shares = numeric_texts(shares.value);
  if (!row.is_null("enabled")) made.enabled = row.boolean("enabled");
  return made;
}

}  // namespace llm_admin::store
