#include "store/key_uses.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/fetch.hpp"
#include "pg/guard.hpp"
#include "pg/spi.hpp"
#include "pg/stop_point.hpp"
#include "store/damage.hpp"
#include "store/members.hpp"
#include "store/owner.hpp"
#include "store/row_finder.hpp"
#include "store/tables.hpp"

extern "C" {
#include "access/generic_xlog.h"
}

namespace llm_admin::store::key_uses {

namespace {

pg::statement next_block{"SELECT pg_catalog.nextval('llm_admin.key_use_blocks'::pg_catalog.regclass)", {}};
pg::statement last_block{
    "SELECT pg_catalog.pg_sequence_last_value('llm_admin.key_use_blocks'::pg_catalog.regclass)", {}};

// Attribute numbers; 0 for a column that is not there.
struct columns {
  AttrNumber key_id, block, uses;
};

// 0 for a column that the installed version does not have yet. Counts are written in place, so one of another
// type is an error.
AttrNumber column_of(Oid table, const char* name, Oid type) {
  const AttrNumber number = pg::call([=] { return get_attnum(table, name); });
  const own_table& described = store::description(table::data_keys);
  const own_column& column = *find_own_column(described, name);
  if (number > 0 ? pg::fits(type_of_column(table, name), type) : may_be_missing(column))
    return std::max(number, AttrNumber{0});
  throw damage::of_column(table, described, column);
}

const columns& known_columns() {
  static columns known;
  static std::uint64_t generation = ~std::uint64_t{0};
  (void)oid_of(table::data_keys);  // changes are told by the table's oid
  const std::uint64_t now = store::generation(table::data_keys);
  if (generation != now) {
    const Oid table = oid_of(table::data_keys);
    known = {column_of(table, "key_id", UUIDOID), column_of(table, "first_use_block", INT8OID),
             column_of(table, "uses", INT8OID)};
    generation = now;
  }
  return known;
}

// What the sequence has handed out; 0 for nothing yet.
std::int64_t sequence_value() {
  const as_owner owner;
  pg::spi sql;
  sql.run(last_block, {}, true);
  const auto row = sql.first();
  // At its end, one more could not be told.
  return row && !row->is_null(1) ? std::min(row->bigint(1), std::numeric_limits<std::int64_t>::max() / 2) : 0;
}

// ---- in place: inside a guarded call, plain data only, any line may longjmp
// -----------------------------------

// Where a column of fixed length lies in a tuple; null when the tuple ends before it.
char* place_in(HeapTupleHeader tuple, TupleDesc desc, AttrNumber column) {
  if (HeapTupleHeaderGetNatts(tuple) < column) return nullptr;
  const bits8* nulls = (tuple->t_infomask & HEAP_HASNULL) != 0 ? tuple->t_bits : nullptr;
  char* const data = reinterpret_cast<char*>(tuple) + tuple->t_hoff;
  Size offset = 0;
  for (int n = 0; n < column; ++n) {
    const Form_pg_attribute attribute = TupleDescAttr(desc, n);
    if (nulls != nullptr && att_isnull(n, nulls)) {
      if (n == column - 1) return nullptr;
      continue;
    }
    offset = att_align_pointer(offset, attribute->attalign, attribute->attlen, data + offset);
    if (n == column - 1) return data + offset;
    offset = att_addlength_pointer(offset, attribute->attlen, data + offset);
  }
  return nullptr;
}

std::int64_t number_at(const char* place) {
  std::int64_t value;
  std::memcpy(&value, place, sizeof value);
  return value;
}

// Whether the two can be what was counted: a row that was edited or damaged gives no more uses. Blocks go
// down from 1 where rows have no count of their own.
bool is_count(std::int64_t block, std::int64_t uses) { return block >= lowest_block && uses >= 0; }

struct order {
  pg_uuid_t key;
  columns at;
  std::int64_t sequence;  // what it has handed out
  std::int32_t wanted;
};

struct outcome {
  std::int32_t granted;  // -1 while no row was found
  XLogRecPtr written;
};

// How many uses the row still has, up to the block that is wanted; they are marked as made.
std::int32_t advance(HeapTupleHeader tuple, TupleDesc desc, const order& what) {
  char* const block = place_in(tuple, desc, what.at.block);
  char* const uses = place_in(tuple, desc, what.at.uses);
  if (block == nullptr) return 0;
  const std::int64_t own = uses != nullptr ? number_at(uses) : 0;
  if (!is_count(number_at(block), own)) return 0;
  const std::int64_t begun = std::min(number_at(block), what.sequence + 1);
  const std::int64_t blocks = what.sequence + 1 - begun;
  if (blocks >= most / per_sequence_block) return 0;
  const std::int64_t made = blocks * per_sequence_block + own;
  if (made >= most) return 0;
  const std::int64_t wanted = uses != nullptr ? what.wanted : per_sequence_block;
  const std::int64_t granted = std::min(wanted, most - made);
  const std::int64_t now = uses != nullptr ? own + granted : begun - 1;
  std::memcpy(uses != nullptr ? uses : block, &now, sizeof now);
  return static_cast<std::int32_t>(granted);
}

// One version of the row, if it is one that is or may become the valid one: a rollback of our own transaction
// brings back what it has replaced.
void advance_version(Relation rel, ItemPointerData tid, const order& what, outcome& result) {
  Buffer buffer = ReadBuffer(rel, ItemPointerGetBlockNumber(&tid));
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  Page page = BufferGetPage(buffer);
  const OffsetNumber offset = ItemPointerGetOffsetNumber(&tid);
  // Between the look at the index and this one the place may have been pruned and used again.
  if (offset <= PageGetMaxOffsetNumber(page) && ItemIdIsNormal(PageGetItemId(page, offset))) {
    ItemId item = PageGetItemId(page, offset);
    HeapTupleData tuple;
    tuple.t_data = reinterpret_cast<HeapTupleHeader>(PageGetItem(page, item));
    tuple.t_len = ItemIdGetLength(item);
    tuple.t_self = tid;
    tuple.t_tableOid = RelationGetRelid(rel);
    const char* key = place_in(tuple.t_data, RelationGetDescr(rel), what.at.key_id);
    if (key != nullptr && std::memcmp(key, what.key.data, UUID_LEN) == 0) {
      const HTSV_Result state = HeapTupleSatisfiesVacuum(&tuple, FirstNormalTransactionId, buffer);
      if (state == HEAPTUPLE_LIVE || state == HEAPTUPLE_INSERT_IN_PROGRESS ||
          state == HEAPTUPLE_DELETE_IN_PROGRESS) {
        GenericXLogState* change = GenericXLogStart(rel);
        Page copy = GenericXLogRegisterBuffer(change, buffer, 0);
        auto* there = reinterpret_cast<HeapTupleHeader>(PageGetItem(copy, PageGetItemId(copy, offset)));
        const std::int32_t granted = advance(there, RelationGetDescr(rel), what);
        if (granted > 0) {
          const XLogRecPtr at = GenericXLogFinish(change);
          if (at > result.written) result.written = at;
        } else {
          GenericXLogAbort(change);
        }
        if (result.granted < 0 || granted < result.granted) result.granted = granted;
      }
    }
  }
  UnlockReleaseBuffer(buffer);
}

// ---- the sequence, for SQL of 0.1 to 0.3
// --------------------------------------------------------------------

Oid counted_for = InvalidOid;  // the table whose sequence the block is of
std::int64_t current_block = 0;
std::int64_t uses_left = 0;

// What nextval() wrote may be covered by a record of another backend's; the sequence's page knows which.
void flush_sequence() {
  const Oid in = store::schema();
  pg::call([=] {
    Relation sequence = table_open(get_relname_relid("key_use_blocks", in), AccessShareLock);
    Buffer buffer = ReadBuffer(sequence, 0);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    const XLogRecPtr written = PageGetLSN(BufferGetPage(buffer));
    UnlockReleaseBuffer(buffer);
    table_close(sequence, AccessShareLock);
    XLogFlush(written);
  });
}

std::int64_t block_in_hand() {
  const Oid table = oid_of(table::data_keys);
  if (uses_left == 0 || counted_for != table) {
    {
      const as_owner owner;
      pg::spi sql;
      sql.run(next_block, {});
      current_block = sql.first()->bigint(1);
    }
    flush_sequence();
    uses_left = per_sequence_block;
    counted_for = table;
  }
  return current_block;
}

std::int32_t take_of_sequence(const envelope::key_id& id) {
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  static constexpr const char* columns_read[] = {"first_use_block"};
  static constinit row_finder finder(table::data_keys, columns_read);
  Datum block = 0;
  bool null = true;
  const pg::fetched row =
      finder.find(index::data_keys_id, F_UUID_EQ, UUIDPGetDatum(&uuid), pg::as_of::latest, &block, &null);
  if (row.tuple == nullptr || null) envelope::reject();
  if (block_in_hand() - DatumGetInt64(block) >= most / per_sequence_block) return 0;
  --uses_left;
  return 1;
}

}  // namespace

bool in_rows() { return known_columns().uses > 0; }

std::int32_t take(const envelope::key_id& id, std::int32_t wanted) {
  if (!in_rows()) return take_of_sequence(id);
  order what = {};
  std::memcpy(what.key.data, id.data(), id.size());
  what.at = known_columns();
  what.sequence = sequence_value();
  what.wanted = wanted;
  const Oid table = oid_of(table::data_keys);
  const Oid index = oid_of(index::data_keys_id);
  outcome result = {-1, InvalidXLogRecPtr};
  pg::call([&] {
    Relation rel = table_open(table, RowExclusiveLock);
    ScanKeyData scan_key;
    ScanKeyInit(&scan_key, what.at.key_id, BTEqualStrategyNumber, F_UUID_EQ, UUIDPGetDatum(&what.key));
    SysScanDesc scan = systable_beginscan(rel, index, true, SnapshotAny, 1, &scan_key);
    for (HeapTuple found = systable_getnext(scan); HeapTupleIsValid(found); found = systable_getnext(scan))
      advance_version(rel, found->t_self, what, result);
    systable_endscan(scan);
    table_close(rel, RowExclusiveLock);
    if (result.written != InvalidXLogRecPtr) XLogFlush(result.written);
  });
  if (result.granted < 0) envelope::reject();
  pg::stop_point("key_uses.taken");
  return result.granted;
}

std::int64_t block_of_new_key() { return in_rows() ? sequence_value() + 1 : block_in_hand(); }

std::string rotate_statement(std::string_view tenant) {
  if (tenant.empty()) return "SELECT llm_admin.rotate_data_key()";
  const std::string name(tenant);
  const char* text = name.c_str();
  return std::string("SELECT llm_admin.rotate_data_key(") +
         pg::call([=] { return quote_literal_cstr(text); }) + ")";
}

void refuse(std::string_view tenant) {
  throw llm_admin::error(sqlstate::program_limit, "the data key has sealed as many secrets as one key may",
                         "at most 2^30 uses a key", rotate_statement(tenant));
}

}  // namespace llm_admin::store::key_uses
