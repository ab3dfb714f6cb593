// get_provider, list_providers, record_provider_test, purge_provider, require_primary.
#include "providers/listing.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/http/url.hpp"
#include "core/keys/redact.hpp"
#include "core/keys/stored_key.hpp"
#include "pg/args.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/fetch.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/alias.hpp"
#include "store/owner.hpp"
#include "store/programs.hpp"
#include "store/provider.hpp"
#include "store/provider_key.hpp"

using namespace llm_admin;
using store::provider_column;

namespace {

pg::statement list_rows{
    "SELECT p.provider_name::pg_catalog.text, p.display_name::pg_catalog.text, p.is_active, p.is_enabled, "
    "p.api_key_encrypted IS NOT NULL, p.default_model::pg_catalog.text, t.tested_at, t.result, t.latency_ms "
    "FROM llm_admin.llm_provider_configs p LEFT JOIN llm_admin.provider_tests t "
    "ON t.provider_name OPERATOR(pg_catalog.=) p.provider_name "
    "WHERE $1 IS NULL OR p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar "
    "ORDER BY p.is_active DESC, p.provider_name",
    {TEXTOID}};
pg::statement store_test{
    "INSERT INTO llm_admin.provider_tests AS t (provider_name, tested_at, result, latency_ms) "
    "VALUES ($1, pg_catalog.now(), $2, $3) ON CONFLICT (provider_name) DO UPDATE "
    "SET tested_at = excluded.tested_at, result = excluded.result, latency_ms = excluded.latency_ms",
    {TEXTOID, TEXTOID, INT4OID}};
pg::statement delete_provider{
    "DELETE FROM llm_admin.llm_provider_configs AS p "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID}};

// Whether some {hole} of the URL is filled by no rule; those of the host never are.
bool has_open_hole(const store::provider& row, const mapping::request_program& program) {
  const std::string_view base = row.text(provider_column::base_url);
  const std::size_t scheme = base.find("://");
  const std::size_t path = scheme == std::string_view::npos ? 0 : base.find('/', scheme + 3);
  const std::size_t host_ends = std::min(path, base.size());
  if (base.substr(0, host_ends).find('{') != std::string_view::npos) return true;
  const std::string_view streaming =
      program.streaming_path ? std::string_view(*program.streaming_path) : std::string_view();
  for (const std::string_view text :
       {base.substr(host_ends), row.text(provider_column::endpoint_path_template), streaming}) {
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
      const std::size_t close = text.find('}', open);
      if (close == std::string_view::npos || !program.chat.has_hole(text.substr(open + 1, close - open - 1)))
        return true;
    }
  }
  return false;
}

const char* status_of(const store::provider& row) {
  const stored_key key = classify(row.text(provider_column::api_key_encrypted),
                                  pg::settings::foreign_schemes(), pg::settings::allow_stub_keys());
  if (key == stored_key::refused) return "invalid";
  try {
    (void)store::response_program_of(row);
    if (has_open_hole(row, *store::request_program_of(row))) return "incomplete";
  } catch (const llm_admin::error& refused) {
    if (refused.is_fault()) throw;
    return "invalid";
  }
  if (!row.boolean(provider_column::is_enabled)) return "disabled";
  if (row.text(provider_column::auth_scheme) == "none") return "ready";
  if (key == stored_key::none) return "no_key";
  return key == stored_key::bound_envelope ? "ready" : "opaque_key";
}

class lister {
 public:
  explicit lister(pg::as_of when) : when_(when) {}

  // `found` is a row of list_rows.
  void fill(const pg::row& found, pg::row_builder& out) {
    const std::string_view name = found.text_view(1);
    const auto row = store::find_provider(name, when_);
    out.add_text(name).add(found.value(2)).add(found.value(3)).add(found.value(4)).add(found.value(5));
    if (row && found.boolean(5))
      out.add_text(key_hint(*row));
    else
      out.add_null();
    out.add(found.value(6)).add_text(row ? status_of(*row) : "invalid");
    for (int i = 7; i <= 9; ++i) {
      if (found.is_null(i))
        out.add_null();
      else
        out.add(found.value(i));
    }
  }

 private:
  std::string key_hint(const store::provider& row) {
    const std::string_view stored = row.text(provider_column::api_key_encrypted);
    switch (classify(stored, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys())) {
      case stored_key::foreign:
        return std::string(stored.substr(0, stored.find(':'))) + ":***";
      case stored_key::openpgp:
        return "pgcrypto, to be adopted";
      default:
        break;
    }
    if (no_keyring_) return "***";
    try {
      return mask_key(store::key_of(row).text());
    } catch (const llm_admin::error& refused) {
      if (refused.is_fault()) throw;
      no_keyring_ = std::string_view(refused.sqlstate()) == sqlstate::keyring;
      return "***";
    }
  }

  pg::as_of when_;
  bool no_keyring_ = false;
};

}  // namespace

Datum llm_admin::providers::listing_of(FunctionCallInfo fcinfo, std::string_view name) {
  const store::as_owner owner;
  pg::spi sql;
  sql.run_on_latest(list_rows, {pg::value(name)});
  const auto found = sql.first();
  if (!found) throw error(sqlstate::internal_error, "a provider that was just made is gone");
  pg::row_builder row;
  lister(pg::as_of::latest).fill(*found, row);
  return pg::make_row(fcinfo, row);
}

LLM_ADMIN_FUNCTION(llm_admin_get_provider)(FunctionCallInfo fcinfo) {
  const store::provider row = store::require_provider(pg::args(fcinfo).required_text(0, "provider_name"));
  constexpr provider_column columns[] = {provider_column::id,
                                         provider_column::provider_name,
                                         provider_column::display_name,
                                         provider_column::base_url,
                                         provider_column::endpoint_path_template,
                                         provider_column::default_model,
                                         provider_column::request_builder_config,
                                         provider_column::response_extractor_config,
                                         provider_column::model_capabilities,
                                         provider_column::auth_scheme,
                                         provider_column::auth_header_template,
                                         provider_column::http_method,
                                         provider_column::additional_headers,
                                         provider_column::context_window_tokens,
                                         provider_column::max_output_tokens_limit,
                                         provider_column::config_version};
  pg::row_builder result;
  for (const provider_column c : columns) {
    result.add(row.value(c));
  }
  result.add_boolean(!row.is_null(provider_column::api_key_encrypted));
  return pg::make_row(fcinfo, result);
}

LLM_ADMIN_FUNCTION(llm_admin_list_providers)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  lister all(pg::as_of::statement);
  pg::cursor found = store::cursor_by_owner(list_rows, {pg::null_value()});
  pg::scratch memory;
  while (const auto next = found.next()) {
    memory.reset();
    pg::row_builder row;
    all.fill(*next, row);
    rows.add(row);
  }
  return Datum{0};
}

LLM_ADMIN_SCALAR(llm_admin_record_provider_test, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view given = in.required_text(0, "provider_name");
  if (in.is_null(1)) throw error(sqlstate::null_not_allowed, "argument ok must not be null");
  const bool ok = in.boolean(1, false);
  const auto latency = in.integer(2);
  if (latency && *latency < 0) throw error(sqlstate::invalid_parameter, "latency_ms must not be negative");
  pg::require_primary("record_provider_test");
  const store::provider row = store::require_provider(given);
  const std::string name(row.name());
  // A vendor's message may quote the key it refused.
  std::string result = "success";
  if (!ok) {
    const std::string message = store::without_key(row, std::string(in.text_start(3).value_or("no message")));
    result = "error: " + std::string(shortened(message, 2000));
  }
  if (!store::hold_provider(name)) store::unknown_provider(name);
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run_on_latest(store_test,
                      {pg::value(name), pg::value(result), ok ? pg::value(latency) : pg::null_value()});
  }
  return pg::make_text(result);
}

LLM_ADMIN_SCALAR(llm_admin_provider_named, TEXTOID)(FunctionCallInfo fcinfo) {
  return pg::make_text(
      store::provider_named(pg::args(fcinfo).required_text(0, "name"), pg::as_of::statement));
}

LLM_ADMIN_SCALAR(llm_admin_require_primary, BOOLOID)(FunctionCallInfo fcinfo) {
  pg::require_primary(named_or_length(pg::args(fcinfo).required_text(0, "function_name")).c_str());
  return BoolGetDatum(true);
}

LLM_ADMIN_FUNCTION(llm_admin_purge_provider)(FunctionCallInfo fcinfo) {
  const std::string_view given = pg::args(fcinfo).required_text(0, "provider_name");
  pg::require_primary("purge_provider");
  const std::string name = store::provider_named(given);
  pg::row_set rows(fcinfo);
  {
    const store::as_owner owner;
    pg::spi sql;
    if (sql.run(delete_provider, {pg::value(name)}) != 1) store::unknown_provider(name);
  }
  pg::row_builder row;
  row.add_text(name).add_text("removed, its history stays");
  rows.add(row);
  return Datum{0};
}
