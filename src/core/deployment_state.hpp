// The states of a deployment and the moves between them.
//
//   loading -> running | error | stopped     running -> stopped | error     stopped, error -> loading
#pragma once

#include <string_view>

namespace llm_admin {

// A state to itself is no move and allowed.
bool may_move(std::string_view from, std::string_view to) noexcept;
// The states that may follow, as a list for DETAIL; empty for a word that is no state.
std::string_view states_after(std::string_view state) noexcept;

}  // namespace llm_admin
