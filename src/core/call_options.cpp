#include "core/call_options.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/similar.hpp"

namespace llm_admin {

namespace {

[[noreturn]] void wrong_type(std::string_view name, const char* wanted) {
  throw error(sqlstate::invalid_parameter, "option " + std::string(name) + " must be " + wanted);
}

}  // namespace

call_options::call_options(const json::node& given, std::span<const std::string_view> known) : given_(given) {
  if (given.is_absent()) return;
  if (!given.is_object()) throw error(sqlstate::invalid_parameter, "argument options must be a JSON object");
  for (std::uint32_t n = 0; n < given.size; ++n) {
    std::string_view name;
    (void)given.member_at(n, name);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string all;
    for (const std::string_view one : known) (all += all.empty() ? "" : ", ") += one;
    const std::vector<std::string> near = nearest(name, known, 1);
    throw error(sqlstate::invalid_parameter, "unknown option " + named_or_length(name, known),
                all.empty() ? "this call has no options" : "known options: " + all,
                near.empty() ? "" : "did you mean " + near.front() + "?");
  }
}

bool call_options::boolean(std::string_view name) const {
  const json::node value = given_.member(name);
  if (value.is_absent()) return false;
  if (!value.is_boolean()) wrong_type(name, "true or false");
  return value.truth();
}

std::optional<std::string_view> call_options::text(std::string_view name) const {
  const json::node value = given_.member(name);
  if (value.is_absent()) return std::nullopt;
  if (!value.is_string()) wrong_type(name, "a text");
  return value.text();
}

std::optional<std::int64_t> call_options::integer(std::string_view name) const {
  const json::node value = given_.member(name);
  if (value.is_absent()) return std::nullopt;
  const std::string text = value.is_number() ? value.number_text() : std::string();
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || wrong != std::errc() || end != text.data() + text.size())
    wrong_type(name, "a whole number");
  return number;
}

std::vector<std::string_view> call_options::texts(std::string_view name) const {
  const json::node value = given_.member(name);
  std::vector<std::string_view> found;
  if (value.is_absent()) return found;
  if (!value.is_array()) wrong_type(name, "an array of texts");
  for (std::uint32_t n = 0; n < value.size; ++n) {
    const json::node one = value.element(n);
    if (!one.is_string()) wrong_type(name, "an array of texts");
    found.push_back(one.text());
  }
  return found;
}

json::node call_options::object(std::string_view name) const {
  const json::node value = given_.member(name);
  if (value.is_absent()) return {};
  if (!value.is_object()) wrong_type(name, "a JSON object");
  return value;
}

}  // namespace llm_admin
