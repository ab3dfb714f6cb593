// Every case of test/cases over the shipped mappings: requests, operations, responses, streams (in any
// pieces), and messages fed back.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "core/mapping/response/operation.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/stream/build.hpp"
#include "core/mapping/stream/frames.hpp"
#include "core/mapping/stream/stream.hpp"
#include "unit/dialect_files.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::equal;
using test::text_of;

std::string text_at(const json::node& of, std::string_view name) {
  const json::node value = of.member(name);
  return value.is_string() ? std::string(value.text()) : std::string();
}

bool truth_at(const json::node& of, std::string_view name) {
  const json::node value = of.member(name);
  return value.is_boolean() && value.truth();
}

std::optional<int> status_of(const json::node& one) {
  const json::node status = one.member("http_status");
  return status.is_number() ? std::optional<int>(std::stoi(status.number_text())) : std::nullopt;
}

// Objects may have more members than are wanted.
bool holds(const json::node& got, const json::node& wanted) {
  if (!wanted.is_object() || !got.is_object()) return equal(got, wanted);
  for (std::uint32_t n = 0; n < wanted.size; ++n) {
    std::string_view name;
    const json::node value = wanted.member_at(n, name);
    if (!equal(got.member(name), value)) return false;
  }
  return true;
}

class case_file {
 public:
  explicit case_file(const std::string& path)
      : text_(test::file_text(path)),
        file_(text_),
        columns_(R"({"provider_name":")" + text_at(file_, "provider") + "\"}"),
        mapping_(text_at(file_, "dialect"), text_at(file_, "provider")),
        request_(compile_request(mapping_.request_config)),
        response_(compile_response(mapping_.response_config)) {}

  void run() {
    EXPECT_TRUE(request_.problems.empty()) << render(request_.problems);
    EXPECT_TRUE(response_.problems.empty()) << render(response_.problems);
    if (!request_.program || !response_.program) return;
    for_each("requests", [&](const json::node& one) { request(one, nullptr); });
    for_each("operations", [&](const json::node& one) { operation(one); });
    for_each("responses", [&](const json::node& one) { response(one); });
    for_each("streams", [&](const json::node& one) { stream(one); });
    for_each("round_trips", [&](const json::node& one) { round_trip(one); });
  }

  static std::size_t cases_run;

 private:
  template <typename what>
  void for_each(const char* section, what&& run_one) {
    const json::node list = file_.node().member(section);
    for (std::uint32_t n = 0; list.is_array() && n < list.size; ++n) {
      const json::node one = list.element(n);
      if (truth_at(one, "sql_only")) continue;
      SCOPED_TRACE(std::string(section) + " " + std::to_string(n) + ": " + text_at(one, "name"));
      ++cases_run;
      try {
        run_one(one);
      } catch (const error& e) {
        ADD_FAILURE() << e.message() << "\n" << e.detail();
      }
    }
  }

  request_input input_of(const json::node& params) const {
    request_input input;
    input.params = params;
    const json::node model = file_.node().member("default_model");
    if (model.is_string()) input.default_model = model.text();
    input.model_capabilities = mapping_.row.member("model_capabilities");
    input.provider_columns = columns_;
    return input;
  }

  void request(const json::node& one, const call_shape* call) { request(one, one.member("params"), call); }

  void request(const json::node& one, const json::node& params, const call_shape* call) {
    request_input input = input_of(params);
    input.call = call;
    json::tree out;
    std::vector<finding> findings;
    const auto built = try_build(*request_.program, input, out, findings);
    if (const std::string wanted = text_at(one, "error"); !wanted.empty()) {
      EXPECT_FALSE(built) << text_of(built->body);
      EXPECT_NE(render(findings).find(wanted), std::string::npos) << render(findings);
      return;
    }
    ASSERT_TRUE(built) << render(findings);
    if (truth_at(file_, "every_warning")) {
      const json::node told = one.member("warnings");
      EXPECT_EQ(built->warnings.size(), told ? std::stoul(told.number_text()) : 0) << render(built->warnings);
    }
    const json::node body = json::view(built->body);
    EXPECT_TRUE(equal(body, one.member("body")))
        << "got  " << text_of(body) << "\nwant " << text_of(one.member("body"));
  }

  void operation(const json::node& one) {
    const std::string name = text_at(one, "operation");
    const call_shape* call = request_.program->operation(name);
    ASSERT_NE(call, nullptr) << name;
    if (const std::string method = text_at(one, "method"); !method.empty()) {
      EXPECT_EQ(call->method, method);
    }
    request(one, call);
    if (!one.member("response")) return;
    const auto rules = request_.program->extracts.find(name);
    ASSERT_NE(rules, request_.program->extracts.end());
    response_input input;
    input.document = one.member("response");
    json::tree out;
    std::vector<finding> findings;
    const json::item* made = extract_operation(rules->second, input, out, findings);
    ASSERT_NE(made, nullptr) << render(findings);
    EXPECT_TRUE(equal(json::view(made), one.member("extract"))) << text_of(made);
    if (const json::node usage = one.member("usage")) {
      const json::node read =
          json::view(read_operation(*request_.program, name, &*response_.program, input, out));
      EXPECT_TRUE(holds(read.member("usage"), usage)) << text_of(read);
      EXPECT_TRUE(read.member("error").is_absent()) << text_of(read);
    }
  }

  json::item* extracted(const json::node& one, json::tree& out, std::vector<finding>& findings) {
    response_input input;
    input.document = one.member("response");
    input.http_status = status_of(one);
    input.headers = one.member("headers");
    input.provider_columns = columns_;
    return try_extract(*response_.program, input, out, findings);
  }

  void response(const json::node& one) {
    json::tree out;
    std::vector<finding> findings;
    const json::item* made = extracted(one, out, findings);
    compare(one, made, findings);
  }

  // The members given must be equal.
  void compare(const json::node& one, const json::item* made, const std::vector<finding>& findings) {
    if (const std::string wanted = text_at(one, "error"); !wanted.empty()) {
      EXPECT_EQ(made, nullptr) << text_of(made);
      EXPECT_NE(render(findings).find(wanted), std::string::npos) << render(findings);
      return;
    }
    ASSERT_NE(made, nullptr) << render(findings);
    const json::node result = json::view(made), wanted = one.member("result");
    for (std::uint32_t n = 0; wanted.is_object() && n < wanted.size; ++n) {
      std::string_view name;
      const json::node value = wanted.member_at(n, name);
      const json::node got = result.member(name);
      EXPECT_TRUE(name == "error" ? holds(got, value) : equal(got, value))
          << name << "\ngot  " << text_of(got) << "\nwant " << text_of(value);
    }
    // What an ordinary answer holds is read, or known to mean nothing.
    for (const char* name : {"unread", "warnings"})
      if (!wanted.member(name) && result.member("error").is_absent()) {
        EXPECT_EQ(result.member(name).size, 0u) << text_of(result.member(name));
      }
    if (const std::string type = text_at(one, "error_type"); !type.empty()) {
      EXPECT_EQ(text_at(result.member("error"), "type"), type) << text_of(result.member("error"));
    }
  }

  static json::node stateless(const json::node& result, json::tree& out) {
    static const document none(R"({"provider_state":null})");
    json::item* message = out.object();
    out.append(message, "message", test::changed(result.member("message"), none, out));
    return json::view(test::changed(json::view(test::changed(result, none, out)), json::view(message), out));
  }

  static std::string body_of(const json::node& one) {
    const json::node body = one.member("body");
    if (body.is_string()) return std::string(body.text());
    std::string out;
    for (std::uint32_t n = 0; n < body.size; ++n) {
      if (n > 0) out += '\n';
      out += body.element(n).text();
    }
    return out;
  }

  void stream(const json::node& one) {
    ASSERT_NE(response_.program->stream, nullptr);
    const std::string body = body_of(one);
    stream_input input;
    input.body = body;
    input.http_status = status_of(one);
    input.headers = one.member("headers");
    input.provider_columns = columns_;
    json::tree out, other;
    std::vector<finding> findings;
    const json::item* made = try_extract_stream(*response_.program, input, out, findings);
    compare(one, made, findings);
    if (const json::node same = one.member("same_as"); same.is_number() && made != nullptr) {
      const std::size_t index = std::stoul(same.number_text());
      const json::item* whole = extracted(file_.node().member("responses").element(index), other, findings);
      ASSERT_NE(whole, nullptr);
      // The state keeps the pieces of a stream as they came.
      const bool apart = truth_at(one, "state_apart");
      json::tree bare;
      EXPECT_TRUE(apart ? equal(stateless(json::view(made), bare), stateless(json::view(whole), bare))
                        : equal(json::view(made), json::view(whole)))
          << "stream " << text_of(made) << "\nwhole  " << text_of(whole);
    }
    in_pieces(body);
  }

  struct heard {
    std::vector<std::pair<std::string, bool>> events;
    std::string document;
  };

  // The body in pieces that end at `ends`.
  heard fed(std::string_view body, const std::vector<std::size_t>& ends, bool build) {
    heard out;
    const limits most;
    const scope around;
    stream_frames frames(response_.program->stream->frame, most.max_output_bytes);
    stream_builder builder(*response_.program->stream, around, most);
    const auto take = [&](std::string_view event, bool ended) {
      out.events.emplace_back(event, ended);
      return !build || builder.event(event, ended);
    };
    std::size_t from = 0;
    bool more = true;
    for (const std::size_t end : ends) {
      if (more) more = frames.feed(body.substr(from, end - from), take);
      from = end;
    }
    if (more) frames.finish(take);
    json::tree tree;
    if (build) out.document = text_of(builder.document(tree)) + text_of(builder.error());
    return out;
  }

  void in_pieces(const std::string& body) {
    std::vector<std::size_t> every;
    for (std::size_t n = 1; n <= body.size(); ++n) every.push_back(n);
    const heard whole = fed(body, {body.size()}, true), bytes = fed(body, every, true);
    EXPECT_EQ(whole.events, bytes.events);
    EXPECT_EQ(whole.document, bytes.document);
    const heard events = fed(body, {body.size()}, false);
    for (std::size_t cut = 1; cut < body.size(); ++cut)
      ASSERT_EQ(fed(body, {cut, body.size()}, false).events, events.events) << "cut at " << cut;
  }

  void round_trip(const json::node& one) {
    json::tree out, made;
    std::vector<finding> findings;
    const json::item* result = extracted(one, out, findings);
    ASSERT_NE(result, nullptr) << render(findings);
    const json::node params = one.member("params");
    const json::node own = one.member("messages");
    json::item* messages = made.array();
    const auto add = [&](const json::node& list) {
      for (std::uint32_t n = 0; list.is_array() && n < list.size; ++n)
        made.push(messages, made.borrow(list.element(n)));
    };
    add(own ? own : params.member("messages"));
    made.push(messages, made.borrow(json::view(result).member("message")));
    add(one.member("next"));
    json::item* replaced = made.object();
    made.append(replaced, "messages", messages);
    request(one, json::view(test::changed(params, json::view(replaced), made)), nullptr);
  }

  std::string text_;
  document file_;
  document columns_;
  test::shipped_mapping mapping_;
  compiled<request_program> request_;
  compiled<response_program> response_;
};

std::size_t case_file::cases_run = 0;

TEST(dialect_cases, all) {
  case_file::cases_run = 0;
  for (const std::string& path : test::case_files()) {
    SCOPED_TRACE(path);
    case_file(path).run();
  }
  EXPECT_GT(case_file::cases_run, 100u);
}

// A dialect as it stands, without a vendor's differences, has no problem either.
TEST(dialect_cases, dialects_have_no_problem) {
  for (const char* name : {"openai_chat", "openai_responses", "anthropic_messages", "gemini_generate_content",
                           "cohere_chat", "ollama_chat", "bedrock_converse"}) {
    ASSERT_TRUE(test::has_dialect(name)) << name;
    const test::shipped_mapping mapping(name, "");
    EXPECT_EQ(render(compile_request(mapping.request_config).problems), "") << name;
    EXPECT_EQ(render(compile_response(mapping.response_config).problems), "") << name;
  }
}

}  // namespace
}  // namespace llm_admin::mapping
