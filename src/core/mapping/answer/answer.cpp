#include "core/mapping/answer/answer.hpp"

#include "core/error.hpp"
#include "core/mapping/answer/reader.hpp"
#include "core/mapping/response/operation.hpp"

namespace llm_admin::mapping {

namespace {

// Only the last call can have been open where the document was cut.
void leave_out_cut_call(json::item* result, const answer_reader& reader, json::tree& out) {
  json::item* calls = json::tree::find(result, "tool_calls");
  if (calls == nullptr || calls->count == 0) return;
  const json::node last = json::view(calls).element(calls->count - 1);
  if (!reader.cut_within(last.member("arguments"))) return;
  --calls->count;
  json::item* message = json::tree::find(result, "message");
  json::item* nested = message == nullptr ? nullptr : json::tree::find(message, "tool_calls");
  if (nested != nullptr && nested->count > 0 && --nested->count == 0) out.remove(message, "tool_calls");
}

// `document` is what was read, also where the rest fails.
json::item* extracted(const response_program& program, const answer_input& input, json::tree& out,
                      std::uint64_t* steps, json::node& document) {
  answer_reader reader(program, input, out);
  std::vector<finding> findings;
  const response_input& read = reader.read();
  document = reader.document();
  json::item* result = try_extract(program, read, out, findings, steps);
  if (steps != nullptr) *steps += reader.steps();
  leave_out_cut_call(result, reader, out);
  return result;
}

// What is known of an answer that was too much: of the document only what it costs.
response_input refused(const answer_input& input, const error& why, const json::node& document,
                       json::tree& out) {
  response_input made;
  made.http_status = input.http_status;
  made.headers = input.headers;
  made.provider_name = input.provider_name;
  made.provider_columns = input.provider_columns;
  made.now_ms = input.now_ms;
  made.filter = input.filter;
  made.limits = input.limits;
  made.lenient = true;
  made.document = document;
  made.costs_only = true;
  made.error = json::view(told_too_large(why, out));
  return made;
}

}  // namespace

bool is_bound(const error& why) noexcept {
  return std::string_view(why.sqlstate()) == sqlstate::program_limit;
}

json::item* told_too_large(const error& why, json::tree& out) {
  json::item* told = out.object();
  out.append(told, "type", out.string("too_large"));
  out.append(
      told, "message",
      out.string(out.keep(why.detail().empty() ? why.message() : why.message() + ": " + why.detail())));
  out.append(told, "retryable", out.boolean(false));
  return told;
}

json::item* read_answer(const response_program& program, const answer_input& input, json::tree& out,
                        std::uint64_t* steps) {
  json::node document;
  std::vector<finding> findings;
  try {
    return extracted(program, input, out, steps, document);
  } catch (const error& why) {
    if (!is_bound(why)) throw;
    try {
      return try_extract(program, refused(input, why, document, out), out, findings);
    } catch (const error& again) {
      if (!is_bound(again)) throw;
      return try_extract(program, refused(input, why, {}, out), out, findings);
    }
  }
}

json::item* read_operation_answer(const request_program& requests, std::string_view operation,
                                  const response_program& answers, const answer_input& input,
                                  json::tree& out) {
  try {
    answer_reader reader(answers, input, out);
    return read_operation(requests, operation, &answers, reader.read(), out);
  } catch (const error& why) {
    if (!is_bound(why)) throw;
    return read_operation(requests, operation, &answers, refused(input, why, {}, out), out);
  }
}

}  // namespace llm_admin::mapping
