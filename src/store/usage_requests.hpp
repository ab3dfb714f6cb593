// One answer to a request: usage_requests.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pg/spi.hpp"
#include "store/usage_log.hpp"

namespace llm_admin::store {

// Under which request a call is known; empty: under none.
std::string request_of(const usage::call& call);

struct request_answer {
  std::int64_t id;
  std::optional<std::string> cost_usd;
  std::string cost_status;
  std::optional<std::int64_t> price_id;
  std::string difference;  // of this report from the first one; empty when there is none
};

// Claims the entries' requests, which must come in the order of (tenant, request). True for those that are claimed:
// they are to be written. The others are repeats, or have no request and come as true.
std::vector<bool> claim_requests(pg::spi& sql, std::span<const usage_entry> entries);
// What the first writer was answered.
request_answer first_answer(pg::spi& sql, const usage_entry& repeat);
// WARNING that names the difference.
void warn_of_difference(const usage_entry& repeat, const request_answer& first);

}  // namespace llm_admin::store
