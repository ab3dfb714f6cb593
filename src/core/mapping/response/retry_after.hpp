// How long a vendor asks to wait before the next try, wherever it says so.
//
// In this order: the headers retry-after-ms and retry-after (seconds or an HTTP date), Google's RetryInfo in
// error.details, with HTTP 429 the x-ratelimit-reset-* and anthropic-ratelimit-*-reset of the limits that are
// used up ("1s", "6m0s", seconds, a point in time), at last the message ("try again in 7.66s"). The headers
// may also stand in error.metadata.headers (OpenRouter). Points in time count from the header Date, else from
// `now`; without either they say nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json/view.hpp"

namespace llm_admin::mapping {

struct retry_hints {
  json::node headers;                  // object: name -> value; may be absent
  json::node error;                    // the vendor's own error object; may be absent
  std::string_view message;            // the error's
  bool limited = false;                // HTTP 429 or an error of this kind: reset times and the message count
  bool headers_only = false;           // only retry-after counts: what else there is speaks of shorter limits
  std::optional<std::int64_t> now_ms;  // since 1970-01-01T00:00:00Z
};

inline constexpr std::int64_t longest_wait_ms = std::int64_t{366} * 24 * 60 * 60 * 1000;

// From 0 to longest_wait_ms, rounded up; nothing when nothing is said. What makes no sense, or is longer, is not said.
std::optional<std::int64_t> retry_after_ms(const retry_hints& from);

// "1s", "6m0s", "1h2m3.5s", "120ms", also with blanks between; nothing for other texts. Rounded up.
std::optional<std::int64_t> duration_ms(std::string_view text) noexcept;

// The value of a header as text, its name compared without case; of several the first. Absent when there is
// none.
json::node header_value(const json::node& headers, std::string_view name) noexcept;

}  // namespace llm_admin::mapping
