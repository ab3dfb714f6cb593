// The part of key_status() that looks at how the library is loaded.
//
// Before it is, settings named llm_admin.* are placeholders that hide nothing: any role of any database could
// SHOW where the keyring lies. So every session is to load it at its start: by shared_preload_libraries, or
// by session_preload_libraries of the whole server where no database or role has a list of its own without
// it. local_preload_libraries, which any session may empty, does not count.
#include <string>
#include <string_view>
#include <vector>

#include "core/given_name.hpp"
#include "keys/status.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"

namespace llm_admin::keys {

namespace {

// Of the session: its own value, and where it comes from.
pg::statement select_settings{
    "SELECT pg_catalog.current_setting('shared_preload_libraries'), s.reset_val, "
    "s.source OPERATOR(pg_catalog.=) ANY (ARRAY['default', 'configuration file', 'command line', "
    "'environment variable']) FROM pg_catalog.pg_settings s "
    "WHERE s.name OPERATOR(pg_catalog.=) 'session_preload_libraries'",
    {}};
// Of the server, where this session has one of its database or role.
pg::statement select_file{
    "SELECT f.setting FROM pg_catalog.pg_file_settings f "
    "WHERE f.name OPERATOR(pg_catalog.=) 'session_preload_libraries' AND f.error IS NULL "
    "ORDER BY f.seqno DESC LIMIT 1",
    {}};
pg::statement select_own{
    "SELECT pg_catalog.substr(c.entry, 27), CASE WHEN s.setrole OPERATOR(pg_catalog.=) 0::pg_catalog.oid "
    "THEN pg_catalog.format('ALTER DATABASE %I', d.datname) "
    "WHEN s.setdatabase OPERATOR(pg_catalog.=) 0::pg_catalog.oid "
    "THEN pg_catalog.format('ALTER ROLE %I', r.rolname) "
    "ELSE pg_catalog.format('ALTER ROLE %I IN DATABASE %I', r.rolname, d.datname) END "
    "FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c(entry) "
    "LEFT JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase "
    "LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.setrole "
    "WHERE pg_catalog.starts_with(c.entry, 'session_preload_libraries=') "
    "ORDER BY s.setdatabase, s.setrole LIMIT 1000",
    {}};

constexpr std::string_view white = " \t\r\n";

// The names of a list of libraries: at commas, some in double quotes.
std::vector<std::string> names_of(std::string_view list) {
  std::vector<std::string> names;
  std::string name;
  bool quoted = false;
  const auto take = [&] {
    const std::size_t first = name.find_first_not_of(white);
    if (first != std::string::npos)
      names.push_back(name.substr(first, name.find_last_not_of(white) - first + 1));
    name.clear();
  };
  for (const char c : list) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      take();
    else
      name += c;
  }
  take();
  return names;
}

bool names_library(std::string_view list) {
  for (const std::string& one : names_of(list)) {
    std::string_view name = one;
    if (name.ends_with(".so")) name.remove_suffix(3);
    if (name == "llm_admin" || name.ends_with("/llm_admin")) return true;
  }
  return false;
}

// The list with the library behind what is there, as SET takes it.
std::string with_library(std::string_view list) {
  std::string made;
  for (const std::string& name : names_of(list)) made += sql_literal(name, "'<library>'") + ", ";
  return made + "'llm_admin'";
}

struct found_settings {
  std::string shared, of_server;
};

found_settings settings_now() {
  const store::as_owner owner;
  pg::spi sql;
  sql.run(select_settings, {}, true);
  const auto row = sql.first();
  found_settings found{row->text(1), row->text(2)};
  if (row->boolean(3)) return found;
  sql.run(select_file, {}, true);
  const auto of_file = sql.first();
  found.of_server = of_file ? of_file->text(1) : "";
  return found;
}

}  // namespace

void add_preload(status_rows& rows) {
  constexpr const char* item = "library in every session";
  const found_settings now = settings_now();
  if (names_library(now.shared)) {
    rows.add(item, "by shared_preload_libraries", verdict::ok);
    return;
  }
  if (!names_library(now.of_server)) {
    rows.add(item, "no: any role can read where the keyring lies, in any database", verdict::warning,
             "ALTER SYSTEM SET session_preload_libraries = " + with_library(now.of_server) +
                 "; SELECT pg_reload_conf();");
    return;
  }
  std::string where, mend;
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(select_own, {}, true);
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const std::string list = sql.at(n).text(1);
      if (names_library(list)) continue;
      mend += sql.at(n).text(2) + " SET session_preload_libraries = " + with_library(list) + "; ";
    }
  }
  if (mend.empty())
    rows.add(item, "by session_preload_libraries", verdict::ok);
  else
    rows.add(item, "not where a database or role has a list of its own", verdict::warning,
             mend.substr(0, mend.size() - 1));
}

}  // namespace llm_admin::keys
