#include "core/calls/caller_error.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/text.hpp"

namespace llm_admin::calls {

namespace {

using mapping::error_kind;

struct client_word {
  std::string_view text;  // within the message, in small letters
  caller_error means;
};

constexpr caller_error unsent{error_kind::network_cut, false, false, true};
constexpr caller_error cut{error_kind::network_cut, false, false, false};
constexpr caller_error late{error_kind::timeout, true, false, false};
constexpr caller_error late_unsent{error_kind::timeout, true, false, true};
constexpr caller_error called_off{error_kind::unknown, false, true, false};

// The first that is met counts, so the exact ones go before the broad ones.
constexpr auto client_words = std::to_array<client_word>({
    {"econnrefused", unsent},
    {"enotfound", unsent},
    {"eai_again", unsent},
    {"ehostunreach", unsent},
    {"enetunreach", unsent},
    {"und_err_connect_timeout", late_unsent},
    {"connecttimeout", late_unsent},
    {"connect timeout", late_unsent},
    {"connection refused", unsent},
    {"could not resolve host", unsent},
    {"no such host", unsent},
    {"name or service not known", unsent},
    {"no route to host", unsent},
    {"network is unreachable", unsent},
    {"self-signed certificate", unsent},
    {"certificate verify failed", unsent},
    {"certificate has expired", unsent},
    {"econnreset", cut},
    {"epipe", cut},
    {"und_err_socket", cut},
    {"socket hang up", cut},
    {"connection reset", cut},
    {"broken pipe", cut},
    {"unexpected eof", cut},
    {"empty reply from server", cut},
    {"remote end closed", cut},
    {"incomplete read", cut},
    {"incompleteread", cut},
    {"aborterror", called_off},
    {"context canceled", called_off},
    {"cancellederror", called_off},
    {"etimedout", late},
    {"esockettimedout", late},
    {"und_err_headers_timeout", late},
    {"und_err_body_timeout", late},
    {"deadline exceeded", late},
    {"timed out", late},
    {"timeout", late},
});

}  // namespace

caller_error read_caller_error(std::string_view text) {
  if (const auto kind = mapping::find_kind(text)) return {*kind, *kind == error_kind::timeout, false, false};
  constexpr std::size_t looked_at = 1024;  // bytes: a stack trace says nothing new
  const std::string lower = ascii_lower(text.substr(0, looked_at));
  const auto found = std::find_if(client_words.begin(), client_words.end(), [&](const client_word& word) {
    return lower.find(word.text) != std::string::npos;
  });
  return found == client_words.end() ? caller_error{} : found->means;
}

}  // namespace llm_admin::calls
