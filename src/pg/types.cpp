#include "pg/types.hpp"

#include "core/error.hpp"

namespace llm_admin::pg {

void (*detail::find_damage)() = nullptr;
void (*detail::explain_column)(Oid, std::string_view, Oid) = nullptr;

void refuse_type(const std::string& message) {
  if (detail::find_damage != nullptr) detail::find_damage();
  throw llm_admin::error(sqlstate::internal_error, message);
}

bool detail::domain_fits(Oid type, Oid expected) {
  const Oid base = call([=] { return getBaseType(type); });
  return base != type && (base == expected || (is_text_type(base) && is_text_type(expected)));
}

std::string type_name(Oid type) {
  const char* name = call([=] { return format_type_extended(type, -1, FORMAT_TYPE_ALLOW_INVALID); });
  return name;
}

}  // namespace llm_admin::pg
