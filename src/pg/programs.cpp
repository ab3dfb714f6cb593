// The per-backend cache of compiled mappings (contract in pg/provider.hpp).
#include <cstring>
#include <unordered_map>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"
#include "core/mapping/compile.hpp"
#include "pg/provider.hpp"

namespace llm_admin::pg {

namespace {

constexpr std::size_t most_bytes = 8 * 1024 * 1024;  // of programs, then the cache starts over
constexpr std::size_t most_versions = 20000;         // of rows remembered

struct row_version {
  TransactionId xmin;
  ItemPointerData tid;
  bool operator==(const row_version& other) const noexcept {
    return xmin == other.xmin && std::memcmp(&tid, &other.tid, sizeof tid) == 0;
  }
};

struct row_version_hash {
  std::size_t operator()(const row_version& v) const noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &v.tid, sizeof v.tid);
    return static_cast<std::size_t>((bits ^ (std::uint64_t{v.xmin} << 32)) * 0x9E3779B97F4A7C15u);
  }
};

template <class P>
struct cache {
  std::unordered_map<row_version, std::shared_ptr<const P>, row_version_hash> by_row;
  std::unordered_map<std::string, std::shared_ptr<const P>> by_hash;  // key: SHA-256 of the jsonb
  std::size_t bytes = 0;
  std::uint64_t generation = 0;  // of the table: VACUUM FULL and the like move rows to other places
};

// One cache a kind of program for the life of the backend; a pointer, so that no destructor runs at exit.
template <class P>
cache<P>& the_cache() {
  static cache<P>* instance = nullptr;
  if (instance == nullptr) instance = std::make_unique<cache<P>>().release();
  return *instance;
}

}  // namespace

struct program_lookup {
  static row_version version_of(const provider_row& row) { return {row.source_.xmin, row.source_.tid}; }

  template <class P, class Compile>
  static std::shared_ptr<const P> find(const provider_row& row, provider_column column, Compile compile) {
    cache<P>& c = the_cache<P>();
    if (c.generation != catalog::generation(catalog::table::providers)) {
      c.by_row.clear();
      c.generation = catalog::generation(catalog::table::providers);
    }
    const row_version version = version_of(row);
    if (const auto hit = c.by_row.find(version); hit != c.by_row.end()) return hit->second;
    if (c.bytes > most_bytes || c.by_row.size() >= most_versions) c = {};
    auto* stored = reinterpret_cast<varlena*>(DatumGetPointer(row.raw(column)));
    stored = call([=] { return pg_detoast_datum(stored); });
    const auto hash = crypto::sha256({reinterpret_cast<const std::uint8_t*>(VARDATA(stored)),
                                      static_cast<std::size_t>(VARSIZE(stored) - VARHDRSZ)});
    const std::string key(reinterpret_cast<const char*>(hash.data()), hash.size());
    std::shared_ptr<const P> program;
    if (const auto known = c.by_hash.find(key); known != c.by_hash.end()) {
      program = known->second;
    } else {
      auto compiled = compile(row.jsonb(column));
      if (!compiled.program)
        throw llm_admin::error(sqlstate::config_invalid,
                               "the stored mapping of provider " + std::string(row.name()) + " is invalid",
                               mapping::render(compiled.problems),
                               "SELECT * FROM llm_admin.config_problems(request_builder_config, "
                               "response_extractor_config) shows each problem");
      program = compiled.program;
      c.by_hash.emplace(key, program);
      c.bytes += program->bytes();
    }
    c.by_row.emplace(version, program);
    return program;
  }
};

std::shared_ptr<const mapping::request_program> request_program_of(const provider_row& row) {
  return program_lookup::find<mapping::request_program>(row, provider_column::request_builder_config,
                                                        mapping::compile_request);
}

std::shared_ptr<const mapping::response_program> response_program_of(const provider_row& row) {
  return program_lookup::find<mapping::response_program>(row, provider_column::response_extractor_config,
                                                         mapping::compile_response);
}

}  // namespace llm_admin::pg
