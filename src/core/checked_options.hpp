// The argument `options` of a function, read member by member, with all that is wrong with it told at once; where
// one problem is enough, core/call_options.hpp is the simpler way.
//
// A null value counts as not given, and so does an empty text where it may mean nothing. What cannot be read is
// noted and given as absent: a function reads all it takes, adds problems of its own, and then calls require(),
// which throws one 22023. The first problem is its message, the others stand in DETAIL. No value is ever told, a
// name only where it has the form of one (core/given_name.hpp). Views last as long as the object's holder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"
#include "core/uuid.hpp"

namespace llm_admin {

class checked_options {
 public:
  static constexpr std::size_t longest_name = 1024;  // bytes; 255 characters of any kind fit
  static constexpr std::size_t most_problems = 100;
  enum class empty { refused, not_given };

  // An absent `given` is an object without members.
  checked_options(const json::node& given, std::span<const std::string_view> known);

  bool is_given(std::string_view name) const noexcept { return !given_.member(name).is_absent(); }
  // Without control characters, of at most `most` bytes.
  std::optional<std::string_view> text(std::string_view name, empty may_be = empty::not_given,
                                       std::size_t most = longest_name);
  std::optional<std::string_view> whole_text(std::string_view name);  // as it is, an empty one, too
  std::optional<std::string_view> word(std::string_view name, std::span<const std::string_view> words);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<uuid_bytes> id(std::string_view name);
  json::node object(std::string_view name);
  // An array of at most `most` texts, none of them empty or of more than `longest` bytes.
  std::vector<std::string_view> texts(std::string_view name, std::size_t most,
                                      std::size_t longest = longest_name);

  void problem(std::string what);  // "option tags must ..."
  bool has_problems() const noexcept { return !problems_.empty(); }
  // For who tells them in an error of its own.
  std::span<const std::string> problems() const noexcept { return problems_; }
  // Throws where there are problems; an unknown name's nearest one goes before `hint`.
  void require(std::string_view hint = {}) const;

 private:
  json::node any(std::string_view name, bool is_right(const json::node&), std::string_view wanted);

  json::node given_;
  std::vector<std::string> problems_;
  std::string known_, nearest_;  // of an unknown name
};

// Of a text that stands for something: what is wrong with it ("must not be empty"), or nothing.
std::optional<std::string> name_problem(std::string_view text, std::size_t most);

}  // namespace llm_admin
