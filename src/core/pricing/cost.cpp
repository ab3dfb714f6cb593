#include "core/pricing/cost.hpp"

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/text.hpp"

namespace llm_admin::pricing {

namespace {

constexpr std::size_t most_quantities = 100;
constexpr std::size_t longest_name = 100;
constexpr int per_thousand = -3;
const char* const status_names[] = {"priced",   "partial",   "unpriced", "free",
                                    "reported", "estimated", "cached"};

// Plain names of meters; where there are two the first that the price has a rate for counts.
struct plain_name {
  std::string_view name, meter, other;
};
constexpr plain_name plain_names[] = {
    {"images", "image_out", "image_in"},
    {"seconds", "second_in", "second_out"},
    {"characters", "character_in", "character_out"},
    {"pixels", "pixel_out", "pixel_in"},
    {"pages", "page", ""},
    {"queries", "query", ""},
    {"web_searches", "web_search", ""},
    {"requests", "request", ""},
    {"sessions", "session", ""},
};

// Tokens that the totals hold, by what they are.
constexpr std::array<std::string_view, 3> parts_of_input = {"input_audio", "input_image", "input_video"};
constexpr std::array<std::string_view, 3> parts_of_output = {"output_audio", "output_image", "output_video"};
constexpr std::string_view part_of_cached = "cached_audio";

std::string_view without_tokens(std::string_view name) noexcept {
  constexpr std::string_view ending = "_tokens";
  return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : name;
}

class pricer {
 public:
  pricer(const call& what, const rate_table& rates, cost& out)
      : what_(what),
        rates_(rates),
        out_(out),
        input_tokens_(std::max<std::int64_t>(what.usage.prompt_tokens, 0)) {}

  // In the price's currency; nothing when no meter of the call has a price.
  std::optional<money::decimal> sum() {
    out_.multiplier = rates_.multiplier(what_.service_tier, &out_.multipliers);
    tokens();
    others();
    money::decimal sum;
    bool any = false, none = false;
    for (const cost_line& line : out_.lines) {
      any |= line.by != nullptr, none |= line.by == nullptr;
      sum += line.cost;
    }
    if (none && !any) return std::nullopt;
    return sum;
  }

  bool partial() const noexcept { return partial_; }

 private:
  void note(std::string text) {
    if (std::find(out_.notes.begin(), out_.notes.end(), text) == out_.notes.end())
      out_.notes.push_back(std::move(text));
  }

  void add(std::string_view name, const money::decimal& quantity) {
    if (quantity.is_zero()) return;
    const meter* known = find_meter(name);
    const chosen_rate chosen = rates_.choose(name, what_.service_tier, input_tokens_);
    cost_line line{std::string(name), quantity, chosen.by, known != nullptr && known->by_thousand,
                   chosen.missing,    {}};
    if (known == nullptr || chosen.by == nullptr) {
      partial_ = true;
      note("no_price_of " + line.meter);
    } else {
      if (chosen.partial && chosen.by->meter != name) {
        partial_ = true;
        note(line.meter + " priced as " + chosen.by->meter);
      }
      line.cost = quantity * chosen.by->value * out_.multiplier;
      if (line.by_thousand) line.cost = line.cost.shifted(per_thousand);
    }
    out_.lines.push_back(std::move(line));
  }

  std::int64_t quantity_of(std::string_view meter) const {
    for (const quantity& each : what_.usage.quantities) {
      if (without_tokens(each.name) != meter) continue;
      std::int64_t whole = 0;
      for (const char c : each.amount.text()) {
        if (c == '.') break;
        whole = whole * 10 + (c - '0');
      }
      return whole;
    }
    return 0;
  }

  // As much of a part as its total has left.
  std::int64_t part(std::int64_t count, std::int64_t& left, const char* cut) {
    const std::int64_t taken = std::clamp<std::int64_t>(count, 0, left);
    if (count > taken) {
      partial_ = true;
      note(cut);
    }
    left -= taken;
    return taken;
  }

  void tokens() {
    const pricing::usage& usage = what_.usage;
    std::int64_t input = input_tokens_;
    std::int64_t cached = part(usage.cached_tokens, input, "input_parts_cut");
    std::int64_t written = part(usage.cache_write_tokens, input, "input_parts_cut");
    const std::int64_t hour = part(usage.cache_write_1h_tokens, written, "input_parts_cut");
    const std::int64_t cached_audio = part(quantity_of(part_of_cached), cached, "input_parts_cut");
    std::array<std::int64_t, parts_of_input.size()> modalities{};
    for (std::size_t n = 0; n < modalities.size(); ++n) {
      std::int64_t count = quantity_of(parts_of_input[n]);
      if (n == 0) count = std::max<std::int64_t>(count - cached_audio, 0);
      modalities[n] = part(count, input, "input_parts_cut");
    }
    add("input", input);
    add("cached_input", cached);
    add("cached_audio", cached_audio);
    add("cache_write", written);
    add("cache_write_1h", hour);
    for (std::size_t n = 0; n < modalities.size(); ++n) add(parts_of_input[n], modalities[n]);

    std::int64_t output = std::max<std::int64_t>(usage.completion_tokens, 0);
    const std::int64_t reasoning = part(usage.reasoning_tokens, output, "output_parts_cut");
    std::array<std::int64_t, parts_of_output.size()> made{};
    for (std::size_t n = 0; n < made.size(); ++n)
      made[n] = part(quantity_of(parts_of_output[n]), output, "output_parts_cut");
    add("output", output);
    add("reasoning", reasoning);
    for (std::size_t n = 0; n < made.size(); ++n) add(parts_of_output[n], made[n]);
  }

  static bool is_part(std::string_view name) {
    const auto among = [=](const auto& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    return name == part_of_cached || among(parts_of_input) || among(parts_of_output);
  }

  std::string_view meter_of(std::string_view name) const {
    for (const plain_name& plain : plain_names) {
      if (plain.name != name) continue;
      const bool other = !plain.other.empty() &&
                         rates_.choose(plain.meter, what_.service_tier, input_tokens_).by == nullptr &&
                         rates_.choose(plain.other, what_.service_tier, input_tokens_).by != nullptr;
      return other ? plain.other : plain.meter;
    }
    return name;
  }

  void others() {
    bool requests_given = false;
    for (const quantity& each : what_.usage.quantities) {
      if (is_part(without_tokens(each.name))) continue;
      const std::string_view meter = meter_of(each.name);
      requests_given |= meter == "request";
      // One that is counted in the columns is not charged twice.
      const pricing::meter* known = find_meter(meter);
      if (known != nullptr && known->by_thousand && meter != "cache_storage") {
        if (!each.amount.is_zero()) partial_ = true, note("quantity " + each.name + " has a column");
        continue;
      }
      add(meter, each.amount);
    }
    const auto has_request = [&] {
      return rates_.choose("request", what_.service_tier, input_tokens_).by != nullptr;
    };
    if (!requests_given && what_.usage.requests > 0 && has_request()) add("request", what_.usage.requests);
  }

  const call& what_;
  const rate_table& rates_;
  cost& out_;
  std::int64_t input_tokens_;
  bool partial_ = false;
};

// What the call costs by the price, whoever pays.
cost by_price(const call& what, const rate_table* rates, const std::optional<money::decimal>& usd) {
  cost made;
  if (rates == nullptr) {
    made.notes.emplace_back("no_price");
    return made;
  }
  pricer prices(what, *rates, made);
  const auto sum = prices.sum();
  if (!usd) made.notes.emplace_back("no_rate");
  if (!sum || !usd) return made;
  made.list_cost_usd = *sum * *usd;
  made.cost_usd = made.list_cost_usd;
  made.status = prices.partial() ? cost_status::partial : cost_status::priced;
  return made;
}

}  // namespace

std::string_view name_of(cost_status status) noexcept {
  return status_names[static_cast<std::size_t>(status)];
}

std::string cost::note() const {
  std::string all;
  for (const std::string& one : notes) all.append(all.empty() ? "" : "; ").append(one);
  return all;
}

std::vector<quantity> read_quantities(const json::node& object) {
  static constexpr std::int64_t largest = 1'000'000'000'000'000;
  std::vector<quantity> made;
  if (object.is_absent()) return made;
  const auto refuse = [](const std::string& detail) {
    throw error(sqlstate::request_invalid, "the quantities are invalid", detail,
                "give quantities such as {\"images\": 2, \"seconds\": 12.5}");
  };
  if (!object.is_object())
    refuse("quantities are an object of <meter>: <count>, not " + value_or_size(object));
  if (object.size > most_quantities)
    refuse("a call has at most " + std::to_string(most_quantities) + " quantities");
  for (std::uint32_t n = 0; n < object.size; ++n) {
    std::string_view name;
    const json::node value = object.member_at(n, name);
    if (value.is_absent()) continue;
    const auto amount = value.is_number() ? money::decimal::from_text(value.number_text()) : std::nullopt;
    if (!amount || amount->is_negative() || *amount > money::decimal(largest) || name.empty() ||
        name.size() > longest_name)
      refuse(quoted_member(name.substr(0, longest_name)) + " must be a number from 0 to 10^15, not " +
             value_or_size(value));
    made.push_back({std::string(name), *amount});
  }
  return made;
}

cost cost_of(const call& what, const rate_table* rates, const std::optional<money::decimal>& usd) {
  if (what.local_server && !what.from_cache) {
    cost nothing;
    nothing.cost_usd = nothing.list_cost_usd = money::decimal();
    nothing.status = cost_status::free;
    return nothing;
  }
  cost made = by_price(what, rates, usd);
  const bool byollm = what.key_source == key_source::byollm;
  if (what.reported_usd) {
    // What the vendor takes is what a tenant with a key of its own pays.
    if (byollm || !made.list_cost_usd) made.list_cost_usd = what.reported_usd;
    made.cost_usd = what.reported_usd;
    made.status = cost_status::reported;
  } else if (what.estimated && made.cost_usd) {
    made.status = cost_status::estimated;
  }
  if (byollm) made.cost_usd = money::decimal();
  if (what.from_cache) {
    made.cost_usd = money::decimal();
    made.status = cost_status::cached;
  }
  return made;
}

}  // namespace llm_admin::pricing
