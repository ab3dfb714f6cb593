// From a provider's row and its compiled mapping to the complete HTTP request: finds what core/http
// puts together.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "core/http/request.hpp"
#include "core/json/tree.hpp"
#include "core/mapping/request/request.hpp"
#include "core/secret_bytes.hpp"
#include "pg/result.hpp"
#include "store/account.hpp"
#include "store/capabilities.hpp"
#include "store/provider.hpp"

namespace llm_admin::store {

// What a build needs and what must live as long as what it gives.
struct call_of_provider {
  provider row;
  std::shared_ptr<const mapping::request_program> program;
  std::shared_ptr<const capabilities> models;
  mapping::request_input input;  // `call` and, for a tenant's own, `default_model` are the caller's
  std::string_view base_url;     // the row's, unless the caller has another
  const secret_bytes* key;       // null: the account's or the provider's own, when a request is built with it
  std::optional<store::account> account;
  std::array<char, 8192> room;  // of what is built, most
  json::tree out{room};

  call_of_provider(const provider& of, const json::node& params);
  call_of_provider(const call_of_provider&) = delete;
  call_of_provider& operator=(const call_of_provider&) = delete;
};

// The request, and what the mapping made of it, whose texts it borrows. Its items are in the call's `out`.
struct provider_request {
  mapping::built_request built;
  http::request http;
};

// Makes a call of the platform go by the account that is to pay for it, where the provider has any
// (store/account.hpp).
void use_account(call_of_provider& call, std::optional<account> found);
inline void use_account(call_of_provider& call) { use_account(call, account_for(call.row)); }

// LA002 as core/mapping/request/request.hpp and core/http/request.hpp say. with_key puts the key in; the
// provider's own needs the right to call decrypt_provider_key. Once a call.
provider_request build(call_of_provider& call, bool with_key);

// Adds the columns of the composite type `built_request`: method, URL and headers; the body as jsonb; provider,
// model and version.
void add_columns(pg::row_builder& result, const call_of_provider& call, const provider_request& made);
void add_target(pg::row_builder& result, const http::request& http);
void add_origin(pg::row_builder& result, const call_of_provider& call, const provider_request& made);

}  // namespace llm_admin::store
