#include "store/audit.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "core/audit/leaf.hpp"
#include "core/json/plain_utf8.hpp"
#include "core/keys/redact.hpp"
#include "pg/insert.hpp"
#include "pg/jsonb.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "store/damage.hpp"
#include "store/entered_tenant.hpp"
#include "store/members.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

constexpr std::size_t longest_word = 255;
constexpr std::size_t longest_id = 1024;
constexpr std::int64_t unix_epoch =
    (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * std::int64_t{SECS_PER_DAY} * USECS_PER_SEC;

// The address of the client, which is one as long as the backend lives. In a context of its life.
struct client {
  bool known = false;
  inet* address = nullptr;  // null: over a socket
};
client the_client;

const inet* client_address() {
  if (the_client.known) return the_client.address;
  the_client.address = pg::call([]() -> inet* {
    LOCAL_FCINFO(info, 0);
    InitFunctionCallInfoData(*info, nullptr, 0, InvalidOid, nullptr, nullptr);
    const Datum found = inet_client_addr(info);
    if (info->isnull) return nullptr;
    const inet* address = DatumGetInetPP(found);
    void* kept = MemoryContextAlloc(TopMemoryContext, VARSIZE_ANY(address));
    return static_cast<inet*>(memcpy(kept, address, VARSIZE_ANY(address)));
  });
  the_client.known = true;
  return the_client.address;
}

std::optional<audit::address> canonical_address(const inet* from) {
  if (from == nullptr) return std::nullopt;
  audit::address result;
  result.family = ip_family(from) == PGSQL_AF_INET ? 4 : 6;
  result.mask = ip_bits(from);
  std::copy_n(ip_addr(from), result.size(), result.bytes);
  return result;
}

std::optional<std::string_view> user_agent() {
  std::string_view said = pg::settings::user_agent();
  if (said.empty() && application_name != nullptr) said = application_name;
  return said.empty() ? std::nullopt : std::optional(shortened(said, longest_word));
}

Datum bytea_of(byte_view bytes) {
  const std::uint8_t* data = bytes.data();
  const std::size_t size = bytes.size();
  return pg::call([=] {
    auto* made = static_cast<bytea*>(palloc(VARHDRSZ + size));
    SET_VARSIZE(made, VARHDRSZ + size);
    memcpy(VARDATA(made), data, size);
    return PointerGetDatum(made);
  });
}

pg::new_column text_column(const char* name, std::string_view value) {
  return {name, TEXTOID, pg::make_text(value), false};
}

json::node json_of(Datum jsonb) { return jsonb == 0 ? json::node{} : pg::jsonb_view(jsonb); }

// Random bytes for some salts at once: asking for few costs as much as asking for many. Each is used once.
struct salt_store {
  static constexpr std::size_t kept = 32;
  std::uint8_t bytes[kept * audit::salt_size];
  std::size_t left = 0;
  pid_t of_process = 0;
};
salt_store salts;

audit::salt new_salt() {
  if (salts.left == 0 || salts.of_process != MyProcPid) {
    crypto::random_bytes(salts.bytes);
    salts.left = salt_store::kept;
    salts.of_process = MyProcPid;
  }
  --salts.left;
  audit::salt result;
  std::uint8_t* from = salts.bytes + salts.left * audit::salt_size;
  std::copy_n(from, result.size(), result.begin());
  std::fill_n(from, result.size(), std::uint8_t{0});
  return result;
}

struct payload {
  Datum salt = 0;
  std::optional<crypto::digest> commitment;
};

payload seal(const audit_event& event) {
  if (event.before == 0 && event.after == 0) return {};
  const audit::salt salt = new_salt();
  return {bytea_of(salt), audit::commitment_of(salt, json_of(event.before), json_of(event.after))};
}

void write_payload(std::int64_t id, TimestampTz at, const audit_event& event, const payload& what) {
  if (what.salt == 0) return;
  const pg::new_column columns[] = {
      {"audit_id", INT8OID, Int64GetDatum(id), false},
      {"audit_time", TIMESTAMPTZOID, TimestampTzGetDatum(at), false},
      {"salt", BYTEAOID, what.salt, false},
      {"old", JSONBOID, event.before, event.before == 0},
      {"new", JSONBOID, event.after, event.after == 0},
  };
  pg::insert_row(oid_of(table::audit_payloads), columns, std::size(columns));
}

Datum details_of(const audit_event& event) {
  if (event.details != nullptr) return pg::make_jsonb(event.details);
  json::tree none;
  return pg::make_jsonb(none.object());
}

}  // namespace

// The transaction has its xid before the id is taken: whoever sees a later id, and not this one, knows that its
// transaction began before (store/frontier).
std::int64_t next_audit_id() {
  const Oid sequence = relation_in(schema(), "audit_log_id_seq");
  if (!OidIsValid(sequence)) throw damage::of_relation("audit_log_id_seq");
  return pg::call([=] {
    (void)GetTopTransactionId();
    return nextval_internal(sequence, false);
  });
}

std::int64_t unix_microseconds(TimestampTz at) noexcept { return at + unix_epoch; }

Datum leaf_datum(const audit::entry& row) { return bytea_of(audit::leaf_of(row)); }

std::int64_t write_audit(const audit_event& event) {
  if (!expects(table::audit_log)) return 0;
  const std::string_view actor = pg::settings::actor();
  const std::string role = actor.empty() ? pg::outer_role() : std::string();
  const std::string session = pg::session_role();
  const inet* address = client_address();
  const Datum details = details_of(event);
  const TimestampTz at = GetCurrentTimestamp();

  audit::entry row;
  row.id = next_audit_id();
  row.unix_microseconds = unix_microseconds(at);
  row.tenant_id = shortened(event.tenant_id ? *event.tenant_id : entered_tenant().value_or(""), longest_word);
  row.user_id = shortened(actor.empty() ? std::string_view(role) : actor, longest_word);
  row.session_user_name = session;
  row.action_type = shortened(event.action, longest_word);
  row.resource_type = shortened(event.resource_type, longest_word);
  const std::string resource = repaired_utf8(shortened(event.resource_id, longest_id));
  row.resource_id = resource;
  row.details = json_of(details);
  row.ip_address = canonical_address(address);
  row.user_agent = user_agent();
  const payload what = seal(event);
  row.commitment = what.commitment;

  const pg::new_column columns[] = {
      {"id", INT8OID, Int64GetDatum(row.id), false},
      {"timestamp", TIMESTAMPTZOID, TimestampTzGetDatum(at), false},
      text_column("user_id", row.user_id),
      text_column("action_type", row.action_type),
      text_column("resource_type", row.resource_type),
      text_column("resource_id", row.resource_id),
      {"details", JSONBOID, details, false},
      {"ip_address", INETOID, PointerGetDatum(address), address == nullptr},
      {"user_agent", TEXTOID, row.user_agent ? pg::make_text(*row.user_agent) : Datum{0}, !row.user_agent},
      text_column("tenant_id", row.tenant_id),
      text_column("session_user_name", row.session_user_name),
      {"xid", XID8OID, pg::call([] { return FullTransactionIdGetDatum(GetTopFullTransactionId()); }), false},
      {"commitment", BYTEAOID, row.commitment ? bytea_of(*row.commitment) : Datum{0}, !row.commitment},
      {"leaf", BYTEAOID, leaf_datum(row), false},
  };
  const as_owner owner;
  pg::insert_row(oid_of(table::audit_log), columns, std::size(columns));
  write_payload(row.id, at, event, what);
  return row.id;
}

std::int64_t write_audit(audit_event event, std::initializer_list<audit_detail> details) {
  json::tree tree;
  json::item* object = tree.object();
  for (const audit_detail& one : details)
    tree.put(object, one.name, one.text.empty() ? tree.integer(one.number) : tree.string(one.text));
  event.details = object;
  return write_audit(event);
}

bool audit_has_begun() {
  const Oid sequence = relation_in(schema(), "audit_log_id_seq");
  if (!OidIsValid(sequence)) return false;
  return pg::call([=] {
    LOCAL_FCINFO(info, 1);
    InitFunctionCallInfoData(*info, nullptr, 1, InvalidOid, nullptr, nullptr);
    info->args[0].value = ObjectIdGetDatum(sequence);
    info->args[0].isnull = false;
    (void)pg_sequence_last_value(info);
    return !info->isnull;
  });
}

}  // namespace llm_admin::store
