// What came of a call, read from what the caller has of it. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "calls/answer.hpp"
#include "core/calls/next_step.hpp"
#include "core/calls/options.hpp"
#include "core/json/tree.hpp"
#include "core/usage/call.hpp"
#include "store/open_call.hpp"

namespace llm_admin::calls_room {

// Nothing in an answer raises: a call that was paid for is recorded, whatever came back. What could not be read is told
// by a warning, and its tokens are estimated.
struct reading {
  json::tree out;
  json::item* result = nullptr;  // as read_answer() gives it; null where nothing was given
  calls::attempt_outcome outcome;
  usage::call used;           // its tokens, quantities, cost, model, service tier and error; views into this
  std::string error_message;  // without the keys that it may quote; empty: none
  own_warnings warnings;

  reading(const store::open_call& call, std::optional<std::string_view> body,
          const calls::finish_options& options);
  reading(const reading&) = delete;
  reading& operator=(const reading&) = delete;

 private:
  void read_body(const store::open_call& call, std::string_view body, const calls::finish_options& options);
  void read_error(const store::open_call& call, const calls::finish_options& options);
  void read_usage(const store::open_call& call, const calls::finish_options& options);
};

}  // namespace llm_admin::calls_room
