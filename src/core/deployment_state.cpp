#include "core/deployment_state.hpp"

namespace llm_admin {

namespace {

struct move {
  std::string_view from, to;
};
constexpr move moves[] = {{"loading", "running"}, {"loading", "error"}, {"loading", "stopped"},
                          {"running", "stopped"}, {"running", "error"}, {"stopped", "loading"},
                          {"error", "loading"}};

}  // namespace

bool may_move(std::string_view from, std::string_view to) noexcept {
  if (from == to) return true;
  for (const move& one : moves)
    if (one.from == from && one.to == to) return true;
  return false;
}

std::string_view states_after(std::string_view state) noexcept {
  if (state == "loading") return "running, error, stopped";
  if (state == "running") return "stopped, error";
  return state == "stopped" || state == "error" ? "loading" : "";
}

}  // namespace llm_admin
