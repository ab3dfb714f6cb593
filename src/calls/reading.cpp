#include "calls/reading.hpp"

#include "core/calls/caller_error.hpp"
#include "core/error.hpp"
#include "core/keys/redact.hpp"
#include "core/mapping/answer/answer.hpp"
#include "core/mapping/response/retry_after.hpp"
#include "core/pricing/cost.hpp"
#include "pg/role.hpp"
#include "store/account.hpp"
#include "store/bounds.hpp"
#include "store/echoes.hpp"
#include "store/operations.hpp"
#include "store/programs.hpp"
#include "store/provider.hpp"
#include "store/provider_key.hpp"
#include "store/tenant.hpp"

namespace llm_admin::calls_room {

namespace {

constexpr std::size_t longest_message = 2000;  // bytes that are kept

std::string string_of(const json::node& value) {
  return value.is_string() ? std::string(value.text()) : std::string();
}

// The row, and what may be echoed of the keys that this call was sent with.
struct sender {
  store::provider row;
  store::echoes echoes;
  sender(const store::provider& of, const store::open_call& call)
      : row(of),
        echoes(row, call.tenant_id.empty() ? std::nullopt : store::find_tenant(call.tenant_id),
               call.account_id ? store::account_of(row, *call.account_id) : std::nullopt) {}
};

std::string without_keys(const store::open_call& call, std::string_view text) {
  const auto row = store::find_provider(call.provider);
  if (!row) return std::string(text);
  sender by(*row, call);
  std::string without;
  return by.echoes.filter()(mapping::vendor_text::error, text, without) ? without : std::string(text);
}

}  // namespace

reading::reading(const store::open_call& call, std::optional<std::string_view> body,
                 const calls::finish_options& options) {
  outcome.http_status = options.http_status;
  outcome.output_seen = options.output_seen;
  outcome.cancelled = options.cancelled;
  if (options.dispatched) outcome.dispatched = *options.dispatched;
  if (body) read_body(call, *body, options);
  read_error(call, options);
  if (!body && options.http_status && *options.http_status >= 400) {
    outcome.failed = true;
    mapping::retry_hints hints;
    hints.headers = options.headers;
    hints.limited = *options.http_status == 429;
    hints.now_ms = pg::statement_time_ms();
    outcome.retry_after_ms = mapping::retry_after_ms(hints);
  }
  read_usage(call, options);
}

void reading::read_body(const store::open_call& call, std::string_view body,
                        const calls::finish_options& options) {
  try {
    const auto row = store::find_provider(call.provider);
    if (!row) {
      warnings.push_back({"not_read", "provider " + call.provider + " is gone, and its rules with it"});
      return;
    }
    const auto program = store::response_program_of(*row);
    sender by(*row, call);
    mapping::answer_input input;
    input.body = body;
    input.http_status = options.http_status;
    input.headers = options.headers;
    input.provider_name = row->name();
    input.now_ms = pg::statement_time_ms();
    input.filter = by.echoes.filter();
    input.limits = store::limits_now();
    std::uint32_t columns =
        program->rules.columns | (program->stream != nullptr ? program->stream->rules.columns : 0);
    if (call.operation.empty()) {
      input.provider_columns = store::columns_for(columns, *row, out);
      result = mapping::read_answer(*program, input, out);
      return;
    }
    const auto requests = store::request_program_of(*row);
    (void)store::require_operation(*requests, call.operation, row->name());
    for (const auto* sets : {&requests->extracts, &requests->usages})
      if (const auto rules = sets->find(call.operation); rules != sets->end())
        columns |= rules->second.columns;
    input.provider_columns = store::columns_for(columns, *row, out);
    result = mapping::read_operation_answer(*requests, call.operation, *program, input, out);
  } catch (const llm_admin::error& why) {
    if (why.is_fault()) throw;
    result = nullptr;
    warnings.push_back({"not_read", "the answer could not be read: " + without_keys(call, why.message())});
  }
}

// What the vendor says goes before what the caller's client made of it.
void reading::read_error(const store::open_call& call, const calls::finish_options& options) {
  if (options.error) {
    const calls::caller_error told = calls::read_caller_error(*options.error);
    outcome.failed = true;
    outcome.kind = told.kind;
    outcome.timed_out = told.timed_out;
    outcome.cancelled = outcome.cancelled || told.cancelled;
    if (told.surely_unsent && !options.dispatched) outcome.dispatched = false;
    error_message = std::string(shortened(without_keys(call, *options.error), longest_message));
    if (result == nullptr) {
      json::item* made = out.object();
      out.append(made, "kind", out.string(mapping::kind_name(told.kind)));
      out.append(made, "message", out.string(out.keep(error_message)));
      result = out.object();
      out.append(result, "error", made);
      return;
    }
  }
  const json::node found = json::view(result).member("error");
  if (!found.is_object()) return;
  outcome.failed = true;
  if (const json::node kind = found.member("kind"); kind.is_string())
    outcome.kind = mapping::find_kind(kind.text()).value_or(outcome.kind);
  if (const json::node again = found.member("retryable"); again.is_boolean())
    outcome.retryable = again.truth();
  if (const json::node after = found.member("retry_after_ms"); after.is_number()) {
    const auto wait = money::decimal::from_text(after.number_text());
    if (wait && wait->is_integer() && *wait <= money::decimal(mapping::longest_wait_ms))
      outcome.retry_after_ms = std::stoll(wait->text());
  }
  const std::string message = string_of(found.member("message"));
  if (!message.empty()) error_message = std::string(shortened(message, longest_message));
}

void reading::read_usage(const store::open_call& call, const calls::finish_options& options) {
  used.estimated = options.estimated;
  const json::node whole = result == nullptr ? json::node() : json::view(result);
  const auto take = [&](const json::node& from) {
    usage::call read;
    try {
      usage::read_usage(from, read);
      (void)pricing::read_quantities(read.quantities);
    } catch (const llm_admin::error& why) {
      if (why.is_fault()) throw;
      warnings.push_back({"usage_not_read", why.message()});
      return false;
    }
    used.counted = read.counted;
    used.quantities = read.quantities;
    used.cost = read.cost;
    used.reported_model = read.reported_model;
    if (!read.service_tier.empty()) used.service_tier = read.service_tier;
    return true;
  };
  // A usage without numbers is none.
  if (usage::says_usage(options.usage)) {
    if (take(options.usage)) return;
  } else if (whole.member("usage").is_object() && usage::says_usage(whole) && take(whole)) {
    return;
  }
  if (json::node model = whole.member("model"); model.is_string()) used.reported_model = model.text();
  // Nobody says what was used. A vendor that answered with an error has not charged for it.
  const bool refused = outcome.http_status && *outcome.http_status >= 400 && !outcome.output_seen;
  if (!outcome.dispatched || refused || call.model_id.empty()) return;
  used.counted.input = call.input_estimate;
  used.counted.total = call.input_estimate;
  used.estimated = true;
  warnings.push_back({"usage_estimated", "nobody says what was used; the input is estimated"});
}

}  // namespace llm_admin::calls_room
