// What rules read, found without running them: of configs made for it, and of all that ship.
#include "core/mapping/compile/reads.hpp"

#include <gtest/gtest.h>

#include "core/mapping/compile/compile.hpp"
#include "unit/dialect_files.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;

struct reading {
  memory_bound memory{8u << 20};
  read_trie reads;

  std::string unread_of(const json::node& value) {
    budget left;
    std::string all;
    for (const std::string& one : unread(reads, value, left)) all += (all.empty() ? "" : " ") + one;
    return all;
  }
};

// Of the params {"messages": …} or of an answer.
struct request_reading : reading {
  explicit request_reading(const json::node& config) {
    const auto made = compile_request(config);
    if (!made.program) throw std::runtime_error(render(made.problems));
    reads = find_reads(*made.program, memory);
  }
};
struct response_reading : reading {
  explicit response_reading(const json::node& config) {
    const auto made = compile_response(config);
    if (!made.program) throw std::runtime_error(render(made.problems));
    reads = find_reads(*made.program, memory);
  }
};

std::string unread_of(const std::string& messages_rule, const std::string& messages,
                      const std::string& defs = "{}") {
  const document config(R"({"version":"1.1","defs":)" + defs +
                        R"(,"payload_structure":{"model":"param:model_name","messages":)" + messages_rule +
                        "}}");
  request_reading one(config.node());
  return one.unread_of(document(R"({"messages":)" + messages + "}"));
}

TEST(mapping_reads, paths_read_what_they_name) {
  EXPECT_EQ(unread_of(R"("param:messages")", R"([{"a":1,"b":{"c":2}}])"), "");
  EXPECT_EQ(unread_of(R"({"each":"param:messages[*]","as":"@.a"})", R"([{"a":{"x":1},"b":2},{"c":3}])"),
            "/messages/0/b /messages/1/c");
  EXPECT_EQ(unread_of(R"("param:messages[0].a.b")", R"([{"a":{"b":1,"c":2}}])"), "/messages/0/a/c");
  EXPECT_EQ(unread_of(R"("param:messages[?(@.role == 'user')].content")",
                      R"([{"role":"user","content":"x","name":"n"}])"),
            "/messages/0/name");
}

TEST(mapping_reads, what_says_nothing_is_not_missed) {
  EXPECT_EQ(unread_of(R"({"each":"param:messages[*]","as":"@.a"})",
                      R"([{"refusal":null,"annotations":[],"audio":{},"name":"","x":false,"y":0}])"),
            "/messages/0/x /messages/0/y");
}

TEST(mapping_reads, conditions_read) {
  EXPECT_EQ(unread_of(R"({"each":"param:messages[*]","where":{"any":[{"path":"@.a","eq":1},)"
                      R"({"not":{"path":"@.b.c","exists":true}}]},"as":{"value":1}})",
                      R"([{"a":{"x":1},"b":{"c":1,"d":2}}])"),
            "/messages/0/b/d");
  EXPECT_EQ(unread_of(R"({"switch":[{"when":{"path":"param:messages[0].a","type":"string"},"then":null}]})",
                      R"([{"a":"x","b":1}])"),
            "/messages/0/b");
}

TEST(mapping_reads, with_is_followed_through_what_is_made) {
  // Members of an object that is made stand for what they were made of.
  const std::string made = R"({"each":"param:messages[*]","as":{"with":{"fields":{"m":"@.a","n":"@.b"}},)"
                           R"("source":"@.m.x"}})";
  EXPECT_EQ(unread_of(made, R"([{"a":{"x":1,"y":2},"b":{"z":3}}])"), "/messages/0/a/y");
  EXPECT_EQ(unread_of(R"({"with":"param:messages[0]","fields":{"c":"@.a"}})", R"([{"a":{"q":1},"b":1}])"),
            "/messages/0/b");
  EXPECT_EQ(unread_of(R"({"with":{"items":[{"source":"param:messages","spread":true}]},"source":"@[0].a"})",
                      R"([{"a":1,"b":2}])"),
            "/messages/0/b");
  EXPECT_EQ(
      unread_of(R"({"with":{"fields":{"...":"param:messages[0]"}},"source":"@.a"})", R"([{"a":1,"b":2}])"),
      "/messages/0/b");
  EXPECT_EQ(unread_of(R"({"with":{"each":"param:messages[*]","flatten":true,"as":"@.l"},"source":"@[0].a"})",
                      R"([{"l":[{"a":1,"b":2}]}])"),
            "/messages/0/l/0/b");
  EXPECT_EQ(unread_of(R"({"with":{"source":"param:messages[*].l","all":true},"source":"@[0].a"})",
                      R"([{"l":{"a":1,"b":2}}])"),
            "/messages/0/l/b");
}

TEST(mapping_reads, outer_items_and_lookups) {
  EXPECT_EQ(unread_of(R"({"each":"param:messages[*]","as":{"each":"@.l[*]","as":)"
                      R"({"fields":{"r":"^.role","t":"@.t"}}}})",
                      R"([{"role":"user","l":[{"t":1,"u":2}],"other":1}])"),
            "/messages/0/l/0/u /messages/0/other");
  EXPECT_EQ(unread_of(R"({"each":"param:messages[*]","as":{"lookup":{"in":"param:messages[*].calls[*]",)"
                      R"("key":"@.id","equals":"@.call_id","then":"@.f.name"}}})",
                      R"([{"calls":[{"id":1,"f":{"name":"n","args":1},"t":2}],"call_id":3,"z":1}])"),
            "/messages/0/calls/0/f/args /messages/0/calls/0/t /messages/0/z");
}

TEST(mapping_reads, texts_codecs_and_sums_take_all) {
  EXPECT_EQ(
      unread_of(R"({"source":"param:messages[0].a","codec":"json_encode"})", R"([{"a":{"b":1},"c":1}])"),
      "/messages/0/c");
  EXPECT_EQ(unread_of(R"({"format":"{param:messages[0].a}"})", R"([{"a":"x","b":"y"}])"), "/messages/0/b");
  EXPECT_EQ(unread_of(R"({"sum":"param:messages[*].a"})", R"([{"a":1,"b":2}])"), "/messages/0/b");
  EXPECT_EQ(unread_of(R"({"sum":["param:messages[0].a"]})", R"([{"a":1,"b":2}])"), "/messages/0/b");
  EXPECT_EQ(unread_of(R"({"paths":["param:messages[*].a"],"join":""})", R"([{"a":"x","b":2}])"),
            "/messages/0/b");
}

// A content that is passed on where it is a text is not taken as an array of parts.
TEST(mapping_reads, branches_know_the_kind_of_a_value) {
  const std::string parts = R"([{"content":[{"text":"x","z":1}]}])";
  const auto of = [&](const std::string& branches) {
    return unread_of(R"({"each":"param:messages[*]","as":{"switch":[)" + branches + "]}}", parts);
  };
  const std::string each = R"("then":{"each":"@.content[*]","as":"@.text"}})";
  EXPECT_EQ(of(R"({"when":{"path":"@.content","type":"string"},"then":"@.content"},{)" + each),
            "/messages/0/content/0/z");
  EXPECT_EQ(of(R"({"when":{"path":"@.content","type":"array"},)" + each + R"(,{"then":"@.content"})"),
            "/messages/0/content/0/z");
  EXPECT_EQ(of(R"({"when":{"all":[{"path":"@.role","eq":"x"},{"path":"@.content","type":"array"}]},)" + each +
               R"(,{"then":"@.content"})"),
            "");
  EXPECT_EQ(
      of(R"({"when":{"not":{"path":"@.content","type":"string"}},)" + each + R"(,{"then":"@.content"})"),
      "/messages/0/content/0/z");
  EXPECT_EQ(of(R"({"when":{"path":"@.role","eq":"x"},)" + each + R"(,{"then":"@.content"})"), "");
}

TEST(mapping_reads, definitions_are_followed_where_they_are_used) {
  const std::string defs = R"({"pick":{"source":"@.x"}})";
  EXPECT_EQ(unread_of(R"({"each":"param:messages[*]","as":{"fields":{"a":{"with":"@.a","use":"pick"},)"
                      R"("b":{"with":"@.b","use":"pick","type":"string"}}}})",
                      R"([{"a":{"x":1,"y":2},"b":{"x":"3","z":4},"x":5}])", defs),
            "/messages/0/a/y /messages/0/b/z /messages/0/x");
}

// Definitions that each use the next one twice, below different members: 2^30 contexts.
TEST(mapping_reads, contexts_that_multiply_are_bounded) {
  std::string defs = "{";
  for (int n = 0; n < 30; ++n) {
    const std::string next = R"(,"as":{"use":"d)" + std::to_string(n + 1) + R"("}})";
    defs += "\"d" + std::to_string(n) + R"(":{"fields":{"a":{"each":"@.a[*]")" + next +
            R"(,"b":{"each":"@.b[*]")" + next + "}},";
  }
  defs += R"("d30":{"source":"@.x"}})";
  EXPECT_EQ(unread_of(R"({"each":"param:messages[*]","as":{"use":"d0"}})", R"([{"z":1}])", defs), "");
}

TEST(mapping_reads, members_by_star_and_by_index) {
  EXPECT_EQ(unread_of(R"("param:messages[*].a[*].b")", R"([{"a":{"x":{"b":1,"c":2}}}])"),
            "/messages/0/a/x/c");
  EXPECT_EQ(unread_of(R"("param:messages[*].a[0].b")", R"([{"a":[{"b":1,"c":2}]},{"a":{"x":{"b":1}}}])"),
            "/messages/0/a/0/c");
}

TEST(mapping_reads, most_are_fifty) {
  std::string members;
  for (int n = 0; n < 80; ++n) members += (n ? ",\"m" : "\"m") + std::to_string(n) + "\":1";
  request_reading one(document(R"({"version":"1.1","payload_structure":{"model":"param:model_name",)"
                               R"("messages":{"each":"param:messages[*]","as":"@.a"}}})"));
  budget left;
  EXPECT_EQ(unread(one.reads, document(R"({"messages":[{)" + members + "}]}"), left).size(), most_unread);
}

TEST(mapping_reads, patterns_of_noise) {
  reading one;
  one.reads.make_top();
  add_pattern(one.reads, {"choices", "*", "index"}, one.memory);
  add_pattern(one.reads, {"a/b"}, one.memory);
  EXPECT_EQ(one.unread_of(document(R"({"choices":[{"index":1,"x":{"y":1}}],"a/b":{"c":1},"object":"o"})")),
            "/choices/0/x /object");
}

TEST(mapping_reads, older_configs_keep_none) {
  for (const char* version : {"1.0", "1.1"}) {
    const auto made = compile_request(document(
        std::string(R"({"version":")") + version +
        R"(","payload_structure":{"model":{"source":"param:model_name"},"messages":{"source":"param:messages"}}})"));
    ASSERT_NE(made.program, nullptr);
    EXPECT_TRUE(made.program->reads.empty());
  }
  budget left;
  EXPECT_TRUE(unread(read_trie{}, document(R"({"a":1})"), left).empty());
}

// Every mapping that ships: what it is known to read is found, what nobody has is not.
TEST(mapping_reads, of_what_ships) {
  shipped::catalog ships;
  int seen = 0, by_member = 0;
  auto request = [&](std::string_view name, const json::node& config) {
    request_reading one(config);
    const std::string missing = one.unread_of(document(
        R"({"messages":[{"role":"user","content":[{"type":"text","text":"t","unheard_part":1},)"
        R"({"type":"image_url","image_url":{"url":"u"}}],"unheard_member":1},)"
        R"({"role":"assistant","content":"c","tool_calls":[{"id":"i","function":)"
        R"({"name":"f","arguments":"{}"},"unheard_call":1}]},)"
        R"({"role":"tool","tool_call_id":"i","content":"r"}],"temperature":1,)"
        R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"x":{"y":1}}},)"
        R"("unheard_tool":1}],"unheard_parameter":1})"));
    const auto has = [&](const char* pointer) {
      return (missing + " ").find(std::string(pointer) + " ") != std::string::npos;
    };
    EXPECT_TRUE(has("/messages/0/unheard_member")) << name << missing;
    EXPECT_TRUE(has("/messages/1/tool_calls/0/unheard_call")) << name << missing;
    // Those that have parts of their own make them member by member.
    if (name == "anthropic_messages" || name == "bedrock_converse" || name == "gemini_generate_content") {
      EXPECT_TRUE(has("/messages/0/content/0/unheard_part")) << name << missing;
      EXPECT_TRUE(has("/tools/0/unheard_tool")) << name << missing;
      ++by_member;
    }
    std::string rest;
    for (std::string::size_type at = 0, end; at < missing.size(); at = end + 1) {
      end = std::min(missing.find(' ', at), missing.size());
      const std::string pointer = missing.substr(at, end - at);
      if (pointer.find("unheard") == std::string::npos) rest += pointer + " ";
    }
    EXPECT_EQ(rest, "") << name;
    ++seen;
  };
  for (const shipped::dialect& one : ships.dialects()) {
    request(one.name(), one.request_config);
    response_reading answers(one.response_config);
    EXPECT_EQ(answers.unread_of(document(R"({"unheard":{"a":[1]}})")), "/unheard") << one.name();
  }
  for (const shipped::provider& one : ships.providers()) request(one.name(), one.request_config);
  EXPECT_GT(seen, 10);
  EXPECT_EQ(by_member, 3);
}

TEST(mapping_reads, of_a_shipped_answer) {
  shipped::catalog ships;
  for (const shipped::dialect& one : ships.dialects()) {
    if (one.name() != "openai_chat") continue;
    response_reading answers(one.response_config);
    EXPECT_EQ(answers.unread_of(
                  document(R"({"id":"i","model":"m","choices":[{"message":{"content":"c","unheard":1},)"
                           R"("finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})")),
              "/choices/0/message/unheard");
  }
}

}  // namespace
}  // namespace llm_admin::mapping
