#include "core/calls/options.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/audit/concealed.hpp"
#include "core/checked_options.hpp"
#include "core/error.hpp"
#include "core/model_names.hpp"

namespace llm_admin::calls {

namespace {

constexpr std::array<std::string_view, 20> begin_names = {
    "access_key", "access_key_hash", "with_key",     "requested",  "request_id", "team",      "tags",
    "roles",      "agent",           "cache",        "stream",     "provider",   "operation", "service_tier",
    "account_id", "parent_call_id",  "input_tokens", "timeout_ms", "job_id",     "models"};

constexpr std::array<std::string_view, 8> finish_names = {
    "headers", "error", "cancelled", "usage", "estimated", "dispatched", "output_seen", "receipt"};

constexpr std::array<std::string_view, 2> key_sources = {"byollm", "aegis"};

constexpr std::int64_t most_count = 2147483647;

std::optional<access_credential> read_key(checked_options& in) {
  const auto token = in.whole_text("access_key");
  const auto hash_text = in.whole_text("access_key_hash");
  if (in.is_given("access_key") && in.is_given("access_key_hash"))
    in.problem("options access_key and access_key_hash exclude each other");
  if (token) return read_access_token(*token);
  if (!hash_text) return std::nullopt;
  const auto hash = read_access_hash(*hash_text);
  if (!hash) {
    in.problem("option access_key_hash must be 64 hexadecimal digits");
    return std::nullopt;
  }
  return access_credential{credential_form::hash, *hash, nullptr};
}

std::vector<std::string_view> read_fallbacks(checked_options& in) {
  std::vector<std::string_view> models = in.texts("models", most_fallbacks);
  if (in.is_given("models") && models.empty() && !in.has_problems())
    in.problem("option models must name a model at least");
  if (std::any_of(models.begin(), models.end(), has_outer_blank))
    in.problem("option models must name models without blanks at their ends");
  for (std::size_t n = 1; n < models.size(); ++n)
    if (std::find(models.begin(), models.begin() + static_cast<std::ptrdiff_t>(n), models[n]) !=
        models.begin() + static_cast<std::ptrdiff_t>(n)) {
      in.problem("option models must name each model once");
      break;
    }
  return models;
}

std::optional<std::int32_t> small(const std::optional<std::int64_t>& number) {
  if (!number) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

void check_http_status(finish_options& read, checked_options& in) {
  if (read.http_status == 0) read.http_status.reset();
  if (read.http_status && (*read.http_status < 100 || *read.http_status > 999))
    in.problem("argument http_status must be a status from 100 to 999, or 0 where no answer came");
  if (read.latency_ms && *read.latency_ms < 0) in.problem("argument latency_ms must not be negative");
}

}  // namespace

begin_options read_begin_options(const json::node& options) {
  using empty = checked_options::empty;
  checked_options in(options, begin_names);
  begin_options read;
  read.key = read_key(in);
  read.with_key = in.boolean("with_key").value_or(false);
  read.stream = in.boolean("stream");
  read.requested = in.word("requested", key_sources).value_or("");
  read.request_id = in.text("request_id", empty::refused, longest_request_id);
  if (read.request_id && audit::looks_secret(*read.request_id))
    in.problem("option request_id must be no key: rows and messages show it");
  read.team = in.text("team").value_or("");
  read.agent = in.text("agent").value_or("");
  read.provider = in.text("provider").value_or("");
  read.operation = in.text("operation").value_or("");
  read.service_tier = in.text("service_tier").value_or("");
  read.roles = in.texts("roles", most_roles);
  read.models = read_fallbacks(in);
  read.tags = read_tags(in, "tags");
  read.account_id = in.id("account_id");
  read.parent_call_id = in.id("parent_call_id");
  read.job_id = in.id("job_id");
  read.input_tokens = small(in.integer("input_tokens", 0, most_count));
  read.timeout_ms = small(in.integer("timeout_ms", 1, longest_timeout_ms));
  const auto cache = in.is_given("cache") ? in.boolean("cache") : std::optional(false);
  in.require();
  if (cache.value_or(true))
    throw error(sqlstate::feature_not_supported, "option cache is not supported yet",
                "there is no response cache before version 0.9", "leave it out");
  return read;
}

finish_options read_finish_options(const json::node& options, std::optional<std::int32_t> http_status,
                                   std::optional<std::int32_t> latency_ms) {
  checked_options in(options, finish_names);
  finish_options read;
  read.http_status = http_status;
  read.latency_ms = latency_ms;
  check_http_status(read, in);
  read.headers = in.object("headers");
  read.usage = in.object("usage");
  read.error = in.whole_text("error");
  if (read.error && read.error->size() > longest_error)
    in.problem("option error must have at most 65536 bytes");
  if (read.error && read.error->empty()) read.error.reset();
  read.cancelled = in.boolean("cancelled").value_or(false);
  read.estimated = in.boolean("estimated").value_or(false);
  read.output_seen = in.boolean("output_seen").value_or(false);
  read.dispatched = in.boolean("dispatched");
  read.receipt = in.whole_text("receipt");
  if (read.receipt && read.receipt->empty()) read.receipt.reset();
  if (read.dispatched == false && (read.http_status || read.output_seen))
    in.problem("option dispatched must not be false where there is an http_status or output was seen");
  in.require();
  return read;
}

}  // namespace llm_admin::calls
