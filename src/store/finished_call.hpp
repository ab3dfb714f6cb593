// Calls that are in the log: found by their id, or by the request that they answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"
#include "core/uuid.hpp"

namespace llm_admin::store {

struct finished_call {
  std::int64_t usage_id = 0;
  std::int64_t at = 0;  // microseconds of the server's epoch
  std::optional<std::string> cost_usd, list_cost_usd;
  std::string cost_status;
  // Of the log's row; empty where it has left the log.
  std::string kind, tenant_id, user_id, provider, model_id, requested_model, operation, service_tier, team_id;
  std::optional<std::string> request_id;
  std::int32_t attempt = 1;
  std::int32_t input = 0, output = 0;
  std::optional<uuid_bytes> parent_call_id, account_id, key_id, job_id;
  std::optional<std::int64_t> price_id;
  std::string key_source;
  std::string reservations = "[]";  // what it held of limits, as core/calls/reservation.hpp writes it
  json::node tags, metadata;        // in the memory that was current
  bool in_log = false;
  bool was_answered = false;  // without an error
};

// As the newest state has it.
std::optional<finished_call> find_finished(const uuid_bytes& call_id);
// Whether the name that a request has in the log is that of another call.
bool is_other_call(std::string_view tenant, std::string_view request, const uuid_bytes& call_id);
// The usage id that an attempt at a request was answered with, by the name that it has in the log; nothing: it was not.
// "r/2" is the name of two: the second attempt at "r", and the first one at "r/2".
std::optional<std::int64_t> usage_of_request(std::string_view tenant, std::string_view request,
                                             std::int32_t attempt);
// The earlier attempts of a chain that are in the log, from `parent` back; at most `most`.
std::vector<finished_call> attempts_before(std::optional<uuid_bytes> parent, int most);

}  // namespace llm_admin::store
