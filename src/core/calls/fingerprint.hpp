// The fingerprint of what begin_call() was asked for, to tell the same request from another one under its request_id.
//
// Members of an object may come in any order, and numbers are compared by value: a client that writes the same request
// anew, by another map or another library, asks for the same, and gets the call that is open. The order of an array
// counts. Params are taken as given, so that a change of the configuration between the two makes no difference.
//
// Of the options count those that change what is sent, whom it is booked on, or whether it is allowed. Those that
// change only the answer to the caller or the estimate do not: with_key, input_tokens, timeout_ms, cache, models; nor does
// whether the key came as a token or as a hash.
//
// The memory is flat, whatever is hashed, but for the order of the members of objects that are open; that is charged to
// the bound, which is polled. 32 hexadecimal digits, the first half of a SHA-256.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/calls/caller.hpp"
#include "core/calls/options.hpp"
#include "core/crypto/primitives.hpp"
#include "core/json/view.hpp"
#include "core/memory_bound.hpp"
#include "core/uuid.hpp"

namespace llm_admin::calls {

struct begin_request {
  json::node params;
  std::size_t replaced = 0;  // what a lenient parse has replaced: two texts that it makes equal were not
  const begin_options* options = nullptr;
  const calls::caller* by = nullptr;  // settled
  std::optional<uuid_bytes> key_id;
};
std::string fingerprint_of(const begin_request& request, memory_bound& bound);

// One digest for all JSON values that are equal in the sense above.
crypto::digest digest_of(const json::node& value, memory_bound& bound);

}  // namespace llm_admin::calls
