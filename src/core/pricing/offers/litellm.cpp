// litellm's file. A field is <base>[_above_N[k]_tokens][_priority|_flex|_batches]; one tier of tiered_pricing is
// chosen by the input and applies to all tokens.
#include <array>
#include <charconv>

#include "core/json/decimal.hpp"
#include "core/pricing/offers/maker.hpp"

namespace llm_admin::pricing {

namespace {

struct litellm_field {
  std::string_view base, meter;
};
// Per token; priced by the thousand.
constexpr litellm_field token_fields[] = {{"input_cost_per_token", "input"},
                                          {"output_cost_per_token", "output"},
                                          {"cache_read_input_token_cost", "cached_input"},
                                          {"cache_creation_input_token_cost", "cache_write"},
                                          {"cache_creation_input_token_cost_above_1hr", "cache_write_1h"},
                                          {"output_cost_per_reasoning_token", "reasoning"},
                                          {"input_cost_per_audio_token", "input_audio"},
                                          {"output_cost_per_audio_token", "output_audio"},
                                          {"cache_read_input_audio_token_cost", "cached_audio"},
                                          {"input_cost_per_image_token", "input_image"},
                                          {"output_cost_per_image_token", "output_image"},
                                          {"output_cost_per_video_token", "output_video"}};
constexpr litellm_field piece_fields[] = {{"input_cost_per_image", "image_in"},
                                          {"output_cost_per_image", "image_out"},
                                          {"input_cost_per_pixel", "pixel_in"},
                                          {"output_cost_per_pixel", "pixel_out"},
                                          {"input_cost_per_character", "character_in"},
                                          {"output_cost_per_character", "character_out"},
                                          {"input_cost_per_second", "second_in"},
                                          {"output_cost_per_second", "second_out"},
                                          {"output_cost_per_video_per_second", "second_out"},
                                          {"input_cost_per_query", "query"},
                                          {"input_cost_per_request", "request"},
                                          {"ocr_cost_per_page", "page"},
                                          {"code_interpreter_cost_per_session", "session"}};
constexpr litellm_field tier_words[] = {{"_priority", "priority"}, {"_flex", "flex"}, {"_batches", "batch"}};

const litellm_field* field_of(std::span<const litellm_field> fields, std::string_view base) noexcept {
  for (const litellm_field& one : fields)
    if (one.base == base) return &one;
  return nullptr;
}

// A litellm_field's name, taken apart.
struct name_parts {
  std::string_view base, tier;
  std::int64_t above = 0;  // tokens; 0: any
};

name_parts take_apart(std::string_view name) noexcept {
  name_parts parts{name, {}, 0};
  for (const litellm_field& word : tier_words)
    if (parts.base.ends_with(word.base)) {
      parts.tier = word.meter;
      parts.base.remove_suffix(word.base.size());
      break;
    }
  constexpr std::string_view mark = "_above_", end = "_tokens";
  const std::size_t at = parts.base.rfind(mark);
  if (at == std::string_view::npos || !parts.base.ends_with(end) ||
      at + mark.size() + end.size() >= parts.base.size())
    return parts;
  std::string_view number = parts.base.substr(at + mark.size());
  number.remove_suffix(end.size());
  const bool thousands = number.ends_with('k');
  if (thousands) number.remove_suffix(1);
  constexpr std::int64_t most = 1'000'000'000;
  std::int64_t above = 0;
  const auto [stop, why] = std::from_chars(number.data(), number.data() + number.size(), above);
  if (why != std::errc() || stop != number.data() + number.size() || above <= 0 || above > most) return parts;
  parts.above = thousands ? above * 1000 : above;
  parts.base = parts.base.substr(0, at);
  return parts;
}

class litellm_reader {
 public:
  explicit litellm_reader(function_ref<void(const offer&)> take) : take_(take) {}

  // Of entries that begin with their provider's name, or of the others.
  void one(std::string_view entry, const json::node& row, bool with_provider) {
    if (!row.is_object() || entry == "sample_spec" || entry == "fallback_generalizations") return;
    const json::node provider = row.member("litellm_provider");
    const std::string_view theirs = provider.is_string() ? provider.text() : std::string_view{};
    const std::string vendor = vendor_of(theirs);
    const std::string_view model = model_in(entry, theirs, vendor);
    if ((model.size() < entry.size()) != with_provider) return;
    offer_maker made(entry, vendor, model);
    inclusive_ = vendor == "xai";
    std::string_view name;
    for (std::uint32_t n = 0; n < row.size; ++n) {
      const json::node value = row.member_at(n, name);
      if (name == "tiered_pricing")
        tiers(value, made);
      else if (name == "search_context_cost_per_query")
        searches(value, made);
      else if (name.find("cost") != std::string_view::npos)
        price(name, value, {}, made);
    }
    made.rate_once("cached_input", row.member("input_cost_per_token_cache_hit"), per_token);
    made.rate_once("second_in", row.member("input_cost_per_audio_per_second"), 0);
    made.limits(row.member("max_input_tokens"), row.member("max_output_tokens"));
    made.deprecated(row.member("deprecation_date"));
    const std::string_view mode = row.member("mode").is_string() ? row.member("mode").text() : "chat";
    take_(made.finish(mode == "chat" || mode == "completion" || mode == "responses"));
  }

 private:
  static constexpr int per_token = 3;  // to a thousand

  static std::string_view model_in(std::string_view entry, std::string_view theirs, std::string_view vendor) {
    for (const std::string_view front : {theirs, vendor, theirs.substr(0, theirs.find('-'))})
      if (!front.empty() && entry.size() > front.size() + 1 && entry.starts_with(front) &&
          entry[front.size()] == '/')
        return entry.substr(front.size() + 1);
    return entry;
  }

  std::string key(std::string_view meter, const name_parts& parts) const {
    std::string made(meter);
    if (!parts.tier.empty()) made.append("@").append(parts.tier);
    if (parts.above > 0) made.append(inclusive_ ? ">=" : ">").append(std::to_string(parts.above));
    return made;
  }

  void price(std::string_view name, const json::node& value, std::optional<std::int64_t> above,
             offer_maker& made) {
    if (!value.is_number() && !value.is_string()) return;
    name_parts parts = take_apart(name);
    if (above) parts.above = *above;
    if (const litellm_field* token = field_of(token_fields, parts.base))
      return made.rate(key(token->meter, parts), value, per_token);
    if (const litellm_field* piece = field_of(piece_fields, parts.base))
      return made.rate_once(key(piece->meter, parts), value, 0);
    if (name == "input_cost_per_token_cache_hit" || name == "input_cost_per_audio_per_second")
      return;  // by one()
    other(name, value, made);
  }

  // Kept under its own name, as long as the name is one.
  static void other(std::string_view name, const json::node& value, offer_maker& made) {
    const std::string kept = "x_" + std::string(name);
    if (!key_problem(kept)) made.rate(kept, value, 0);
  }

  static void searches(const json::node& by_size, offer_maker& made) {
    made.rate("web_search", by_size.member("search_context_size_medium"), 0);
    for (const char* size : {"low", "high"}) {
      const json::node value = by_size.member(std::string("search_context_size_") + size);
      const json::node medium = by_size.member("search_context_size_medium");
      if (medium.is_number() && value.is_number() &&
          json::equal_decimal(medium.number_text(), value.number_text()))
        continue;
      made.rate(std::string("x_web_search_") + size, value, 0);
    }
  }

  void tiers(const json::node& list, offer_maker& made) {
    for (std::uint32_t n = 0; list.is_array() && n < list.size; ++n) {
      const json::node tier = list.element(n);
      const json::node low = tier.member("range").element(0);
      const auto from = low.is_number() ? json::to_int64(low.number_text()) : std::nullopt;
      if (!from || *from < 0) return made.problem("tiered_pricing without whole bounds");
      std::string_view name;
      for (std::uint32_t m = 0; tier.is_object() && m < tier.size; ++m) {
        const json::node value = tier.member_at(m, name);
        if (name != "range" && name.find("cost") != std::string_view::npos) price(name, value, *from, made);
      }
    }
  }

  function_ref<void(const offer&)> take_;
  bool inclusive_ = false;
};

}  // namespace

void read_litellm(const json::node& file, function_ref<void(const offer&)> take) {
  litellm_reader read(take);
  std::string_view entry;
  // deepseek/deepseek-chat counts before a bare deepseek-chat of the same provider.
  for (const bool with_provider : {true, false})
    for (std::uint32_t n = 0; n < file.size; ++n) {
      const json::node row = file.member_at(n, entry);
      read.one(entry, row, with_provider);
    }
}

}  // namespace llm_admin::pricing
