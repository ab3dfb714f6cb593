#include "core/script_name.hpp"

#include <charconv>

#include "core/error.hpp"

namespace llm_admin {

namespace {

// Takes the number before the next dot off `version`.
unsigned long next_component(std::string_view& version) noexcept {
  unsigned long number = 0;
  const char* end = version.data() + version.size();
  const auto [stop, code] = std::from_chars(version.data(), end, number);
  version.remove_prefix(static_cast<std::size_t>(stop - version.data()));
  if (!version.empty()) version.remove_prefix(1);
  return code == std::errc{} ? number : 0;
}

// Numbers of at most nine digits, joined by single dots.
bool is_version(std::string_view text) noexcept {
  std::size_t digits = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c != '.' || digits == 0)) return false;
    digits = digit ? digits + 1 : 0;
    if (digits > 9) return false;
  }
  return digits > 0;
}

}  // namespace

int compare_versions(std::string_view left, std::string_view right) noexcept {
  while (!left.empty() || !right.empty()) {
    const unsigned long a = next_component(left);
    const unsigned long b = next_component(right);
    if (a != b) return a < b ? -1 : 1;
  }
  return 0;
}

script_name parse_script_name(std::string_view name) {
  constexpr std::string_view prefix = "llm_admin--";
  constexpr std::string_view suffix = ".sql";
  if (name.starts_with(prefix) && name.ends_with(suffix) && name.size() > prefix.size() + suffix.size()) {
    const std::string_view versions = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    const std::size_t dashes = versions.find("--");
    if (dashes == std::string_view::npos && is_version(versions))
      return {std::string(versions), std::string(versions), "install"};
    if (dashes != std::string_view::npos) {
      const std::string_view from = versions.substr(0, dashes);
      const std::string_view to = versions.substr(dashes + 2);
      if (is_version(from) && is_version(to) && compare_versions(from, to) != 0) {
        const bool up = compare_versions(from, to) < 0;
        return {std::string(to), std::string(up ? to : from), up ? "up" : "down"};
      }
    }
  }
  throw error(sqlstate::invalid_parameter,
              "\"" + std::string(name) + "\" is not the name of a migration script", "",
              "llm_admin--A.sql or llm_admin--A--B.sql");
}

}  // namespace llm_admin
