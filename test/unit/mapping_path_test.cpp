#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/mapping/path.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

std::optional<path> parsed(std::string_view text) {
  std::string why;
  std::size_t at = 0;
  auto result = parse_path(text, why, at);
  EXPECT_TRUE(result || !why.empty());
  EXPECT_LE(at, text.size());
  return result;
}

// All matches as an array, and with the document as $, @ and ^.
std::string all(std::string_view path_text, const document& doc) {
  const auto compiled = parsed(path_text);
  if (!compiled) return "no path";
  scope in;
  in.document = in.item = in.outer = doc;
  budget left;
  std::string out;
  std::string where;
  compiled->each(
      in, left,
      [&](const json::node& match) {
        EXPECT_TRUE(test::resolves(doc, where)) << where;
        EXPECT_EQ(text_of(json::resolve(doc, where)), text_of(match));
        out += (out.empty() ? "" : " ") + text_of(match);
        return true;
      },
      &where);
  const json::node first = compiled->first(in, left);
  EXPECT_EQ(out.empty(), first.is_absent());
  EXPECT_TRUE(out.starts_with(out.empty() ? "" : text_of(first)));
  return out;
}

TEST(mapping_path, names_and_indices) {
  const document doc(R"({"a":{"b c":[10,20,30],"é":1,"x'\"y":2},"n":null,"_k1":5})");
  EXPECT_EQ(all("$.a['b c'][0]", doc), "10");
  EXPECT_EQ(all("$.a[\"b c\"][-1]", doc), "30");
  EXPECT_EQ(all("$.a[ 'b c' ][-3]", doc), "10");
  EXPECT_EQ(all("$.a['b c'][-4]", doc), "");
  EXPECT_EQ(all("$.a['b c'][3]", doc), "");
  EXPECT_EQ(all("$.a.é", doc), "1");
  EXPECT_EQ(all("$.a['\\u00e9']", doc), "1");
  EXPECT_EQ(all(R"($.a['x\'"y'])", doc), "2");
  EXPECT_EQ(all(R"($.a["x'\"y"])", doc), "2");
  EXPECT_EQ(all("@._k1", doc), "5");
  EXPECT_EQ(all("^._k1", doc), "5");
  EXPECT_EQ(all("$.n", doc), "");
  EXPECT_EQ(all("$.a[0]", doc), "");
  EXPECT_EQ(all("$._k1.x", doc), "");
  EXPECT_EQ(all("$.a['b c'].x", doc), "");
}

TEST(mapping_path, wildcard_takes_elements_and_members) {
  EXPECT_EQ(all("$[*]", "[1,null,[2]]"), "1 [2]");
  EXPECT_EQ(all("$[*][*]", "[[1,2],[],[3],4]"), "1 2 3");
  EXPECT_EQ(all("$[*]", R"({"a":1,"b":{"c":2}})"), R"(1 {"c":2})");
  EXPECT_EQ(all("$.*", R"({"a":1})"), "1");
  EXPECT_EQ(all("$[*]", "5"), "");
}

TEST(mapping_path, filters_follow_rfc_9535) {
  const document doc(
      R"([{"t":"x","v":1},{"t":"y","v":1.0},{"v":2},{"t":null,"v":3},{"t":{"u":true},"v":4}])");
  EXPECT_EQ(all("$[?(@.t == \"x\")].v", doc), "1");
  EXPECT_EQ(all("$[?@.t == 'x'].v", doc), "1");
  EXPECT_EQ(all("$[?(@.t != 'x')].v", doc), "1.0 2 3 4");  // a missing member is != anything
  EXPECT_EQ(all("$[?(@.t == null)].v", doc), "3");         // a missing member is not null
  EXPECT_EQ(all("$[?(@.t != null)].v", doc), "1 1.0 2 4");
  EXPECT_EQ(all("$[?(@.t)].v", doc), "1 1.0 3 4");  // a null member is there
  EXPECT_EQ(all("$[?@.t].v", doc), "1 1.0 3 4");
  EXPECT_EQ(all("$[?(@.t.u == true)].v", doc), "4");
  EXPECT_EQ(all("$[?(@.t.u != false)].v", doc), "1 1.0 2 3 4");
  EXPECT_EQ(all("$[?(@['v'] == 1e0)].v", doc), "1 1.0");
  EXPECT_EQ(all("$[?(@.v == 1)][?(@ == 'y')]", doc), "\"y\"");
  EXPECT_EQ(all("$[?(@.v == '1')]", doc), "");
  EXPECT_EQ(all("$[?(@[0] == 1)][1]", "[[1,2],[3,4]]"), "2");
  EXPECT_EQ(all("$[?(@[-1] == 4)][0]", "[[1,2],[3,4]]"), "3");
  EXPECT_EQ(all("$[?(@.k == 1)].n", R"({"a":{"k":1,"n":7},"b":{"k":2,"n":8}})"), "7");
}

TEST(mapping_path, roots) {
  EXPECT_EQ(parsed("param:messages[0].content")->root_name, "messages");
  EXPECT_EQ(parsed("provider:default_model")->root, root_kind::provider);
  EXPECT_EQ(parsed("model:supports-tools")->root_name, "supports-tools");
  EXPECT_EQ(parsed("header:x-request-id")->root_name, "x-request-id");
  EXPECT_EQ(parsed("status")->root, root_kind::status);
  EXPECT_EQ(parsed("@index")->root, root_kind::index);
  EXPECT_EQ(parsed("@.index")->root, root_kind::item);
  const document headers(R"({"X-Request-ID":"r1"})"), params(R"({"stop":["a"]})");
  scope in;
  in.headers = headers;
  in.params = params;
  budget left;
  EXPECT_EQ(parsed("header:x-request-id")->first(in, left).text(), "r1");
  EXPECT_FALSE(parsed("header:x-request")->first(in, left));
  std::string where;
  EXPECT_EQ(parsed("param:stop[-1]")->first(in, left, &where).text(), "a");
  EXPECT_EQ(where, "/stop/0");
}

TEST(mapping_path, capabilities_with_overrides_by_model) {
  const document capabilities(
      R"({"tools":true,"vision":false,"gpt-*":{"tools":false,"vision":true},"gpt-5*":{"tools":"yes"},"gpt-5-nano":{"vision":null}})");
  scope in;
  in.capabilities = capabilities;
  budget left;
  auto read = [&](const char* name, std::string_view model) {
    in.model = model;
    return text_of(parsed(std::string("model:") + name)->first(in, left));
  };
  EXPECT_EQ(read("tools", "o3"), "true");
  EXPECT_EQ(read("tools", "gpt-4"), "false");
  EXPECT_EQ(read("tools", "gpt-5-nano"), "\"yes\"");
  EXPECT_EQ(read("vision", "gpt-5-nano"), "true");
  EXPECT_EQ(read("none", "gpt-5"), "null");
  EXPECT_EQ(read("tools", ""), "true");
}

TEST(mapping_path, wrong_texts_say_where) {
  for (const char* text : {"",
                           "x",
                           "$..a",
                           "$.",
                           "$.1",
                           "$[",
                           "$[]",
                           "$['a",
                           "$['a'",
                           "$[01]",
                           "$[-0]",
                           "$[1.5]",
                           "$[9999999999]",
                           "$x",
                           "$.a-b",
                           "$[?]",
                           "$[?(@.a]",
                           "$[?(@.a ==)]",
                           "$[?(@.a == x)]",
                           "$[?(@.a < 1)]",
                           "$[?(@[*])]",
                           "$[?(@[?@.a])]",
                           "$[?(@.a == 1]",
                           "$[?@.a == 1)]",
                           "$[?($.a == 1)]",
                           "$[?(@.a =~ 'x')]",
                           "$[?(@.a == 01)]",
                           "$[?(@.a == 1e999999)]",
                           "param:",
                           "param",
                           "header:",
                           "statusx",
                           "$['\\u0000']",
                           "$['\\ud800']",
                           "$['\xff']",
                           "$.a b",
                           "$ .a",
                           "@@",
                           "$[0:2]",
                           "$[0,1]"}) {
    std::string why;
    std::size_t at = 0;
    EXPECT_FALSE(parse_path(text, why, at)) << text;
    EXPECT_FALSE(why.empty()) << text;
    EXPECT_LE(at, std::string_view(text).size()) << text;
  }
}

TEST(mapping_path, limits) {
  std::string text = "$";
  for (int n = 0; n < 64; ++n) text += ".a";
  EXPECT_TRUE(parsed(text));
  EXPECT_FALSE(parsed(text + ".a"));
  EXPECT_FALSE(parsed("$['" + std::string(max_path_bytes, 'a') + "']"));
}

TEST(mapping_path, work_is_bounded) {
  std::string nested = "[1,1,1,1,1,1,1,1]";
  for (int n = 0; n < 4; ++n) nested = "[" + nested + "," + nested + "," + nested + "," + nested + "]";
  const document doc(nested);
  scope in;
  in.document = doc;
  budget left;
  left.most = 100;
  const auto compiled = parsed("$[*][*][*][*][*]");
  try {
    compiled->each(in, left, [](const json::node&) { return true; });
    FAIL() << "ran through";
  } catch (const error& raised) {
    EXPECT_STREQ(raised.sqlstate(), sqlstate::program_limit);
  }
  EXPECT_EQ(left.used, 101u);
  budget small;
  compiled->first(in, small);
  EXPECT_LE(small.used, 6u);
}

}  // namespace
}  // namespace llm_admin::mapping
