// What a caller's own word for a failure means: a kind of core/mapping/response/error_kind.hpp, the code or the message
// of a client library's error.
//
// Known are the codes of Node.js ("ECONNREFUSED") and of its undici, and what curl, Go and Python write for the same.
// Case does not count; of what is not known the kind is `unknown`. "Connection timed out" is said of a connection that
// stood as well, so it does not say that nothing was sent. Throws std::bad_alloc only.
#pragma once

#include <string_view>

#include "core/mapping/response/error_kind.hpp"

namespace llm_admin::calls {

struct caller_error {
  mapping::error_kind kind = mapping::error_kind::unknown;
  bool timed_out = false;
  bool cancelled = false;      // by the caller's own side
  bool surely_unsent = false;  // no connection came about
};
caller_error read_caller_error(std::string_view text);

}  // namespace llm_admin::calls
