#include "core/pricing/rates.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <tuple>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/text.hpp"

namespace llm_admin::pricing {

namespace {

constexpr meter meters[] = {
    {"input", true, "", false},
    {"output", true, "", false},
    {"cached_input", true, "input", false},
    {"cache_write", true, "input", true},
    {"cache_write_1h", true, "cache_write", true},
    {"reasoning", true, "output", false},
    {"input_audio", true, "input", true},
    {"output_audio", true, "output", true},
    {"cached_audio", true, "cached_input", true},
    {"input_image", true, "input", false},
    {"output_image", true, "output", true},
    {"input_video", true, "input", false},
    {"output_video", true, "output", true},
    {"image_in", false, "", false},
    {"image_out", false, "", false},
    {"second_in", false, "", false},
    {"second_out", false, "", false},
    {"character_in", false, "", false},
    {"character_out", false, "", false},
    {"pixel_in", false, "", false},
    {"pixel_out", false, "", false},
    {"page", false, "", false},
    {"query", false, "", false},
    {"web_search", false, "", false},
    {"request", false, "", false},
    {"session", false, "", false},
    {"cache_storage", true, "", false},
};

constexpr std::string_view multiplier_word = "multiplier";
constexpr std::size_t longest_tier = 40;
constexpr std::int64_t largest_context = 1'000'000'000'000;
constexpr std::size_t most_problems = 10;
constexpr int largest_multiplier = 100;

bool is_word(std::string_view text, std::string_view more) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
  });
}

bool is_tier(std::string_view text) noexcept { return text.size() <= longest_tier && is_word(text, "_.-"); }

// What a key says; false when it is not of the grammar.
bool split_key(std::string_view key, rate& out) {
  if (key.size() > longest_key) return false;
  out.key = key;
  if (key == multiplier_word || key.starts_with("multiplier_")) {
    out.meter = multiplier_word;
    if (key == multiplier_word) return true;
    const std::string_view tier = key.substr(multiplier_word.size() + 1);
    out.service_tier = standard_word(tier);
    return is_tier(tier) && !out.service_tier.empty();  // the bare word is for every tier
  }
  const std::size_t bound = key.find('>');
  std::string_view name = key.substr(0, bound);
  if (bound != std::string_view::npos) {
    std::string_view digits = key.substr(bound + 1);
    const bool inclusive = digits.starts_with('=');
    if (inclusive) digits.remove_prefix(1);
    const auto [end, why] = std::from_chars(digits.data(), digits.data() + digits.size(), out.from);
    if (why != std::errc() || end != digits.data() + digits.size() || digits.starts_with('-')) return false;
    if (out.from > largest_context || (inclusive && out.from == 0)) return false;
    if (!inclusive) ++out.from;
  }
  const std::size_t mark = name.find('@');
  if (mark != std::string_view::npos) {
    const std::string_view tier = name.substr(mark + 1);
    if (!is_tier(tier)) return false;
    out.service_tier = standard_word(tier);
    name = name.substr(0, mark);
  }
  out.meter = name;
  return find_meter(name) != nullptr || (name.starts_with("x_") && is_word(name.substr(2), "_"));
}

std::string key_of(std::string_view meter, std::string_view tier, std::int64_t from) {
  std::string key(meter);
  if (!tier.empty()) key.append("@").append(tier);
  if (from > 0) key.append(">").append(std::to_string(from - 1));
  return key;
}

class reader {
 public:
  explicit reader(std::vector<rate>& out) : out_(out) {}

  void read(const json::node& rates) {
    if (!rates.is_object()) {
      problems_ = "rates are an object of <meter>: <price>, not " + value_or_size(rates);
    } else if (rates.size > most_rates) {
      problems_ = "a price has at most " + std::to_string(most_rates) + " rates";
    } else {
      out_.reserve(rates.size);
      for (std::uint32_t n = 0; n < rates.size; ++n) {
        std::string_view key;
        const json::node value = rates.member_at(n, key);
        one(key, value);
      }
      std::sort(out_.begin(), out_.end(), [](const rate& a, const rate& b) { return a.key < b.key; });
      twins();
    }
    if (problems_.empty()) return;
    throw error(
        sqlstate::request_invalid, "the rates are invalid", problems_,
        "give rates such as {\"input\": 0.0025, \"output\": 0.01, \"cached_input@batch>200000\": 0.0006}, "
        "per 1,000 tokens or per piece");
  }

 private:
  void one(std::string_view key, const json::node& value) {
    rate made;
    if (const auto problem = key_problem(key)) return add(*problem);
    (void)split_key(key, made);
    made.text = value.is_number() ? value.number_text() : value.is_string() ? std::string(value.text()) : "";
    const auto amount = money::decimal::from_text(made.text);
    if (!amount)
      return add(quoted_member(key) + " must be a decimal number of at most 60 digits on either side");
    made.value = *amount;
    if (amount->is_negative()) return add(quoted_member(key) + " is negative");
    const bool factor = made.meter == multiplier_word;
    if (factor && (amount->is_zero() || *amount > money::decimal(largest_multiplier)))
      return add(quoted_member(key) + " must be above 0 and at most " + std::to_string(largest_multiplier));
    out_.push_back(std::move(made));
  }

  void twins() {
    std::vector<const rate*> sorted;
    for (const rate& each : out_) sorted.push_back(&each);
    const auto meaning = [](const rate* of) { return std::tie(of->meter, of->service_tier, of->from); };
    std::sort(sorted.begin(), sorted.end(),
              [&](const rate* a, const rate* b) { return meaning(a) < meaning(b); });
    for (std::size_t n = 1; n < sorted.size(); ++n)
      if (meaning(sorted[n - 1]) == meaning(sorted[n]))
        add(quoted_member(sorted[n - 1]->key) + " and " + quoted_member(sorted[n]->key) + " mean the same");
  }

  void add(const std::string& problem) {
    if (++count_ <= most_problems) problems_.append(problems_.empty() ? "" : "\n").append(problem);
  }

  std::vector<rate>& out_;
  std::string problems_;
  std::size_t count_ = 0;
};

}  // namespace

const meter* find_meter(std::string_view name) noexcept {
  for (const meter& one : meters)
    if (one.name == name) return &one;
  return nullptr;
}

std::string standard_word(std::string_view service_tier) {
  std::string lower = ascii_lower(service_tier);
  for (const std::string_view standard : {"standard", "default", "auto", "on_demand"})
    if (lower == standard) return {};
  return lower;
}

std::optional<std::string> key_problem(std::string_view key) {
  rate unused;
  if (split_key(key, unused)) return std::nullopt;
  return quoted_member(key.substr(0, longest_key)) + " is no <meter>[@<service tier>][>N|>=N]";
}

rate_table rate_table::read(const json::node& rates) {
  rate_table made;
  reader(made.rates_).read(rates);
  for (const rate& each : made.rates_)
    if (each.from > 0) made.contexts_.push_back(each.from);
  std::sort(made.contexts_.begin(), made.contexts_.end(), std::greater<>());
  made.contexts_.erase(std::unique(made.contexts_.begin(), made.contexts_.end()), made.contexts_.end());
  return made;
}

const rate* rate_table::find(std::string_view key) const noexcept {
  for (const rate& each : rates_)
    if (each.key == key) return &each;
  return nullptr;
}

json::item* rate_table::written(json::tree& out, bool others_only) const {
  json::item* made = out.object(static_cast<std::uint32_t>(rates_.size()));
  for (const rate& each : rates_)
    if (!others_only || (each.key != "input" && each.key != "output"))
      out.append(made, out.keep(each.key), out.number(out.keep(each.value.text())));
  return made;
}

bool rate_table::operator==(const rate_table& other) const {
  return std::equal(rates_.begin(), rates_.end(), other.rates_.begin(), other.rates_.end(),
                    [](const rate& a, const rate& b) { return a.key == b.key && a.value == b.value; });
}

const rate* rate_table::at(std::string_view meter, std::string_view tier, std::int64_t from) const noexcept {
  for (const rate& each : rates_)
    if (each.from == from && each.meter == meter && each.service_tier == tier) return &each;
  return nullptr;
}

chosen_rate rate_table::choose(std::string_view meter, std::string_view service_tier,
                               std::int64_t input_tokens) const {
  chosen_rate chosen;
  const std::string tier = standard_word(service_tier);
  const auto first = std::find_if(contexts_.begin(), contexts_.end(),
                                  [=](std::int64_t from) { return from <= input_tokens; });
  const auto try_at = [&](std::string_view of, std::int64_t from) {
    if (!tier.empty() && (chosen.by = at(of, tier, from)) == nullptr)
      chosen.missing.push_back(key_of(of, tier, from));
    if (chosen.by == nullptr && (chosen.by = at(of, {}, from)) == nullptr)
      chosen.missing.push_back(key_of(of, {}, from));
    return chosen.by != nullptr;
  };
  while (!meter.empty()) {
    for (auto context = first; context != contexts_.end(); ++context)
      if (try_at(meter, *context)) return chosen;
    if (try_at(meter, 0)) return chosen;
    const pricing::meter* known = find_meter(meter);
    if (known == nullptr) break;
    chosen.partial |= known->fall_is_partial;
    meter = known->falls_to;
  }
  return chosen;
}

money::decimal rate_table::multiplier(std::string_view service_tier, std::vector<std::string>* keys) const {
  const std::string tier = standard_word(service_tier);
  money::decimal product = 1;
  for (const rate& each : rates_) {
    if (each.meter != multiplier_word || (!each.service_tier.empty() && each.service_tier != tier)) continue;
    product = product * each.value;
    if (keys != nullptr) keys->push_back(each.key);
  }
  return product;
}

}  // namespace llm_admin::pricing
