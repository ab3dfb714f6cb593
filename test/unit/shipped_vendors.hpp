// The shipped providers with their compiled mappings, and what an answer of one must give for a generated turn.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/answer/answer.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/shipped.hpp"
#include "unit/dialect_files.hpp"
#include "unit/json_text.hpp"
#include "unit/vendor_turns.hpp"

namespace llm_admin::test {

struct vendor {
  std::string name, dialect, default_model;
  json::node row;
  document columns;
  mapping::compiled<mapping::request_program> request;
  mapping::compiled<mapping::response_program> response;
};

class all_vendors {
 public:
  all_vendors() {
    for (const shipped::provider& one : ships_.providers()) {
      list.push_back({std::string(one.name()), std::string(one.request_config.member("dialect").text()),
                      std::string(one.row.member("default_model").text()), one.row,
                      document(R"({"provider_name":")" + std::string(one.name()) + "\"}"),
                      mapping::compile_request(one.request_config),
                      mapping::compile_response(one.response_config)});
    }
  }
  std::vector<vendor> list;

 private:
  shipped::catalog ships_;
};

// Compiled once.
inline const all_vendors& vendors() {
  static const all_vendors all;
  return all;
}

struct answer {
  json::tree out;
  json::node result;

  answer(const vendor& from, const std::string& body) : body_(body) {
    mapping::answer_input input;
    input.body = body_;
    input.http_status = 200;
    input.provider_columns = from.columns;
    result = json::view(mapping::read_answer(*from.response.program, input, out));
  }
  std::string at(std::string_view name) const { return text_of(result.member(name)); }

 private:
  std::string body_;
};

inline std::string text_or_null(const std::string& text) {
  return text.empty() ? "null" : json::quoted(text);
}

// The answer holds what the turn says, and nothing is left over.
inline void expect_read(const vendor& from, const turn& said, const answer& got) {
  EXPECT_EQ(got.at("error"), "null");
  EXPECT_EQ(got.at("warnings"), "[]");
  EXPECT_EQ(got.at("unread"), "[]");
  EXPECT_EQ(got.at("text"), text_or_null(said.text));
  EXPECT_EQ(got.at("reasoning"), text_or_null(said.thoughts));
  EXPECT_EQ(got.at("finish_reason"), said.calls.empty() ? "\"stop\"" : "\"tool_calls\"");
  EXPECT_EQ(text_of(got.result.member("usage").member("input_tokens")), std::to_string(said.input));
  EXPECT_EQ(text_of(got.result.member("usage").member("output_tokens")), std::to_string(said.output));
  const json::node calls = got.result.member("tool_calls");
  ASSERT_EQ(calls.size, said.calls.size()) << from.name;
  std::set<std::string> ids;
  for (std::uint32_t n = 0; n < calls.size; ++n) {
    const json::node call = calls.element(n);
    const std::string id(call.member("id").text());
    EXPECT_TRUE(ids.insert(id).second) << id;
    if (!said.calls[n].id.empty()) {
      EXPECT_EQ(id, said.calls[n].id);
    }
    EXPECT_GE(id.size(), 9u);
    EXPECT_EQ(call.member("name").text(), said.calls[n].name);
    EXPECT_TRUE(equal(call.member("arguments"), document(said.calls[n].arguments)))
        << text_of(call) << "\n"
        << said.calls[n].arguments;
  }
}

}  // namespace llm_admin::test
