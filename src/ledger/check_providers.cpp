// validate_schema()'s look at providers, their tests and their aliases.
#include <algorithm>
#include <string>
#include <vector>

#include "core/connection_rules.hpp"
#include "core/mapping/validate.hpp"
#include "ledger/schema_report.hpp"
#include "pg/bounds.hpp"
#include "pg/cursor.hpp"
#include "pg/jsonb.hpp"
#include "pg/role.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"

namespace llm_admin::ledger {

namespace {

pg::statement all_providers{
    "SELECT p.provider_name::pg_catalog.text, p.base_url, p.endpoint_path_template, "
    "p.auth_scheme::pg_catalog.text, p.auth_header_template, p.additional_headers, p.request_builder_config, "
    "p.response_extractor_config, p.api_key_encrypted, s.provider_name IS NOT NULL "
    "FROM llm_admin.llm_provider_configs p LEFT JOIN llm_admin.shipped_providers() s "
    "ON s.provider_name::pg_catalog.text OPERATOR(pg_catalog.=) p.provider_name::pg_catalog.text "
    "ORDER BY p.provider_name",
    {}};
pg::statement count_active{
    "SELECT pg_catalog.count(*) FILTER (WHERE p.is_active), pg_catalog.count(*), "
    "pg_catalog.min(p.provider_name::pg_catalog.text) FILTER (WHERE p.is_active), "
    "pg_catalog.min(p.provider_name::pg_catalog.text) FILTER (WHERE p.is_enabled), "
    "pg_catalog.string_agg(p.provider_name::pg_catalog.text, ', ' ORDER BY p.provider_name) "
    "FILTER (WHERE p.is_active) FROM llm_admin.llm_provider_configs p",
    {}};
pg::statement lone_tests{
    "SELECT t.provider_name::pg_catalog.text, pg_catalog.quote_literal(t.provider_name::pg_catalog.text) "
    "FROM llm_admin.provider_tests t WHERE NOT EXISTS (SELECT FROM llm_admin.llm_provider_configs p "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) t.provider_name) ORDER BY t.provider_name",
    {}};
pg::statement count_tests{"SELECT pg_catalog.count(*) FROM llm_admin.provider_tests t", {}};
pg::statement lone_aliases{
    "SELECT a.alias, pg_catalog.quote_literal(a.alias), a.provider_name::pg_catalog.text "
    "FROM llm_admin.provider_aliases a WHERE NOT EXISTS (SELECT FROM llm_admin.llm_provider_configs p "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) a.provider_name) ORDER BY a.alias",
    {}};
pg::statement count_aliases{"SELECT pg_catalog.count(*) FROM llm_admin.provider_aliases a", {}};

std::string lines(const std::vector<std::string>& problems) {
  std::string all;
  for (const std::string& one : problems) all += (all.empty() ? "" : "\n") + one;
  return all;
}

std::string text_or_empty(const pg::row& row, int column) { return row.maybe_text(column).value_or(""); }

json::node jsonb_or_absent(const pg::row& row, int column) {
  return row.is_null(column) ? json::node{} : pg::jsonb_view(row.raw(column));
}

// From the shipped row of that name, else out of use until somebody who knows the vendor writes it anew.
// A key was given for the address that leaves, so it leaves with it.
std::string shipped_or_disabled(const pg::row& row, std::string_view columns, bool moves) {
  const std::string name = row.text(1);
  if (!row.boolean(10))
    return "UPDATE llm_admin.llm_provider_configs SET is_active = false, is_enabled = false WHERE "
           "provider_name = '" +
           name + "'";
  std::string list;
  std::string from;
  for (std::size_t begin = 0; begin < columns.size();) {
    const std::size_t end = std::min(columns.find(' ', begin), columns.size());
    const std::string column(columns.substr(begin, end - begin));
    list += (list.empty() ? "" : ", ") + column;
    from += (from.empty() ? "s." : ", s.") + column;
    begin = end + 1;
  }
  return "UPDATE llm_admin.llm_provider_configs SET (" + list +
         (moves ? ", api_key_encrypted) = (SELECT " : ") = (SELECT ") + from + (moves ? ", NULL" : "") +
         " FROM llm_admin.shipped_providers() s WHERE s.provider_name = '" + name +
         "') WHERE provider_name = '" + name + "'";
}

void check_mapping(schema_report& report, const pg::row& row) {
  const std::vector<mapping::problem> problems =
      mapping::problems_of_pair(jsonb_or_absent(row, 7), jsonb_or_absent(row, 8), pg::compile_bounds_now());
  if (!mapping::has_errors(problems)) return;
  report.fault("provider", row.text(1), "mapping: " + mapping::render(problems),
               shipped_or_disabled(row, "request_builder_config response_extractor_config", false));
}

void check_connection(schema_report& report, const pg::row& row) {
  const std::string base = text_or_empty(row, 2);
  const std::string path = text_or_empty(row, 3);
  const std::string scheme = text_or_empty(row, 4);
  const std::optional<std::string> header = row.maybe_text(5);
  connection c{base, path, scheme, header ? std::optional<std::string_view>(*header) : std::nullopt,
               json::node{}};
  const std::string_view hosts = pg::settings::plain_http_hosts();
  const std::vector<std::string> without_headers = connection_problems(c, hosts, pg::poll);
  if (!without_headers.empty())
    report.fault(
        "provider", row.text(1), lines(without_headers),
        shipped_or_disabled(row, "base_url endpoint_path_template auth_scheme auth_header_template", true));
  c.additional_headers = jsonb_or_absent(row, 6);
  std::vector<std::string> problems = connection_problems(c, hosts, pg::poll);
  if (problems.size() == without_headers.size()) return;
  std::erase_if(problems, [&](const std::string& one) {
    return std::find(without_headers.begin(), without_headers.end(), one) != without_headers.end();
  });
  report.fault("provider", row.text(1), lines(problems),
               "UPDATE llm_admin.llm_provider_configs SET additional_headers = NULL WHERE "
               "provider_name = '" +
                   row.text(1) + "'");
}

std::int64_t count_of(pg::statement& count) {
  pg::spi sql;
  sql.run(count, {}, true);
  return sql.first()->bigint(1);
}

}  // namespace

void check_providers(schema_report& report) {
  const std::int64_t before = report.faults();
  std::int64_t count = 0;
  const pg::as_owner owner;
  pg::cursor rows(all_providers, {});
  pg::scratch memory;
  while (const auto row = rows.next()) {
    memory.reset();
    ++count;
    check_mapping(report, *row);
    check_connection(report, *row);
    const std::string name = row->text(1);
    const std::string key = text_or_empty(*row, 9);
    const std::string supply = "SELECT llm_admin.set_provider_key('" + name + "', '<key>')";
    if (!key.empty()) check_key_text(report, {"provider", name, key, supply});
  }
  add_if_clean(report, before, "provider", "llm_provider_configs", count);
}

void check_active_provider(schema_report& report) {
  const pg::as_owner owner;
  pg::spi sql;
  sql.run(count_active, {}, true);
  const pg::row row = *sql.first();
  constexpr const char* kind = "active provider";
  if (row.bigint(1) == 1) return report.add(kind, row.text(3), verdict::ok, "");
  if (row.bigint(1) > 1)
    return report.fault(kind, "llm_provider_configs", "more than one is active: " + row.text(5),
                        "UPDATE llm_admin.llm_provider_configs SET is_active = false WHERE is_active AND "
                        "provider_name <> '" +
                            row.text(3) + "'");
  if (row.bigint(2) == 0) return report.add(kind, "llm_provider_configs", verdict::ok, "no provider yet");
  report.fault(kind, "llm_provider_configs", "none is active",
               row.is_null(4) ? std::string("SELECT llm_admin.switch_active_provider('<provider>')")
                              : "SELECT llm_admin.switch_active_provider('" + row.text(4) + "')");
}

void check_provider_tests(schema_report& report) {
  const std::int64_t before = report.faults();
  const pg::as_owner owner;
  {
    pg::cursor rows(lone_tests, {});
    pg::scratch memory;
    while (const auto row = rows.next()) {
      memory.reset();
      report.fault("provider test", row->text(1), "a provider of this name does not exist",
                   "DELETE FROM llm_admin.provider_tests WHERE provider_name = " + row->text(2));
    }
  }
  add_if_clean(report, before, "provider test", "provider_tests", count_of(count_tests));
}

void check_aliases(schema_report& report) {
  const std::int64_t before = report.faults();
  const pg::as_owner owner;
  {
    pg::cursor rows(lone_aliases, {});
    pg::scratch memory;
    while (const auto row = rows.next()) {
      memory.reset();
      report.fault("alias", row->text(1), "it leads to provider " + row->text(3) + ", which does not exist",
                   "DELETE FROM llm_admin.provider_aliases WHERE alias = " + row->text(2));
    }
  }
  add_if_clean(report, before, "alias", "provider_aliases", count_of(count_aliases));
}

}  // namespace llm_admin::ledger
