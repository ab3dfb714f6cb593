// Where a webhook may be sent: judgement of its URL when it is registered, of an address when a sender connects, and
// the networks that a sender without this library must not connect to.
//
// A URL is http or https, of at most longest_url characters of the plain grammar of core/http/url.hpp, with a query if
// need be and without holes: no credentials, no fragment, a host that all clients read the same way. Whatever is
// spelled in another way is refused, and what lax clients would make of it (core/http/host_reading.hpp) tells the
// kind. No name is resolved: one that is public here may still lead to a denied address, so a sender judges again.
// Throws std::bad_alloc only, but read_allow_list().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/ip.hpp"
#include "core/http/url.hpp"
#include "core/webhooks/networks.hpp"

namespace llm_admin::webhooks {

inline constexpr std::size_t longest_url = 2048;  // characters, which are bytes

// What may be reached although it is denied: a comma list of host names, addresses (IPv6 in brackets where a port
// follows), each with a port or for all of them, and networks ("localhost:8080, 10.1.0.0/16, [fd00::5]:80").
// Case-blind, blanks ignored. A listed name may lead to any address but one of metadata; such a one must be listed
// itself, a network that holds it is not enough.
struct allow_entry {
  std::string name;  // empty for a network
  ip_network network;
  std::optional<std::uint16_t> port;
};
using allow_list = std::vector<allow_entry>;
inline constexpr std::size_t most_allowed = 1000;  // entries
// Throws error{invalid_parameter} that says what is wrong with which entry, counted from 1.
allow_list read_allow_list(std::string_view text);

struct judgement {
  address_kind kind = address_kind::malformed;
  bool allowed = false;  // public, or listed
  parsed_url url;        // holds when `problems` is empty
  // Of a URL that is spelled in another way: sentences without full stop, none of which quotes it.
  std::vector<std::string> problems;
};
judgement judge_url(std::string_view url, const allow_list& allowed);
// Throws error{invalid_parameter} where the URL is not allowed: says what is wrong, and never what the URL is. `what`
// is the field it stands in, `hint` says who may allow a denied one.
void require_url(std::string_view url, const allow_list& allowed, std::string_view what,
                 std::string_view hint);

// Of an address, 4 or 16 bytes, that the host of `url` (a parsed one without problems) has led to; false for other
// numbers of bytes.
bool may_connect(std::span<const std::uint8_t> address, const parsed_url& url,
                 const allow_list& allowed) noexcept;

// The same for others, as networks in text ("10.0.0.0/8", "64:ff9b::a00:0/104"): an address is denied if it lies in
// any of them. All IPv4-mapped addresses are, for who compares addresses as they are written.
std::vector<std::string> deny_networks(const parsed_url& url, const allow_list& allowed);

}  // namespace llm_admin::webhooks
