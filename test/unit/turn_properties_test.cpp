// What must hold for generated conversations with every shipped provider: an answer is read in full, goes back
// to its vendor as it came and to every other one under ids that fit.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/mapping/request/text.hpp"
#include "unit/shipped_vendors.hpp"
#include "unit/vendor_turns.hpp"

namespace llm_admin::mapping {
namespace {

using test::all_vendors;
using test::answer;
using test::document;
using test::random_source;
using test::text_of;
using test::turn;
using test::turn_maker;
using test::vendor;

// In the order in which jsonb keeps members: what stands in a table.
std::string as_jsonb(const json::node& value) {
  if (value.is_array()) {
    std::string made = "[";
    for (std::uint32_t n = 0; n < value.size; ++n) made += (n > 0 ? "," : "") + as_jsonb(value.element(n));
    return made + "]";
  }
  if (!value.is_object()) return text_of(value);
  std::map<std::pair<std::size_t, std::string>, std::string> members;
  for (std::uint32_t n = 0; n < value.size; ++n) {
    std::string_view name;
    const json::node one = value.member_at(n, name);
    members[{name.size(), std::string(name)}] = as_jsonb(one);
  }
  std::string made = "{";
  for (const auto& [name, text] : members)
    made += (made.size() > 1 ? "," : "") + json::quoted(name.second) + ":" + text;
  return made + "}";
}

// A conversation: messages as they stand in a table, and the tools.
class conversation {
 public:
  explicit conversation(random_source& dice) : dice_(dice), maker_(dice) { user(); }

  void add(const answer& of) {
    messages_ += "," + as_jsonb(of.result.member("message"));
    const json::node calls = of.result.member("tool_calls");
    for (std::uint32_t n = 0; n < calls.size; ++n)
      messages_ += R"(,{"role":"tool","content":"done","tool_call_id":)" +
                   text_of(calls.element(n).member("id")) + "}";
    calls_ += calls.size;
    user();
  }

  std::string params() {
    schema =
        R"({"type":"object","properties":)" + maker_.object(3) + R"(,"required":[],"description":"\u00e9"})";
    return R"({"messages":[)" + messages_ +
           R"(],"tools":[{"type":"function","function":{"name":"now","parameters":)" + schema + "}}]}";
  }
  std::size_t calls() const noexcept { return calls_; }

  std::string schema;  // of the tool, as it was written

 private:
  void user() {
    messages_ +=
        (messages_.empty() ? "" : ",") + (R"({"role":"user","content":)" + json::quoted(maker_.text())) + "}";
  }

  random_source& dice_;
  turn_maker maker_;
  std::string messages_;
  std::size_t calls_ = 0;
};

std::string built(const vendor& to, const std::string& params) {
  request_input input;
  input.default_model = to.default_model;
  input.model_capabilities = to.row.member("model_capabilities");
  input.provider_columns = to.columns;
  json::tree out;
  try {
    return build_text(*to.request.program, params, input, out).body;
  } catch (const error& refused) {
    ADD_FAILURE() << to.name << ": " << refused.detail() << "\n" << params;
    return "{}";
  }
}

// Calls and results in the order of a body: their ids, and the names where a vendor goes by these.
struct links {
  std::vector<std::string> calls, results, called, answered;

  explicit links(const json::node& value) { walk(value); }

 private:
  static std::string text(const json::node& value) {
    return value.is_string() ? std::string(value.text()) : std::string();
  }
  void walk(const json::node& value) {
    if (value.is_array()) {
      for (std::uint32_t n = 0; n < value.size; ++n) walk(value.element(n));
      return;
    }
    if (!value.is_object()) return;
    const std::string type = text(value.member("type")), role = text(value.member("role"));
    const json::node use = value.member("toolUse"), result = value.member("toolResult"),
                     call = value.member("functionCall"), response = value.member("functionResponse"),
                     chat = value.member("function");
    if (type == "tool_use") calls.push_back(text(value.member("id")));
    if (type == "tool_result") results.push_back(text(value.member("tool_use_id")));
    if (type == "function_call") calls.push_back(text(value.member("call_id")));
    if (type == "function_call_output") results.push_back(text(value.member("call_id")));
    if (use) calls.push_back(text(use.member("toolUseId")));
    if (result) results.push_back(text(result.member("toolUseId")));
    if (call) called.push_back(text(call.member("name")));
    if (response) answered.push_back(text(response.member("name")));
    if (chat && !chat.member("arguments").is_absent()) {
      called.push_back(text(chat.member("name")));
      if (value.member("id")) calls.push_back(text(value.member("id")));
    }
    if (role == "tool" && value.member("tool_call_id")) results.push_back(text(value.member("tool_call_id")));
    if (role == "tool" && value.member("tool_name")) answered.push_back(text(value.member("tool_name")));
    for (const char* name : {"messages", "contents", "input", "content", "parts", "tool_calls"})
      walk(value.member(name));
  }
};

bool fits(const vendor& to, const std::string& id) {
  const auto only = [&](std::string_view others) {
    return std::all_of(id.begin(), id.end(), [&](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
             others.find(c) != std::string_view::npos;
    });
  };
  if (to.name == "mistral") return id.size() == 9 && only("");
  if (to.name == "anthropic" || to.name == "bedrock") return !id.empty() && id.size() <= 64 && only("_-");
  if (to.name == "chatgpt" || to.name == "azure_openai") return !id.empty() && id.size() <= 40 && only("_-");
  return !id.empty() && id.size() <= 64;
}

TEST(turn_properties, an_answer_goes_back_to_its_vendor_as_it_came) {
  const all_vendors& vendors = test::vendors();
  ASSERT_GE(vendors.list.size(), 14u);
  std::size_t kept = 0;
  for (const vendor& one : vendors.list) {
    for (std::uint64_t seed = 0; seed < 25; ++seed) {
      SCOPED_TRACE(one.name + " " + std::to_string(seed));
      random_source dice(seed);
      const turn said = turn_maker(dice).make(one.dialect);
      const test::vendor_document sent = test::vendor_writer(said, dice).document(one.dialect);
      const answer got(one, sent.body);
      test::expect_read(one, said, got);
      conversation talk(dice);
      talk.add(got);
      const std::string body = built(one, talk.params());
      std::size_t at = 0;
      for (const std::string& part : sent.kept) {
        at = body.find(part, at);
        ASSERT_NE(at, std::string::npos) << part << "\n" << body;
        ++kept;
      }
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(kept, 150u);
}

TEST(turn_properties, calls_and_results_agree_at_every_vendor) {
  const all_vendors& vendors = test::vendors();
  std::size_t seen = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    random_source dice(seed);
    conversation talk(dice);
    std::string from;
    for (std::uint32_t turns = 2 + dice.below(4); turns > 0; --turns) {
      const vendor& one = dice.pick(vendors.list);
      from += one.name + " ";
      const turn said = turn_maker(dice).make(one.dialect);
      talk.add(answer(one, test::vendor_writer(said, dice).document(one.dialect).body));
    }
    const std::string params = talk.params();
    for (const vendor& to : vendors.list) {
      SCOPED_TRACE(std::to_string(seed) + ": " + from + "-> " + to.name);
      const std::string body = built(to, params);
      EXPECT_NE(body.find(talk.schema), std::string::npos) << talk.schema << "\n" << body;
      const document parsed(body);
      const links found(parsed);
      EXPECT_EQ(std::max(found.calls.size(), found.called.size()), talk.calls());
      EXPECT_EQ(found.results, found.calls);
      if (!found.answered.empty()) {
        EXPECT_EQ(found.answered, found.called);
      }
      EXPECT_EQ(std::set<std::string>(found.calls.begin(), found.calls.end()).size(), found.calls.size());
      for (const std::string& id : found.calls) EXPECT_TRUE(fits(to, id)) << id;
      seen += found.calls.size();
      if (HasFailure()) {
        ADD_FAILURE() << params << "\n" << body;
        return;
      }
    }
  }
  EXPECT_GT(seen, 500u);
}

}  // namespace
}  // namespace llm_admin::mapping
