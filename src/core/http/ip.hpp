// Addresses of the Internet Protocol and networks of them.
//
// An address is 16 bytes in the order of the network. One of IPv4 is kept as IPv6 maps it, ::ffff:a.b.c.d (RFC 4291
// section 2.5.5.2), so that the two spellings of one address are one value. A network of IPv4 has the 96 bits of that
// prefix, too; no network of IPv6 holds addresses of IPv4. Throws std::bad_alloc only.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llm_admin {

struct ip_address {
  std::array<std::uint8_t, 16> bytes{};

  bool is_v4() const noexcept;
  std::uint32_t v4() const noexcept { return quad(12); }
  // Four of the bytes as one number, the first of them the highest.
  std::uint32_t quad(std::size_t at) const noexcept;

  friend auto operator<=>(const ip_address&, const ip_address&) = default;
};

ip_address ip_of_v4(std::uint32_t address) noexcept;
std::optional<ip_address> ip_of_bytes(std::span<const std::uint8_t> bytes) noexcept;  // 4 or 16 of them
// A dotted quad in plain decimal, or IPv6 (RFC 4291 section 2.2) without brackets and zone; nothing else.
std::optional<ip_address> read_ip(std::string_view text);
// What clients that ask inet_aton() take for an address of IPv4, too: 127.1, 0x7f000001, 017700000001.
std::optional<ip_address> read_ip_leniently(std::string_view text);
std::string ip_text(const ip_address& address);  // the shortest form, in lower case

struct ip_network {
  ip_address first;         // the bits behind `bits` are zero
  std::uint8_t bits = 128;  // from 96 on for IPv4

  bool contains(const ip_address& address) const noexcept;
  bool contains(const ip_network& other) const noexcept {
    return other.bits >= bits && contains(other.first);
  }
  friend auto operator<=>(const ip_network&, const ip_network&) = default;
};

// "10.0.0.0/8", "fd00::/8", or a lone address, which is its own network; nothing where bits behind the prefix are set.
std::optional<ip_network> read_network(std::string_view text);
std::string network_text(
    const ip_network& network);  // with the length of its prefix, also for a lone address
// What is left of `network` without `hole`: at most one network for each bit between the two.
std::vector<ip_network> network_without(const ip_network& network, const ip_network& hole);

}  // namespace llm_admin
