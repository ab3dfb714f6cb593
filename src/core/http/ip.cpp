#include "core/http/ip.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace llm_admin {

namespace {

constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t longest_ip = 45;  // INET6_ADDRSTRLEN without its end

bool bit_of(const ip_address& address, std::size_t bit) noexcept {
  return (address.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

// The address with its bits from `bits` on cleared.
ip_address prefix_of(ip_address address, std::size_t bits) noexcept {
  for (std::size_t n = 0; n < address.bytes.size(); ++n) {
    const std::size_t kept = bits > 8 * n ? std::min<std::size_t>(bits - 8 * n, 8) : 0;
    address.bytes[n] = static_cast<std::uint8_t>(address.bytes[n] & (0xFF00U >> kept));
  }
  return address;
}

}  // namespace

bool ip_address::is_v4() const noexcept { return std::equal(mapped.begin(), mapped.end(), bytes.begin()); }

std::uint32_t ip_address::quad(std::size_t at) const noexcept {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

ip_address ip_of_v4(std::uint32_t address) noexcept {
  ip_address made;
  std::copy(mapped.begin(), mapped.end(), made.bytes.begin());
  for (std::size_t n = 0; n < 4; ++n)
    made.bytes[12 + n] = static_cast<std::uint8_t>(address >> (24 - 8 * n) & 0xFF);
  return made;
}

std::optional<ip_address> ip_of_bytes(std::span<const std::uint8_t> bytes) noexcept {
  ip_address made;
  if (bytes.size() == 4) std::copy(mapped.begin(), mapped.end(), made.bytes.begin());
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), made.bytes.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  return made;
}

std::optional<ip_address> read_ip(std::string_view text) {
  if (text.size() > longest_ip || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string ended(text);
  ip_address made;
  in_addr v4{};
  if (inet_pton(AF_INET, ended.c_str(), &v4) == 1) return ip_of_v4(ntohl(v4.s_addr));
  if (inet_pton(AF_INET6, ended.c_str(), made.bytes.data()) == 1) return made;
  return std::nullopt;
}

std::optional<ip_address> read_ip_leniently(std::string_view text) {
  if (const auto plain = read_ip(text)) return plain;
  // inet_aton() lets anything stand behind a blank.
  constexpr std::string_view digits = "0123456789abcdefxABCDEFX.";
  if (text.empty() || text.find_first_not_of(digits) != std::string_view::npos) return std::nullopt;
  in_addr v4{};
  if (inet_aton(std::string(text).c_str(), &v4) == 0) return std::nullopt;
  return ip_of_v4(ntohl(v4.s_addr));
}

std::string ip_text(const ip_address& address) {
  char text[INET6_ADDRSTRLEN];
  const in_addr v4{htonl(address.v4())};
  const bool is_v4 = address.is_v4();
  const void* bytes = is_v4 ? static_cast<const void*>(&v4) : address.bytes.data();
  return inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text, sizeof text) == nullptr ? "" : text;
}

bool ip_network::contains(const ip_address& address) const noexcept {
  return (bits >= 96 || !address.is_v4()) && prefix_of(address, bits) == first;
}

std::optional<ip_network> read_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = read_ip(text.substr(0, slash));
  if (!first) return std::nullopt;
  const unsigned most = first->is_v4() && text.find(':') == std::string_view::npos ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (code != std::errc() || stop != digits.data() + digits.size() || bits > most) return std::nullopt;
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  }
  const ip_network made{*first, static_cast<std::uint8_t>(128 - most + bits)};
  if (prefix_of(made.first, made.bits) != made.first) return std::nullopt;
  return made;
}

std::string network_text(const ip_network& network) {
  const bool is_v4 = network.bits >= 96 && network.first.is_v4();
  // Of a shorter prefix the first address may look like one of IPv4, and be none.
  return ip_text(network.first) + '/' + std::to_string(is_v4 ? network.bits - 96 : network.bits);
}

std::vector<ip_network> network_without(const ip_network& network, const ip_network& hole) {
  if (hole.contains(network)) return {};
  if (!network.contains(hole)) return {network};
  std::vector<ip_network> left;
  for (std::size_t bits = network.bits; bits < hole.bits; ++bits) {
    ip_address other = prefix_of(hole.first, bits + 1);  // and its last bit the other way
    const std::uint8_t flipped = static_cast<std::uint8_t>(0x80U >> bits % 8);
    other.bytes[bits / 8] = static_cast<std::uint8_t>(
        bit_of(hole.first, bits) ? other.bytes[bits / 8] & ~flipped : other.bytes[bits / 8] | flipped);
    left.push_back({other, static_cast<std::uint8_t>(bits + 1)});
  }
  return left;
}

}  // namespace llm_admin
