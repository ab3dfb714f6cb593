#include "core/checked_options.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/decimal.hpp"
#include "core/similar.hpp"

namespace llm_admin {

namespace {

bool is_control_character(char c) noexcept { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }

std::string joined(std::span<const std::string_view> words) {
  std::string all;
  for (const std::string_view one : words) (all += all.empty() ? "" : ", ") += one;
  return all;
}

}  // namespace

std::optional<std::string> name_problem(std::string_view text, std::size_t most) {
  if (text.empty()) return "must not be empty";
  if (text.size() > most) return "must have at most " + std::to_string(most) + " bytes";
  if (std::any_of(text.begin(), text.end(), is_control_character)) return "must not hold control characters";
  return std::nullopt;
}

checked_options::checked_options(const json::node& given, std::span<const std::string_view> known)
    : given_(given) {
  if (given.is_absent()) return;
  if (!given.is_object()) {
    given_ = {};
    problem("argument options must be a JSON object");
    return;
  }
  for (std::uint32_t n = 0; n < given.size && problems_.size() <= most_problems; ++n) {
    std::string_view name;
    (void)given.member_at(n, name);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    problem("unknown option " + named_or_length(name, known));
    if (known_.empty()) known_ = joined(known);
    if (nearest_.empty())
      if (const auto near = nearest(name, known, 1); !near.empty()) nearest_ = near.front();
  }
}

json::node checked_options::any(std::string_view name, bool is_right(const json::node&),
                                std::string_view wanted) {
  const json::node value = given_.member(name);
  if (value.is_absent()) return {};
  if (is_right(value)) return value;
  problem("option " + std::string(name) + " must be " + std::string(wanted));
  return {};
}

std::optional<std::string_view> checked_options::whole_text(std::string_view name) {
  const json::node value = any(
      name, [](const json::node& v) { return v.is_string(); }, "a text");
  if (value.is_absent()) return std::nullopt;
  return value.text();
}

std::optional<std::string_view> checked_options::text(std::string_view name, empty may_be, std::size_t most) {
  const auto value = whole_text(name);
  if (!value || (value->empty() && may_be == empty::not_given)) return std::nullopt;
  const auto wrong = name_problem(*value, most);
  if (!wrong) return value;
  problem("option " + std::string(name) + ' ' + *wrong);
  return std::nullopt;
}

std::optional<std::string_view> checked_options::word(std::string_view name,
                                                      std::span<const std::string_view> words) {
  const auto value = whole_text(name);
  if (!value || std::find(words.begin(), words.end(), *value) != words.end()) return value;
  problem("option " + std::string(name) + " must be one of " + joined(words));
  return std::nullopt;
}

std::optional<bool> checked_options::boolean(std::string_view name) {
  const json::node value = any(
      name, [](const json::node& v) { return v.is_boolean(); }, "true or false");
  if (value.is_absent()) return std::nullopt;
  return value.truth();
}

std::optional<std::int64_t> checked_options::integer(std::string_view name, std::int64_t least,
                                                     std::int64_t most) {
  const json::node value = given_.member(name);
  if (value.is_absent()) return std::nullopt;
  const auto number = value.is_number() ? json::to_int64(value.number_text()) : std::nullopt;
  if (number && *number >= least && *number <= most) return number;
  problem("option " + std::string(name) + " must be a whole number from " + std::to_string(least) + " to " +
          std::to_string(most));
  return std::nullopt;
}

std::optional<uuid_bytes> checked_options::id(std::string_view name) {
  const json::node value = given_.member(name);
  if (value.is_absent()) return std::nullopt;
  const auto read = value.is_string() ? read_uuid(value.text()) : std::nullopt;
  if (!read) problem("option " + std::string(name) + " must be a uuid");
  return read;
}

json::node checked_options::object(std::string_view name) {
  return any(
      name, [](const json::node& v) { return v.is_object(); }, "a JSON object");
}

std::vector<std::string_view> checked_options::texts(std::string_view name, std::size_t most,
                                                     std::size_t longest) {
  const json::node value = any(
      name, [](const json::node& v) { return v.is_array(); }, "an array of texts");
  std::vector<std::string_view> found;
  if (value.is_absent()) return found;
  const std::string shown = "option " + std::string(name);
  if (value.size > most) {
    problem(shown + " must have at most " + std::to_string(most) + " texts");
    return found;
  }
  for (std::uint32_t n = 0; n < value.size; ++n) {
    const json::node one = value.element(n);
    const auto wrong =
        one.is_string() ? name_problem(one.text(), longest) : std::optional<std::string>("must be a text");
    if (wrong)
      problem(shown + ": element " + std::to_string(n + 1) + ' ' + *wrong);
    else
      found.push_back(one.text());
  }
  return found;
}

void checked_options::problem(std::string what) {
  if (problems_.size() < most_problems)
    problems_.push_back(std::move(what));
  else if (problems_.size() == most_problems)
    problems_.emplace_back("there may be more problems; the first 100 are listed");
}

void checked_options::require(std::string_view hint) const {
  if (problems_.empty()) return;
  std::string detail;
  for (std::size_t n = 1; n < problems_.size(); ++n) (detail += detail.empty() ? "" : "\n") += problems_[n];
  if (!known_.empty()) (detail += detail.empty() ? "" : "\n") += "known options: " + known_;
  std::string mend = nearest_.empty() ? "" : "did you mean " + nearest_ + "?";
  if (!hint.empty()) (mend += mend.empty() ? "" : " ") += hint;
  throw error(sqlstate::invalid_parameter, problems_.front(), detail, mend);
}

}  // namespace llm_admin
