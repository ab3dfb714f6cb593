// put_llm_config and delete_llm_config. A put locks the tenant's row, or makes it, and writes once: two first
// puts at the same time give one row, and the later one changes what the earlier one made.
#include <string>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/tree.hpp"
#include "core/secret_bytes.hpp"
#include "core/tenant_config.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/fetch.hpp"
#include "pg/jsonb.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "store/alias.hpp"
#include "store/bounds.hpp"
#include "store/entered_tenant.hpp"
#include "store/key_cache.hpp"
#include "store/own_update.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"
#include "store/tenant.hpp"
#include "store/tenant_key.hpp"
#include "tenants/base_url.hpp"
#include "tenants/config_view.hpp"

using namespace llm_admin;
using store::tenant_column;

namespace {

pg::statement lock_row{
    "SELECT 1 FROM llm_admin.llm_configs c WHERE c.tenant_id OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE",
    {TEXTOID}};
pg::statement insert_row{
    "INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted, base_url, default_model, "
    "policy) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id) DO NOTHING",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}};
pg::statement update_row{
    "UPDATE llm_admin.llm_configs AS c SET provider = $2, api_key_encrypted = $3, base_url = $4, "
    "default_model = $5, policy = $6 WHERE c.tenant_id OPERATOR(pg_catalog.=) $1",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}};
pg::statement delete_row{"DELETE FROM llm_admin.llm_configs AS c WHERE c.tenant_id OPERATOR(pg_catalog.=) $1",
                         {TEXTOID}};

constexpr std::string_view usual_provider = "openrouter";

[[noreturn]] void suppressed(std::string_view id, const char* what) {
  throw error(sqlstate::not_in_state,
              "the configuration of " + tenant_named(id, false) + " could not be " + what,
              "another trigger on llm_configs suppressed the change");
}

// The row as the put leaves it.
struct wanted_row {
  std::string provider;
  std::string key;  // as stored
  std::optional<std::string> base_url, default_model;
  std::string policy;
};

class put {
 public:
  put(std::string_view id, const given_config& given)
      : id_(id), given_(given), may_move_key_(store::caller_may_execute("decrypt_tenant_key", {TEXTOID})) {}

  void run() {
    store::key_cache::lock_for_sealing();
    while (!update() && !insert()) pg::call([] { CHECK_FOR_INTERRUPTS(); });
  }

 private:
  // False when there is no row. The lock makes what is read next the row that is changed.
  bool update() {
    const store::as_owner owner;
    pg::spi sql;
    if (sql.run_on_latest(lock_row, {pg::value(id_)}) == 0) return false;
    const auto before = store::find_tenant(id_, pg::as_of::latest);
    if (!before) return false;
    const wanted_row row = wanted(&*before);
    const store::own_update note(given_.keeps_key ? store::own_change::keeps_key : store::own_change::none);
    if (store(sql, update_row, row) != 1) suppressed(id_, "stored");
    return true;
  }

  bool insert() {
    if (!given_.api_key)
      throw error(
          sqlstate::config_invalid, "API key is required for initial configuration",
          tenant_named(id_, false) + " has no configuration yet",
          "SELECT llm_admin.put_llm_config(" + tenant_literal(id_, false) + ", '{\"apiKey\": \"<key>\"}')");
    const wanted_row row = wanted(nullptr);
    const store::as_owner owner;
    pg::spi sql;
    if (store(sql, insert_row, row) == 1) return true;
    if (!store::find_tenant(id_, pg::as_of::latest)) suppressed(id_, "stored");
    return false;
  }

  std::uint64_t store(pg::spi& sql, pg::statement& into, const wanted_row& row) const {
    const std::initializer_list<pg::parameter> values = {
        pg::value(id_),          pg::value(row.provider),      pg::value(row.key),
        pg::value(row.base_url), pg::value(row.default_model), pg::value(row.policy)};
    // A transaction whose snapshot is older than the row that was locked is told so: 40001.
    return &into == &update_row ? sql.run_on_latest(into, values) : sql.run(into, values);
  }

  wanted_row wanted(const store::tenant* before) const {
    const auto kept = [&](tenant_column c) {
      return before == nullptr || before->is_null(c) ? std::nullopt
                                                     : std::optional<std::string>(before->text(c));
    };
    wanted_row row;
    row.provider = given_.provider ? std::string(*given_.provider)
                                   : kept(tenant_column::provider).value_or(std::string(usual_provider));
    row.policy = given_.policy ? std::string(*given_.policy) : kept(tenant_column::policy).value_or("choice");
    row.default_model = given_.default_model ? std::optional<std::string>(*given_.default_model)
                                             : kept(tenant_column::default_model);
    if (given_.clears_default_model) row.default_model.reset();
    const store::provider provider = store::require_named_provider(row.provider, pg::as_of::latest);
    row.base_url = given_.base_url
                       ? std::optional<std::string>(tenants::checked_base_url(*given_.base_url, provider))
                       : kept(tenant_column::base_url);
    if (given_.clears_base_url) row.base_url.reset();
    row.key = key_for(row, provider, before);
    return row;
  }

  // As stored: the one given, sealed for where the row sends it; else the one that is there.
  std::string key_for(const wanted_row& row, const store::provider& provider,
                      const store::tenant* before) const {
    const store::key_place place{
        id_, row.base_url ? std::string_view(*row.base_url) : provider.text(store::provider_column::base_url),
        provider.text(store::provider_column::auth_scheme),
        provider.text(store::provider_column::auth_header_template), store::key_holder::tenant};
    if (given_.api_key) return store::seal_for(place, as_bytes(*given_.api_key));
    const std::string stored(before->stored_key());
    if (before->kind_of_key() != stored_key::bound_envelope) return stored;  // the trigger judges it
    const auto old_provider =
        store::find_named_provider(before->text(tenant_column::provider), pg::as_of::latest);
    if (!old_provider || (!given_.keeps_key && old_provider->name() != provider.name())) return stored;
    const store::key_place old_place = store::place_of(*before, *old_provider);
    if (store::same_origin(old_place, place)) return stored;
    if (!given_.keeps_key)
      throw error(
          sqlstate::config_invalid,
          "the key of " + tenant_named(id_, true) + " is bound to the place it was given for",
          "the base URL leads to another scheme, host or port; an existing key is never sent elsewhere",
          "add \"apiKey\": \"<key>\", or \"keepKey\": true when the same key belongs there");
    if (!may_move_key_)
      throw error(sqlstate::insufficient_privilege, "permission denied to send an existing key elsewhere",
                  "keepKey across origins needs the right to call decrypt_tenant_key (level app)",
                  "SELECT llm_admin.put_llm_config(" + tenant_literal(id_, true) +
                      ", '{\"apiKey\": \"<key>\"}') with what else changes");
    const secret_bytes plain = store::open_at(old_place, stored);
    return store::seal_for(place, plain.span());
  }

  std::string_view id_;
  const given_config& given_;
  bool may_move_key_;  // asked before the owner's rights are taken on
};

bool deletes(std::string_view id) {
  const store::as_owner owner;
  pg::spi sql;
  return sql.run(delete_row, {pg::value(id)}) > 0;
}

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_put_llm_config, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view id = in.required_text(0, "tenant_id");
  store::require_tenant_id(id);
  store::require_entered(id);
  if (in.is_null(1)) throw error(sqlstate::null_not_allowed, "argument config must not be null");
  const given_config given = decode_tenant_config(in.jsonb(1, pg::most::settings), store::poll);
  pg::require_primary("put_llm_config");
  put(id, given).run();
  return tenants::config_json(store::find_tenant(id, pg::as_of::latest));
}

LLM_ADMIN_SCALAR(llm_admin_delete_llm_config, JSONBOID)(FunctionCallInfo fcinfo) {
  const std::string_view id = pg::args(fcinfo).required_text(0, "tenant_id");
  store::require_tenant_id(id);
  store::require_entered(id);
  pg::require_primary("delete_llm_config");
  // For this statement and still: a row that another session has just put is none of ours.
  const auto there = [&] { return store::find_tenant(id) && store::find_tenant(id, pg::as_of::latest); };
  bool deleted = deletes(id);
  if (!deleted && there()) deleted = deletes(id);  // deleted by another session and put again
  if (!deleted && there()) suppressed(id, "deleted");
  json::tree out;
  json::item* result = out.object();
  out.put(result, "deleted", out.boolean(deleted));
  if (!deleted) out.put(result, "reason", out.string("not configured"));
  return pg::make_jsonb(result);
}
