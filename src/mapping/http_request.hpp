// From a provider's row and its compiled mapping to the complete HTTP request; private to this room.
#pragma once

#include <array>
#include <memory>

#include "core/json/tree.hpp"
#include "core/mapping/request.hpp"
#include "pg/provider.hpp"

namespace llm_admin::mapping_room {

// What a build needs and what must live as long as what it gives.
struct call_of_provider {
  pg::provider_row row;
  std::shared_ptr<const mapping::request_program> program;
  mapping::request_input input;  // `call` is chosen by the caller
  std::array<char, 8192> room;   // of what is built, most
  json::tree out{room};

  call_of_provider(const pg::provider_row& of, const json::node& params);
  call_of_provider(const call_of_provider&) = delete;
  call_of_provider& operator=(const call_of_provider&) = delete;
};

// The composite datum `built_request`. LA002 as core/mapping/request.hpp says, and for a URL with a hole that
// nothing fills; with_key besides needs the right to call decrypt_provider_key, and a key.
Datum http_request(FunctionCallInfo fcinfo, call_of_provider& call, bool with_key);

mapping::limits limits_now();  // by the settings; calls can be cancelled

}  // namespace llm_admin::mapping_room
