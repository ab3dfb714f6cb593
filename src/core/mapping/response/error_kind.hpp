// What kind of failure a vendor's error is: one closed list for all vendors.
//
// A rule may name it. Else it is decided by the first of these that says something: what Google's quota details name; the vendor's own words
// that mean one thing (error code, type, status, reasons inside); its message; the HTTP status; a number of
// the body that is an HTTP status; words that mean little ("invalid_request_error"). A limit by the day counts
// as quota_exhausted whatever the vendor calls it. The words are matched without case and punctuation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"

namespace llm_admin::mapping {

enum class error_kind : std::uint8_t {
  unknown,
  rate_limit,        // too much in a short time; goes away by waiting
  quota_exhausted,   // credit, budget or the day's allowance is used up
  auth,              // the key is missing, wrong or expired
  permission,        // the key is good, but not for this
  not_found,         // no such model, deployment or path
  invalid_request,   // the request cannot be answered as it stands
  context_too_long,  // it is longer than the model or the vendor takes
  content_filter,    // refused for what it says
  overloaded,        // the vendor has no capacity just now
  timeout,
  server,             // the vendor failed
  network_cut,        // the answer ends where it should not
  not_json,           // what came is no answer of an API: an error page
  empty,              // nothing came
  stream_incomplete,  // the stream broke off
};

std::string_view kind_name(error_kind kind) noexcept;  // "rate_limit"
std::optional<error_kind> find_kind(std::string_view name) noexcept;

struct error_facts {
  std::vector<std::string> words;    // code, type and the like, the most exact ones first
  std::string message;               // of the vendor, and of the vendor behind it; its beginning is looked at
  std::optional<int> http_status;    // of 400 and more
  std::optional<std::int64_t> code;  // of the body, when it is a number
  json::node details;                // Google's error.details; may be absent
};

error_kind kind_of(const error_facts& facts);

// Whether the same request may succeed when it is sent again soon.
bool goes_away(error_kind kind) noexcept;

}  // namespace llm_admin::mapping
