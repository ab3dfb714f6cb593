#include "core/pricing/offers/offer.hpp"

#include <algorithm>
#include <chrono>

#include "core/error.hpp"
#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/pricing/offers/maker.hpp"
#include "core/text.hpp"

namespace llm_admin::pricing {

namespace {

constexpr std::size_t longest_model_id = 255;
constexpr std::size_t longest_vendor = 100;

constexpr std::string_view local_vendors[] = {"ollama",   "lmstudio",           "lm_studio", "llamacpp",
                                              "vllm",     "hosted_vllm",        "llamafile", "xinference",
                                              "lemonade", "docker_model_runner"};

// Names of vendors in the files, and in our canonical ids.
struct vendor_name {
  std::string_view theirs, ours;
};
constexpr vendor_name vendor_names[] = {
    {"gemini", "google"},          {"google-ai", "google"},
    {"azure_text", "azure"},       {"aws", "bedrock"},
    {"amazon-bedrock", "bedrock"}, {"bedrock_converse", "bedrock"},
    {"together_ai", "together"},   {"togetherai", "together"},
    {"cohere_chat", "cohere"},     {"x-ai", "xai"},
    {"mistralai", "mistral"},      {"text-completion-openai", "openai"},
    {"ollama_chat", "ollama"},     {"text-completion-codestral", "codestral"}};

std::string number_in(const json::node& value) {
  if (value.is_number()) return value.number_text();
  return value.is_string() ? std::string(value.text()) : std::string();
}

// Of a text of the shape 0000-00-00.
bool is_day(std::string_view date) {
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char c : date.substr(at, size)) value = value * 10 + (c - '0');
    return value;
  };
  const std::chrono::year_month_day day(std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2))));
  return number(0, 4) > 0 && day.ok();
}

}  // namespace

std::optional<price_format> format_named(std::string_view word) noexcept {
  if (word == "litellm") return price_format::litellm;
  if (word == "models_dev") return price_format::models_dev;
  if (word == "genai_prices") return price_format::genai_prices;
  return std::nullopt;
}

bool is_local_vendor(std::string_view vendor) noexcept {
  return std::find(std::begin(local_vendors), std::end(local_vendors), vendor) != std::end(local_vendors);
}

std::string vendor_of(std::string_view name_in_file) {
  for (const vendor_name& one : vendor_names)
    if (one.theirs == name_in_file) return std::string(one.ours);
  // vertex_ai-language-models and its like are one vendor's.
  if (name_in_file.starts_with("vertex_ai-") || name_in_file.starts_with("fireworks_ai-"))
    return std::string(name_in_file.substr(0, name_in_file.find('-')));
  return std::string(name_in_file);
}

offer_maker::offer_maker(std::string_view entry, std::string vendor, std::string_view model) {
  made_.entry = entry;
  made_.vendor = std::move(vendor);
  made_.model_id = made_.vendor + "/" + std::string(model);
  if (made_.vendor.empty() || made_.vendor.size() > longest_vendor || model.empty())
    problem("no vendor or no model");
  if (made_.model_id.size() > longest_model_id) problem("the model's name is too long");
}

void offer_maker::problem(std::string what) {
  if (made_.problem.empty()) made_.problem = std::move(what);
}

bool offer_maker::has(std::string_view key) const noexcept {
  return std::any_of(rates_.begin(), rates_.end(), [=](const auto& one) { return one.first == key; });
}

money::decimal offer_maker::value_of(std::string_view key) const {
  for (const auto& [name, value] : rates_)
    if (name == key) return value;
  return {};
}

void offer_maker::rate(std::string key, const json::node& value, int places) {
  if (value.is_absent()) return;
  const auto number = money::decimal::from_text(number_in(value));
  if (!number) return problem(key + " is no number: " + json::excerpt(value, 40));
  if (number->is_negative()) return problem(key + " is negative");
  rates_.emplace_back(std::move(key), number->shifted(places));
}

void offer_maker::rate_once(std::string key, const json::node& value, int places) {
  if (!has(key)) rate(std::move(key), value, places);
}

void offer_maker::limits(const json::node& input, const json::node& output) {
  const auto tokens = [](const json::node& value) -> std::optional<std::int32_t> {
    const auto whole = json::to_int64(number_in(value));
    if (!whole || *whole <= 0 || *whole > INT32_MAX) return std::nullopt;
    return static_cast<std::int32_t>(*whole);
  };
  made_.max_input_tokens = tokens(input);
  made_.max_output_tokens = tokens(output);
}

void offer_maker::deprecated(const json::node& date) {
  if (!date.is_string()) return;
  const std::string_view text = date.text();
  constexpr std::string_view shape = "0000-00-00";
  const bool fits = text.size() == shape.size() &&
                    std::equal(text.begin(), text.end(), shape.begin(),
                               [](char c, char of) { return of == '0' ? c >= '0' && c <= '9' : c == of; });
  // A day that no calendar has would end the whole import.
  if (fits && is_day(text)) made_.deprecated_on = text;
}

void offer_maker::drop_placeholders() {
  std::erase_if(rates_, [&](const auto& one) {
    if (!one.second.is_zero()) return false;
    const meter* of = find_meter(std::string_view(one.first).substr(0, one.first.find_first_of("@>")));
    if (of == nullptr || !of->by_thousand) return true;
    return !of->falls_to.empty() && !value_of(of->falls_to).is_zero();
  });
}

const offer& offer_maker::finish(bool chat) {
  drop_placeholders();
  json::tree tree;
  json::item* all = tree.object();
  bool priced = false, costs = false;
  for (const auto& [key, value] : rates_) {
    tree.put(all, key, tree.number(tree.keep(value.text())));
    priced |= !key.starts_with("x_");
    costs |= !key.starts_with("x_") && !value.is_zero();
  }
  const std::string lower = ascii_lower(made_.model_id);
  if (!priced)
    problem("no price");
  else if (chat && !costs && !is_local_vendor(made_.vendor) && lower.find("free") == std::string::npos)
    problem("costs nothing, and neither name nor provider says that it is free");
  try {
    made_.rates = rate_table::read(json::view(all));
  } catch (const error& refused) {
    if (refused.is_fault()) throw;
    problem(refused.detail());
  }
  return made_;
}

void read_offers(const json::node& file, price_format format, std::string_view today,
                 function_ref<void(const offer&)> take) {
  const bool list = format == price_format::genai_prices;
  if (list ? !file.is_array() : !file.is_object())
    throw error(sqlstate::request_invalid, "the price file has not the shape of its format",
                list ? "genai_prices is a list of providers" : "it is an object, of models or of providers",
                "choose another format: " + std::string(price_formats));
  switch (format) {
    case price_format::litellm:
      return read_litellm(file, take);
    case price_format::models_dev:
      return read_models_dev(file, take);
    case price_format::genai_prices:
      return read_genai_prices(file, today, take);
  }
}

std::vector<std::string> large_changes(const rate_table& before, const rate_table& now, std::int64_t factor) {
  std::vector<std::string> found;
  const money::decimal times(factor);
  for (const pricing::rate& each : now.all()) {
    const pricing::rate* old = before.find(each.key);
    if (old == nullptr || find_meter(each.meter) == nullptr) continue;
    if (each.value > old->value * times || old->value > each.value * times)
      found.push_back(each.key + " " + old->value.text() + " -> " + each.value.text());
  }
  return found;
}

rate_differences differences(const rate_table& before, const rate_table& now) {
  rate_differences made;
  const auto add = [](std::string& to, const pricing::rate& one) {
    to += (to.empty() ? "" : ", ") + one.key + " " + one.value.text();
  };
  for (const pricing::rate& each : before.all()) {
    const pricing::rate* other = now.find(each.key);
    if (other == nullptr || other->value != each.value) add(made.before, each);
  }
  for (const pricing::rate& each : now.all()) {
    const pricing::rate* other = before.find(each.key);
    if (other == nullptr || other->value != each.value) add(made.now, each);
  }
  return made;
}

}  // namespace llm_admin::pricing
