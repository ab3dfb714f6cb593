// One call as its caller reports it, read and checked as far as that needs no database.
//
// `usage` is the member usage of an answer that was read, the whole of that result, or an object with the same
// names; those of vendors' chat completions (prompt_tokens, completion_tokens and their details) mean the same.
// Tokens are totals that hold their parts. Other members of it are not looked at, so that a vendor's own usage may
// be given as it is.
//
// Errors are LA002 for numbers that count nothing, 22023 for options that are not known or are of another type.
// Views point into what was given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/view.hpp"
#include "core/uuid.hpp"

namespace llm_admin::usage {

inline constexpr std::int64_t most_tokens = 2147483647;  // of one call and kind
inline constexpr std::int64_t most_dollars =
    1'000'000'000'000;  // of one row; sums stay far from what numeric holds

// A cost as plain decimal text: nothing for what is no number, has more than 60 digits behind the point, or is beyond
// most_dollars on either side of 0.
std::optional<std::string> read_cost(std::string_view text);
bool is_currency(std::string_view text) noexcept;  // three capitals

struct tokens {
  std::int32_t input = 0;
  std::int32_t output = 0;
  std::int32_t total = 0;  // at least input and output together
  std::int32_t cached = 0;
  std::int32_t cache_write = 0;
  std::int32_t cache_write_1h = 0;
  std::int32_t reasoning = 0;
};

using uuid = uuid_bytes;
using llm_admin::read_uuid;

struct call {
  std::string_view provider, model, user_id, tenant_id;
  std::optional<std::string_view> request_id;

  tokens counted;
  json::node quantities;  // an object, or absent
  std::string_view service_tier;
  std::optional<std::string> cost;  // what the vendor said, decimal text
  std::string_view reported_model;  // that the answer names

  // Options.
  std::optional<std::string_view> at;  // a time, as the server reads it
  std::string_view source, requested_model, served_model, operation, team_id;
  std::string_view kind = "call", key_source = "platform", currency = "USD";
  std::optional<std::string_view> error_message;
  std::optional<std::int32_t> latency_ms, status_code;
  std::int32_t attempt = 1;
  std::optional<uuid> server_id, deployment_id, job_id, account_id, key_id, call_id, parent_call_id;
  json::node metadata, tags, limits;  // absent where not given
  bool estimated = false;
  bool cached = false;  // answered from the own response cache
};

// Whether a usage of those forms says anything: a count, a quantity or a cost, 0 as well. What read_usage() refuses says
// something, too.
bool says_usage(const json::node& usage);
// The tokens, quantities, service tier, cost and model of a usage; absent counts as nothing used.
void read_usage(const json::node& usage, call& into);
void read_options(const json::node& options, call& into);
// The members of one element of a batch: those of record_usage() by their names, with the options in `options`,
// or, where that is not given, beside them. LA002 for what is no object or has members of another name.
call read_batch_element(const json::node& element);

// What two reports of one request have to agree in, as text: "model=openai/gpt-4o input=10 ...".
std::string fingerprint(const call& of, std::string_view model_id);
// What differs between two of them, in words; empty when nothing does.
std::string difference(std::string_view before, std::string_view now);

}  // namespace llm_admin::usage
