// llm_admin.record_migration(script): the last line of every script writes the script's row of the ledger, an
// install's also while a dump is restored: dumps leave such rows out.
#include <cstring>
#include <string>

#include "core/error.hpp"
#include "core/script_name.hpp"
#include "ledger/acl_check.hpp"
#include "ledger/catalog_description.hpp"
#include "ledger/own_script.hpp"
#include "ledger/script_file.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/schema_drift.hpp"

namespace llm_admin::ledger {

namespace {

pg::statement insert_row{
    "INSERT INTO llm_admin.schema_migrations "
    "(version, name, direction, applied_at, checksum, execution_time_ms, applied_by, fingerprint) "
    "VALUES ($1, $2, $3, pg_catalog.clock_timestamp(), $4, $5, $6, $7)",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT8OID, TEXTOID, TEXTOID}};

// Milliseconds since the mark that the script's first line set; 0 for a script without one.
std::int64_t elapsed_ms() {
  const std::string mark(pg::settings::migration_mark());
  if (mark.empty()) return 0;
  const char* text = mark.c_str();
  const TimestampTz began = pg::call([=] {
    return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text),
                                                   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
  });
  const std::int64_t microseconds = GetCurrentTimestamp() - began;
  return microseconds > 0 ? microseconds / 1000 : 0;
}

void write_row(pg::spi& spi, Oid extension, const std::string& script, const script_name& name) {
  const std::string description = fingerprint(describe_catalog(spi, extension));
  const std::string checksum = script_checksum(script);
  const std::string applied_by = pg::session_role();
  spi.run(insert_row,
          {pg::value(name.version), pg::value(script), pg::value(name.direction), pg::value(checksum),
           pg::value(elapsed_ms()), pg::value(applied_by), pg::value(description)});
}

pg::statement select_roles{
    "SELECT DISTINCT pg_catalog.quote_ident(g.role_name) COLLATE pg_catalog.\"C\" AS name "
    "FROM llm_admin.access_grants g ORDER BY name",
    {}};

// A script cannot grant (acl_check.hpp says why), so after a step up somebody has to.
void remind_of_roles(pg::spi& spi, const script_name& name) {
  if (std::strcmp(name.direction, "up") != 0 || spi.run(select_roles, {}) == 0) return;
  std::string roles;
  for (std::uint64_t i = 0; i < spi.rows(); ++i) roles += (i == 0 ? "" : ", ") + spi.at(i).text(1);
  const char* version = name.version.c_str();
  const char* list = roles.c_str();
  pg::call([=] {
    ereport(WARNING,
            (errmsg("what is new in version %s is not granted to anyone yet", version),
             errdetail("roles with a level: %s", list), errhint("SELECT * FROM llm_admin.refresh_access()")));
  });
}

// What was damaged before a step is damaged after it, unless the step made it anew; and the next step may
// fail over it.
void warn_of_drift(const script_name& name) {
  if (name.version != LLM_ADMIN_VERSION) return;
  const store::drift drift = store::schema_drift();
  std::string first;
  int count = 0;
  for (const schema::finding& one : drift.findings) {
    if (one.verdict != "error") continue;
    if (count++ == 0) first = one.kind + ' ' + one.object + ": " + one.detail;
  }
  if (count == 0) return;
  if (count > 1) first += ", and " + std::to_string(count - 1) + " more";
  const char* what = first.c_str();
  pg::call([=] {
    ereport(WARNING, (errmsg("the schema is not as version %s makes it", LLM_ADMIN_VERSION),
                      errdetail("%s", what), errhint("SELECT * FROM llm_admin.repair_schema()")));
  });
}

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_record_migration, TEXTOID)(FunctionCallInfo fcinfo) {
  const std::string script(pg::args(fcinfo).required_text(0, "script"));
  const Oid extension = ledger::require_own_script("record_migration");
  const script_name name = parse_script_name(script);
  {
    pg::spi spi;
    ledger::check_grants(spi, extension);
    ledger::write_row(spi, extension, script, name);
    ledger::remind_of_roles(spi, name);
  }
  ledger::warn_of_drift(name);
  return pg::make_text(name.direction);
}
