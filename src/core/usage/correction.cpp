#include "core/usage/correction.hpp"

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/decimal.hpp"

namespace llm_admin::usage {

namespace {

constexpr std::array<std::string_view, 7> amount_names = {
    "cost_usd",           "input_tokens",          "output_tokens",   "cached_tokens",
    "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens"};

[[noreturn]] void refuse(const std::string& message) {
  throw error(
      sqlstate::request_invalid, message, "amounts are cost_usd and counts of tokens, with a sign",
      "SELECT * FROM llm_admin.reconcile('<provider>', '<first day of the month>', '<invoice>') gives them");
}

std::int32_t* count_named(tokens& of, std::string_view name) {
  if (name == "input_tokens") return &of.input;
  if (name == "output_tokens") return &of.output;
  if (name == "cached_tokens") return &of.cached;
  if (name == "cache_write_tokens") return &of.cache_write;
  if (name == "cache_write_1h_tokens") return &of.cache_write_1h;
  return name == "reasoning_tokens" ? &of.reasoning : nullptr;
}

void read_amount(std::string_view name, const json::node& value, call& into) {
  if (name == "cost_usd") {
    const std::string text =
        value.is_number() ? value.number_text() : std::string(value.is_string() ? value.text() : "");
    into.cost = read_cost(text);
    if (!into.cost)
      refuse("cost_usd must be a number from -10^12 to 10^12, with at most 60 digits behind the point");
    return;
  }
  std::int32_t* count = count_named(into.counted, name);
  if (count == nullptr) refuse("unknown amount " + quoted_or_length(name, amount_names));
  const auto number = value.is_number() ? json::to_int64(value.number_text()) : std::nullopt;
  if (!number || *number < -most_tokens || *number > most_tokens)
    refuse(std::string(name) + " must be a whole number from -2147483647 to 2147483647");
  *count = static_cast<std::int32_t>(*number);
}

}  // namespace

void read_correction(const json::node& amounts, call& into) {
  if (!amounts.is_object() || amounts.size == 0) refuse("amounts must be an object that holds one at least");
  for (std::uint32_t n = 0; n < amounts.size; ++n) {
    std::string_view name;
    const json::node value = amounts.member_at(n, name);
    read_amount(name, value, into);
  }
  const std::int64_t sum = std::int64_t{into.counted.input} + into.counted.output;
  if (sum < -most_tokens || sum > most_tokens) refuse("the sum of input and output tokens is too large");
  into.counted.total = static_cast<std::int32_t>(sum);
  into.kind = "correction";
}

}  // namespace llm_admin::usage
