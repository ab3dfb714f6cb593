// erase_audit_payload(): takes what rows of the log recorded, with its salt, and writes that it was done and why. The
// rows stay, and their leaves hold: they contain commitments alone.
#include <string>
#include <vector>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "store/audit.hpp"
#include "store/entered_tenant.hpp"
#include "store/own_update.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

constexpr int most_ids = 10'000;

// By what is committed: a row that waits to be is nobody's to erase.
pg::statement select_row{
    "SELECT l.\"timestamp\", l.commitment IS NOT NULL FROM llm_admin.audit_log l WHERE l.id "
    "OPERATOR(pg_catalog.=) $1 AND ($2 IS NULL OR l.tenant_id OPERATOR(pg_catalog.=) $2)",
    {INT8OID, TEXTOID}};
pg::statement delete_payload{
    "DELETE FROM llm_admin.audit_payloads p WHERE p.audit_time OPERATOR(pg_catalog.=) $2 "
    "AND p.audit_id OPERATOR(pg_catalog.=) $1",
    {INT8OID, TIMESTAMPTZOID}};

std::vector<std::int64_t> ids_of(Datum array) {
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg::call([&, array] {
    deconstruct_array(DatumGetArrayTypeP(array), INT8OID, sizeof(std::int64_t), FLOAT8PASSBYVAL,
                      TYPALIGN_DOUBLE, &elements, &nulls, &count);
  });
  if (count > most_ids)
    throw error(sqlstate::program_limit, "at most 10000 payloads are erased at once",
                std::to_string(count) + " ids were given", "");
  std::vector<std::int64_t> ids;
  for (int n = 0; n < count; ++n)
    if (!nulls[n]) ids.push_back(DatumGetInt64(elements[n]));
  return ids;
}

struct erasure {
  std::int64_t id;
  pg::typed_datum at{0, InvalidOid};
  const char* outcome = "no such row";
};

// Of every row with the id: only where the sequence was set back are there several.
void erase(pg::spi& sql, std::int64_t id, const std::optional<std::string>& tenant,
           std::vector<erasure>& all) {
  const std::size_t first = all.size();
  sql.run_on_latest(select_row, {pg::value(id), pg::value(tenant)});
  for (std::uint64_t n = 0; n < sql.rows(); ++n)
    all.push_back({id,
                   {sql.at(n).raw(1, TIMESTAMPTZOID), TIMESTAMPTZOID},
                   sql.at(n).boolean(2) ? "already erased" : "no payload"});
  if (all.size() == first) all.push_back({id});
  for (std::size_t n = first; n < all.size(); ++n)
    if (all[n].at.type != InvalidOid &&
        sql.run_on_latest(delete_payload, {pg::value(id), pg::datum_value(all[n].at.value, TIMESTAMPTZOID)}) >
            0)
      all[n].outcome = "erased";
}

std::string required_words(const pg::args& in, int n, const char* name) {
  const std::string words(in.required_text(n, name));
  if (words.find_first_not_of(" \t\r\n") == words.npos)
    throw error(sqlstate::invalid_parameter, std::string(name) + " is empty", "it is kept with the erasure",
                "say it in words");
  return words;
}

void note(const std::vector<erasure>& all, const std::string& reason, const std::string& ground) {
  json::tree tree;
  json::item* ids = tree.array();
  for (const erasure& one : all)
    if (std::string_view(one.outcome) == "erased") tree.push(ids, tree.integer(one.id));
  if (ids->count == 0) return;
  json::item* details = tree.object();
  tree.put(details, "ids", ids);
  tree.put(details, "reason", tree.string(reason));
  tree.put(details, "legal_ground", tree.string(ground));
  store::write_audit({.action = "erased", .resource_type = "audit_payloads", .details = details});
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_erase_audit_payload)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  pg::require_primary("erase_audit_payload");
  if (in.is_null(0))
    throw error(sqlstate::null_not_allowed, "ids must not be null", "", "SELECT id FROM llm_admin.audit_log");
  const std::vector<std::int64_t> ids = ids_of(in.raw(0, INT8ARRAYOID));
  const std::string reason = required_words(in, 1, "reason");
  const std::string ground = required_words(in, 2, "legal_ground");
  std::optional<std::string> tenant;
  if (const auto entered = store::entered_tenant()) tenant = std::string(*entered);
  std::vector<erasure> all;
  {
    const store::own_update erasing(store::own_change::erasing);
    const store::as_owner owner;
    pg::spi sql;
    for (const std::int64_t id : ids) erase(sql, id, tenant, all);
  }
  note(all, reason, ground);
  pg::row_set rows(fcinfo);
  for (const erasure& one : all) {
    pg::row_builder out;
    out.add_bigint(one.id).add(one.at).add_text(one.outcome);
    rows.add(out);
  }
  return Datum{0};
}
