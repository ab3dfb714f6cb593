#include "store/row_finder.hpp"

#include "pg/types.hpp"
#include "store/damage.hpp"
#include "store/members.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

// What the OIDs of a look-up were found for.
struct expected {
  store::table table;
  std::uint64_t generation;
  Oid relation;
  store::index by;
  Oid index;
};

bool table_holds(const void* caller) noexcept {
  const auto& now = *static_cast<const expected*>(caller);
  return is_known(now.table, now.relation, now.generation);
}

bool index_holds(const void* caller) noexcept {
  const auto& now = *static_cast<const expected*>(caller);
  return is_known(now.by, now.index);
}

}  // namespace

pg::fetched row_finder::find(store::index by, RegProcedure equals, Datum key, pg::as_of when, Datum* values,
                             bool* nulls, pg::last_place* last) {
  for (;;) {
    const Oid relation = oid_of(table_);
    const Oid index = oid_of(by);
    learn_columns(relation);
    const expected now = {table_, generation_, relation, by, index};
    const pg::lookup what = {relation,    index,  key_column(by), equals,      key, when,
                             attributes_, count_, table_holds,    index_holds, &now};
    if (const auto found = pg::fetch(what, values, nulls, last)) return *found;
    pg::call([] { CHECK_FOR_INTERRUPTS(); });
  }
}

void row_finder::learn_columns(Oid relation) {
  // Read before the columns: what happens meanwhile makes it an old one.
  const std::uint64_t now = generation(table_);
  if (generation_ == now) return;
  const own_table& described = description(table_);
  for (int i = 0; i < count_; ++i) {
    const own_column& column = *find_own_column(described, names_[i]);
    const Oid type = type_of_column(relation, column.name);
    if (!OidIsValid(type) || !pg::fits(type, column.type))
      throw damage::of_column(relation, described, column);
    types_[i] = column.type;
    const char* name = column.name;
    attributes_[i] = pg::call([=] { return get_attnum(relation, name); });
  }
  generation_ = now;
}

}  // namespace llm_admin::store
