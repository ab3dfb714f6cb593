// Memory and polls of parsing, compiling, extracting and building, whatever the input: every allocation is
// counted, and what is allocated between two polls. No test looks at a clock.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/stream/stream.hpp"
#include "unit/json_text.hpp"

namespace {

std::size_t live = 0, peak = 0, taken = 0;  // bytes
std::size_t polls = 0, at_poll = 0,
            between_polls = 0;  // between_polls: most bytes taken from one poll to the next
std::size_t throw_at = 0;       // the poll that cancels; 0: none

struct cancelled {};

void poll() {
  between_polls = std::max(between_polls, taken - at_poll);
  at_poll = taken;
  if (++polls == throw_at) throw cancelled();
}

}  // namespace

void* operator new(std::size_t size) {
  void* made = std::malloc(size);
  if (made == nullptr) throw std::bad_alloc();
  live += malloc_usable_size(made);
  taken += malloc_usable_size(made);
  peak = std::max(peak, live);
  return made;
}
void operator delete(void* gone) noexcept {
  if (gone != nullptr) live -= malloc_usable_size(gone);
  std::free(gone);
}
void operator delete(void* gone, std::size_t) noexcept { operator delete(gone); }
// std::stable_sort asks for its room so.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* gone, const std::nothrow_t&) noexcept { operator delete(gone); }

namespace llm_admin {
namespace {

using mapping::compile_bounds;
using test::document;

constexpr std::size_t megabyte = 1u << 20;

// What `work` took at its worst, above what was held before.
std::size_t peak_of(const std::function<void()>& work, std::size_t cancel_at = 0) {
  const std::size_t before = live;
  peak = live;
  polls = between_polls = 0;
  at_poll = taken;
  throw_at = cancel_at;
  work();
  return peak - before;
}

std::string times(std::size_t count, const std::string& one, const std::string& between = ",") {
  std::string all;
  all.reserve(count * (one.size() + between.size()));
  for (std::size_t n = 0; n < count; ++n) (all += n == 0 ? "" : between) += one;
  return all;
}

std::string members(std::size_t count, const std::string& key_begins, const std::string& value) {
  std::string all = "{";
  for (std::size_t n = 0; n < count; ++n)
    all += (n == 0 ? "\"" : ",\"") + key_begins + std::to_string(n) + "\":" + value;
  return all + "}";
}

// ---- parse
// --------------------------------------------------------------------------------------------------

struct hostile {
  const char* what;
  std::string text;
};

std::vector<hostile> hostile_texts() {
  return {{"ones", "[" + times(300'000, "1") + "]"},
          {"empty arrays", "[" + times(200'000, "[]") + "]"},
          {"empty objects", "[" + times(200'000, "{}") + "]"},
          {"members", members(60'000, "k", "1")},
          {"members of one name", "{" + times(100'000, R"("k":1)") + "}"},
          {"long keys that begin alike", members(2'000, std::string(2'000, 'k'), "1")},
          {"exponents", "[" + times(80'000, "1e4000") + "]"},
          {"escapes", "[" + times(50'000, R"("\u0041\n")") + "]"},
          {"one text of escapes", "\"" + times(200'000, "\\n", "") + "\""},
          {"one long text", "\"" + std::string(megabyte, 'x') + "\""},
          {"blanks", std::string(megabyte, ' ') + "1"},
          {"blanks between", "[" + times(200, "1", std::string(30'000, ' ') + ",") + "]"},
          {"deep", times(200, "[", "") + times(100'000, "1") + times(200, "]", "")},
          {"cut off", "[" + times(300'000, "1")}};
}

TEST(memory_bounds, a_parsed_tree_keeps_its_bound) {
  constexpr std::size_t bound_bytes = megabyte;
  bool any_exceeded = false;
  for (const hostile& one : hostile_texts()) {
    bool exceeded = false;
    const std::size_t most = peak_of([&] {
      memory_bound bound(bound_bytes, poll);
      json::tree tree;
      tree.charge_to(&bound);
      try {
        json::parse(one.text, tree);
      } catch (const memory_exceeded&) {
        exceeded = true;
      }
      EXPECT_LE(bound.peak, bound_bytes) << one.what;
      EXPECT_LE(tree.bytes(), bound_bytes) << one.what;
    });
    EXPECT_LE(most, bound_bytes + bound_bytes / 8) << one.what;  // and the order of an object's members
    any_exceeded |= exceeded;
  }
  EXPECT_TRUE(any_exceeded);
}

TEST(memory_bounds, parsing_polls_by_values_and_by_text) {
  for (const hostile& one : hostile_texts()) {
    memory_bound bound(1024 * megabyte, poll);
    json::tree tree;
    tree.charge_to(&bound);
    peak_of([&] { json::parse(one.text, tree); });
    if (std::string_view(one.what) == "one long text") continue;  // taken over in one piece
    EXPECT_GE(polls, one.text.size() / json::parse_step / 2) << one.what;
    EXPECT_LE(between_polls, 16 * one.text.size() + 256 * 1024) << one.what;  // places double, in one piece
    // Whatever the poll throws ends it there.
    json::tree again;
    again.charge_to(&bound);
    EXPECT_THROW(peak_of([&] { json::parse(one.text, again); }, 2), cancelled) << one.what;
    EXPECT_EQ(polls, 2u) << one.what;
  }
}

TEST(memory_bounds, values_between_two_polls_are_few) {
  memory_bound bound(1024 * megabyte, poll);
  json::tree tree;
  tree.charge_to(&bound);
  peak_of([&] { json::parse("[" + times(1'000'000, "1") + "]", tree); });
  EXPECT_GE(polls, 1'000'000u / 8192);
  EXPECT_LE(between_polls, 17 * megabyte);  // the array's own places double, in one piece
}

TEST(memory_bounds, what_a_tree_took_is_given_back_with_it) {
  memory_bound bound(megabyte);
  for (int n = 0; n < 100; ++n) {
    json::tree tree;
    tree.charge_to(&bound);
    json::parse("[" + times(5'000, "1") + "]", tree);
    json::tree moved = std::move(tree);
    EXPECT_GT(bound.held(), 100'000u);
  }
  EXPECT_EQ(bound.held(), 0u);
}

TEST(memory_bounds, an_item_is_small) {
  json::tree tree;
  json::parse("[" + times(100'000, "1") + "]", tree);
  EXPECT_LE(tree.bytes(), 100'000u * 110u);
}

// ---- compile
// ------------------------------------------------------------------------------------------------

std::string request_config(const std::string& defs, const std::string& rules) {
  return R"({"version":"1.1","defs":{)" + defs +
         R"(},"payload_structure":{"model":{"source":"param:model_name"},"messages":{"source":"param:messages"},)" +
         rules + "}}";
}

std::string response_config(const std::string& defs, const std::string& rules) {
  return R"({"version":"1.1","defs":{)" + defs +
         R"(},"extraction_rules":{"text_content":"$.t","usage_stats":"$.u",)" + rules + "}}";
}

// `outer` rules that lay something over a definition of `inner` members, each of which lays something over
// `base`.
std::string amplified(const std::string& base, int inner, int outer, bool request) {
  std::string fields, rules;
  for (int n = 0; n < inner; ++n)
    fields += (n == 0 ? "\"" : ",\"") + std::to_string(n) + R"(":{"use":"b","default":1})";
  for (int n = 0; n < outer; ++n)
    rules += (n == 0 ? "\"k" : ",\"k") + std::to_string(n) + R"(":{"use":"L","omit_empty":true})";
  const std::string defs = R"("b":)" + base + R"(,"L":{"fields":{)" + fields + "}}";
  return request ? request_config(defs, rules) : response_config(defs, rules);
}

// The attack as it was found: an `enum` of so many values.
std::string cfg(int values, int inner, int outer, bool request = true) {
  const std::string source = request ? "param:top_p" : "$.a";
  return amplified(
      R"({"source":")" + source + R"(","enum":[)" + times(static_cast<std::size_t>(values), "1") + "]}",
      inner, outer, request);
}

struct compile_outcome {
  std::size_t most = 0, program = 0;  // bytes
  std::vector<mapping::problem> problems;
};

compile_outcome compile(const std::string& config, bool request, std::size_t max_bytes,
                        std::size_t cancel_at = 0) {
  const document of(config);
  const compile_bounds bounds{max_bytes, poll};
  compile_outcome made;
  made.most = peak_of(
      [&] {
        if (request) {
          auto compiled = mapping::compile_request(of, bounds);
          if (compiled.program) made.program = compiled.program->bytes();
          made.problems = std::move(compiled.problems);
        } else {
          auto compiled = mapping::compile_response(of, bounds);
          if (compiled.program) made.program = compiled.program->bytes();
          made.problems = std::move(compiled.problems);
        }
      },
      cancel_at);
  for (const mapping::problem& one : made.problems)
    EXPECT_TRUE(json::resolve(of, one.pointer)) << one.pointer;
  return made;
}

TEST(memory_bounds, literals_of_a_definition_are_shared_by_its_uses) {
  for (const bool request : {true, false}) {
    const compile_outcome few = compile(cfg(100, 60, 20, request), request, 8 * megabyte);
    const compile_outcome many = compile(cfg(12'000, 60, 20, request), request, 8 * megabyte);
    ASSERT_GT(few.program, 0u) << mapping::render(few.problems);
    ASSERT_GT(many.program, 0u) << mapping::render(many.problems);
    EXPECT_LT(many.program - few.program, 12'000u * 110u);
    EXPECT_LT(many.most, 8 * megabyte);
  }
}

TEST(memory_bounds, every_way_to_multiply_keeps_the_bound) {
  const std::string long_text(8'000, 'x');
  std::string conditions = times(800, R"({"path":"@","exists":true})");
  const std::vector<std::pair<const char*, std::string>> bases = {
      {"format", R"({"format":")" + long_text + R"("})"},
      {"join", R"({"source":"provider:provider_name","join":")" + long_text + R"("})"},
      {"error", R"({"error":")" + long_text + R"("})"},
      {"paths", R"({"paths":[)" + times(2'000, R"("provider:provider_name")") + "]}"},
      {"a long path", R"({"source":"provider:provider_name)" +
                          times(60, R"(['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'])", "") + R"("})"},
      {"conditions", R"({"each":"provider:supported_models[*]","where":{"all":[)" + conditions + "]}}"},
      {"not", R"({"each":"provider:supported_models[*]","where":{"any":[)" +
                  times(400, R"({"not":{"path":"@","prefix":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}})") + "]}}"},
      {"merge_adjacent", R"({"each":"provider:supported_models[*]","merge_adjacent":{"by":"a","append":[)" +
                             times(1, "\"" + long_text + "\"") + "]}}"},
      {"switch", R"({"switch":[)" +
                     times(30, R"({"when":{"path":"provider:provider_name","eq":"b"},"then":{"value":1}})") +
                     "]}"}};
  for (const bool request : {true, false}) {
    for (const auto& [what, base] : bases) {
      const compile_outcome made = compile(amplified(base, 60, 60, request), request, 2 * megabyte);
      EXPECT_LE(made.most, 5 * megabyte) << what;
      EXPECT_EQ(made.program, 0u) << what;
      const bool bounded =
          std::any_of(made.problems.begin(), made.problems.end(), [](const mapping::problem& one) {
            return one.code == "program_too_large" || one.code == "too_many_rules";
          });
      EXPECT_TRUE(bounded) << what << mapping::render(made.problems);
      EXPECT_GE(polls, 8u) << what;
      EXPECT_THROW(compile(amplified(base, 60, 60, request), request, 2 * megabyte, 3), cancelled) << what;
    }
  }
}

TEST(memory_bounds, sections_share_one_bound) {
  // Each operation's extract, and the stream, compile the definitions anew.
  std::string operations;
  for (int n = 0; n < 32; ++n)
    operations += (n == 0 ? "\"o" : ",\"o") + std::to_string(n) + R"(":{"extract":{"use":"x","default":1}})";
  const std::string defs =
      R"("x":{"fields":{)" + times(1, members(1'500, "m", R"({"value":1})").substr(1)) + "}";
  const std::string config = R"({"version":"1.1","defs":{)" + defs + R"(},"operations":{)" + operations +
                             R"(},"payload_structure":{"model":{"value":"m"},"messages":{"value":[]}}})";
  const compile_outcome made = compile(config, true, 4 * megabyte);
  EXPECT_LE(made.most, 9 * megabyte);
  ASSERT_FALSE(made.problems.empty());
  EXPECT_EQ(made.problems.back().code, "program_too_large") << mapping::render(made.problems);
  EXPECT_NE(made.problems.back().pointer, "");
}

TEST(memory_bounds, names_in_pointers_keep_the_bound) {
  const std::string rule = R"({"items":[)" + times(2'000, R"("param:top_p")") + "]}";
  const std::string config = request_config("", "\"" + std::string(20'000, 'n') + "\":" + rule);
  const compile_outcome made = compile(config, true, 4 * megabyte);
  EXPECT_LE(made.most, 9 * megabyte);
  ASSERT_FALSE(made.problems.empty());
  EXPECT_EQ(made.problems.back().code, "program_too_large");
}

TEST(memory_bounds, problems_stop_at_a_hundred) {
  for (const bool request : {true, false}) {
    const std::string rules = members(1'000, "k", "1").substr(1);
    const std::string config = request ? request_config("", rules.substr(0, rules.size() - 1))
                                       : response_config("", rules.substr(0, rules.size() - 1));
    const compile_outcome made = compile(config, request, 8 * megabyte);
    ASSERT_EQ(made.problems.size(), mapping::max_problems + 1);
    EXPECT_EQ(made.problems.back().code, "too_many_problems");
    EXPECT_EQ(made.program, 0u);
  }
}

TEST(memory_bounds, warnings_alone_do_not_stop_a_config) {
  std::string config = R"({"version":"1.0","payload_structure":{"model":{"source":"param:model_name"},)"
                       R"("messages":{"source":"param:messages"}},)" +
                       members(500, "k", "1").substr(1);
  const compile_outcome made = compile(config, true, 8 * megabyte);
  EXPECT_GT(made.program, 0u);
  ASSERT_EQ(made.problems.size(), mapping::max_problems + 1);
  // An error after so many warnings is not lost.
  config.replace(config.find("param:messages"), 14, "param:messagez");
  const compile_outcome wrong = compile(config, true, 8 * megabyte);
  EXPECT_EQ(wrong.program, 0u);
  EXPECT_TRUE(mapping::has_errors(wrong.problems));
}

// ---- calls
// --------------------------------------------------------------------------------------------------

constexpr std::size_t output = megabyte;

mapping::limits small_limits() {
  mapping::limits most;
  most.max_output_bytes = output;
  most.poll = poll;
  return most;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
  return out;
}

TEST(memory_bounds, arguments_of_tool_calls) {
  const auto program = mapping::compile_response(document(
      R"({"version":"1.1","extraction_rules":{"text_content":"$.t","usage_stats":"$.u","tool_calls":"$.c"}})"));
  ASSERT_TRUE(program.program);
  for (const hostile& one : hostile_texts()) {
    const document answer(R"({"t":"x","c":[{"id":"1","name":"f","arguments":")" + escaped(one.text) +
                          R"("}]})");
    const std::size_t most = peak_of([&] {
      json::tree out;
      mapping::response_input input;
      input.document = answer;
      input.limits = small_limits();
      try {
        mapping::extract(*program.program, input, out);
      } catch (const error& why) {
        EXPECT_STREQ(why.sqlstate(), sqlstate::program_limit) << one.what << why.message();
      }
    });
    EXPECT_LE(most, 4 * output) << one.what;
    EXPECT_GE(polls, 1u) << one.what;
  }
}

std::size_t peak_of_stream(const std::string& rules, const std::string& body) {
  const auto program = mapping::compile_response(
      document(R"({"version":"1.1","extraction_rules":{"text_content":"$.t","usage_stats":"$.u","x":"$.d"},)"
               R"("stream":{"frame":"ndjson","done":"eof","rules":[)" +
               rules + "]}}"));
  EXPECT_TRUE(program.program) << mapping::render(program.problems);
  return peak_of([&] {
    json::tree out;
    mapping::stream_input input;
    input.body = body;
    input.limits = small_limits();
    try {
      mapping::extract_stream(*program.program, input, out);
    } catch (const error& why) {
      const std::string_view state = why.sqlstate();
      EXPECT_TRUE(state == sqlstate::program_limit || state == sqlstate::not_extractable) << why.message();
    }
  });
}

TEST(memory_bounds, streams) {
  const std::string push = R"({"to":"$.d","op":"push","from":"$.v"})",
                    set = R"({"to":"$.d","op":"set","from":"$.v"})";
  const std::string ones = "[" + times(200'000, "1") + "]";
  EXPECT_LE(peak_of_stream(set, R"({"v":)" + ones + "}\n"), 4 * output);  // one event
  EXPECT_GE(polls, 1u);
  EXPECT_LE(peak_of_stream(push, times(40'000, R"({"v":1})", "\n")), 4 * output);  // tiny events
  EXPECT_GE(polls, 10u);
  EXPECT_LE(peak_of_stream(push, times(2'000, R"({"v":)" + members(40, "k", "1") + "}", "\n")), 4 * output);
  EXPECT_LE(peak_of_stream(R"({"to":"$.d","op":"append","from":"$.v"})",
                           times(300, R"({"v":")" + std::string(20'000, 'x') + R"("})", "\n")),
            4 * output);
  EXPECT_LE(peak_of_stream(R"({"to":"$.d","op":"merge","from":"$.v"})",
                           R"({"v":)" + members(100'000, "k", "1") + "}\n"),
            4 * output);
  // What is replaced is given back: a thousand times a hundred kilobytes fit.
  EXPECT_LE(peak_of_stream(set, times(300, R"({"v":)" + members(2'000, "k", "1") + "}", "\n")), 2 * output);
  EXPECT_LE(peak_of_stream(set, times(1'000'000, "", "\n")), 4 * output);  // nothing but blank lines
  EXPECT_GE(polls, 4u);
}

TEST(memory_bounds, codecs_and_pointers_of_a_request) {
  const std::vector<std::pair<const char*, std::string>> rules = {
      {R"({"source":"param:metadata","codec":"json_decode"})", "\"[" + times(500'000, "1") + "]\""},
      {R"({"source":"param:metadata","codec":"json_encode"})", "[" + times(500'000, "1e300") + "]"},
      {R"({"source":"param:metadata","codec":"data_uri"})",
       "\"data:text/plain," + std::string(5 * megabyte, '%') + "\""},
      {R"({"each":"param:metadata[*]","as":{"source":"@","codec":"json_decode"}})",
       "[" + times(2'000, "\"[" + times(200, "1") + "]\"") + "]"},
      {R"({"each":"param:metadata.*[*]","as":{"source":"@","type":"integer"}})",
       R"({")" + std::string(megabyte, 'k') + R"(":[)" + times(50, "\"x\"") + "]}"},
      {R"({"each":"param:metadata[*]","as":{"lookup":{"in":"param:metadata[*]","key":"@","equals":{"source":"@"},"then":"@"}}})",
       "[" + times(100'000, "1") + "]"}};
  for (const auto& [rule, metadata] : rules) {
    const auto program =
        mapping::compile_request(document(request_config("", R"("x":)" + std::string(rule))));
    ASSERT_TRUE(program.program) << mapping::render(program.problems);
    const document params(R"({"model":"m","messages":[],"metadata":)" + metadata + "}");
    const std::size_t most = peak_of([&] {
      json::tree out;
      mapping::request_input input;
      input.params = params;
      input.limits = small_limits();
      try {
        mapping::build(*program.program, input, out);
      } catch (const error& why) {
        EXPECT_NE(std::string_view(why.sqlstate()), sqlstate::internal_error) << why.message();
        EXPECT_LT(why.detail().size(), 200'000u);
      }
    });
    EXPECT_LE(most, 4 * output) << rule;
  }
}

TEST(memory_bounds, members_of_a_request_that_nobody_knows) {
  const auto program = mapping::compile_request(document(request_config("", R"("x":{"value":1})")));
  ASSERT_TRUE(program.program);
  const std::string many = members(4'000, "k", "1");  // the document looks for each in all
  const std::string long_names =
      R"({")" + std::string(megabyte, 'k') + R"(":)" + members(200, "k", "1") + "}";
  for (const std::string& params : {many, R"({"model":"m","messages":[],"extra_body":{"x":)" + many + "}}",
                                    R"({"model":"m","messages":[],"extra_body":)" + long_names + "}"}) {
    const document given(params);
    std::vector<mapping::finding> findings;
    const std::size_t most = peak_of([&] {
      json::tree out;
      mapping::request_input input;
      input.params = given;
      input.limits = small_limits();
      try {
        mapping::try_build(*program.program, input, out, findings);
      } catch (const error& why) {  // what fits nowhere may be told so as well
        EXPECT_EQ(std::string_view(why.sqlstate()), sqlstate::program_limit) << why.message();
      }
    });
    EXPECT_LE(findings.size(), 1001u);
    EXPECT_LE(most, 4 * output);
  }
}

}  // namespace
}  // namespace llm_admin
