// What ships: every file of src/shipped is embedded to the letter, and rows are made of dialects and
// differences.
#include "core/shipped.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "core/shipped_files.hpp"
#include "unit/dialect_files.hpp"

namespace llm_admin::shipped {
namespace {

TEST(shipped, files_are_embedded_to_the_letter) {
  const std::string folder = test::tree_folder + "/src/shipped";
  std::map<std::string, std::string> on_disk;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      on_disk[std::filesystem::relative(entry.path(), folder).string()] =
          test::file_text(entry.path().string());
  std::map<std::string, std::string> embedded;
  std::string_view before;
  for (const file& one : files()) {
    EXPECT_LT(before, one.name);
    before = one.name;
    embedded[std::string(one.name)] = one.text;
  }
  EXPECT_GT(embedded.size(), 15u);
  EXPECT_EQ(embedded, on_disk);
}

class ships : public ::testing::Test {
 protected:
  const provider& of(std::string_view name) {
    for (const provider& one : catalog_.providers())
      if (one.name() == name) return one;
    throw std::runtime_error("not shipped: " + std::string(name));
  }
  const dialect& spoken_by(const provider& one) {
    for (const dialect& d : catalog_.dialects())
      if (d.name() == one.row.member("dialect").text()) return d;
    throw std::runtime_error("no dialect");
  }
  catalog catalog_;
};

TEST_F(ships, a_provider_without_differences_has_its_dialect_s_mapping) {
  const provider& same = of("ollama");
  EXPECT_TRUE(test::equal(same.request_config, spoken_by(same).request_config));
  EXPECT_TRUE(test::equal(same.response_config, spoken_by(same).response_config));
  for (const provider& one : catalog_.providers()) {
    const dialect& spoken = spoken_by(one);
    EXPECT_TRUE(test::equal(one.request_config.member("version"), spoken.request_config.member("version")));
    EXPECT_TRUE(one.request_config.member("payload_structure").is_object()) << one.name();
    EXPECT_TRUE(one.response_config.member("extraction_rules").is_object()) << one.name();
  }
}

TEST_F(ships, null_takes_a_member_away_and_a_value_takes_its_place) {
  const provider& groq = of("groq");
  const json::node operations = groq.request_config.member("operations");
  EXPECT_FALSE(operations.member("embed"));
  EXPECT_TRUE(spoken_by(groq).request_config.member("operations").member("embed"));
  EXPECT_EQ(operations.member("test").member("path").text(), "/openai/v1/models");
}

TEST_F(ships, definitions_take_the_place_of_the_dialect_s_own) {
  const provider& mistral = of("mistral");
  const json::node defs = mistral.request_config.member("defs"),
                   own = spoken_by(mistral).request_config.member("defs");
  EXPECT_EQ(defs.member("call_id").member("codec").text(), "fit_id");
  EXPECT_FALSE(own.member("call_id").member("codec"));
  EXPECT_TRUE(test::equal(defs.member("message"), own.member("message")));
  const json::node answers = mistral.response_config.member("defs"),
                   others = spoken_by(mistral).response_config.member("defs");
  EXPECT_FALSE(test::equal(answers.member("kept_content"), others.member("kept_content")));
  EXPECT_TRUE(test::equal(answers.member("calls"), others.member("calls")));
  EXPECT_EQ(mistral.request_config.member("ignores").member("message").size, 2u);
}

TEST_F(ships, stream_rules_come_behind_the_dialect_s_own) {
  const provider& router = of("openrouter");
  const json::node own = spoken_by(router).response_config.member("stream").member("rules");
  const json::node all = router.response_config.member("stream").member("rules");
  ASSERT_GT(all.size, own.size);
  for (std::uint32_t n = 0; n < own.size; ++n) EXPECT_TRUE(test::equal(own.element(n), all.element(n)));
  EXPECT_EQ(all.element(own.size).member("to").text(), "$.provider");
  const json::node section = spoken_by(router).response_config.member("stream");
  EXPECT_EQ(router.response_config.member("stream").size, section.size);
  std::string_view name;
  for (std::uint32_t n = 0; n < section.size; ++n) {
    const json::node value = section.member_at(n, name);
    if (name == "rules") continue;
    EXPECT_TRUE(test::equal(value, router.response_config.member("stream").member(name))) << name;
  }
}

TEST_F(ships, names_are_unique_and_aliases_lead_to_them) {
  std::set<std::string> names;
  std::size_t active = 0;
  for (const provider& one : catalog_.providers()) {
    EXPECT_TRUE(names.emplace(one.name()).second) << one.name();
    active += one.row.member("is_active").truth() ? 1 : 0;
  }
  EXPECT_EQ(active, 1u);
  const json::node aliases = catalog_.provider_aliases();
  ASSERT_GT(aliases.size, 0u);
  for (std::uint32_t n = 0; n < aliases.size; ++n) {
    EXPECT_TRUE(names.contains(std::string(aliases.element(n).member("provider_name").text())));
    EXPECT_FALSE(names.contains(std::string(aliases.element(n).member("alias").text())));
  }
}

}  // namespace
}  // namespace llm_admin::shipped
