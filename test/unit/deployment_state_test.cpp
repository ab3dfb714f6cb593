#include "core/deployment_state.hpp"

#include <gtest/gtest.h>

#include <string>

namespace llm_admin {
namespace {

TEST(DeploymentState, EveryMoveIsAllowedExactlyWhereTheListSaysSo) {
  constexpr std::string_view states[] = {"loading", "running", "stopped", "error"};
  for (const std::string_view from : states)
    for (const std::string_view to : states) {
      const std::string listed = ", " + std::string(states_after(from)) + ",";
      EXPECT_EQ(may_move(from, to),
                from == to || listed.find(", " + std::string(to) + ",") != std::string::npos)
          << from << " to " << to;
    }
  EXPECT_FALSE(may_move("running", "loading"));
  EXPECT_FALSE(may_move("error", "running"));
  EXPECT_EQ(states_after("paused"), "");
}

}  // namespace
}  // namespace llm_admin
