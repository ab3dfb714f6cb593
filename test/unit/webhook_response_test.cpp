#include "core/webhooks/response.hpp"

#include <gtest/gtest.h>

#include "core/json/plain_utf8.hpp"
#include "generate/random.hpp"

namespace llm_admin::webhooks {
namespace {

constexpr std::string_view euro = "\xE2\x82\xAC", unknown = "\xEF\xBF\xBD";

TEST(WebhookResponse, StaysAsItIsWhereItCan) {
  EXPECT_EQ(response_text(""), "");
  EXPECT_EQ(response_text("ok\r\n\t\x01"), "ok\r\n\t\x01");
  EXPECT_EQ(response_text(euro), euro);
  const std::string full(kept_response, 'x');
  EXPECT_EQ(response_text(full), full);
}

TEST(WebhookResponse, IsCutAtACharacter) {
  EXPECT_EQ(response_text(std::string(kept_response + 1, 'x')), std::string(kept_response, 'x'));
  EXPECT_EQ(response_text(std::string(100 * kept_response, 'x')), std::string(kept_response, 'x'));
  for (std::size_t before = 1; before <= 4; ++before) {
    const std::string begin(kept_response - before, 'x');
    EXPECT_EQ(response_text(begin + std::string(euro) + "more"),
              before < 3 ? begin : begin + std::string(euro) + (before == 4 ? "m" : ""))
        << before;
    const std::string key = "\xF0\x9F\x94\x91";
    EXPECT_EQ(response_text(begin + key + "more"), before < 4 ? begin : begin + key) << before;
  }
}

TEST(WebhookResponse, IsTextWithoutNul) {
  EXPECT_EQ(response_text(std::string_view("a\0b", 3)), "a" + std::string(unknown) + "b");
  EXPECT_EQ(response_text("a\xFF\xFE z"), "a" + std::string(unknown) + std::string(unknown) + " z");
  EXPECT_EQ(response_text("caf\xE9"), "caf" + std::string(unknown));
  EXPECT_EQ(response_text("\xED\xA0\x80!"), std::string(unknown) + "!");
  // What is repaired has no more bytes than what is kept.
  std::string binary(kept_response, '\xFF');
  const std::string text = response_text(binary);
  EXPECT_EQ(text.size(), kept_response / 3 * 3);
  EXPECT_TRUE(is_plain_utf8(text));
}

TEST(WebhookResponse, OfAnyBytes) {
  test::random_source from(8004);
  constexpr std::string_view pieces[] = {"x",    "\xE2\x82\xAC", "\xF0\x9F\x94\x91", "\xC3", "\xE2\x82",
                                         "\x80", "\xFF",         "\xF4\x90"};
  for (int round = 0; round < 300; ++round) {
    std::string body;
    const std::size_t size = kept_response - 8 + from.below(16);
    while (body.size() < size) body += from.chance(3) ? std::string(1, '\0') : std::string(from.pick(pieces));
    const std::string text = response_text(body);
    EXPECT_TRUE(is_plain_utf8(text));
    EXPECT_LE(text.size(), kept_response);
    EXPECT_GE(text.size() + 4, std::min(body.size(), kept_response) / 4);
    EXPECT_EQ(response_text(text), text);
  }
}

}  // namespace
}  // namespace llm_admin::webhooks
