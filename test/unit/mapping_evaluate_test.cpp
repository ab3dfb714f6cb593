// Every head of mapping 1.1 and its exact meaning.
#include "unit/mapping_rules.hpp"

namespace llm_admin::mapping {
namespace {

using test::built;
using test::extracted;
using test::rule_call;

TEST(mapping_heads, source_and_paths) {
  EXPECT_EQ(built(R"("param:metadata.a")", R"({"a":1})"), "1");
  EXPECT_EQ(built(R"({"source":"param:metadata.a"})", R"({"a":null})"), "absent");
  EXPECT_EQ(built(R"({"paths":["param:metadata.a","param:metadata.b"]})", R"({"a":null,"b":2})"), "2");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]"})", "[null,false,1]"), "false");
}

TEST(mapping_heads, value) {
  EXPECT_EQ(built(R"({"value":{"a":[1,null]}})", "{}"), R"({"a":[1,null]})");
  EXPECT_EQ(built(R"({"value":false})", "{}"), "false");
}

TEST(mapping_heads, fields) {
  EXPECT_EQ(built(R"({"fields":{"a":"param:metadata.a","b":{"value":1}}})", "{}"), R"({"b":1})");
  EXPECT_EQ(built(R"({"fields":{}})", "{}"), "{}");  // not absent
  EXPECT_EQ(built(R"({"fields":{"a":"param:metadata.a"},"omit_empty":true})", "{}"), "absent");
}

TEST(mapping_heads, fields_spread_goes_under_the_others) {
  const std::string rule = R"({"fields":{"a":{"value":1},"b":"param:metadata.none","...":"param:metadata"}})";
  EXPECT_EQ(built(rule, R"({"a":9,"b":2,"c":{"d":null},"e":null})"), R"({"a":1,"b":2,"c":{"d":null}})");
  EXPECT_EQ(built(R"({"fields":{"a":{"value":1},"...":"param:metadata.none"}})", "{}"), R"({"a":1})");
  EXPECT_EQ(built(rule, "[1]"),
            "/metadata|/payload_structure/x/fields/...|\"...\" takes an object, not array [1]");
  std::string many, all;  // enough own members for the other way of looking them up
  for (int n = 0; n < 40; ++n) {
    many += (n == 0 ? "" : ",") + std::string("\"k") + std::to_string(n) + R"(":{"value":1})";
    all += (n == 0 ? "" : ",") + std::string("\"k") + std::to_string(n) + "\":1";
  }
  EXPECT_EQ(built(R"({"fields":{)" + many + R"(,"...":"param:metadata"}})", R"({"k3":7,"z":2})"),
            "{" + all + R"(,"z":2})");
}

TEST(mapping_heads, items) {
  EXPECT_EQ(built(R"({"items":["param:metadata.a",{"value":2},"param:metadata.b"]})", R"({"b":3})"), "[2,3]");
  EXPECT_EQ(built(R"({"items":[]})", "{}"), "[]");
  EXPECT_EQ(built(R"({"items":[{"source":"param:metadata","spread":true},{"value":9}]})", "[1,null,2]"),
            "[1,2,9]");
  EXPECT_EQ(
      built(R"({"items":[{"spread":true,"each":"param:metadata[*]","as":{"fields":{"n":"@"}}}]})", "[1,2]"),
      R"([{"n":1},{"n":2}])");
  EXPECT_EQ(built(R"({"items":[{"source":"param:metadata","spread":true}]})", "7"),
            "/metadata|/payload_structure/x/items/0|spread takes an array, not number 7");
}

TEST(mapping_heads, each) {
  EXPECT_EQ(built(R"({"each":"param:metadata[*]"})", "[1,null,2]"), "[1,2]");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":"@.a"})", R"([{"a":1},{},{"a":3}])"), "[1,3]");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]"})", "[]"), "[]");
  EXPECT_EQ(built(R"({"each":"param:metadata.none[*]"})", "{}"), "[]");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","flatten":true})", "[[1,2],3,[],[[4]]]"), "[1,2,3,[4]]");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":{"items":["@","@"]},"flatten":true})", "[1,2]"),
            "[1,1,2,2]");
}

TEST(mapping_heads, each_index_counts_before_where) {
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","where":{"path":"@.on","eq":true},"as":"@index"})",
                  R"([{"on":true},{"on":false},{"on":true}])"),
            "[0,2]");
}

TEST(mapping_heads, each_outer_is_the_item_around) {
  EXPECT_EQ(
      built(R"({"each":"param:metadata[*]","as":{"each":"@.l[*]","as":{"items":["^.n","@","@index"]}}})",
            R"([{"n":"a","l":[1,2]},{"n":"b","l":[3]}])"),
      R"([[["a",1,0],["a",2,1]],[["b",3,0]]])");
  // After the inner one, the outer @, ^ and @index are back.
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":{"items":[{"each":"@.l[*]"},"@.n","@index"]}})",
                  R"([{"n":"a","l":[1]},{"n":"b","l":[]}])"),
            R"([[[1],"a",0],[[],"b",1]])");
}

constexpr const char* merging = R"({"each":"param:metadata[*]","merge_adjacent":{"by":"r","append":["c"]}})";

TEST(mapping_heads, merge_adjacent) {
  EXPECT_EQ(
      built(merging, R"([{"r":1,"c":[1],"k":"first"},{"r":1.0,"c":[2,3],"k":"second"},{"r":2,"c":[4]}])"),
      R"([{"r":1,"c":[1,2,3],"k":"first"},{"r":2,"c":[4]}])");
  EXPECT_EQ(built(merging, R"([{"r":"a","c":"x"},{"r":"a","c":"y"},{"r":"a","c":"z"},{"r":"b","c":"x"}])"),
            R"([{"r":"a","c":"x\ny\nz"},{"r":"b","c":"x"}])");
  EXPECT_EQ(built(merging, R"([{"r":1,"c":[1]},{"r":2,"c":[2]},{"r":1,"c":[3]}])"),  // neighbours only
            R"([{"r":1,"c":[1]},{"r":2,"c":[2]},{"r":1,"c":[3]}])");
  EXPECT_EQ(built(merging, R"([{"r":1},{"r":1,"c":"x"},{"r":1},{"r":1,"c":"y"}])"),
            R"([{"r":1,"c":"x\ny"}])");
}

TEST(mapping_heads, merge_adjacent_appends_a_name_once) {
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","merge_adjacent":{"by":"r","append":["c","c"]}})",
                  R"([{"r":1,"c":[1]},{"r":1,"c":[2]}])"),
            R"([{"r":1,"c":[1,2]}])");
}

TEST(mapping_heads, merge_adjacent_loses_nothing) {
  const char* kept[] = {R"([{"r":1,"c":"x"},{"r":1,"c":["y"]}])",  // a text and an array cannot be joined
                        R"([{"r":1,"c":1},{"r":1,"c":2}])", R"([{"c":[1]},{"c":[2]}])",
                        R"([{"r":null,"c":[1]},{"r":null,"c":[2]}])", R"([1,1,"a",{"r":1}])"};
  for (const char* one : kept) EXPECT_EQ(built(merging, one), one);
}

TEST(mapping_heads, merge_adjacent_changes_no_input) {
  rule_call call{R"({"items":[{"each":"param:metadata[*]","merge_adjacent":{"by":"r","append":["c"]}},)"
                 R"("param:metadata"]})"};
  EXPECT_EQ(call.request(R"([{"r":1,"c":[1]},{"r":1,"c":[2]}])"),
            R"([[{"r":1,"c":[1,2]}],[{"r":1,"c":[1]},{"r":1,"c":[2]}]])");
}

TEST(mapping_heads, switch_takes_the_first_hit) {
  const std::string rule = R"({"switch":[{"when":{"path":"param:metadata","eq":1},"then":{"value":"one"}},)"
                           R"({"when":{"path":"param:metadata","type":"integer"},"then":{"value":"whole"}},)"
                           R"({"when":{"path":"param:metadata","eq":"none"},"then":null},)"
                           R"({"when":{"path":"param:metadata","type":"string"},"then":"param:metadata"}]})";
  EXPECT_EQ(built(rule, "1.0"), R"("one")");
  EXPECT_EQ(built(rule, "2"), R"("whole")");
  EXPECT_EQ(built(rule, R"("none")"), "absent");
  EXPECT_EQ(built(rule, R"("s")"), R"("s")");
  EXPECT_EQ(built(rule, "true"), "absent");
}

TEST(mapping_heads, lookup) {
  const std::string rule =
      R"({"each":"param:metadata.calls[*]","as":{"lookup":{"in":"param:metadata.names[*]","key":"@.id",)"
      R"("equals":"@.ref","then":{"items":["@.name","^.ref"]}}}})";
  EXPECT_EQ(
      built(rule,
            R"({"names":[{"id":"a","name":"A"},{"id":1,"name":"B"},{"id":"a","name":"last"},)"
            R"({"name":"without"},{"id":true,"name":"T"}],)"
            R"("calls":[{"ref":"a"},{"ref":1.0},{"ref":"1"},{"ref":true},{"ref":"true"},{},{"ref":{}}]})"),
      R"([["last","a"],["B",1.0],["T",true]])");
}

TEST(mapping_heads, lookup_below_the_item_is_made_anew) {
  EXPECT_EQ(
      built(R"({"each":"param:metadata[*]","as":{"lookup":{"in":"@.in[*]","key":"@.k","equals":"@.want",)"
            R"("then":"@.v"}}})",
            R"([{"want":1,"in":[{"k":1,"v":"x"},{"k":1.0,"v":"y"}]},{"want":1,"in":[{"k":1,"v":"z"}]}])"),
      R"(["y","z"])");
}

TEST(mapping_heads, format) {
  const std::string rule = R"({"format":"{{{param:metadata.a}}}-{param:metadata['b}']}!"})";
  EXPECT_EQ(built(rule, R"({"a":"x","b}":1.50})"), R"("{x}-1.50!")");
  EXPECT_EQ(built(R"({"format":"{param:metadata}"})", "true"), R"("true")");
  EXPECT_EQ(built(R"({"format":"{param:metadata.a}"})", "{}"),
            "|/payload_structure/x|the format needs \"metadata\", which is absent");
  EXPECT_EQ(built(R"({"format":"{param:metadata.a}"})", R"({"a":[1]})"),
            "/metadata/a|/payload_structure/x|the format takes text, numbers and booleans, not array [1]");
}

TEST(mapping_heads, sum_is_exact) {
  EXPECT_EQ(
      built(R"({"sum":["param:metadata.a","param:metadata.b","param:metadata.c"]})", R"({"a":0.1,"c":0.2})"),
      "0.3");
  EXPECT_EQ(built(R"({"sum":["param:metadata.a"]})", "{}"), "absent");
  EXPECT_EQ(built(R"({"sum":"param:metadata[*]"})", "[1,null,2,9007199254740993]"), "9007199254740996");
  EXPECT_EQ(built(R"({"sum":["param:metadata.a",{"value":1}]})", R"({"a":"2"})"),
            "/metadata/a|/payload_structure/x/sum/0|sum takes numbers, not string \"2\"");
  EXPECT_EQ(built(R"({"sum":"param:metadata[*]"})", R"([1,"2"])"),
            "/metadata/1|/payload_structure/x|sum takes numbers, not string \"2\"");
}

TEST(mapping_heads, use_and_its_overrides) {
  const std::string defs =
      R"({"one":{"source":"@.a","type":"string"},"two":{"each":"@.l[*]","as":{"use":"one"}}})";
  EXPECT_EQ(
      built(R"({"each":"param:metadata[*]","as":{"use":"two"}})", R"([{"l":[{"a":1},{"a":"b"}]}])", defs),
      R"([["1","b"]])");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":{"use":"one","type":"array"}})", R"([{"a":1}])", defs),
            "[[1]]");
}

TEST(mapping_heads, error) {
  EXPECT_EQ(built(R"({"error":"not here"})", "{}"), "|/payload_structure/x|not here");
  EXPECT_EQ(extracted(R"({"error":"not here"})", "{}"), "absent! |/extraction_rules/x|not here");
}

TEST(mapping_conditions, tests) {
  const auto holds = [](const std::string& condition, const std::string& data) {
    return built(R"({"switch":[{"when":)" + condition + R"(,"then":{"value":"yes"}}]})", data) == "\"yes\"";
  };
  EXPECT_TRUE(holds(R"({"path":"param:metadata","eq":{"a":1,"b":[2]}})", R"({"b":[2.0],"a":1})"));
  EXPECT_FALSE(holds(R"({"path":"param:metadata","eq":"1"})", "1"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata[*]","eq":2})", "[null,2]"));  // the first match
  EXPECT_FALSE(holds(R"({"path":"param:metadata[*]","eq":2})", "[1,2]"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata","in":[1,"a"]})", R"("a")"));
  EXPECT_FALSE(holds(R"({"path":"param:metadata","in":[]})", "1"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata","not_in":["a"]})", "1"));
  EXPECT_FALSE(holds(R"({"path":"param:metadata","not_in":[1]})", "1.0"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata.none","not_in":["a"]})", "{}"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata","prefix":"da"})", R"("data")"));
  EXPECT_FALSE(holds(R"({"path":"param:metadata","prefix":"1"})", "12"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata","type":"integer"})", "1e2"));
  EXPECT_FALSE(holds(R"({"path":"param:metadata","type":"integer"})", "1.5"));
  EXPECT_FALSE(holds(R"({"path":"param:metadata.none","type":"string"})", "{}"));
  EXPECT_FALSE(holds(R"({"path":"param:metadata.a","exists":true})", R"({"a":null})"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata.a","exists":false})", R"({"a":null})"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata.a","exists":true})", R"({"a":false})"));
  EXPECT_TRUE(holds(R"({"path":"param:metadata","codec":"json_decode","eq":{"a":1}})", R"("{\"a\":1}")"));
  EXPECT_FALSE(holds(R"({"path":"param:metadata","codec":"json_decode","exists":true})", R"("{")"));
}

TEST(mapping_conditions, all_any_not) {
  const auto holds = [](const std::string& condition) {
    return built(R"({"switch":[{"when":)" + condition + R"(,"then":{"value":"yes"}}]})", "1") == "\"yes\"";
  };
  const std::string yes = R"({"path":"param:metadata","eq":1})", no = R"({"path":"param:metadata","eq":2})";
  EXPECT_TRUE(holds(R"({"all":[)" + yes + "," + yes + "]}"));
  EXPECT_FALSE(holds(R"({"all":[)" + yes + "," + no + "]}"));
  EXPECT_TRUE(holds(R"({"any":[)" + no + "," + yes + "]}"));
  EXPECT_FALSE(holds(R"({"any":[)" + no + "," + no + "]}"));
  EXPECT_TRUE(holds(R"({"not":)" + no + "}"));
  EXPECT_FALSE(holds(R"({"not":{"any":[{"not":)" + yes + "}," + yes + "]}}"));
}

}  // namespace
}  // namespace llm_admin::mapping
