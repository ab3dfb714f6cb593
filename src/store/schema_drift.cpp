#include "store/schema_drift.hpp"

#include "core/shipped_files.hpp"
#include "pg/kept_grants.hpp"
#include "pg/pinned_settings.hpp"
#include "pg/spi.hpp"
#include "store/schema_objects.hpp"

namespace llm_admin::store {

namespace {

constexpr int major = PG_VERSION_NUM / 10000;
constexpr std::string_view schema_name = "llm_admin";

pg::statement select_extension{
    "SELECT e.extversion, pg_catalog.quote_ident(n.nspname), EXISTS (SELECT FROM pg_catalog.pg_namespace o "
    "WHERE o.nspname OPERATOR(pg_catalog.=) 'llm_admin') FROM pg_catalog.pg_extension e "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace "
    "WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin'",
    {}};

std::string_view reference_text() {
  for (const shipped::file& one : shipped::files())
    if (one.name == "catalog.tsv") return one.text;
  return {};
}

bool is_part_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         c == '"' || static_cast<unsigned char>(c) >= 0x80;
}

// `text` with the schema called llm_admin. Names after another name ("my_llm2.") are left alone.
std::string under_own_name(const std::string& text, const std::string& schema) {
  const std::string prefix = schema + '.';
  std::string result;
  std::size_t at = 0;
  for (std::size_t found = text.find(prefix); found != std::string::npos; found = text.find(prefix, at)) {
    result.append(text, at, found - at);
    const bool is_whole = found == 0 || !is_part_of_name(text[found - 1]);
    result += is_whole ? std::string(schema_name) + '.' : prefix;
    at = found + prefix.size();
  }
  return result + text.substr(at);
}

}  // namespace

std::set<std::string, std::less<>> shipped_names() {
  std::set<std::string, std::less<>> names;
  for (const schema::expected& one : schema::reference(reference_text(), major))
    if (one.is.table.empty()) names.insert(one.is.name);
  return names;
}

std::string installed_version() {
  pg::spi sql;
  sql.run(select_extension, {}, true);
  const auto found = sql.first();
  return found ? found->text(1) : "";
}

drift schema_drift() {
  drift result;
  std::string version, schema;
  bool is_name_taken = false;
  {
    pg::spi sql;
    sql.run(select_extension, {}, true);
    if (const auto found = sql.first()) {
      version = found->text(1);
      schema = found->text(2);
      is_name_taken = found->boolean(3);
    }
  }
  if (version != LLM_ADMIN_VERSION) {
    result.not_compared = "the reference is that of version " LLM_ADMIN_VERSION ", and the extension is at " +
                          (version.empty() ? "none" : version);
    result.statement = "ALTER EXTENSION llm_admin UPDATE TO '" LLM_ADMIN_VERSION "'";
    return result;
  }
  const std::vector<schema::expected> wanted = schema::reference(reference_text(), major);
  if (wanted.empty()) {
    result.not_compared = "no reference ships for PostgreSQL " + std::to_string(major);
    return result;
  }
  const pg::pinned_settings pinned;
  std::vector<schema::object> found;
  const bool is_renamed = schema != schema_name;
  each_schema_object([&](const schema::object& one) {
    found.push_back(one);
    if (!is_renamed) return;
    schema::object& last = found.back();
    for (std::string* part : {&last.name, &last.table, &last.definition})
      *part = under_own_name(*part, schema);
  });
  if (is_renamed)
    result.findings.push_back({"schema", std::string(schema_name), "error", "it is " + schema + " now",
                               (is_name_taken ? "ALTER SCHEMA llm_admin RENAME TO llm_admin_other; " : "") +
                                   ("ALTER SCHEMA " + schema + " RENAME TO llm_admin")});
  for (schema::finding& one : schema::compare(wanted, found)) {
    if (one.statement.starts_with("ALTER EXTENSION llm_admin ADD "))
      one.statement = pg::keeping_grants(one.object, one.statement);
    result.findings.push_back(std::move(one));
  }
  result.compared = wanted.size();
  return result;
}

}  // namespace llm_admin::store
