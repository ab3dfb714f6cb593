#include "store/members.hpp"

#include <cstring>

#include "pg/types.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_am.h"
#include "catalog/pg_depend.h"
#include "utils/catcache.h"
#include "utils/regproc.h"
#include "utils/ruleutils.h"
}

namespace llm_admin::store {

namespace {

struct oids {
  Oid* all;
  int count;
};

// The members of one catalog, in palloc'd memory.
oids members_of(Oid extension, Oid catalog) {
  return pg::call([=] {
    oids result = {static_cast<Oid*>(palloc(sizeof(Oid))), 0};
    Relation depend = table_open(DependRelationId, AccessShareLock);
    ScanKeyData keys[2];
    ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(ExtensionRelationId));
    ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(extension));
    SysScanDesc scan = systable_beginscan(depend, DependReferenceIndexId, true, nullptr, 2, keys);
    for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple); tuple = systable_getnext(scan)) {
      const auto* one = reinterpret_cast<Form_pg_depend>(GETSTRUCT(tuple));
      if (one->classid != catalog || one->deptype != DEPENDENCY_EXTENSION) continue;
      result.all =
          static_cast<Oid*>(repalloc(result.all, sizeof(Oid) * (static_cast<Size>(result.count) + 1)));
      result.all[result.count++] = one->objid;
    }
    systable_endscan(scan);
    table_close(depend, AccessShareLock);
    return result;
  });
}

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

}  // namespace

installed installed_extension() {
  return pg::call([] {
    installed result = {};
    Relation extensions = table_open(ExtensionRelationId, AccessShareLock);
    ScanKeyData key;
    ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
                CStringGetDatum("llm_admin"));
    SysScanDesc scan = systable_beginscan(extensions, ExtensionNameIndexId, true, nullptr, 1, &key);
    HeapTuple tuple = systable_getnext(scan);
    if (HeapTupleIsValid(tuple)) {
      const auto* row = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple));
      result.oid = row->oid;
      result.schema = row->extnamespace;
      bool null;
      const Datum version =
          heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(extensions), &null);
      if (!null) strlcpy(result.version, TextDatumGetCString(version), sizeof result.version);
      const char* name = get_namespace_name(row->extnamespace);
      if (name != nullptr) strlcpy(result.schema_name, name, sizeof result.schema_name);
    }
    systable_endscan(scan);
    table_close(extensions, AccessShareLock);
    return result;
  });
}

int minor_of(const char* version) {
  const char* point = std::strchr(version, '.');
  return point != nullptr ? std::atoi(point + 1) : 0;
}

std::vector<member> member_relations(Oid extension) {
  std::vector<member> result;
  const oids found = members_of(extension, RelationRelationId);
  for (int i = 0; i < found.count; ++i) {
    const Oid oid = found.all[i];
    const char* name = pg::call([=] { return get_rel_name(oid); });
    const char* schema = pg::call([=] { return get_namespace_name(get_rel_namespace(oid)); });
    if (name != nullptr && schema != nullptr) result.push_back({oid, kind_of(oid), name, schema});
  }
  return result;
}

std::vector<member_function> member_functions(Oid extension) {
  struct texts {
    const char *name, *schema, *arguments, *symbol;
  };
  std::vector<member_function> result;
  const oids found = members_of(extension, ProcedureRelationId);
  for (int i = 0; i < found.count; ++i) {
    const Oid oid = found.all[i];
    const texts one = pg::call([=] {
      texts read = {};
      HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(oid));
      if (!HeapTupleIsValid(tuple)) return read;
      const auto* row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
      bool null;
      const Datum symbol = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &null);
      read = {pstrdup(NameStr(row->proname)), get_namespace_name(row->pronamespace),
              std::strchr(format_procedure_qualified(oid), '('), null ? "" : TextDatumGetCString(symbol)};
      ReleaseSysCache(tuple);
      return read;
    });
    if (one.name != nullptr && one.schema != nullptr)
      result.push_back({one.name, one.schema, text_or_empty(one.arguments), one.symbol});
  }
  return result;
}

Oid relation_in(Oid schema, std::string_view name) {
  const std::string copy(name);
  const char* text = copy.c_str();
  return pg::call([=] { return get_relname_relid(text, schema); });
}

char kind_of(Oid relation) {
  return pg::call([=] { return get_rel_relkind(relation); });
}

bool function_in(Oid schema, std::string_view name) {
  const std::string copy(name);
  const char* text = copy.c_str();
  return pg::call([=] {
    CatCList* all = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(text));
    bool found = false;
    for (int i = 0; i < all->n_members; ++i)
      found =
          found || reinterpret_cast<Form_pg_proc>(GETSTRUCT(&all->members[i]->tuple))->pronamespace == schema;
    ReleaseCatCacheList(all);
    return found;
  });
}

Oid type_of_column(Oid relation, const char* column) {
  return pg::call([=] {
    const AttrNumber number = get_attnum(relation, column);
    return number > 0 ? get_atttype(relation, number) : InvalidOid;
  });
}

bool may_be_missing(const own_column& column) {
  return column.since != nullptr && minor_of(installed_extension().version) < minor_of(column.since);
}

const own_column* wrong_column(Oid relation, const own_table& table) {
  for (int i = 0; i < table.count; ++i) {
    const own_column& column = table.columns[i];
    const Oid type = type_of_column(relation, column.name);
    if (OidIsValid(type) ? !pg::fits(type, column.type) : !may_be_missing(column)) return &column;
  }
  return nullptr;
}

std::string only_stranger(Oid relation, const own_table& table, Oid type) {
  const int count = pg::call([=] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) return 0;
    const int columns = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relnatts;
    ReleaseSysCache(tuple);
    return columns;
  });
  std::string found;
  for (int n = 1; n <= count; ++n) {
    const char* name = pg::call([=]() -> const char* {
      HeapTuple tuple = SearchSysCacheAttNum(relation, static_cast<AttrNumber>(n));  // none when dropped
      if (!HeapTupleIsValid(tuple)) return nullptr;
      const char* copy = pstrdup(NameStr(reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->attname));
      ReleaseSysCache(tuple);
      return copy;
    });
    if (name == nullptr || find_own_column(table, name) != nullptr ||
        !pg::fits(type_of_column(relation, name), type))
      continue;
    if (!found.empty()) return {};
    found = name;
  }
  return found;
}

std::string table_of_sequence(Oid oid) {
  const char* name = pg::call([=]() -> const char* {
    Oid table = InvalidOid;
    int32 column = 0;
    if (get_rel_relkind(oid) != RELKIND_SEQUENCE || !sequenceIsOwned(oid, DEPENDENCY_AUTO, &table, &column))
      return nullptr;
    return get_rel_name(table);
  });
  return name != nullptr && find_own_table(name) != nullptr ? name : "";
}

bool is_like(Oid relation, Oid table, const own_index& index, AttrNumber* column) {
  const AttrNumber number = pg::call([=]() -> AttrNumber {
    if (get_rel_relkind(relation) != RELKIND_INDEX) return InvalidAttrNumber;
    HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) return InvalidAttrNumber;
    const auto* row = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
    const bool whole = heap_attisnull(tuple, Anum_pg_index_indpred, nullptr);
    const bool like = row->indrelid == table && row->indisunique && row->indisvalid && row->indisready &&
                      row->indnkeyatts == index.columns && whole != index.partial;
    const AttrNumber first = like ? row->indkey.values[0] : InvalidAttrNumber;
    ReleaseSysCache(tuple);
    HeapTuple of_class = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(of_class)) return InvalidAttrNumber;
    const bool btree = reinterpret_cast<Form_pg_class>(GETSTRUCT(of_class))->relam == BTREE_AM_OID;
    ReleaseSysCache(of_class);
    return btree && first > 0 && first == get_attnum(table, index.column) ? first : InvalidAttrNumber;
  });
  *column = number;
  return number != InvalidAttrNumber && pg::fits(type_of_column(table, index.column), index.type);
}

std::string name_of_like_index(Oid table, const own_index& index) {
  const oids all = pg::call([=] {
    oids result = {nullptr, 0};
    Relation rel = try_table_open(table, AccessShareLock);
    if (rel == nullptr) return result;
    List* list = RelationGetIndexList(rel);
    result.all = static_cast<Oid*>(palloc(sizeof(Oid) * (static_cast<Size>(list_length(list)) + 1)));
    for (int i = 0; i < list_length(list); ++i) result.all[result.count++] = list_nth_oid(list, i);
    table_close(rel, AccessShareLock);
    return result;
  });
  std::string found;
  for (int i = 0; i < all.count; ++i) {
    const Oid oid = all.all[i];
    AttrNumber column;
    if (!is_like(oid, table, index, &column)) continue;
    const char* name = pg::call([=] { return get_rel_name(oid); });
    if (name != nullptr && index.name == std::string_view(name)) return name;
    if (name != nullptr) found = name;
  }
  return found;
}

}  // namespace llm_admin::store
