#include "core/crypto/keyring.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/encoding.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {
namespace {

const std::string a(64, 'a');
const std::string b(64, 'B');

// The DETAIL of the refusal; it never holds anything of the keys.
std::string refusal(const std::string& text) {
  try {
    keyring::parse(text);
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "LA030");
    EXPECT_FALSE(e.hint().empty());
    for (const std::string& part : {e.message(), e.detail(), e.hint()}) {
      EXPECT_EQ(part.find("aaaa"), std::string::npos) << part;
      EXPECT_EQ(part.find("BBBB"), std::string::npos) << part;
    }
    return e.detail();
  }
  ADD_FAILURE() << "accepted: " << text.substr(0, 100);
  return "";
}

TEST(Keyring, OneKey) {
  const keyring ring = keyring::parse("1:" + a);
  EXPECT_EQ(ring.ids(), std::vector<std::int32_t>{1});
  ASSERT_NE(ring.find(1), nullptr);
  EXPECT_EQ(hex_encode(ring.find(1)->span()), a);
  EXPECT_EQ(ring.find(2), nullptr);
  EXPECT_EQ(ring.find(0), nullptr);
  EXPECT_FALSE(ring.marked_active());
  EXPECT_EQ(ring.first_active(), 1);
}

TEST(Keyring, CommentsBlankLinesAndWindowsLineEnds) {
  const keyring ring = keyring::parse("# roots\r\n\r\n 2147483647:" + b + " \r\n\t# old\n\n3:" + a +
                                      ":active\r\n2:" + a + "\n\n");
  EXPECT_EQ(ring.ids(), (std::vector<std::int32_t>{2, 3, 2147483647}));
  EXPECT_EQ(ring.marked_active(), 3);
  EXPECT_EQ(ring.first_active(), 3);
  EXPECT_EQ(hex_encode(ring.find(2147483647)->span()), std::string(64, 'b'));
}

TEST(Keyring, WithoutAMarkTheHighestIdIsFirst) {
  EXPECT_EQ(keyring::parse("9:" + a + "\n10:" + b + "\n2:" + b).first_active(), 10);
  EXPECT_EQ(keyring().first_active(), 0);
}

TEST(Keyring, BadLinesAreNamedByNumberAndFault) {
  const std::string good = "1:" + a + "\n";
  const std::pair<std::string, std::string> cases[] = {{a, "colon"},
                                                       {":" + a, "id"},
                                                       {"0:" + a, "id"},
                                                       {"-1:" + a, "id"},
                                                       {"+2:" + a, "id"},
                                                       {"02:" + a, "id"},
                                                       {"2147483648:" + a, "id"},
                                                       {"99999999999999999999:" + a, "id"},
                                                       {"2 :" + a, "id"},
                                                       {"x:" + a, "id"},
                                                       {"2:", "0 characters"},
                                                       {"2:" + a.substr(1), "63 characters"},
                                                       {"2:" + a + "a", "65 characters"},
                                                       {"2:" + a + a, "128 characters"},
                                                       {"2: " + a.substr(1), "hexadecimal"},
                                                       {"2:" + a.substr(1) + "g", "hexadecimal"},
                                                       {"2:0x" + a.substr(2), "hexadecimal"},
                                                       {"2:" + a + ":", ":active"},
                                                       {"2:" + a + ":Active", ":active"},
                                                       {"2:" + a + ":active ;", ":active"},
                                                       {"2:" + a + ":active:active", ":active"},
                                                       {"1:" + b, "line 1"},
                                                       {"\xef\xbb\xbf"
                                                        "2:" +
                                                            a,
                                                        "id"},
                                                       {std::string("2:\0", 3) + a.substr(1), "hexadecimal"}};
  for (const auto& [line, fault] : cases) {
    const std::string detail = refusal(good + "# note\n" + line + "\n");
    EXPECT_TRUE(detail.starts_with("line 3: ")) << detail;
    EXPECT_NE(detail.find(fault), std::string::npos) << detail << " should say: " << fault;
  }
}

TEST(Keyring, OneActiveAtMost) {
  EXPECT_EQ(refusal("1:" + a + ":active\n2:" + b + ":active"), "line 2: a second key is marked active");
}

TEST(Keyring, ARingWithoutKeysIsRefused) {
  EXPECT_EQ(refusal(""), "it holds no key");
  EXPECT_EQ(refusal("\n\n# only words\n"), "it holds no key");
}

TEST(Keyring, SizeAndLinesAreBounded) {
  EXPECT_EQ(refusal(std::string(max_keyring_bytes + 1, '\n')), "it is larger than 1 MB");
  EXPECT_EQ(refusal(std::string(max_keyring_lines + 1, '\n')), "it has more than 10000 lines");
  const keyring ring = keyring::parse(std::string(max_keyring_lines - 1, '\n') + "1:" + a + "\n");
  EXPECT_EQ(ring.size(), 1U);
}

}  // namespace
}  // namespace llm_admin::crypto
