// Questions to the server's catalogs about the extension and its members, by whatever name they have now.
#pragma once

#include <string>
#include <vector>

#include "pg/guard.hpp"
#include "store/own_tables.hpp"

namespace llm_admin::store {

struct installed {
  Oid oid;  // InvalidOid when the extension is not installed
  Oid schema;
  char schema_name[NAMEDATALEN];
  char version[NAMEDATALEN];
};
installed installed_extension();
// The number after "0." of a version; 0 where it is no such version.
int minor_of(const char* version);

struct member {
  Oid oid;
  char kind;  // relkind
  std::string name, schema;
};
struct member_function {
  std::string name, schema, arguments;  // the arguments in parentheses, as ALTER FUNCTION takes them
  std::string symbol;                   // of a C function
};
std::vector<member> member_relations(Oid extension);
std::vector<member_function> member_functions(Oid extension);

Oid relation_in(Oid schema, std::string_view name);
char kind_of(Oid relation);  // relkind; 0 for one that is gone
bool function_in(Oid schema, std::string_view name);
Oid type_of_column(Oid relation, const char* column);  // InvalidOid when it has none of that name
// Whether the installed version is older than the column.
bool may_be_missing(const own_column& column);
// The first column of `table` that `relation` lacks, though the installed version has it, or has with another
// type; null when all fit.
const own_column* wrong_column(Oid relation, const own_table& table);
// The one column that is not ours and may be read as `type`; empty when there is none or more.
std::string only_stranger(Oid relation, const own_table& table, Oid type);
// The table of ours that owns the sequence, with which alone it moves to another schema; empty for none.
std::string table_of_sequence(Oid oid);
// The name of an index that does what `index` should; empty when there is none.
std::string name_of_like_index(Oid table, const own_index& index);
// Whether it is an index that a row can be looked up by as by `index`; `column` becomes its first column.
bool is_like(Oid relation, Oid table, const own_index& index, AttrNumber* column);

}  // namespace llm_admin::store
