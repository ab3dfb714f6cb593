#include "core/mapping/coerce.hpp"

#include <array>

#include "core/json/decimal.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 7> type_names = {"",        "string", "integer", "number",
                                                        "boolean", "array",  "object"};

bool plain_digits(std::string_view text) noexcept {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

json::item* to_string(const json::node& value, json::tree& out) {
  if (value.is_string()) return out.borrow(value);
  if (value.is_number()) return out.string(out.keep(value.number_text()));
  if (value.is_boolean()) return out.string(value.truth() ? "true" : "false");
  return nullptr;
}

json::item* to_integer(const json::node& value, json::tree& out) {
  if (value.is_string()) {
    const std::string_view text = value.text();
    // The number borrows the text: "007" and "-0" are no canonical integers and not taken.
    const bool canonical = plain_digits(text) && json::is_integral(text) && text != "-0";
    return canonical ? out.number(text) : nullptr;
  }
  if (!value.is_number()) return nullptr;
  const std::string text = value.number_text();
  if (plain_digits(text)) return out.borrow(value);
  const auto whole = json::integer_text(text);
  return whole ? out.number(out.keep(*whole)) : nullptr;
}

json::item* to_number(const json::node& value, json::tree& out) {
  if (value.is_number()) return out.borrow(value);
  // Comparable with itself: a JSON number within the bounds of core/json/decimal.hpp.
  if (!value.is_string() || value.text().size() > 1000 || !json::equal_decimal(value.text(), value.text()))
    return nullptr;
  return out.number(value.text());
}

json::item* to_array(const json::node& value, json::tree& out) {
  if (value.is_array()) return out.borrow(value);
  if (!value.is_scalar()) return nullptr;
  json::item* made = out.array();
  out.push(made, out.borrow(value));
  return made;
}

}  // namespace

std::string_view type_name(value_type type) noexcept { return type_names[static_cast<std::size_t>(type)]; }

bool find_type(std::string_view name, value_type& type) noexcept {
  for (std::size_t n = 1; n < type_names.size(); ++n) {
    if (type_names[n] != name) continue;
    type = static_cast<value_type>(n);
    return true;
  }
  return false;
}

std::string_view kind_name(const json::node& value) noexcept {
  static constexpr std::array<std::string_view, 7> kinds = {"absent", "null",  "boolean", "number",
                                                            "string", "array", "object"};
  return kinds[static_cast<std::size_t>(value.type)];
}

json::item* coerce(const json::node& value, value_type type, json::tree& out) {
  switch (type) {
    case value_type::any:
      return out.borrow(value);
    case value_type::string:
      return to_string(value, out);
    case value_type::integer:
      return to_integer(value, out);
    case value_type::number:
      return to_number(value, out);
    case value_type::boolean:
      return value.is_boolean() ? out.borrow(value) : nullptr;
    case value_type::array:
      return to_array(value, out);
    case value_type::object:
      return value.is_object() ? out.borrow(value) : nullptr;
  }
  return nullptr;
}

}  // namespace llm_admin::mapping
