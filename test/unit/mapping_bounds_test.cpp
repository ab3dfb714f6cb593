// Work and memory of mapping 1.1 are bounded by rules x values, whatever a config and its input look like.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "unit/mapping_rules.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::rule_call;

// One rule over param:metadata, with what it used.
struct measured {
  std::shared_ptr<const request_program> program;
  json::tree out;
  limits most;
  budget left;
  std::string error;  // its SQLSTATE
  std::vector<finding> findings;
  json::node value;

  measured(const std::string& rule, const document& params, limits bounds = {},
           const std::string& defs = "{}")
      : most(bounds) {
    const auto compiled = compile_request(document(
        R"({"version":"1.1","defs":)" + defs +
        R"(,"payload_structure":{"model":{"value":"m"},"messages":{"value":[]},"x":)" + rule + "}}"));
    program = compiled.program;
    EXPECT_NE(program, nullptr) << render(compiled.problems);
    if (program == nullptr) return;
    scope in;
    in.params = params;
    left = budget(most, program->rules.rules.size(), {params});
    evaluator run(program->rules, in, left, most, out, true);
    try {
      for (std::size_t n = 0; n < program->rules.top; ++n) {
        const mapping::rule& one = program->rules.rules[n];
        if (one.name == "x") value = json::view(run.run(one));
      }
    } catch (const llm_admin::error& why) {
      error = why.sqlstate();
    }
    findings = std::move(run.errors);
  }
};

std::string repeated(const std::string& one, std::size_t count) {
  std::string all = "[";
  for (std::size_t n = 0; n < count; ++n) all += (n == 0 ? "" : ",") + one;
  return all + "]";
}

std::string metadata(const std::string& value) { return R"({"metadata":)" + value + "}"; }

TEST(mapping_bounds, nested_each_is_refused_within_the_bound) {
  std::string rule = R"("@")";
  for (int n = 0; n < 5; ++n) rule = R"({"each":"param:metadata[*]","as":)" + rule + "}";
  const document params(metadata(repeated("1", 100)));
  const measured call(rule, params);
  EXPECT_EQ(call.error, "54000");
  const std::uint64_t nodes = 102, rules = call.program->rules.rules.size();
  EXPECT_EQ(call.left.most, 64 * rules * nodes);  // the whole input was counted, and no more was allowed
  EXPECT_EQ(call.left.used, call.left.most + 1);
}

TEST(mapping_bounds, max_matches_is_the_ceiling) {
  limits few;
  few.max_matches = 5000;
  std::string rule = R"({"each":"param:metadata[*]","as":{"each":"param:metadata[*]"}})";
  const measured call(rule, metadata(repeated("1", 1000)), few);
  EXPECT_EQ(call.error, "54000");
  EXPECT_EQ(call.left.used, 5001u);
}

TEST(mapping_bounds, definitions_that_double_are_refused) {
  std::string defs = R"({"d0":{"value":1})";
  for (int n = 1; n < 60; ++n) {
    const std::string below = R"({"use":"d)" + std::to_string(n - 1) + R"("})";
    defs += R"(,"d)" + std::to_string(n) + R"(":{"items":[)" + below + "," + below + "]}";
  }
  const measured call(R"({"use":"d59"})", metadata("1"), {}, defs + "}");
  EXPECT_EQ(call.error, "54000");
  EXPECT_LE(call.left.used, call.left.most + 1);
  EXPECT_LT(call.left.used, 100'000u);
}

TEST(mapping_bounds, ordinary_calls_count_nothing) {
  const measured call(R"({"each":"param:metadata[*]","as":"@"})", metadata(repeated("1", 1000)));
  EXPECT_EQ(call.error, "");
  EXPECT_EQ(call.left.most, 4096u);  // not raised, so nothing was counted
}

TEST(mapping_bounds, merging_is_linear) {
  const std::string rule = R"({"each":"param:metadata[*]","merge_adjacent":{"by":"r","append":["c"]}})";
  const auto steps = [&](const std::string& item, std::size_t count) {
    const document params(metadata(repeated(item, count)));
    const measured call(rule, params);
    EXPECT_EQ(call.error, "");
    EXPECT_EQ(call.value.size, 1u);
    EXPECT_LT(call.out.bytes(), 64 * 1024 + count * (512 + 2 * item.size()));
    return call.left.used;
  };
  const std::string text = R"({"r":1,"c":")" + std::string(1000, 'x') + R"("})";
  EXPECT_LE(steps(text, 10'000), 2 * steps(text, 5'000) + 10);
  EXPECT_LE(steps(R"({"r":1,"c":[1,2]})", 10'000), 2 * steps(R"({"r":1,"c":[1,2]})", 5'000) + 10);
}

TEST(mapping_bounds, lookups_are_linear) {
  const std::string rule =
      R"({"each":"param:metadata[*]","as":{"lookup":{"in":"param:metadata[*]","key":"@.k","equals":"@.k",)"
      R"("then":"@.v"}}})";
  std::string items = "[";
  for (int n = 0; n < 10'000; ++n)
    items += (n == 0 ? "" : ",") + (R"({"v":1,"k":)" + std::to_string(n) + "}");
  const document params(metadata(items + "]"));
  const measured call(rule, params);
  EXPECT_EQ(call.error, "");
  EXPECT_EQ(call.value.size, 10'000u);
  EXPECT_LT(call.left.used, 200'000u);
}

TEST(mapping_bounds, members_of_wide_objects_are_paid_for) {
  std::string wide = "{";
  for (int n = 0; n < 5'120; ++n) wide += (n == 0 ? "\"m" : ",\"m") + std::to_string(n) + "\":1";
  const document params(metadata(R"({"list":)" + repeated("1", 100) + R"(,"wide":)" + wide + "}}"));
  const measured call(R"({"each":"param:metadata.list[*]","as":"param:metadata.wide.gone"})", params);
  EXPECT_EQ(call.error, "");
  EXPECT_GT(call.left.used, 100u * 10u);
  const measured filter(R"({"each":"param:metadata.list[*]","as":"param:metadata[?(@.gone == 1)]"})", params);
  EXPECT_EQ(filter.error, "");
  EXPECT_GT(filter.left.used, 100u * 10u);
}

// A long text that is read for every item, with nothing to show for it.
TEST(mapping_bounds, long_texts_are_paid_for) {
  const document params(
      metadata(R"({"text":")" + std::string(1u << 18, 'x') + R"(","list":)" + repeated("1", 100) + "}"));
  for (const char* rule : {R"({"source":"param:metadata.text","max_length":1,"on_error":"omit"})",
                           R"({"format":"{param:metadata.text}{param:metadata.gone}","on_error":"omit"})",
                           R"({"source":"param:metadata.text","map":{"a":1},"map_default":2})"}) {
    const measured call(R"({"each":"param:metadata.list[*]","as":)" + std::string(rule) + "}", params);
    EXPECT_EQ(call.error, "") << rule;
    EXPECT_GE(call.left.used, 100u * 4u) << rule;
  }
}

TEST(mapping_bounds, large_documents) {
  const document params(metadata(repeated(R"({"t":")" + std::string(1000, 'x') + R"("})", 10'000)));
  const measured all(R"({"each":"param:metadata[*]","as":{"fields":{"text":"@.t"}}})", params);
  EXPECT_EQ(all.error, "");
  EXPECT_EQ(all.value.size, 10'000u);
  EXPECT_LT(all.out.bytes(), 6u << 20);  // borrowed, not copied
  limits small;
  small.max_output_bytes = 1u << 19;
  const char* rules[] = {R"({"source":"param:metadata[*].t","join":""})",
                         R"({"each":"param:metadata[*]","as":{"fields":{"text":"@.t"}}})",
                         R"({"source":"param:metadata[*]","all":true})",
                         R"({"each":"param:metadata[*]","merge_adjacent":{"by":"r","append":["t"]},)"
                         R"("as":{"fields":{"r":{"value":1},"t":"@.t"}}})",
                         R"({"source":"param:metadata","codec":"json_encode"})"};
  for (const char* rule : rules) EXPECT_EQ(measured(rule, params, small).error, "54000") << rule;
}

TEST(mapping_bounds, findings_are_kept_up_to_a_number) {
  const document params(metadata(repeated(R"("x")", 10'000)));
  const measured call(R"({"each":"param:metadata[*]","as":{"source":"@","type":"integer"}})", params);
  EXPECT_EQ(call.error, "");
  ASSERT_EQ(call.findings.size(), evaluator::max_findings);
  EXPECT_EQ(call.findings[49].input, "/metadata/49");
  EXPECT_EQ(call.value.type, json::kind::absent);
}

TEST(mapping_bounds, numbers_of_many_digits) {
  const std::string digits = "0." + std::string(10'000, '7');
  EXPECT_EQ(test::built(R"({"sum":["param:metadata","param:metadata"]})", digits),
            "1." + std::string(9'999, '5') + "4");
  EXPECT_EQ(test::built(R"({"source":"param:metadata","min":0})", digits), digits);
  EXPECT_EQ(test::built(R"({"source":"param:metadata","map":{"1":2},"map_else":"keep"})", digits), digits);
  const document many(metadata(repeated(digits, 1000)));
  const measured sum(R"({"sum":"param:metadata[*]"})", many);
  EXPECT_EQ(sum.value.number_text(), "777." + std::string(9'997, '7'));
}

TEST(mapping_bounds, the_deepest_rules_fit_the_stack) {
  std::string defs = R"({"d0":{"source":"@"})";
  for (int n = 1; n < 60; ++n) {
    std::string rule = R"({"use":"d)" + std::to_string(n - 1) + R"("})";
    for (int inner = 0; inner < 3; ++inner) rule = R"({"each":"param:metadata[*]","as":)" + rule + "}";
    defs += R"(,"d)" + std::to_string(n) + R"(":)" + rule;
  }
  const document params(metadata("[1]"));
  const measured call(R"({"use":"d59"})", params, {}, defs + "}");
  EXPECT_EQ(call.error, "");
  EXPECT_EQ(json::measure(call.value, 10'000, 1000).depth, 3u * 59);
}

TEST(mapping_bounds, deep_documents_cost_no_stack) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const document params(metadata(deep));
  const measured call(R"({"switch":[{"when":{"path":"param:metadata","eq":[[]]},"then":{"value":1}},)"
                      R"({"then":"param:metadata"}]})",
                      params);
  EXPECT_EQ(call.error, "");
  EXPECT_TRUE(call.value.is_array());
}

// How a server lets a statement be cancelled: by steps, and by what one step looks through.
struct cancelled {};
int polls;

limits cancelled_at_third_poll() {
  polls = 0;
  limits bounds;
  bounds.poll = [] {
    if (++polls == 3) throw cancelled{};
  };
  return bounds;
}

TEST(mapping_bounds, many_steps_can_be_cancelled) {
  const document many(metadata(repeated("1", 20000)));
  EXPECT_THROW(measured(R"({"source":"param:metadata[*]","all":true})", many, cancelled_at_third_poll()),
               cancelled);
}

TEST(mapping_bounds, few_steps_over_long_texts_can_be_cancelled) {
  const document few(R"({"user":")" + std::string(1u << 20, 'x') + R"(","metadata":)" + repeated("1", 20) +
                     "}");
  for (const char* of :
       {R"("codec":"json_decode")", R"("max_length":1)", R"("map":{"a":"b"})", R"("type":"integer")"}) {
    const std::string rule = std::string(R"({"each":"param:metadata[*]","as":{"source":"param:user",)") + of +
                             R"(,"on_error":"omit"}})";
    EXPECT_THROW(measured(rule, few, cancelled_at_third_poll()), cancelled) << of;
    EXPECT_EQ(polls, 3) << of;
  }
}

}  // namespace
}  // namespace llm_admin::mapping
