#include "core/mapping/response/rule_reader.hpp"

#include <algorithm>
#include <utility>

#include "core/given_name.hpp"
#include "core/mapping/response/parts.hpp"

namespace llm_admin::mapping {

scope rule_reader::scope_of(const response_input& input, json::tree& out) {
  scope made;
  made.document = input.document;
  made.headers = input.headers;
  made.provider = input.provider_columns;
  if (input.http_status) made.status = json::view(out.integer(*input.http_status));
  return made;
}

const rule* rule_reader::find(std::string_view name) const noexcept {
  for (std::size_t n = 0; n < rules_.top; ++n) {
    if (rules_.rules[n].name == name) return &rules_.rules[n];
  }
  return nullptr;
}

std::string_view rule_reader::pointer_of(std::string_view name) const {
  const rule* of = find(name);
  return of == nullptr ? std::string_view() : of->pointer;
}

json::item* rule_reader::value_of(std::string_view name) {
  const rule* of = find(name);
  return of == nullptr ? nullptr : run_.run(*of);
}

json::item* rule_reader::typed(std::string_view name, value_type type) {
  json::item* value = value_of(name);
  if (value == nullptr || (newer_ && empty_text(json::view(value)))) return nullptr;
  json::item* made = coerce(json::view(value), type, out_);
  if (made == nullptr) {
    warn(name, std::string(name) + " must be " + std::string(type_name(type)) + ", not " +
                   std::string(kind_name(json::view(value))));
  }
  return made;
}

void rule_reader::warn(std::string_view rule_name, std::string message) {
  run_.warnings.push_back({"", std::string(pointer_of(rule_name)), std::move(message)});
}

}  // namespace llm_admin::mapping
