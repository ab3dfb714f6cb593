#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/glob.hpp"
#include "core/limits/matcher.hpp"

namespace llm_admin::limits {
namespace {

uuid id_of(std::uint32_t n) {
  uuid made{};
  for (int byte = 0; byte < 4; ++byte)
    made[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(n >> (24 - 8 * byte));
  return made;
}

limit made_of(std::uint32_t n, scope of, std::string subject, std::string model = "*",
              std::string tenant = "*") {
  limit made;
  made.id = id_of(n);
  made.scope = of;
  made.subject = std::move(subject);
  made.model = std::move(model);
  made.tenant = std::move(tenant);
  made.amount = 10;
  return made;
}

// Each as number:tenant:subject.
std::string met(const compiled_limits& all, const call_facts& call) {
  std::string text;
  for (const met_limit& one : all.matching(call)) {
    const std::uint32_t n = static_cast<std::uint32_t>(one.by->id[2]) << 8 | one.by->id[3];
    text += (text.empty() ? "" : " ") + std::to_string(n) + ":" + one.tenant + ":" + one.subject;
  }
  return text;
}

TEST(LimitMatcher, EveryLimitThatMatchesInLockOrder) {
  std::vector<limit> all = {made_of(9, scope::organisation, ""),
                            made_of(8, scope::tenant, "acme"),
                            made_of(7, scope::team, "search*"),
                            made_of(6, scope::user, "*"),
                            made_of(5, scope::key, "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"),
                            made_of(4, scope::tier, "gold"),
                            made_of(3, scope::model, "openai/*"),
                            made_of(2, scope::account, "*"),
                            made_of(1, scope::tag, "project=*"),
                            made_of(11, scope::user, "*", "groq/*"),
                            made_of(12, scope::user, "bob"),
                            made_of(13, scope::tier, "gold", "*", "acme"),
                            made_of(14, scope::tier, "gold", "*", "other"),
                            made_of(15, scope::user, "*", "*", "ac?e")};
  all.push_back(made_of(16, scope::organisation, ""));
  all.back().enabled = false;
  all.push_back(made_of(17, scope::organisation, ""));
  all.back().amount.reset();  // unlimited
  std::mt19937 random(1);
  std::shuffle(all.begin(), all.end(), random);
  const compiled_limits compiled(all);
  const call_tag tags[] = {{"project", "search"}, {"env", "prod"}, {"project", "ads"}, {"project", "ads"}};
  call_facts call{"acme",
                  "search-eu",
                  "alice",
                  "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a",
                  "gold",
                  "openai/gpt-4o",
                  "0a1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a",
                  tags};
  EXPECT_EQ(
      met(compiled, call),
      "1::project=ads 1::project=search 2::0a1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a 3::openai/gpt-4o 4::gold "
      "5:acme:8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a 6:acme:alice 7:acme:search-eu 8:acme:acme 9:: "
      "13:acme:gold 15:acme:alice");
  EXPECT_EQ(met(compiled, {}), "9::");  // what a call does not have meets nothing
  EXPECT_EQ(compiled.find(id_of(17))->id, id_of(17));
  EXPECT_EQ(compiled.find(id_of(18)), nullptr);
  EXPECT_EQ(met(compiled_limits(), call), "");
}

TEST(LimitMatcher, AsEachLimitByItself) {
  std::mt19937 random(2);
  const auto glob = [&] {
    std::string made;
    for (unsigned n = 1 + random() % 4; n > 0; --n) made += "ab/*?"[random() % 5];
    return made;
  };
  for (int round = 0; round < 15; ++round) {
    std::vector<limit> all;
    for (std::uint32_t n = 0; n < 300; ++n)
      all.push_back(made_of(n, random() % 2 == 0 ? scope::user : scope::model, glob(),
                            random() % 3 == 0 ? "*" : glob(), random() % 3 == 0 ? "*" : glob()));
    const compiled_limits compiled(all);
    for (const char* user : {"a", "ab", "b/a", ""})
      for (const char* model : {"a/b", "bb", "b/"}) {
        call_facts call;
        call.tenant = "ab", call.user = user, call.model = model;
        std::string expected;
        for (const limit& one : all) {
          const std::string subject = one.scope == scope::user ? user : model;
          if (subject.empty() || !glob_matches(one.subject, subject) || !glob_matches(one.model, model) ||
              !glob_matches(one.tenant, "ab"))
            continue;
          const std::uint32_t n = static_cast<std::uint32_t>(one.id[2]) << 8 | one.id[3];
          const bool own = one.scope == scope::user || one.tenant == "ab";
          expected +=
              (expected.empty() ? "" : " ") + std::to_string(n) + ":" + (own ? "ab" : "") + ":" + subject;
        }
        ASSERT_EQ(met(compiled, call), expected);
      }
  }
}

// How much is looked at does not grow with the limits, whichever of the three globs tells them apart.
TEST(LimitMatcher, FlatFromTenToFiftyThousandLimits) {
  constexpr std::size_t most_compared = 40;
  using maker = limit (*)(std::uint32_t);
  const maker makers[] = {
      [](std::uint32_t n) { return made_of(n, scope::user, "user-" + std::to_string(n)); },
      [](std::uint32_t n) { return made_of(n, scope::user, "user-" + std::to_string(n) + "*"); },
      [](std::uint32_t n) { return made_of(n, scope::user, "*", "openai/model-" + std::to_string(n)); },
      [](std::uint32_t n) { return made_of(n, scope::user, "*", "*/model-" + std::to_string(n)); },
      [](std::uint32_t n) { return made_of(n, scope::user, "*", "*", "tenant-" + std::to_string(n)); },
      [](std::uint32_t n) { return made_of(n, scope::tag, "project=" + std::to_string(n) + "-*"); },
      // A grid: many users of few models each, and the other way round.
      [](std::uint32_t n) {
        return made_of(n, scope::user, "user-" + std::to_string(n / 250),
                       "openai/model-" + std::to_string(n % 250));
      },
      [](std::uint32_t n) {
        return made_of(n, scope::user, "user-" + std::to_string(n % 5'000), "openai/*",
                       "tenant-" + std::to_string(n / 5'000));
      },
  };
  for (std::size_t kind = 0; kind < std::size(makers); ++kind)
    for (const std::uint32_t count : {10U, 50'000U}) {
      std::vector<limit> all;
      all.reserve(count);
      for (std::uint32_t n = 0; n < count; ++n) all.push_back(makers[kind](n));
      all.push_back(made_of(count, scope::organisation, ""));
      const compiled_limits compiled(std::move(all));
      for (const int of : {0, 3, 7}) {
        const std::string n = std::to_string(of), user = "user-" + n, model = "openai/model-" + n;
        const std::string tenant = kind == 7 ? "tenant-0" : "tenant-" + n, value = n + "-x";
        const call_tag tag{"project", value};
        call_facts call;
        call.user = user, call.model = model, call.tenant = tenant;
        call.tags = {&tag, 1};
        if (kind == 6) call.user = "user-0";
        std::size_t compared = 0;
        EXPECT_EQ(compiled.matching(call, &compared).size(), 2U) << kind << " " << count << " " << of;
        EXPECT_LE(compared, most_compared) << kind << " " << count;
      }
    }
}

}  // namespace
}  // namespace llm_admin::limits
