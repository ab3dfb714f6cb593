#include "core/call_tags.hpp"

#include <algorithm>
#include <string>

#include "core/given_name.hpp"

namespace llm_admin {

namespace {

bool is_tag_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

bool is_tag_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= longest_tag_name &&
         std::all_of(name.begin(), name.end(), is_tag_name_character);
}

std::optional<std::string> tag_problem(std::string_view name, const json::node& value) {
  if (!is_tag_name(name)) return "must have a name of up to 64 letters, digits and . _ - characters";
  if (!value.is_string()) return "must be a text";
  return name_problem(value.text(), longest_tag_value);
}

void by_name(std::vector<call_tag>& tags) {
  std::sort(tags.begin(), tags.end(), [](const call_tag& a, const call_tag& b) { return a.name < b.name; });
}

}  // namespace

std::vector<call_tag> read_tags(checked_options& options, std::string_view option) {
  std::vector<call_tag> tags;
  const json::node given = options.object(option);
  if (given.is_absent()) return tags;
  if (given.size > most_tags) {
    options.problem("option " + std::string(option) + " must have at most 32 tags");
    return tags;
  }
  for (std::uint32_t n = 0; n < given.size; ++n) {
    std::string_view name;
    const json::node value = given.member_at(n, name);
    if (const auto wrong = tag_problem(name, value))
      options.problem("option " + std::string(option) + ": tag " + named_or_length(name) + ' ' + *wrong);
    else
      tags.push_back({name, value.text()});
  }
  by_name(tags);
  return tags;
}

std::vector<call_tag> tags_of(const json::node& stored) {
  std::vector<call_tag> tags;
  for (std::uint32_t n = 0; stored.is_object() && n < stored.size && tags.size() < most_tags; ++n) {
    std::string_view name;
    const json::node value = stored.member_at(n, name);
    if (!tag_problem(name, value)) tags.push_back({name, value.text()});
  }
  by_name(tags);
  return tags;
}

}  // namespace llm_admin
