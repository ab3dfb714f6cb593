#include "core/call_options.hpp"

#include <algorithm>
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

}  // namespace llm_admin
