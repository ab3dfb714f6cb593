// Compiling 1.1: its heads, modifiers, conditions, definitions and sections, and what is wrong with them.
#include <gtest/gtest.h>

#include "core/mapping/compile/compile.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using list = std::vector<std::string>;

// "pointer code" of each problem, warnings marked with ~; every pointer must resolve.
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

// A request whose payload_structure also holds `members`, with the sections `more` beside it.
std::string config(const std::string& members, const std::string& more = "") {
  return R"({"version":"1.1","payload_structure":{"model":"param:model_name","messages":"param:messages")" +
         (members.empty() ? "" : "," + members) + "}" + (more.empty() ? "" : "," + more) + "}";
}
list request(const std::string& members, const std::string& more = "") {
  const test::document text(config(members, more));
  return seen(compile_request(text), text);
}
list response(const std::string& members, const std::string& more = "") {
  const test::document text(
      R"({"version":"1.1","extraction_rules":{"text_content":"$.t","usage_stats":"$.u")" +
      (members.empty() ? "" : "," + members) + "}" + (more.empty() ? "" : "," + more) + "}");
  return seen(compile_response(text), text);
}
std::string code_at(const std::string& member) {
  const list found = request("\"x\":" + member);
  return found.empty() ? "" : found[0].substr(std::string("/payload_structure/x").size());
}

TEST(mapping_compile_newer, every_head_and_modifier_is_taken) {
  EXPECT_EQ(request(R"("a":{"value":{"k":[1,null]}},
    "b":{"items":["param:top_p",{"spread":true,"each":"param:tools[*]"}],"min_items":1,"max_items":9},
    "c":{"each":"param:messages[*]","as":{"fields":{"n":"@index","r":"@.role","p":"^.x","...":"@.more"}},
         "where":{"all":[{"path":"@.role","in":["a","b"]},{"not":{"any":[{"path":"@.x","prefix":"y"},
         {"path":"@.x","type":"string"},{"path":"@.y","not_in":[1]},{"path":"@.z","exists":true}]}}]},
         "flatten":true,"merge_adjacent":{"by":"role","append":["content"]},"omit_empty":true},
    "d":{"switch":[{"when":{"path":"param:stream","eq":true},"then":{"value":1}},
                   {"when":{"path":"param:user","codec":"json_decode","exists":true},"then":null},
                   {"then":{"error":"no"}}]},
    "e":{"lookup":{"in":"param:messages[*].tool_calls[*]","key":"@.id","equals":"param:user","then":"@.name"}},
    "f":{"format":"{{{param:user}}} of {provider:display_name}","max_length":10},
    "g":{"sum":["param:top_k",{"source":"param:seed","default":1}],"min":0,"max":1.5},
    "h":{"sum":"param:metadata.x[*]"},
    "i":{"source":"param:stop","map":{"a":null,"b":"c"},"map_else":"keep","on_error":"omit"},
    "j":{"source":"param:stop","map":{},"map_default":1,"codec":"json_encode","enum":["x",2]},
    "k":{"with":"param:response_format","source":"@.type","default":"t","on_error":"default"},
    "l":{"source":"param:messages[*].content","all":true,"on_error":"raw"},
    "m":"param:drop_params","n":{"paths":["param:input","model:dims"],"join":"\n"},
    "...":{"source":"param:extra_body","type":"object"})"),
            list{});
}

TEST(mapping_compile_newer, unknown_members_are_errors_with_the_nearest_name) {
  const test::document text(config(R"("x":{"source":"param:seed","typ":"integer"})", R"("headrs":{})"));
  const auto made = compile_request(text);
  ASSERT_EQ(made.problems.size(), 2u);
  EXPECT_EQ(made.problems[0].pointer, "/headrs");
  EXPECT_EQ(made.problems[0].hint, "did you mean \"headers\"?");
  EXPECT_EQ(made.problems[1].pointer, "/payload_structure/x/typ");
  EXPECT_EQ(made.problems[1].hint, "did you mean \"type\"?");
  EXPECT_EQ(made.problems[1].level, severity::error);
}

TEST(mapping_compile_newer, wrong_heads) {
  EXPECT_EQ(code_at(R"({"type":"string"})"), " no_head");
  EXPECT_EQ(code_at(R"({"value":1,"source":"param:seed"})"), " several_heads");
  EXPECT_EQ(code_at(R"({"items":{}})"), "/items not_an_array");
  EXPECT_EQ(code_at(R"({"items":[3]})"), "/items/0 not_a_rule");
  EXPECT_EQ(code_at(R"({"each":3})"), "/each not_a_path");
  EXPECT_EQ(code_at(R"({"each":"param:tools[*]","merge_adjacent":{}})"), "/merge_adjacent not_a_name");
  EXPECT_EQ(code_at(R"({"each":"param:tools[*]","merge_adjacent":{"by":"r","append":[1]}})"),
            "/merge_adjacent/append/0 not_a_name");
  EXPECT_EQ(code_at(R"({"switch":{}})"), "/switch not_an_array");
  EXPECT_EQ(code_at(R"({"switch":[{"when":{"path":"param:seed","eq":1}}]})"), "/switch/0 no_then");
  EXPECT_EQ(request(R"("x":{"switch":[{"then":{"value":1}},{"then":{"value":2}}]})"),
            list{"~/payload_structure/x/switch/0 unreachable"});
  EXPECT_EQ(code_at(R"({"lookup":{"in":"param:tools[*]"}})"), "/lookup lookup_incomplete");
  EXPECT_EQ(code_at(R"({"format":"a{param:user"})"), "/format bad_format");
  EXPECT_EQ(code_at(R"({"format":"a}"})"), "/format bad_format");
  EXPECT_EQ(code_at(R"({"format":"{nothing}"})"), "/format not_a_path");
  EXPECT_EQ(code_at(R"({"sum":3})"), "/sum not_an_array");
  EXPECT_EQ(code_at(R"({"error":""})"), "/error not_a_text");
}

TEST(mapping_compile_newer, wrong_modifiers) {
  EXPECT_EQ(code_at(R"({"source":"param:seed","codec":"json"})"), "/codec unknown_codec");
  EXPECT_EQ(code_at(R"({"source":"param:seed","all":1})"), "/all not_boolean");
  EXPECT_EQ(code_at(R"({"source":"param:seed","all":true,"join":""})"), "/all join_and_all");
  EXPECT_EQ(code_at(R"({"source":"param:seed","map":[]})"), "/map not_an_object");
  EXPECT_EQ(code_at(R"({"source":"param:seed","map_default":1})"), "/map_default stray_member");
  EXPECT_EQ(code_at(R"({"source":"param:seed","as":"@"})"), "/as stray_member");
  EXPECT_EQ(code_at(R"({"source":"param:seed","map":{},"map_else":"drop"})"), "/map_else unknown_policy");
  EXPECT_EQ(code_at(R"({"source":"param:seed","map":{},"map_else":"keep","map_default":1})"),
            "/map_else map_default_and_else");
  EXPECT_EQ(code_at(R"({"source":"param:seed","min":"1"})"), "/min not_a_number");
  EXPECT_EQ(code_at(R"({"source":"param:seed","max_items":-1})"), "/max_items not_a_count");
  EXPECT_EQ(code_at(R"({"source":"param:seed","enum":[]})"), "/enum not_an_array");
  EXPECT_EQ(code_at(R"({"source":"param:seed","on_error":"ignore"})"), "/on_error unknown_policy");
  EXPECT_EQ(code_at(R"({"source":"param:seed","on_error":"default"})"), "/on_error no_default");
}

TEST(mapping_compile_newer, wrong_conditions) {
  const auto when = [](const std::string& text) {
    return code_at(R"({"switch":[{"when":)" + text + R"(,"then":{"value":1}}]})");
  };
  EXPECT_EQ(when("true"), "/switch/0/when not_a_condition");
  EXPECT_EQ(when("{}"), "/switch/0/when not_a_condition");
  EXPECT_EQ(when(R"({"path":"param:seed","all":[]})"), "/switch/0/when not_a_condition");
  EXPECT_EQ(when(R"({"path":"param:seed"})"), "/switch/0/when no_test");
  EXPECT_EQ(when(R"({"path":"param:seed","eq":1,"in":[1]})"), "/switch/0/when several_tests");
  EXPECT_EQ(when(R"({"path":"seed","eq":1})"), "/switch/0/when/path not_a_path");
  EXPECT_EQ(when(R"({"path":"param:seed","in":1})"), "/switch/0/when/in not_an_array");
  EXPECT_EQ(when(R"({"path":"param:seed","type":"text"})"), "/switch/0/when/type unknown_type");
  EXPECT_EQ(when(R"({"path":"param:seed","exists":1})"), "/switch/0/when/exists not_boolean");
  EXPECT_EQ(when(R"({"not":{"any":[{"path":"param:seed","prefix":1}]}})"),
            "/switch/0/when/not/any/0/prefix not_a_text");
  EXPECT_EQ(when(R"({"path":"param:seed","equals":1})"), "/switch/0/when/equals unknown_member");
}

TEST(mapping_compile_newer, items_are_readable_only_where_there_are_some) {
  EXPECT_EQ(code_at(R"("@.x")"), " wrong_root");
  EXPECT_EQ(code_at(R"({"each":"@.x"})"), "/each wrong_root");
  EXPECT_EQ(code_at(R"({"with":"param:user","source":"@"})"), "");
  EXPECT_EQ(code_at(R"({"with":"@","source":"@"})"), "/with wrong_root");
  EXPECT_EQ(response(R"("x":"@.y")"), list{"/extraction_rules/x wrong_root"});
  EXPECT_EQ(response(R"("x":{"use":"d"})", R"("defs":{"d":"@.y"})"), list{});
}

TEST(mapping_compile_newer, definitions) {
  EXPECT_EQ(
      request(R"("x":{"use":"d"},"y":{"use":"d","required":true},"z":{"items":[{"use":"d","spread":true}]})",
              R"("defs":{"d":{"each":"param:tools[*]","as":{"use":"e"}},"e":"@.name"})"),
      list{});
  EXPECT_EQ(request(R"("x":{"use":"dd"})", R"("defs":{"ab":"param:seed","d":"param:user"})"),
            (list{"/payload_structure/x/use unknown_definition", "~/defs/ab unused_definition",
                  "~/defs/d unused_definition"}));
  EXPECT_EQ(request(R"("x":{"use":3})"), list{"/payload_structure/x/use not_a_name"});
  EXPECT_EQ(
      request(R"("x":{"use":"a"})", R"("defs":{"a":{"items":[{"use":"b"}]},"b":{"items":[{"use":"a"}]}})"),
      list{"/defs/b/items/0/use use_cycle"});
  EXPECT_EQ(request(R"("x":{"use":"a"})", R"("defs":{"a":{"use":"a","required":true}})"),
            list{"/defs/a/use use_cycle"});
  EXPECT_EQ(request(R"("x":{"use":"a","required":true})", R"("defs":{"a":"param:seed"})"),
            list{"/payload_structure/x/use not_an_object"});
  EXPECT_EQ(request("", R"("defs":[])"), list{"/defs not_an_object"});
}

TEST(mapping_compile_newer, an_override_lies_over_the_definition) {
  const test::document text(
      config(R"("x":{"use":"a","default":5,"path":"p.x"})",
             R"("defs":{"a":{"use":"b","min":1},"b":{"source":"param:seed","type":"integer"}})"));
  const auto made = compile_request(text);
  ASSERT_NE(made.program, nullptr);
  const rule& of = made.program->rules.rules[2];
  EXPECT_EQ(of.head, head::paths);
  EXPECT_EQ(of.type, value_type::integer);
  ASSERT_NE(of.checks, nothing);
  EXPECT_EQ(made.program->rules.checks[of.checks].min, "1");
  EXPECT_EQ(test::text_of(of.fallback), "5");
  EXPECT_EQ(made.program->chat.places[2].segments, (list{"p", "x"}));
  EXPECT_TRUE(made.program->chat.params.contains("seed"));
}

// Thirty definitions, each using the next one twice: a call costs one rule, however often it is made.
TEST(mapping_compile_newer, doubling_definitions_stay_small) {
  std::string defs = R"("defs":{"d0":"param:seed")";
  for (int n = 1; n < 60; ++n) {
    const std::string before = R"({"use":"d)" + std::to_string(n - 1) + R"("})";
    defs += R"(,"d)" + std::to_string(n) + R"(":{"items":[)" + before + "," + before + "]}";
  }
  const test::document text(config(R"("x":{"use":"d59"})", defs + "}"));
  const auto made = compile_request(text);
  ASSERT_NE(made.program, nullptr);
  EXPECT_LT(made.program->rules.rules.size(), 200u);
}

TEST(mapping_compile_newer, deep_and_many_definitions_are_refused) {
  std::string defs, many;
  for (int n = 0; n < 64; ++n) {
    std::string inner = n == 0 ? R"("param:seed")" : R"({"use":"d)" + std::to_string(n - 1) + R"("})";
    for (int deep = 0; deep < 8; ++deep) inner = R"({"items":[)" + inner + "]}";
    defs += std::string(n == 0 ? "" : ",") + R"("d)" + std::to_string(n) + "\":" + inner;
    many += std::string(n == 0 ? "" : ",") + R"("m)" + std::to_string(n) + R"(":"param:seed")";
  }
  const list deep = request(R"("x":{"use":"d63"})", R"("defs":{)" + defs + "}");
  EXPECT_EQ(std::count_if(deep.begin(), deep.end(), [](auto& one) { return one.ends_with(" too_deep"); }), 1);
  EXPECT_EQ(request("", R"("defs":{)" + many + R"(,"m64":"param:seed"})"),
            list{"/defs too_many_definitions"});
}

TEST(mapping_compile_newer, sections_of_a_request) {
  const std::string sections = R"("headers":{"x-trace":"param:user"},"query":{"v":{"value":"1"}},
    "streaming_path":"/s?alt=sse","operations":{
      "test":{"path":"/me"},
      "list_models":{"method":"GET","path":"/models","query":{"n":{"value":9}},
                     "extract":{"each":"$.data[*]","as":"@.id"}},
      "embed":{"path":"/e","payload_structure":{"input":"param:input","model":{"source":"param:model_name","path":"url:m"}}}})";
  const test::document text(config("", sections));
  const auto made = compile_request(text);
  ASSERT_EQ(seen(made, text), list{});
  EXPECT_EQ(made.program->header_count, 1u);
  EXPECT_EQ(made.program->chat.query_count, 1u);
  EXPECT_EQ(made.program->streaming_path, "/s?alt=sse");
  EXPECT_EQ(made.program->chat.params, (std::set<std::string>{"messages", "model_name", "stream", "user"}));
  const call_shape* embed = made.program->operation("embed");
  ASSERT_NE(embed, nullptr);
  EXPECT_EQ(embed->method, "POST");
  EXPECT_TRUE(embed->has_hole("m"));
  EXPECT_EQ(embed->params, (std::set<std::string>{"input", "model_name", "user"}));
  EXPECT_EQ(made.program->rules.rules[embed->model_rule].name, "model");
  EXPECT_FALSE(made.program->operation("test")->has_body);
  EXPECT_EQ(made.program->operation("nothing"), nullptr);
  EXPECT_EQ(made.program->extracts.count("list_models"), 1u);
}

TEST(mapping_compile_newer, wrong_sections_of_a_request) {
  EXPECT_EQ(request("", R"("headers":{"a b":"param:user","Authorization":"param:user"},"query":[],
      "streaming_path":"//evil","operations":{"a":3,"b":{"method":"DELETE","path":"x"},
      "c":{"method":"GET","payload_structure":{"m":{"value":1,"path":"url:m"},"b":{"value":2}}},"d":{"payload":{}},"e":{"extract":"param:user"}})"),
            (list{"/query not_an_object", "/streaming_path bad_endpoint_path", "/headers/a b bad_header",
                  "/headers/Authorization reserved_header", "/operations/a not_an_object",
                  "/operations/b/method unknown_method", "/operations/b/path bad_endpoint_path",
                  "/operations/c/payload_structure/b body_of_get", "/operations/d/payload unknown_member",
                  "/operations/e/extract wrong_root"}));
}

TEST(mapping_compile_newer, cap_of_output_tokens_is_seen_through_switch_and_use) {
  const test::document text(config(R"("a":{"use":"cap"},"b":{"switch":[{"then":"param:max_output_tokens"}]})",
                                   R"("defs":{"cap":{"source":"param:max_output_tokens"}})"));
  const auto made = compile_request(text);
  ASSERT_NE(made.program, nullptr);
  EXPECT_TRUE(made.program->rules.rules[2].caps_output);
  EXPECT_TRUE(made.program->rules.rules[3].caps_output);
}

TEST(mapping_compile_newer, older_documents_read_as_before) {
  const test::document text(
      R"({"version":"1.0","payload_structure":{"model":"param:model_name","messages":"param:messages",
          "x":{"value":1,"default":2}},"defs":{}})");
  EXPECT_EQ(seen(compile_request(text), text),
            (list{"~/defs later_version", "~/payload_structure/x/value later_version"}));
}

TEST(mapping_compile_newer, headers_and_query_names_have_one_rule) {
  EXPECT_EQ(request("", R"("headers":{"X-A":{"value":1},"X-B":{"value":2},"x-a":{"value":3}})"),
            list{"/headers/x-a place_conflict"});
  EXPECT_EQ(request(R"("a":{"source":"param:user","path":"query:q"})",
                    R"("query":{"q":{"value":1},"r":{"value":2}})"),
            list{"/query/q place_conflict"});
  EXPECT_EQ(request("", R"("operations":{"o":{"method":"GET","path":"/o","query":{"q":{"value":1}},)"
                        R"("payload_structure":{"a":{"source":"param:user","path":"query:q"}}}})"),
            list{"/operations/o/query/q place_conflict"});
  EXPECT_EQ(request("", R"("query":{"q":{"value":1}},"operations":{"o":{"method":"GET","path":"/o",)"
                        R"("payload_structure":{"a":{"source":"param:user","path":"query:q"}}}})"),
            list{});
}

}  // namespace
}  // namespace llm_admin::mapping
