// Each way to write an address that somebody has got past a filter with, and what it leads to.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "core/http/host_reading.hpp"
#include "core/webhooks/address.hpp"
#include "generate/random.hpp"

namespace llm_admin::webhooks {
namespace {

using kind = address_kind;
using test::random_source;

struct spelling {
  std::string_view host;
  kind leads_to;
};

std::string url_of(std::string_view host) { return "http://" + std::string(host) + "/hook"; }

// Refused whatever they lead to; the kind says what a lax client would have reached.
constexpr spelling odd[] = {
    {"2130706433", kind::loopback},
    {"2130706433:80", kind::loopback},
    {"017700000001", kind::loopback},
    {"0x7f000001", kind::loopback},
    {"0X7F000001", kind::loopback},
    {"0x7f.1", kind::loopback},
    {"0x7f.0x0.0x0.0x1", kind::loopback},
    {"0177.0.0.1", kind::loopback},
    {"00000177.1", kind::loopback},
    {"127.1", kind::loopback},
    {"127.0.1", kind::loopback},
    {"127.65535", kind::loopback},
    {"127.0.0.1.", kind::loopback},
    {"127.0.0.1..", kind::loopback},
    {"localhost.", kind::loopback},
    {"LOCALHOST.:80", kind::loopback},
    {"127%2e0%2e0%2e1", kind::loopback},
    {"%31%32%37.0.0.1", kind::loopback},
    {"%6cocalhost", kind::loopback},
    {"%256cocalhost", kind::loopback},
    {"\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1", kind::loopback},  // full-width 127
    {"127\xE3\x80\x82"
     "0\xEF\xBC\x8E"
     "0\xEF\xBD\xA1"
     "1",
     kind::loopback},                                                // other full stops
    {"\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1", kind::loopback},  // circled 127
    {"\xE2\x93\x9B\xE2\x93\x9E\xE2\x93\x92\xE2\x93\x90\xE2\x93\x9B\xE2\x93\x97\xE2\x93\x9E\xE2\x93\xA2\xE2"
     "\x93\xA3",
     kind::loopback},                                                        // circled localhost
    {"\xF0\x9D\x9F\x8F\xF0\x9D\x9F\x90\xF0\x9D\x9F\x95.1", kind::loopback},  // bold 127
    {"\xF0\x9D\x90\xA5ocalhost", kind::loopback},                            // bold l
    {"loc\xC2\xAD"
     "alhost",
     kind::loopback},                           // soft hyphen
    {"local\xE2\x80\x8Bhost", kind::loopback},  // no width
    {"%EF%BC%91%EF%BC%92%EF%BC%97.1", kind::loopback},
    {"xn--localhost-", kind::loopback},
    {"xn--27-6u3n.0.0.1", kind::loopback},  // full-width 1 before 27
    {"[::1%25lo]", kind::loopback},
    {"[::1%lo]", kind::loopback},
    {"[0:0:0:0:0:ffff:127.0.0.1%25eth0]", kind::loopback},
    {"[fe80::1%25eth0]", kind::link_local},
    {"[fe80::1%25de]", kind::link_local},
    {"[%3a%3a1]", kind::loopback},
    {"0", kind::unspecified},
    {"0x0", kind::unspecified},
    {"0.0", kind::unspecified},
    {"2852039166", kind::metadata},
    {"0xA9FEA9FE", kind::metadata},
    {"0xa9.0xfe.0xa9.0xfe", kind::metadata},
    {"0251.0376.0251.0376", kind::metadata},
    {"169.254.43518", kind::metadata},
    {"169.16689662", kind::metadata},
    {"metadata.google.internal.", kind::metadata},
    {"metadata\xE3\x80\x82google\xE3\x80\x82internal", kind::metadata},
    {"167772161", kind::private_use},
    {"012.0.0.1", kind::private_use},
    {"10.1", kind::private_use},
    {"192.168.257", kind::private_use},
    {"0xc0a80001", kind::private_use},
    {"0x64400001", kind::carrier_nat},
    {"4294967295", kind::broadcast},
    {"0xe0000001", kind::multicast},
    {"134744072", kind::malformed},  // public, and refused all the same
    {"0x08080808", kind::malformed},
    {"8.8.2056", kind::malformed},
    {"example.com.", kind::malformed},
    {"b\xC3\xBC"
     "cher.example",
     kind::malformed},
    {"1.2.3.4.5", kind::malformed},
    {"256.0.0.1", kind::malformed},
    {"4294967296", kind::malformed},
    {"1.2.3.08", kind::malformed},
    {"0x", kind::malformed},
    {"-a.example", kind::malformed},
    {"a..b", kind::malformed},
    {"[::1", kind::malformed},
    {"::1", kind::malformed},
    {"[127.0.0.1]", kind::loopback},
    {"[::ffff:127.0.0.1.]", kind::loopback},
    {"[1::2::3]", kind::malformed},
    {"{host}.example.com", kind::malformed},
};

TEST(WebhookSpellings, OddSpellingsAreRefused) {
  const allow_list all = read_allow_list("0.0.0.0/0, ::/0, localhost, example.com, metadata.google.internal");
  for (const spelling& one : odd) {
    const judgement found = judge_url(url_of(one.host), all);
    EXPECT_FALSE(found.allowed) << one.host;
    EXPECT_FALSE(found.problems.empty()) << one.host;
    EXPECT_EQ(kind_name(found.kind), kind_name(one.leads_to)) << one.host;
  }
}

TEST(WebhookSpellings, PunycodeForPlainCharactersHidesAHost) {
  // Full-width "localhost" in punycode: a name that DNS takes as it is, and that others make into localhost.
  const std::string label = "xn--mi7cdqncpe6aj";
  const auto decoded = punycode_decoded(std::string_view(label).substr(4));
  ASSERT_TRUE(decoded);
  for (const std::string& host : {label, label + ".localhost"}) {
    const judgement found = judge_url(url_of(host), {});
    EXPECT_FALSE(found.allowed) << host;
    EXPECT_EQ(kind_name(found.kind), "loopback") << host << ' ' << *decoded;
  }
}

TEST(WebhookSpellings, Punycode) {
  EXPECT_EQ(punycode_decoded("bcher-kva"),
            "b\xC3\xBC"
            "cher");
  EXPECT_EQ(punycode_decoded("fiqs8s"), "\xE4\xB8\xAD\xE5\x9B\xBD");
  EXPECT_EQ(punycode_decoded("MajiKoi5-783gue6qz075azm5e"),
            "Maji\xE3\x81\xA7Koi\xE3\x81\x99\xE3\x82\x8B"
            "5\xE7\xA7\x92\xE5\x89\x8D");  // RFC 3492 section 7.1 (P)
  EXPECT_EQ(punycode_decoded("ls8h"), "\xF0\x9F\x92\xA9");
  EXPECT_EQ(punycode_decoded("localhost-"), "localhost");
  for (const std::string_view bad : {"", "99999999999999", "b\xC3\xBC", "a-b"})
    EXPECT_EQ(punycode_decoded(bad), std::nullopt) << bad;
}

std::string number_text(std::uint32_t value, random_source& from) {
  const char* const forms[] = {"%u", "0%o", "00%o", "0x%x", "0X%X", "0x%08x"};
  char text[32];
  std::snprintf(text, sizeof text, from.pick(forms), value);
  return text;
}

// The address in one to four parts, each in a base of its own, as inet_aton() reads them.
std::string in_parts(std::uint32_t address, random_source& from) {
  std::string out;
  const std::uint32_t parts = 1 + from.below(4);
  for (std::uint32_t n = 0; n + 1 < parts; ++n)
    out += number_text(address >> (24 - 8 * n) & 0xFF, from) + '.';
  const std::uint32_t bits = 32 - 8 * (parts - 1);
  return out + number_text(bits == 32 ? address : address & ((1U << bits) - 1), from);
}

// Some characters as others that are taken for them.
std::string disguised(std::string_view host, random_source& from) {
  std::string out;
  for (const char c : host) {
    char escape[8];
    switch (from.below(6)) {
      case 0:
        std::snprintf(escape, sizeof escape, "%%%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += escape;
        break;
      case 1:  // full-width
        out += "\xEF\xBC";
        out += static_cast<char>(c - 0x20 + 0x80);
        if (c >= 0x60) out[out.size() - 2] = '\xBD', out.back() = static_cast<char>(c - 0x60 + 0x80);
        break;
      case 2:
        out += "\xC2\xAD";
        out += c;
        break;
      default:
        out += c;
    }
  }
  return out + std::string(from.below(3), '.');
}

TEST(WebhookSpellings, OfAnyAddressInAnyForm) {
  random_source from(8006);
  constexpr std::uint32_t some[] = {0x7F000001, 0x0A000001, 0xA9FEA9FE, 0xC0A80101,
                                    0xAC100001, 0x64400001, 0};
  std::size_t refused = 0;
  for (int n = 0; n < 50'000; ++n) {
    const std::uint32_t value = from.chance(50) ? from.pick(some) : static_cast<std::uint32_t>(from.next());
    const ip_address address = ip_of_v4(value);
    const kind is = kind_of(address);
    std::string host = from.chance(20) ? ip_text(address) : in_parts(value, from);
    if (from.chance(50)) host = disguised(host, from);
    const judgement found = judge_url(url_of(host), {});
    if (host == ip_text(address)) {
      ASSERT_EQ(found.kind, is) << host;
      ASSERT_EQ(found.allowed, is == kind::global) << host;
      continue;
    }
    ++refused;
    ASSERT_FALSE(found.allowed) << host;
    ASSERT_EQ(kind_name(found.kind), kind_name(is == kind::global ? kind::malformed : is))
        << host << ' ' << ip_text(address);
  }
  EXPECT_GT(refused, 30'000U);
}

TEST(WebhookSpellings, OfIpv4InsideIpv6) {
  random_source from(8007);
  constexpr std::array<std::string_view, 4> before = {"::ffff:", "64:ff9b::", "::", "::ffff:0:"};
  for (int n = 0; n < 20'000; ++n) {
    const auto value = static_cast<std::uint32_t>(from.next());
    const kind is = kind_of(ip_of_v4(value));
    char groups[16];
    std::snprintf(groups, sizeof groups, "%x:%x", value >> 16, value & 0xFFFF);
    const std::size_t which = from.below(before.size() + 1);
    const std::string host = which == before.size() ? "2002:" + std::string(groups) + "::1"
                             : from.chance(50)      ? std::string(before[which]) + groups
                                                    : std::string(before[which]) + ip_text(ip_of_v4(value));
    const judgement found = judge_url(url_of('[' + host + ']'), {});
    const bool leads_on = which < 2 || which == before.size();
    ASSERT_EQ(found.allowed, leads_on && is == kind::global) << host;
    if (value <= 1) continue;  // :: and ::1 are addresses of their own
    ASSERT_EQ(found.kind, is == kind::global && !leads_on ? kind::reserved : is) << host;
  }
}

}  // namespace
}  // namespace llm_admin::webhooks
