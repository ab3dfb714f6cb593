// Every modifier of mapping 1.1, their order, and what a failure becomes.
#include "unit/mapping_rules.hpp"

namespace llm_admin::mapping {
namespace {

using test::built;
using test::extracted;
using test::rule_call;

constexpr const char* at = "/metadata|/payload_structure/x|";

TEST(mapping_modifiers, with_rebinds_the_item) {
  EXPECT_EQ(built(R"({"with":"param:metadata.a","fields":{"b":"@.b"}})", R"({"a":{"b":1}})"), R"({"b":1})");
  EXPECT_EQ(built(R"({"with":"param:metadata.a","value":1})", "{}"), "absent");
  EXPECT_EQ(built(R"({"with":"param:metadata.a","value":1,"default":2})", "{}"), "2");
  EXPECT_EQ(built(R"({"with":{"source":"param:metadata","codec":"json_decode"},"source":"@.a"})",
                  R"("{\"a\":[1]}")"),
            "[1]");
  // ^ and @index stay, and @ is back afterwards.
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":{"each":"@.l[*]","as":{"items":[)"
                  R"({"with":"@.v","items":["@","^.n","@index"]},"@.v"]}}})",
                  R"([{"n":"a","l":[{"v":1}]}])"),
            R"([[[[1,"a",0],1]]])");
}

TEST(mapping_modifiers, codec_of_each_match) {
  EXPECT_EQ(
      built(R"({"source":"param:metadata[*]","codec":"json_decode","all":true})", R"(["1","","{}",null])"),
      "[1,{}]");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","codec":"json_encode","join":","})", R"([1,{"a":null}])"),
            R"("1,{\"a\":null}")");
  EXPECT_EQ(built(R"({"paths":["param:metadata.a","param:metadata.b"],"codec":"json_decode"})",
                  R"({"a":" ","b":"2"})"),
            "2");
  EXPECT_EQ(built(R"({"fields":{"a":"param:metadata"},"codec":"json_encode"})", "1.50"), R"("{\"a\":1.50}")");
  EXPECT_EQ(built(R"({"source":"param:metadata","codec":"json_decode"})", R"("{")"),
            std::string(at) + "metadata is no JSON: \"{\"");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","codec":"data_uri","all":true})", R"(["data:,a","b"])"),
            "/metadata/1|/payload_structure/x|metadata is no data: URI: \"b\"");
}

TEST(mapping_modifiers, join_and_all) {
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","join":"-"})", R"(["a",null,"b"])"), R"("a-b")");
  EXPECT_EQ(built(R"({"source":"param:metadata","join":""})", R"(["a","b"])"), R"("ab")");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","join":""})", "[]"), "absent");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":"@.t","join":"\n"})", R"([{"t":"a"},{},{"t":"b"}])"),
            R"("a\nb")");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","join":"\n"})", "[]"), "absent");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","join":""})", R"(["",""])"), R"("")");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","join":""})", R"(["a",1])"),
            "/metadata/1|/payload_structure/x|join takes text, not number 1");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","join":""})", R"(["a",1])"),
            "|/payload_structure/x|join takes text, not number 1");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","all":true})", "[1,null,[2]]"), "[1,[2]]");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","all":true})", "[]"), "absent");
  EXPECT_EQ(
      built(R"({"paths":["param:metadata.a[*]","param:metadata.b[*]"],"all":true})", R"({"a":[],"b":[1]})"),
      "[1]");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","join":"","type":"integer"})", R"(["1","2"])"), "12");
}

// All that is wrong with an array is said at once, each with its place.
TEST(mapping_modifiers, every_wrong_element_is_named) {
  EXPECT_EQ(built(R"({"source":"param:metadata[*].k","all":true,"map":{"a":1}})",
                  R"([{"k":"x"},{"k":null},{"k":"a"},{"k":"y"}])"),
            "/metadata/0/k|/payload_structure/x|metadata must be \"a\", not \"x\"\n"
            "/metadata/3/k|/payload_structure/x|metadata must be \"a\", not \"y\"");
  EXPECT_EQ(built(R"({"source":"param:metadata.k","map":{"a":1}})", R"({"k":["a","x","y"]})"),
            "/metadata/k/1|/payload_structure/x|metadata must be \"a\", not \"x\"\n"
            "/metadata/k/2|/payload_structure/x|metadata must be \"a\", not \"y\"");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","map":{"a":1}})", R"(["x"])"),
            "|/payload_structure/x|x must be \"a\", not \"x\"");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","all":true,"codec":"json_decode"})", R"(["{","1","["])"),
            "/metadata/0|/payload_structure/x|metadata is no JSON: \"{\"\n"
            "/metadata/2|/payload_structure/x|metadata is no JSON: \"[\"");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","join":""})", R"(["a",1,["b",true],{}])"),
            "/metadata/1|/payload_structure/x|join takes text, not number 1\n"
            "/metadata/2/1|/payload_structure/x|join takes text, not boolean true\n"
            "/metadata/3|/payload_structure/x|join takes text, not object {}");
}

TEST(mapping_modifiers, map) {
  const std::string rule =
      R"({"source":"param:metadata","map":{"a":1,"true":"yes","2":{"k":0},"gone":null}})";
  EXPECT_EQ(built(rule, R"("a")"), "1");
  EXPECT_EQ(built(rule, "true"), R"("yes")");
  EXPECT_EQ(built(rule, "2"), R"({"k":0})");
  EXPECT_EQ(built(rule, "2.0"), R"({"k":0})");
  EXPECT_EQ(built(rule, R"("gone")"), "absent");
  EXPECT_EQ(built(rule, R"(["a","gone",true])"), R"([1,"yes"])");
  EXPECT_EQ(built(rule, R"("b")"),
            std::string(at) + R"(metadata must be one of "2", "a", "gone", "true", not "b")");
  EXPECT_EQ(built(rule, "{}"),
            std::string(at) + R"(metadata must be one of "2", "a", "gone", "true", not {})");
  EXPECT_EQ(built(R"({"source":"param:metadata","map":{"a":1},"map_default":0})", R"(["b","a",{}])"),
            "[0,1,0]");
  EXPECT_EQ(built(R"({"source":"param:metadata","map":{"a":1},"map_else":"keep"})", R"(["b","a",{}])"),
            R"(["b",1,{}])");
  EXPECT_EQ(extracted(R"({"source":"$","map":{"a":1}})", R"("b")"), R"("b")");
  EXPECT_EQ(built(R"({"source":"param:metadata.none","map":{"a":1},"map_default":0})", "{}"), "absent");
}

TEST(mapping_modifiers, type_comes_after_map_and_is_lossless) {
  EXPECT_EQ(built(R"({"source":"param:metadata","map":{"a":"7"},"type":"integer"})", R"("a")"), "7");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","type":"string"})", "[1]"),
            "|/payload_structure/x|x must be string, not array [1]");
  EXPECT_EQ(built(R"({"value":5.0,"type":"integer"})", "{}"), "5");
  EXPECT_EQ(built(R"({"format":"{param:metadata}","type":"number"})", "12"), "12");
  EXPECT_EQ(built(R"({"format":"{param:metadata}","type":"array"})", "12"), R"(["12"])");
}

TEST(mapping_modifiers, bounds) {
  const std::string range = R"({"source":"param:metadata","min":0,"max":1.5})";
  EXPECT_EQ(built(range, "1.50"), "1.50");
  EXPECT_EQ(built(range, "-0"), "0");
  EXPECT_EQ(built(range, "1.500000000000000000001"),
            std::string(at) + "metadata must be at most 1.5, not 1.500000000000000000001");
  EXPECT_EQ(built(range, "-1e-30"),
            std::string(at) + "metadata must be at least 0, not -0.000000000000000000000000000001");
  EXPECT_EQ(built(range, R"("1")"), std::string(at) + "metadata must be a number, not string \"1\"");
  EXPECT_EQ(built(R"({"source":"param:metadata","min":0,"default":-5})", "null"),
            "-5");  // not of the default
  EXPECT_EQ(built(R"({"source":"param:metadata","enum":["a",{"b":1}]})", R"({"b":1.0})"), R"({"b":1.0})");
  EXPECT_EQ(built(R"({"source":"param:metadata","enum":["a",1]})", R"("b")"),
            std::string(at) + R"(metadata must be one of "a", 1, not "b")");
  EXPECT_EQ(built(R"({"source":"param:metadata","min_items":1,"max_items":2})", "[1,2]"), "[1,2]");
  EXPECT_EQ(built(R"({"source":"param:metadata","min_items":1})", "[]"),
            std::string(at) + "metadata must have at least 1 item, not 0");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","max_items":2})", "[1,2,3]"),
            "|/payload_structure/x|x must have at most 2 items, not 3");
  EXPECT_EQ(built(R"({"source":"param:metadata","max_items":2})", "1"),
            std::string(at) + "metadata must be an array, not number 1");
  EXPECT_EQ(built(R"({"source":"param:metadata","max_length":2})", R"("äö")"), R"("äö")");
  EXPECT_EQ(built(R"({"source":"param:metadata","max_length":2})", R"("äöü")"),
            std::string(at) + "metadata must have at most 2 characters, not 3");
  EXPECT_EQ(built(R"({"source":"param:metadata","max_length":2})", "1"),
            std::string(at) + "metadata must be text, not number 1");
}

TEST(mapping_modifiers, omit_empty_default_required) {
  const std::string rule = R"({"source":"param:metadata","omit_empty":true})";
  for (const char* empty : {R"("")", "[]", "{}"}) EXPECT_EQ(built(rule, empty), "absent");
  for (const char* kept : {R"(" ")", "[null]", R"({"a":null})", "0", "false"})
    EXPECT_EQ(built(rule, kept), kept);
  EXPECT_EQ(built(R"({"source":"param:metadata","omit_empty":true,"default":7})", "[]"), "7");
  EXPECT_EQ(built(R"({"source":"param:metadata","omit_empty":true,"required":true})", "[]"),
            "|/payload_structure/x|\"x\" is required; give the parameter \"metadata\"");
  EXPECT_EQ(built(R"({"source":"param:metadata","required":true})", "[]"), "[]");  // tests absence only
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","required":true})", "[]"), "[]");
  EXPECT_EQ(built(R"({"source":"param:metadata.a","default":1,"required":true})", "{}"), "1");
}

TEST(mapping_on_error, usual) {
  EXPECT_EQ(extracted(R"({"source":"$.a","codec":"json_decode"})", R"({"a":"{"})"),
            "absent! /a|/extraction_rules/x|value is no JSON: \"{\"");
  EXPECT_EQ(extracted(R"({"source":"$.a","codec":"json_decode","default":[]})", R"({"a":"{"})"),
            "[]! /a|/extraction_rules/x|value is no JSON: \"{\"");
  EXPECT_EQ(extracted(R"({"source":"$.a","codec":"json_decode","required":true})", R"({"a":"{"})"),
            "/a|/extraction_rules/x|value is no JSON: \"{\"");
  EXPECT_EQ(
      extracted(R"({"fields":{"a":{"source":"$.a","type":"integer"},"b":"$.b"}})", R"({"a":"x","b":1})"),
      R"({"b":1}! /a|/extraction_rules/x/fields/a|value must be integer, not string "x")");
}

TEST(mapping_on_error, fail) {
  EXPECT_EQ(extracted(R"({"source":"$.a","codec":"json_decode","on_error":"fail"})", R"({"a":"{"})"),
            "/a|/extraction_rules/x|value is no JSON: \"{\"");
  EXPECT_EQ(
      extracted(R"({"fields":{"a":{"source":"$.a","type":"integer"}},"on_error":"fail"})", R"({"a":"x"})"),
      "/a|/extraction_rules/x/fields/a|value must be integer, not string \"x\"");
}

TEST(mapping_on_error, omit) {
  EXPECT_EQ(built(R"({"source":"param:metadata","type":"integer","on_error":"omit"})", R"("x")"), "absent");
  EXPECT_EQ(built(R"({"source":"param:metadata","type":"integer","on_error":"omit","default":3})", R"("x")"),
            "absent");
  EXPECT_EQ(built(R"({"source":"param:metadata","type":"integer","on_error":"omit","default":3})", "null"),
            "3");
  EXPECT_EQ(
      built(R"({"source":"param:metadata","type":"integer","required":true,"on_error":"omit"})", R"("x")"),
      "absent");
  EXPECT_EQ(built(R"({"error":"never","on_error":"omit"})", "{}"), "absent");
  EXPECT_EQ(extracted(R"({"source":"$.a","type":"integer","on_error":"omit"})", R"({"a":"x"})"), "absent");
}

TEST(mapping_on_error, default_and_raw) {
  EXPECT_EQ(built(R"({"source":"param:metadata","min":5,"on_error":"default","default":9})", "3"), "9");
  EXPECT_EQ(built(R"({"source":"param:metadata","codec":"json_decode","on_error":"raw"})", R"("{x")"),
            R"("{x")");
  EXPECT_EQ(built(R"({"source":"param:metadata","codec":"json_decode","type":"object","on_error":"raw"})",
                  R"("[1]")"),
            R"("[1]")");
  EXPECT_EQ(built(R"({"source":"param:metadata[*]","codec":"json_decode","all":true,"on_error":"raw"})",
                  R"(["1","{"])"),
            R"(["1","{"])");
  EXPECT_EQ(built(R"({"format":"{param:metadata}","type":"integer","on_error":"raw"})", R"("a")"), R"("a")");
  EXPECT_EQ(built(R"({"format":"{param:metadata.no}","on_error":"raw"})", "{}"), "absent");
  EXPECT_EQ(
      built(R"({"with":"param:metadata","source":"@.a","type":"integer","on_error":"raw"})", R"({"a":"b"})"),
      R"("b")");
}

TEST(mapping_on_error, covers_the_rules_below_and_drops_their_findings) {
  const std::string below = R"({"a":{"source":"param:metadata.a","type":"integer"},)"
                            R"("b":{"source":"param:metadata.b","required":true}})";
  EXPECT_EQ(built(R"({"fields":)" + below + R"(,"on_error":"omit"})", R"({"a":"x"})"), "absent");
  EXPECT_EQ(built(R"({"fields":)" + below + R"(,"on_error":"default","default":0})", R"({"a":1})"), "0");
  EXPECT_EQ(built(R"({"fields":)" + below + R"(,"on_error":"omit"})", R"({"a":1,"b":2})"),
            R"({"a":1,"b":2})");
  // One that is taken care of below is none above.
  EXPECT_EQ(built(R"({"items":[{"source":"param:metadata","type":"integer","on_error":"omit"},{"value":1}],)"
                  R"("on_error":"default","default":0})",
                  R"("x")"),
            "[1]");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":{"source":"@","type":"integer","on_error":"omit"}})",
                  R"([1,"x",3])"),
            "[1,3]");
}

TEST(mapping_places, a_bad_part_is_named_below_its_items) {
  const std::string rule =
      R"({"each":"param:messages[*]","as":{"each":"@.content[*]","as":{"fields":{)"
      R"("n":{"source":"@.n","type":"integer"},"r":{"source":"^.role","type":"array"}}}}})";
  EXPECT_EQ(
      rule_call{rule}.request("{}",
                              R"([{"role":"u","content":[]},{"role":{},"content":[{"n":1},{"n":"x"}]}])"),
      "/messages/1/role|/payload_structure/x/as/as/fields/r|role must be array, not object {}\n"
      "/messages/1/content/1/n|/payload_structure/x/as/as/fields/n|n must be integer, not string \"x\"\n"
      "/messages/1/role|/payload_structure/x/as/as/fields/r|role must be array, not object {}");
}

TEST(mapping_places, what_has_no_path_is_named_by_its_item) {
  EXPECT_EQ(built(R"({"each":"param:metadata[?(@.on)]","as":{"error":"no"}})", R"([{},{"on":1}])"),
            "/metadata/1|/payload_structure/x/as|no");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":{"fields":{"id":{"source":"@.id","required":true}}}})",
                  R"([{"id":1},{}])"),
            "/metadata/1|/payload_structure/x/as/fields/id|\"id\" is required");
}

TEST(mapping_places, through_with_and_lookup) {
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":{"with":"@.a","source":"@.b","type":"integer"}})",
                  R"([{"a":{"b":"x"}}])"),
            "/metadata/0/a/b|/payload_structure/x/as|b must be integer, not string \"x\"");
  EXPECT_EQ(built(R"({"each":"param:metadata[*]","as":{"with":{"source":"@.a","codec":"json_decode"},)"
                  R"("source":"@.b","type":"integer"}})",
                  R"([{"a":"{\"b\":\"x\"}"}])"),
            "/metadata/0/a|/payload_structure/x/as|b must be integer, not string \"x\"");
  EXPECT_EQ(built(R"({"lookup":{"in":"param:metadata[*]","key":"@.k","equals":{"value":2},)"
                  R"("then":{"source":"@.v","type":"integer"}}})",
                  R"([{"k":1,"v":1},{"k":2,"v":"x"}])"),
            "/metadata/1/v|/payload_structure/x/lookup/then|v must be integer, not string \"x\"");
}

TEST(mapping_places, in_responses) {
  EXPECT_EQ(extracted(R"({"each":"$.l[*]","as":{"source":"@.n","type":"integer"}})",
                      R"({"l":[{"n":1},{"n":"x"}]})"),
            "[1]! /l/1/n|/extraction_rules/x/as|n must be integer, not string \"x\"");
}

}  // namespace
}  // namespace llm_admin::mapping
