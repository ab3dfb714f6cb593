#include "core/mapping/compile/kind_told.hpp"

#include "core/mapping/compile/place_store.hpp"

namespace llm_admin::mapping {

std::uint32_t kind_told(const condition& what, bool holds) {
  constexpr std::uint32_t no_array = place_store::no_array, no_object = place_store::no_object,
                          scalar = place_store::scalar;
  const bool array = what.type == value_type::array, object = what.type == value_type::object;
  if (what.conversion != nothing) {  // of a text, or of what is decoded already
    if (!holds || what.what != predicate::type) return 0;
    return object ? no_array : array ? no_object : 0;
  }
  switch (what.what) {
    case predicate::type:
      if (!holds) return array ? no_array : object ? no_object : 0;
      return array ? no_object : object ? no_array : what.type == value_type::any ? 0 : scalar;
    case predicate::exists:
      return what.truth != holds ? scalar : 0;
    case predicate::prefix:
    case predicate::blank:
      return holds && what.truth ? scalar : 0;
    case predicate::equal:
      return holds && what.literal != nullptr && json::view(what.literal).is_scalar() ? scalar : 0;
    default:
      return 0;
  }
}

}  // namespace llm_admin::mapping
