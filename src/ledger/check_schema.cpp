// llm_admin.check_schema(): the install script's second step. Whoever may create objects in our schema could
// plant a function or operator that later statements pick up, so a schema that somebody else prepared is
// refused.
#include <string>
#include <vector>

#include "core/error.hpp"
#include "ledger/foreign_grants.hpp"
#include "ledger/own_script.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/spi.hpp"

namespace llm_admin::ledger {

namespace {

constexpr std::uint64_t strangers_named = 5;

pg::statement select_schema{
    "SELECT n.oid, n.nspowner, n.xmin, pg_catalog.pg_get_userbyid(n.nspowner)::pg_catalog.text "
    "FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) 'llm_admin'",
    {}};

pg::statement select_creators{
    "SELECT CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' "
    "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)::pg_catalog.text) END "
    "COLLATE pg_catalog.\"C\", a.grantee "
    "FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a "
    "WHERE n.oid OPERATOR(pg_catalog.=) $1 AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE' "
    "AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner ORDER BY 1",
    {OIDOID}};

// What lives in the schema depends on it; the extension itself and its members are ours.
pg::statement select_strangers{
    "SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) COLLATE pg_catalog.\"C\" FROM "
    "pg_catalog.pg_depend d "
    "WHERE d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.refobjid OPERATOR(pg_catalog.=) $1 AND d.deptype OPERATOR(pg_catalog.=) 'n' "
    "AND NOT (d.classid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.objid OPERATOR(pg_catalog.=) $2) "
    "AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid OPERATOR(pg_catalog.=) d.classid "
    "AND m.objid OPERATOR(pg_catalog.=) d.objid AND m.deptype OPERATOR(pg_catalog.=) 'e' "
    "AND m.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND m.refobjid OPERATOR(pg_catalog.=) $2) ORDER BY 1",
    {OIDOID, OIDOID}};

void check_owner(Oid owner, const std::string& owner_name) {
  const bool trusted = pg::call([=] { return owner == GetUserId() || superuser_arg(owner); });
  if (trusted) return;
  throw error(sqlstate::not_in_state, "schema llm_admin belongs to a role that is not a superuser",
              "its owner is " + owner_name + ", who could replace what the extension makes in it",
              "ALTER SCHEMA llm_admin OWNER TO CURRENT_USER");
}

void check_creators(pg::spi& spi, Oid schema, Oid owner, bool just_made) {
  if (spi.run(select_creators, {pg::datum_value(ObjectIdGetDatum(schema), OIDOID)}) == 0) return;
  std::string names;
  std::vector<foreign_grant> grants;
  for (std::uint64_t i = 0; i < spi.rows(); ++i) {
    const pg::row row = spi.at(i);
    names += (i == 0 ? "" : ", ") + row.text(1);
    grants.push_back(
        {"schema llm_admin", row.text(1), "CREATE", "SCHEMAS", DatumGetObjectId(row.raw(2, OIDOID)), owner});
  }
  throw error(
      sqlstate::not_in_state, "schema llm_admin lets other roles create objects in it",
      "CREATE is granted to " + names,
      just_made ? mending_statements(spi, grants) : "REVOKE CREATE ON SCHEMA llm_admin FROM " + names);
}

void check_strangers(pg::spi& spi, Oid schema, Oid extension) {
  const std::uint64_t count =
      spi.run(select_strangers, {pg::datum_value(ObjectIdGetDatum(schema), OIDOID),
                                 pg::datum_value(ObjectIdGetDatum(extension), OIDOID)});
  if (count == 0) return;
  std::string names;
  for (std::uint64_t i = 0; i < count && i < strangers_named; ++i)
    names += (i == 0 ? "" : ", ") + spi.at(i).text(1);
  if (count > strangers_named) names += " and " + std::to_string(count - strangers_named) + " more";
  throw error(sqlstate::not_in_state, "schema llm_admin is not empty", "it holds " + names,
              "ALTER SCHEMA llm_admin RENAME TO llm_admin_before");
}

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_check_schema, BOOLOID)(FunctionCallInfo) {
  const Oid extension = ledger::require_own_script("check_schema");
  pg::spi spi;
  spi.run(ledger::select_schema, {});
  const auto found = spi.first();
  if (!found) throw error(sqlstate::undefined_object, "schema llm_admin does not exist");
  const Oid schema = DatumGetObjectId(found->raw(1, OIDOID));
  const Oid owner = DatumGetObjectId(found->raw(2, OIDOID));
  ledger::check_owner(owner, found->text(4));
  ledger::check_creators(spi, schema, owner, ledger::made_here(found->raw(3, XIDOID)));
  ledger::check_strangers(spi, schema, extension);
  return BoolGetDatum(true);
}
