// The result's member `error`, of what the rule `error` gave, of the HTTP status, and of what the vendor wrote.
//
//   kind            one word of core/mapping/response/error_kind.hpp; a rule may give it
//   type, code, message   the vendor's; http_<n> where it gives no type with a status of 400 and more
//   retryable       whether the same request may succeed when it is sent again soon
//   retry_after_ms  how long the vendor asks to wait, or null
//   detail          the vendor's own error as it came, of at most max_detail_bytes as JSON text: of a longer
//                   one the texts are cut, or it is the beginning of its JSON text as a text
// With 1.2 a status of 500 and more is always retryable, then what the rule says counts, then the kind. Before,
// the rule, then HTTP (or numeric code) 408, 409, 425, 429, from 500 on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/response/key_filter.hpp"

namespace llm_admin::mapping {

inline constexpr std::size_t max_detail_bytes = 4096;

struct error_input {
  json::node found;  // what the rule gave: an object of the members above, a text, a number, true; or absent
  std::optional<int> http_status;
  json::node document;  // where it was found: the response, or an event of a stream; may be absent
  json::node headers;   // object: name -> value; may be absent
  std::optional<std::int64_t> now_ms;  // since 1970-01-01T00:00:00Z
  bool newer = false;                  // of a config of 1.2
  const key_filter* filter = nullptr;
};

// Null when there is no error.
json::item* error_of(const error_input& input, json::tree& out);

}  // namespace llm_admin::mapping
