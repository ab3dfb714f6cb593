#include "store/key_cache.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "core/crypto/opened_keys.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "pg/guard.hpp"
#include "pg/role.hpp"
#include "pg/stop_point.hpp"
#include "store/data_keys.hpp"
#include "store/key_uses.hpp"
#include "store/own_rows.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

constexpr std::size_t most_keys = 131'072;  // 8 MB

struct kept_keys {
  crypto::opened_keys keys{most_keys};
  std::optional<data_key> in_use;  // the one handed out last
  bool has_installation = false;
  bool has_current = false;
  envelope::key_id installation{};
  envelope::key_id current{};  // of the installation
  std::uint64_t generation = ~std::uint64_t{0};
  own_rows own;  // what is held may have come from rows of this transaction
};

// For the life of the backend; a pointer, so that no destructor runs at exit. Emptied before the process
// ends.
kept_keys* the_kept_keys = nullptr;

int passes = 0;  // key_cache::passing objects that are alive

void forget_keys(kept_keys& c) noexcept {
  c.keys.clear();
  c.in_use.reset();
}

extern "C" void forget_data_keys(int, Datum) noexcept {
  if (the_kept_keys != nullptr) forget_keys(*the_kept_keys);
}

// Told of what other sessions committed until now, also in the middle of a transaction: a shredded key must
// not open once more.
kept_keys& current_keys() {
  if (the_kept_keys == nullptr) {
    the_kept_keys = std::make_unique<kept_keys>().release();
    pg::call([] { on_proc_exit(forget_data_keys, 0); });
  }
  pg::call([] { AcceptInvalidationMessages(); });
  if (the_kept_keys->own.gone() || the_kept_keys->generation != store::generation(table::data_keys)) {
    forget_keys(*the_kept_keys);
    the_kept_keys->has_installation = the_kept_keys->has_current = false;
    // Changes are told by the table's oid, so it has to be known from now on.
    (void)oid_of(table::data_keys);
    the_kept_keys->generation = store::generation(table::data_keys);
  }
  return *the_kept_keys;
}

struct owned_key {
  envelope::key_id id;
  std::int32_t uses;  // in hand, for one that was made just now
};

// The newest data key of a tenant; the first one is made when there is none.
owned_key newest_or_made(std::string_view tenant) {
  const auto known = [&]() -> std::optional<owned_key> {
    const auto found = data_keys::newest(tenant);
    if (!found) return std::nullopt;
    current_keys().own.learnt_from(found->xmin);
    return owned_key{found->id, 0};
  };
  if (const auto found = known()) return *found;
  pg::require_primary("making a data key");
  if (tenant.empty()) {
    data_keys::lock_for_change();  // the first root key's row is made with it
    if (const auto found = known()) return *found;
  } else {
    data_keys::lock_for_use();
  }
  const auto made = data_keys::make(tenant, 1, key_uses::first_block);
  current_keys().own.note();
  if (made) return {*made, key_uses::in_rows() ? key_uses::first_block : 0};
  if (const auto others = known()) return *others;
  envelope::reject();
}

data_key& use(kept_keys& c, const envelope::key_id& id, byte_view sealing) {
  if (c.in_use) {
    c.in_use->sealing.change_key(sealing);
    c.in_use->id = id;
    return *c.in_use;
  }
  return c.in_use.emplace(data_key{id, crypto::aead_key(sealing)});
}

data_key& find_in(kept_keys& held, const envelope::key_id& id) {
  if (held.in_use && held.in_use->id == id) return *held.in_use;
  if (const auto hit = held.keys.find(id)) return use(held, id, hit->sealing_key);
  for (;;) {
    const std::uint64_t generation = current_keys().generation;
    const data_keys::opened opened = data_keys::open(id);
    pg::stop_point("data_key.opened");
    const secret_bytes sealing = crypto::sealing_key(opened.key.span());
    kept_keys& now = current_keys();
    // Of a change meanwhile we are told once: kept now, a key that was shredded would be kept for good.
    if (now.generation != generation) continue;
    now.own.learnt_from(opened.xmin);
    now.keys.insert(id, sealing.span(), passes == 0);
    return use(now, id, sealing.span());
  }
}

// One use of the key is counted before it is made.
data_key& count_use(const owned_key& key, std::string_view tenant) {
  (void)find_in(current_keys(), key.id);
  const auto held = the_kept_keys->keys.find(key.id);
  if (held && key.uses > 0) *held->uses = {key.uses, key.uses * 4};
  if (held && held->uses->left > 0) {
    --held->uses->left;
    return *the_kept_keys->in_use;
  }
  const std::int32_t wanted =
      held ? std::max(held->uses->next, key_uses::first_block) : key_uses::first_block;
  const std::int32_t granted = key_uses::take(key.id, wanted);
  if (granted == 0) key_uses::refuse(tenant);
  data_key& result = find_in(current_keys(), key.id);  // taking them may have told us of changes
  if (const auto now = the_kept_keys->keys.find(key.id))
    *now->uses = {granted - 1, std::min(granted * 4, key_uses::largest_block)};
  return result;
}

}  // namespace

namespace key_cache {

passing::passing() noexcept { ++passes; }
passing::~passing() { --passes; }

const envelope::key_id& installation() {
  if (exists()) return the_kept_keys->installation;
  const owned_key made = newest_or_made({});
  if (exists()) return the_kept_keys->installation;
  the_kept_keys->installation = made.id;  // its first version is gone
  the_kept_keys->has_installation = true;
  return the_kept_keys->installation;
}

bool exists() {
  if (current_keys().has_installation) return true;
  const auto first = data_keys::first();
  if (!first) return false;
  kept_keys& now = current_keys();
  now.own.learnt_from(first->xmin);
  now.installation = first->id;
  return now.has_installation = true;
}

void lock_for_sealing() {
  if (exists())
    data_keys::lock_for_use();
  else
    data_keys::lock_for_change();
}

data_key& find(const envelope::key_id& id) { return find_in(current_keys(), id); }

secret_bytes fingerprint_key() { return crypto::fingerprint_key(data_keys::open(installation()).key.span()); }

const secret_bytes& receipt_key(const envelope::key_id& id) {
  struct kept {
    envelope::key_id id;
    std::uint64_t generation, aborts;
    secret_bytes key;
  };
  static kept* last = nullptr;  // for the life of the backend
  const std::uint64_t generation_now = generation(table::data_keys), aborts = abort_count();
  if (last == nullptr || last->id != id || last->generation != generation_now || last->aborts != aborts) {
    auto made = std::make_unique<kept>(
        kept{id, generation_now, aborts, crypto::receipt_key(data_keys::open(id).key.span())});
    const std::unique_ptr<kept> former(std::exchange(last, made.release()));
  }
  return last->key;
}

data_key& for_sealing(std::string_view tenant) {
  pg::require_primary("encrypting a key");
  if (!tenant.empty()) {
    lock_for_sealing();
    (void)installation();
    return count_use(newest_or_made(tenant), tenant);
  }
  kept_keys& held = current_keys();
  if (held.has_installation && held.has_current) return count_use({held.current, 0}, tenant);
  const std::uint64_t generation = held.generation;
  const owned_key current = newest_or_made({});
  (void)installation();
  kept_keys& now = current_keys();
  now.current = current.id;
  now.has_current = now.generation == generation;  // else read again: it may have been rotated
  return count_use(current, tenant);
}

std::int32_t rotate(std::string_view tenant) {
  data_keys::lock_for_change();
  (void)installation();
  const auto now = data_keys::newest(tenant);
  if (now && now->version == std::numeric_limits<std::int32_t>::max())
    throw llm_admin::error(
        sqlstate::program_limit, "the version of the data key cannot rise any more",
        "it is " + std::to_string(now->version),
        tenant.empty() ? std::string("restore the dump into a new database and store the keys there anew")
                       : "SELECT * FROM llm_admin.shred_tenant_keys(" + tenant_literal(tenant, true) +
                             "), then store the tenant's key again: versions begin at 1");
  const std::int32_t version = now ? now->version + 1 : 1;
  (void)data_keys::make(tenant, version, 0);
  current_keys().own.note();
  invalidate_table(table::data_keys);
  return version;
}

}  // namespace key_cache

}  // namespace llm_admin::store
