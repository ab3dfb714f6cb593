#include "store/frontier.hpp"

#include "core/error.hpp"
#include "store/damage.hpp"
#include "store/members.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

pg::statement insert_frontier{
    "INSERT INTO llm_admin.frontiers (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", {TEXTOID}};
pg::statement lock_frontier{
    "SELECT f.last_id FROM llm_admin.frontiers f WHERE f.name OPERATOR(pg_catalog.=) $1 FOR UPDATE",
    {TEXTOID}};
pg::statement select_horizon{"SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())", {}};
// The statements about one log. `narrow` puts in the place of each gap in which rows were seen what is left of it.
struct log_statements {
  pg::statement lock;
  pg::statement narrow;
  pg::statement open;
  pg::statement last_value;
  pg::statement set_value;
};
#define LLM_ADMIN_LOG_STATEMENTS(log)                                                                        \
  {                                                                                                          \
    {"LOCK TABLE " log " IN ACCESS SHARE MODE", {}},                                                         \
        {"WITH found AS (SELECT g.ids, (SELECT pg_catalog.range_agg(pg_catalog.int8range(l.id, l.id, "       \
         "'[]')) "                                                                                           \
         "FROM " log                                                                                         \
         " l WHERE l.id OPERATOR(pg_catalog.>=) pg_catalog.lower(g.ids) "                                    \
         "AND l.id OPERATOR(pg_catalog.<) pg_catalog.upper(g.ids)) AS seen "                                 \
         "FROM llm_admin.frontier_gaps g WHERE g.name OPERATOR(pg_catalog.=) $1), "                          \
         "narrowed AS (DELETE FROM llm_admin.frontier_gaps g USING found f WHERE g.name "                    \
         "OPERATOR(pg_catalog.=) $1 "                                                                        \
         "AND g.ids OPERATOR(pg_catalog.=) f.ids AND f.seen IS NOT NULL "                                    \
         "RETURNING g.name, g.ids, g.closes_at, g.opened_at, f.seen) "                                       \
         "INSERT INTO llm_admin.frontier_gaps (name, ids, closes_at, opened_at) SELECT n.name, "             \
         "pg_catalog.unnest(pg_catalog.int8multirange(n.ids) OPERATOR(pg_catalog.-) n.seen), n.closes_at, "  \
         "n.opened_at "                                                                                      \
         "FROM narrowed n",                                                                                  \
         {TEXTOID}},                                                                                         \
        {"INSERT INTO llm_admin.frontier_gaps (name, ids, closes_at, opened_at) "                            \
         "SELECT $1, pg_catalog.int8range(s.before OPERATOR(pg_catalog.+) 1::pg_catalog.int8, s.id, '[)'), " \
         "$3, "                                                                                              \
         "pg_catalog.clock_timestamp() FROM (SELECT l.id, pg_catalog.lag(l.id, 1, $2) OVER (ORDER BY l.id) " \
         "AS before "                                                                                        \
         "FROM " log                                                                                         \
         " l WHERE l.id OPERATOR(pg_catalog.>) $2) s "                                                       \
         "WHERE s.id OPERATOR(pg_catalog.>) (s.before OPERATOR(pg_catalog.+) 1::pg_catalog.int8)",           \
         {TEXTOID, INT8OID, XID8OID}},                                                                       \
        {"SELECT s.last_value FROM " log "_id_seq s", {}}, {                                                 \
      "SELECT pg_catalog.setval('" log "_id_seq'::pg_catalog.regclass, $1)", { INT8OID }                     \
    }                                                                                                        \
  }

log_statements of_usage LLM_ADMIN_LOG_STATEMENTS("llm_admin.llm_usage_logs");

// Closed: the transactions that may hold one of its ids have ended, before the snapshot was taken that the rows
// were read by; or its xids are those of another cluster, whose transactions did not come along.
pg::statement close_gaps{
    "DELETE FROM llm_admin.frontier_gaps g WHERE g.name OPERATOR(pg_catalog.=) $1 "
    "AND (g.closes_at OPERATOR(pg_catalog.<=) $2 OR g.closes_at OPERATOR(pg_catalog.>) $3)",
    {TEXTOID, XID8OID, XID8OID}};
pg::statement update_frontier{
    "UPDATE llm_admin.frontiers f SET last_id = $2, updated_at = pg_catalog.clock_timestamp() "
    "WHERE f.name OPERATOR(pg_catalog.=) $1",
    {TEXTOID, INT8OID}};
pg::statement count_gaps{
    "SELECT pg_catalog.count(*) FROM llm_admin.frontier_gaps g WHERE g.name OPERATOR(pg_catalog.=) $1",
    {TEXTOID}};

Oid sequence_of(const log_ids& log) {
  const Oid sequence = relation_in(schema(), log.sequence);
  if (!OidIsValid(sequence)) throw damage::of_relation(log.sequence);
  return sequence;
}

// Ids that a load brought may lie beyond what the sequence has given out. It must not give those out later: they
// would lie behind the frontier. A short way is gone by steps, which no other session can come in between of.
constexpr std::int64_t most_steps = 10000;

void raise_sequence(pg::spi& sql, const log_ids& log, log_statements& statements, std::int64_t greatest) {
  sql.run(statements.last_value, {});
  const std::int64_t last = sql.at(0).bigint(1);
  if (last >= greatest) return;
  if (greatest - last > most_steps) {
    sql.run(statements.set_value, {pg::value(greatest)});
    return;
  }
  const Oid sequence = sequence_of(log);
  pg::call([=] {
    while (nextval_internal(sequence, false) < greatest) CHECK_FOR_INTERRUPTS();
  });
}

Datum next_xid() {
  return pg::call([] { return FullTransactionIdGetDatum(ReadNextFullTransactionId()); });
}

}  // namespace

std::int64_t next_id(const log_ids& log) {
  const Oid sequence = sequence_of(log);
  return pg::call([=] {
    (void)GetTopTransactionId();
    return nextval_internal(sequence, false);
  });
}

frontier::frontier(pg::spi& sql, const log_ids& log) : log_(log) {
  if (IsolationUsesXactSnapshot())
    throw error(
        sqlstate::not_in_state, "a log is read on at READ COMMITTED alone",
        "this transaction sees the state of its beginning, so that what others have read since would be read "
        "once more",
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED at its beginning");
  sql.run(insert_frontier, {pg::value(log_.frontier)});
  sql.run(lock_frontier, {pg::value(log_.frontier)});
  last_id_ = sql.at(0).bigint(1);
  // Partitions come and go under the log's lock: the snapshot must not be older than what is read by it.
  sql.run(of_usage.lock, {});
  sql.run(select_horizon, {});
  horizon_ = sql.at(0).raw(1, XID8OID);
  seen_.take();
}

std::uint64_t frontier::run(pg::spi& sql, pg::statement& s, std::initializer_list<pg::parameter> parameters) {
  return seen_.run(sql, s, parameters);
}

void frontier::advance(pg::spi& sql, std::int64_t beyond, std::int64_t greatest) {
  run(sql, of_usage.narrow, {pg::value(log_.frontier)});
  sql.run(close_gaps, {pg::value(log_.frontier), pg::datum_value(horizon_, XID8OID),
                       pg::datum_value(next_xid(), XID8OID)});
  if (greatest > last_id_) {
    raise_sequence(sql, log_, of_usage, greatest);
    if (beyond != greatest - last_id_)
      run(sql, of_usage.open,
          {pg::value(log_.frontier), pg::value(last_id_), pg::datum_value(next_xid(), XID8OID)});
    sql.run(update_frontier, {pg::value(log_.frontier), pg::value(greatest)});
    last_id_ = greatest;
  }
  sql.run(count_gaps, {pg::value(log_.frontier)});
  open_gaps_ = sql.at(0).bigint(1);
}

}  // namespace llm_admin::store
