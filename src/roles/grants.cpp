#include "roles/grants.hpp"

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

#undef LLM_ADMIN_MEMBERS

void append(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

// "SELECT, UPDATE" on columns (a, b): each privilege carries the column list.
std::string on_columns(std::string_view privileges, const std::string& columns) {
  std::string result;
  while (!privileges.empty()) {
    const std::size_t comma = privileges.find(", ");
    append(result, std::string(privileges.substr(0, comma)) + " (" + columns + ")");
    privileges.remove_prefix(comma == std::string_view::npos ? privileges.size() : comma + 2);
  }
  return result;
}

}  // namespace

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

std::string grants::functions_of(levels to) const {
  std::string list;
  for (const function_right& right : function_rights())
    if ((right.to & to) != 0)
      for (const auto& [name, identity] : functions_)
        if (name == right.name) append(list, identity);
  return list;
}

void grants::grant_relation(const relation& on, const relation_right& right, const std::string& role) {
  std::string privileges = right.privileges;
  if (right.except != nullptr) {
    std::string columns;
    for (const std::string& column : on.columns)
      if (column != right.except) append(columns, pg::quoted(column));
    privileges = on_columns(right.privileges, columns);
  }
  spi_.execute("GRANT " + privileges + (on.is_sequence ? " ON SEQUENCE " : " ON TABLE ") + on.identity +
               " TO " + role);
}

void grants::give(std::string_view role, levels to) {
  const std::string name = pg::quoted(role);
  spi_.execute("GRANT USAGE ON SCHEMA llm_admin TO " + name);
  const std::string functions = functions_of(to);
  if (!functions.empty()) spi_.execute("GRANT EXECUTE ON FUNCTION " + functions + " TO " + name);
  for (const relation_right& right : relation_rights())
    if ((right.to & to) != 0)
      if (const relation* on = find_relation(right.name)) grant_relation(*on, right, name);
}

void grants::take_all(std::string_view role) {
  const std::string name = pg::quoted(role);
  const std::string functions = functions_of(every_level);
  if (!functions.empty()) spi_.execute("REVOKE ALL ON FUNCTION " + functions + " FROM " + name);
  for (const relation_right& right : relation_rights())
    if (const relation* on = find_relation(right.name))
      // Taking a privilege from a table takes it from the columns too.
      spi_.execute(std::string("REVOKE ALL ON ") + (on->is_sequence ? "SEQUENCE " : "TABLE ") + on->identity +
                   " FROM " + name);
  spi_.execute("REVOKE USAGE ON SCHEMA llm_admin FROM " + name);
}

}  // namespace llm_admin::roles
