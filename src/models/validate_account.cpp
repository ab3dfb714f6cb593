// The triggers of llm_providers: one statement-level lock; one row trigger that checks what changed, binds the
// key to the row and keeps updated_at.
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/http/connection.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/row_rules.hpp"
#include "pg/settings.hpp"
#include "store/account.hpp"
#include "store/alias.hpp"
#include "store/bounds.hpp"
#include "store/key_cache.hpp"
#include "store/load.hpp"
#include "store/own_update.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;
using column = store::provider_column;

namespace {

store::key_texts texts_of_row(const pg::tuple_image& row, bool stored) {
  return store::texts_of_account(row.text("name"), row.text("type"), stored);
}

class account_check {
 public:
  account_check(const pg::tuple_image& row, const pg::tuple_image* before)
      : row_(row), before_(before), changes_(row) {}

  const pg::tuple_changes& run() {
    for (const char* name : {"name", "type", "created_by"}) row_.require_size(name, pg::most::name, before_);
    row_.require_size("base_url", pg::most::url, before_);
    row_.require_size("api_key_encrypted", pg::most::key, before_);
    row_.require_size("metadata", pg::most::settings, before_);
    const bool moves = changed("name") || changed("type") || changed("base_url");
    if ((moves || changed("api_key_encrypted")) && !row_.is_null("name") && !row_.is_null("type"))
      check_connection();
    if (before_ != nullptr) keep_updated_at();
    changes_.require_values();
    return changes_;
  }

 private:
  bool changed(const char* name) const {
    return before_ == nullptr || !before_->same(row_, row_.column(name));
  }

  static store::key_place place_in(const pg::tuple_image& row, const store::provider& provider) {
    const std::string_view own = row.text("base_url");
    return {row.text("name"),
            own.empty() ? provider.text(column::base_url) : own,
            provider.text(column::auth_scheme),
            provider.text(column::auth_header_template),
            store::key_holder::account,
            row.text("type")};
  }

  // Held, where the row begins to name it, so that it is there when both are committed; then read anew.
  store::provider named_provider() const {
    const std::string_view type = row_.text("type");
    store::provider found = store::require_named_provider(type, pg::as_of::latest);
    if (!changed("type")) return found;
    (void)store::hold_provider(found.name());
    return store::require_named_provider(type, pg::as_of::latest);
  }

  // Taking the key away works also for a provider that is gone.
  bool takes_key_away() const {
    return before_ != nullptr && !changed("name") && !changed("type") && !changed("base_url") &&
           row_.text("api_key_encrypted").empty();
  }

  void check_connection() {
    if (takes_key_away()) return;
    const store::provider provider = named_provider();
    if (changed("base_url") && !row_.is_null("base_url")) check_url(provider);
    const std::string_view stored = row_.text("api_key_encrypted");
    if (stored.empty()) return;
    const store::key_place place = place_in(row_, provider);
    std::optional<store::provider> old_provider;
    if (before_ != nullptr)
      old_provider = store::find_named_provider(before_->text("type"), pg::as_of::latest);
    const bool as_before = before_ != nullptr && !changed("api_key_encrypted");
    if (as_before && old_provider && old_provider->name() != provider.name()) refuse_other_provider(provider);
    const std::string_view old_key = before_ != nullptr ? before_->text("api_key_encrypted") : "";
    const store::key_place old_place = old_provider ? place_in(*before_, *old_provider) : place;
    const auto bound = store::bound_key(
        {stored, place, before_ != nullptr ? &old_key : nullptr, before_ != nullptr ? &old_place : nullptr},
        texts_of_row(row_, before_ != nullptr && !changed("name")));
    if (bound) changes_.set_text("api_key_encrypted", *bound);
  }

  void check_url(const store::provider& provider) const {
    const connection c{row_.text("base_url"), provider.text(column::endpoint_path_template),
                       provider.text(column::auth_scheme),
                       provider.is_null(column::auth_header_template)
                           ? std::nullopt
                           : std::optional(provider.text(column::auth_header_template)),
                       json::node()};
    const std::vector<std::string> problems =
        connection_problems(c, pg::settings::plain_http_hosts(), store::poll);
    if (problems.empty()) return;
    std::string detail;
    for (const std::string& one : problems) detail += (detail.empty() ? "" : "\n") + one;
    throw error(sqlstate::config_invalid, "the account's base URL is invalid", detail,
                "give the prefix that stands before the provider's endpoint path, such as "
                "https://llm.example.com/v1, or NULL for the provider's own; nothing was stored");
  }

  // The key was given for the vendor of before.
  [[noreturn]] void refuse_other_provider(const store::provider& now) const {
    throw error(sqlstate::config_invalid, "another provider needs another key",
                texts_of_row(*before_, true).owner + " becomes one of " + std::string(now.name()) +
                    ", and the key was given for the former",
                "supply the key in the same UPDATE: api_key_encrypted = llm_admin.encrypt_key('<key>')");
  }

  void keep_updated_at() {
    bool really = false;
    for (int n = 1; n <= row_.columns() && !really; ++n)
      really = !row_.is_dropped(n) && row_.name_of(n) != "updated_at" && !before_->same(row_, n);
    if (really)
      changes_.set("updated_at", TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), TIMESTAMPTZOID);
    else if (!before_->is_null("updated_at"))
      changes_.set("updated_at", before_->value("updated_at"));
  }

  const pg::tuple_image& row_;
  const pg::tuple_image* before_;
  pg::tuple_changes changes_;
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_lock_accounts)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::accounts,
      {{true, false, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}});
  if (!store::loading(trigger)) store::key_cache::lock_for_sealing();
  return trigger.unchanged();
}

LLM_ADMIN_FUNCTION(llm_admin_validate_account)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::accounts,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  const pg::tuple_image row = trigger.new_row();
  std::optional<pg::tuple_image> old;
  if (trigger.updates()) old.emplace(trigger.old_row());
  if (store::loading(trigger)) {
    const std::string_view old_key = old ? old->text("api_key_encrypted") : "";
    store::require_sealed_form(row.text("api_key_encrypted"), old ? &old_key : nullptr,
                               texts_of_row(row, true));
    pg::require_row_rules(fcinfo, trigger.table(), row.tuple(), old ? old->tuple() : nullptr);
    return trigger.unchanged();
  }
  if (old && store::only_resealed(*old, row)) return trigger.unchanged();
  // The table's rules first: what they refuse needs no provider.
  pg::require_row_rules(fcinfo, trigger.table(), row.tuple(), old ? old->tuple() : nullptr);
  account_check check(row, old ? &*old : nullptr);
  const pg::tuple_changes& changes = check.run();
  return pg::trigger_call::replaced(changes.any() ? changes.apply() : row.tuple());
}
