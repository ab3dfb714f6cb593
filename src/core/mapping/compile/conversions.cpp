// The modifiers `codec` and `strip_prefix`: what becomes of a value before it is joined or gathered.
#include <algorithm>
#include <array>

#include "core/json/decimal.hpp"
#include "core/mapping/compile/rules.hpp"
#include "core/mapping/compile/words.hpp"
#include "core/mapping/fit_id.hpp"

namespace llm_admin::mapping {

namespace {

// In the order of codec_kind; those of 1.1 first.
constexpr std::array<std::string_view, 8> codecs = {"json_decode",   "json_encode", "data_uri",
                                                    "mime_from_url", "fit_id",      "base64_decode",
                                                    "utf8_replace",  "trim_end"};
constexpr std::size_t newer_codecs = 4;

}  // namespace

std::uint32_t rule_compiler::add(conversion made) {
  std::uint64_t size = sizeof(conversion) + made.codecs.size() + made.id.digits.size();
  for (const std::string& prefix : made.prefixes) size += sizeof(prefix) + prefix.size();
  charge(2 * size);
  out_.conversions.push_back(std::move(made));
  return static_cast<std::uint32_t>(out_.conversions.size() - 1);
}

std::uint32_t rule_compiler::conversion_of(const written& text) {
  const json::node names = text.member("codec"), prefixes = text.member("strip_prefix");
  if (names.is_absent() && (!latest() || prefixes.is_absent())) return nothing;
  conversion made;
  if (!names.is_absent()) codecs_of(names, text.at("codec"), made);
  if (fits_id(made)) id_shape_of(text, made);
  if (latest() && !prefixes.is_absent()) prefixes_of(prefixes, text.at("strip_prefix"), made);
  return add(std::move(made));
}

void rule_compiler::codecs_of(const json::node& value, const std::string& pointer, conversion& into) {
  if (!latest() || !value.is_array()) return codec_of(value, pointer, into);
  if (value.size == 0 || value.size > max_codecs)
    return error(pointer, "bad_codecs", "a list of codecs names 1 to 4 of them, in their order");
  for (std::uint32_t n = 0; n < value.size; ++n)
    codec_of(value.element(n), json::child(pointer, std::size_t{n}), into);
  const auto ids = std::count(into.codecs.begin(), into.codecs.end(), codec_kind::fit_id);
  if (ids > 1) error(pointer, "bad_codecs", "a rule has one shape of ids: fit_id stands in the list once");
}

void rule_compiler::codec_of(const json::node& value, const std::string& pointer, conversion& into) {
  const auto known = std::span(codecs).first(latest() ? codecs.size() : newer_codecs);
  const auto found = value.is_string() ? std::find(known.begin(), known.end(), value.text()) : known.end();
  if (found != known.end()) {
    into.codecs.push_back(static_cast<codec_kind>(found - known.begin() + 1));
    return;
  }
  error(pointer, "unknown_codec", "codec must be one of " + listed(known),
        value.is_string() ? did_you_mean(value.text(), known) : std::string());
}

// `min` and `max` beside fit_id are lengths.
void rule_compiler::id_shape_of(const written& text, conversion& into) {
  const json::node chars = text.member("chars");
  std::string why = "must be a text";
  std::optional<id_shape> made;
  if (chars.is_absent())
    made = read_class(usual_characters, why);
  else if (chars.is_string())
    made = read_class(chars.text(), why);
  if (!made)
    return error(text.at("chars"), "bad_characters", "chars " + why, "write it like \"A-Za-z0-9_-\"");
  const auto length = [&](std::string_view name, std::uint32_t most, std::uint32_t& size) {
    const json::node value = text.member(name);
    if (value.is_absent()) return;
    const auto whole = value.is_number() ? json::to_int64(value.number_text()) : std::nullopt;
    if (whole && *whole >= 1 && *whole <= most) {
      size = static_cast<std::uint32_t>(*whole);
    } else {
      error(text.at(name), "bad_length",
            std::string(name) + " of an id must be a whole number from 1 to " + std::to_string(most));
    }
  };
  length("min", most_least, made->min);
  length("max", longest_id, made->max);
  if (made->min > made->max)
    error(text.at("max"), "bad_length",
          "an id of at least " + std::to_string(made->min) + " characters cannot have at most " +
              std::to_string(made->max));
  into.id = std::move(*made);
}

void rule_compiler::prefixes_of(const json::node& value, const std::string& pointer, conversion& into) {
  const auto one = [&](const json::node& prefix, const std::string& at) {
    if (!prefix.is_string() || prefix.size == 0)
      return error(at, "not_a_text", "strip_prefix takes a text that is not empty, or an array of such");
    into.prefixes.emplace_back(prefix.text());
  };
  if (!value.is_array()) return one(value, pointer);
  if (value.size == 0)
    return error(pointer, "not_a_text", "strip_prefix takes a text that is not empty, or an array of such");
  for (std::uint32_t n = 0; n < value.size; ++n) one(value.element(n), json::child(pointer, std::size_t{n}));
}

}  // namespace llm_admin::mapping
