// Counts what the samples reach of the language: cases, and each head, modifier, test and path form, both in
// programs that compiled and in rules that gave a value.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/mapping/program.hpp"

namespace llm_admin::test {

class reached {
 public:
  reached();  // every word of the language stands at 0

  void add(const std::string& what) { ++times_[what]; }
  // `gave`: whether this rule gave a value.
  void add(const mapping::rule_set& rules, const std::function<bool(const mapping::rule&)>& gave);
  void add(const mapping::stream_program& stream, bool used);

  const std::map<std::string, std::uint64_t>& times() const noexcept { return times_; }

 private:
  void word(std::string_view kind, std::string_view name, bool gave);
  void add(const mapping::rule_set& all, const mapping::rule& one, bool gave);
  void add(const mapping::path& one);

  std::map<std::string, std::uint64_t> times_;
};

}  // namespace llm_admin::test
