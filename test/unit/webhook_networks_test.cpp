#include "core/webhooks/networks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/webhooks/address.hpp"
#include "generate/random.hpp"

namespace llm_admin::webhooks {
namespace {

using test::random_source;

std::string network(std::string_view text) {
  const auto read = read_network(text);
  return read ? network_text(*read) : "none";
}

TEST(Ip, ReadsPlainFormsOnly) {
  for (const std::string_view good :
       {"1.2.3.4", "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1", "2001:db8::a:b"})
    EXPECT_EQ(ip_text(read_ip(good).value()), good);
  EXPECT_EQ(ip_text(read_ip("0:0:0:0:0:0:0:1").value()), "::1");
  EXPECT_EQ(ip_text(read_ip("::FFFF:1.2.3.4").value()), "1.2.3.4");
  EXPECT_EQ(read_ip("::ffff:102:304"), read_ip("1.2.3.4"));
  for (const std::string_view bad : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "0x1.2.3.4", "[::1]",
                                     "::1%lo", "1::2::3", " 1.2.3.4", "1.2.3.4 ", "localhost"})
    EXPECT_EQ(read_ip(bad), std::nullopt) << bad;
  EXPECT_EQ(read_ip(std::string_view("1.2.3.4\0x", 9)), std::nullopt);
  EXPECT_EQ(read_ip_leniently("1.2.3.4 x"), std::nullopt);
  EXPECT_EQ(ip_text(read_ip_leniently("0x1020304").value()), "1.2.3.4");
}

TEST(Ip, OfBytes) {
  const std::uint8_t four[] = {127, 0, 0, 1};
  const std::uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1};
  EXPECT_EQ(ip_of_bytes(four), read_ip("127.0.0.1"));
  EXPECT_EQ(ip_of_bytes(mapped), read_ip("127.0.0.1"));
  EXPECT_EQ(ip_of_bytes(std::span(mapped).first(15)), std::nullopt);
  EXPECT_EQ(ip_of_bytes({}), std::nullopt);
}

TEST(Ip, Networks) {
  for (const std::string_view good : {"10.0.0.0/8", "0.0.0.0/0", "1.2.3.4/32", "fd00::/8", "::/0", "::1/128"})
    EXPECT_EQ(network(good), good);
  EXPECT_EQ(network("1.2.3.4"), "1.2.3.4/32");
  EXPECT_EQ(network("::1"), "::1/128");
  EXPECT_EQ(network("::ffff:10.0.0.0/104"), "10.0.0.0/8");
  for (const std::string_view bad :
       {"", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8",
        "10.0.0/8", "fd00::1/8", "::/129", "[::]/8"})
    EXPECT_EQ(network(bad), "none") << bad;
  EXPECT_TRUE(read_network("10.0.0.0/8")->contains(*read_ip("10.255.0.1")));
  EXPECT_FALSE(read_network("10.0.0.0/8")->contains(*read_ip("11.0.0.0")));
  EXPECT_FALSE(read_network("::/0")->contains(*read_ip("10.0.0.1")));
  EXPECT_TRUE(read_network("0.0.0.0/0")->contains(*read_ip("::ffff:10.0.0.1")));
}

TEST(Ip, ANetworkWithoutAHole) {
  const auto left = network_without(*read_network("10.0.0.0/8"), *read_network("10.1.0.0/16"));
  std::string text;
  for (const ip_network& one : left) text += network_text(one) + ' ';
  EXPECT_EQ(
      text,
      "10.128.0.0/9 10.64.0.0/10 10.32.0.0/11 10.16.0.0/12 10.8.0.0/13 10.4.0.0/14 10.2.0.0/15 10.0.0.0/16 ");
  EXPECT_TRUE(network_without(*read_network("10.1.0.0/16"), *read_network("10.0.0.0/8")).empty());
  EXPECT_EQ(network_without(*read_network("10.0.0.0/8"), *read_network("11.0.0.0/8")),
            std::vector{*read_network("10.0.0.0/8")});
}

// Addresses around the borders of what is denied, and any others.
ip_address some_address(random_source& from) {
  ip_address made;
  for (auto& byte : made.bytes) byte = static_cast<std::uint8_t>(from.below(256));
  if (from.chance(30)) return ip_of_v4(made.v4());
  if (from.chance(70)) {
    const ip_network& near = from.pick(denied_networks()).network;
    const std::size_t kept = near.bits - (near.bits > 0 && from.chance(20) ? 1 : 0);
    for (std::size_t bit = 0; bit < kept; ++bit) {
      const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
      made.bytes[bit / 8] =
          static_cast<std::uint8_t>((made.bytes[bit / 8] & ~mask) | (near.first.bytes[bit / 8] & mask));
    }
  }
  return made;
}

bool is_in(const std::vector<ip_network>& list, const ip_address& address) {
  for (const ip_network& one : list)
    if (one.contains(address)) return true;
  return false;
}

std::vector<ip_network> read_all(const std::vector<std::string>& texts) {
  std::vector<ip_network> read;
  for (const std::string& one : texts)
    if (one != "::ffff:0:0/96") read.push_back(read_network(one).value());  // which would be all of IPv4
  return read;
}

TEST(DeniedNetworks, TheListSaysTheSameAsTheJudge) {
  random_source from(8001);
  const parsed_url url = parse_url("https://example.com/");
  const auto list = read_all(deny_networks(url, {}));
  EXPECT_LT(list.size(), 100U);
  std::size_t denied = 0;
  for (int n = 0; n < 200'000; ++n) {
    const ip_address address = some_address(from);
    const bool allowed = may_connect(address.bytes, url, {});
    denied += allowed ? 0 : 1;
    EXPECT_EQ(allowed, kind_of(address) == address_kind::global);
    ASSERT_EQ(allowed, !is_in(list, address)) << ip_text(address);
  }
  EXPECT_GT(denied, 50'000U);
  EXPECT_LT(denied, 190'000U);
}

TEST(DeniedNetworks, TheListSaysTheSameAsTheJudgeWithExceptions) {
  random_source from(8002);
  constexpr std::string_view entries[] = {
      "10.0.0.0/8",      "10.1.0.0/16",   "127.0.0.1", "169.254.0.0/16",  "0.0.0.0/0",  "fd00::/8",
      "169.254.169.254", "::/0",          "localhost", "example.com",     "[::1]:8080", "192.168.0.1:80",
      "fd00:ec2::254",   "100.64.0.0/10", "local:80",  "192.0.0.192:8080"};
  const std::string_view urls[] = {"https://example.com/", "http://localhost:8080/", "http://192.168.0.1/",
                                   "http://[::1]:8080"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::uint32_t n = from.below(4); n > 0; --n) text += std::string(from.pick(entries)) + ",";
    const allow_list allowed = read_allow_list(text);
    const parsed_url url = parse_url(from.pick(urls));
    const auto list = read_all(deny_networks(url, allowed));
    for (int n = 0; n < 500; ++n) {
      const ip_address address = some_address(from);
      ASSERT_EQ(may_connect(address.bytes, url, allowed), !is_in(list, address))
          << ip_text(address) << " with " << text << " for " << url.host;
    }
  }
}

TEST(DeniedNetworks, TextForOtherSenders) {
  const parsed_url url = parse_url("https://example.com/");
  const auto texts = deny_networks(url, {});
  const auto has = [&](std::string_view one) {
    return std::find(texts.begin(), texts.end(), one) != texts.end();
  };
  for (const std::string_view one :
       {"0.0.0.0/8",        "10.0.0.0/8",      "100.64.0.0/10",      "127.0.0.0/8",    "169.254.0.0/16",
        "172.16.0.0/12",    "192.0.0.0/24",    "192.0.2.0/24",       "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15",    "198.51.100.0/24", "203.0.113.0/24",     "224.0.0.0/4",    "240.0.0.0/4",
        "168.63.129.16/32", "::/96",           "fc00::/7",           "fe80::/10",      "ff00::/8",
        "2001:db8::/32",    "64:ff9b:1::/48",  "64:ff9b::a00:0/104", "2002:a00::/24",  "::ffff:0:0/96"})
    EXPECT_TRUE(has(one)) << one;
  // What lies in another one is not told twice.
  EXPECT_FALSE(has("169.254.169.254/32"));
  EXPECT_FALSE(has("::1/128"));
}

std::string problem_of(std::string_view list) {
  try {
    (void)read_allow_list(list);
  } catch (const error& refused) {
    EXPECT_STREQ(refused.sqlstate(), sqlstate::invalid_parameter);
    return refused.message();
  }
  return "";
}

TEST(WebhookAllowList, Reads) {
  EXPECT_TRUE(read_allow_list("").empty());
  EXPECT_TRUE(read_allow_list(" , ,").empty());
  const allow_list list =
      read_allow_list("LocalHost:8080,10.1.0.0/16 , [FD00:0::5]:80,fd00::6, 1.2.3.4:5,[::7], gpu-1");
  ASSERT_EQ(list.size(), 7U);
  EXPECT_EQ(list[0].name, "localhost");
  EXPECT_EQ(list[0].port, 8080);
  EXPECT_EQ(network_text(list[1].network), "10.1.0.0/16");
  EXPECT_EQ(network_text(list[2].network), "fd00::5/128");
  EXPECT_EQ(list[2].port, 80);
  EXPECT_EQ(network_text(list[3].network), "fd00::6/128");
  EXPECT_EQ(list[3].port, std::nullopt);
  EXPECT_EQ(network_text(list[4].network), "1.2.3.4/32");
  EXPECT_EQ(list[4].port, 5);
  EXPECT_EQ(network_text(list[5].network), "::7/128");
  EXPECT_EQ(list[6].name, "gpu-1");
  for (const std::string_view bad : {"http://localhost",
                                     "localhost/",
                                     "10.0.0.1/8",
                                     "127.1",
                                     "0x7f000001",
                                     "localhost:0",
                                     "localhost:99999",
                                     "a b",
                                     "*",
                                     "*.example.com",
                                     "user@host",
                                     "a:1:2",
                                     "[::1]:1:2",
                                     "[::1]x",
                                     "[::1",
                                     "::1]:80",
                                     "{a}",
                                     "local.",
                                     "a?b",
                                     "b\xC3\xBC"
                                     "cher",
                                     "10.0.0.0/8:80"})
    EXPECT_EQ(problem_of("ok, " + std::string(bad)),
              "entry 2 of the hosts allowed to webhooks is no host, host:port, address or network")
        << bad;
  std::string many;
  for (std::size_t n = 0; n <= most_allowed; ++n) many += "a,";
  EXPECT_NE(problem_of(many), "");
}

bool allows(std::string_view list, std::string_view url) {
  return judge_url(url, read_allow_list(list)).allowed;
}

TEST(WebhookAllowList, Allows) {
  EXPECT_TRUE(allows("localhost", "http://LOCALHOST:8080/x?y"));
  EXPECT_TRUE(allows("localhost:8080", "http://localhost:8080/"));
  EXPECT_FALSE(allows("localhost:8080", "http://localhost:8081/"));
  EXPECT_TRUE(allows("localhost:80", "http://localhost/"));
  EXPECT_FALSE(allows("localhost:80", "https://localhost/"));
  EXPECT_FALSE(allows("localhost", "http://a.localhost/"));
  EXPECT_FALSE(allows("localhost", "http://127.0.0.1/"));
  EXPECT_FALSE(allows("127.0.0.1", "http://localhost/"));
  EXPECT_TRUE(allows("127.0.0.0/8", "http://127.9.9.9/"));
  EXPECT_TRUE(allows("127.0.0.1", "http://[::ffff:127.0.0.1]/"));
  EXPECT_FALSE(allows("127.0.0.1", "http://[::1]/"));
  EXPECT_TRUE(allows("[::1]:8080", "http://[0::1]:8080/"));
  EXPECT_FALSE(allows("[::1]:8080", "http://[0::1]/"));
  // What is inside another address counts for denying it only.
  EXPECT_FALSE(allows("10.0.0.0/8", "http://[64:ff9b::10.0.0.1]/"));
  EXPECT_TRUE(allows("64:ff9b::/96", "http://[64:ff9b::10.0.0.1]/"));
}

TEST(WebhookAllowList, MetadataMustBeNamedItself) {
  EXPECT_FALSE(allows("169.254.0.0/16", "http://169.254.169.254/"));
  EXPECT_FALSE(allows("0.0.0.0/0", "http://169.254.169.254/"));
  EXPECT_FALSE(allows("169.254.169.254/31", "http://169.254.169.254/"));
  EXPECT_TRUE(allows("169.254.169.254", "http://169.254.169.254/"));
  EXPECT_TRUE(allows("169.254.169.254/32", "http://169.254.169.254/"));
  EXPECT_FALSE(allows("fd00::/8", "http://[fd00:ec2::254]/"));
  EXPECT_TRUE(allows("fd00:ec2::254", "http://[fd00:ec2::254]/"));
  EXPECT_TRUE(allows("metadata.google.internal", "http://metadata.google.internal/"));
}

TEST(WebhookAllowList, AListedNameMayLeadAnywhereButToMetadata) {
  const parsed_url url = parse_url("http://app.example.com:8080/");
  const auto may = [&](std::string_view list, std::string_view address) {
    return may_connect(read_ip(address)->bytes, url, read_allow_list(list));
  };
  EXPECT_FALSE(may("", "10.0.0.1"));
  EXPECT_TRUE(may("", "8.8.8.8"));
  EXPECT_TRUE(may("app.example.com", "10.0.0.1"));
  EXPECT_TRUE(may("app.example.com:8080", "::1"));
  EXPECT_FALSE(may("app.example.com:80", "10.0.0.1"));
  EXPECT_FALSE(may("example.com", "10.0.0.1"));
  EXPECT_FALSE(may("app.example.com", "169.254.169.254"));
  EXPECT_TRUE(may("169.254.169.254", "169.254.169.254"));
  EXPECT_FALSE(may_connect({}, url, read_allow_list("app.example.com")));
}

}  // namespace
}  // namespace llm_admin::webhooks
