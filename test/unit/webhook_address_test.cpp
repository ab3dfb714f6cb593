// URLs in the plain grammar and what their hosts are; URLs that are none.
#include "core/webhooks/address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/error.hpp"

namespace llm_admin::webhooks {
namespace {

using kind = address_kind;

struct spelling {
  std::string_view host;
  kind leads_to;
};

std::string url_of(std::string_view host) { return "http://" + std::string(host) + "/hook"; }

// In the plain grammar: the kind is that of the host.
constexpr spelling plain[] = {
    {"example.com", kind::global},
    {"EXAMPLE.com", kind::global},
    {"hooks.slack.com:8443", kind::global},
    {"a_b.example.org", kind::global},
    {"xn--bcher-kva.example", kind::global},
    {"93.184.216.34", kind::global},
    {"8.8.8.8:53", kind::global},
    {"172.15.255.255", kind::global},
    {"172.32.0.0", kind::global},
    {"100.63.255.255", kind::global},
    {"100.128.0.0", kind::global},
    {"11.0.0.0", kind::global},
    {"126.255.255.255", kind::global},
    {"128.0.0.0", kind::global},
    {"[2606:4700:4700::1111]", kind::global},
    {"[2a00:1450:4001:81b::200e]:443", kind::global},
    {"127.0.0.1.example.com", kind::global},
    {"localhost.example.com", kind::global},
    {"mylocalhost.de", kind::global},
    {"localhost", kind::loopback},
    {"LocalHost:8080", kind::loopback},
    {"a.b.localhost", kind::loopback},
    {"localhost.localdomain", kind::loopback},
    {"ip6-localhost", kind::loopback},
    {"127.0.0.1", kind::loopback},
    {"127.255.255.254", kind::loopback},
    {"[::1]", kind::loopback},
    {"[0:0:0:0:0:0:0:1]:80", kind::loopback},
    {"[0000:0000::0001]", kind::loopback},
    {"[::ffff:127.0.0.1]", kind::loopback},
    {"[::FFFF:7f00:1]", kind::loopback},
    {"[::127.0.0.1]", kind::loopback},
    {"[::ffff:0:127.0.0.1]", kind::loopback},
    {"[64:ff9b::127.0.0.1]", kind::loopback},
    {"[64:ff9b::7f00:1]", kind::loopback},
    {"[2002:7f00:1::]", kind::loopback},
    {"0.0.0.0", kind::unspecified},
    {"0.1.2.3", kind::unspecified},
    {"[::]", kind::unspecified},
    {"[::ffff:0.0.0.0]", kind::unspecified},
    {"169.254.1.1", kind::link_local},
    {"[fe80::1]", kind::link_local},
    {"[febf:ffff::1]", kind::link_local},
    {"[64:ff9b::169.254.1.1]", kind::link_local},
    {"10.0.0.0", kind::private_use},
    {"10.255.255.255", kind::private_use},
    {"172.16.0.1", kind::private_use},
    {"172.31.255.255", kind::private_use},
    {"192.168.1.1:8080", kind::private_use},
    {"[fc00::1]", kind::private_use},
    {"[fdff:ffff::1]", kind::private_use},
    {"[fec0::1]", kind::private_use},
    {"[::ffff:10.0.0.1]", kind::private_use},
    {"[::10.0.0.1]", kind::private_use},
    {"[2002:a00:1::1]", kind::private_use},
    {"[2002:c0a8:101::]", kind::private_use},
    {"[64:ff9b::c0a8:101]", kind::private_use},
    {"[64:ff9b:1::808:808]", kind::private_use},
    {"100.64.0.1", kind::carrier_nat},
    {"100.127.255.255", kind::carrier_nat},
    {"169.254.169.254", kind::metadata},
    {"[::ffff:169.254.169.254]", kind::metadata},
    {"[::ffff:a9fe:a9fe]", kind::metadata},
    {"[::a9fe:a9fe]", kind::metadata},
    {"[64:ff9b::a9fe:a9fe]", kind::metadata},
    {"[2002:a9fe:a9fe::]", kind::metadata},
    {"169.254.170.2", kind::metadata},
    {"169.254.170.23", kind::metadata},
    {"100.100.100.200", kind::metadata},
    {"168.63.129.16", kind::metadata},
    {"192.0.0.192", kind::metadata},
    {"[fd00:ec2::254]", kind::metadata},
    {"[fd20:ce::254]", kind::metadata},
    {"[fe80::a9fe:a9fe]", kind::metadata},
    {"metadata.google.internal", kind::metadata},
    {"METADATA", kind::metadata},
    {"instance-data", kind::metadata},
    {"192.0.2.1", kind::documentation},
    {"198.51.100.255", kind::documentation},
    {"203.0.113.9", kind::documentation},
    {"[2001:db8::1]", kind::documentation},
    {"[3fff:fff::1]", kind::documentation},
    {"198.18.0.1", kind::benchmarking},
    {"198.19.255.255", kind::benchmarking},
    {"[2001:2::1]", kind::benchmarking},
    {"224.0.0.1", kind::multicast},
    {"239.255.255.255", kind::multicast},
    {"[ff02::1]", kind::multicast},
    {"255.255.255.255", kind::broadcast},
    {"240.0.0.1", kind::reserved},
    {"192.0.0.8", kind::reserved},
    {"192.88.99.1", kind::reserved},
    {"[100::1]", kind::reserved},
    {"[2001:0:4136:e378:8000:63bf:3fff:fdd2]", kind::reserved},
    {"[5f00::1]", kind::reserved},
    {"[::8.8.8.8]", kind::reserved},
    {"[::ffff:0:8.8.8.8]", kind::reserved},
    {"[4000::1]", kind::reserved},
    {"[64:ff9b::8.8.8.8]", kind::global},
    {"[2002:808:808::1]", kind::global},
    {"[::ffff:8.8.8.8]", kind::global},
    {"printer", kind::local_name},
    {"db.internal", kind::local_name},
    {"nas.local", kind::local_name},
    {"router.home.arpa", kind::local_name},
};

TEST(WebhookAddress, PlainSpellings) {
  for (const spelling& one : plain) {
    const judgement found = judge_url(url_of(one.host), {});
    EXPECT_TRUE(found.problems.empty()) << one.host << ": " << found.problems.front();
    EXPECT_EQ(kind_name(found.kind), kind_name(one.leads_to)) << one.host;
    EXPECT_EQ(found.allowed, one.leads_to == kind::global) << one.host;
  }
}

TEST(WebhookAddress, UrlsThatAreNone) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "empty"},
      {"ftp://example.com/", "begin with"},
      {"file:///etc/passwd", "begin with"},
      {"gopher://example.com/", "begin with"},
      {"//example.com/", "begin with"},
      {"example.com/hook", "begin with"},
      {"http:/example.com", "begin with"},
      {"javascript:alert(1)", "begin with"},
      {"http://user@example.com/", "credentials"},
      {"https://user:secret@example.com/", "credentials"},
      {"https://example.com@127.0.0.1/", "credentials"},
      {"https://example.com/#part", "fragment"},
      {"https://example.com/?a#part", "fragment"},
      {"https://example.com\\@127.0.0.1/", "backslash"},
      {"https://example.com/a b", "space"},
      {"https://example.com/\n", "control"},
      {"https://example.com/?a=\r\nHost: x", "control"},
      {"https://example.com:0/", "port"},
      {"https://example.com:65536/", "port"},
      {"https:///hook", "no host"},
      {"https://example.com/../admin", "segment"},
      {"https://example.com/?a=%zz", "query"},
      {"https://example.com/?a=<b>", "query"},
      {"https://example.com/{job}", "{"},
      {"https://example.com/?a={b}", "{"},
  };
  for (const auto& [url, word] : cases) {
    const judgement found = judge_url(url, {});
    bool named = false;
    for (const std::string& problem : found.problems) {
      named |= problem.find(word) != std::string::npos;
      EXPECT_EQ(problem.find("secret"), std::string::npos);
    }
    EXPECT_TRUE(named) << url;
    EXPECT_FALSE(found.allowed) << url;
  }
  EXPECT_EQ(judge_url("https://user:secret@10.0.0.1/", {}).kind, kind::private_use);
}

TEST(WebhookAddress, UrlsHaveQueriesAndAreBounded) {
  const judgement found = judge_url("https://Example.com:8443/a/b%20c?x=1&y[]=/?%41", {});
  EXPECT_TRUE(found.allowed);
  EXPECT_EQ(found.url.host, "example.com");
  EXPECT_EQ(found.url.port, 8443);
  EXPECT_EQ(found.url.path, "/a/b%20c");
  EXPECT_EQ(found.url.query, "?x=1&y[]=/?%41");
  const std::string longest = "https://example.com/" + std::string(longest_url - 20, 'a');
  EXPECT_TRUE(judge_url(longest, {}).allowed);
  EXPECT_FALSE(judge_url(longest + "a", {}).allowed);
}

TEST(WebhookAddress, ErrorsSayWhatAndNeverTheUrl) {
  const auto text = [](std::string_view url) -> std::string {
    try {
      require_url(url, {}, "webhook_url", "ask for it");
    } catch (const error& refused) {
      EXPECT_STREQ(refused.sqlstate(), sqlstate::invalid_parameter);
      return refused.message() + "|" + refused.detail() + "|" + refused.hint();
    }
    return "";
  };
  EXPECT_EQ(text("https://example.com/hook"), "");
  EXPECT_EQ(text("http://10.0.0.1/s3cret"),
            "webhook_url leads to a private address|webhooks go to public addresses only|ask for it");
  EXPECT_EQ(text("http://db.internal/s3cret"),
            "webhook_url leads to a name of the sender's own network|webhooks go to public addresses "
            "only|ask for it");
  EXPECT_EQ(
      text("http://0x7f000001/s3cret"),
      "webhook_url is no URL of a webhook: its host is not a plain host name or address|it may be read as a "
      "loopback address|write it as https://host/path, with a plain host name");
}

}  // namespace
}  // namespace llm_admin::webhooks
