#include "store/provider_call.hpp"

#include <utility>

#include "core/error.hpp"
#include "core/http/url.hpp"
#include "pg/jsonb.hpp"
#include "store/alias.hpp"
#include "store/bounds.hpp"
#include "store/owner.hpp"
#include "store/programs.hpp"
#include "store/provider_key.hpp"

namespace llm_admin::store {

namespace {

http::endpoint endpoint_of(const call_of_provider& call) {
  const provider& row = call.row;
  return {row.name(),
          call.base_url,
          row.text(provider_column::endpoint_path_template),
          row.text(provider_column::http_method),
          row.text(provider_column::auth_scheme),
          row.text(provider_column::auth_header_template),
          row.jsonb(provider_column::additional_headers)};
}

std::string provider_behind_name(std::string_view name) {
  const auto found = find_named_provider(name);
  return found ? std::string(found->name()) : std::string();
}

void require_right_to_key() {
  if (caller_may_execute("decrypt_provider_key", {TEXTOID})) return;
  throw llm_admin::error(sqlstate::insufficient_privilege,
                         "permission denied to build a request with its key",
                         "with_key needs the right to call decrypt_provider_key (level app)",
                         "SELECT llm_admin.grant_access(" + caller_literal() + ", 'app')");
}

}  // namespace

call_of_provider::call_of_provider(const provider& of, const json::node& params)
    : row(of),
      program(request_program_of(of)),
      models(capabilities_of(of)),
      base_url(row.text(provider_column::base_url)),
      key(nullptr) {
  input.params = params;
  input.default_model = row.text(provider_column::default_model);
  if (const auto limit = row.integer(provider_column::max_output_tokens_limit))
    input.max_output_tokens_limit = *limit;
  input.model_capabilities = models->all;
  input.entries_of_models = &models->entries;
  input.provider_name = row.name();
  input.provider_of = provider_behind_name;
  input.limits = limits_now();
  input.endpoint_path = row.text(provider_column::endpoint_path_template);
  input.provider_columns = columns_for(program->rules.columns, row, out);
}

void use_account(call_of_provider& call, std::optional<account> found) {
  call.account = std::move(found);
  if (call.account) call.base_url = call.account->base_url;
}

provider_request build(call_of_provider& call, bool with_key) {
  call.input.base_path = path_of(call.base_url);
  const http::endpoint to = endpoint_of(call);
  provider_request made{mapping::build(*call.program, call.input, call.out), {}};
  made.http = http::build(to, made.built, call.input.limits, call.out);
  if (!with_key || to.auth_scheme == "none") return made;
  if (call.key != nullptr) {
    http::add_key(made.http, to, made.built, *call.key, call.out);
    return made;
  }
  require_right_to_key();
  http::add_key(made.http, to, made.built, call.account ? key_of(*call.account, call.row) : key_of(call.row),
                call.out);
  return made;
}

void add_target(pg::row_builder& result, const http::request& http) {
  result.add_text(http.method);
  if (http.url_tail.empty())
    result.add_text(http.url);
  else
    result.add_text(http.whole_url().text());
  result.add_jsonb(pg::make_jsonb(http.headers));
}

void add_columns(pg::row_builder& result, const call_of_provider& call, const provider_request& made) {
  add_target(result, made.http);
  if (made.http.body != nullptr)
    result.add_jsonb(bounded_jsonb(made.http.body, call.out));
  else
    result.add_null();
  add_origin(result, call, made);
}

void add_origin(pg::row_builder& result, const call_of_provider& call, const provider_request& made) {
  result.add_text(call.row.name());
  if (made.built.model.empty())
    result.add_null();
  else
    result.add_text(made.built.model);
  result.add(call.row.value(provider_column::config_version));
}

}  // namespace llm_admin::store
