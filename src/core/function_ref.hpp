// A reference to something callable, for visitors that are called before the function that takes them returns.
//
//   void each_row(function_ref<bool(const row&)> visit);
//   each_row([&](const row& one) { return seen.insert(one.id); });
//
// Two pointers: it owns nothing and allocates nothing, so what it refers to must outlive it. A parameter may
// refer to a lambda written in the call; a variable may not. What the callable throws passes.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace llm_admin {

template <class signature>
class function_ref;

template <class result, class... arguments>
class function_ref<result(arguments...)> {
 public:
  template <class callable>
  requires(!std::same_as<std::remove_cvref_t<callable>, function_ref> &&
           std::is_object_v<std::remove_reference_t<callable>> &&
           std::is_invocable_r_v<result, callable&, arguments...>) function_ref(callable&& to)
  noexcept  // NOLINT(google-explicit-constructor): as std::function
      : to_(const_cast<void*>(static_cast<const void*>(std::addressof(to)))),
        call_([](void* object, arguments... given) -> result {
          return (*static_cast<std::remove_reference_t<callable>*>(object))(
              std::forward<arguments>(given)...);
        }) {}

  result operator()(arguments... given) const { return call_(to_, std::forward<arguments>(given)...); }

 private:
  void* to_;
  result (*call_)(void*, arguments...);
};

}  // namespace llm_admin
