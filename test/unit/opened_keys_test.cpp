#include "core/crypto/opened_keys.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace llm_admin::crypto {
namespace {

// Random enough for a set, and the same in every run.
envelope::key_id id_of(std::uint64_t n) {
  envelope::key_id id{};
  std::uint64_t mixed = (n + 1) * 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9U;
  mixed ^= mixed >> 32;
  std::memcpy(id.data(), &mixed, sizeof mixed);
  std::memcpy(id.data() + 8, &n, sizeof n);
  return id;
}
std::vector<std::uint8_t> key_of(std::uint64_t n) {
  std::vector<std::uint8_t> key(key_size, static_cast<std::uint8_t>(n));
  std::memcpy(key.data(), &n, sizeof n);
  return key;
}
void add(opened_keys& keys, std::uint64_t n) {
  keys.insert(id_of(n), key_of(n));
  *keys.find(id_of(n))->uses = {static_cast<std::int32_t>(n), 7};
}
// Whether it is there; when it is, whole and right.
bool has(opened_keys& keys, std::uint64_t n) {
  const auto found = keys.find(id_of(n));
  if (!found) return false;
  EXPECT_EQ(found->uses->left, static_cast<std::int32_t>(n));
  EXPECT_EQ(found->uses->next, 7);
  EXPECT_TRUE(constant_time_equal(found->sealing_key, key_of(n))) << n;
  return true;
}
std::size_t present(opened_keys& keys, std::uint64_t below) {
  std::size_t count = 0;
  for (std::uint64_t n = 0; n < below; ++n) count += has(keys, n) ? 1 : 0;
  return count;
}

TEST(OpenedKeys, EmptyOnes) {
  opened_keys keys(64);
  EXPECT_EQ(keys.size(), 0U);
  EXPECT_FALSE(has(keys, 0));
  EXPECT_FALSE(keys.find(envelope::key_id{}));  // what a free slot holds
  add(keys, 1);
  EXPECT_FALSE(keys.find(envelope::key_id{}));
  keys.clear();
  EXPECT_EQ(keys.size(), 0U);
  EXPECT_FALSE(has(keys, 1));
  add(keys, 2);
  EXPECT_TRUE(has(keys, 2));
  EXPECT_EQ(keys.size(), 1U);
}

TEST(OpenedKeys, GrowsAndKeepsWhatItHolds) {
  constexpr std::uint64_t count = 20'000;
  opened_keys keys(131'072);
  std::size_t before = 0;
  for (std::uint64_t n = 0; n < count; ++n) {
    add(keys, n);
    ASSERT_TRUE(has(keys, n));
    ASSERT_GE(keys.size(), before) << "growing lost a key";
    before = keys.size();
  }
  EXPECT_EQ(present(keys, count), keys.size());
  EXPECT_GT(keys.size(), count * 9 / 10);  // a full set loses one before the memory doubles
}

TEST(OpenedKeys, IsBounded) {
  opened_keys keys(256);
  for (std::uint64_t n = 0; n < 5000; ++n) add(keys, n);
  EXPECT_LE(keys.size(), 256U);
  EXPECT_GT(keys.size(), 200U);
  EXPECT_EQ(present(keys, 5000), keys.size());
  EXPECT_TRUE(has(keys, 4999));
}

TEST(OpenedKeys, KeepsWhatIsUsed) {
  opened_keys keys(64);
  add(keys, 0);
  for (std::uint64_t n = 1; n < 2000; ++n) {
    add(keys, n);
    ASSERT_TRUE(has(keys, 0)) << n;
  }
}

TEST(OpenedKeys, AnIdIsThereOnce) {
  opened_keys keys(64);
  for (std::uint64_t n = 0; n < 50; ++n) {
    const auto key = key_of(n);
    keys.insert(id_of(7), key);
    ASSERT_EQ(keys.size(), 1U);
    ASSERT_EQ(keys.find(id_of(7))->uses->left, 0) << "a new one has no uses in hand";
    keys.find(id_of(7))->uses->left = 5;
    ASSERT_TRUE(constant_time_equal(keys.find(id_of(7))->sealing_key, key));
  }
}

TEST(OpenedKeys, OneThatMayNotGrowTakesAnotherOnesPlace) {
  opened_keys keys(1024);
  for (std::uint64_t n = 0; n < 20; ++n) add(keys, n);
  const std::size_t before = keys.size();
  for (std::uint64_t n = 100; n < 10'000; ++n) {
    keys.insert(id_of(n), key_of(n), false);
    const auto found = keys.find(id_of(n));
    ASSERT_TRUE(found);
    EXPECT_TRUE(constant_time_equal(found->sealing_key, key_of(n)));
  }
  EXPECT_GE(keys.size(), before);
  EXPECT_LE(keys.size(), 64U);  // the memory that twenty keys had
  opened_keys empty(64);
  empty.insert(id_of(1), key_of(1), false);
  EXPECT_TRUE(empty.find(id_of(1)));
}

}  // namespace
}  // namespace llm_admin::crypto
