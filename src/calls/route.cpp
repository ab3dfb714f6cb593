#include "calls/route.hpp"

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/mapping/params.hpp"
#include "core/mapping/request/text.hpp"
#include "store/bounds.hpp"
#include "store/operations.hpp"

namespace llm_admin::calls_room {

namespace {

bool is_model(std::string_view name) noexcept { return mapping::canonical_param(name) == "model_name"; }

[[noreturn]] void refuse_model(const asked_call& asked, const store::access_decision& made) {
  std::string detail = "reason: " + std::string(made.reason);
  if (!made.tier.empty()) detail += "; tier: " + named_or_length(made.tier);
  if (!made.note.empty()) detail += "; " + made.note;
  // The name is the caller's text, and may be anything.
  const std::string shown = member_named(made.canonical_model);
  const bool is_name = named_or_length(made.tier) == made.tier;
  const std::string tier =
      made.tier.empty() ? std::string("NULL") : sql_literal(is_name ? made.tier : std::string(), "'<tier>'");
  throw error(sqlstate::not_allowed, "the caller may not use model " + shown, detail,
              "SELECT * FROM llm_admin.check_model_access(" + tier + ", " +
                  sql_literal(shown == made.canonical_model ? shown : std::string(), "'<model>'") +
                  ") shows what decides" + (asked.key ? ", besides allow and deny of the access key" : ""));
}

[[noreturn]] void refuse_account(const store::provider& row) {
  throw error(
      sqlstate::undefined_object, "there is no such account that can be used",
      "option account_id must be an enabled account of provider " + std::string(row.name()) + " with a key",
      "SELECT id, name, enabled FROM llm_admin.llm_providers WHERE type = " +
          sql_literal(row.name(), "'<provider>'"));
}

}  // namespace

given_params::given_params(std::string_view source, const mapping::limits& limits) {
  mapping::request_input parsed;
  parsed.limits = limits;
  mapping::read_params(source, parsed, holder);
  params = parsed.params;
  replaced = parsed.replaced;
  if (!params.is_object())
    throw error(
        sqlstate::request_invalid, "the parameters must be an object", "",
        "SELECT * FROM llm_admin.begin_call('{\"messages\": [{\"role\": \"user\", \"content\": \"...\"}]}')");
}

std::string_view given_params::model() const noexcept {
  for (std::uint32_t n = 0; n < params.size; ++n) {
    std::string_view name;
    const json::node value = params.member_at(n, name);
    if (is_model(name) && value.is_string()) return value.text();
  }
  return {};
}

route::route(const asked_call& asked, const given_params& given, std::string_view model,
             const store::open_call* as) {
  find_provider(asked, as);
  take_params(given, model);
  if (to_) store::direct(*call_, *to_, asked.options.with_key);
  const bool is_chat = asked.options.operation.empty();
  if (!is_chat)
    call_->input.call =
        &store::require_operation(*call_->program, asked.options.operation, call_->row.name());
  call_->input.clamp_output = true;
  const std::string_view named = model.empty() ? given.model() : model;
  const std::string_view wanted = named.empty() && is_chat ? call_->input.default_model : named;
  if (!wanted.empty()) check_model(asked, wanted);
  choose_account(asked, as);
  request_ = store::build(*call_, asked.options.with_key);
  // What a rule made of it is what is used.
  if (!request_.built.model.empty() && request_.built.model != wanted)
    check_model(asked, request_.built.model);
}

void route::find_provider(const asked_call& asked, const store::open_call* as) {
  const calls::begin_options& options = asked.options;
  std::optional<std::string_view> named;
  if (as != nullptr)
    named = as->provider;
  else if (!options.provider.empty())
    named = options.provider;
  const std::optional<std::string_view> requested =
      as != nullptr ? std::optional<std::string_view>(as->key_source == "byollm" ? "byollm" : "aegis")
      : options.requested.empty() ? std::nullopt
                                  : std::optional(options.requested);
  if (asked.who.tenant_id.empty()) {
    if (!options.requested.empty())
      throw error(sqlstate::invalid_parameter, "option requested needs a tenant", "",
                  "give tenant_id, or an access key that has one");
    store::provider row = store::require_provider(named);
    store::require_enabled(row);
    call_ = std::make_unique<store::call_of_provider>(row, json::node());
    return;
  }
  to_.emplace(store::resolve(asked.who.tenant_id, requested, named));
  if (to_->by_tenant && named && as == nullptr &&
      store::require_provider(named).name() != to_->provider->name())
    throw error(
        sqlstate::invalid_parameter, "a tenant's call goes where the tenant's configuration says",
        "option provider names another provider",
        "leave option provider out, or set option requested to \"aegis\" where the tenant's policy lets it");
  if (!to_->by_tenant) store::require_enabled(*to_->provider);
  call_ = std::make_unique<store::call_of_provider>(*to_->provider, json::node());
}

void route::take_params(const given_params& given, std::string_view model) {
  call_->input.replaced = given.replaced;
  if (model.empty()) {
    call_->input.params = given.params;
    return;
  }
  json::item* changed = call_->out.object();
  for (std::uint32_t n = 0; n < given.params.size; ++n) {
    std::string_view name;
    const json::node value = given.params.member_at(n, name);
    if (!is_model(name)) call_->out.append(changed, name, call_->out.borrow(value));
  }
  call_->out.append(changed, "model_name", call_->out.string(call_->out.keep(model)));
  call_->input.params = json::view(changed);
}

void route::check_model(const asked_call& asked, std::string_view model) {
  store::access_request request;
  if (!asked.who.tier.empty()) request.tier = asked.who.tier;
  request.tier_is_fixed = asked.key && asked.key->tier;
  request.model = model;
  request.user_id = asked.who.user_id;
  request.tenant_id = asked.who.tenant_id;
  request.provider = call_->row.name();
  request.agent = asked.options.agent;
  request.roles = asked.options.roles;
  access_ = store::check_access(request);
  if (!access_.allowed && store::lets_through(access_)) {
    access_.allowed = true;
    access_.max_requests_per_day = access_.max_context_length = std::nullopt;
  }
  if (asked.key) store::apply_key(access_, *asked.key);
  if (!access_.allowed) refuse_model(asked, access_);
}

void route::choose_account(const asked_call& asked, const store::open_call* as) {
  const std::optional<uuid_bytes> wanted = as != nullptr ? as->account_id : asked.options.account_id;
  if (by_tenant()) {
    if (wanted && as == nullptr) refuse_account(call_->row);
    return;
  }
  std::optional<store::account> account;
  if (wanted) {
    account = store::account_of(call_->row, *wanted);
    if (!account) refuse_account(call_->row);
  } else if (as == nullptr) {
    account = store::account_for(call_->row, canonical());
  }
  store::use_account(*call_, std::move(account));
}

std::optional<uuid_bytes> route::account_id() const {
  return call_->account ? read_uuid(call_->account->id) : std::nullopt;
}

}  // namespace llm_admin::calls_room
