// The triggers of llm_configs: one statement-level lock; one row trigger that checks what changed, binds the
// key to the row and keeps updated_at.
#include <string>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/http/connection.hpp"
#include "core/http/url.hpp"
#include "core/tenant_policy.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/fetch.hpp"
#include "pg/row_rules.hpp"
#include "pg/settings.hpp"
#include "pg/trigger.hpp"
#include "store/alias.hpp"
#include "store/entered_tenant.hpp"
#include "store/key_cache.hpp"
#include "store/load.hpp"
#include "store/own_update.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"
#include "store/tables.hpp"
#include "store/tenant.hpp"
#include "store/trigger.hpp"
#include "tenants/base_url.hpp"
#include "tenants/config_id.hpp"

namespace llm_admin::tenants {

std::string checked_base_url(std::string_view url, const store::provider& provider) {
  const std::string base = base_of(url, provider.text(store::provider_column::endpoint_path_template));
  const std::vector<std::string> problems = tenant_url_problems(base, pg::settings::plain_http_hosts());
  if (problems.empty()) return base;
  std::string detail;
  for (const std::string& one : problems) detail += (detail.empty() ? "" : "\n") + one;
  throw error(sqlstate::config_invalid, "the tenant's base URL is invalid", detail,
              "give the prefix that stands before the provider's endpoint path, such as "
              "https://llm.example.com/v1; nothing was stored");
}

}  // namespace llm_admin::tenants

using namespace llm_admin;

namespace {

store::key_texts texts_of(std::string_view tenant, bool stored) {
  return {tenant_named(tenant, stored), "SELECT llm_admin.put_llm_config(" + tenant_literal(tenant, stored) +
                                            ", '{\"apiKey\": \"<key>\"}')"};
}

class row_check {
 public:
  row_check(const pg::tuple_image& row, const pg::tuple_image* before, bool sets_updated_at)
      : row_(row), before_(before), sets_updated_at_(sets_updated_at), changes_(row) {}

  const pg::tuple_changes& run() {
    for (const char* column : {"id", "tenant_id", "provider", "default_model", "policy"})
      row_.require_size(column, pg::most::name, before_);
    row_.require_size("base_url", pg::most::url, before_);
    row_.require_size("api_key_encrypted", pg::most::key, before_);
    row_.require_size("last_test_result", pg::most::message, before_);
    if (changed("tenant_id")) store::require_tenant_id(row_.text("tenant_id"));
    if (const auto id = tenants::replaced_id(row_, before_)) changes_.set_text("id", *id);
    if (changed("policy") && !tenant_policy_named(row_.text("policy")))
      throw error(sqlstate::config_invalid, "policy must be one of " + std::string(tenant_policy_names), "",
                  "UPDATE llm_admin.llm_configs SET policy = 'choice' WHERE tenant_id = " + literal());
    const bool moves = changed("tenant_id") || changed("provider") || changed("base_url");
    if (moves || (changed("api_key_encrypted") && !takes_key_away())) check_connection();
    check_columns();
    if (before_ != nullptr) keep_updated_at();
    changes_.require_values();
    return changes_;
  }

 private:
  bool changed(const char* column) const {
    return before_ == nullptr || !before_->same(row_, row_.column(column));
  }

  // As the table says it, but without the row in DETAIL, where a key may stand in another column's place.
  void check_columns() const {
    if (row_.integer("last_test_latency").value_or(0) < 0)
      throw error(sqlstate::check_violation,
                  "new row for relation \"llm_configs\" violates check constraint "
                  "\"llm_configs_last_test_latency_check\"",
                  "last_test_latency is not negative");
  }

  // That works also for a provider that is gone: shredding does it.
  bool takes_key_away() const {
    return before_ != nullptr && row_.text("api_key_encrypted").empty() && !row_.is_null("api_key_encrypted");
  }

  // INSERT ... ON CONFLICT DO UPDATE proposes a row before it meets the one that is there. ORMs leave the key
  // out of it where other columns change. A plain INSERT then fails at the unique index. Of other tenants
  // than the entered one nothing is told.
  bool is_there_already() const {
    const std::string_view id = row_.text("tenant_id");
    const auto entered = store::entered_tenant();
    return (!entered || *entered == id) && store::find_tenant(id, pg::as_of::latest).has_value();
  }

  // A new row's id is what the caller gave.
  bool is_stored() const { return before_ != nullptr; }
  std::string owner() const { return texts_of(row_.text("tenant_id"), is_stored()).owner; }
  std::string literal() const { return tenant_literal(row_.text("tenant_id"), is_stored()); }
  std::string put_key() const { return texts_of(row_.text("tenant_id"), is_stored()).supply; }

  void check_connection() {
    if (row_.is_null("provider")) return;  // the column's NOT NULL says it best
    const store::provider provider = named_provider();
    std::string base(row_.text("base_url"));
    if (changed("base_url") || changed("provider")) {
      if (!base.empty()) base = tenants::checked_base_url(base, provider);
      if (base.empty() && !row_.is_null("base_url")) changes_.set_null("base_url");
      if (!base.empty() && base != row_.text("base_url")) changes_.set_text("base_url", base);
    }
    check_key(provider, base);
  }

  // Held, where the row begins to name it, so that it is there when both are committed; then read anew, since
  // whoever let go of it may have changed it.
  store::provider named_provider() const {
    const std::string_view name = row_.text("provider");
    store::provider found = store::require_named_provider(name, pg::as_of::latest);
    if (!changed("provider") && !changed("tenant_id")) return found;
    (void)store::hold_provider(found.name());
    return store::require_named_provider(name, pg::as_of::latest);
  }

  static store::key_place place_in(const pg::tuple_image& row, const store::provider& provider,
                                   std::string_view base_url) {
    using column = store::provider_column;
    return {row.text("tenant_id"), base_url.empty() ? provider.text(column::base_url) : base_url,
            provider.text(column::auth_scheme), provider.text(column::auth_header_template),
            store::key_holder::tenant};
  }

  void check_key(const store::provider& provider, std::string_view base_url) {
    const std::string_view stored = row_.text("api_key_encrypted");
    if (stored.empty()) {
      if (before_ == nullptr && !is_there_already())
        throw error(sqlstate::config_invalid, "API key is required for initial configuration",
                    owner() + " has no configuration yet", put_key());
      return;
    }
    const store::key_place place = place_in(row_, provider, base_url);
    std::optional<store::provider> old_provider;
    if (before_ != nullptr)
      old_provider = store::find_named_provider(before_->text("provider"), pg::as_of::latest);
    if (before_ != nullptr && !changed("api_key_encrypted")) check_provider(provider, old_provider);
    const std::string_view old_key = before_ != nullptr ? before_->text("api_key_encrypted") : "";
    const store::key_place old_place =
        old_provider ? place_in(*before_, *old_provider, before_->text("base_url")) : place;
    const auto bound = store::bound_key(
        {stored, place, before_ != nullptr ? &old_key : nullptr, before_ != nullptr ? &old_place : nullptr},
        texts_of(row_.text("tenant_id"), is_stored()));
    if (bound) changes_.set_text("api_key_encrypted", *bound);
  }

  // The key was given for the vendor of before.
  void check_provider(const store::provider& now, const std::optional<store::provider>& before) const {
    if (before && before->name() == now.name()) return;
    if (store::own_update::current() == store::own_change::keeps_key) return;
    throw error(sqlstate::config_invalid, "another provider needs another key",
                owner() + " changes from " + std::string(before_->text("provider")) + " to " +
                    std::string(now.name()) + ", and the key was given for the former",
                "supply the key with it, or, when it is the same one: SELECT llm_admin.put_llm_config(" +
                    literal() + ", '{\"provider\": \"" + std::string(now.name()) +
                    "\", \"keepKey\": true}')");
  }

  // Prisma writes updated_at itself, in milliseconds; where a statement does not, we do.
  void keep_updated_at() {
    bool really = false;
    for (int n = 1; n <= row_.columns() && !really; ++n)
      really = !row_.is_dropped(n) && row_.name_of(n) != "updated_at" && !before_->same(row_, n);
    if (sets_updated_at_ && changed("updated_at")) return;
    if (really) {
      const TimestampTz now = GetCurrentTransactionStartTimestamp();
      changes_.set("updated_at", TimestampTzGetDatum(now - now % 1000), TIMESTAMPTZOID);
    } else if (!before_->is_null("updated_at")) {
      changes_.set("updated_at", before_->value("updated_at"));
    }
  }

  const pg::tuple_image& row_;
  const pg::tuple_image* before_;
  bool sets_updated_at_;
  pg::tuple_changes changes_;
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_lock_llm_configs)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::tenants,
      {{true, false, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}});
  if (!store::loading(trigger)) store::key_cache::lock_for_sealing();
  return trigger.unchanged();
}

LLM_ADMIN_FUNCTION(llm_admin_validate_llm_config)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::tenants,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  const pg::tuple_image row = trigger.new_row();
  std::optional<pg::tuple_image> old;
  if (trigger.updates()) old.emplace(trigger.old_row());
  if (store::loading(trigger)) {
    const std::string_view old_key = old ? old->text("api_key_encrypted") : "";
    store::require_sealed_form(row.text("api_key_encrypted"), old ? &old_key : nullptr,
                               texts_of(row.text("tenant_id"), true));
    pg::require_row_rules(fcinfo, trigger.table(), row.tuple(), old ? old->tuple() : nullptr);
    return trigger.unchanged();
  }
  if (old && store::only_resealed(*old, row)) return trigger.unchanged();
  row_check check(row, old ? &*old : nullptr, old && trigger.sets(row.column("updated_at")));
  const pg::tuple_changes& changes = check.run();
  const HeapTuple made = changes.any() ? changes.apply() : row.tuple();
  pg::require_row_rules(fcinfo, trigger.table(), made, old ? old->tuple() : nullptr);
  return pg::trigger_call::replaced(made);
}
