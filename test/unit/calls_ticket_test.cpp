#include "core/calls/ticket.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/encoding.hpp"
#include "core/error.hpp"

namespace llm_admin::calls {
namespace {

TEST(SenderTicket, IsFoundByItsHashAlone) {
  const made_ticket made = make_ticket(1000);
  EXPECT_TRUE(made.text.text().starts_with("lt_"));
  EXPECT_EQ(made.text.size(), 46u);
  EXPECT_EQ(made.expires_at, 60'001'000);
  EXPECT_EQ(read_ticket(made.text.text()), made.hash);
  EXPECT_FALSE(read_ticket(hex_encode(made.hash)));
  EXPECT_NE(make_ticket(1000).hash, made.hash);
}

TEST(SenderTicket, OfAnotherFormIsNone) {
  const made_ticket made = make_ticket(0);
  const std::string text(made.text.text());
  for (const std::string& wrong : {std::string(), text.substr(1), text.substr(0, 45), text + "A", " " + text,
                                   "la_" + text.substr(3), "lt_" + std::string(43, '=')})
    EXPECT_FALSE(read_ticket(wrong)) << wrong;
}

TEST(SenderTicket, IsGoodOnceWithinAMinute) {
  const std::int64_t made_at = 1'000'000'000, until = made_at + ticket_validity;
  EXPECT_TRUE(is_ticket_good(until, false, made_at));
  EXPECT_TRUE(is_ticket_good(until, false, until - 1));
  EXPECT_FALSE(is_ticket_good(until, false, until));
  EXPECT_FALSE(is_ticket_good(until, true, made_at));
  // A clock that stepped back by a second is borne, by an hour not.
  EXPECT_TRUE(is_ticket_good(until, false, made_at - 1'000'000));
  EXPECT_FALSE(is_ticket_good(until, false, made_at - std::int64_t{3600} * 1'000'000));
  EXPECT_FALSE(is_ticket_good(INT64_MAX, false, INT64_MIN));
}

TEST(SenderTicket, HasOneRefusal) {
  try {
    refuse_ticket();
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "LA004");
    EXPECT_EQ(e.detail(), "it was used, is older than 60 seconds, or was never given out");
  }
}

}  // namespace
}  // namespace llm_admin::calls
