#include "store/cache_version.hpp"

#include <cstring>
#include <initializer_list>

#include "pg/args.hpp"
#include "pg/fetch.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"
#include "store/row_finder.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

constexpr std::size_t subjects = static_cast<std::size_t>(cached::count_);
constexpr const char* subject_names[subjects] = {"tier_rules",  "permissions", "user_tiers",
                                                 "model_names", "accounts",    "limits"};

constexpr const char* version_columns[] = {"version"};
constinit row_finder version_finder(table::cache_versions, version_columns);

pg::statement bump_row{
    "INSERT INTO llm_admin.cache_versions AS v (subject, version) VALUES ($1, 1) ON CONFLICT (subject) "
    "DO UPDATE SET version = v.version OPERATOR(pg_catalog.+) 1",
    {TEXTOID}};

pg::statement any_permission{"SELECT 1 FROM llm_admin.model_permissions p LIMIT 1", {}};
pg::statement any_user_tier{"SELECT 1 FROM llm_admin.user_tiers u LIMIT 1", {}};
pg::statement any_account{"SELECT 1 FROM llm_admin.llm_providers a LIMIT 1", {}};

const char* name_of(cached subject) { return subject_names[static_cast<std::size_t>(subject)]; }

pg::fetched find(cached subject, pg::as_of when, std::int64_t& version) {
  static pg::last_place places[subjects];
  Datum value;
  bool null = true;
  const pg::fetched found =
      version_finder.find(index::cache_versions_subject, F_TEXTEQ, pg::make_text(name_of(subject)), when,
                          &value, &null, &places[static_cast<std::size_t>(subject)]);
  version = found.tuple == nullptr || null ? 0 : DatumGetInt64(value);
  return found;
}

bool is_current(TransactionId xmin) {
  return pg::call([=] { return TransactionIdIsCurrentTransactionId(xmin); });
}

std::uint64_t generations_of(cached subject) {
  const auto of = [](table which) {
    (void)oid_of(which);  // events are heard of a table whose OID is known
    return generation(which);
  };
  switch (subject) {
    case cached::tier_rules:
      return of(table::tier_rules) + of(table::tiers);
    case cached::permissions:
      return of(table::permissions);
    case cached::user_tiers:
      return of(table::user_tiers);
    case cached::model_names:
      return of(table::model_aliases) + of(table::aliases);
    case cached::limits:
      return of(table::limits) + of(table::limit_overrides);
    case cached::accounts:
    case cached::count_:
      break;
  }
  return of(table::accounts);
}

// Whether a write to the table bumps its row whoever writes: both triggers are as they were made.
bool tells_writes(table which) {
  const Oid relation = oid_of(which);
  return pg::call([=] {
    const Relation of = table_open(relation, AccessShareLock);
    bool by_statement = false, by_row = false;
    for (int n = 0; of->trigdesc != nullptr && n < of->trigdesc->numtriggers; ++n) {
      const Trigger& one = of->trigdesc->triggers[n];
      if (std::strcmp(one.tgname, "trg_cache_changed") == 0)
        by_statement = one.tgenabled == TRIGGER_FIRES_ALWAYS;
      else if (std::strcmp(one.tgname, "trg_cache_replicated") == 0)
        by_row = one.tgenabled == TRIGGER_FIRES_ON_REPLICA || one.tgenabled == TRIGGER_FIRES_ALWAYS;
    }
    table_close(of, AccessShareLock);
    return by_statement && by_row;
  });
}

// Asked anew when the table was altered.
bool tells_writes(cached subject, std::uint64_t generation) {
  struct verdict {
    std::uint64_t generation;
    bool known, tells;
  };
  static verdict seen[subjects];
  verdict& last = seen[static_cast<std::size_t>(subject)];
  if (last.known && last.generation == generation) return last.tells;
  const auto all = [](std::initializer_list<table> of) {
    for (const table one : of)
      if (!tells_writes(one)) return false;
    return true;
  };
  const bool tells = subject == cached::tier_rules    ? all({table::tier_rules, table::tiers})
                     : subject == cached::permissions ? all({table::permissions})
                     : subject == cached::user_tiers  ? all({table::user_tiers})
                     : subject == cached::model_names ? all({table::model_aliases, table::aliases})
                     : subject == cached::limits      ? all({table::limits, table::limit_overrides})
                                                      : all({table::accounts});
  last = {generation, true, tells};
  return tells;
}

// Of these only whether there are any is kept.
bool is_about_existence(cached subject) {
  return subject == cached::permissions || subject == cached::user_tiers || subject == cached::accounts;
}

}  // namespace

cache_version version_of(cached subject) {
  const std::uint64_t generation = generations_of(subject);
  std::int64_t version;
  const pg::fetched found = find(subject, pg::as_of::statement, version);
  const bool is_told = tells_writes(subject, generation);
  if (found.tuple == nullptr) return {0, InvalidTransactionId, generation, !is_told};
  return {version, found.xmin, generation, !is_told || is_current(found.xmin)};
}

bool may_have_rows(cached subject) {
  const cache_version now = version_of(subject);
  if (now.version != 0 || now.is_own) return true;
  // Rows that came while the table's triggers were off.
  struct emptiness {
    std::uint64_t generation;
    bool known, empty;
  };
  static emptiness seen[subjects];
  emptiness& last = seen[static_cast<std::size_t>(subject)];
  if (last.known && last.empty && last.generation == now.generation) return false;
  const as_owner owner;
  pg::spi sql;
  pg::statement& any = subject == cached::permissions  ? any_permission
                       : subject == cached::user_tiers ? any_user_tier
                                                       : any_account;
  const bool empty = sql.run(any, {}, true) == 0;
  last = {now.generation, true, empty};
  return !empty;
}

std::optional<cached> subject_of(std::string_view table) {
  if (table == "tiers" || table == "tier_model_rules") return cached::tier_rules;
  if (table == "model_permissions") return cached::permissions;
  if (table == "user_tiers") return cached::user_tiers;
  if (table == "model_aliases" || table == "provider_aliases") return cached::model_names;
  if (table == "limits" || table == "limit_overrides") return cached::limits;
  if (table == "llm_providers") return cached::accounts;
  return std::nullopt;
}

void bump(cached subject) {
  std::int64_t version;
  const pg::fetched found = find(subject, pg::as_of::latest, version);
  // Once a transaction is enough; a row that were bumped by each of many statements would become a long chain.
  if (found.tuple != nullptr && (is_about_existence(subject) || is_current(found.xmin))) return;
  const as_owner owner;
  pg::spi sql;
  sql.run(bump_row, {pg::value(name_of(subject))});
}

}  // namespace llm_admin::store
