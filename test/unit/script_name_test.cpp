#include "core/script_name.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace llm_admin {
namespace {

TEST(script_name, what_it_says) {
  const script_name whole = parse_script_name("llm_admin--0.1.sql");
  EXPECT_EQ(whole.version, "0.1");
  EXPECT_STREQ(whole.direction, "install");
  const script_name up = parse_script_name("llm_admin--0.9--0.10.sql");
  EXPECT_EQ(up.version, "0.10");
  EXPECT_EQ(up.newest, "0.10");
  EXPECT_STREQ(up.direction, "up");
  const script_name down = parse_script_name("llm_admin--0.10--0.9.sql");
  EXPECT_EQ(down.version, "0.9");
  EXPECT_EQ(down.newest, "0.10");
  EXPECT_STREQ(down.direction, "down");
}

TEST(script_name, no_other_name) {
  for (const std::string_view bad :
       {"", "llm_admin--.sql", "llm_admin--0.1", "llm_admin--0.1.sql ", "../llm_admin--0.1.sql",
        "llm_admin--../x.sql", "llm_admin--0..1.sql", "llm_admin--.1.sql", "llm_admin--0.1.--0.2.sql",
        "llm_admin--0.1--0.1.sql", "llm_admin--0.1--0.1.0.sql", "llm_admin--0.1--0.2--0.3.sql",
        "llm_admin--1234567890.sql", "other--0.1.sql", "llm_admin--0.1\n.sql"}) {
    EXPECT_THROW((void)parse_script_name(bad), error) << bad;
  }
}

TEST(script_name, versions_are_compared_by_number) {
  EXPECT_LT(compare_versions("0.9", "0.10"), 0);
  EXPECT_GT(compare_versions("1", "0.99"), 0);
  EXPECT_EQ(compare_versions("1.0", "1"), 0);
  EXPECT_LT(compare_versions("0.1", "0.1.1"), 0);
}

}  // namespace
}  // namespace llm_admin
