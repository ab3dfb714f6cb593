// The trigger of access_keys. Its tier is there; and the hash of a token that one of our functions is making comes in
// here: in a statement it would be a parameter, which logs of nested statements print.
#include <cstring>

#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/trigger.hpp"
#include "store/access.hpp"
#include "store/access_key.hpp"
#include "store/load.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_validate_access_key)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::access_keys,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  const crypto::digest* hash = store::hash_to_store::current();
  if (hash == nullptr && store::loading(trigger)) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  const int tier = row.column("tier_code");
  if (!row.is_null(tier) && (!trigger.updates() || !trigger.old_row().same(row, tier)))
    store::require_tier(row.text("tier_code"));
  if (hash == nullptr) return trigger.unchanged();
  const std::uint8_t* bytes = hash->data();
  const Datum stored = pg::call([=] {
    auto* made = static_cast<bytea*>(palloc(VARHDRSZ + crypto::digest_size));
    SET_VARSIZE(made, VARHDRSZ + crypto::digest_size);
    std::memcpy(VARDATA(made), bytes, crypto::digest_size);
    return PointerGetDatum(made);
  });
  pg::tuple_changes changes(row);
  changes.set("key_hash", stored, BYTEAOID);
  return pg::trigger_call::replaced(changes.apply());
}
