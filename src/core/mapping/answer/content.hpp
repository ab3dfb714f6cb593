// What a body is, told by its own first characters: vendors, gateways and proxies send what they like.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace llm_admin::mapping {

enum class body_content {
  empty,   // nothing but white space
  json,    // begins as a JSON value does: a document, documents line by line, or an array of events
  events,  // server-sent events
  page,    // HTML or XML
  text     // anything else
};

// `body` without a byte order mark. `fields`: names of SSE fields that a config reads besides the usual ones.
body_content content_of(std::string_view body, const std::set<std::string, std::less<>>& fields) noexcept;

// The text of a page for a message: without tags, scripts and styles, its white space as single blanks; of a
// text that is no page the beginning. Looks at a bounded part.
std::string shown_text(std::string_view body, body_content what);

}  // namespace llm_admin::mapping
