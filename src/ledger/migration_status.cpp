// migration_status(): which version is installed, what could be, what the ledger tells, who lacks something.
// Changes nothing. It looks at this session's library, the server's folder of extensions and the catalog;
// whether the tables are still what the scripts made is not its business.
#include <map>
#include <string>

#include "core/error.hpp"
#include "core/script_name.hpp"
#include "ledger/script_file.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"
#include "store/partitions.hpp"

namespace llm_admin::ledger {

namespace {

constexpr const char* library_version = LLM_ADMIN_VERSION;
constexpr const char* update = "ALTER EXTENSION llm_admin UPDATE";
constexpr const char* put_files = "put the files of the newer version in place on this server";

pg::statement select_version{
    "SELECT e.extversion, a.default_version FROM pg_catalog.pg_extension e "
    "LEFT JOIN pg_catalog.pg_available_extensions() a ON a.name OPERATOR(pg_catalog.=) e.extname "
    "WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin'",
    {}};
pg::statement select_path{
    "SELECT u.path FROM pg_catalog.pg_extension_update_paths('llm_admin'::pg_catalog.name) u "
    "WHERE u.source OPERATOR(pg_catalog.=) $1 AND u.target OPERATOR(pg_catalog.=) $2",
    {TEXTOID, TEXTOID}};
pg::statement select_count{"SELECT pg_catalog.count(*) FROM llm_admin.schema_migrations m", {}};
pg::statement select_last{
    "SELECT m.name, m.version, pg_catalog.to_char(m.applied_at, 'YYYY-MM-DD HH24:MI:SSOF'), "
    "m.applied_by "
    "FROM llm_admin.schema_migrations m ORDER BY m.applied_at DESC, m.version DESC, m.id DESC LIMIT 1",
    {}};
// A script may have run many times: each checksum of it once.
pg::statement select_scripts{
    "SELECT DISTINCT m.name, m.checksum FROM llm_admin.schema_migrations m ORDER BY m.name, m.checksum", {}};
pg::statement select_missing{
    "SELECT m.role_name, m.level, m.missing, m.statement FROM llm_admin.missing_access() m", {}};

class status_report {
 public:
  explicit status_report(FunctionCallInfo fcinfo) : rows_(fcinfo) {}

  void versions();
  void migrations();
  void checksums();
  void access();
  void months();

 private:
  void add(std::string_view item, std::string_view value, const char* verdict, std::string_view hint = {});
  void available(const pg::row& of);
  void path(const std::string& available);

  pg::row_set rows_;
  std::string installed_;
};

// An empty hint becomes NULL.
void status_report::add(std::string_view item, std::string_view value, const char* verdict,
                        std::string_view hint) {
  pg::row_builder row;
  row.add_text(item).add_text(value).add_text(verdict);
  if (hint.empty())
    row.add_null();
  else
    row.add_text(hint);
  rows_.add(row);
}

// The way from what is installed to what is available.
void status_report::path(const std::string& available) {
  if (available == installed_) return add("path to it", "none needed", "ok");
  pg::spi sql;
  sql.run(select_path, {pg::value(installed_), pg::value(available)}, true);
  const auto row = sql.first();
  if (row && !row->is_null(1))
    add("path to it", row->text(1), "info");
  else
    add("path to it", "no scripts lead there", "error", put_files);
}

void status_report::available(const pg::row& of) {
  if (of.is_null(2)) {
    add("available version", "none", "error", "put the files of llm_admin in place on this server");
    return;
  }
  const std::string newest = of.text(2);
  const int order = compare_versions(installed_, newest);
  add("available version", newest,
      order < 0   ? "warning"
      : order > 0 ? "error"
                  : "ok",
      order < 0   ? update
      : order > 0 ? put_files
                  : "");
  path(newest);
}

void status_report::versions() {
  pg::spi sql;
  sql.run(select_version, {}, true);
  const auto row = sql.first();
  if (!row)
    throw error(sqlstate::undefined_object, "the extension llm_admin is not installed in this database");
  installed_ = row->text(1);
  add("installed version", installed_, "ok");
  // A newer library runs older SQL; the other way round functions are missing from it.
  const bool old = compare_versions(library_version, installed_) < 0;
  add("library of this session", library_version, old ? "error" : "ok",
      old ? "open a new session; where llm_admin is in shared_preload_libraries, restart the server" : "");
  available(*row);
}

// A restored database has no row of its own installation, and those of a step only that its dump held.
void status_report::migrations() {
  pg::spi sql;
  sql.run(select_count, {}, true);
  const std::int64_t count = sql.first()->bigint(1);
  add("migrations in the ledger", std::to_string(count), "info");
  if (count == 0) {
    add("last migration", "none: the database was restored from a dump", "info");
    return;
  }
  sql.run(select_last, {}, true);
  const pg::row last = sql.at(0);
  std::string told = last.text(1) + " at " + last.text(3) + " by " + last.text(4);
  const bool leads_here = last.text(2) == installed_;
  if (!leads_here) told += "; the installed version came another way, by a restore for instance";
  add("last migration", told, leads_here ? "ok" : "info");
}

// Whether the name is one of a script, and so can be looked up in the server's folder.
bool names_script(const std::string& name) {
  try {
    (void)parse_script_name(name);
    return true;
  } catch (const error&) {  // passes no connection to the server
    return false;
  }
}

void status_report::checksums() {
  std::map<std::string, std::string> files;  // as many as there are versions
  std::int64_t same = 0;
  std::int64_t unknown = 0;
  {
    pg::spi sql;
    const std::uint64_t rows = sql.run(select_scripts, {}, true);
    for (std::uint64_t n = 0; n < rows; ++n) {
      const std::string name = sql.at(n).text(1);
      const std::string checksum = sql.at(n).text(2);
      if (!files.contains(name)) files[name] = names_script(name) ? script_checksum(name) : "unknown";
      if (files[name] == "unknown" || checksum == "unknown")
        ++unknown;
      else if (files[name] == checksum)
        ++same;
      else
        add("script " + name, "not the file that ran here", "warning",
            "compare llm_admin.schema_migrations.checksum with the SHA-256 of the released file");
    }
  }
  add("scripts that are the files that ran", std::to_string(same), "ok");
  if (unknown > 0) add("scripts that the server's folder does not hold", std::to_string(unknown), "info");
}

void status_report::access() {
  pg::spi sql;
  const std::uint64_t rows = sql.run(select_missing, {}, true);
  for (std::uint64_t n = 0; n < rows; ++n) {
    const pg::row row = sql.at(n);
    add("role " + row.text(1) + ", level " + row.text(2), "missing: " + row.text(3), "warning", row.text(4));
  }
  if (rows == 0) add("roles that lack something of their level", "none", "ok");
}

// Rows wait in the default partition after a restore, and where nobody makes the months.
void status_report::months() {
  constexpr std::size_t months_named = 3;
  for (const std::string& log : store::logs()) {
    std::string names;
    std::size_t count = 0;
    {
      pg::spi sql;
      for (const store::month& one : store::months_of(sql, log)) {
        if (!one.waiting || ++count > months_named) continue;
        names += (names.empty() ? "" : ", ") + one.name;
      }
    }
    if (count == 0) continue;
    if (count > months_named) names += " and " + std::to_string(count - months_named) + " more";
    add("months of " + log, "rows of " + names + " wait in the default partition", "warning",
        "SELECT * FROM llm_admin.maintain_partitions()");
  }
}

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_migration_status)(FunctionCallInfo fcinfo) {
  ledger::status_report report(fcinfo);
  const store::as_owner owner;
  report.versions();
  report.migrations();
  report.checksums();
  report.access();
  report.months();
  return Datum{0};
}
