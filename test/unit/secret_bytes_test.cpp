#include "core/secret_bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

#include "core/encoding.hpp"

namespace llm_admin {
namespace {

static_assert(!std::is_copy_constructible_v<secret_bytes> && !std::is_copy_assignable_v<secret_bytes>);
static_assert(std::is_nothrow_move_constructible_v<secret_bytes> &&
              std::is_nothrow_move_assignable_v<secret_bytes>);

TEST(SecretBytes, StartsZeroFilled) {
  secret_bytes bytes(3);
  ASSERT_EQ(bytes.size(), 3U);
  EXPECT_EQ(bytes.text(), std::string_view("\0\0\0", 3));
  EXPECT_TRUE(secret_bytes().empty());
  EXPECT_TRUE(secret_bytes(0).empty());
}

TEST(SecretBytes, CopiesOnPurposeOnly) {
  const secret_bytes bytes = secret_bytes::copy_of(as_bytes("sk-1234"));
  const secret_bytes copy = secret_bytes::copy_of(bytes.span());
  EXPECT_EQ(copy.text(), "sk-1234");
  EXPECT_NE(copy.data(), bytes.data());
  EXPECT_TRUE(secret_bytes::copy_of({}).empty());
}

TEST(SecretBytes, MovesLeaveTheSourceEmpty) {
  secret_bytes first = secret_bytes::copy_of(as_bytes("first"));
  secret_bytes second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT: the contract says what is left
  EXPECT_EQ(first.data(), nullptr);
  secret_bytes third = secret_bytes::copy_of(as_bytes("third"));
  third = std::move(second);
  EXPECT_EQ(third.text(), "first");
  EXPECT_TRUE(second.empty());  // NOLINT
  secret_bytes& same = third;
  third = std::move(same);
  EXPECT_EQ(third.text(), "first");
}

TEST(SecretBytes, ShrinkCleansesTheTail) {
  secret_bytes bytes = secret_bytes::copy_of(as_bytes("abcdef"));
  const std::uint8_t* memory = bytes.data();
  bytes.shrink(2);
  EXPECT_EQ(bytes.text(), "ab");
  for (int i = 2; i < 6; ++i) EXPECT_EQ(memory[i], 0);  // still ours: capacity stays
  bytes.shrink(10);
  EXPECT_EQ(bytes.size(), 2U);
}

TEST(SecretBytes, AppendsGrowAndMayReferToThemselves) {
  secret_bytes bytes = secret_bytes::copy_of(as_bytes("ab"));
  std::string expected = "ab";
  for (int i = 0; i < 8; ++i) {
    bytes.append(bytes.span());
    expected += expected;
    ASSERT_EQ(bytes.text(), expected);
  }
  bytes.append({});
  EXPECT_EQ(bytes.text(), expected);
  bytes.shrink(1);
  bytes.append(as_bytes("xyz"));
  EXPECT_EQ(bytes.text(), "axyz");
}

}  // namespace
}  // namespace llm_admin
