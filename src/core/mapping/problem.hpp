// What is wrong with a mapping config, one problem at a time, and findings of one evaluation; both as DETAIL
// text.
//
// `pointer` is an RFC 6901 pointer into the config ("" = the whole config) and always resolves: what is
// missing is reported at the object it is missing from, and what lies in a member that is not named in
// messages (core/given_name.hpp) at the object that holds this member. `code` is a stable word clients may
// match. Messages hold at most short excerpts of the config, never whole values.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace llm_admin::mapping {

enum class severity { error, warning };
const char* severity_name(severity level) noexcept;  // "error", "warning"

struct problem {
  const char* config = "";  // "request" or "response"
  std::string pointer;
  severity level = severity::error;
  std::string code;
  std::string message;
  std::string hint;
};

// What went wrong in one build or extraction: where in the input (params or response document), by which
// rule.
struct finding {
  std::string input;  // RFC 6901 pointer into the input; "" = the input as a whole
  std::string rule;   // RFC 6901 pointer into the config; "" = no one rule
  std::string message;
};

inline constexpr std::size_t max_listed = 50;
inline constexpr const char* reserved_header = "reserved_header";  // codes
inline constexpr const char* url_hole_missing = "url_hole_missing";
// Of one config; then a last one says that there may be more. One that keeps the config from compiling is
// always among them.
inline constexpr std::size_t max_problems = 100;
inline constexpr const char* too_many_problems = "too_many_problems";  // the code of that last one

inline constexpr std::size_t longest_pointer = 1000;  // bytes, of a finding's input: names may be megabytes

// The pointer, or that of the nearest value around it whose pointer is not longer than `most` bytes.
std::string resolving(std::string pointer, std::size_t most);

// One a line, the first max_listed, then "and N more". Lines of problems: `<config> <pointer>: <message>`,
// warnings marked; of findings: `<message> (input <pointer>, rule <pointer>)`, each pointer as far as it is
// named.
std::string render(std::span<const problem> problems);
std::string render(std::span<const finding> findings);
bool has_errors(std::span<const problem> problems) noexcept;

}  // namespace llm_admin::mapping
