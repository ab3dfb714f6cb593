// The options of begin_call() and finish_call(), decoded and checked as far as that needs no database.
//
// Errors are 22023 with all problems at once (core/checked_options.hpp). An access key is told by nobody: one that can
// be none is given as malformed, for the refusal (LA011) that unknown keys get as well. An empty access key, hash or
// request_id is refused and not taken for none, or an unset variable would open what the key closes. So is a request_id that
// looks like a key (core/audit/concealed.hpp): rows and messages show it. Views last as long as what was given.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/call_tags.hpp"
#include "core/json/view.hpp"
#include "core/keys/access_token.hpp"
#include "core/uuid.hpp"

namespace llm_admin::calls {

inline constexpr std::size_t longest_request_id = 1000;               // bytes; attempts put "/n" behind it
inline constexpr std::int64_t longest_timeout_ms = 24 * 3600 * 1000;  // as long as a receipt is valid
inline constexpr std::size_t most_roles = 1000;
inline constexpr std::size_t most_fallbacks = 4;
inline constexpr std::size_t longest_error = 64 * 1024;  // bytes, of which less is kept

struct begin_options {
  std::optional<access_credential> key;
  bool with_key = false;
  std::optional<bool> stream;  // nothing: as the params say
  std::string_view requested;  // "byollm", "aegis" or empty
  std::optional<std::string_view> request_id;
  std::string_view team, agent, provider, operation, service_tier;  // empty where not given
  std::vector<std::string_view> roles, models;  // models: to fall back to, in this order, none of them twice
  std::vector<call_tag> tags;
  std::optional<uuid_bytes> account_id, parent_call_id, job_id;
  std::optional<std::int32_t> input_tokens, timeout_ms;
};
// `cache` is 0A000 unless it is false.
begin_options read_begin_options(const json::node& options);

struct finish_options {
  json::node headers, usage;              // objects, or absent
  std::optional<std::string_view> error;  // what the caller met instead of an answer
  bool cancelled = false, estimated = false, output_seen = false;
  std::optional<bool> dispatched;  // nothing: not known
  std::optional<std::string_view> receipt;
  std::optional<std::int32_t> http_status, latency_ms;  // the arguments; a status of 0 is that of no answer
};
finish_options read_finish_options(const json::node& options, std::optional<std::int32_t> http_status,
                                   std::optional<std::int32_t> latency_ms);

}  // namespace llm_admin::calls
