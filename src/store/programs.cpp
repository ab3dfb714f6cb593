#include "store/programs.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/mapping/compile/compile.hpp"
#include "pg/settings.hpp"
#include "store/bounds.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

constexpr std::size_t most_versions = 20000;  // of rows remembered

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

// A program and when it was last asked for. Row versions keep their entry; one that was evicted has no
// program.
template <class P>
struct entry {
  std::shared_ptr<const P> program;
  std::size_t bytes = 0;
  std::uint64_t used = 0;
};

std::uint64_t clock_now = 0;  // rises with every look-up
program_cache_stats counters;

template <class P>
struct program_cache {
  std::unordered_map<row_version, std::shared_ptr<entry<P>>, row_version_hash> by_row;
  std::unordered_map<std::string, std::shared_ptr<entry<P>>> by_hash;  // key: SHA-256 of the jsonb

  using place = typename decltype(by_hash)::iterator;

  place oldest() {
    return std::min_element(by_hash.begin(), by_hash.end(),
                            [](const auto& a, const auto& b) { return a.second->used < b.second->used; });
  }

  void drop(place which) {
    counters.bytes -= static_cast<std::int64_t>(which->second->bytes);
    --counters.programs;
    ++counters.evictions;
    which->second->program.reset();
    by_hash.erase(which);
  }

  void drop_all() {
    while (!by_hash.empty()) drop(by_hash.begin());
    by_row.clear();
  }
};

struct program_caches {
  program_cache<mapping::request_program> requests;
  program_cache<mapping::response_program> responses;
  std::uint64_t generation = 0;  // of the table
};

// One for the life of the backend; a pointer, so that no destructor runs at exit.
program_caches& the_program_caches() {
  static program_caches* instance = nullptr;
  if (instance == nullptr) {
    instance = std::make_unique<program_caches>().release();
    instance->generation = store::generation(table::providers);
  }
  return *instance;
}

// The table changed its shape or its place (VACUUM FULL and the like move rows): nothing remembered holds.
void follow_table(program_caches& all) {
  const std::uint64_t now = store::generation(table::providers);
  if (all.generation == now) return;
  all.requests.drop_all();
  all.responses.drop_all();
  all.generation = now;
}

// Evicts what was asked for longest ago, of either kind, until the bound holds. The newest program stays: it
// may be as large as the cache (store/bounds.hpp), and no larger.
void make_room(program_caches& all) {
  while (counters.bytes > pg::settings::mapping_cache_bytes() && counters.programs > 1) {
    const auto request = all.requests.oldest();
    const auto response = all.responses.oldest();
    const bool no_request = request == all.requests.by_hash.end();
    const bool no_response = response == all.responses.by_hash.end();
    if (no_response || (!no_request && request->second->used < response->second->used))
      all.requests.drop(request);
    else
      all.responses.drop(response);
  }
}

}  // namespace

struct program_lookup {
  static row_version version_of(const provider& row) { return {row.source_.xmin, row.source_.tid}; }

  template <class P, class Compile>
  static std::shared_ptr<const P> find(program_cache<P> program_caches::*which, const provider& row,
                                       provider_column column, Compile compile) {
    program_caches& all = the_program_caches();
    follow_table(all);
    program_cache<P>& c = all.*which;
    const row_version version = version_of(row);
    if (const auto hit = c.by_row.find(version); hit != c.by_row.end() && hit->second->program) {
      ++counters.hits;
      hit->second->used = ++clock_now;
      return hit->second->program;
    }
    if (c.by_row.size() >= most_versions) c.by_row.clear();
    auto* stored = reinterpret_cast<varlena*>(DatumGetPointer(row.raw(column)));
    stored = pg::call([=] { return pg_detoast_datum(stored); });
    const auto hash = crypto::sha256({reinterpret_cast<const std::uint8_t*>(VARDATA(stored)),
                                      static_cast<std::size_t>(VARSIZE(stored) - VARHDRSZ)});
    std::string key(reinterpret_cast<const char*>(hash.data()), hash.size());
    if (const auto known = c.by_hash.find(key); known != c.by_hash.end()) {
      ++counters.hits;
      known->second->used = ++clock_now;
      c.by_row.insert_or_assign(version, known->second);
      return known->second->program;
    }
    ++counters.misses;
    auto compiled = compile(row.jsonb(column), compile_bounds_now());
    if (!compiled.program)
      throw llm_admin::error(sqlstate::config_invalid,
                             "the stored mapping of provider " + std::string(row.name()) + " is invalid",
                             mapping::render(compiled.problems),
                             "SELECT c.* FROM llm_admin.llm_provider_configs p, "
                             "llm_admin.config_problems(p.request_builder_config, "
                             "p.response_extractor_config) c WHERE p.provider_name = " +
                                 sql_literal(row.name(), "'<provider>'"));
    auto made = std::make_shared<entry<P>>();
    made->program = compiled.program;
    made->bytes = compiled.program->bytes();
    made->used = ++clock_now;
    c.by_hash.emplace(std::move(key), made);
    counters.bytes += static_cast<std::int64_t>(made->bytes);
    ++counters.programs;
    make_room(all);
    c.by_row.insert_or_assign(version, made);
    return compiled.program;
  }
};

std::shared_ptr<const mapping::request_program> request_program_of(const provider& row) {
  return program_lookup::find(&program_caches::requests, row, provider_column::request_builder_config,
                              mapping::compile_request);
}

std::shared_ptr<const mapping::response_program> response_program_of(const provider& row) {
  return program_lookup::find(&program_caches::responses, row, provider_column::response_extractor_config,
                              mapping::compile_response);
}

program_cache_stats program_stats() {
  follow_table(the_program_caches());
  return counters;
}

json::node columns_for(std::uint32_t read, const provider& row, json::tree& out) {
  if (read == 0) return {};
  json::item* object = out.object();
  const auto all = mapping::provider_columns();
  for (std::size_t n = 0; n < all.size(); ++n) {
    if ((read >> n & 1) == 0) continue;
    const std::string_view name = all[n];
    const auto known = provider_column_named(name);
    if (!known || row.is_null(*known)) continue;
    switch (const provider_column column = *known) {
      case provider_column::context_window_tokens:
      case provider_column::max_output_tokens_limit:
        out.append(object, name, out.integer(*row.integer(column)));
        break;
      case provider_column::supported_models:
        out.append(object, name, out.borrow(row.jsonb(column)));
        break;
      default:
        out.append(object, name, out.string(row.text(column)));
    }
  }
  return json::view(object);
}

}  // namespace llm_admin::store
