#include "store/tenant.hpp"

#include <algorithm>
#include <functional>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/text.hpp"
#include "pg/args.hpp"
#include "pg/settings.hpp"
#include "store/row_finder.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

constexpr const char* tenant_column_names[tenant::columns] = {
    "tenant_id", "provider",       "api_key_encrypted", "base_url",         "default_model",
    "policy",    "last_tested_at", "last_test_result",  "last_test_latency"};

constexpr std::size_t most_characters = 255;

constinit row_finder tenant_finder(table::tenants, tenant_column_names);

// Where tenants' rows were seen last: by the hash of the id, whose other half tells those of one set apart; a
// set is one line of the processor's cache. 4 MB, of which a backend has as much as it touches.
struct seen_tenant {
  std::uint32_t tag;
  pg::last_place place;
};
constexpr std::size_t sets = 65'536;
constexpr std::size_t ways = 4;
alignas(64) seen_tenant seen[sets][ways];
static_assert(sizeof seen[0] == 64);

// A new one puts out the oldest of its set.
pg::last_place& place_for(std::string_view id) {
  const std::uint64_t hash = std::hash<std::string_view>()(id);
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  seen_tenant* const set = seen[hash % sets];
  for (seen_tenant* one = set; one != set + ways; ++one)
    if (one->tag == tag) return one->place;
  std::copy_backward(set, set + ways - 1, set + ways);
  set[0] = {tag, {}};
  return set[0].place;
}

}  // namespace

std::string_view tenant::text(tenant_column c) const {
  return is_null(c) ? std::string_view() : pg::text_of(raw(c));
}

llm_admin::stored_key tenant::kind_of_key() const {
  return classify(stored_key(), pg::settings::foreign_schemes(), pg::settings::allow_stub_keys());
}

std::optional<tenant> find_tenant(std::string_view id, pg::as_of when) {
  tenant row;
  const pg::fetched found = tenant_finder.find(index::tenants_tenant, F_TEXTEQ, pg::make_text(id), when,
                                               row.values_, row.nulls_, &place_for(id));
  if (found.tuple == nullptr) return std::nullopt;
  return row;
}

void require_tenant_id(std::string_view id) {
  const char* problem = nullptr;
  if (id.empty()) {
    problem = "it is empty";
  } else if (characters_in(id) > most_characters) {
    problem = "it is longer than 255 characters";
  } else {
    for (const char c : id)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) problem = "it holds control characters";
  }
  if (problem == nullptr) return;
  throw llm_admin::error(sqlstate::invalid_parameter, "tenant_id cannot name a tenant", problem,
                         "pass the tenant's id as the application knows it");
}

}  // namespace llm_admin::store
