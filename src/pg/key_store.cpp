#include "pg/key_store.hpp"

#include <limits>
#include <memory>
#include <optional>

#include "core/crypto/opened_keys.hpp"
#include "core/error.hpp"
#include "pg/catalog.hpp"
#include "pg/data_keys.hpp"
#include "pg/guard.hpp"
#include "pg/role.hpp"
#include "pg/stop_point.hpp"

namespace llm_admin::pg {

namespace {

constexpr std::int64_t most_blocks = key_store::most_uses / key_store::uses_per_block;
constexpr std::size_t most_keys = 131'072;  // 8 MB

struct key_cache {
  crypto::opened_keys keys{most_keys};
  std::optional<data_key> in_use;  // the one handed out last
  bool has_installation = false;
  bool has_current = false;
  envelope::key_id installation{};
  envelope::key_id current{};  // of the installation
  std::uint64_t generation = ~std::uint64_t{0};
  std::uint64_t aborts = 0;
  bool made_here = false;  // this backend has made a key: any rollback may take it
};

std::int64_t current_block = 0;
std::int64_t uses_left = 0;

// For the life of the backend; a pointer, so that no destructor runs at exit. Emptied before the process
// ends.
key_cache* instance = nullptr;

void forget_keys(key_cache& c) noexcept {
  c.keys.clear();
  c.in_use.reset();
}

extern "C" void forget_data_keys(int, Datum) noexcept {
  if (instance != nullptr) forget_keys(*instance);
}

// Told of what other sessions committed until now, also in the middle of a transaction: a shredded key must
// not open once more.
key_cache& cache() {
  if (instance == nullptr) {
    instance = std::make_unique<key_cache>().release();
    call([] { on_proc_exit(forget_data_keys, 0); });
  }
  call([] { AcceptInvalidationMessages(); });
  const bool rolled_back = instance->made_here && instance->aborts != catalog::abort_count();
  if (rolled_back || instance->generation != catalog::generation(catalog::table::data_keys)) {
    forget_keys(*instance);
    instance->has_installation = instance->has_current = false;
    instance->aborts = catalog::abort_count();
    // Changes are told by the table's oid, so it has to be known from now on.
    (void)catalog::oid_of(catalog::table::data_keys);
    instance->generation = catalog::generation(catalog::table::data_keys);
  }
  return *instance;
}

void remember_making(key_cache& c) {
  c.made_here = true;
  c.aborts = catalog::abort_count();
}

// A block of uses that has some left. Keys that are made count from it, too: taking one for each of them
// would have a million new tenants use up everybody's.
std::int64_t block_in_hand() {
  if (uses_left == 0) {
    current_block = data_keys::take_block();
    uses_left = key_store::uses_per_block;
  }
  return current_block;
}

// The newest data key of a tenant; the first one is made when there is none.
data_keys::named newest_or_made(std::string_view tenant) {
  if (const auto found = data_keys::newest(tenant)) return *found;
  require_primary("making a data key");
  if (tenant.empty()) {
    data_keys::lock_for_change();  // the first root key's row is made with it
    if (const auto found = data_keys::newest(tenant)) return *found;
  } else {
    data_keys::lock_for_use();
  }
  const auto made = data_keys::make(tenant, 1, block_in_hand());
  remember_making(cache());
  if (made) return *made;
  if (const auto others = data_keys::newest(tenant)) return *others;
  envelope::reject();
}

data_key& use(key_cache& c, const envelope::key_id& id, std::int64_t first_use_block, byte_view sealing) {
  if (c.in_use) {
    c.in_use->sealing.change_key(sealing);
    c.in_use->id = id;
    c.in_use->first_use_block = first_use_block;
    return *c.in_use;
  }
  return c.in_use.emplace(data_key{id, first_use_block, crypto::aead_key(sealing)});
}

}  // namespace

namespace key_store {

const envelope::key_id& installation() {
  if (!cache().has_installation) {
    auto first = data_keys::first();
    if (!first) first = newest_or_made({});
    key_cache& now = cache();  // making it invalidated what we held
    now.installation = first->id;
    now.has_installation = true;
  }
  return instance->installation;
}

bool exists() {
  if (cache().has_installation) return true;
  const auto first = data_keys::first();
  if (!first) return false;
  instance->installation = first->id;
  return instance->has_installation = true;
}

void lock_for_sealing() {
  if (exists())
    data_keys::lock_for_use();
  else
    data_keys::lock_for_change();
}

data_key& find(const envelope::key_id& id) {
  for (;;) {
    key_cache& held = cache();
    if (held.in_use && held.in_use->id == id) return *held.in_use;
    if (const auto hit = held.keys.find(id)) return use(held, id, hit->first_use_block, hit->sealing_key);
    const std::uint64_t generation = held.generation;
    const data_keys::opened opened = data_keys::open(id);
    stop_point("data_key.opened");
    const secret_bytes sealing = crypto::sealing_key(opened.key.span());
    key_cache& now = cache();
    // Of a change meanwhile we are told once: kept now, a key that was shredded would be kept for good.
    if (now.generation != generation) continue;
    now.keys.insert(id, opened.first_use_block, sealing.span());
    return use(now, id, opened.first_use_block, sealing.span());
  }
}

secret_bytes fingerprint_key() { return crypto::fingerprint_key(data_keys::open(installation()).key.span()); }

data_key& for_sealing(std::string_view tenant) {
  require_primary("encrypting a key");
  if (!tenant.empty()) lock_for_sealing();
  (void)installation();
  envelope::key_id id;
  if (!tenant.empty()) {
    id = newest_or_made(tenant).id;
  } else {
    if (!cache().has_current) {
      const std::uint64_t generation = instance->generation;
      const data_keys::named current = newest_or_made({});
      cache().current = current.id;
      cache().has_current = instance->generation == generation;  // else read again: it may have been rotated
    }
    id = instance->current;
  }
  (void)block_in_hand();
  --uses_left;
  data_key& key = find(id);
  if (current_block - key.first_use_block >= most_blocks)
    throw llm_admin::error(sqlstate::program_limit, "the data key has sealed as many secrets as one key may",
                           "at most 2^30 uses a key",
                           tenant.empty() ? "SELECT llm_admin.rotate_data_key()"
                                          : "SELECT llm_admin.rotate_data_key('<tenant>')");
  return key;
}

std::int32_t rotate(std::string_view tenant) {
  data_keys::lock_for_change();
  (void)installation();
  const auto now = data_keys::newest(tenant);
  if (now && now->version == std::numeric_limits<std::int32_t>::max())
    throw llm_admin::error(sqlstate::program_limit, "the version of the data key cannot rise any more",
                           "it is " + std::to_string(now->version),
                           tenant.empty()
                               ? "restore the dump into a new database and store the keys there anew"
                               : "SELECT * FROM llm_admin.shred_tenant_keys('<tenant>'), then store the "
                                 "tenant's key again: versions begin at 1");
  const std::int32_t version = now ? now->version + 1 : 1;
  uses_left = 0;  // a block of now, for a key whose uses are used up is replaced so
  (void)data_keys::make(tenant, version, block_in_hand());
  remember_making(cache());
  catalog::invalidate_table(catalog::table::data_keys);
  return version;
}

}  // namespace key_store

}  // namespace llm_admin::pg
