#include "core/limits/estimate.hpp"

#include <algorithm>
#include <utility>

namespace llm_admin::limits {

namespace {

constexpr int thousandth = -3;

std::int64_t sum_within(std::int64_t a, std::int64_t b) noexcept { return std::min(a + b, most_tokens); }

std::int64_t product_within(std::uint64_t count, std::int64_t each) noexcept {
  std::uint64_t product = 0;
  if (each <= 0) return 0;
  const bool beyond = __builtin_mul_overflow(count, static_cast<std::uint64_t>(each), &product);
  return beyond || product > static_cast<std::uint64_t>(most_tokens) ? most_tokens
                                                                     : static_cast<std::int64_t>(product);
}

std::int64_t input_of(const request_size& size, const estimate_settings& settings) {
  const auto each = static_cast<std::uint64_t>(std::max(settings.bytes_per_token, 1));
  const std::uint64_t of_text = size.text_bytes / each + (size.text_bytes % each > 0 ? 1 : 0);
  std::int64_t sum = product_within(of_text, 1);
  sum = sum_within(sum, product_within(std::uint64_t{size.messages} + size.tools, settings.message_tokens));
  sum = sum_within(sum, product_within(size.images, settings.image_tokens));
  sum = sum_within(sum, product_within(size.audios, settings.audio_tokens));
  sum = sum_within(sum, product_within(size.videos, settings.video_tokens));
  return sum_within(sum, product_within(size.files, settings.file_tokens));
}

// What the model is known to write at most.
std::optional<std::int64_t> maximum_of_model(const output_bounds& bounds) {
  std::optional<std::int64_t> least;
  for (const auto& one : {bounds.provider, bounds.price})
    if (one && *one > 0) least = std::min(least.value_or(*one), *one);
  return least;
}

std::int64_t output_of(const output_bounds& bounds, const estimate_settings& settings,
                       std::vector<std::string>& notes) {
  if (!bounds.generates) return 0;
  const auto model = maximum_of_model(bounds);
  std::optional<std::int64_t> each = bounds.requested;
  if (each && model && *each > *model) {
    notes.emplace_back("clamped");
    each = model;
  }
  if (!each) each = bounds.provider && *bounds.provider > 0 ? bounds.provider : model;
  // A maximum that is none, of a model whose own nobody knows.
  if (!each || *each == largest_maximum) {
    notes.emplace_back("unbounded");
    each = std::max(settings.default_output_tokens, 1);
  }
  const auto choices = static_cast<std::uint64_t>(std::max<std::int64_t>(bounds.choices, 1));
  return product_within(choices, std::min(*each, most_tokens));
}

bool has(const std::vector<std::string>& notes, std::string_view note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}

// The dearest rate of a meter in all contexts that so many input tokens reach; nothing where it has none.
std::optional<money::decimal> dearest(const pricing::rate_table& rates, std::string_view meter,
                                      std::string_view tier, std::int64_t input) {
  std::optional<money::decimal> most;
  const auto look = [&](std::int64_t context) {
    const pricing::chosen_rate chosen = rates.choose(meter, tier, context);
    if (chosen.by != nullptr && (!most || *most < chosen.by->value)) most = chosen.by->value;
  };
  look(0);
  for (const pricing::rate& each : rates.all())
    if (each.from > 0 && each.from <= input) look(each.from);
  return most;
}

// The dearest of several meters; those without a rate are of no account but for the first.
money::decimal dearest_of(const pricing::rate_table& rates, const std::vector<std::string_view>& meters,
                          std::string_view tier, std::int64_t input, std::vector<std::string>& missing) {
  money::decimal most;
  for (const std::string_view meter : meters) {
    const auto rate = dearest(rates, meter, tier, input);
    if (rate && most < *rate) most = *rate;
    if (!rate && meter == meters.front()) missing.emplace_back(meter);
  }
  return most;
}

}  // namespace

token_estimate estimate_tokens(const request_size& size, std::optional<std::int64_t> counted_input,
                               const output_bounds& bounds, const estimate_settings& settings) {
  token_estimate made;
  if (counted_input) {
    made.input = std::clamp<std::int64_t>(*counted_input, 0, most_tokens);
    made.notes.emplace_back("counted");
  } else {
    made.input = input_of(size, settings);
  }
  made.output = output_of(bounds, settings, made.notes);
  const bool text_alone = size.images + size.audios + size.videos + size.files == 0 && !size.by_url &&
                          !size.server_tools && !size.media_out;
  const bool bounded = !has(made.notes, "unbounded");
  made.strict = !counted_input && settings.bytes_per_token <= 1 && text_alone && bounded;
  if (!made.strict) made.notes.emplace_back("not_strict");
  return made;
}

cost_estimate estimate_cost(const token_estimate& tokens, const request_size& size, const charged_by& how,
                            const pricing::rate_table* rates, const std::optional<money::decimal>& usd) {
  cost_estimate made;
  if (rates == nullptr || rates->empty()) {
    made.missing = {"input", "output"};
    return made;
  }
  std::vector<std::string_view> in = {"input"}, out = {"output", "reasoning"};
  if (how.cache_write || how.cache_write_1h) in.emplace_back("cache_write");
  if (how.cache_write_1h) in.emplace_back("cache_write_1h");
  if (size.audios > 0) in.emplace_back("input_audio");
  if (size.images > 0) in.emplace_back("input_image");
  if (size.videos > 0) in.emplace_back("input_video");
  if (how.audio_out) out.emplace_back("output_audio");
  if (how.image_out) out.emplace_back("output_image");
  const money::decimal factor = rates->multiplier(how.service_tier);
  if (tokens.input > 0)
    made.input_rate = factor * dearest_of(*rates, in, how.service_tier, tokens.input, made.missing);
  if (tokens.output > 0)
    made.output_rate = factor * dearest_of(*rates, out, how.service_tier, tokens.input, made.missing);
  if (!made.missing.empty() || !usd) return made;
  money::decimal sum =
      (made.input_rate * money::decimal(tokens.input) + made.output_rate * money::decimal(tokens.output))
          .shifted(thousandth);
  if (const auto request = dearest(*rates, "request", how.service_tier, tokens.input))
    sum += factor * *request;
  made.usd = sum * *usd;
  return made;
}

std::optional<money::decimal> units_of(const limit& of, const token_estimate& tokens,
                                       const cost_estimate& cost, const estimate_settings& settings) {
  switch (of.what) {
    case what::requests:
    case what::concurrent:
      return 1;
    case what::input_tokens:
      return tokens.input;
    case what::output_tokens:
      return tokens.output;
    case what::tokens:
      return money::decimal(tokens.input) + money::decimal(tokens.output);
    case what::cost_usd:
      break;
  }
  if (cost.usd) return cost.usd;
  switch (of.unpriced) {
    case unpriced::deny:
      return std::nullopt;
    case unpriced::estimate:
      return (settings.unpriced_input_per_1k * money::decimal(tokens.input) +
              settings.unpriced_output_per_1k * money::decimal(tokens.output))
          .shifted(thousandth);
    case unpriced::allow:
      break;
  }
  return money::decimal();
}

}  // namespace llm_admin::limits
