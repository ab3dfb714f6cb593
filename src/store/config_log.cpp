#include "store/config_log.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/insert.hpp"
#include "pg/spi.hpp"
#include "store/audit.hpp"
#include "store/members.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

extern "C" {
#include "commands/async.h"
}

namespace llm_admin::store {

namespace {

constexpr const char* config_channel = "llm_admin_config";

struct config_note {
  const char* kind;
  const char* op;
  const char* id;
  const char* tenant_id;
  SubTransactionId in;
  bool by_load;
};

// In memory of the transaction, forgotten where it ends.
struct config_notes {
  config_note* all = nullptr;
  std::uint32_t count = 0;
  std::uint32_t room = 0;
};
config_notes noted;

pg::statement select_last_change{
    "SELECT c.number, c.version FROM llm_admin.config_changes c ORDER BY c.number DESC LIMIT 1", {}};
pg::statement delete_old_changes{
    "DELETE FROM llm_admin.config_changes c WHERE c.number OPERATOR(pg_catalog.<=) $1", {INT8OID}};

const char* kept_text(std::string_view text) {
  const char* from = text.data();
  const std::size_t size = text.size();
  return pg::call([=]() -> const char* {
    auto* made = static_cast<char*>(MemoryContextAlloc(TopTransactionContext, size + 1));
    if (size > 0) memcpy(made, from, size);
    made[size] = '\0';
    return made;
  });
}

void add_note(const config_note& one) {
  if (noted.count == noted.room) {
    const std::uint32_t room = noted.room == 0 ? 64 : noted.room * 2;
    config_note* before = noted.all;
    noted.all = pg::call([=] {
      const Size bytes = room * sizeof(config_note);
      return static_cast<config_note*>(before == nullptr ? MemoryContextAlloc(TopTransactionContext, bytes)
                                                         : repalloc(before, bytes));
    });
    noted.room = room;
  }
  noted.all[noted.count++] = one;
}

template <class Which>
void remove_notes(Which which) noexcept {
  noted.count =
      static_cast<std::uint32_t>(std::remove_if(noted.all, noted.all + noted.count, which) - noted.all);
}

bool is_reset(const config_note& one) noexcept { return one.op == config_op::reset; }

// Those of before are gone then, also of savepoints that stay: so it counts as the whole transaction's.
void reset_kind(const char* kind, bool by_load) {
  remove_notes([=](const config_note& one) { return one.kind == kind; });
  add_note({kind, config_op::reset, "", "", TopSubTransactionId, by_load});
}

// Each row once, by its last note.
std::vector<config_note> folded_notes() {
  std::vector<config_note> all(noted.all, noted.all + noted.count);
  const auto order = [](const config_note& a, const config_note& b) {
    int way = std::strcmp(a.kind, b.kind);
    if (way == 0) way = std::strcmp(a.id, b.id);
    if (way == 0) way = std::strcmp(a.tenant_id, b.tenant_id);
    return way;
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const config_note& a, const config_note& b) { return order(a, b) < 0; });
  std::vector<config_note> result;
  for (const config_note& one : all) {
    if (!result.empty() && order(result.back(), one) == 0)
      result.back() = one;
    else
      result.push_back(one);
  }
  return result;
}

bool is_config_log_there() {
  return OidIsValid(installed_extension().oid) &&
         OidIsValid(pg::call([] { return get_namespace_oid("llm_admin", true); })) &&
         expects(table::config_changes);
}

void write_changes(const std::vector<config_note>& changes, std::int64_t number, std::int64_t version,
                   TimestampTz at) {
  const Oid log = oid_of(table::config_changes);
  for (const config_note& one : changes) {
    const pg::new_column columns[] = {
        {"number", INT8OID, Int64GetDatum(++number), false},
        {"version", INT8OID, Int64GetDatum(version), false},
        {"kind", TEXTOID, pg::make_text(one.kind), false},
        {"id", TEXTOID, pg::make_text(one.id), false},
        {"tenant_id", TEXTOID, pg::make_text(one.tenant_id), false},
        {"op", TEXTOID, pg::make_text(one.op), false},
        {"at", TIMESTAMPTZOID, TimestampTzGetDatum(at), false},
    };
    pg::insert_row(log, columns, static_cast<int>(std::size(columns)));
  }
}

// The version that the changes got; 0: none are to be told.
std::int64_t write_noted() {
  // The extension, or this version of it, may have left in this very transaction.
  if (!is_config_log_there()) return 0;
  const std::vector<config_note> changes = folded_notes();
  // Whoever has locked the table otherwise is waited for before and not under the lock.
  const Oid log = lock(table::config_changes, RowExclusiveLock);
  pg::call([=] { LockDatabaseObject(RelationRelationId, log, 0, ExclusiveLock); });
  const as_owner owner;
  pg::spi sql;
  std::int64_t number = 0, version = 0;
  if (sql.run_on_latest(select_last_change, {}) > 0) {
    number = sql.at(0).bigint(1);
    version = sql.at(0).bigint(2);
  } else if (std::all_of(changes.begin(), changes.end(),
                         [](const config_note& one) { return one.by_load; })) {
    return 0;
  }
  const TimestampTz at = GetCurrentTimestamp();
  version = std::max(version + 1, unix_microseconds(at));
  write_changes(changes, number, version, at);
  number += static_cast<std::int64_t>(changes.size());
  // A transaction that sees an old state would fail at rows that others have deleted since: the next one does it.
  if (number > most_config_changes && !IsolationUsesXactSnapshot())
    sql.run(delete_old_changes, {pg::value(number - most_config_changes)});
  return version;
}

void notify_of(std::int64_t version) {
  const std::string text = std::to_string(version);
  const char* payload = text.c_str();
  pg::call([=] { Async_Notify(config_channel, payload); });
}

Datum before_commit(FunctionCallInfo) {
  pg::call([] { PushActiveSnapshot(GetTransactionSnapshot()); });
  const std::int64_t version = write_noted();
  pg::call([] { PopActiveSnapshot(); });
  if (version != 0) notify_of(version);
  return Datum{0};
}

Datum before_prepare(FunctionCallInfo) {
  pg::call([] { PushActiveSnapshot(GetTransactionSnapshot()); });
  (void)write_noted();
  pg::call([] { PopActiveSnapshot(); });
  return Datum{0};
}

// What raises here is raised by pg::entry, when nothing is left that has a destructor; the transaction ends by it.
void run_before_end(pg::function_body body) {
  LOCAL_FCINFO(nothing, 0);
  InitFunctionCallInfoData(*nothing, nullptr, 0, InvalidOid, nullptr, nullptr);
  (void)pg::entry(nothing, body);
}

extern "C" void on_config_transaction(XactEvent event, void*) {
  switch (event) {
    case XACT_EVENT_PRE_COMMIT:
      if (noted.count > 0) run_before_end(before_commit);
      break;
    case XACT_EVENT_PRE_PREPARE:
      if (noted.count > 0) run_before_end(before_prepare);
      break;
    case XACT_EVENT_COMMIT:
    case XACT_EVENT_ABORT:
    case XACT_EVENT_PREPARE:
      noted = {};
      break;
    default:
      break;
  }
}

extern "C" void on_config_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
                                         void*) noexcept {
  if (event == SUBXACT_EVENT_ABORT_SUB) remove_notes([=](const config_note& one) { return one.in == mine; });
  if (event != SUBXACT_EVENT_COMMIT_SUB) return;
  for (std::uint32_t n = 0; n < noted.count; ++n)
    if (noted.all[n].in == mine) noted.all[n].in = parent;
}

}  // namespace

void note_config_change(const char* kind, const char* op, std::string_view id, std::string_view tenant_id) {
  const SubTransactionId now = GetCurrentSubTransactionId();
  std::uint32_t of_kind = 0;
  for (std::uint32_t n = 0; n < noted.count; ++n) {
    config_note& one = noted.all[n];
    if (one.kind != kind) continue;
    if (is_reset(one)) return;
    if (one.in == now && id == one.id && tenant_id == one.tenant_id) {
      one.op = op;
      return;
    }
    ++of_kind;
  }
  if (of_kind >= most_changes_at_once)
    reset_kind(kind, false);
  else
    add_note({kind, op, kept_text(id), kept_text(tenant_id), now, false});
}

void note_config_reset(const char* kind, bool by_load) {
  for (std::uint32_t n = 0; n < noted.count; ++n)
    if (noted.all[n].kind == kind && is_reset(noted.all[n])) {
      noted.all[n].by_load = noted.all[n].by_load && by_load;
      return;
    }
  const bool had_changes = std::any_of(noted.all, noted.all + noted.count,
                                       [=](const config_note& one) { return one.kind == kind; });
  reset_kind(kind, by_load && !had_changes);
}

void register_config_log() {
  RegisterXactCallback(on_config_transaction, nullptr);
  RegisterSubXactCallback(on_config_subtransaction, nullptr);
}

}  // namespace llm_admin::store
