#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "core/limits/denial_counts.hpp"

namespace llm_admin::limits {
namespace {

struct counts_in_memory {
  explicit counts_in_memory(std::size_t buckets)
      : memory(denial_counts::bytes(buckets) / sizeof(std::max_align_t) + 1),
        counts(denial_counts::prepare(memory.data(), buckets)) {}

  std::int64_t of(const denial_key& key) const {
    for (std::size_t n = 0; n < counts->size(); ++n)
      if (counts->entry(n).is(key)) return counts->entry(n).denied;
    return 0;
  }
  std::int64_t all() const {
    std::int64_t sum = counts->other().denied;
    for (std::size_t n = 0; n < counts->size(); ++n) sum += counts->entry(n).denied;
    return sum;
  }

  std::vector<std::max_align_t> memory;
  denial_counts* counts;
};

TEST(LimitDenialCounts, EachKeyHasItsOwn) {
  counts_in_memory of(4);
  const denial_key key{1, {}, "acme", "ann"};
  denial_key others[] = {key, key, key, key};
  others[0].database = 2;
  others[1].limit_id[15] = 1;
  others[2].tenant = "acm";
  others[2].subject = "eann";
  others[3].subject = "";
  of.counts->note(key, 10);
  for (const denial_key& other : others) EXPECT_EQ(of.of(other), 0);
  for (const denial_key& other : others) of.counts->note(other, 11);
  of.counts->note(key, 12);
  of.counts->note(key, 5);  // a clock that steps back
  EXPECT_EQ(of.of(key), 3);
  for (const denial_key& other : others) EXPECT_EQ(of.of(other), 1);
  for (std::size_t n = 0; n < of.counts->size(); ++n) {
    const denial_entry& one = of.counts->entry(n);
    if (!one.is(key)) continue;
    EXPECT_EQ(one.first_at, 10);
    EXPECT_EQ(one.last_at, 12);
    EXPECT_EQ(one.tenant(), "acme");
    EXPECT_EQ(one.subject(), "ann");
  }
  EXPECT_EQ(of.counts->other().denied, 0);
}

TEST(LimitDenialCounts, TheOldestMakesRoom) {
  counts_in_memory of(1);
  std::vector<std::string> names;
  for (int n = 0; n < 9; ++n) names.push_back("user " + std::to_string(n));
  for (int n = 0; n < 8; ++n) of.counts->note({1, {}, "", names[static_cast<std::size_t>(n)]}, n);
  of.counts->note({1, {}, "", names[0]}, 20);  // now the second is the oldest
  of.counts->note({1, {}, "", names[1]}, 1);
  of.counts->note({1, {}, "", names[8]}, 21);
  EXPECT_EQ(of.of({1, {}, "", names[0]}), 2);
  EXPECT_EQ(of.of({1, {}, "", names[1]}), 0);
  EXPECT_EQ(of.of({1, {}, "", names[8]}), 1);
  EXPECT_EQ(of.counts->other().denied, 2);
  EXPECT_EQ(of.counts->other().first_at, 1);
  EXPECT_EQ(of.counts->other().last_at, 1);
}

TEST(LimitDenialCounts, LongNamesAreCountedTogether) {
  counts_in_memory of(1);
  const std::string fits(denial_entry::most_names - 4, 'x');
  of.counts->note({1, {}, "acme", fits}, 1);
  EXPECT_EQ(of.of({1, {}, "acme", fits}), 1);
  of.counts->note({1, {}, "acme", fits + "x"}, 2);
  of.counts->note({1, {}, std::string(100'000, 't'), ""}, 3);
  EXPECT_EQ(of.counts->other().denied, 2);
  EXPECT_EQ(of.counts->other().first_at, 2);
  EXPECT_EQ(of.counts->other().last_at, 3);
}

// Whatever comes, the sum is exact, and an entry never says more than was.
TEST(LimitDenialCounts, NothingIsLost) {
  std::mt19937 random(3);
  counts_in_memory of(8);
  std::map<std::tuple<std::uint32_t, std::string>, std::int64_t> expected;
  for (std::int64_t n = 1; n <= 20'000; ++n) {
    const auto database = static_cast<std::uint32_t>(random() % 2);
    const std::string subject = "u" + std::to_string(random() % (random() % 300 + 1));
    of.counts->note({database, {}, "t", subject}, n);
    ++expected[{database, subject}];
    if (n % 1000 == 0) {
      EXPECT_EQ(of.all(), n);
    }
  }
  std::size_t seen = 0;
  for (const auto& [key, count] : expected) {
    const std::int64_t told = of.of({std::get<0>(key), {}, "t", std::get<1>(key)});
    EXPECT_LE(told, count);
    seen += told > 0 ? 1 : 0;
  }
  EXPECT_EQ(seen, of.counts->size());
}

TEST(LimitDenialCounts, NoBucketsCountAllTogether) {
  counts_in_memory of(0);
  of.counts->note({1, {}, "t", "u"}, 1);
  EXPECT_EQ(of.counts->other().denied, 1);
}

}  // namespace
}  // namespace llm_admin::limits
