// From a provider's row and its compiled mapping to the complete HTTP request.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "core/json/tree.hpp"
#include "core/mapping/request/request.hpp"
#include "core/secret_bytes.hpp"
#include "pg/result.hpp"
#include "store/bounds.hpp"
#include "store/provider.hpp"

namespace llm_admin::store {

// What a build needs and what must live as long as what it gives.
struct call_of_provider {
  provider row;
  std::shared_ptr<const mapping::request_program> program;
  mapping::request_input input;  // `call` and, for a tenant's own, `default_model` are the caller's
  std::string_view base_url;     // the row's, unless the caller has another
  const secret_bytes* key;       // null: the provider's own, when a request is built with it
  std::array<char, 8192> room;   // of what is built, most
  json::tree out{room};

  call_of_provider(const provider& of, const json::node& params);
  call_of_provider(const call_of_provider&) = delete;
  call_of_provider& operator=(const call_of_provider&) = delete;
};

// Adds the columns of the composite type `built_request`. LA002 as core/mapping/request/request.hpp says, and for a
// URL with a hole that nothing fills. with_key puts the key in; the provider's own needs the right to call
// decrypt_provider_key.
void add_http_request(pg::row_builder& result, call_of_provider& call, bool with_key);

}  // namespace llm_admin::store
