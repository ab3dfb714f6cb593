// The exact meanings of what mapping 1.2 adds to rules and conditions.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/fit_id.hpp"
#include "core/mapping/state.hpp"
#include "unit/mapping_rules.hpp"

namespace llm_admin::mapping {
namespace {

using test::built_latest;
using test::document;
using test::extracted_latest;
using test::rule_call;
using test::text_of;

std::string of(const std::string& members) { return R"({"source":"param:metadata",)" + members + "}"; }

// A rule x of a request of the dialect "d", run over an item; its value and the notes of the evaluation.
struct noted {
  std::string value, notes;
  noted(const std::string& rule, const std::string& params_text) {
    const document config(R"({"version":"1.2","dialect":"d","payload_structure":{"model":"param:model_name",)"
                          R"("messages":"param:messages","x":)" +
                          rule + "}}");
    const document params(params_text);
    const auto made = compile_request(config);
    if (!made.program) {
      value = render(made.problems);
      return;
    }
    scope in;
    in.params = params;
    budget left;
    const limits most;
    json::tree out;
    evaluator run(made.program->rules, in, left, most, out, true);
    const json::item* given = run.run(made.program->rules.rules[2]);
    value = given == nullptr ? "absent" : text_of(given);
    for (const finding& one : run.warnings)
      notes += (notes.empty() ? "" : "\n") + one.input + "|" + one.rule + "|" + one.message;
    EXPECT_EQ(render(run.errors), "");
  }
};

TEST(mapping_latest, first) {
  const std::string rule = R"({"first":["param:metadata.a",{"format":"b{param:metadata.b}"},{"value":"c"}]})";
  EXPECT_EQ(built_latest(rule, R"({"a":1,"b":2})"), "1");
  EXPECT_EQ(built_latest(R"({"first":["param:metadata.a","param:metadata.b"]})", R"({"a":null,"b":false})"),
            "false");
  EXPECT_EQ(built_latest(R"({"first":["param:metadata.a"],"default":7})", "{}"), "7");
  // What cannot be had is not what is absent.
  EXPECT_EQ(built_latest(rule, "{}"),
            "|/payload_structure/x/first/1|the format needs \"metadata\", which is absent");
  EXPECT_EQ(extracted_latest(R"({"first":[{"source":"$.a","type":"integer"},"$.b"]})", R"({"a":"x","b":2})"),
            "2! /a|/extraction_rules/x/first/0|value must be integer, not string \"x\"");
}

TEST(mapping_latest, difference) {
  const std::string rule = R"({"difference":["param:metadata.a","param:metadata.b","param:metadata.c"]})";
  EXPECT_EQ(built_latest(rule, R"({"a":10,"b":3,"c":0.5})"), "6.5");
  EXPECT_EQ(built_latest(rule, R"({"a":1,"b":-2.25})"), "3.25");
  EXPECT_EQ(built_latest(rule, R"({"a":1,"b":2})"), "-1");
  EXPECT_EQ(built_latest(rule, R"({"a":0.3,"b":0.1,"c":0.2})"), "0");
  EXPECT_EQ(built_latest(rule, R"({"a":5})"), "5");
  EXPECT_EQ(built_latest(rule, R"({"b":5})"), "absent");
  EXPECT_EQ(built_latest(rule, R"({"a":5,"b":"3"})"),
            "/metadata/b|/payload_structure/x/difference/1|difference takes numbers, not string \"3\"");
}

TEST(mapping_latest, quotient) {
  const std::string rule = R"({"quotient":["param:metadata.a","param:metadata.b"]})";
  const auto by = [&](const std::string& a, const std::string& b) {
    return built_latest(rule, R"({"a":)" + a + R"(,"b":)" + b + "}");
  };
  EXPECT_EQ(by("1", "8"), "0.125");
  EXPECT_EQ(by("1", "3"), "0.33333333333333333333");
  EXPECT_EQ(by("-2", "3"), "-0.66666666666666666667");
  EXPECT_EQ(by("12345", "10000000000"), "0.0000012345");
  EXPECT_EQ(by("6e3", "0.02"), "300000");
  EXPECT_EQ(by("0", "5"), "0");
  EXPECT_EQ(by("1e-30", "3"), "0");
  EXPECT_EQ(by("99.999999999999999999999", "1"), "100");
  EXPECT_EQ(by("null", "1"), "absent");
  EXPECT_EQ(by("1", "null"), "absent");
  EXPECT_EQ(by("1", "0.0"), "|/payload_structure/x|the quotient is by zero");
  EXPECT_EQ(by("1e300", "1"), "|/payload_structure/x|the quotient has too many digits");
  EXPECT_EQ(by(std::string(101, '1'), "1"),
            "|/payload_structure/x|a number of the quotient has too many digits");
  EXPECT_EQ(built_latest(R"({"quotient":["param:metadata.a",{"value":0}],"on_error":"omit"})", R"({"a":1})"),
            "absent");
}

TEST(mapping_latest, fit_id) {
  const std::string shape = of(R"("codec":"fit_id","chars":"A-Za-z0-9","min":9,"max":9)");
  EXPECT_EQ(built_latest(shape, R"("abcDEF123")"), R"("abcDEF123")");
  const std::string hashed = built_latest(shape, R"("call_1")");
  EXPECT_EQ(hashed.size(), 11u);
  EXPECT_EQ(built_latest(shape, R"("call_1")"), hashed);  // equal for call and result
  EXPECT_NE(built_latest(shape, R"("call_2")"), hashed);
  EXPECT_EQ(built_latest(of(R"("codec":"fit_id")"), R"("toolu_01-x")"), R"("toolu_01-x")");
  EXPECT_EQ(built_latest(of(R"("codec":"fit_id")"), "\"" + std::string(65, 'a') + "\"").size(), 26u);
  EXPECT_EQ(built_latest(of(R"("codec":"fit_id","min":30)"), R"("?")").size(), 32u);
  EXPECT_EQ(built_latest(of(R"("codec":"fit_id")"), "5"),
            "/metadata|/payload_structure/x|metadata is no text: 5");
  std::string why;
  for (const char* chars : {"0-9", "a-f0-9", "A-Za-z0-9_.:-", "-a-z", "a-z-"}) {
    auto made = read_class(chars, why);
    ASSERT_TRUE(made) << chars << why;
    made->min = 40;
    for (const char* id : {"", "x y", "\xC3\xA9", "call|1"}) {
      const std::string fit = digest_id(id, *made);
      EXPECT_EQ(fit.size(), 40u);
      EXPECT_TRUE(has_shape(fit, *made)) << chars << " " << fit;
    }
  }
  EXPECT_TRUE(read_class("-a-z", why)->chars.test('-'));
  EXPECT_TRUE(read_class("a-z-", why)->chars.test('-'));
  EXPECT_FALSE(read_class("a-z", why)->chars.test('-'));
}

TEST(mapping_latest, lists_of_codecs) {
  EXPECT_EQ(built_latest(of(R"("codec":"base64_decode")"), R"("aMOpbGxv")"), "\"h\xC3\xA9llo\"");
  EXPECT_EQ(built_latest(of(R"("codec":"base64_decode")"), R"("Pz8_ Pj4-\nYQ==")"), R"("???>>>a")");
  EXPECT_EQ(built_latest(of(R"("codec":"base64_decode")"), R"("YQ")"), R"("a")");
  for (const char* wrong : {"\"a\"", "\"Y*==\"", "\"YQ==YQ==\"", "\"YQ===\""})
    EXPECT_EQ(built_latest(of(R"("codec":"base64_decode")"), wrong),
              std::string("/metadata|/payload_structure/x|metadata is no base64: ") + wrong);
  EXPECT_EQ(built_latest(of(R"("codec":"base64_decode")"), R"("/w==")"),
            "/metadata|/payload_structure/x|metadata is base64 of what is no text: \"/w==\"");
  EXPECT_EQ(built_latest(of(R"("codec":"base64_decode")"), R"("AA==")"),
            "/metadata|/payload_structure/x|metadata is base64 of what is no text: \"AA==\"");
  EXPECT_EQ(built_latest(of(R"("codec":["base64_decode","utf8_replace"])"), R"("Yf9iAMOp7aCA")"),
            "\"a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\"");
  EXPECT_EQ(built_latest(of(R"("codec":["base64_decode","json_decode"])"), R"("eyJhIjpbMV19")"),
            R"({"a":[1]})");
  EXPECT_EQ(built_latest(of(R"("codec":["json_encode","fit_id"])"), R"({"a":1})").size(), 26u);
  EXPECT_EQ(built_latest(of(R"("codec":["json_decode","json_encode"])"), R"(" ")"), "absent");
  EXPECT_EQ(built_latest(of(R"("codec":"trim_end")"), R"(" a b \n\t")"), R"(" a b")");
  EXPECT_EQ(built_latest(of(R"("codec":"trim_end")"), R"(" \n")"), R"("")");
}

TEST(mapping_latest, strip_prefix) {
  const std::string rule = of(R"("strip_prefix":["models/","publishers/"])");
  EXPECT_EQ(built_latest(rule, R"("models/m")"), R"("m")");
  EXPECT_EQ(built_latest(rule, R"("models/publishers/m")"), R"("publishers/m")");  // once
  EXPECT_EQ(built_latest(rule, R"("m")"), R"("m")");
  EXPECT_EQ(built_latest(rule, "7"), "7");
  EXPECT_EQ(
      built_latest(R"({"source":"param:metadata[*]","all":true,"strip_prefix":"m/"})", R"(["m/a","b"])"),
      R"(["a","b"])");
  EXPECT_EQ(
      built_latest(R"({"source":"param:metadata[*]","join":"+","strip_prefix":"m/"})", R"(["m/a","m/b"])"),
      R"("a+b")");
  EXPECT_EQ(
      built_latest(
          R"({"format":"x:{param:metadata}","codec":"json_decode","strip_prefix":"x:","on_error":"raw"})",
          R"("m")"),
      R"("x:m")");
  EXPECT_EQ(built_latest(R"({"format":"x:{param:metadata}","strip_prefix":"x:"})", R"("m")"), R"("m")");
}

TEST(mapping_latest, bounds_by_rules) {
  const std::string rule =
      R"({"source":"param:metadata.n","min":"param:metadata.low","max":{"sum":["param:metadata.high",{"value":1}]}})";
  EXPECT_EQ(built_latest(rule, R"({"n":5,"low":1,"high":9})"), "5");
  EXPECT_EQ(built_latest(rule, R"({"n":10,"high":9})"), "10");
  EXPECT_EQ(built_latest(rule, R"({"n":11,"high":9})"),
            "/metadata/n|/payload_structure/x|metadata must be at most 10, not 11");
  EXPECT_EQ(built_latest(rule, R"({"n":0,"low":1})"),
            "/metadata/n|/payload_structure/x|metadata must be at least 1, not 0");
  EXPECT_EQ(built_latest(R"({"source":"param:metadata.n","max":"param:metadata.m"})", R"({"n":"x"})"),
            "\"x\"");  // no bound
  EXPECT_EQ(built_latest(rule, R"({"n":0,"low":"1"})"),
            "/metadata/low|/payload_structure/x/min|a bound of metadata must be a number, not string \"1\"");
}

TEST(mapping_latest, clamp) {
  const std::string rule = R"({"source":"param:top_p","min":0,"max":1,"clamp":true})";
  EXPECT_EQ(noted(rule, R"({"top_p":1.5})").value, "1");
  EXPECT_EQ(noted(rule, R"({"top_p":1.5})").notes,
            "/top_p|/payload_structure/x|top_p became 1, its bound, not 1.5");
  EXPECT_EQ(noted(rule, R"({"top_p":-3})").value, "0");
  EXPECT_EQ(noted(rule, R"({"top_p":0.25})").value, "0.25");
  EXPECT_EQ(noted(rule, R"({"top_p":0.25})").notes, "");
  EXPECT_EQ(
      noted(R"({"source":"param:top_p","max":"param:seed","clamp":true})", R"({"top_p":9,"seed":4})").value,
      "4");
  EXPECT_EQ(
      noted(R"({"source":"param:top_p","max":1,"clamp":false,"on_error":"omit"})", R"({"top_p":9})").value,
      "absent");
  EXPECT_EQ(built_latest(of(R"("type":"integer","max":2.5,"clamp":true)"), "9"),
            "/metadata|/payload_structure/x|metadata must be integer, not number 2.5");
  EXPECT_EQ(built_latest(of(R"("max":1,"clamp":true)"), "\"x\""),
            "/metadata|/payload_structure/x|metadata must be a number, not string \"x\"");
}

TEST(mapping_latest, distinct) {
  EXPECT_EQ(built_latest(of(R"("distinct":true)"),
                         R"([1,"1",1.0,true,"a",null,"a",null,{"b":1,"c":[2]},{"c":[2.0],"b":1e0},{"b":1}])"),
            R"([1,"1",true,"a",null,{"b":1,"c":[2]},{"b":1}])");
  EXPECT_EQ(built_latest(of(R"("distinct":"id")"),
                         R"([{"id":1,"n":"a"},{"id":2},{"id":1,"n":"b"},{"n":"c"},{"n":"c"},5])"),
            R"([{"id":1,"n":"a"},{"id":2},{"n":"c"},{"n":"c"},5])");
  EXPECT_EQ(built_latest(of(R"("distinct":true)"), R"("no array")"), R"("no array")");
  EXPECT_EQ(built_latest(of(R"("distinct":false)"), "[1,1]"), "[1,1]");
  EXPECT_EQ(built_latest(of(R"("distinct":true,"min_items":2)"), "[1,1]"),
            "/metadata|/payload_structure/x|metadata must have at least 2 items, not 1");
  EXPECT_EQ(
      built_latest(R"({"items":["param:metadata.a","param:metadata.a"],"distinct":true})", R"({"a":"x"})"),
      R"(["x"])");
}

TEST(mapping_latest, distinct_is_not_quadratic) {
  std::string many = "[";
  for (int n = 0; n < 20000; ++n) many += std::to_string(n) + ",";
  rule_call one{of(R"("distinct":true)"), "{}", "1.2"};
  EXPECT_EQ(one.request(many + "0]"), many.substr(0, many.size() - 1) + "]");
  EXPECT_LT(one.steps, 100000u);
}

TEST(mapping_latest, conditions) {
  const auto holds = [](const std::string& test, const std::string& metadata) {
    return built_latest(
               R"({"switch":[{"when":)" + test + R"(,"then":{"value":true}},{"then":{"value":false}}]})",
               metadata) == "true";
  };
  const auto of_a = [](const std::string& test) { return R"({"path":"param:metadata.a",)" + test + "}"; };
  EXPECT_TRUE(holds(of_a(R"("lt":2)"), R"({"a":1.5})"));
  EXPECT_FALSE(holds(of_a(R"("lt":2)"), R"({"a":2.0})"));
  EXPECT_TRUE(holds(of_a(R"("le":2)"), R"({"a":2.0})"));
  EXPECT_FALSE(holds(of_a(R"("le":2)"), R"({"a":"1"})"));
  EXPECT_FALSE(holds(of_a(R"("le":2)"), "{}"));
  EXPECT_TRUE(holds(of_a(R"("lt":"param:metadata.b")"), R"({"a":1,"b":2})"));
  EXPECT_FALSE(holds(of_a(R"("lt":"param:metadata.b")"), R"({"a":1})"));
  EXPECT_FALSE(holds(of_a(R"("lt":"param:metadata.b")"), R"({"a":1,"b":"2"})"));
  EXPECT_TRUE(holds(of_a(R"("le":{"sum":["param:metadata.b",{"value":1}]})"), R"({"a":3,"b":2})"));
  EXPECT_TRUE(holds(of_a(R"("eq":{"path":"param:metadata.b"})"), R"({"a":[1],"b":[1.0]})"));
  EXPECT_FALSE(holds(of_a(R"("eq":{"path":"param:metadata.b"})"), R"({"a":1,"b":"1"})"));
  EXPECT_FALSE(holds(of_a(R"("eq":{"path":"param:metadata.b"})"), "{}"));
  EXPECT_FALSE(holds(of_a(R"("eq":{"path":"param:metadata.b"})"), R"({"a":1})"));
  EXPECT_TRUE(holds(of_a(R"("eq":{"path":1})"), R"({"a":{"path":1}})"));  // a literal
  EXPECT_TRUE(holds(of_a(R"("blank":true)"), R"({"a":" \n\t"})"));
  EXPECT_TRUE(holds(of_a(R"("blank":true)"), R"({"a":""})"));
  EXPECT_FALSE(holds(of_a(R"("blank":true)"), R"({"a":" x "})"));
  EXPECT_FALSE(holds(of_a(R"("blank":true)"), "{}"));
  EXPECT_TRUE(holds(of_a(R"("blank":false)"), R"({"a":[]})"));
  EXPECT_TRUE(holds(of_a(R"("codec":["base64_decode","utf8_replace"],"prefix":"a")"), R"({"a":"Yf8"})"));
}

TEST(mapping_latest, count) {
  EXPECT_EQ(built_latest(R"({"each":"param:metadata[*]","as":{"each":"@[*]","as":{"format":"d{@count}"}}})",
                         R"([[1,2],[],[3]])"),
            R"([["d1","d2"],[],["d3"]])");
  // Only evaluations count, and each rule counts its own; one definition is one rule wherever it is used.
  EXPECT_EQ(
      built_latest(
          R"({"each":"param:metadata[*]","as":{"switch":[{"when":{"path":"@","eq":"a"},"then":{"use":"n"}},{"then":"@count"}]}})",
          R"(["a","b","a"])", R"({"n":{"format":"a{@count}"}})"),
      R"(["a1",1,"a2"])");
  EXPECT_EQ(extracted_latest(R"({"each":"$.a[*]","as":"@count"})", R"({"a":[7,7]})"), "[1,2]");
}

TEST(mapping_latest, kept) {
  const std::string rule =
      R"({"each":"param:messages[*]","as":{"first":[{"with":{"kept":true},"fields":{"content":"@"}},{"fields":{"text":"@.content"}}]}})";
  const document plain(R"({"role":"assistant","content":"hi"})");
  const auto params = [&](const std::string& content, const std::string& digest) {
    return R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"hi","provider_state":{"d":{"v":1,"content":)" +
           json::quoted(content) + R"(,"digest":")" + digest + R"("}}}]})";
  };
  const noted sent(rule, params(R"([{"z":1,"a":2.50}])", state_digest(plain)));
  EXPECT_EQ(sent.value, R"([{"text":"q"},{"content":[{"z":1,"a":2.50}]}])");
  EXPECT_EQ(sent.notes, "");
  const noted edited(rule, params(R"([{"z":1}])", state_digest(document(R"({"content":"ho"})"))));
  EXPECT_EQ(edited.value, R"([{"text":"q"},{"text":"hi"}])");
  EXPECT_NE(edited.notes.find("/messages/1|/payload_structure/x/as/first/0/with|"), std::string::npos)
      << edited.notes;
  const noted other(
      rule, R"({"messages":[{"role":"assistant","content":"hi","provider_state":{"other":{"v":1}}}]})");
  EXPECT_EQ(other.value, R"([{"text":"hi"}])");
  EXPECT_EQ(other.notes, "");
}

}  // namespace
}  // namespace llm_admin::mapping
