#include <gtest/gtest.h>

#include "core/mapping/codec.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;

std::string coded(codec_kind codec, const std::string& value) {
  const document input(value);
  json::tree out;
  json::node result;
  std::string why;
  const bool good = convert({{codec}, {}, {}}, input, out, 1u << 20, result, why);
  EXPECT_NE(good, !why.empty());
  return !good ? why : result ? test::text_of(result) : "absent";
}

TEST(codec, json_decode) {
  const auto decoded = [](const std::string& value) { return coded(codec_kind::json_decode, value); };
  EXPECT_EQ(decoded(R"("{\"a\":[1.50,null]}")"), R"({"a":[1.50,null]})");
  EXPECT_EQ(decoded(R"("")"), "absent");
  EXPECT_EQ(decoded(R"(" \t\r\n")"), "absent");
  EXPECT_EQ(decoded(R"("{")"), "is no JSON");
  EXPECT_EQ(decoded(R"("1 2")"), "is no JSON");
  EXPECT_EQ(decoded("[1]"), "[1]");  // decoded already
  EXPECT_EQ(decoded("1"), "1");
}

TEST(codec, json_encode) {
  EXPECT_EQ(coded(codec_kind::json_encode, R"({"a":[1.50,"x"]})"), R"("{\"a\":[1.50,\"x\"]}")");
  EXPECT_EQ(coded(codec_kind::json_encode, R"("x")"), R"("\"x\"")");
  const document input(R"("0123456789")");
  json::tree out;
  json::node result;
  std::string why;
  EXPECT_FALSE(
      convert({{codec_kind::json_encode}, {}, {}}, input, out, 5, result, why));  // too long to be made
  EXPECT_EQ(why, "");
}

TEST(codec, data_uri) {
  const auto read = [](const std::string& value) { return coded(codec_kind::data_uri, value); };
  EXPECT_EQ(read(R"("data:image/png;base64,iVBORw==")"), R"({"media_type":"image/png","data":"iVBORw=="})");
  EXPECT_EQ(read(R"("DATA:image/png;BASE64,iVBORw%3D%3d")"),
            R"({"media_type":"image/png","data":"iVBORw=="})");
  EXPECT_EQ(read(R"("data:text/plain;charset=utf-8;base64,YQ==")"),
            R"({"media_type":"text/plain;charset=utf-8","data":"YQ=="})");
  EXPECT_EQ(read(R"("data:,")"), R"({"media_type":"text/plain;charset=US-ASCII","data":""})");
  EXPECT_EQ(read(R"("data:,a%20b,%zz")"),
            R"({"media_type":"text/plain;charset=US-ASCII","data":"YSBiLCV6eg=="})");
  EXPECT_EQ(read(R"("data:;charset=utf-8,%C3%BF%c3%be")"),
            R"({"media_type":"text/plain;charset=utf-8","data":"w7/Dvg=="})");
  EXPECT_EQ(read(R"("data:text/plain,???>>>")"), R"({"media_type":"text/plain","data":"Pz8/Pj4+"})");
  for (const char* wrong :
       {R"("https://a.example/x.png")", R"("data:image/png;base64")", R"("")", R"("dat")"})
    EXPECT_EQ(read(wrong), "is no data: URI") << wrong;
  EXPECT_EQ(read("1"), "is no text");
}

TEST(codec, mime_from_url) {
  const auto type = [](const std::string& url) {
    return coded(codec_kind::mime_from_url, "\"" + url + "\"");
  };
  EXPECT_EQ(type("https://a.example/b/c.PNG?x=y.gif#z.pdf"), "\"image/png\"");
  EXPECT_EQ(type("gs://bucket/clip.mp4"), "\"video/mp4\"");
  EXPECT_EQ(type("files/report.final.pdf"), "\"application/pdf\"");
  EXPECT_EQ(type("photo.jpg"), "\"image/jpeg\"");
  for (const char* unknown : {"https://a.md", "https://a.md?x", "https://a.md/", "https://a.example/b.d/c",
                              "x", "", "https://a.example/c.unknown", "https://a.example/c."})
    EXPECT_EQ(type(unknown), "absent") << unknown;
  EXPECT_EQ(coded(codec_kind::mime_from_url, "{}"), "is no text");
}

}  // namespace
}  // namespace llm_admin::mapping
