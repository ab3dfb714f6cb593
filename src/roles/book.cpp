#include "roles/book.hpp"

#include "pg/role.hpp"
#include "roles/first_rights.hpp"

namespace llm_admin::roles {

namespace {

// Names of columns may hold anything else that a text may hold.
constexpr char separator = '\x1f';

constexpr const char* lock_grants = "LOCK TABLE llm_admin.access_grants IN SHARE ROW EXCLUSIVE MODE";

pg::statement select_shape{
    "SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) "
    "'llm_admin.access_grants'::pg_catalog.regclass::pg_catalog.oid "
    "AND a.attname OPERATOR(pg_catalog.=) 'role_oid' AND NOT a.attisdropped",
    {}};

// Columns that an older book lacks are NULL in its rows as jsonb. The versions that the database was at since
// the grant begin with the last step before it; without one, as after a restore, nothing is known.
pg::statement select_rows{
    "SELECT g.role_name, g.level, (j.grant_row OPERATOR(pg_catalog.->>) 'role_oid')::pg_catalog.oid, "
    "(SELECT pg_catalog.string_agg(r.value, pg_catalog.chr(31)) FROM pg_catalog.jsonb_array_elements_text("
    "CASE WHEN pg_catalog.jsonb_typeof(j.grant_row OPERATOR(pg_catalog.->) 'rights') "
    "OPERATOR(pg_catalog.=) 'array' THEN j.grant_row OPERATOR(pg_catalog.->) 'rights' END) AS r (value)), "
    "v.lowest OPERATOR(pg_catalog.>=) ARRAY[0, 2], v.lowest OPERATOR(pg_catalog.>=) ARRAY[0, 3], "
    "EXISTS (SELECT FROM llm_admin.schema_migrations n WHERE n.direction OPERATOR(pg_catalog.=) 'install' "
    "AND n.applied_at OPERATOR(pg_catalog.>) g.granted_at) "
    "FROM llm_admin.access_grants g, LATERAL (SELECT pg_catalog.to_jsonb(g)) AS j (grant_row), "
    "LATERAL (SELECT pg_catalog.min(pg_catalog.string_to_array(m.version, '.')::pg_catalog.int4[]) "
    "FROM llm_admin.schema_migrations m "
    "WHERE m.version OPERATOR(pg_catalog.~) '^[0-9]{1,9}([.][0-9]{1,9})*$' AND m.applied_at "
    "OPERATOR(pg_catalog.>=) (SELECT pg_catalog.max(b.applied_at) FROM llm_admin.schema_migrations b "
    "WHERE b.applied_at OPERATOR(pg_catalog.<=) g.granted_at)) AS v (lowest) "
    "ORDER BY g.role_name COLLATE pg_catalog.\"C\", g.level COLLATE pg_catalog.\"C\"",
    {}};

pg::statement insert_old{
    "INSERT INTO llm_admin.access_grants (role_name, level, granted_by) VALUES ($1, $2, $3) "
    "ON CONFLICT (role_name, level) DO NOTHING",
    {TEXTOID, TEXTOID, TEXTOID}};
pg::statement insert_row{
    "INSERT INTO llm_admin.access_grants AS g (role_name, level, granted_by, rights, role_oid) "
    "VALUES ($1, $2, $3, pg_catalog.string_to_array($4, pg_catalog.chr(31)), $5) "
    "ON CONFLICT (role_name, level) DO UPDATE SET rights = EXCLUDED.rights, role_oid = EXCLUDED.role_oid, "
    "granted_at = CASE WHEN g.role_oid OPERATOR(pg_catalog.=) EXCLUDED.role_oid "
    "THEN g.granted_at ELSE EXCLUDED.granted_at END, "
    "granted_by = CASE WHEN g.role_oid OPERATOR(pg_catalog.=) EXCLUDED.role_oid "
    "THEN g.granted_by ELSE EXCLUDED.granted_by END",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, OIDOID}};
pg::statement update_row{
    "UPDATE llm_admin.access_grants AS g "
    "SET rights = pg_catalog.string_to_array($3, pg_catalog.chr(31)), role_oid = $4 "
    "WHERE g.role_name OPERATOR(pg_catalog.=) $1 AND g.level OPERATOR(pg_catalog.=) $2 "
    "AND (g.role_oid OPERATOR(pg_catalog.=) $4 "
    "AND g.rights OPERATOR(pg_catalog.=) pg_catalog.string_to_array($3, pg_catalog.chr(31))) IS NOT TRUE",
    {TEXTOID, TEXTOID, TEXTOID, OIDOID}};
pg::statement date_row{
    "UPDATE llm_admin.access_grants AS g SET granted_at = pg_catalog.clock_timestamp() "
    "WHERE g.role_name OPERATOR(pg_catalog.=) $1 AND g.level OPERATOR(pg_catalog.=) $2",
    {TEXTOID, TEXTOID}};
pg::statement delete_row{
    "DELETE FROM llm_admin.access_grants WHERE role_name OPERATOR(pg_catalog.=) $1 "
    "AND level OPERATOR(pg_catalog.=) $2",
    {TEXTOID, TEXTOID}};
// The sort reads every row that leaves before the first comes back.
pg::statement rename_rows{
    "WITH change AS (SELECT c.* FROM ROWS FROM ("
    "pg_catalog.unnest(pg_catalog.string_to_array($1, pg_catalog.chr(31))), "
    "pg_catalog.unnest(pg_catalog.string_to_array($2, pg_catalog.chr(31))), "
    "pg_catalog.unnest(pg_catalog.string_to_array($3, pg_catalog.chr(31)))) AS c (role_name, level, "
    "new_name)), "
    "gone AS (DELETE FROM llm_admin.access_grants g USING change c "
    "WHERE g.role_name OPERATOR(pg_catalog.=) c.role_name AND g.level OPERATOR(pg_catalog.=) c.level "
    "RETURNING c.new_name, g.level, g.granted_at, g.granted_by, g.rights, g.role_oid) "
    "INSERT INTO llm_admin.access_grants (role_name, level, granted_at, granted_by, rights, role_oid) "
    "SELECT gone.new_name, gone.level, gone.granted_at, gone.granted_by, gone.rights, gone.role_oid FROM "
    "gone "
    "ORDER BY gone.new_name COLLATE pg_catalog.\"C\", gone.level COLLATE pg_catalog.\"C\"",
    {TEXTOID, TEXTOID, TEXTOID}};

std::string joined(const rights& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : std::string(1, separator)) + one;
  return text;
}

rights split(std::string_view text) {
  rights all;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    all.emplace(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return all;
}

}  // namespace

book::book(pg::spi& spi) : spi_(spi) {
  spi_.execute(lock_grants);
  keeps_rights_ = spi_.run(select_shape, {}) > 0;
}

std::vector<entry> book::read() {
  std::vector<entry> all;
  spi_.run(select_rows, {});
  for (std::uint64_t i = 0; i < spi_.rows(); ++i) {
    const pg::row row = spi_.at(i);
    entry e{row.text(1), row.text(2), InvalidOid, std::nullopt, 1};
    if (!row.is_null(3)) e.oid = DatumGetObjectId(row.raw(3, OIDOID));
    if (const auto given = row.maybe_text(4)) e.given = split(*given);
    if (!row.is_null(5)) e.first = row.boolean(6) ? newest_first : row.boolean(5) ? 2 : 1;
    e.restored = row.boolean(7);
    all.push_back(std::move(e));
  }
  return all;
}

void book::enter(const std::string& role, Oid oid, const std::string& level, const rights& given) {
  const std::string granted_by = pg::session_role();
  const std::string text = joined(given);
  if (!keeps_rights_)
    spi_.run(insert_old, {pg::value(role), pg::value(level), pg::value(granted_by)});
  else
    spi_.run(insert_row, {pg::value(role), pg::value(level), pg::value(granted_by), pg::value(text),
                          pg::datum_value(ObjectIdGetDatum(oid), OIDOID)});
}

void book::update(const std::string& role, Oid oid, const std::string& level, const rights& given) {
  if (!keeps_rights_) return;
  const std::string text = joined(given);
  spi_.run(update_row, {pg::value(role), pg::value(level), pg::value(text),
                        pg::datum_value(ObjectIdGetDatum(oid), OIDOID)});
}

void book::date(const std::string& role, const std::string& level) {
  spi_.run(date_row, {pg::value(role), pg::value(level)});
}

void book::rename(const std::vector<renaming>& changes) {
  if (changes.empty()) return;
  std::string of_roles, of_levels, names;
  for (const renaming& one : changes) {
    const std::string before(of_roles.empty() ? 0 : 1, separator);
    of_roles += before + one.role;
    of_levels += before + one.level;
    names += before + one.to;
  }
  spi_.run(rename_rows, {pg::value(of_roles), pg::value(of_levels), pg::value(names)});
}

bool book::erase(const std::string& role, const std::string& level) {
  return spi_.run(delete_row, {pg::value(role), pg::value(level)}) > 0;
}

}  // namespace llm_admin::roles
