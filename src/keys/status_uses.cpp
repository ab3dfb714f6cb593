// The rows of key_status() about the uses of data keys (store/key_uses.hpp).
#include <string>

#include "keys/status.hpp"
#include "pg/spi.hpp"
#include "store/entered_tenant.hpp"
#include "store/key_uses.hpp"
#include "store/owner.hpp"

namespace llm_admin::keys {

namespace {

// Of the newest data key of each owner: whose it is, its own count, and the blocks that the sequence handed
// out since it was made. The most used one first, and before it one whose count cannot be: it gives no more
// uses.
#define LLM_ADMIN_USES(own)                                                                              \
  "SELECT n.tenant_id, CASE WHEN n.first_use_block OPERATOR(pg_catalog.>=) -1048576 AND " own            \
  " "                                                                                                    \
  "OPERATOR(pg_catalog.>=) 0 THEN LEAST(" own                                                            \
  ", 1073741824) OPERATOR(pg_catalog.+) (1024 "                                                          \
  "OPERATOR(pg_catalog.*) LEAST(GREATEST(0, (LEAST(s.last, 4611686018427387903) OPERATOR(pg_catalog.-) " \
  "n.first_use_block) OPERATOR(pg_catalog.+) 1), 1048576)) END AS made "                                 \
  "FROM (SELECT DISTINCT ON (k.tenant_id) k.* FROM "                                                     \
  "llm_admin.data_keys k WHERE (k.tenant_id IS NULL) OPERATOR(pg_catalog.=) $1 AND ($2 IS NULL OR "      \
  "k.tenant_id IS NULL OR k.tenant_id OPERATOR(pg_catalog.=) $2) ORDER BY k.tenant_id, "                 \
  "k.version DESC) n CROSS JOIN (SELECT COALESCE(pg_catalog.pg_sequence_last_value("                     \
  "'llm_admin.key_use_blocks'::pg_catalog.regclass), 0) AS last) s ORDER BY made DESC, n.tenant_id LIMIT 1"
pg::statement most_used{LLM_ADMIN_USES("COALESCE(n.uses, 0)"), {BOOLOID, TEXTOID}};
pg::statement most_used_by_sequence{LLM_ADMIN_USES("0::pg_catalog.int8"), {BOOLOID, TEXTOID}};
#undef LLM_ADMIN_USES

pg::statement sequence_behind{
    "SELECT b.newest FROM (SELECT pg_catalog.max(k.first_use_block) AS newest FROM llm_admin.data_keys k) b "
    "WHERE b.newest OPERATOR(pg_catalog.>) (COALESCE(pg_catalog.pg_sequence_last_value("
    "'llm_admin.key_use_blocks'::pg_catalog.regclass), 0) OPERATOR(pg_catalog.+) 1)",
    {}};

void add_most_used(status_rows& rows, bool of_installation) {
  const store::as_owner owner;
  pg::spi sql;
  sql.run(store::key_uses::in_rows() ? most_used : most_used_by_sequence,
          {pg::value(of_installation), pg::value(store::entered_tenant())}, true);
  const auto row = sql.first();
  if (!row) return;
  if (row->is_null(2)) {
    const std::string tenant = of_installation ? std::string() : row->text(1);
    rows.add(of_installation ? "uses of the current data key" : "uses of the most used tenant data key",
             "the count in its row is damaged: nothing more is sealed by it" +
                 (tenant.empty() ? std::string() : ", of tenant " + tenant),
             verdict::error, store::key_uses::rotate_statement(tenant));
    return;
  }
  const std::int64_t made = row->bigint(2);
  const bool half = made >= store::key_uses::most / 2;
  const std::string tenant = of_installation ? std::string() : row->text(1);
  rows.add(of_installation ? "uses of the current data key" : "uses of the most used tenant data key",
           "at most " + std::to_string(made) + " of " + std::to_string(store::key_uses::most) +
               (half && !tenant.empty() ? ", of tenant " + tenant : ""),
           made >= store::key_uses::most ? verdict::error
           : half                        ? verdict::warning
                                         : verdict::ok,
           half ? store::key_uses::rotate_statement(tenant) : std::string());
}

}  // namespace

void add_uses(status_rows& rows) {
  add_most_used(rows, true);
  add_most_used(rows, false);
  const store::as_owner owner;
  pg::spi sql;
  sql.run(sequence_behind, {}, true);
  if (const auto row = sql.first())
    rows.add("sequence of key uses", "behind the data keys: it was not restored with them", verdict::error,
             "SELECT pg_catalog.setval('llm_admin.key_use_blocks', " + std::to_string(row->bigint(1)) + ")");
}

}  // namespace llm_admin::keys
