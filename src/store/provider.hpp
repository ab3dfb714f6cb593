// A provider as stored, for the rooms that use one: its row, its compiled mapping, its key.
//
// A row is read once per call in place; the mapping programs behind it are compiled once per backend and
// kept (up to llm_admin.mapping_cache_size, least recently used out first), keyed by a hash of the config's
// jsonb (a canonical form), and found again by the row version (xmin, ctid), which names its content for
// good. The plaintext key exists only in secret_bytes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "core/mapping/program.hpp"
#include "core/secret_bytes.hpp"
#include "pg/fetch.hpp"
#include "store/sealing.hpp"

namespace llm_admin::store {

enum class provider_column : std::uint8_t {
  id,
  provider_name,
  display_name,
  description,
  api_key_encrypted,
  auth_scheme,
  auth_header_template,
  base_url,
  endpoint_path_template,
  http_method,
  additional_headers,
  request_builder_config,
  response_extractor_config,
  default_model,
  supported_models,
  model_capabilities,
  context_window_tokens,
  max_output_tokens_limit,
  is_active,
  is_enabled,
  config_version,
  count_
};

// Valid in the memory context that was current when it was read.
class provider {
 public:
  static constexpr int columns = static_cast<int>(provider_column::count_);

  std::string_view text(provider_column c) const;  // empty when NULL
  std::optional<int> integer(provider_column c) const;
  bool boolean(provider_column c) const;
  json::node jsonb(provider_column c) const;  // absent when NULL
  bool is_null(provider_column c) const noexcept { return nulls_[static_cast<int>(c)]; }
  Datum raw(provider_column c) const noexcept { return values_[static_cast<int>(c)]; }
  pg::typed_datum value(provider_column c) const noexcept;
  std::string_view name() const { return text(provider_column::provider_name); }

 private:
  friend std::optional<provider> read_provider(index, RegProcedure, Datum, pg::as_of, std::size_t);
  friend struct program_lookup;
  pg::fetched source_ = {};
  Datum values_[columns] = {};
  bool nulls_[columns] = {};
};

std::optional<provider> find_provider(std::string_view name, pg::as_of when = pg::as_of::statement);
std::optional<provider> find_active_provider(pg::as_of when = pg::as_of::statement);
// The named provider, or the active one for nullopt; errors 42704 with the nearest names, or with how to
// activate one.
provider require_provider(std::optional<std::string_view> name);
// The statement that brings a name back that ships with the extension, as provider or as another name of one;
// nothing for any other name, and where nothing is missing that it would add.
std::optional<std::string> statement_for_shipped(std::string_view lower_name);
// 42704 with the statement that brings a shipped name back, else with the nearest names; of the aliases, too,
// where one may stand.
[[noreturn]] void unknown_provider(std::string_view name, bool or_alias = false);

// What a foreign key would do, which would bind the order in which tables are loaded: until the transaction
// ends the provider can neither leave nor take another name. Waits for whoever is about to; false when it is
// gone then.
bool hold_provider(std::string_view name);

// The row as the object behind `provider:column` paths: the closed list of columns, never the key. Made only
// for a program that reads it; absent otherwise.
json::node columns_for(const mapping::rule_set& rules, const provider& row, json::tree& out);

// Compiled mappings; LA001 with all problems when a stored config does not compile.
std::shared_ptr<const mapping::request_program> request_program_of(const provider& row);
std::shared_ptr<const mapping::response_program> response_program_of(const provider& row);

// This backend's compiled programs: how many are kept and their memory; look-ups that found one, that
// compiled one, and programs dropped for room or because the table changed.
struct program_cache_stats {
  std::int64_t programs, bytes, hits, misses, evictions;
};
program_cache_stats program_stats();

key_place place_of(const provider& row);
// The provider's key; errors for a missing, foreign or unadopted one.
secret_bytes key_of(const provider& row);
// What a vendor said, or an error about what it said, without the provider's key (core/keys/redact.hpp, scrub); as
// it is when there is no key that can be opened.
std::string without_key(const provider& row, std::string text);
llm_admin::error without_key(const provider& row, const llm_admin::error& from);

}  // namespace llm_admin::store
