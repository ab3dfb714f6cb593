// llm_admin.check_requirements(script): the first thing a script does. It makes this function, calls it as
// whoever runs the script, and drops it, so no version holds it. What is missing is told with what mends it,
// instead of an error of the server's in the middle of the script.
#include <string>

#include "core/error.hpp"
#include "core/script_name.hpp"
#include "ledger/own_script.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
}

namespace llm_admin::ledger {

namespace {

// Whose functions in C the script would make: the extension's owner and that of its objects, mostly one role.
pg::statement select_script_owners{
    "SELECT e.extowner FROM pg_catalog.pg_extension e WHERE e.oid OPERATOR(pg_catalog.=) $1 "
    "UNION ALL SELECT c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
    "ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE n.nspname OPERATOR(pg_catalog.=) 'llm_admin' "
    "AND c.relname OPERATOR(pg_catalog.=) 'schema_migrations'",
    {OIDOID}};

void check_library(const script_name& script) {
  if (compare_versions(script.newest, LLM_ADMIN_VERSION) <= 0) return;
  throw error(sqlstate::not_in_state,
              "the library that this session has loaded is of version " LLM_ADMIN_VERSION,
              "the script needs that of version " + script.newest,
              "open a new session; if it is the same there, install the library of that version");
}

void require_superusers(pg::spi& spi, Oid extension) {
  spi.run(select_script_owners, {pg::datum_value(ObjectIdGetDatum(extension), OIDOID)});
  for (std::uint64_t i = 0; i < spi.rows(); ++i) {
    const Oid owner = DatumGetObjectId(spi.at(i).raw(1, OIDOID));
    if (pg::call([=] { return superuser_arg(owner); })) continue;
    const std::string name = pg::quoted(pg::role_name(owner));
    throw error(
        sqlstate::insufficient_privilege, "the extension belongs to role " + name + ", who is no superuser",
        "what the script makes belongs to the owner as well, and only superusers make functions in C; the "
        "statement hands over whatever else " +
            name + " owns in this database, too",
        "REASSIGN OWNED BY " + name + " TO " + pg::quoted(pg::role_name(GetUserId())));
  }
}

void check_encoding(const script_name& script) {
  if (compare_versions(script.version, "0.4") < 0 || GetDatabaseEncoding() == PG_UTF8) return;
  const char* database = pg::call([] { return get_database_name(MyDatabaseId); });
  throw error(
      sqlstate::feature_not_supported, "llm_admin needs a database in UTF8",
      "database " + pg::quoted(database != nullptr ? database : "") + " is in " + GetDatabaseEncodingName(),
      "createdb -T template0 -E UTF8 NAME, and in that CREATE EXTENSION llm_admin; docs/deployment.md, "
      "\"Encodings\", tells how to move");
}

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_check_requirements, BOOLOID)(FunctionCallInfo fcinfo) {
  const Oid extension = ledger::require_own_script("check_requirements");
  const script_name script = parse_script_name(pg::args(fcinfo).required_text(0, "script"));
  ledger::check_library(script);
  if (std::string_view(script.direction) != "down") ledger::check_encoding(script);
  pg::spi spi;
  ledger::require_superusers(spi, extension);
  return BoolGetDatum(true);
}
