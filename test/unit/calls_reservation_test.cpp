#include "core/calls/reservation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::calls {
namespace {

constexpr std::int64_t window_of_two = 849319200000000;  // 2026-11-30T02:00:00Z

reservation held_of(std::uint8_t limit, const char* subject, std::int16_t slot, const char* amount) {
  reservation made;
  made.limit_id.fill(limit);
  made.tenant_id = "acme";
  made.subject = subject;
  made.slot = slot;
  made.window_start = window_of_two;
  made.amount = *money::decimal::from_text(amount);
  return made;
}

std::string damage_of(const std::string& json) {
  try {
    (void)read_reservations(test::document(json));
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "55000");
    EXPECT_NE(e.hint().find("UPDATE llm_admin.llm_calls"), std::string::npos);
    return e.detail();
  }
  return "taken";
}

std::string one_with(const std::string& name, const std::string& value) {
  const std::vector<std::pair<std::string, std::string>> members = {
      {"limit", "\"8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a\""},
      {"tenant", "\"\""},
      {"subject", "\"alice\""},
      {"slot", "0"},
      {"window", "\"2026-11-30T02:00:00.000Z\""},
      {"amount", "\"1\""}};
  std::string text = "[{";
  for (const auto& [member, usual] : members) {
    if (member == name && value.empty()) continue;
    text += (text.size() > 2 ? ", \"" : "\"") + member + "\": " + (member == name ? value : usual);
  }
  return text + "}]";
}

TEST(CallReservations, AreWrittenInTheOrderOfLocks) {
  reservation total = held_of(2, "a\"b", 0, "0.0125");
  total.window_start = total_window;
  total.slot = shared_slot;
  EXPECT_EQ(
      write_reservations(
          {total, held_of(1, "bob", 3, "1"), held_of(1, "alice", 4, "1"), held_of(1, "alice", 0, "1")}),
      "[{\"limit\": \"01010101-0101-0101-0101-010101010101\", \"tenant\": \"acme\", \"subject\": \"alice\", "
      "\"slot\": 0, \"window\": \"2026-11-30T02:00:00.000Z\", \"amount\": \"1\"}, "
      "{\"limit\": \"01010101-0101-0101-0101-010101010101\", \"tenant\": \"acme\", \"subject\": \"alice\", "
      "\"slot\": 4, \"window\": \"2026-11-30T02:00:00.000Z\", \"amount\": \"1\"}, "
      "{\"limit\": \"01010101-0101-0101-0101-010101010101\", \"tenant\": \"acme\", \"subject\": \"bob\", "
      "\"slot\": 3, \"window\": \"2026-11-30T02:00:00.000Z\", \"amount\": \"1\"}, "
      "{\"limit\": \"02020202-0202-0202-0202-020202020202\", \"tenant\": \"acme\", \"subject\": \"a\\\"b\", "
      "\"slot\": -1, \"window\": \"-infinity\", \"amount\": \"0.0125\"}]");
  EXPECT_EQ(write_reservations({}), "[]");
}

TEST(CallReservations, AreReadBackAndSorted) {
  const std::string text = write_reservations(
      {held_of(2, "a", 15, "123456789012345678901234567890.000000000001"), held_of(1, "z", 0, "0")});
  std::vector<reservation> read = read_reservations(test::document(text));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].subject, "z");
  EXPECT_EQ(read[1].amount.text(), "123456789012345678901234567890.000000000001");
  EXPECT_EQ(read[1].window_start, window_of_two);
  EXPECT_EQ(read[1].slot, 15);
  std::swap(read[0], read[1]);
  EXPECT_EQ(write_reservations(read), text);
  EXPECT_TRUE(read_reservations(test::document("null")).empty());
  EXPECT_TRUE(read_reservations(test::document("[]")).empty());
  // A row in another order comes in that of the locks.
  const std::string first = one_with("subject", "\"b\""), other = one_with("subject", "\"a\"");
  const test::document shuffled(first.substr(0, first.size() - 1) + ", " + other.substr(1));
  const std::vector<reservation> sorted = read_reservations(shuffled);
  ASSERT_EQ(sorted.size(), 2u);
  EXPECT_EQ(sorted[0].subject, "a");
}

TEST(CallReservations, ADamagedRowIsToldWithItsPlace) {
  EXPECT_EQ(damage_of(one_with("", "")), "taken");
  const std::string shape = "element 1 is no object of limit, tenant, subject, slot, window and amount";
  EXPECT_EQ(damage_of("[5]"), shape);
  EXPECT_EQ(damage_of("[{}]"), shape);
  EXPECT_EQ(damage_of(one_with("slot", "")), shape);
  for (const char* wrong : {"5", "null", "\"8c1f\"", "\"8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5g\""})
    EXPECT_EQ(damage_of(one_with("limit", wrong)), "element 1 has a wrong limit") << wrong;
  for (const char* wrong : {"-2", "16", "0.5", "\"0\"", "1e30", "true"})
    EXPECT_EQ(damage_of(one_with("slot", wrong)), "element 1 has a wrong slot") << wrong;
  for (const char* wrong : {"\"\"", "\"infinity\"", "\"2026-11-30\"", "\"2026-11-30T02:00:00Z\"",
                            "\"2026-11-30T03:00:00.000+01:00\"", "\"2026-02-31T00:00:00.000Z\"", "0"})
    EXPECT_EQ(damage_of(one_with("window", wrong)), "element 1 has a wrong window") << wrong;
  for (const char* wrong :
       {"1", "\"-1\"", "\"1.0\"", "\"1e3\"", "\"\"", "\"NaN\"", "\"Infinity\"", "\" 1\"", "\"+1\""})
    EXPECT_EQ(damage_of(one_with("amount", wrong)), "element 1 has a wrong amount") << wrong;
  EXPECT_EQ(damage_of(one_with("amount", '"' + std::string(1000, '9') + '"')),
            "element 1 has a wrong amount");
  EXPECT_EQ(damage_of(one_with("amount", '"' + std::string(61, '9') + '"')), "element 1 has a wrong amount");
  EXPECT_EQ(damage_of(one_with("subject", '"' + std::string(1025, 's') + '"')),
            "element 1 has a wrong subject");
  EXPECT_EQ(damage_of("{}"), "they are no array of at most 256 elements");
  EXPECT_EQ(damage_of("\"x\""), "they are no array of at most 256 elements");
  const std::string one = one_with("", "");
  EXPECT_EQ(damage_of(one.substr(0, one.size() - 1) + ", " + one.substr(1)),
            "element 1 in the order of locks names its counter twice");
}

TEST(CallReservations, AreBounded) {
  std::string many = "[0";
  for (int n = 0; n < 256; ++n) many += ", 0";
  EXPECT_EQ(damage_of(many + "]"), "they are no array of at most 256 elements");
  std::vector<reservation> held(257);
  EXPECT_THROW((void)write_reservations(held), error);
}

TEST(CallReservations, WhatCouldNotBeReadIsNotWritten) {
  const reservation good = held_of(1, "a", 0, "1");
  const auto is_written = [](const reservation& one) {
    try {
      return !write_reservations({one}).empty();
    } catch (const error& e) {
      EXPECT_STREQ(e.sqlstate(), "XX000");
      return false;
    }
  };
  EXPECT_TRUE(is_written(good));
  reservation one = good;
  one.amount = -one.amount;
  EXPECT_FALSE(is_written(one));
  one = good;
  one.slot = 16;
  EXPECT_FALSE(is_written(one));
  one = good;
  one.window_start += 1;  // no whole millisecond
  EXPECT_FALSE(is_written(one));
  one = good;
  one.window_start = INT64_MAX;
  EXPECT_FALSE(is_written(one));
  one = good;
  one.window_start = INT64_MIN + 1;
  EXPECT_FALSE(is_written(one));
  one = good;
  one.subject = std::string(1025, 's');
  EXPECT_FALSE(is_written(one));
  EXPECT_THROW((void)write_reservations({good, good}), error);
}

}  // namespace
}  // namespace llm_admin::calls
