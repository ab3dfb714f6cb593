// What must hold for generated streams of every shipped provider: a stream says what the document says, however
// it is cut, and its deltas say it again.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/mapping/answer/answer.hpp"
#include "core/mapping/stream/build.hpp"
#include "core/mapping/stream/deltas.hpp"
#include "core/mapping/stream/frames.hpp"
#include "unit/shipped_vendors.hpp"
#include "unit/vendor_streams.hpp"

namespace llm_admin::mapping {
namespace {

using test::answer;
using test::document;
using test::random_source;
using test::text_of;
using test::turn;
using test::turn_maker;
using test::vendor;

// Events and the document that they make, from a body in pieces.
std::string rebuilt(const response_program& program, std::string_view body,
                    const std::vector<std::size_t>& ends) {
  const limits most;
  const scope around;
  stream_frames frames(program.stream->frame, most.max_output_bytes, nullptr, &program.stream->fields);
  build_options how;
  how.events = {true, true};
  stream_builder builder(*program.stream, around, most, {}, how);
  const auto take = [&](std::string_view event, bool ended) {
    return builder.event(event, ended, frames.fields());
  };
  std::size_t from = 0;
  bool more = true;
  for (const std::size_t end : ends) {
    if (more) more = frames.feed(body.substr(from, end - from), take);
    from = end;
  }
  if (more) frames.finish(take);
  json::tree out;
  return text_of(builder.document(out)) + text_of(builder.error());
}

// Texts, reasoning, and the calls with their arguments, as a reader of deltas puts them together.
struct heard {
  std::string text, reasoning;
  std::vector<std::pair<std::string, std::string>> calls;  // name, arguments
  bool failed = false;

  void add(const vendor& from, const std::string& frames) {
    answer_input input;
    input.body = frames;
    input.provider_columns = from.columns;
    json::tree out;
    const json::node told = json::view(stream_deltas(*from.response.program, input, out));
    failed |= !told.member("error").is_absent();
    const json::node list = told.member("deltas");
    for (std::uint32_t n = 0; n < list.size; ++n) {
      const json::node one = list.element(n);
      const std::string_view kind = one.member("kind").text();
      if (kind == "text") text += one.member("text").text();
      if (kind == "reasoning") reasoning += one.member("text").text();
      if (kind == "tool_call") calls.emplace_back(one.member("name").text(), "");
      if (kind != "tool_arguments") continue;
      ASSERT_FALSE(calls.empty());
      calls.back().second += one.member("text").text();
    }
  }
};

TEST(stream_properties, a_stream_says_what_the_document_says_however_it_is_cut) {
  const test::all_vendors& vendors = test::vendors();
  std::size_t streams = 0;
  for (const vendor& one : vendors.list) {
    if (!one.response.program->stream) continue;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      SCOPED_TRACE(one.name + " " + std::to_string(seed));
      random_source dice(1000 + seed);
      // Mistral's pieces of a text are kept as they came, each for itself.
      const bool halves = seed % 2 == 0 && one.name != "mistral";
      const turn said = turn_maker(dice).make(one.dialect);
      const std::vector<std::string> frames = test::stream_writer(said, dice, halves).frames(one.dialect);
      ASSERT_FALSE(frames.empty());
      std::string body;
      for (const std::string& frame : frames) body += frame;
      const answer got(one, body);
      test::expect_read(one, said, got);

      const std::string whole = rebuilt(*one.response.program, body, {body.size()});
      for (int times = 0; times < 3; ++times) {
        std::vector<std::size_t> ends;
        for (std::size_t at = 1 + dice.below(9); at < body.size(); at += 1 + dice.below(times == 0 ? 3 : 200))
          ends.push_back(at);
        ends.push_back(body.size());
        EXPECT_EQ(rebuilt(*one.response.program, body, ends), whole);
      }

      heard all, pieces;
      all.add(one, body);
      for (std::size_t n = 0; n < frames.size();) {
        std::string batch;
        for (std::uint32_t count = 1 + dice.below(4); count > 0 && n < frames.size(); --count, ++n)
          batch += frames[n];
        pieces.add(one, batch);
      }
      EXPECT_EQ(all.text, said.text);
      EXPECT_EQ(all.reasoning, said.thoughts);
      EXPECT_FALSE(all.failed || pieces.failed);
      // A half at the border of a batch has no other one.
      if (!halves) {
        EXPECT_EQ(pieces.text, said.text);
        EXPECT_EQ(pieces.reasoning, said.thoughts);
        EXPECT_EQ(pieces.calls, all.calls);
      }
      ASSERT_EQ(all.calls.size(), said.calls.size());
      for (std::size_t n = 0; n < all.calls.size(); ++n) {
        EXPECT_EQ(all.calls[n].first, said.calls[n].name);
        EXPECT_TRUE(test::equal(document(all.calls[n].second), document(said.calls[n].arguments)))
            << all.calls[n].second << "\n"
            << said.calls[n].arguments;
      }
      ++streams;
      if (HasFailure()) {
        ADD_FAILURE() << body;
        return;
      }
    }
  }
  EXPECT_GT(streams, 140u);
}

}  // namespace
}  // namespace llm_admin::mapping
