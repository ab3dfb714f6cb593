// llm_admin.drop_functions(functions): how a step down takes away what the older version does not have. Such
// a step makes this function first and drops it afterwards, so no version holds it.
#include <string>

#include "core/error.hpp"
#include "ledger/allowed_loss.hpp"
#include "ledger/own_script.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"

namespace llm_admin::ledger {

namespace {

constexpr std::uint64_t function_users_named = 8;

pg::statement select_functions{
    "SELECT u.function::pg_catalog.text "
    "FROM pg_catalog.unnest($1) WITH ORDINALITY AS u (function, place) ORDER BY u.place",
    {REGPROCEDUREARRAYOID}};

// What refers to one of the functions and is no member of the extension; of a view's rule, the view.
pg::statement select_function_users{
    "WITH reference AS ("
    "SELECT DISTINCT u.function, "
    "CASE WHEN w.oid IS NULL THEN d.classid "
    "ELSE 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid END AS classid, "
    "COALESCE(w.ev_class, d.objid) AS objid, CASE WHEN w.oid IS NULL THEN d.objsubid ELSE 0 END AS objsubid "
    "FROM pg_catalog.unnest($1) AS u (function) JOIN pg_catalog.pg_depend d "
    "ON d.refobjid OPERATOR(pg_catalog.=) u.function::pg_catalog.oid "
    "AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "LEFT JOIN pg_catalog.pg_rewrite w ON w.oid OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid) "
    "SELECT pg_catalog.format('%s uses %s', "
    "pg_catalog.pg_describe_object(r.classid, r.objid, r.objsubid), r.function) "
    "COLLATE pg_catalog.\"C\" "
    "FROM reference r "
    "WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid OPERATOR(pg_catalog.=) r.classid "
    "AND m.objid OPERATOR(pg_catalog.=) r.objid AND m.deptype OPERATOR(pg_catalog.=) 'e' "
    "AND m.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND m.refobjid OPERATOR(pg_catalog.=) $2) ORDER BY 1",
    {REGPROCEDUREARRAYOID, OIDOID}};

std::string names(pg::spi& spi, const char* separator, std::uint64_t most) {
  std::string list;
  const std::uint64_t count = spi.rows();
  for (std::uint64_t i = 0; i < count && i < most; ++i) list += (i == 0 ? "" : separator) + spi.at(i).text(1);
  if (count > most) list += separator + ("and " + std::to_string(count - most) + " more");
  return list;
}

// Refused with LA040 while objects of the user's refer to them, unless those may go as well.
void drop_functions(pg::spi& spi, Datum functions, Oid extension) {
  const pg::parameter leaving = pg::datum_value(functions, REGPROCEDUREARRAYOID);
  const bool in_use =
      spi.run(select_function_users, {leaving, pg::datum_value(ObjectIdGetDatum(extension), OIDOID)}) > 0;
  if (in_use && !pg::settings::allow_data_loss())
    throw error(sqlstate::would_lose_data, "objects outside the extension use functions that this step drops",
                names(spi, "; ", function_users_named),
                "drop them, or SET llm_admin.allow_data_loss = on and they are dropped with the functions");
  if (in_use) note_allowed_loss(names(spi, "; ", function_users_named));
  const std::uint64_t count = spi.run(select_functions, {leaving});
  if (count == 0) return;
  spi.execute("DROP ROUTINE " + names(spi, ", ", count) + (in_use ? " CASCADE" : ""));
}

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_drop_functions)(FunctionCallInfo fcinfo) {
  const Oid extension = ledger::require_own_script("drop_functions");
  pg::spi spi;
  ledger::drop_functions(spi, pg::args(fcinfo).raw(0, REGPROCEDUREARRAYOID), extension);
  return BoolGetDatum(true);
}
