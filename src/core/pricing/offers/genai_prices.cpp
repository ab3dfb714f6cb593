// genai-prices: a list of providers with their models. A price is a number or a base with tiers by the input; of
// several prices of a model the last one counts whose start date has come. Prices by the time of day have no
// place in ours: the one without a condition is taken.
#include "core/json/decimal.hpp"
#include "core/pricing/offers/maker.hpp"

namespace llm_admin::pricing {

namespace {

struct genai_field {
  std::string_view name, meter;
};
constexpr genai_field million_fields[] = {{"input_mtok", "input"},
                                          {"output_mtok", "output"},
                                          {"cache_read_mtok", "cached_input"},
                                          {"cache_write_mtok", "cache_write"},
                                          {"cache_write_5m_mtok", "cache_write"},
                                          {"cache_write_1h_mtok", "cache_write_1h"},
                                          {"output_reasoning_mtok", "reasoning"},
                                          {"input_audio_mtok", "input_audio"},
                                          {"output_audio_mtok", "output_audio"},
                                          {"cache_audio_read_mtok", "cached_audio"},
                                          {"input_image_mtok", "input_image"},
                                          {"output_image_mtok", "output_image"},
                                          {"input_video_mtok", "input_video"},
                                          {"output_video_mtok", "output_video"}};
constexpr genai_field thousand_fields[] = {{"requests_kcount", "request"},
                                           {"web_searches_kcount", "web_search"}};
constexpr int per_thousand = -3;  // to a piece

void price(std::string_view meter, const json::node& value, offer_maker& made) {
  if (!value.is_object()) return made.rate_once(std::string(meter), value, per_million);
  made.rate_once(std::string(meter), value.member("base"), per_million);
  const json::node tiers = value.member("tiers");
  for (std::uint32_t n = 0; tiers.is_array() && n < tiers.size; ++n) {
    const json::node start = tiers.element(n).member("start");
    const auto above = start.is_number() ? json::to_int64(start.number_text()) : std::nullopt;
    if (!above || *above <= 0) return made.problem(std::string(meter) + " has a tier without a whole start");
    made.rate_once(std::string(meter) + ">" + std::to_string(*above), tiers.element(n).member("price"),
                   per_million);
  }
}

json::node prices_of_today(const json::node& given, std::string_view today) {
  if (!given.is_array()) return given;
  json::node chosen;
  for (std::uint32_t n = 0; n < given.size; ++n) {
    const json::node one = given.element(n), constraint = one.member("constraint");
    const json::node start = constraint.member("start_date");
    if (constraint.is_absent() || (start.is_string() && start.text() <= today)) chosen = one.member("prices");
  }
  return chosen ? chosen : given.element(0).member("prices");
}

}  // namespace

void read_genai_prices(const json::node& file, std::string_view today,
                       function_ref<void(const offer&)> take) {
  for (std::uint32_t n = 0; n < file.size; ++n) {
    const json::node provider = file.element(n), models = provider.member("models");
    const json::node id = provider.member("id");
    const std::string vendor = vendor_of(id.is_string() ? id.text() : std::string_view{});
    for (std::uint32_t m = 0; models.is_array() && m < models.size; ++m) {
      const json::node row = models.element(m), name = row.member("id");
      const std::string_view model = name.is_string() ? name.text() : std::string_view{};
      offer_maker made(model, vendor, model);
      const json::node prices = prices_of_today(row.member("prices"), today);
      for (const genai_field& one : million_fields) price(one.meter, prices.member(one.name), made);
      for (const genai_field& one : thousand_fields)
        made.rate(std::string(one.meter), prices.member(one.name), per_thousand);
      made.limits(row.member("context_window"), {});
      take(made.finish(true));
    }
  }
}

}  // namespace llm_admin::pricing
