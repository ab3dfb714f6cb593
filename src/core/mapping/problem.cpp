#include "core/mapping/problem.hpp"

#include <algorithm>

#include "core/given_name.hpp"

namespace llm_admin::mapping {

namespace {

template <typename list_type, typename line_type>
std::string listed(const list_type& list, line_type line, bool open_ended = false) {
  std::string out;
  const std::size_t shown = std::min(list.size(), max_listed);
  for (std::size_t n = 0; n < shown; ++n) {
    if (n > 0) out += '\n';
    line(out, list[n]);
  }
  const std::size_t others = list.size() - (open_ended ? 1 : 0);
  if (others > shown)
    out += (open_ended ? "\nand more than " : "\nand ") + std::to_string(others - shown) + " more";
  return out;
}

}  // namespace

const char* severity_name(severity level) noexcept { return level == severity::error ? "error" : "warning"; }

std::string resolving(std::string pointer, std::size_t most) {
  if (pointer.size() <= most) return pointer;
  const std::size_t end = pointer.rfind('/', most);
  pointer.resize(end == std::string::npos ? 0 : end);
  pointer.shrink_to_fit();
  return pointer;
}

std::string render(std::span<const problem> problems) {
  const bool open_ended = !problems.empty() && problems.back().code == too_many_problems;
  const auto line = [](std::string& out, const problem& one) {
    if (one.level == severity::warning) out += "warning: ";
    out += one.config;
    out += ' ';
    out += one.pointer.empty() ? "(whole)" : one.pointer;
    (out += ": ") += one.message;
    if (!one.hint.empty()) ((out += " (") += one.hint) += ')';
  };
  return listed(problems, line, open_ended);
}

std::string render(std::span<const finding> findings) {
  return listed(findings, [](std::string& out, const finding& one) {
    const std::string input = nameable(one.input);
    const std::string rule = nameable(one.rule);
    out += one.message;
    if (input.empty() && rule.empty()) return;
    out += " (";
    if (!input.empty()) (out += "input ") += input;
    if (!input.empty() && !rule.empty()) out += ", ";
    if (!rule.empty()) (out += "rule ") += rule;
    out += ')';
  });
}

bool has_errors(std::span<const problem> problems) noexcept {
  return std::any_of(problems.begin(), problems.end(),
                     [](const problem& one) { return one.level == severity::error; });
}

}  // namespace llm_admin::mapping
