// What a call may cost, before it is made: tokens in, a bound of tokens out, and both by the dearest rates
// that the call can reach. Exact decimals; nothing is rounded down.
//
// Notes are words: `counted`, the caller's own count was taken; `not_strict`, the figures are no upper bound;
// `unbounded`, no maximum of output is known; `clamped`, the request's own was above the model's. An estimate
// is strict, so that no call costs more, with one byte a token, text alone and a bounded output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits/limit.hpp"
#include "core/limits/request_size.hpp"
#include "core/money/decimal.hpp"
#include "core/pricing/rates.hpp"

namespace llm_admin::limits {

inline constexpr std::int64_t most_tokens = 2147483647;  // of one call and kind, as the usage log has it

struct estimate_settings {
  std::int32_t bytes_per_token = 3;  // 1 or more
  std::int32_t message_tokens = 16;  // a message and a tool
  std::int32_t image_tokens = 2'000, audio_tokens = 8'000, video_tokens = 60'000, file_tokens = 30'000;
  std::int32_t default_output_tokens = 4'096;
  // What a model without a price is taken to cost, in US dollars by the thousand, where a limit wants an
  // estimate.
  money::decimal unpriced_input_per_1k, unpriced_output_per_1k;
};

struct output_bounds {
  std::optional<std::int64_t> requested;  // requested_maximum()
  std::optional<std::int64_t> provider,
      price;                 // what the provider's row and the price's say; not above 0: nothing
  std::int64_t choices = 1;  // answers asked for at once
  bool generates = true;     // false: embeddings and their like have no output
};

struct token_estimate {
  std::int64_t input = 0, output = 0;
  bool strict = false;
  std::vector<std::string> notes;
};
token_estimate estimate_tokens(const request_size& size, std::optional<std::int64_t> counted_input,
                               const output_bounds& bounds, const estimate_settings& settings);

// What a call may be charged by besides input and output.
struct charged_by {
  std::string_view service_tier;
  bool cache_write = false, cache_write_1h = false;
  bool audio_out = false, image_out = false;
};

struct cost_estimate {
  std::optional<money::decimal> usd;       // nothing: no price
  money::decimal input_rate, output_rate;  // the dearest, in the price's currency, with the multipliers
  std::vector<std::string> missing;        // meters without a rate
};
// `rates` is null where no price holds; `usd` what a unit of its currency is worth, nothing: not known.
cost_estimate estimate_cost(const token_estimate& tokens, const request_size& size, const charged_by& how,
                            const pricing::rate_table* rates, const std::optional<money::decimal>& usd);

// How many units a limit asks for a call. Nothing: the limit is in money and denies what has no price.
std::optional<money::decimal> units_of(const limit& of, const token_estimate& tokens,
                                       const cost_estimate& cost, const estimate_settings& settings);

}  // namespace llm_admin::limits
