// The models of a price file that others publish, one after the other: what each costs in our grammar of rates.
//
//   litellm       an object of models: US dollars per token or piece, names of fields that combine meter, context
//                 and service tier (BerriAI/litellm, model_prices_and_context_window.json)
//   models_dev    an object of providers with their models: US dollars per million tokens (models.dev/api.json)
//   genai_prices  a list of providers with their models: US dollars per million, prices from a date on, context
//                 tiers (pydantic/genai-prices, prices/new_data/v2/data.json)
// A file is untrusted: an offer that cannot be right has a problem and is not to be taken. Decimals are read as
// texts. What has no meter of ours becomes x_<name>. A zero that stands for "not said" is left out: of pieces,
// and of tokens whose meter falls back to one that costs something.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/function_ref.hpp"
#include "core/json/view.hpp"
#include "core/money/decimal.hpp"
#include "core/pricing/rates.hpp"

namespace llm_admin::pricing {

enum class price_format : std::uint8_t { litellm, models_dev, genai_prices };
// Nothing for an unknown word.
std::optional<price_format> format_named(std::string_view word) noexcept;
inline constexpr std::string_view price_formats = "litellm, models_dev, genai_prices";

struct offer {
  std::string entry;     // its name in the file
  std::string vendor;    // as canonical ids name it
  std::string model_id;  // canonical
  rate_table rates;
  std::optional<std::int32_t> max_input_tokens, max_output_tokens;
  std::string deprecated_on;  // a date; empty: not said
  std::string problem;        // why it is not to be taken; empty: nothing
};

// Calls `take` for each model. `today` (YYYY-MM-DD) chooses among prices with a date. LA002 when the file has not
// the shape of the format at all.
void read_offers(const json::node& file, price_format format, std::string_view today,
                 function_ref<void(const offer&)> take);

// The rates that are more than `factor` times what they were, or less than that part, a text each.
std::vector<std::string> large_changes(const rate_table& before, const rate_table& now, std::int64_t factor);
// What differs, in two texts: of rates that are new or gone the other side says nothing.
struct rate_differences {
  std::string before, now;
};
rate_differences differences(const rate_table& before, const rate_table& now);

}  // namespace llm_admin::pricing
