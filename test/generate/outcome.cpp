#include "generate/outcome.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/json/text.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "core/mapping/response/operation.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/stream/stream.hpp"

namespace llm_admin::test {

namespace {

std::uint64_t values_in(const json::node& value) {
  std::uint64_t count = 1;
  std::string_view key;
  for (std::uint32_t n = 0; (value.is_array() || value.is_object()) && n < value.size; ++n)
    count += values_in(value.is_array() ? value.element(n) : value.member_at(n, key));
  return count;
}

class runner {
 public:
  runner(const views& of, const sample& with, json::tree& out, reached* count)
      : of_(of), with_(with), out_(out), count_(count) {}

  outcome all() {
    const auto request = mapping::compile_request(of_.request);
    problems(request.problems, of_.request, request.program != nullptr);
    made_.request = request.program;
    expect(!request.program || request.program->bytes() <= mapping::compile_bounds().max_bytes,
           "a program that is larger than its bound");
    if (request.program) requests(*request.program);
    const auto response = mapping::compile_response(of_.response);
    problems(response.problems, of_.response, response.program != nullptr);
    made_.response = response.program;
    expect(!response.program || response.program->bytes() <= mapping::compile_bounds().max_bytes,
           "a program that is larger than its bound");
    if (response.program) responses(*response.program);
    return std::move(made_);
  }

 private:
  void say(std::string_view text) { (made_.text += text) += '\n'; }
  void expect(bool holds, const std::string& what) {
    if (!holds && made_.broken.empty()) made_.broken = what;
  }
  void count(const char* what) {
    if (count_ != nullptr) count_->add(what);
  }
  void resolves(const json::node& in, const std::string& pointer, const char* whose) {
    expect(static_cast<bool>(json::resolve(in, pointer)),
           std::string(whose) + " pointer resolves to nothing: " + pointer);
  }
  // State that is kept stands in an answer's result and in its message, and counts once.
  void result(const json::item* value) {
    const json::node whole = json::view(value), state = whole.member("message").member("provider_state");
    const std::uint64_t bound = with_.limits.max_output_bytes;
    const auto text = json::write(whole, bound + (state ? json::measure(state, bound, SIZE_MAX).bytes : 0));
    expect(text.has_value(), "a result that is larger than the bound");
    say(text.value_or("too large"));
    made_.results.push_back(value);
  }
  void spent(std::uint64_t steps, std::uint64_t bound) {
    say("steps " + std::to_string(steps));
    expect(steps <= std::min(with_.limits.max_matches, std::max<std::uint64_t>(4096, bound)),
           std::to_string(steps) + " steps are more than the bound allows");
  }

  void problems(const std::vector<mapping::problem>& all, const json::node& config, bool program) {
    for (const mapping::problem& one : all) {
      resolves(config, one.pointer, "a problem's");
      expect(!one.message.empty() && !one.code.empty(), "a problem says nothing");
      say(one.pointer + " " + mapping::severity_name(one.level) + " " + one.code + " " + one.message + " " +
          one.hint);
    }
    expect(program != mapping::has_errors(all), "a program with errors, or none without");
    expect(all.size() <= mapping::max_problems + 1, "more problems than are gathered");
    count(program ? "compiled" : "not compiled");
  }

  void findings(const std::vector<mapping::finding>& all, const json::node& input, const json::node& config) {
    for (const mapping::finding& one : all) {
      resolves(input, one.input, "a finding's input");
      resolves(config, one.rule, "a finding's rule");
      say(one.input + " " + one.rule + " " + one.message);
    }
  }

  template <typename work>
  void guarded(work what) {
    try {
      what();
    } catch (const error& raised) {
      count("bound passed");
      expect(std::string_view(raised.sqlstate()) == sqlstate::program_limit,
             "raised: " + std::string(raised.message()));
      say(std::string(raised.sqlstate()) + " " + std::string(raised.message()) + " " +
          std::string(raised.detail()));
    }
  }

  void requests(const mapping::request_program& program) {
    std::set<std::string, std::less<>> gave;
    mapping::request_input input;
    input.params = of_.params;
    input.default_model = "m-1";
    input.max_output_tokens_limit = with_.max_output_tokens_limit;
    input.provider_columns = of_.columns;
    input.model_capabilities = of_.capabilities;
    input.limits = with_.limits;
    input.trace = true;
    guarded([&] { build(program, input, gave); });
    for (const mapping::call_shape& one : program.operations) {
      input.call = &one;
      guarded([&] { build(program, input, gave); });
    }
    for (const auto& one : program.extracts) guarded([&] { operation(one.second); });
    if (count_ == nullptr) return;
    count_->add(program.rules, [&](const mapping::rule& one) {
      const auto near = gave.lower_bound(one.pointer);
      return near != gave.end() && std::string_view(*near).starts_with(one.pointer);
    });
  }

  void operation(const mapping::rule_set& rules) {
    std::vector<mapping::finding> found;
    const json::item* value = mapping::extract_operation(rules, response(), out_, found);
    findings(found, of_.document, of_.request);
    if (value == nullptr) return;
    count("operation extracted");
    result(value);
  }

  void build(const mapping::request_program& program, const mapping::request_input& input,
             std::set<std::string, std::less<>>& gave) {
    std::vector<mapping::finding> found;
    const auto built = mapping::try_build(program, input, out_, found);
    expect(built.has_value() == found.empty(), "a build with findings, or none without");
    findings(found, of_.params, of_.request);
    count(!built ? "refused" : input.call == nullptr ? "built" : "operation built");
    if (!built) return;
    say(built->method + " " + built->path + " " + built->model);
    for (const auto* pairs : {&built->url_holes, &built->query, &built->headers})
      for (const auto& [name, value] : *pairs) say(name + "=" + value);
    for (const std::string& name : built->dropped) say("dropped " + name);
    if (built->body != nullptr) result(built->body);
    for (const mapping::trace_entry& one : built->trace) {
      resolves(of_.request, one.rule_pointer, "a trace's rule");
      if (one.pointer.starts_with('/'))
        resolves(one.note == "not read" ? of_.params : json::view(built->body), one.pointer, "a trace's");
      if (!one.rule_pointer.empty()) gave.insert(one.rule_pointer);
      say(one.pointer + " by " + one.rule_pointer + " " + one.note + " " +
          json::excerpt(json::view(one.value)));
    }
    spent(built->steps, 64 * program.rules.rules.size() *
                            (values_in(of_.params) + values_in(of_.columns) + values_in(of_.capabilities)));
  }

  mapping::response_input response() const {
    mapping::response_input input;
    input.document = of_.document;
    input.http_status = with_.http_status;
    input.headers = of_.headers;
    input.provider_columns = of_.columns;
    input.limits = with_.limits;
    return input;
  }

  void responses(const mapping::response_program& program) {
    json::node extra;
    guarded([&] { extract(program, extra); });
    bool streamed = false;
    if (program.stream) guarded([&] { stream(program, streamed); });
    if (count_ == nullptr) return;
    count_->add(program.rules,
                [&](const mapping::rule& one) { return static_cast<bool>(extra.member(one.name)); });
    if (program.stream) count_->add(*program.stream, streamed);
  }

  void extract(const mapping::response_program& program, json::node& extra) {
    std::vector<mapping::finding> found;
    std::uint64_t steps = 0;
    const json::item* value = mapping::try_extract(program, response(), out_, found, &steps);
    expect((value != nullptr) == found.empty(), "an extraction with findings, or none without");
    findings(found, of_.document, of_.response);
    spent(steps, 64 * program.rules.rules.size() * (values_in(of_.document) + values_in(of_.headers)));
    count(value != nullptr ? "extracted" : "nothing extracted");
    if (value == nullptr) return;
    expect(value->count == 19, "a result without all of its members");
    extra = json::view(value).member("extra");
    if (!json::view(value).member("text").is_absent()) count("text extracted");
    warnings(extra, of_.document);
    result(value);
  }

  void warnings(const json::node& extra, const json::node& document) {
    const json::node list = extra.member("mapping_warnings");
    for (std::uint32_t n = 0; n < list.size; ++n) {
      const json::node one = list.element(n);
      if (document) resolves(document, std::string(one.member("pointer").text()), "a warning's input");
      resolves(of_.response, std::string(one.member("rule_pointer").text()), "a warning's rule");
    }
  }

  void stream(const mapping::response_program& program, bool& streamed) {
    mapping::stream_input input;
    input.body = with_.body;
    input.http_status = with_.http_status;
    input.headers = of_.headers;
    input.provider_columns = of_.columns;
    input.limits = with_.limits;
    std::vector<mapping::finding> found;
    std::uint64_t steps = 0;
    const json::item* value = mapping::try_extract_stream(program, input, out_, found, &steps);
    expect((value != nullptr) == found.empty(), "a stream with findings, or none without");
    say("stream steps " + std::to_string(steps));
    for (const mapping::finding& one : found) say(one.input + " " + one.rule + " " + one.message);
    count(value != nullptr ? "streamed" : "nothing streamed");
    if (value == nullptr) return;
    streamed = true;
    if (json::view(value).member("error").is_absent()) count("streamed without error");
    warnings(json::view(value).member("extra"), {});
    result(value);
  }

  const views& of_;
  const sample& with_;
  json::tree& out_;
  reached* count_;
  outcome made_;
};

}  // namespace

outcome run(const views& of, const sample& with, json::tree& out, reached* count) {
  return runner(of, with, out, count).all();
}

}  // namespace llm_admin::test
