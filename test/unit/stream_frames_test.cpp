#include "core/mapping/stream/frames.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace llm_admin::mapping {
namespace {

struct framed {
  std::string events;  // one a line; one that the input stopped in is marked with ~
  bool blank = true, foreign = false, closed = false;
  bool operator==(const framed&) const = default;
};

framed in_pieces(frame_kind frame, std::initializer_list<std::string_view> pieces, std::size_t most = 1000) {
  stream_frames frames(frame, most);
  framed out;
  const auto take = [&](std::string_view event, bool ended) {
    ((out.events += ended ? "" : "~") += event) += "|";
    return event != "stop";
  };
  for (std::string_view piece : pieces) {
    const std::string gone(piece);  // nothing may be kept of a piece
    frames.feed(gone, take);
  }
  frames.finish(take);
  out.blank = frames.blank();
  out.foreign = frames.foreign();
  out.closed = frames.closed();
  return out;
}

// The events of the whole text, after trying every way to cut it into two and, when it is short, three
// pieces.
std::string events_of(frame_kind frame, std::string_view text) {
  const framed whole = in_pieces(frame, {text});
  for (std::size_t a = 0; a <= text.size(); ++a) {
    EXPECT_EQ(in_pieces(frame, {text.substr(0, a), text.substr(a)}), whole) << "cut at " << a;
    if (text.size() > 150) continue;
    for (std::size_t b = a; b <= text.size(); ++b) {
      EXPECT_EQ(in_pieces(frame, {text.substr(0, a), text.substr(a, b - a), text.substr(b)}), whole)
          << "cut at " << a << " and " << b;
    }
  }
  stream_frames single(frame, 1000);
  std::string bytewise;
  const auto take = [&](std::string_view event, bool ended) {
    ((bytewise += ended ? "" : "~") += event) += "|";
    return event != "stop";
  };
  for (char c : text) single.feed({&c, 1}, take);
  single.finish(take);
  EXPECT_EQ(bytewise, whole.events);
  return whole.events;
}

std::string sse(std::string_view text) { return events_of(frame_kind::sse, text); }
std::string ndjson(std::string_view text) { return events_of(frame_kind::ndjson, text); }
std::string array(std::string_view text) { return events_of(frame_kind::json_array, text); }

TEST(stream_frames, sse_lines_end_in_three_ways) {
  EXPECT_EQ(sse("data: a\n\ndata: b\n\n"), "a|b|");
  EXPECT_EQ(sse("data: a\r\n\r\ndata: b\r\n\r\n"), "a|b|");
  EXPECT_EQ(sse("data: a\r\rdata: b\r\r"), "a|b|");
  EXPECT_EQ(sse("data: a\r\n\ndata: b\n\r\ndata: c\r\r\n"), "a|b|c|");
  EXPECT_EQ(sse("data: a\n\r\n\r\n\ndata: b\n\n"), "a|b|");
}

TEST(stream_frames, sse_fields) {
  EXPECT_EQ(sse("event: message_start\nid: 7\nretry: 10\ndata: {}\n\n"), "{}|");
  EXPECT_EQ(sse("data:a\n\ndata:  b\n\n"), "a| b|");  // one blank after the colon goes
  EXPECT_EQ(sse("data: a\ndata: b\ndata:\ndata: c\n\n"), "a\nb\n\nc|");
  EXPECT_EQ(sse(": OPENROUTER PROCESSING\n\n:\n\ndata: a\n: in between\ndata: b\n\n"), "a\nb|");
  EXPECT_EQ(sse("event: ping\n\ndata\n\ndata:\n\ndata: \n\nevent: x\ndata: a\n\n"), "a|");
  EXPECT_EQ(sse("database: x\n\ndata : y\n\nDATA: z\n\ndata: a\n\n"), "a|");
}

TEST(stream_frames, sse_mark_and_characters_of_several_bytes) {
  EXPECT_EQ(sse("\xEF\xBB\xBF"
                "data: a\n\n"),
            "a|");
  EXPECT_EQ(sse("\xEF\xBB"
                "data: a\n\ndata: b\n\n"),
            "b|");
  EXPECT_EQ(sse("data: \xF0\x9F\x98\x80 \xC3\xA4\n\n"), "\xF0\x9F\x98\x80 \xC3\xA4|");
}

TEST(stream_frames, sse_end_of_input) {
  EXPECT_EQ(sse("data: a\n\ndata: b"), "a|~b|");
  EXPECT_EQ(sse("data: a\n\ndata: b\n"), "a|~b|");
  EXPECT_EQ(sse("data: a\n\ndata: b\r"), "a|~b|");
  EXPECT_EQ(sse("data: a\ndata: b\ndat"), "~a\nb|");
  EXPECT_EQ(sse("data: a\n\nda"), "a|");
  EXPECT_EQ(sse(""), "");
}

TEST(stream_frames, a_sink_that_has_enough_gets_no_more) {
  EXPECT_EQ(sse("data: a\n\ndata: stop\n\ndata: b\n\ndata: c"), "a|stop|");
  EXPECT_EQ(ndjson("a\nstop\nb\nc"), "a|stop|");
  EXPECT_EQ(array("[1,stop,2]"), "1|stop|");
}

TEST(stream_frames, sse_tells_other_texts_apart) {
  EXPECT_TRUE(in_pieces(frame_kind::sse, {" \r\n\t\n"}).blank);
  EXPECT_FALSE(in_pieces(frame_kind::sse, {": comment\n\n"}).blank);
  EXPECT_FALSE(in_pieces(frame_kind::sse, {": comment\n\nevent: x\nda"}).foreign);
  EXPECT_FALSE(in_pieces(frame_kind::sse, {"data: {}\n\n"}).foreign);
  EXPECT_TRUE(in_pieces(frame_kind::sse, {"<html><body>502</body></html>"}).foreign);
  EXPECT_TRUE(in_pieces(frame_kind::sse, {"<html>\n<body>\n"}).foreign);
  EXPECT_TRUE(in_pieces(frame_kind::sse, {"{\"error\": {}}"}).foreign);
  EXPECT_EQ(sse("<html>\n<body>data: x</body>\n</html>\n"), "");
}

TEST(stream_frames, ndjson_lines) {
  EXPECT_EQ(ndjson("{\"a\":1}\n{\"b\":\"\\n\"}\n"), "{\"a\":1}|{\"b\":\"\\n\"}|");
  EXPECT_EQ(ndjson("\n1\r\n \t\n2\n\n3"), "1\r|2|~3|");
  EXPECT_EQ(ndjson("\xEF\xBB\xBF"
                   "1\n2\n"),
            "1|2|");
  EXPECT_EQ(ndjson(" \n\n"), "");
}

TEST(stream_frames, json_array_elements) {
  EXPECT_EQ(array("[{\"a\":[1,{}]},\r\n{\"b\":2}\n]\n"), "{\"a\":[1,{}]}|{\"b\":2}|");
  EXPECT_EQ(array(R"([{"a":"}]\"{\\"},["]"]])"), R"({"a":"}]\"{\\"}|["]"]|)");
  EXPECT_EQ(array(R"( [1 , "a,]" ,true,null])"), "1 |\"a,]\" |true|null|");
  EXPECT_EQ(array("[]"), "");
  EXPECT_EQ(array("[{\"a\":1},{\"b\":"), "{\"a\":1}|~{\"b\":|");
  EXPECT_EQ(array("[{\"a\":1}"), "{\"a\":1}|");
  EXPECT_EQ(array("[{\"\xC3\xA4\":\"\xF0\x9F\x98\x80\"}]"), "{\"\xC3\xA4\":\"\xF0\x9F\x98\x80\"}|");
  EXPECT_EQ(array("[{]},1]"), "{]|}|1|");
}

TEST(stream_frames, json_array_end) {
  EXPECT_TRUE(in_pieces(frame_kind::json_array, {"[{}]\n"}).closed);
  EXPECT_FALSE(in_pieces(frame_kind::json_array, {"[{}]\n"}).foreign);
  EXPECT_FALSE(in_pieces(frame_kind::json_array, {"[{}"}).closed);
  EXPECT_TRUE(in_pieces(frame_kind::json_array, {"{\"error\":1}"}).foreign);
  EXPECT_TRUE(in_pieces(frame_kind::json_array, {"[1]x"}).foreign);
  EXPECT_EQ(array("x[1]"), "");
}

TEST(stream_frames, an_event_is_bounded) {
  const std::string text(50, 'x');
  EXPECT_EQ(in_pieces(frame_kind::sse, {"data: ", text, "\n\n"}, 60).events, text + "|");
  const auto limit_of = [&](frame_kind frame, std::initializer_list<std::string_view> pieces) -> std::string {
    try {
      in_pieces(frame, pieces, 40);
    } catch (const error& raised) {
      return raised.sqlstate();
    }
    return "none";
  };
  EXPECT_EQ(limit_of(frame_kind::sse, {"data: ", text}), "54000");
  EXPECT_EQ(limit_of(frame_kind::sse, {"data: 1234567890123456789\ndata: 1234567890123456789\ndata: 1\n"}),
            "54000");
  EXPECT_EQ(limit_of(frame_kind::ndjson, {text}), "54000");
  EXPECT_EQ(limit_of(frame_kind::ndjson, {text, "\n"}), "54000");
  EXPECT_EQ(limit_of(frame_kind::json_array, {"[\"", text, "\"]"}), "54000");
  EXPECT_EQ(limit_of(frame_kind::json_array, {"[\"" + text + "\"]"}), "54000");
  EXPECT_EQ(limit_of(frame_kind::ndjson, {"1\n2\n3"}), "none");
}

}  // namespace
}  // namespace llm_admin::mapping
