#include "core/http/url.hpp"
#include "core/http/headers.hpp"

#include <gtest/gtest.h>

namespace llm_admin {
namespace {

bool accepted(std::string_view url, std::string_view plain = "") {
  return base_url_problems(url, plain).empty();
}

TEST(Url, Parts) {
  const parsed_url url = parse_url("HTTPS://Api.Example.COM:8443/V1/x%20y");
  EXPECT_TRUE(url.problems.empty());
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "api.example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/V1/x%20y");
}

TEST(Url, OriginIsCanonical) {
  EXPECT_EQ(origin("https://api.openai.com/v1"), "https://api.openai.com:443");
  EXPECT_EQ(origin("HTTPS://API.OPENAI.COM:443"), "https://api.openai.com:443");
  EXPECT_EQ(origin("http://localhost/x"), "http://localhost:80");
  EXPECT_EQ(origin("https://[0:0:0:0:0:0:0:1]:8080/"), "https://[::1]:8080");
  EXPECT_EQ(origin("https://{Resource}.OpenAI.azure.com/openai"), "https://{Resource}.openai.azure.com:443");
  EXPECT_EQ(origin("https://a@b"), "");
  EXPECT_EQ(origin(""), "");
}

TEST(Url, HolesInHostAndPath) {
  EXPECT_TRUE(accepted("https://bedrock-runtime.{region}.amazonaws.com"));
  EXPECT_TRUE(accepted("https://x.com/v1/projects/{project}/locations/{region}"));
  for (const std::string_view bad :
       {"https://{}.x.com", "https://{a.b}.com", "https://{a", "https://x.com/{a b}", "https://x.com/{1}",
        "https://x.com/}", "https://x.com:{port}"}) {
    EXPECT_FALSE(accepted(bad)) << bad;
  }
}

TEST(Url, ProblemsAreNamedOneByOne) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "empty"},
      {"https://user:pw@h.com", "credentials"},
      {"https://good.com@evil.com/", "credentials"},
      {"https://h.com/#x", "fragment"},
      {"https://h.com/?a=b", "query"},
      {"https://h.com?a", "query"},
      {"https://h.com/a b", "space"},
      {"https://h.com/\x01", "control"},
      {"https://h.com/\r\nX: y", "control"},
      {"https://h.com\\@evil.com", "backslash"},
      {"https://ex\xc3\xa4mple.com", "ASCII"},
      {"ftp://h.com", "begin with"},
      {"//h.com", "begin with"},
      {"h.com", "begin with"},
      {"https:/h.com", "begin with"},
      {"javascript://h.com", "begin with"},
      {"https://", "no host"},
      {"https:///v1", "no host"},
      {"https://:443", "no host"},
      {"https://h.com:", "port"},
      {"https://h.com:0", "port"},
      {"https://h.com:65536", "port"},
      {"https://h.com:0443", "port"},
      {"https://h.com:4a", "port"},
      {"https://h.com:-1", "port"},
      {"https://h..com", "host"},
      {"https://h.com.", "host"},
      {"https://-h.com", "host"},
      {"https://h%2ecom", "host"},
      {"https://[::1", "host"},
      {"https://[fe80::1%25eth0]", "host"},
      {"https://127.1", "host"},
      {"https://0x7f000001", "host"},
      {"https://2130706433", "host"},
      {"https://010.0.0.1", "host"},
      {"https://1.2.3.256", "host"},
      {"https://h.com/a/../b", "segment"},
      {"https://h.com/%2E%2e/b", "segment"},
      {"https://h.com/./b", "segment"},
      {"https://h.com/%zz", "percent"},
      {"https://h.com/<x>", "percent"},
      {"http://h.com", "plain http"}};
  for (const auto& [url, word] : cases) {
    bool named = false;
    for (const std::string& problem : base_url_problems(url, ""))
      named |= problem.find(word) != std::string::npos;
    EXPECT_TRUE(named) << url << " should name: " << word;
  }
  EXPECT_FALSE(accepted(std::string_view("https://h.com\0.evil.com", 23)));
  EXPECT_GE(base_url_problems("ftp://a b/#x?y", "").size(), 3U);
}

TEST(Url, KeepsAQueryWhereItMay) {
  const auto problems = [](std::string_view url) { return parse_url(url, url_query::kept).problems.size(); };
  const parsed_url kept = parse_url("https://h.com:8443/a?b=/c?d&e[]=%20", url_query::kept);
  EXPECT_TRUE(kept.problems.empty());
  EXPECT_EQ(kept.path, "/a");
  EXPECT_EQ(kept.query, "?b=/c?d&e[]=%20");
  EXPECT_EQ(parse_url("https://h.com?b", url_query::kept).path, "");
  EXPECT_EQ(parse_url("https://h.com?b", url_query::kept).query, "?b");
  EXPECT_EQ(parse_url("https://h.com/a", url_query::kept).query, "");
  EXPECT_FALSE(parse_url("https://h.com/a?b").problems.empty());
  EXPECT_EQ(parse_url("https://h.com/a?b").query, "");
  for (const std::string_view bad :
       {"https://h.com/?a=%zz", "https://h.com/?a=%2", "https://h.com/?{a}", "https://h.com/?<",
        "https://h.com/?a#b", "https://h.com/?a b", "https://h.com/?\\"})
    EXPECT_GT(problems(bad), 0U) << bad;
}

TEST(Url, TellsWhatStandsInThePlaceOfTheHost) {
  EXPECT_EQ(parse_url("https://user@0x7F.1:80/a").written_host, "0x7F.1");
  EXPECT_EQ(parse_url("https://[fe80::1%25eth0]:80/a").written_host, "[fe80::1%25eth0]");
  EXPECT_EQ(parse_url("https://a%2e.b\\@c/").written_host, "a%2e.b");
}

TEST(Url, ProblemsNeverQuoteCredentials) {
  for (const std::string& problem : base_url_problems("https://user:hunter2@h.com/#hunter2", "")) {
    EXPECT_EQ(problem.find("hunter2"), std::string::npos);
  }
}

TEST(Url, PlainHttpOnlyToLoopbackOrListedHosts) {
  for (const std::string_view good :
       {"http://localhost:11434", "http://LOCALHOST", "http://127.0.0.1/v1", "http://127.255.255.254:8000",
        "http://[::1]:8080", "http://[0:0::1]"}) {
    EXPECT_TRUE(accepted(good)) << good;
  }
  for (const std::string_view bad :
       {"http://localhost.evil.com", "http://127.0.0.1.evil.com", "http://128.0.0.1", "http://10.0.0.5",
        "http://[::2]", "http://[::ffff:127.0.0.1]", "http://{host}", "http://localhost.",
        "http://127.0.0.1@evil.com"}) {
    EXPECT_FALSE(accepted(bad)) << bad;
  }
  EXPECT_TRUE(accepted("http://GPU-1:8000/v1", "ollama, gpu-1"));
  EXPECT_TRUE(accepted("http://[fd00::1]", "[FD00:0:0:0::1]"));
  EXPECT_FALSE(accepted("http://gpu-12", "ollama, gpu-1"));
  EXPECT_FALSE(accepted("http://evil.com", ",, ,"));
}

TEST(JoinUrl, ExactlyOneSlash) {
  EXPECT_EQ(join_url("https://h", "/v1/chat"), "https://h/v1/chat");
  EXPECT_EQ(join_url("https://h/", "/v1/chat"), "https://h/v1/chat");
  EXPECT_EQ(join_url("https://h", "v1/chat"), "https://h/v1/chat");
  EXPECT_EQ(join_url("https://h//", "//v1"), "https://h/v1");
  EXPECT_EQ(join_url("https://h/a", "/"), "https://h/a/");
  EXPECT_EQ(join_url("https://h/a", ""), "https://h/a");
}

TEST(JoinUrl, ACommonPrefixIsTakenOnce) {
  EXPECT_EQ(join_url("https://h/v1", "/v1/chat"), "https://h/v1/chat");
  EXPECT_EQ(join_url("https://h/v1/", "/v1/chat"), "https://h/v1/chat");
  EXPECT_EQ(join_url("https://h/api/v1", "/api/v1/chat"), "https://h/api/v1/chat");
  EXPECT_EQ(join_url("https://h/api/v1", "/v1/chat"), "https://h/api/v1/chat");
  EXPECT_EQ(join_url("https://h/v1", "/v1"), "https://h/v1");
  EXPECT_EQ(join_url("https://h/v1", "/v1?x=/v1"), "https://h/v1?x=/v1");
}

TEST(JoinUrl, OnlyWholeSegmentsCount) {
  EXPECT_EQ(join_url("https://h/v1", "/v1beta/chat"), "https://h/v1/v1beta/chat");
  EXPECT_EQ(join_url("https://h/xv1", "/v1/chat"), "https://h/xv1/v1/chat");
  EXPECT_EQ(join_url("https://v1", "/v1/chat"), "https://v1/v1/chat");
  EXPECT_EQ(join_url("https://h/v1/x", "/v1/chat"), "https://h/v1/x/v1/chat");
}

TEST(PercentEncode, KeepsUnreservedOnly) {
  EXPECT_EQ(percent_encode_segment("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode_segment("a/b c%\xc3\xa4?"), "a%2Fb%20c%25%C3%A4%3F");
  EXPECT_EQ(percent_encode_query("a+b&c=d#"), "a%2Bb%26c%3Dd%23");
  EXPECT_EQ(percent_encode_segment(std::string_view("\0", 1)), "%00");
}

TEST(PercentEncode, AndTheOtherWay) {
  EXPECT_EQ(percent_decoded("a%2Fb%20c%25%c3%A4"), "a/b c%\xc3\xa4");
  EXPECT_EQ(percent_decoded("%"), "%");
  EXPECT_EQ(percent_decoded("%4"), "%4");
  EXPECT_EQ(percent_decoded("%4g%%41"), "%4g%A");
  EXPECT_EQ(percent_decoded("%00"), std::string(1, '\0'));
}

TEST(Headers, Names) {
  EXPECT_TRUE(valid_header_name("X-Api-Key"));
  for (const std::string_view bad : {"", "X Key", "X:", "X\r\n", "\xc3\xa4", "X(1)"}) {
    EXPECT_FALSE(valid_header_name(bad)) << bad;
  }
}

TEST(Headers, Values) {
  EXPECT_TRUE(valid_header_value("Bearer abc"));
  EXPECT_TRUE(valid_header_value(""));
  EXPECT_TRUE(valid_header_value("\xc3\xa4"));
  for (int c = 0; c < 0x20; ++c)
    EXPECT_FALSE(valid_header_value("a" + std::string(1, static_cast<char>(c)))) << c;
  EXPECT_FALSE(valid_header_value("\x7f"));
}

TEST(Url, WithinLatin1) {
  for (const char* good : {"", "a b", "\xC2\xA0", "\xC3\xA4\xC3\xBF"})
    EXPECT_TRUE(within_latin_1(good)) << good;
  for (const char* bad : {"\xC2\x85", "\xC4\x8A", "a\xE2\x80\xA8", "\xF0\x9F\x94\x91"})
    EXPECT_FALSE(within_latin_1(bad)) << bad;
}

}  // namespace
}  // namespace llm_admin
