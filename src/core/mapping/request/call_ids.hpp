// Ids of tool calls that several calls of a conversation have.
//
// Some vendors count their calls anew in each turn ("get_weather:0"), some give one id to two calls of one
// answer. Others refuse such a history, and rules that look for the call of a result would find the wrong one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/budget.hpp"

namespace llm_admin::mapping {

struct distinct_calls {
  json::item* messages = nullptr;     // null: as they were
  std::vector<std::string> pointers;  // of the ids changed in calls, below the array of messages
};

// The messages in which each call has an id of its own: the first call keeps it, a later one and its results
// get it with a number behind. A result belongs to the call before it, of several in one message to the first
// that has none yet. An id keeps its form where `dialect` sends the call as its vendor wrote it. What is not
// changed is borrowed. Linear, where ids are repeated in kept state times the calls of a message; spends of
// `left`.
distinct_calls make_calls_distinct(const json::node& messages, std::string_view dialect, json::tree& out,
                                   budget& left);

}  // namespace llm_admin::mapping
