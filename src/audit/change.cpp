// audit_change(): the trigger that writes what changed in a row of an audited table, before and after.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/trigger.hpp"
#include "store/audit.hpp"
#include "store/load.hpp"
#include "store/own_update.hpp"
#include "store/row_text.hpp"
#include "store/tables.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 17> audited_tables = {"access_grants",     "access_keys",
                                                             "exchange_rates",    "installed_models",
                                                             "limit_overrides",   "limits",
                                                             "llm_configs",       "llm_providers",
                                                             "model_aliases",     "model_deployments",
                                                             "model_permissions", "model_pricing",
                                                             "model_servers",     "provider_aliases",
                                                             "tier_model_rules",  "tiers",
                                                             "user_tiers"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// The table of the call if it is one of those above, by its name in our schema.
Oid audited_table(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_TRIGGER(fcinfo)) return InvalidOid;
  const Relation table = reinterpret_cast<TriggerData*>(fcinfo->context)->tg_relation;
  const bool ours =
      RelationGetNamespace(table) == store::schema() && holds(audited_tables, RelationGetRelationName(table));
  return ours ? RelationGetRelid(table) : InvalidOid;
}

// What becomes of one row in the log.
class change {
 public:
  change(Relation table, const pg::tuple_image& row) : table_(table), row_(row) {}

  void write_new() { write("created", nullptr, whole(row_)); }
  void write_gone() { write("deleted", whole(row_), nullptr); }

  void write_changed(const pg::tuple_image& after) {
    json::item* old_values = tree_.object();
    json::item* new_values = tree_.object();
    json::item* columns = tree_.array();
    bool counts = false;
    for (int n = 1; n <= after.columns(); ++n) {
      if (after.is_dropped(n) || row_.same(after, n)) continue;
      const std::string_view name = after.name_of(n);
      counts = counts || !audit::is_running_note(name);
      tree_.push(columns, tree_.string(name));
      tree_.append(old_values, name, shown(row_, n));
      tree_.append(new_values, name, shown(after, n));
    }
    if (!counts) return;
    tree_.put(details(), "columns", columns);
    write("updated", old_values, new_values);
  }

 private:
  // Of a key no more than that it is another one, and whether there is one.
  json::item* shown(const pg::tuple_image& row, int n) {
    if (row.is_null(n) || !audit::is_key_column(row.name_of(n))) return audit::column_value(tree_, row, n);
    if (pg::size_of(row.raw(n)) == 0) return tree_.null();
    json::item* object = tree_.object();
    tree_.put(object, "changed", tree_.boolean(true));
    return object;
  }

  json::item* whole(const pg::tuple_image& row) {
    json::item* values = tree_.object();
    for (int n = 1; n <= row.columns(); ++n)
      if (!row.is_dropped(n) && !row.is_null(n)) tree_.append(values, row.name_of(n), shown(row, n));
    return values;
  }

  std::string_view table_name() const noexcept { return RelationGetRelationName(table_); }

  json::item* details() {
    if (details_ == nullptr) details_ = tree_.object();
    return details_;
  }

  // Of a tenant's row it is the tenant's, whoever changed it.
  std::optional<std::string_view> tenant() const {
    for (int n = 1; n <= row_.columns(); ++n)
      if (!row_.is_dropped(n) && row_.name_of(n) == "tenant_id") return one_tenant(row_.text("tenant_id"));
    return std::nullopt;
  }

  // A limit's is a glob, and one of several tenants is nobody's.
  static std::optional<std::string_view> one_tenant(std::string_view of) {
    return of.find_first_of("*?") == of.npos ? std::optional(of) : std::nullopt;
  }

  void write(std::string_view action, const json::item* before, const json::item* after) {
    json::item* parts = nullptr;
    const std::string id = audit::row_id(tree_, table_, row_, parts);
    if (parts != nullptr) tree_.put(details(), "key", parts);
    if (table_name() == "access_keys") tree_.put(details(), "prefix", tree_.string(row_.text("prefix")));
    store::write_audit({.action = action,
                        .resource_type = table_name(),
                        .resource_id = id,
                        .tenant_id = tenant(),
                        .details = details_,
                        .before = before == nullptr ? Datum{0} : pg::make_jsonb(before),
                        .after = after == nullptr ? Datum{0} : pg::make_jsonb(after)});
  }

  Relation table_;
  const pg::tuple_image& row_;  // as it was, of a new one as it is
  char room_[4096];
  json::tree tree_{room_};
  json::item* details_ = nullptr;
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_audit_change)(FunctionCallInfo fcinfo) {
  const pg::trigger_call trigger(
      fcinfo, audited_table(fcinfo), "a table of llm_admin's own",
      {{false, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}},
       {false, false, {TRIGGER_EVENT_TRUNCATE}}});
  if (store::loading(trigger)) return Datum{0};
  if (trigger.truncates()) {
    store::write_audit({.action = "truncated", .resource_type = RelationGetRelationName(trigger.table())});
    return Datum{0};
  }
  const pg::tuple_image row = trigger.inserts() ? trigger.new_row() : trigger.old_row();
  change what(trigger.table(), row);
  if (trigger.inserts()) {
    what.write_new();
  } else if (trigger.deletes()) {
    what.write_gone();
  } else {
    const pg::tuple_image after = trigger.new_row();
    if (!store::only_resealed(row, after)) what.write_changed(after);
  }
  return Datum{0};
}
