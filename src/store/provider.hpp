// A row of llm_provider_configs, and how providers are found.
//
// A row is read once per call in place. What belongs to it has files of its own: store/programs.hpp (its
// compiled mapping), store/provider_key.hpp (its key).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json/view.hpp"
#include "pg/fetch.hpp"
#include "pg/types.hpp"
#include "store/tables.hpp"

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

// The column of that name; nothing for one that is not read here.
std::optional<provider_column> provider_column_named(std::string_view name) noexcept;

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
  friend struct capabilities_lookup;
  pg::fetched source_ = {};
  Datum values_[columns] = {};
  bool nulls_[columns] = {};
};

std::optional<provider> find_provider(std::string_view name, pg::as_of when = pg::as_of::statement);
std::optional<provider> find_active_provider(pg::as_of when = pg::as_of::statement);
// The provider of that name or alias (store/alias.hpp), or the active one for nullopt; errors 42704 with the
// nearest names, or with how to activate one.
provider require_provider(std::optional<std::string_view> name);
// The statement that brings a name back that ships with the extension, as provider or as another name of one;
// nothing for any other name, and where nothing is missing that it would add.
std::optional<std::string> statement_for_shipped(std::string_view lower_name);
// 42704 with the statement that brings a shipped name back, else with the nearest names; of the aliases, too,
// where one may stand. `in_row`: a row names it, which may be of a dump.
[[noreturn]] void unknown_provider(std::string_view name, bool or_alias = true, bool in_row = false);

// What a foreign key would do, which would bind the order in which tables are loaded: until the transaction
// ends the provider can neither leave nor take another name. Waits for whoever is about to; false when it is
// gone then.
bool hold_provider(std::string_view name);

}  // namespace llm_admin::store
