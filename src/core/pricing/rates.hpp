// The rates of one price, and which of them a meter is charged by.
//
// A rate is written <meter>[@<service tier>][>N|>=N]: what a unit of the meter costs, in the price's currency,
// of calls of that service tier and with more than (or at least) N input tokens in all. Meters of tokens are
// priced by the thousand, others by the piece; `multiplier` and `multiplier_<service tier>` are no rates but
// factors, which stack and apply to every meter. A meter x_<name> is kept and shown, and prices nothing.
//
// The context is chosen once for a call, by all of its input tokens: every rate whose bound they pass may
// serve, the highest bound first. A meter is charged by the first rate that there is, of
//   the same meter at the call's tier and context -> at that context -> at the tier -> the bare meter,
// and where it has none by those of the meter that it falls back to: cached_input, cache_write and tokens of a
// modality to input or output, cache_write_1h to cache_write, reasoning to output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/money/decimal.hpp"

namespace llm_admin::pricing {

inline constexpr std::size_t most_rates = 200;
inline constexpr std::size_t longest_key = 100;

struct meter {
  std::string_view name;
  bool by_thousand;           // tokens, token-hours
  std::string_view falls_to;  // empty: none
  bool fall_is_partial;       // the other meter's price is known to be another one
};
const meter* find_meter(std::string_view name) noexcept;

// In lower case; the empty word for the standard tier: "", "standard", "default", "auto", "on_demand".
std::string standard_word(std::string_view service_tier);

struct rate {
  std::string key;           // as it is written
  std::string meter;         // "input", "x_turns"; "multiplier"
  std::string service_tier;  // empty: standard
  std::int64_t from = 0;     // least input tokens, 0: any
  money::decimal value;
  std::string text;  // as it is written
};

struct chosen_rate {
  const rate* by = nullptr;          // null: the meter has no price
  std::vector<std::string> missing;  // keys that would have come before it
  bool partial = false;              // by a meter whose price is known to be another one
};

class rate_table {
 public:
  // LA002 for what is no object of such rates: all that is wrong with it in DETAIL, at most ten of them.
  // Values are JSON numbers, or texts of such, not below zero; two keys of one meaning are refused.
  static rate_table read(const json::node& rates);

  chosen_rate choose(std::string_view meter, std::string_view service_tier, std::int64_t input_tokens) const;
  // The product of the factors that apply, and their keys.
  money::decimal multiplier(std::string_view service_tier, std::vector<std::string>* keys = nullptr) const;
  const std::vector<rate>& all() const noexcept { return rates_; }
  bool empty() const noexcept { return rates_.empty(); }  // a price that was withdrawn
  const rate* find(std::string_view key) const noexcept;
  // As an object of plain decimal numbers, in the order of the keys; without the bare meters input and output
  // where `others_only`.
  json::item* written(json::tree& out, bool others_only = false) const;
  // The same keys with the same values.
  bool operator==(const rate_table& other) const;

 private:
  const rate* at(std::string_view meter, std::string_view tier, std::int64_t from) const noexcept;
  std::vector<rate> rates_;             // in the order of their keys
  std::vector<std::int64_t> contexts_;  // bounds that occur, the highest first, without 0
};

// What is wrong with one key; nothing when it is of the grammar.
std::optional<std::string> key_problem(std::string_view key);

}  // namespace llm_admin::pricing
