// The complete HTTP request: what the mapping made, put together with what stands in the provider's row.
//
// The host is filled by nothing: whoever may write a mapping, or call it, would choose where the key goes.
// Holes of the path are percent-encoded, each as one segment that is no dot segment. Of several headers of
// one name, compared without case, the row's own goes before the mapping's, and the one that carries the key
// before both; a header of the mapping's by that name is left out without the key, too, so that the key only
// adds. The key never is in a std::string.
#pragma once

#include <string>
#include <string_view>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/request/request.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::http {

// Where and how a provider is called. Views.
struct endpoint {
  std::string_view provider;  // its name, for errors
  std::string_view base_url;
  std::string_view path_template;
  std::string_view method;
  std::string_view auth_scheme;
  std::string_view auth_header_template;  // of query_param: the parameter's name; "" = the scheme's own
  json::node headers;                     // additional_headers, an object or absent
};

struct request {
  std::string method;
  std::string url;        // without the key
  secret_bytes url_tail;  // '?key=...' or '&key=...' behind it, for auth_scheme query_param; else empty
  json::item* headers = nullptr;  // an object in `out`; borrows from the endpoint and from header_value
  secret_bytes header_value;      // of the header that carries the key
  json::item* body = nullptr;     // null: none

  secret_bytes whole_url() const;
};

// Without the key. LA002 for a URL with a hole that nothing fills or fills with a dot segment; 54000 past
// `limits`.
request build(const endpoint& to, const mapping::built_request& built, const mapping::limits& limits,
              json::tree& out);

// Puts the key where the endpoint says; nothing for auth_scheme none. LA002 when a rule sets the parameter
// that carries it or the key cannot stand in a header, LA001 when the header's template is none.
void add_key(request& made, const endpoint& to, const mapping::built_request& built, const secret_bytes& key,
             json::tree& out);

}  // namespace llm_admin::http
