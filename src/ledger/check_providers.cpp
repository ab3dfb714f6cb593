// validate_schema()'s look at providers, their tests and their aliases.
#include <algorithm>
#include <string>
#include <vector>

#include "core/http/connection.hpp"
#include "core/mapping/compile/validate.hpp"
#include "ledger/schema_report.hpp"
#include "pg/cursor.hpp"
#include "pg/jsonb.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"
#include "store/bounds.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"

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
// In the places of all_providers.
pg::statement last_snapshot{
    "SELECT h.id::pg_catalog.text, h.config_snapshot OPERATOR(pg_catalog.->>) 'base_url', "
    "h.config_snapshot OPERATOR(pg_catalog.->>) 'endpoint_path_template', "
    "h.config_snapshot OPERATOR(pg_catalog.->>) 'auth_scheme', "
    "h.config_snapshot OPERATOR(pg_catalog.->>) 'auth_header_template', NULL::pg_catalog.jsonb, "
    "h.config_snapshot OPERATOR(pg_catalog.->) 'request_builder_config', "
    "h.config_snapshot OPERATOR(pg_catalog.->) 'response_extractor_config' "
    "FROM llm_admin.llm_provider_config_history h "
    "WHERE h.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar ORDER BY h.changed_at DESC, h.id "
    "LIMIT 1",
    {TEXTOID}};
pg::statement count_active{
    "SELECT pg_catalog.count(*) FILTER (WHERE p.is_active), pg_catalog.count(*), "
    "pg_catalog.min(p.provider_name::pg_catalog.text) FILTER (WHERE p.is_active), "
    "pg_catalog.min(p.provider_name::pg_catalog.text) FILTER (WHERE p.is_enabled), "
    "pg_catalog.string_agg(p.provider_name::pg_catalog.text, ', ' ORDER BY p.provider_name) "
    "FILTER (WHERE p.is_active) FROM llm_admin.llm_provider_configs p",
    {}};
// What the newest history row of each provider says: the one that was active, and whether there is any row.
pg::statement active_by_history{
    "SELECT pg_catalog.min(p.provider_name::pg_catalog.text) FILTER (WHERE h.is_active AND p.is_enabled), "
    "pg_catalog.count(h.is_active) FROM llm_admin.llm_provider_configs p LEFT JOIN LATERAL ("
    "SELECT (s.config_snapshot OPERATOR(pg_catalog.->>) 'is_active')::pg_catalog.bool AS is_active "
    "FROM llm_admin.llm_provider_config_history s WHERE s.provider_name OPERATOR(pg_catalog.=) "
    "p.provider_name "
    "ORDER BY s.changed_at DESC LIMIT 1) AS h ON true",
    {}};
// Each provider has a row from its beginning on.
pg::statement without_history{
    "SELECT pg_catalog.count(*) FILTER (WHERE NOT h.has), pg_catalog.count(*), "
    "pg_catalog.min(p.provider_name::pg_catalog.text) FILTER (WHERE NOT h.has) "
    "FROM llm_admin.llm_provider_configs p CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM "
    "llm_admin.llm_provider_config_history s WHERE s.provider_name OPERATOR(pg_catalog.=) p.provider_name) "
    "AS "
    "has) AS h",
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
  return row.is_null(column) ? json::node{} : pg::jsonb_view(row.raw(column, JSONBOID));
}

// Where the columns of a row come from again.
struct columns_to_mend {
  const char* list;
  const char* of_history;  // the same out of a snapshot
  const char* of_shipped;
  bool moves;  // a key was given for the address that leaves, so it leaves with it
};
constexpr columns_to_mend mapping_columns{
    "request_builder_config, response_extractor_config",
    "h.config_snapshot -> 'request_builder_config', h.config_snapshot -> 'response_extractor_config'",
    "s.request_builder_config, s.response_extractor_config", false};
constexpr columns_to_mend address_columns{
    "base_url, endpoint_path_template, auth_scheme, auth_header_template",
    "h.config_snapshot ->> 'base_url', h.config_snapshot ->> 'endpoint_path_template', "
    "h.config_snapshot ->> 'auth_scheme', h.config_snapshot ->> 'auth_header_template'",
    "s.base_url, s.endpoint_path_template, s.auth_scheme, s.auth_header_template", true};

// From the newest history row where that one is right, else from the shipped row of that name, else out of
// use until somebody who knows the vendor writes it anew.
std::string mend(const pg::row& row, const columns_to_mend& columns, const std::string& history_id) {
  const std::string where = " WHERE provider_name = '" + row.text(1) + "'";
  const std::string update = "UPDATE llm_admin.llm_provider_configs SET ";
  if (history_id.empty() && !row.boolean(10)) return update + "is_active = false, is_enabled = false" + where;
  const std::string from =
      history_id.empty()
          ? std::string(columns.of_shipped) + (columns.moves ? ", NULL" : "") +
                " FROM llm_admin.shipped_providers() s WHERE s.provider_name = '" + row.text(1) + "'"
          : std::string(columns.of_history) + (columns.moves ? ", NULL" : "") +
                " FROM llm_admin.llm_provider_config_history h WHERE h.id = '" + history_id + "'";
  return update + "(" + columns.list + (columns.moves ? ", api_key_encrypted" : "") + ") = (SELECT " + from +
         ")" + where;
}

bool has_right_mapping(const json::node& request, const json::node& response) {
  return !mapping::has_errors(mapping::problems_of_pair(request, response, store::compile_bounds_now()));
}

// The id of the newest history row of the provider, if what it holds is right.
std::string newest_snapshot(const pg::row& provider, bool (*is_right)(const pg::row&)) {
  pg::spi sql;
  sql.run(last_snapshot, {pg::value(provider.text(1))}, true);
  const auto found = sql.first();
  return found && is_right(*found) ? found->text(1) : std::string();
}

std::vector<std::string> address_problems(const pg::row& row, json::node headers) {
  const std::string base = text_or_empty(row, 2);
  const std::string path = text_or_empty(row, 3);
  const std::string scheme = text_or_empty(row, 4);
  const std::optional<std::string> header = row.maybe_text(5);
  return connection_problems(
      {base, path, scheme, header ? std::optional<std::string_view>(*header) : std::nullopt, headers},
      pg::settings::plain_http_hosts(), store::poll);
}

void check_mapping(schema_report& report, const pg::row& row) {
  const std::vector<mapping::problem> problems = mapping::problems_of_pair(
      jsonb_or_absent(row, 7), jsonb_or_absent(row, 8), store::compile_bounds_now());
  if (!mapping::has_errors(problems)) return;
  const std::string snapshot = newest_snapshot(row, [](const pg::row& past) {
    return has_right_mapping(jsonb_or_absent(past, 7), jsonb_or_absent(past, 8));
  });
  report.fault("provider", row.text(1), "mapping: " + mapping::render(problems),
               mend(row, mapping_columns, snapshot));
}

void check_connection(schema_report& report, const pg::row& row) {
  const std::vector<std::string> address = address_problems(row, json::node{});
  if (!address.empty()) {
    const std::string snapshot = newest_snapshot(
        row, [](const pg::row& past) { return address_problems(past, json::node{}).empty(); });
    report.fault("provider", row.text(1), lines(address), mend(row, address_columns, snapshot));
  }
  std::vector<std::string> headers = address_problems(row, jsonb_or_absent(row, 6));
  std::erase_if(headers, [&](const std::string& one) {
    return std::find(address.begin(), address.end(), one) != address.end();
  });
  if (!headers.empty())
    report.fault(
        "provider", row.text(1), lines(headers),
        "UPDATE llm_admin.llm_provider_configs SET additional_headers = NULL WHERE provider_name = '" +
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
  const store::as_owner owner;
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
  const store::as_owner owner;
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
  const std::string some = row.maybe_text(4).value_or("<provider>");
  sql.run(active_by_history, {}, true);
  const pg::row past = *sql.first();
  // To have none is allowed; to have lost it is not.
  if (past.is_null(1) && past.bigint(2) > 0)
    return report.add(kind, "llm_provider_configs", verdict::yours, "none is active, as the history says");
  report.fault(kind, "llm_provider_configs",
               past.is_null(1) ? std::string("none is active, and there is no history that says which was")
                               : "none is active, and by the history " + past.text(1) + " was",
               "SELECT llm_admin.switch_active_provider('" + past.maybe_text(1).value_or(some) + "')");
}

void check_history(schema_report& report) {
  const store::as_owner owner;
  pg::spi sql;
  sql.run(without_history, {}, true);
  const pg::row row = *sql.first();
  constexpr const char* object = "llm_provider_config_history";
  if (row.bigint(1) == 0)
    return report.add("history", object, verdict::not_compared,
                      "history rows carry no seal: one that a load altered or left out does not show");
  report.fault(
      "history", object,
      std::to_string(row.bigint(1)) + " of " + std::to_string(row.bigint(2)) +
          " providers have no row in it: " + row.text(3) + (row.bigint(1) > 1 ? ", ...: " : ": ") +
          "a load left it out; pg_restore -a -t llm_provider_config_history brings it from the dump");
}

void check_provider_tests(schema_report& report) {
  const std::int64_t before = report.faults();
  const store::as_owner owner;
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
  const store::as_owner owner;
  {
    pg::cursor rows(lone_aliases, {});
    pg::scratch memory;
    while (const auto row = rows.next()) {
      memory.reset();
      const auto shipped = store::statement_for_shipped(row->text(3));
      report.fault(
          "alias", row->text(1),
          "it leads to provider " + row->text(3) + ", which does not exist" +
              (shipped ? "; llm_provider_configs of the same dump, or what ships, brings it back" : ""),
          shipped.value_or("DELETE FROM llm_admin.provider_aliases WHERE alias = " + row->text(2)));
    }
  }
  add_if_clean(report, before, "alias", "provider_aliases", count_of(count_aliases));
}

}  // namespace llm_admin::ledger
