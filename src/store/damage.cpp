#include "store/damage.hpp"

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "pg/spi.hpp"
#include "pg/types.hpp"
#include "store/members.hpp"

namespace llm_admin::store::damage {

namespace {

constexpr const char* schema_name = "llm_admin";
constexpr const char* again = "repeat the statement";

llm_admin::error missing(std::string message, std::string detail, std::string hint) {
  return {sqlstate::undefined_object, std::move(message), std::move(detail), std::move(hint)};
}

std::string qualified(const char* schema, std::string_view name) {
  return pg::quoted(schema) + "." + pg::quoted(name);
}

std::string own(std::string_view name) { return "llm_admin." + pg::quoted(name); }

// The extension as a whole: not there, or its schema has another name.
std::optional<llm_admin::error> of_extension(const installed& extension) {
  if (!OidIsValid(extension.oid))
    return missing("extension llm_admin is not installed in this database", "", "CREATE EXTENSION llm_admin");
  if (std::strcmp(extension.schema_name, schema_name) == 0) return std::nullopt;
  const std::string name = pg::quoted(extension.schema_name);
  const bool taken = pg::call([] { return OidIsValid(get_namespace_oid(schema_name, true)); });
  return missing(
      "schema llm_admin is not that of the extension", "the extension's schema is named " + name,
      (taken ? "ALTER SCHEMA llm_admin RENAME TO llm_admin_other; ALTER SCHEMA " : "ALTER SCHEMA ") + name +
          " RENAME TO llm_admin");
}

const char* word_for(char kind) {
  return kind == RELKIND_SEQUENCE ? "SEQUENCE" : (kind == RELKIND_VIEW ? "VIEW" : "TABLE");
}

bool is_own_name(std::string_view name) {
  return find_own_table(name) != nullptr || find_own_relation(name) != 0;
}

// The member that has taken another name: it has the column that tells this table from all others, or is the
// only stranger of its kind.
const member* renamed(const std::vector<member>& all, std::string_view name) {
  const own_table* table = find_own_table(name);
  const char kind = table != nullptr ? table->kind : find_own_relation(name);
  const member* found = nullptr;
  for (const member& one : all) {
    if (one.kind != kind || is_own_name(one.name)) continue;
    const Oid oid = one.oid;
    if (table != nullptr && pg::call([=] { return get_attnum(oid, table->telling); }) == InvalidAttrNumber)
      continue;
    if (found != nullptr) return nullptr;
    found = &one;
  }
  return found;
}

bool is_elsewhere(const installed& extension, std::string_view table) {
  return !table.empty() && !OidIsValid(relation_in(extension.schema, table));
}

}  // namespace

llm_admin::error of_relation(std::string_view name) {
  const installed extension = installed_extension();
  if (auto whole = of_extension(extension)) return *whole;
  const std::string message = "relation llm_admin." + std::string(name) + " is missing";
  if (OidIsValid(relation_in(extension.schema, name))) {
    const char kind = kind_of(relation_in(extension.schema, name));
    const own_table* table = find_own_table(name);
    if (table != nullptr && kind != table->kind)
      return missing(own(name) + " is no table", "something else was made under its name",
                     std::string(kind == RELKIND_VIEW ? "ALTER VIEW " : "ALTER TABLE ") + own(name) +
                         " RENAME TO " + pg::quoted(std::string(name) + "_other"));
    return missing("relation llm_admin." + std::string(name) + " was changed while the statement ran", "",
                   again);
  }
  const std::vector<member> all = member_relations(extension.oid);
  for (const member& one : all)
    if (one.name == name) {
      // A sequence moves with the table that owns it, and by no statement of its own.
      if (const std::string table = table_of_sequence(one.oid); is_elsewhere(extension, table))
        return of_relation(table);
      return missing(message, "it lies in schema " + pg::quoted(one.schema),
                     "ALTER " + std::string(word_for(one.kind)) + " " + qualified(one.schema.c_str(), name) +
                         " SET SCHEMA llm_admin");
    }
  if (const member* other = renamed(all, name)) {
    const std::string alter = "ALTER " + std::string(word_for(other->kind)) + " ";
    std::string hint =
        alter + qualified(other->schema.c_str(), other->name) + " RENAME TO " + pg::quoted(name);
    if (other->schema != schema_name)
      hint += "; " + alter + qualified(other->schema.c_str(), name) + " SET SCHEMA llm_admin";
    return missing(message, "it was renamed to " + qualified(other->schema.c_str(), other->name), hint);
  }
  const own_table* table = find_own_table(name);
  if (table != nullptr && minor_of(extension.version) < minor_of(table->since))
    return missing(
        message,
        std::string("version ") + extension.version + " of the extension has no such table, " + table->since +
            " brings it",
        "ALTER EXTENSION llm_admin UPDATE; if the version was just being changed, repeat the statement");
  return missing(message, "it was taken out of the extension and dropped or moved",
                 "restore it from a backup, then ALTER EXTENSION llm_admin ADD " +
                     std::string(word_for(table != nullptr ? table->kind : find_own_relation(name))) + " " +
                     own(name));
}

llm_admin::error of_index(const own_index& index) {
  const installed extension = installed_extension();
  if (auto whole = of_extension(extension)) return *whole;
  const Oid table = relation_in(extension.schema, index.table);
  if (!OidIsValid(table)) return of_relation(index.table);
  const own_table& described = *find_own_table(index.table);
  if (auto wrong = wrong_column(table, described)) return of_column(table, described, *wrong);
  const std::string name = "llm_admin." + std::string(index.name);
  const std::string taken_by = name_of_like_index(table, index);
  const Oid namesake = relation_in(extension.schema, index.name);
  if (OidIsValid(namesake) && taken_by == index.name)
    return missing("index " + name + " was changed while the statement ran", "", again);
  std::string hint;
  if (OidIsValid(namesake))
    hint = "ALTER " + std::string(kind_of(namesake) == RELKIND_INDEX ? "INDEX " : "TABLE ") + name +
           " RENAME TO " + index.name + "_other; ";
  if (!taken_by.empty())
    return missing("index " + name + " is missing", "it was renamed to " + own(taken_by),
                   hint + "ALTER INDEX " + own(taken_by) + " RENAME TO " + index.name);
  return missing("index " + name + " is missing",
                 OidIsValid(namesake) ? "a relation of its name is another one" : "it was dropped",
                 hint + index.making);
}

llm_admin::error of_column(Oid relation, const own_table& table, const own_column& column) {
  const std::string name = std::string("llm_admin.") + table.name + "." + column.name;
  const std::string alter = std::string("ALTER TABLE llm_admin.") + table.name + " ";
  const Oid type = type_of_column(relation, column.name);
  if (OidIsValid(type)) {
    const std::string wanted = pg::type_name(column.type);
    return {sqlstate::not_in_state,
            "column " + name + " is of type " + pg::type_name(type) + ", not " + wanted,
            "the table was changed by hand",
            alter + "ALTER COLUMN " + column.name + " TYPE " + wanted + " USING " + column.name +
                "::text::" + wanted};
  }
  const std::string other = only_stranger(relation, table, column.type);
  if (!other.empty())
    return missing("column " + name + " is missing",
                   "a column " + pg::quoted(other) + " is there that is not ours",
                   alter + "RENAME COLUMN " + pg::quoted(other) + " TO " + column.name);
  return missing("column " + name + " is missing", "it was dropped, and its values with it",
                 alter + "ADD COLUMN " + column.name + " " + column.definition);
}

llm_admin::error of_function(std::string_view name) {
  const installed extension = installed_extension();
  if (auto whole = of_extension(extension)) return *whole;
  const std::string message = "function llm_admin." + std::string(name) + " is missing";
  if (function_in(extension.schema, name))
    return missing("function llm_admin." + std::string(name) + " was changed while the statement ran", "",
                   again);
  for (const member_function& one : member_functions(extension.oid)) {
    const std::string there = "ALTER FUNCTION " + qualified(one.schema.c_str(), one.name) + one.arguments;
    if (one.name == name)
      return missing(message, "it lies in schema " + pg::quoted(one.schema), there + " SET SCHEMA llm_admin");
    if (one.symbol == "llm_admin_" + std::string(name) && one.schema == schema_name)
      return missing(message, "it was renamed to " + own(one.name), there + " RENAME TO " + pg::quoted(name));
  }
  return missing(
      message, "it was dropped, or the installed version has none",
      "ALTER EXTENSION llm_admin UPDATE; if the version was just being changed, repeat the statement");
}

namespace {

bool tells_of_an_object(const char* state) {
  // undefined table, column, function or operator, object, schema; mismatch of types, no conversion; no
  // index for ON CONFLICT
  for (const char* one : {"42P01", "42703", "42883", "42704", "3F000", "42804", "42846", "42P10", "42809"})
    if (std::strcmp(state, one) == 0) return true;
  return false;
}

std::optional<llm_admin::error> of_name(Oid schema, std::string_view name, bool is_call) {
  if (is_call) {
    if (!function_in(schema, name)) return of_function(name);
    return std::nullopt;
  }
  if (!is_own_name(name)) return std::nullopt;  // a setting, perhaps
  const Oid relation = relation_in(schema, name);
  const own_table* table = find_own_table(name);
  if (!OidIsValid(relation) || (table != nullptr && kind_of(relation) != table->kind))
    return of_relation(name);
  if (table == nullptr) return std::nullopt;
  if (const auto wrong = wrong_column(relation, *table)) return of_column(relation, *table, *wrong);
  return std::nullopt;
}

std::optional<llm_admin::error> of_names_in(std::string_view sql, bool on_conflict) {
  const installed extension = installed_extension();
  if (auto whole = of_extension(extension)) return whole;
  constexpr std::string_view prefix = "llm_admin.";
  for (std::size_t at = sql.find(prefix); at != sql.npos; at = sql.find(prefix, at)) {
    at += prefix.size();
    std::size_t end = at;
    while (end < sql.size() && (sql[end] == '_' || (sql[end] >= 'a' && sql[end] <= 'z'))) ++end;
    const std::string_view name = sql.substr(at, end - at);
    if (auto wrong = of_name(extension.schema, name, end < sql.size() && sql[end] == '(')) return wrong;
    for (const own_index* index = on_conflict ? first_own_index() : nullptr; index != nullptr;
         index = next_own_index(index))
      if (name == index->table &&
          name_of_like_index(relation_in(extension.schema, name), *index) != index->name)
        return of_index(*index);
  }
  return std::nullopt;
}

}  // namespace

void find() {
  const installed extension = installed_extension();
  for (const own_table* table = first_own_table(); table != nullptr; table = next_own_table(table)) {
    const Oid relation = relation_in(extension.schema, table->name);
    if (!OidIsValid(relation)) continue;
    if (const auto wrong = wrong_column(relation, *table)) throw of_column(relation, *table, *wrong);
  }
}

void explain_column(Oid relation, std::string_view name, Oid read_as) {
  // Columns of a partition are named by its table.
  const Oid whole = pg::call([=] {
    return get_rel_relispartition(relation) ? llast_oid(get_partition_ancestors(relation)) : relation;
  });
  const char* relation_name = pg::call([=] { return get_rel_name(whole); });
  const own_table* table = relation_name != nullptr ? find_own_table(relation_name) : nullptr;
  const own_column* column = table != nullptr ? find_own_column(*table, name) : nullptr;
  if (column == nullptr || (OidIsValid(read_as) && !pg::fits(column->type, read_as))) return;
  throw of_column(whole, *table, *column);
}

void explain(pg::error& e, const char* sql) {
  if (!tells_of_an_object(e.sqlstate())) return;
  try {
    if (const auto words = of_names_in(sql, std::strcmp(e.sqlstate(), "42P10") == 0)) e.reword(*words);
  } catch (const pg::error&) {
    // The catalogs cannot be asked now; the server's own words stay.
  }
}

}  // namespace llm_admin::store::damage
