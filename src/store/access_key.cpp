#include "store/access_key.hpp"

#include <cstring>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/spi.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/row_finder.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

enum access_key_column : std::uint8_t {
  key_id,
  key_prefix,
  key_name,
  key_tenant,
  key_team,
  key_user,
  key_tier,
  key_allow,
  key_deny,
  key_tags,
  key_expires,
  key_revoke,
  key_blocked,
  key_previous_until,
  key_last_used,
  key_columns
};
constexpr const char* access_key_column_names[key_columns] = {
    "id",   "prefix", "name",       "tenant_id", "team_id", "user_id",        "tier_code",    "allow",
    "deny", "tags",   "expires_at", "revoke_at", "blocked", "previous_until", "last_used_day"};
constinit row_finder key_finder(table::access_keys, access_key_column_names);

pg::statement note_day{
    "UPDATE llm_admin.access_keys AS k SET last_used_day = $2 FROM (SELECT c.id FROM llm_admin.access_keys c "
    "WHERE c.id OPERATOR(pg_catalog.=) $1 AND (c.last_used_day IS NULL OR c.last_used_day "
    "OPERATOR(pg_catalog.<) $2) FOR NO KEY UPDATE SKIP LOCKED) AS free WHERE k.id OPERATOR(pg_catalog.=) "
    "free.id",
    {UUIDOID, DATEOID}};

const crypto::digest* hash_kept = nullptr;

std::int32_t utc_day() {
  constexpr std::int64_t a_day = 86'400'000'000;
  const std::int64_t now = GetCurrentTimestamp();
  return static_cast<std::int32_t>(now >= 0 ? now / a_day : -((-now + a_day - 1) / a_day));
}

std::optional<access_key> read_key(index by, RegProcedure equals, Datum key, bool by_previous) {
  Datum values[key_columns];
  bool nulls[key_columns];
  const pg::fetched found = key_finder.find(by, equals, key, pg::as_of::latest, values, nulls);
  if (found.tuple == nullptr) return std::nullopt;
  const auto text = [&](access_key_column c) {
    return nulls[c] ? std::string_view() : pg::text_of(values[c]);
  };
  const auto time = [&](access_key_column c) {
    return nulls[c] ? std::nullopt : std::optional<std::int64_t>(DatumGetTimestampTz(values[c]));
  };
  access_key row{};
  if (!nulls[key_id]) std::memcpy(row.id.data(), DatumGetUUIDP(values[key_id])->data, row.id.size());
  row.prefix = text(key_prefix);
  row.name = text(key_name);
  row.tenant_id = text(key_tenant);
  row.team_id = text(key_team);
  row.user_id = text(key_user);
  if (!nulls[key_tier]) row.tier = text(key_tier);
  // A list that is not there would read as one that denies nothing.
  if (nulls[key_allow] || nulls[key_deny] || nulls[key_blocked])
    throw error(sqlstate::internal_error, "a row of access_keys lacks allow, deny or blocked");
  row.allow = values[key_allow];
  row.deny = values[key_deny];
  row.tags = nulls[key_tags] ? Datum{0} : values[key_tags];
  row.lifetime = {DatumGetBool(values[key_blocked]), time(key_expires), time(key_revoke),
                  time(key_previous_until)};
  row.state = state_of(row.lifetime, by_previous, GetCurrentTimestamp());
  if (!nulls[key_last_used]) row.last_used_day = DatumGetDateADT(values[key_last_used]);
  return row;
}

Datum bytea_of(const crypto::digest& hash) {
  const std::uint8_t* bytes = hash.data();
  return pg::call([=] {
    auto* made = static_cast<bytea*>(palloc(VARHDRSZ + crypto::digest_size));
    SET_VARSIZE(made, VARHDRSZ + crypto::digest_size);
    std::memcpy(VARDATA(made), bytes, crypto::digest_size);
    return PointerGetDatum(made);
  });
}

[[noreturn]] void another(const char* what, const access_key& key) {
  throw error(sqlstate::not_allowed, std::string("the access key is of another ") + what,
              "key " + uuid_string(key.id) + ": the " + what + " that was given is not the key's",
              "leave the argument out: the key says it");
}

}  // namespace

access_key require_access_key(const access_credential& given) {
  if (given.form == credential_form::malformed) throw unknown_access_key(given.problem);
  const Datum hash = bytea_of(given.hash);
  std::optional<access_key> row = read_key(index::access_keys_hash, F_BYTEAEQ, hash, false);
  if (!row) row = read_key(index::access_keys_previous, F_BYTEAEQ, hash, true);
  // Of another tenant's it is not even told that it is there.
  if (!row || is_out_of_reach(row->tenant_id)) throw unknown_access_key();
  if (!is_usable(row->state)) throw refusal_of(row->state, row->id, row->prefix, row->lifetime);
  return *row;
}

std::optional<access_key> find_access_key(const uuid_bytes& id) {
  auto row = read_key(index::access_keys_id, F_UUID_EQ, uuid_datum(id), false);
  if (row && is_out_of_reach(row->tenant_id)) return std::nullopt;
  return row;
}

void no_such_access_key(const uuid_bytes& id) {
  throw error(sqlstate::undefined_object, "there is no access key " + uuid_string(id), "",
              "SELECT * FROM llm_admin.list_access_keys() shows the keys that there are");
}

void note_use(const access_key& key) {
  const std::int32_t today = utc_day();
  if (key.last_used_day && *key.last_used_day >= today) return;
  if (XactReadOnly || IsolationUsesXactSnapshot() || IsInParallelMode()) return;
  const as_owner owner;
  pg::spi sql;
  sql.run(note_day,
          {pg::datum_value(uuid_datum(key.id), UUIDOID), pg::datum_value(DateADTGetDatum(today), DATEOID)});
}

void bind_to_key(access_request& request, const access_key& key) {
  if (!key.tenant_id.empty() || !request.tenant_id.empty()) {
    if (!request.tenant_id.empty() && request.tenant_id != key.tenant_id) another("tenant", key);
    request.tenant_id = key.tenant_id;
  }
  if (!key.user_id.empty()) {
    if (!request.user_id.empty() && request.user_id != key.user_id) another("user", key);
    request.user_id = key.user_id;
  }
  if (key.tier) {
    if (request.tier && *request.tier != *key.tier) another("tier", key);
    request.tier = key.tier;
  }
}

void apply_key(access_decision& made, const access_key& key) {
  const auto refuse = [&](const char* reason) {
    made.allowed = false;
    made.reason = reason;
    made.rule = made.permission = std::nullopt;
    made.max_requests_per_day = made.max_context_length = 0;
  };
  if (!is_usable(key.state)) {
    refuse("key_not_usable");
    made.note = "the access key is " + std::string(state_name(key.state));
    return;
  }
  const std::vector<std::string> allow = texts_of_array(key.allow), deny = texts_of_array(key.deny);
  const model_judgement judged = judge_model(allow, deny, made.canonical_model);
  if (judged.is_open()) return;
  refuse(judged.verdict == model_verdict::denied ? "key_denied" : "key_not_allowed");
  made.note = judged.by.empty() ? "no pattern of the access key's allow matches"
                                : "the access key denies " + std::string(judged.by);
}

std::vector<std::string> texts_of_array(Datum array) {
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg::call([&, array] {
    deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  });
  std::vector<std::string> texts;
  texts.reserve(static_cast<std::size_t>(count));
  for (int n = 0; n < count; ++n)
    if (!nulls[n]) texts.emplace_back(pg::text_of(elements[n]));
  return texts;
}

Datum uuid_datum(const uuid_bytes& id) {
  auto* uuid = static_cast<pg_uuid_t*>(pg::call([] { return palloc(sizeof(pg_uuid_t)); }));
  std::memcpy(uuid->data, id.data(), id.size());
  return UUIDPGetDatum(uuid);
}

hash_to_store::hash_to_store(const crypto::digest& hash) noexcept { hash_kept = &hash; }
hash_to_store::~hash_to_store() { hash_kept = nullptr; }
const crypto::digest* hash_to_store::current() noexcept { return hash_kept; }

}  // namespace llm_admin::store
