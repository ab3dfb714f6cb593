// Which addresses and names of hosts are no public ones, and what kind they are of.
//
// From IANA's registries of special-purpose addresses (RFC 6890 and those that update it) and of special-use names
// (RFC 6761, 6762, 8375), from what the clouds write of their metadata services, and for addresses of IPv4 inside
// IPv6 from RFC 4291, 6052 and 3056. Those of NAT64's well-known prefix and of 6to4 are judged by what is inside,
// IPv4-mapped ones are IPv4 (core/http/ip.hpp). IPv4-compatible and IPv4-translated ones lead to nowhere: what is
// inside tells their kind where that is denied, and they are reserved otherwise. Nothing is thrown.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/http/ip.hpp"

namespace llm_admin::webhooks {

enum class address_kind : std::uint8_t {
  global,  // anybody may have something sent there
  unspecified,
  loopback,
  link_local,
  private_use,
  carrier_nat,
  metadata,  // of a cloud, where credentials are handed out
  documentation,
  benchmarking,
  multicast,
  broadcast,
  reserved,
  local_name,  // a name that only the sender's own network knows
  malformed,   // no URL of a webhook at all
};
std::string_view kind_name(address_kind kind) noexcept;  // "link-local"

address_kind kind_of(const ip_address& address) noexcept;
// Of a name in small letters, without a dot at its end, that is no address. Names are not resolved: one whose kind is
// global may lead anywhere.
address_kind kind_of_name(std::string_view name) noexcept;

struct denied_network {
  ip_network network;
  address_kind kind;
};
// What kind_of() denies, as networks. An address may lie in several; the first of them has its kind, but for the two
// kinds of addresses that lead to nowhere.
std::span<const denied_network> denied_networks() noexcept;

}  // namespace llm_admin::webhooks
