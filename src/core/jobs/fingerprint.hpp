// The fingerprint of a submission, to tell the same request from another one under its idempotency key; and of a step's
// input.
//
// Workflow, input, webhook URL and priority count, nothing else. Inputs that are equal as JSON are the same: members in
// any order, numbers by their value (core/calls/fingerprint.hpp, whose memory is flat and which polls the bound). 32
// hexadecimal digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json/view.hpp"
#include "core/memory_bound.hpp"

namespace llm_admin::jobs {

struct fingerprinted {
  std::string_view workflow_name;
  json::node input;
  std::optional<std::string_view> webhook_url;
  std::int32_t priority = 0;
};
std::string fingerprint_of(const fingerprinted& request, memory_bound& bound);
// Absent is one input of its own.
std::string input_hash(const json::node& input, memory_bound& bound);

// LA006: `job` has the key already, with another request. The key is not told.
error other_request(std::string_view job);

}  // namespace llm_admin::jobs
