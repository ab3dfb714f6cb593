#include "core/webhooks/networks.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace llm_admin::webhooks {

namespace {

using ak = address_kind;

constexpr ip_address address_of(const std::array<std::uint16_t, 8>& groups) noexcept {
  ip_address made;
  for (std::size_t n = 0; n < 8; ++n) {
    made.bytes[2 * n] = static_cast<std::uint8_t>(groups[n] >> 8);
    made.bytes[2 * n + 1] = static_cast<std::uint8_t>(groups[n] & 0xFF);
  }
  return made;
}
constexpr denied_network v6(const std::array<std::uint16_t, 8>& groups, unsigned bits, ak kind) noexcept {
  return {{address_of(groups), static_cast<std::uint8_t>(bits)}, kind};
}
constexpr denied_network v4(unsigned a, unsigned b, unsigned c, unsigned d, unsigned bits, ak kind) noexcept {
  return v6(
      {0, 0, 0, 0, 0, 0xFFFF, static_cast<std::uint16_t>(a << 8 | b), static_cast<std::uint16_t>(c << 8 | d)},
      96 + bits, kind);
}

// Single addresses stand before the networks that hold them.
constexpr auto of_v4 = std::to_array<denied_network>({
    v4(169, 254, 169, 254, 32, ak::metadata),  // most clouds
    v4(169, 254, 170, 2, 32, ak::metadata),    // AWS, tasks of containers
    v4(169, 254, 170, 23, 32, ak::metadata),   // AWS, identities of pods
    v4(169, 254, 42, 42, 32, ak::metadata),    // Scaleway
    v4(100, 100, 100, 200, 32, ak::metadata),  // Alibaba
    v4(192, 0, 0, 192, 32, ak::metadata),      // Oracle, of old
    v4(168, 63, 129, 16, 32, ak::metadata),    // Azure, of public space
    v4(255, 255, 255, 255, 32, ak::broadcast),
    v4(0, 0, 0, 0, 8, ak::unspecified),
    v4(10, 0, 0, 0, 8, ak::private_use),
    v4(100, 64, 0, 0, 10, ak::carrier_nat),
    v4(127, 0, 0, 0, 8, ak::loopback),
    v4(169, 254, 0, 0, 16, ak::link_local),
    v4(172, 16, 0, 0, 12, ak::private_use),
    v4(192, 0, 0, 0, 24, ak::reserved),  // protocols of the IETF
    v4(192, 0, 2, 0, 24, ak::documentation),
    v4(192, 88, 99, 0, 24, ak::reserved),  // relays of 6to4, given up by RFC 7526
    v4(192, 168, 0, 0, 16, ak::private_use),
    v4(198, 18, 0, 0, 15, ak::benchmarking),
    v4(198, 51, 100, 0, 24, ak::documentation),
    v4(203, 0, 113, 0, 24, ak::documentation),
    v4(224, 0, 0, 0, 4, ak::multicast),
    v4(240, 0, 0, 0, 4, ak::reserved),
});

// What is not assigned is denied, too, but for what is left of ::/8.
constexpr auto of_v6 = std::to_array<denied_network>({
    v6({0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x254}, 128, ak::metadata),       // AWS
    v6({0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x23}, 128, ak::metadata),        // AWS, identities of pods
    v6({0xFD20, 0xCE, 0, 0, 0, 0, 0, 0x254}, 128, ak::metadata),        // Google
    v6({0xFD00, 0xC1, 0, 0, 0, 0, 0xA9FE, 0xA9FE}, 128, ak::metadata),  // Oracle
    v6({0xFD00, 0x42, 0, 0, 0, 0, 0, 0x42}, 128, ak::metadata),         // Scaleway
    v6({0xFE80, 0, 0, 0, 0, 0, 0xA9FE, 0xA9FE}, 128, ak::metadata),     // OpenStack
    v6({0, 0, 0, 0, 0, 0, 0, 0}, 128, ak::unspecified),
    v6({0, 0, 0, 0, 0, 0, 0, 1}, 128, ak::loopback),
    v6({0, 0, 0, 0, 0, 0, 0, 0}, 96, ak::reserved),             // IPv4-compatible
    v6({0, 0, 0, 0, 0xFFFF, 0, 0, 0}, 96, ak::reserved),        // IPv4-translated, RFC 2765
    v6({0x64, 0xFF9B, 1, 0, 0, 0, 0, 0}, 48, ak::private_use),  // NAT64 of a site, RFC 8215
    v6({0x100, 0, 0, 0, 0, 0, 0, 0}, 8, ak::reserved),          // 100::/64, to be discarded, is in it
    v6({0x200, 0, 0, 0, 0, 0, 0, 0}, 7, ak::reserved),
    v6({0x400, 0, 0, 0, 0, 0, 0, 0}, 6, ak::reserved),
    v6({0x800, 0, 0, 0, 0, 0, 0, 0}, 5, ak::reserved),
    v6({0x1000, 0, 0, 0, 0, 0, 0, 0}, 4, ak::reserved),
    v6({0x2001, 2, 0, 0, 0, 0, 0, 0}, 48, ak::benchmarking),
    v6({0x2001, 0, 0, 0, 0, 0, 0, 0}, 23, ak::reserved),  // protocols of the IETF, Teredo among them
    v6({0x2001, 0xDB8, 0, 0, 0, 0, 0, 0}, 32, ak::documentation),
    v6({0x3FFF, 0, 0, 0, 0, 0, 0, 0}, 20, ak::documentation),
    v6({0x4000, 0, 0, 0, 0, 0, 0, 0}, 2, ak::reserved),  // 5f00::/16, of segment routing, is in it
    v6({0x8000, 0, 0, 0, 0, 0, 0, 0}, 2, ak::reserved),
    v6({0xC000, 0, 0, 0, 0, 0, 0, 0}, 3, ak::reserved),
    v6({0xE000, 0, 0, 0, 0, 0, 0, 0}, 4, ak::reserved),
    v6({0xF000, 0, 0, 0, 0, 0, 0, 0}, 5, ak::reserved),
    v6({0xF800, 0, 0, 0, 0, 0, 0, 0}, 6, ak::reserved),
    v6({0xFC00, 0, 0, 0, 0, 0, 0, 0}, 7, ak::private_use),
    v6({0xFE00, 0, 0, 0, 0, 0, 0, 0}, 9, ak::reserved),
    v6({0xFE80, 0, 0, 0, 0, 0, 0, 0}, 10, ak::link_local),
    v6({0xFEC0, 0, 0, 0, 0, 0, 0, 0}, 10, ak::private_use),  // of a site, RFC 3879
    v6({0xFF00, 0, 0, 0, 0, 0, 0, 0}, 8, ak::multicast),
});

constexpr ip_network nat64 = v6({0x64, 0xFF9B, 0, 0, 0, 0, 0, 0}, 96, ak::global).network;
constexpr ip_network six_to_four = v6({0x2002, 0, 0, 0, 0, 0, 0, 0}, 16, ak::global).network;

// A network of IPv4 behind a prefix of IPv6.
constexpr denied_network inside_of(const ip_network& prefix, const denied_network& row) noexcept {
  const unsigned bits = row.network.bits - 96U;  // narrowed first, g++ 12 calls it an overflow under -fwrapv
  denied_network made{{prefix.first, static_cast<std::uint8_t>(prefix.bits + bits)}, row.kind};
  for (std::size_t n = 0; n < 4; ++n)
    made.network.first.bytes[prefix.bits / 8U + n] = row.network.first.bytes[12 + n];
  return made;
}

constexpr auto all_rows = [] {
  std::array<denied_network, 3 * of_v4.size() + of_v6.size()> all{};
  auto next = std::copy(of_v4.begin(), of_v4.end(), all.begin());
  next = std::copy(of_v6.begin(), of_v6.end(), next);
  for (const ip_network& prefix : {nat64, six_to_four})
    for (const denied_network& row : of_v4) *next++ = inside_of(prefix, row);
  return all;
}();

address_kind first_kind(std::span<const denied_network> rows, const ip_address& address) noexcept {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const denied_network& row) { return row.network.contains(address); });
  return found == rows.end() ? ak::global : found->kind;
}

// Names that stand for an address without any resolver, or for a service of a cloud.
struct name_row {
  std::string_view name;  // the name, and with a dot in front all names that end so
  address_kind kind;
};
constexpr auto names = std::to_array<name_row>({
    {"localhost", ak::loopback},
    {".localhost", ak::loopback},
    {"localhost.localdomain", ak::loopback},
    {"localhost4.localdomain4", ak::loopback},
    {"localhost6.localdomain6", ak::loopback},
    {"localhost4", ak::loopback},
    {"localhost6", ak::loopback},
    {"ip6-localhost", ak::loopback},
    {"ip6-loopback", ak::loopback},
    {"metadata", ak::metadata},
    {"metadata.google.internal", ak::metadata},
    {"metadata.goog", ak::metadata},
    {"instance-data", ak::metadata},
    {"instance-data.ec2.internal", ak::metadata},
    {"metadata.azure.internal", ak::metadata},
    {"metadata.tencentyun.com", ak::metadata},
    {"rancher-metadata", ak::metadata},
    {".local", ak::local_name},
    {".localdomain", ak::local_name},
    {".internal", ak::local_name},
    {".home.arpa", ak::local_name},
    {".lan", ak::local_name},
    {".intranet", ak::local_name},
    {".corp", ak::local_name},
    {".home", ak::local_name},
    {".private", ak::local_name},
});

}  // namespace

std::string_view kind_name(address_kind kind) noexcept {
  constexpr std::array<std::string_view, 14> words = {
      "public",     "unspecified",   "loopback",     "link-local", "private",   "carrier-grade NAT",
      "metadata",   "documentation", "benchmarking", "multicast",  "broadcast", "reserved",
      "local name", "malformed"};
  static_assert(words.size() == static_cast<std::size_t>(ak::malformed) + 1);
  return words[static_cast<std::size_t>(kind)];
}

address_kind kind_of(const ip_address& address) noexcept {
  if (address.is_v4()) return first_kind(of_v4, address);
  const ak kind = first_kind(all_rows, address);
  const bool leads_nowhere = kind == ak::reserved && address.quad(0) == 0 && address.quad(4) == 0 &&
                             (address.quad(8) == 0 || address.quad(8) == 0xFFFF0000U);
  if (!leads_nowhere) return kind;
  const ak inside = first_kind(of_v4, ip_of_v4(address.v4()));
  return inside == ak::global ? kind : inside;
}

address_kind kind_of_name(std::string_view name) noexcept {
  for (const name_row& row : names)
    if (row.name.starts_with('.') ? name.ends_with(row.name) : name == row.name) return row.kind;
  // One label alone is looked for in the sender's own domain.
  return name.find('.') == std::string_view::npos ? ak::local_name : ak::global;
}

std::span<const denied_network> denied_networks() noexcept { return all_rows; }

}  // namespace llm_admin::webhooks
