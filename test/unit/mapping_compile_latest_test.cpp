// Compiling 1.2: what it adds, what is wrong with each of it, and that 1.1 knows none of it.
#include <gtest/gtest.h>

#include "core/mapping/compile/validate.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using list = std::vector<std::string>;

template <typename compiled_type>
list seen(const compiled_type& result, const test::document& config) {
  list out;
  for (const problem& one : result.problems) {
    EXPECT_TRUE(test::resolves(config, one.pointer)) << one.pointer;
    EXPECT_FALSE(one.message.empty());
    out.push_back((one.level == severity::warning ? "~" : "") + one.pointer + " " + one.code);
  }
  EXPECT_EQ(result.program == nullptr, has_errors(result.problems));
  return out;
}

std::string request_of(const std::string& members, const std::string& more, const std::string& version) {
  return R"({"version":")" + version +
         R"(","payload_structure":{"model":"param:model_name","messages":"param:messages")" +
         (members.empty() ? "" : "," + members) + "}" + (more.empty() ? "" : "," + more) + "}";
}
list request(const std::string& members, const std::string& more = "", const std::string& version = "1.2") {
  const test::document text(request_of(members, more, version));
  return seen(compile_request(text), text);
}
list response(const std::string& members, const std::string& more = "", const std::string& version = "1.2") {
  const test::document text(
      R"({"version":")" + version + R"(","extraction_rules":{"text_content":"$.t","usage_stats":"$.u")" +
      (members.empty() ? "" : "," + members) + "}" + (more.empty() ? "" : "," + more) + "}");
  return seen(compile_response(text), text);
}
// What is wrong with the rule x: pointers below it, and codes.
list wrong(const std::string& rule, const std::string& more = "") {
  list found = request("\"x\":" + rule, more);
  for (std::string& one : found) one = one.substr(std::string("/payload_structure/x").size());
  return found;
}
std::string message_of(const std::string& config) {
  const test::document text(config);
  const auto made = compile_request(text);
  return made.problems.empty() ? "" : made.problems[0].message + " (" + made.problems[0].hint + ")";
}

TEST(mapping_compile_latest, everything_is_taken) {
  EXPECT_EQ(
      request(
          R"("a":{"first":["param:user",{"value":1}]},"b":{"difference":["param:seed","param:top_k",{"value":1}]},
    "c":{"quotient":["param:seed",{"value":2}],"min":"param:top_k","max":{"value":3},"clamp":true},
    "d":{"source":"param:user","codec":["base64_decode","utf8_replace","fit_id"],"chars":"a-z0-9","min":9,"max":9,"strip_prefix":["a","b"]},
    "e":{"source":"param:stop","distinct":true},"f":{"source":"param:tools","distinct":"name"},
    "g":{"switch":[{"when":{"all":[{"path":"param:seed","lt":5},{"path":"param:seed","le":"param:top_k"},
         {"path":"param:user","blank":false},{"path":"param:user","eq":{"path":"param:stop"}}]},"then":{"format":"{@count}"}}]},
    "h":{"each":"param:messages[*]","as":{"kept":true}},"i":{"source":"param:user","path":"url:+where"})",
          R"("dialect":"my_own2","not_together":[{"params":["temperature","top_p"],"when":{"path":"param:seed","lt":1},"text":"no"},
    {"params":["seed","max_tokens"]}],"ignores":{"message":["name"],"part":[],"tool":["strict","strict"],"tool_call":["index"]})"),
      list{});
  EXPECT_EQ(
      response(R"("x":{"first":["$.a","@count"]})", R"("dialect":"d","noise":["/object","/choices/*/a~1b"])"),
      list{});
}

TEST(mapping_compile_latest, program) {
  const test::document text(request_of(
      R"("a":"param:top_p","b":{"source":"param:user","path":"url:+w"})",
      R"("dialect":"d1","not_together":[{"params":["max_tokens","top_p"]}],"ignores":{"part":["p"]})",
      "1.2"));
  const auto made = compile_request(text);
  ASSERT_NE(made.program, nullptr);
  EXPECT_EQ(made.program->rules.version, language::v1_2);
  EXPECT_EQ(made.program->rules.dialect, "d1");
  ASSERT_EQ(made.program->not_together.size(), 1u);
  EXPECT_EQ(made.program->not_together[0].params, (list{"max_output_tokens", "top_p"}));
  EXPECT_EQ(made.program->not_together[0].when, nothing);
  EXPECT_TRUE(made.program->ignores.part.contains("p"));
  EXPECT_TRUE(made.program->chat.places[3].keeps_slashes);
  EXPECT_TRUE(made.program->chat.has_hole("w"));
  const test::document answer(
      R"({"version":"1.2","extraction_rules":{"text_content":"$.t","usage_stats":"$.u"},"noise":["/a/*/b~1c~0"]})");
  EXPECT_EQ(compile_response(answer).program->noise, (std::vector<list>{{"a", "*", "b/c~"}}));
}

TEST(mapping_compile_latest, older_versions_know_none_of_it) {
  for (const char* member :
       {"first", "difference", "quotient", "kept", "chars", "strip_prefix", "clamp", "distinct"}) {
    const std::string rule = std::string(R"("x":{"source":"param:user",")") + member + "\":true}";
    EXPECT_EQ(request(rule, "", "1.1"),
              list{std::string("/payload_structure/x/") + member + " unknown_member"});
    EXPECT_EQ(request(rule, "", "1.0"),
              list{std::string("~/payload_structure/x/") + member + " unknown_member"});
    EXPECT_EQ(message_of(request_of(rule, "", "1.1")),
              std::string("unknown member \"") + member + "\" (it belongs to mapping version \"1.2\")");
  }
  EXPECT_EQ(request("", R"("dialect":"d","not_together":[],"ignores":{})", "1.1"),
            (list{"/dialect unknown_member", "/not_together unknown_member", "/ignores unknown_member"}));
  EXPECT_EQ(response("", R"("noise":[])", "1.1"), list{"/noise unknown_member"});
  EXPECT_EQ(request(R"("x":{"switch":[{"when":{"path":"param:user","blank":true},"then":null}]})", "", "1.1"),
            (list{"/payload_structure/x/switch/0/when/blank unknown_member",
                  "/payload_structure/x/switch/0/when no_test"}));
  EXPECT_EQ(request(R"("x":{"source":"param:user","codec":["json_decode"]})", "", "1.1"),
            list{"/payload_structure/x/codec unknown_codec"});
  EXPECT_EQ(request(R"("x":{"source":"param:user","codec":"fit_id"})", "", "1.1"),
            list{"/payload_structure/x/codec unknown_codec"});
  EXPECT_EQ(request(R"("x":{"source":"param:seed","min":"param:top_k"})", "", "1.1"),
            list{"/payload_structure/x/min not_a_number"});
  EXPECT_EQ(request(R"("x":"@count")", "", "1.1"), list{"/payload_structure/x wrong_root"});
  EXPECT_EQ(request(R"("x":{"source":"param:user","path":"url:+w"})", "", "1.1"),
            list{"/payload_structure/x/path bad_place"});
  // There {"path": …} is a literal.
  EXPECT_EQ(request(R"("x":{"switch":[{"when":{"path":"param:user","eq":{"path":"nonsense"}},"then":null}]})",
                    "", "1.1"),
            list{});
}

TEST(mapping_compile_latest, wrong_heads) {
  EXPECT_EQ(wrong(R"({"first":[]})"), list{"/first not_an_array"});
  EXPECT_EQ(wrong(R"({"first":"param:user"})"), list{"/first not_an_array"});
  EXPECT_EQ(wrong(R"({"first":[5]})"), list{"/first/0 not_a_rule"});
  EXPECT_EQ(wrong(R"({"difference":["param:seed"]})"), list{"/difference bad_terms"});
  EXPECT_EQ(wrong(R"({"quotient":["param:seed"]})"), list{"/quotient bad_terms"});
  EXPECT_EQ(wrong(R"({"quotient":["param:seed","param:seed","param:seed"]})"), list{"/quotient bad_terms"});
  EXPECT_EQ(wrong(R"({"quotient":5})"), list{"/quotient bad_terms"});
  EXPECT_EQ(wrong(R"({"first":["param:user"],"sum":["param:seed"]})"), list{" several_heads"});
  EXPECT_EQ(wrong(R"({"each":"param:messages[*]","as":{"kept":true}})"), list{"/as/kept dialect_missing"});
  EXPECT_EQ(wrong(R"({"kept":true})", R"("dialect":"d")"), list{"/kept bad_kept"});
  EXPECT_EQ(wrong(R"({"each":"param:messages[*]","as":{"kept":"yes"}})", R"("dialect":"d")"),
            list{"/as/kept bad_kept"});
  EXPECT_EQ(response(R"("x":{"each":"$.a","as":{"kept":true}})", R"("dialect":"d")"),
            list{"/extraction_rules/x/as/kept bad_kept"});
}

TEST(mapping_compile_latest, wrong_modifiers) {
  const auto of = [](const std::string& members) {
    return wrong(R"({"source":"param:user",)" + members + "}");
  };
  EXPECT_EQ(of(R"("codec":[])"), list{"/codec bad_codecs"});
  EXPECT_EQ(of(R"("codec":["json_decode","json_decode","json_decode","json_decode","json_decode"])"),
            list{"/codec bad_codecs"});
  EXPECT_EQ(of(R"("codec":["json_decode",7,"fitid"])"),
            (list{"/codec/1 unknown_codec", "/codec/2 unknown_codec"}));
  EXPECT_EQ(of(R"("codec":["fit_id","fit_id"])"), list{"/codec bad_codecs"});
  EXPECT_EQ(of(R"("codec":"fit_id","chars":5)"), list{"/chars bad_characters"});
  EXPECT_EQ(of(R"("codec":"fit_id","chars":"a-f")"), list{"/chars bad_characters"});
  EXPECT_EQ(of(R"("codec":"fit_id","chars":"z-a0-9")"), list{"/chars bad_characters"});
  EXPECT_EQ(of(R"("codec":"fit_id","chars":"a-z0-9 ")"), list{"/chars bad_characters"});
  EXPECT_EQ(of(R"("codec":"fit_id","min":0)"), list{"/min bad_length"});
  EXPECT_EQ(of(R"("codec":"fit_id","min":41)"), list{"/min bad_length"});
  EXPECT_EQ(of(R"("codec":"fit_id","max":"param:seed")"), list{"/max bad_length"});
  EXPECT_EQ(of(R"("codec":"fit_id","min":9,"max":8)"), list{"/max bad_length"});
  EXPECT_EQ(of(R"("chars":"a-z0-9")"), list{"/chars stray_member"});
  EXPECT_EQ(of(R"("strip_prefix":"")"), list{"/strip_prefix not_a_text"});
  EXPECT_EQ(of(R"("strip_prefix":[])"), list{"/strip_prefix not_a_text"});
  EXPECT_EQ(of(R"("strip_prefix":["a",1])"), list{"/strip_prefix/1 not_a_text"});
  EXPECT_EQ(of(R"("clamp":true)"), list{"/clamp stray_member"});
  EXPECT_EQ(of(R"("clamp":1,"min":0)"), list{"/clamp not_boolean"});
  EXPECT_EQ(of(R"("distinct":1)"), list{"/distinct bad_distinct"});
  EXPECT_EQ(of(R"("distinct":"")"), list{"/distinct bad_distinct"});
  EXPECT_EQ(of(R"("min":[1])"), list{"/min not_a_number"});
  EXPECT_EQ(of(R"("max":{"source":"param:nothing_known"})"), list{"/max/source unknown_parameter"});
  EXPECT_EQ(of(R"("path":"url:+")"), list{"/path bad_place"});
}

TEST(mapping_compile_latest, wrong_conditions) {
  const auto of = [](const std::string& test) {
    return wrong(R"({"switch":[{"when":{"path":"param:user",)" + test + R"(},"then":null}]})");
  };
  EXPECT_EQ(of(R"("lt":true)"), list{"/switch/0/when/lt not_a_rule"});
  EXPECT_EQ(of(R"("le":[1])"), list{"/switch/0/when/le not_a_rule"});
  EXPECT_EQ(of(R"("lt":"seed")"), list{"/switch/0/when/lt not_a_path"});
  EXPECT_EQ(of(R"("blank":1)"), list{"/switch/0/when/blank not_boolean"});
  EXPECT_EQ(of(R"("eq":{"path":"seed"})"), list{"/switch/0/when/eq/path not_a_path"});
  EXPECT_EQ(of(R"("lt":1,"le":2)"), list{"/switch/0/when several_tests"});
  EXPECT_EQ(of(R"("codec":"fit_id","prefix":"a")"), list{"/switch/0/when/codec codec_of_condition"});
}

TEST(mapping_compile_latest, wrong_sections) {
  EXPECT_EQ(request("", R"("dialect":"Own")"), list{"/dialect bad_dialect"});
  EXPECT_EQ(request("", R"("dialect":7)"), list{"/dialect bad_dialect"});
  EXPECT_EQ(request("", R"("not_together":{})"), list{"/not_together not_an_array"});
  EXPECT_EQ(
      request(
          "",
          R"("not_together":[5,{},{"params":["seed"]},{"params":["seed","sed"]},{"params":["max_tokens","max_output_tokens"]},
    {"params":["seed","top_p"],"text":"","wen":1},{"params":["seed",1]}])"),
      (list{"/not_together/0 not_an_object", "/not_together/1 bad_params",
            "/not_together/2/params bad_params", "/not_together/3/params/1 unknown_parameter",
            "/not_together/4/params/1 bad_params", "/not_together/5/wen unknown_member",
            "/not_together/5/text not_a_text", "/not_together/6/params/1 bad_params"}));
  EXPECT_EQ(request("", R"("ignores":[])"), list{"/ignores not_an_object"});
  EXPECT_EQ(
      request("", R"("ignores":{"part":"x","tools":[],"tool":[1]})"),
      (list{"/ignores/tools unknown_member", "/ignores/part not_an_array", "/ignores/tool/0 not_a_name"}));
  EXPECT_EQ(response("", R"("noise":"/a")"), list{"/noise not_an_array"});
  EXPECT_EQ(
      response("", R"("noise":["a","","/a~2",5,"/ok"])"),
      (list{"/noise/0 bad_pointer", "/noise/1 bad_pointer", "/noise/2 bad_pointer", "/noise/3 bad_pointer"}));
}

TEST(mapping_compile_latest, holes_that_stand_nowhere) {
  const std::string members = R"("w":{"source":"param:user","path":"url:+w"})";
  const std::string more =
      R"("streaming_path":"/s/{s}","operations":{"o":{"path":"/o","payload_structure":{"v":{"source":"param:user","path":"url:v"}}}})";
  EXPECT_EQ(request(members, more), list{"~/operations/o/payload_structure/v/path url_hole_missing"});
  const auto in_row = [&](const url_texts& row, const std::string& version = "1.2") {
    const test::document text(request_of(version == "1.2" ? members : "", more, version));
    std::string all;
    for (const problem& one : request_problems(text, {}, &row))
      all += (one.level == severity::warning ? "~" : "") + one.pointer + " " + one.code + "\n";
    std::string holes;
    for (const problem& one : hole_problems(text, row)) holes += one.pointer + " " + one.code + "\n";
    EXPECT_EQ(all, holes);
    return all;
  };
  EXPECT_EQ(in_row({"https://h/{v}/{w}", "/c"}), "");
  EXPECT_EQ(in_row({"https://h/{v}", "/c/{w}"}), "");
  EXPECT_EQ(in_row({"https://h", "/c"}),
            "/payload_structure/w/path url_hole_missing\n/operations/o/payload_structure/v/path "
            "url_hole_missing\n");
  EXPECT_EQ(in_row({"https://h", "/c"}, "1.1"), "");  // as before
}

std::string stream_of(const std::string& rule) {
  return R"("stream":{"frame":"sse","done":{"when":{"path":"field:event","eq":"done"}},"rules":[)" + rule +
         "]}";
}

TEST(mapping_compile_latest, streams) {
  const std::string good =
      R"({"each":["$.choices[*]","@.delta.tool_calls[*]"],"key":[["^.index"],["@.index","@.id"]],)"
      R"("to":"$.choices[{key}].message.tool_calls[{key}]","op":"merge","from":"@","emit":"tool_call"})";
  const test::document config(
      R"({"version":"1.2","extraction_rules":{"text_content":"$.t","usage_stats":"$.u"},)" +
      stream_of(good + R"(,{"to":"$.l[{key}].n[{@.n}]","key":["@.i"],"op":"set","from":"field:x-id"})") +
      "}");
  const auto made = compile_response(config);
  ASSERT_NE(made.program, nullptr) << render(made.problems);
  const stream_program& stream = *made.program->stream;
  EXPECT_EQ(stream.rules.version, language::v1_2);
  EXPECT_EQ(stream.fields, (std::set<std::string, std::less<>>{"event", "x-id"}));
  const stream_rule& first = stream.steps[0];
  EXPECT_EQ(first.emit, emission::tool_call);
  ASSERT_EQ(first.each.size(), 2u);
  EXPECT_EQ(stream.rules.paths[first.each[1]].root, root_kind::item);
  ASSERT_EQ(first.keys.size(), 2u);
  EXPECT_EQ(first.keys[0].secondary, nothing);
  EXPECT_NE(first.keys[1].secondary, nothing);
  EXPECT_EQ(first.to[1].key, 0u);
  EXPECT_EQ(first.to[4].key, 1u);
  EXPECT_TRUE(first.to[4].is_index);
  EXPECT_EQ(stream.steps[1].to[3].key, nothing);
  EXPECT_NE(stream.steps[1].to[3].path, nothing);
}

TEST(mapping_compile_latest, wrong_streams) {
  const auto of = [](const std::string& members, const std::string& to = "$.a[{key}]") {
    list found = response("", stream_of(R"({"op":"set","from":"$.a","to":")" + to + "\"" + members + "}"));
    for (std::string& one : found) one = one.substr(std::string("/stream/rules/0").size());
    return found;
  };
  EXPECT_EQ(of(""), list{" key_missing"});
  EXPECT_EQ(of(R"(,"key":["@.a"])", "$.a[0]"), list{"/key key_mismatch"});
  EXPECT_EQ(of(R"(,"key":[["@.a"]])", "$.a[{key}].b[{key}]"), list{"/key key_mismatch"});
  EXPECT_EQ(of(R"(,"key":"@.a")"), list{"/key bad_key"});
  EXPECT_EQ(of(R"(,"key":["@.a","@.b","@.c","@.d"])"), list{"/key bad_key"});
  EXPECT_EQ(of(R"(,"key":["a"])"), list{"/key/0 not_a_path"});
  EXPECT_EQ(of(R"(,"key":["@.a"],"each":[])"), list{"/each bad_each"});
  EXPECT_EQ(of(R"(,"key":["@.a"],"each":["$.a[*]",5])"), list{"/each/1 not_a_path"});
  EXPECT_EQ(of(R"(,"key":["@.a"],"when":{"path":"@count","eq":1})"), list{"/when/path wrong_root"});
  EXPECT_EQ(response(R"("x":"field:event")"), list{"/extraction_rules/x wrong_root"});
  EXPECT_EQ(response("", stream_of(R"({"when":{"path":"$.e","exists":true},"error":"$.e","key":["@.a"]})")),
            list{"/stream/rules/0/key conflicting_members"});
  EXPECT_EQ(
      response(
          "",
          R"("stream":{"frame":"sse","done":"eof","rules":[{"op":"set","from":"$.a","to":"$.a[{key}]","key":["@.a"]}]})",
          "1.1"),
      (list{"/stream/rules/0/key unknown_member", "/stream/rules/0/to not_a_path"}));
}

TEST(mapping_compile_latest, depth_counts_rules_of_conditions_and_bounds) {
  std::string defs = R"("d0":{"value":1})", members = R"("x0":{"use":"d0"})";
  for (int n = 1; n < 64; ++n) {
    const std::string own = "d" + std::to_string(n), below = R"({"use":"d)" + std::to_string(n - 1) + "\"}";
    const std::string nested = R"({"first":[{"first":[{"first":[)" + below + "]}]}]}";
    const bool as_bound = n % 2 == 0;
    (defs += ",\"" + own + "\":") += as_bound ? R"({"source":"param:seed","min":)" + nested + "}"
                                              : R"({"switch":[{"when":{"path":"param:seed","lt":)" + nested +
                                                    R"(},"then":"param:seed"}]})";
    members += ",\"x" + std::to_string(n) + R"(":{"use":")" + own + "\"}";
  }
  const list found = request(members, "\"defs\":{" + defs + "}");
  ASSERT_EQ(found.size(), 1u);  // each definition was compiled by itself: it is its height that tells
  EXPECT_TRUE(found[0].starts_with("/defs/d") && found[0].ends_with(" too_deep")) << found[0];
}

}  // namespace
}  // namespace llm_admin::mapping
