// What a call costs: its meters by the rates of the price that held, exactly and without rounding.
//
// Tokens are totals that hold their parts, as read_answer() gives them: prompt_tokens hold what was cached,
// written to the cache and of other modalities, cache_write_tokens hold cache_write_1h_tokens,
// completion_tokens hold reasoning_tokens. Each token is charged once. Parts that are more than their total
// are cut to it, with a note.
//
// Other quantities come under the name of a meter (rates.hpp), or under a plain one: images, seconds,
// characters, pixels are charged where the price has a rate for them, as they went out or came in; pages,
// queries, web_searches, requests, sessions. input_audio and its like are tokens and parts of the totals
// (cached_audio of cached_tokens and of input_audio), with or without _tokens behind the name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/money/decimal.hpp"
#include "core/pricing/rates.hpp"

namespace llm_admin::pricing {

struct quantity {
  std::string name;
  money::decimal amount;
};

struct usage {
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t cache_write_1h_tokens = 0;
  std::int64_t reasoning_tokens = 0;
  std::vector<quantity> quantities;
  std::int64_t requests = 1;  // what the meter `request` counts, where no quantity of that name is given
};

// The quantities of a JSON object, in the order of its members. LA002 when it is none, or a value is no number
// from 0 to 10^15; null counts as an empty one.
std::vector<quantity> read_quantities(const json::node& object);

enum class key_source : std::uint8_t { platform, byollm };

struct call {
  pricing::usage usage;
  std::string service_tier;
  bool local_server = false;  // costs nothing
  bool estimated = false;     // the tokens are estimated
  bool from_cache = false;    // answered from the own cache: the cost is 0, the list cost what was saved
  pricing::key_source key_source = pricing::key_source::platform;
  std::optional<money::decimal> reported_usd;  // what the vendor said
};

enum class cost_status : std::uint8_t { priced, partial, unpriced, free, reported, estimated, cached };
std::string_view name_of(cost_status status) noexcept;

// One meter of a call.
struct cost_line {
  std::string meter;
  money::decimal quantity;
  const rate* by = nullptr;  // of the table; null: no price
  bool by_thousand = false;
  std::vector<std::string> missing;  // rates that would have come before it
  money::decimal cost;               // in the price's currency, with the multipliers
};

struct cost {
  std::optional<money::decimal> cost_usd;       // what the platform owes; nothing: unknown
  std::optional<money::decimal> list_cost_usd;  // by the price, whoever pays
  cost_status status = cost_status::unpriced;
  std::vector<std::string> notes;  // words: no_price, no_rate, no_rate_for <meter>, parts_cut ...
  std::vector<cost_line> lines;    // empty without a price
  money::decimal multiplier = 1;
  std::vector<std::string> multipliers;  // the keys that made it

  std::string note() const;  // the notes in one line, empty when there are none
};

// `rates` is null where no price holds; `usd` what a unit of the price's currency is worth, nothing: not known.
// The lines point into `rates`.
cost cost_of(const call& what, const rate_table* rates, const std::optional<money::decimal>& usd);

}  // namespace llm_admin::pricing
