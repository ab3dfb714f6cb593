#include "store/capabilities.hpp"

#include <array>
#include <cstring>

#include "pg/guard.hpp"
#include "pg/jsonb.hpp"
#include "pg/server.hpp"
#include "pg/settings.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

constexpr std::size_t kept_rows = 16;

struct kept_capabilities {
  std::uint64_t generation = 0;  // of the table
  TransactionId xmin = InvalidTransactionId;
  ItemPointerData tid = {};
  std::shared_ptr<const capabilities> opened;
};

// One for the life of the backend; a pointer, so that no destructor runs at exit.
std::array<kept_capabilities, kept_rows>& capability_places() {
  static std::array<kept_capabilities, kept_rows>* instance = nullptr;
  if (instance == nullptr) instance = std::make_unique<std::array<kept_capabilities, kept_rows>>().release();
  return *instance;
}

// All places together may take a quarter of what the compiled mappings may.
std::size_t longest_kept() {
  return static_cast<std::size_t>(pg::settings::mapping_cache_bytes()) / (4 * kept_rows);
}

}  // namespace

struct capabilities_lookup {
  static const pg::fetched& version_of(const provider& row) { return row.source_; }
};

std::shared_ptr<const capabilities> capabilities_of(const provider& row) {
  if (row.is_null(provider_column::model_capabilities)) return std::make_shared<capabilities>();
  const pg::fetched& version = capabilities_lookup::version_of(row);
  const std::uint64_t generation = store::generation(table::providers);
  kept_capabilities& place = capability_places()[ItemPointerGetOffsetNumberNoCheck(&version.tid) % kept_rows];
  if (place.opened && place.generation == generation && place.xmin == version.xmin &&
      std::memcmp(&place.tid, &version.tid, sizeof version.tid) == 0)
    return place.opened;
  auto made = std::make_shared<capabilities>();
  auto* stored = reinterpret_cast<varlena*>(DatumGetPointer(row.raw(provider_column::model_capabilities)));
  stored = pg::call([=] { return pg_detoast_datum(stored); });
  const std::size_t size = VARSIZE(stored);
  if (size > longest_kept()) {
    made->all = pg::jsonb_view(PointerGetDatum(stored));
    made->entries = mapping::model_entries(made->all);
    return made;
  }
  made->kept = std::make_unique_for_overwrite<char[]>(size);
  std::memcpy(made->kept.get(), stored, size);
  made->all = pg::jsonb_view(PointerGetDatum(made->kept.get()));
  made->entries = mapping::model_entries(made->all);
  place = {generation, version.xmin, version.tid, made};
  return made;
}

}  // namespace llm_admin::store
