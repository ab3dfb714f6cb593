#include "roles/grants.hpp"

#include "store/provider_key.hpp"

namespace llm_admin::roles {

namespace {

#define LLM_ADMIN_MEMBERS                                                                                   \
  "FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid "  \
  "AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid " \
  "AND d.deptype OPERATOR(pg_catalog.=) 'e' AND e.extname OPERATOR(pg_catalog.=) 'llm_admin' "

// The search_path is pinned to pg_catalog by the SQL functions, so regprocedure qualifies what is not the
// server's.
pg::statement select_functions{
    "SELECT p.proname::pg_catalog.text, p.oid::pg_catalog.regprocedure::pg_catalog.text " LLM_ADMIN_MEMBERS
    "JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "ORDER BY p.proname",
    {}};

// One row a column; sequences and views have columns too.
pg::statement select_columns{
    "SELECT c.relname::pg_catalog.text, pg_catalog.format('%I.%I', n.nspname, c.relname), "
    "c.relkind OPERATOR(pg_catalog.=) 'S', a.attname::pg_catalog.text " LLM_ADMIN_MEMBERS
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid "
    "AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped "
    "ORDER BY c.relname, a.attnum",
    {}};

// What one role holds on members and on the schema, as rights. NULL ACLs hold nothing for anybody but the
// owner and PUBLIC.
pg::statement select_held{
    "WITH granted AS ("
    "SELECT p.proname::pg_catalog.text AS object, p.proacl AS acl " LLM_ADMIN_MEMBERS
    "JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL SELECT c.relname::pg_catalog.text, c.relacl " LLM_ADMIN_MEMBERS
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL SELECT pg_catalog.concat(c.relname, '.', a.attname), a.attacl " LLM_ADMIN_MEMBERS
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND NOT a.attisdropped "
    "UNION ALL SELECT n.nspname::pg_catalog.text, n.nspacl FROM pg_catalog.pg_namespace n "
    "WHERE n.nspname OPERATOR(pg_catalog.=) 'llm_admin') "
    "SELECT DISTINCT pg_catalog.concat(e.privilege_type, ' ', g.object) "
    "FROM granted g, pg_catalog.aclexplode(g.acl) e WHERE e.grantee OPERATOR(pg_catalog.=) $1",
    {OIDOID}};

#undef LLM_ADMIN_MEMBERS

constexpr std::string_view schema_name = "llm_admin";

// "SELECT root_keys.root_id" taken apart; without a column that is empty.
struct parts {
  std::string_view privilege, object, column;
};

parts parts_of(std::string_view right) noexcept {
  parts found;
  const std::size_t blank = right.find(' ');
  if (blank == std::string_view::npos) return found;
  found.privilege = right.substr(0, blank);
  right.remove_prefix(blank + 1);
  const std::size_t dot = right.find('.');
  found.object = right.substr(0, dot);
  if (dot != std::string_view::npos) found.column = right.substr(dot + 1);
  return found;
}

void append(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

// Calls `each` with every privilege of "SELECT, UPDATE".
template <class Each>
void each_privilege(std::string_view privileges, Each each) {
  while (!privileges.empty()) {
    const std::size_t comma = privileges.find(", ");
    each(privileges.substr(0, comma));
    privileges.remove_prefix(comma == std::string_view::npos ? privileges.size() : comma + 2);
  }
}

// "SELECT, UPDATE" on columns (a, b): each privilege carries the column list.
std::string on_columns(std::string_view privileges, const std::string& columns) {
  std::string result;
  each_privilege(privileges,
                 [&](std::string_view one) { append(result, std::string(one) + " (" + columns + ")"); });
  return result;
}

}  // namespace

bool gives(const rights& held, std::string_view right) {
  if (held.contains(right)) return true;
  const parts of = parts_of(right);
  return !of.column.empty() && held.contains(std::string(of.privilege) + ' ' + std::string(of.object));
}

grants::grants(pg::spi& spi) : spi_(spi) {
  read_functions();
  read_relations();
}

void grants::read_functions() {
  spi_.run(select_functions, {});
  for (std::uint64_t i = 0; i < spi_.rows(); ++i)
    functions_.emplace_back(spi_.at(i).text(1), spi_.at(i).text(2));
}

void grants::read_relations() {
  spi_.run(select_columns, {});
  for (std::uint64_t i = 0; i < spi_.rows(); ++i) {
    const pg::row row = spi_.at(i);
    if (relations_.empty() || relations_.back().name != row.text(1))
      relations_.push_back({row.text(1), row.text(2), row.boolean(3), {}});
    relations_.back().columns.push_back(row.text(4));
  }
}

const grants::relation* grants::find_relation(std::string_view name) const noexcept {
  for (const relation& r : relations_)
    if (r.name == name) return &r;
  return nullptr;
}

const std::string* grants::find_function(std::string_view name) const noexcept {
  for (const auto& [known, identity] : functions_)
    if (known == name) return &identity;
  return nullptr;
}

rights grants::rights_of(levels to) const {
  rights all;
  if (to == 0) return all;
  all.insert("USAGE " + std::string(schema_name));
  for (const function_right& right : function_rights())
    if ((right.to & to) != 0 && find_function(right.name) != nullptr)
      all.insert(std::string("EXECUTE ") + right.name);
  for (const relation_right& right : relation_rights()) {
    const relation* on = (right.to & to) != 0 ? find_relation(right.name) : nullptr;
    if (on == nullptr) continue;
    each_privilege(right.privileges, [&](std::string_view privilege) {
      const std::string whole = std::string(privilege) + ' ' + on->name;
      if (right.except == nullptr) all.insert(whole);
      for (const std::string& column : on->columns)
        if (right.except != nullptr && !right.leaves_out(column)) all.insert(whole + '.' + column);
    });
  }
  return all;
}

rights grants::held_by(Oid role) const {
  rights held;
  spi_.run(select_held, {pg::datum_value(ObjectIdGetDatum(role), OIDOID)});
  for (std::uint64_t i = 0; i < spi_.rows(); ++i) held.insert(spi_.at(i).text(1));
  return held;
}

bool grants::has(std::string_view right) const noexcept {
  const parts of = parts_of(right);
  if (of.object == schema_name) return true;
  if (of.privilege == "EXECUTE") return find_function(of.object) != nullptr;
  const relation* on = find_relation(of.object);
  return on != nullptr && (of.column.empty() || place_of(right) > 0);
}

int grants::place_of(std::string_view right) const noexcept {
  const parts of = parts_of(right);
  const relation* on = of.column.empty() ? nullptr : find_relation(of.object);
  for (std::size_t i = 0; on != nullptr && i < on->columns.size(); ++i)
    if (on->columns[i] == of.column) return static_cast<int>(i) + 1;
  return 0;
}

std::string grants::functions_of(levels to) const {
  std::string list;
  for (const function_right& right : function_rights())
    if ((right.to & to) != 0)
      if (const std::string* identity = find_function(right.name)) append(list, *identity);
  return list;
}

void grants::grant_relation(const relation& on, const relation_right& right, const std::string& role) {
  std::string privileges = right.privileges;
  if (right.except != nullptr) {
    std::string columns;
    for (const std::string& column : on.columns)
      if (!right.leaves_out(column)) append(columns, pg::quoted(column));
    privileges = on_columns(right.privileges, columns);
  }
  spi_.execute("GRANT " + privileges + (on.is_sequence ? " ON SEQUENCE " : " ON TABLE ") + on.identity +
               " TO " + role);
}

void grants::give(std::string_view role, levels to) {
  const std::string name = pg::quoted(role);
  spi_.execute("GRANT USAGE ON SCHEMA llm_admin TO " + name);
  const std::string functions = functions_of(to);
  if (!functions.empty()) spi_.execute("GRANT EXECUTE ON ROUTINE " + functions + " TO " + name);
  for (const relation_right& right : relation_rights())
    if ((right.to & to) != 0)
      if (const relation* on = find_relation(right.name)) grant_relation(*on, right, name);
}

void grants::take(std::string_view role, const rights& taken, const rights& kept) {
  const std::string name = pg::quoted(role);
  std::string functions;
  for (const std::string& right : taken)
    if (const parts of = parts_of(right); of.privilege == "EXECUTE")
      if (const std::string* identity = find_function(of.object)) append(functions, *identity);
  if (!functions.empty()) spi_.execute("REVOKE EXECUTE ON ROUTINE " + functions + " FROM " + name);
  for (const relation& on : relations_) {
    std::string gone, again;
    for (const std::string& right : taken)
      if (const parts of = parts_of(right); of.object == on.name && of.privilege != "EXECUTE" && has(right))
        append(gone,
               std::string(of.privilege) + (of.column.empty() ? "" : " (" + pg::quoted(of.column) + ")"));
    if (gone.empty()) continue;
    for (const std::string& right : kept)
      if (const parts of = parts_of(right); of.object == on.name && !of.column.empty() && has(right))
        append(again, std::string(of.privilege) + " (" + pg::quoted(of.column) + ")");
    const std::string object = (on.is_sequence ? " ON SEQUENCE " : " ON TABLE ") + on.identity;
    spi_.execute("REVOKE " + gone + object + " FROM " + name);
    if (!again.empty()) spi_.execute("GRANT " + again + object + " TO " + name);
  }
  if (taken.contains("USAGE " + std::string(schema_name)))
    spi_.execute("REVOKE USAGE ON SCHEMA llm_admin FROM " + name);
}

}  // namespace llm_admin::roles
