#include "store/access.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/similar.hpp"
#include "pg/cursor.hpp"
#include "pg/scratch.hpp"
#include "pg/spi.hpp"
#include "store/cache_version.hpp"
#include "store/model_name.hpp"
#include "store/owner.hpp"

namespace llm_admin::store {

namespace {

pg::statement select_tiers{
    "SELECT t.tier_code::pg_catalog.text FROM llm_admin.tiers t ORDER BY t.sort_order, t.tier_code", {}};
// Null stands for all tiers.
pg::statement select_tier_rules{
    "SELECT r.id, r.tier_code::pg_catalog.text, r.model_pattern::pg_catalog.text, r.allowed, "
    "r.max_requests_per_day, r.max_context_length, r.priority FROM llm_admin.tier_model_rules r "
    "WHERE $1 IS NULL OR r.tier_code OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID}};
pg::statement select_tier{
    "SELECT 1 FROM llm_admin.tiers t WHERE t.tier_code OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID}};
pg::statement select_permissions{
    "SELECT p.id, p.access_type::pg_catalog.text, p.allowed FROM llm_admin.model_permissions p "
    "WHERE p.model_id OPERATOR(pg_catalog.=) $1::pg_catalog.varchar AND ("
    "(p.access_type::pg_catalog.text OPERATOR(pg_catalog.=) 'user' AND p.access_value OPERATOR(pg_catalog.=) "
    "$2::pg_catalog.varchar) OR "
    "(p.access_type::pg_catalog.text OPERATOR(pg_catalog.=) 'agent' AND p.access_value "
    "OPERATOR(pg_catalog.=) "
    "$3::pg_catalog.varchar) OR "
    "(p.access_type::pg_catalog.text OPERATOR(pg_catalog.=) 'role' AND p.access_value OPERATOR(pg_catalog.=) "
    "ANY ($4::pg_catalog.varchar[])) OR "
    "(p.access_type::pg_catalog.text OPERATOR(pg_catalog.=) 'tier' AND p.access_value OPERATOR(pg_catalog.=) "
    "$5::pg_catalog.varchar))",
    {TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTOID}};
// The user's own row goes before the tenant's.
pg::statement select_user_tier{
    "SELECT u.tier_code::pg_catalog.text FROM llm_admin.user_tiers u WHERE u.tenant_id "
    "OPERATOR(pg_catalog.=) $1 AND (u.user_id OPERATOR(pg_catalog.=) $2 OR u.user_id OPERATOR(pg_catalog.=) "
    "'') AND u.valid_from OPERATOR(pg_catalog.<=) pg_catalog.now() AND (u.valid_until IS NULL OR "
    "u.valid_until OPERATOR(pg_catalog.>) pg_catalog.now()) ORDER BY u.user_id DESC, u.valid_from DESC LIMIT "
    "1",
    {TEXTOID, TEXTOID}};

row_id id_of(Datum uuid) {
  row_id id;
  std::memcpy(id.data(), DatumGetUUIDP(uuid)->data, id.size());
  return id;
}

std::optional<std::int32_t> maybe_integer(const pg::row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional<std::int32_t>(row.integer(column));
}

using rules_by_tier = std::unordered_map<std::string, std::vector<tier_rule>>;

rules_by_tier read_rules(std::optional<std::string_view> tier, pg::spi& shared) {
  rules_by_tier found;
  pg::cursor rows = cursor_by_owner(select_tier_rules, {pg::value(tier)}, pg::as_of::statement, &shared);
  pg::scratch row_memory;
  while (const auto row = rows.next()) {
    row_memory.reset();
    found[row->text(2)].push_back({id_of(row->raw(1, UUIDOID)), row->text(3), row->boolean(4),
                                   maybe_integer(*row, 5), maybe_integer(*row, 6), row->integer(7)});
  }
  return found;
}

std::vector<tier_with_rules> read_all() {
  pg::spi shared;
  rules_by_tier rules = read_rules(std::nullopt, shared);
  std::vector<tier_with_rules> tiers;
  pg::cursor rows = cursor_by_owner(select_tiers, {}, pg::as_of::statement, &shared);
  pg::scratch row_memory;
  while (const auto row = rows.next()) {
    row_memory.reset();
    std::string code = row->text(1);
    tier_rules compiled(std::move(rules[code]));
    tiers.push_back({std::move(code), std::move(compiled)});
  }
  return tiers;
}

struct kept_rules {
  cache_version version;
  std::shared_ptr<const std::vector<tier_with_rules>> tiers;
  std::unordered_map<std::string_view, const tier_rules*> by_code;
};
// For the life of the backend; a pointer, so that no destructor runs at exit.
kept_rules* tiers_kept = nullptr;

const kept_rules& rules_kept(const cache_version& now) {
  if (tiers_kept != nullptr && tiers_kept->version == now) return *tiers_kept;
  auto made = std::make_unique<kept_rules>();
  made->version = now;
  made->tiers = std::make_shared<const std::vector<tier_with_rules>>(read_all());
  for (const tier_with_rules& one : *made->tiers) made->by_code.emplace(one.code, &one.rules);
  const std::unique_ptr<kept_rules> former(std::exchange(tiers_kept, made.release()));
  return *tiers_kept;
}

// The rules of a tier; null where there is no such tier. `own` holds those of a transaction that changed them.
const tier_rules* rules_of(const std::string& tier, tier_rules& own) {
  const cache_version now = version_of(cached::tier_rules);
  if (!now.is_own) {
    const auto& by_code = rules_kept(now).by_code;
    const auto found = by_code.find(tier);
    return found == by_code.end() ? nullptr : found->second;
  }
  pg::spi sql;
  {
    const as_owner owner;
    if (sql.run(select_tier, {pg::value(tier)}, true) == 0) return nullptr;
  }
  own = tier_rules(std::move(read_rules(tier, sql)[tier]));
  return &own;
}

Datum text_array(const std::vector<std::string_view>& texts) {
  std::vector<Datum> values;
  values.reserve(texts.size());
  for (const std::string_view one : texts) values.push_back(pg::make_text(one));
  Datum* const first = values.data();
  const int count = static_cast<int>(values.size());
  return pg::call(
      [=] { return PointerGetDatum(construct_array(first, count, TEXTOID, -1, false, TYPALIGN_INT)); });
}

struct level {
  const char* type;
  const char* reason;
};
constexpr level levels[] = {{"user", "user_permission"},
                            {"agent", "agent_permission"},
                            {"role", "role_permission"},
                            {"tier", "tier_permission"}};

struct permission {
  const char* reason;
  bool allowed;
  row_id id;
};

pg::parameter unless_empty(std::string_view text) {
  return text.empty() ? pg::null_value() : pg::value(text);
}

// The one that decides: of the first level that has any, a denying one if there is one.
std::optional<permission> find_permission(const access_request& request, std::string_view model,
                                          std::string_view tier) {
  if (!may_have_rows(cached::permissions)) return std::nullopt;
  const std::string user = request.user_id.empty() ? "" : user_value(request.tenant_id, request.user_id);
  const Datum roles = text_array(request.roles);
  const as_owner owner;
  pg::spi sql;
  const std::uint64_t count = sql.run(select_permissions,
                                      {pg::value(model), unless_empty(user), unless_empty(request.agent),
                                       pg::datum_value(roles, TEXTARRAYOID), unless_empty(tier)},
                                      true);
  for (const level& one : levels) {
    std::optional<permission> found;
    for (std::uint64_t n = 0; n < count; ++n) {
      const pg::row row = sql.at(n);
      if (row.text_view(2) != one.type || (found && !found->allowed)) continue;
      const bool allowed = row.boolean(3);
      if (!found || !allowed) found = permission{one.reason, allowed, id_of(row.raw(1, UUIDOID))};
    }
    if (found) return found;
  }
  return std::nullopt;
}

// Where somebody has written down the user's tier, that counts and not the caller's word.
std::optional<std::string> written_tier(const access_request& request) {
  if (request.user_id.empty() && request.tenant_id.empty()) return std::nullopt;
  if (!may_have_rows(cached::user_tiers)) return std::nullopt;
  const as_owner owner;
  pg::spi sql;
  sql.run(select_user_tier, {pg::value(request.tenant_id), pg::value(request.user_id)}, true);
  const auto row = sql.first();
  return row ? std::optional<std::string>(row->text(1)) : std::nullopt;
}

access_decision denied(std::string model, const char* reason) {
  access_decision made{};
  made.reason = reason;
  made.canonical_model = std::move(model);
  made.max_requests_per_day = made.max_context_length = 0;
  return made;
}

}  // namespace

std::string user_value(std::string_view tenant_id, std::string_view user_id) {
  std::string value;
  for (const char c : tenant_id) {
    if (c == '/' || c == '%')
      value += c == '/' ? "%2F" : "%25";
    else
      value += c;
  }
  if (!tenant_id.empty() || user_id.find('/') != std::string_view::npos) value += '/';
  return value += user_id;
}

access_decision check_access(const access_request& request) {
  std::string model = canonical_model(request.provider, request.model).canonical;
  const std::optional<std::string> written = written_tier(request);
  const std::string tier = written ? *written : std::string(request.tier.value_or(std::string_view()));
  tier_rules own;
  const tier_rules* rules = tier.empty() ? nullptr : rules_of(tier, own);
  // A permission outlives its tier, whose word is then anybody's.
  const auto permission = find_permission(request, model, rules == nullptr ? std::string_view() : tier);
  const tier_rule* rule = rules == nullptr ? nullptr : rules->find(model);
  access_decision made = denied(std::move(model), tier.empty()       ? "no_tier"
                                                  : rules == nullptr ? "unknown_tier"
                                                  : rule == nullptr  ? "no_rule"
                                                                     : "tier_rule");
  made.tier = tier;
  if (written && request.tier && *request.tier != *written)
    made.note = "the tier is " + *written + " by user_tiers";
  if (permission) {
    made.reason = permission->reason;
    made.permission = permission->id;
    made.allowed = permission->allowed;
    if (!made.allowed) return made;
    made.max_requests_per_day = made.max_context_length = std::nullopt;
    if (rule == nullptr || !rule->allowed) return made;  // the tier's limits are those of what it denies
  } else {
    made.allowed = rule != nullptr && rule->allowed;
  }
  if (rule == nullptr) return made;
  made.rule = rule->id;
  if (!made.allowed) return made;
  made.max_requests_per_day = rule->max_requests_per_day;
  made.max_context_length = rule->max_context_length;
  return made;
}

std::shared_ptr<const std::vector<tier_with_rules>> all_tiers() {
  const cache_version now = version_of(cached::tier_rules);
  if (!now.is_own) return rules_kept(now).tiers;
  return std::make_shared<const std::vector<tier_with_rules>>(read_all());
}

void require_tier(std::string_view code) {
  pg::spi sql;
  std::vector<std::string> codes;
  {
    const as_owner owner;
    if (sql.read_latest(select_tier, {pg::value(code)}) > 0) return;
    const std::uint64_t count = sql.read_latest(select_tiers, {});
    for (std::uint64_t n = 0; n < count && n < 1000; ++n) codes.push_back(sql.at(n).text(1));
  }
  const std::vector<std::string_view> known(codes.begin(), codes.end());
  std::string near;
  for (const std::string& one : nearest(code, known)) near += (near.empty() ? "there is " : ", ") + one;
  throw llm_admin::error(
      sqlstate::undefined_object, "there is no tier " + quoted_or_length(code, known), near,
      known.empty() ? "SELECT * FROM llm_admin.seed_tiers() adds those that ship"
                    : "INSERT INTO llm_admin.tiers (tier_code, display_name) VALUES (" +
                          sql_literal(code.size() <= 24 ? code : "", "'<tier>'") + ", '<name>') adds one");
}

}  // namespace llm_admin::store
