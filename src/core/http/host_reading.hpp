// What a lax client may take a host for that parse_url() (core/http/url.hpp) refuses: for telling what stands behind
// a spelling, never for accepting one.
//
// Read as browsers (the URL standard's host parser), resolvers (inet_aton) and careless normalisers do, all at once:
// brackets and zones of IPv6 are cut, percent-encoding is decoded up to three times, labels in punycode (RFC 3492)
// are decoded, characters that compatibility normalisation makes ASCII become it (full-width, circled, superscript,
// subscript and mathematical ones; the other full stops), invisible ones and dots at the end are dropped, letters
// become small. What is no UTF-8 stays as it is. Throws std::bad_alloc only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/http/ip.hpp"

namespace llm_admin {

struct host_reading {
  std::string name;
  std::optional<ip_address> address;  // where the name reads as one
};

host_reading read_host_leniently(std::string_view written);

// The code points of a label behind its "xn--" as UTF-8; nothing where it is no punycode.
std::optional<std::string> punycode_decoded(std::string_view label);

}  // namespace llm_admin
