// What calls cost: test/costs/cases.json, each by hand. Quantities are thousands in the column `how`.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/pricing/cost.hpp"
#include "core/pricing/names.hpp"

namespace llm_admin::pricing {
namespace {

json::node document(const std::string& text, json::tree& tree) {
  const json::item* made = json::parse(text, tree);
  EXPECT_NE(made, nullptr) << text;
  return json::view(made);
}

std::string cases_text() {
  std::ifstream in(LLM_ADMIN_TREE "/test/costs/cases.json");
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

std::int64_t count(const json::node& call, std::string_view name, std::int64_t otherwise = 0) {
  const json::node value = call.member(name);
  return value.is_number() ? std::stoll(value.number_text()) : otherwise;
}

bool is_set(const json::node& call, std::string_view name) {
  const json::node value = call.member(name);
  return value.is_boolean() && value.truth();
}

call call_of(const json::node& from) {
  call made;
  made.usage.prompt_tokens = count(from, "prompt_tokens");
  made.usage.completion_tokens = count(from, "completion_tokens");
  made.usage.cached_tokens = count(from, "cached_tokens");
  made.usage.cache_write_tokens = count(from, "cache_write_tokens");
  made.usage.cache_write_1h_tokens = count(from, "cache_write_1h_tokens");
  made.usage.reasoning_tokens = count(from, "reasoning_tokens");
  made.usage.requests = count(from, "requests", 1);
  made.usage.quantities = read_quantities(from.member("quantities"));
  made.service_tier = from.member("service_tier").text();
  made.local_server = is_set(from, "local_server");
  made.estimated = is_set(from, "estimated");
  made.from_cache = is_set(from, "from_cache");
  if (from.member("key_source").is_string()) made.key_source = key_source::byollm;
  if (const json::node reported = from.member("reported_usd"))
    made.reported_usd = money::decimal::from_text(reported.text());
  return made;
}

std::string text_of(const std::optional<money::decimal>& amount) { return amount ? amount->text() : "NULL"; }
std::string text_of(const json::node& expected) {
  return expected.is_string() ? std::string(expected.text()) : "NULL";
}

TEST(cost, cases) {
  json::tree tree;
  const std::string text = cases_text();
  const json::node cases = document(text, tree);
  ASSERT_GE(cases.size, 70U);
  for (std::uint32_t n = 0; n < cases.size; ++n) {
    const json::node one = cases.element(n);
    const std::string name(one.member("name").text());
    std::optional<rate_table> rates;
    if (one.member("rates").is_object()) rates = rate_table::read(one.member("rates"));
    std::optional<money::decimal> usd = 1;
    if (const json::node rate = one.member("usd"))
      usd = rate.is_string() ? money::decimal::from_text(rate.text()) : std::nullopt;
    const cost made = cost_of(call_of(one.member("call")), rates ? &*rates : nullptr, usd);
    EXPECT_EQ(text_of(made.cost_usd), text_of(one.member("cost_usd"))) << name;
    EXPECT_EQ(text_of(made.list_cost_usd), text_of(one.member("list_cost_usd"))) << name;
    EXPECT_EQ(name_of(made.status), one.member("status").text()) << name;
    EXPECT_EQ(made.note(), one.member("notes").text()) << name;
    // The lines are what the sum is made of.
    if (made.status != cost_status::priced && made.status != cost_status::partial) continue;
    money::decimal sum;
    for (const cost_line& line : made.lines) sum += line.cost;
    EXPECT_EQ((sum * *usd).text(), text_of(made.list_cost_usd)) << name;
  }
}

// Whatever the parts are, each token is charged once, or what was cut is told.
TEST(cost, tokens_are_charged_once) {
  json::tree tree;
  const rate_table one = rate_table::read(document(R"({"input": 1000, "output": 1000})", tree));
  std::uint64_t state = 7;
  const auto random = [&](std::int64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(below));
  };
  for (int n = 0; n < 2000; ++n) {
    call made;
    made.usage.prompt_tokens = random(1000);
    made.usage.cached_tokens = random(600);
    made.usage.cache_write_tokens = random(600);
    made.usage.cache_write_1h_tokens = random(600);
    made.usage.completion_tokens = random(1000);
    made.usage.reasoning_tokens = random(1200);
    for (const char* name : {"input_audio", "cached_audio", "input_image", "output_audio", "output_video"})
      if (random(2) == 0) made.usage.quantities.push_back({name, random(400)});
    const cost sum = cost_of(made, &one, money::decimal(1));
    ASSERT_TRUE(sum.cost_usd);
    EXPECT_EQ(sum.cost_usd->text(), std::to_string(made.usage.prompt_tokens + made.usage.completion_tokens));
  }
}

TEST(cost, explains_what_was_not_there) {
  json::tree tree;
  const rate_table rates = rate_table::read(document(R"({"input": 1, "output": 2, "input>1000": 3})", tree));
  call made;
  made.usage.prompt_tokens = 2000;
  made.usage.cached_tokens = 500;
  made.service_tier = "batch";
  const cost sum = cost_of(made, &rates, money::decimal(1));
  ASSERT_EQ(sum.lines.size(), 2U);
  EXPECT_EQ(sum.lines[1].meter, "cached_input");
  ASSERT_NE(sum.lines[1].by, nullptr);
  EXPECT_EQ(sum.lines[1].by->key, "input>1000");
  EXPECT_EQ(sum.lines[1].missing,
            (std::vector<std::string>{"cached_input@batch>1000", "cached_input>1000", "cached_input@batch",
                                      "cached_input", "input@batch>1000"}));
}

std::string problems(const std::string& text) {
  json::tree tree;
  try {
    (void)rate_table::read(document(text, tree));
  } catch (const error& refused) {
    EXPECT_STREQ(refused.sqlstate(), "LA002");
    return refused.detail();
  }
  return "";
}

TEST(rates, grammar) {
  EXPECT_EQ(
      problems(R"({"input": 0.1, "output@batch>200000": "1e-6", "x_any_thing": 3, "multiplier_eu.1": 1.1,
                        "cache_write_1h@on-demand>=5": 0, "input_image@priority": 1})"),
      "");
  for (const char* bad : {"", "inputs", "Input", "input@", "input>", "input>=0", "input>x", "input>-1",
                          "input>1.5", "input@a b", "@batch", "input>5@batch", "x_", "multiplier_",
                          "multiplier_standard", "multiplier@batch", "multiplier>5", "input>99999999999999"})
    EXPECT_TRUE(key_problem(bad)) << bad;
  EXPECT_EQ(problems(R"({"input": -1})"), "\"input\" is negative");
  EXPECT_EQ(problems(R"({"input": true})"),
            "\"input\" must be a decimal number of at most 60 digits on either side");
  EXPECT_NE(problems(R"({"input": "NaN"})"), "");
  EXPECT_NE(problems(R"({"input": "Infinity"})"), "");
  EXPECT_NE(problems(R"({"input": 1e99})"), "");
  EXPECT_NE(problems(R"({"input": 1e-99})"), "");
  EXPECT_NE(problems(R"({"multiplier": 0})"), "");
  EXPECT_NE(problems("[]"), "");
  EXPECT_EQ(problems(R"({"input>200000": 1, "input>=200001": 2})"),
            "\"input>200000\" and \"input>=200001\" mean the same");
  EXPECT_EQ(problems(R"({"input": 1, "input@default": 2})"), "\"input\" and \"input@default\" mean the same");
}

TEST(rates, problems_are_listed_up_to_ten) {
  std::string text = "{";
  for (int n = 0; n < 30; ++n) text += (n > 0 ? ", \"bad" : "\"bad") + std::to_string(n) + "\": 1";
  const std::string all = problems(text + "}");
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 9);
  text = "{";
  for (int n = 0; n < 300; ++n) text += (n > 0 ? ", \"input>" : "\"input>") + std::to_string(n) + "\": 1";
  EXPECT_EQ(problems(text + "}"), "a price has at most 200 rates");
}

std::string names(std::string_view vendor, std::string_view served, std::string_view canonical,
                  std::string_view requested) {
  std::string all;
  for (const name_to_try& one : names_to_try(vendor, served, canonical, requested))
    all += (all.empty() ? "" : " ") + one.model_id + (one.as_requested ? "?" : "");
  return all;
}

TEST(names, order) {
  EXPECT_EQ(names("openai", "gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06", "openai/gpt-4o"),
            "openai/gpt-4o-2024-08-06 openai/gpt-4o");
  EXPECT_EQ(names("openai", "gpt-4o-2024-08-06", "openai/gpt-4o-alias", "openai/fast"),
            "openai/gpt-4o-2024-08-06 openai/gpt-4o-alias openai/gpt-4o openai/fast?");
  // What stands in between stays in front.
  EXPECT_EQ(names("openrouter", "openai/gpt-4o", "openrouter/openai/gpt-4o", ""), "openrouter/openai/gpt-4o");
  EXPECT_EQ(names("openai", "", "", "openai/gpt-4o"), "openai/gpt-4o");
  EXPECT_EQ(names("anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5-20250929", ""),
            "anthropic/claude-sonnet-4-5-20250929 anthropic/claude-sonnet-4-5");
}

TEST(names, dates) {
  EXPECT_EQ(without_date("openai/gpt-4o-2024-08-06"), "openai/gpt-4o");
  EXPECT_EQ(without_date("claude-3-5-haiku-20241022"), "claude-3-5-haiku");
  EXPECT_EQ(without_date("claude-sonnet-4@20250514"), "claude-sonnet-4");
  EXPECT_EQ(without_date("mistral-large-latest"), "mistral-large");
  for (const char* whole : {"gpt-4o-mini", "gpt-4o", "gpt-4-0613", "gemini-2.5-pro-preview-06-05", "-latest",
                            "openai/-latest", "a/@b/c", "gpt-4-2024-08-0x"})
    EXPECT_EQ(without_date(whole), "") << whole;
}

TEST(quantities, problems) {
  json::tree tree;
  EXPECT_TRUE(read_quantities({}).empty());
  EXPECT_EQ(read_quantities(document(R"({"seconds": 12.5, "pages": null})", tree)).size(), 1U);
  for (const char* bad :
       {"[]", R"({"a": -1})", R"({"a": "5"})", R"({"": 1})", R"({"a": 1e16})", R"({"a": {}})"})
    EXPECT_THROW(read_quantities(document(bad, tree)), error) << bad;
}

}  // namespace
}  // namespace llm_admin::pricing
