#include "core/usage/call.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/json/decimal.hpp"
#include "core/text.hpp"

namespace llm_admin::usage {

namespace {

constexpr std::array<std::string_view, 27> option_names = {
    "at",         "source",   "server_id",    "deployment_id", "latency_ms",      "status_code",  "error",
    "metadata",   "job_id",   "service_tier", "account_id",    "requested_model", "served_model", "operation",
    "kind",       "team_id",  "key_id",       "call_id",       "parent_call_id",  "attempt",      "estimated",
    "key_source", "currency", "cost_usd",     "tags",          "quantities",      "cached"};

constexpr std::array<std::string_view, 7> call_names = {"provider",  "model",      "usage",  "user_id",
                                                        "tenant_id", "request_id", "options"};

[[noreturn]] void refuse(std::string_view name, const char* wanted) {
  throw error(sqlstate::request_invalid, std::string(name) + " must be " + wanted, "",
              "give the counts as the vendor's answer has them; read_answer() gives them under these names");
}

// The first of the names that is there and not null.
json::node first_of(const json::node& object, std::initializer_list<std::string_view> names,
                    std::string_view* which) {
  for (const std::string_view name : names) {
    const json::node value = object.member(name);
    if (value.is_absent()) continue;
    *which = name;
    return value;
  }
  return {};
}

std::optional<std::int32_t> count_of(const json::node& value, std::string_view name) {
  if (value.is_absent()) return std::nullopt;
  const auto number = value.is_number() ? json::to_int64(value.number_text()) : std::nullopt;
  if (!number || *number < 0 || *number > most_tokens) refuse(name, "a whole number from 0 to 2147483647");
  return static_cast<std::int32_t>(*number);
}

std::int32_t counted(const json::node& usage, std::initializer_list<std::string_view> names,
                     std::initializer_list<std::string_view> details = {}, std::string_view detail = {}) {
  std::string_view name;
  if (const auto count = count_of(first_of(usage, names, &name), name)) return *count;
  for (const std::string_view within : details) {
    name = detail;
    if (const auto count = count_of(usage.member(within).member(detail), detail)) return *count;
  }
  return 0;
}

void take_quantities(const json::node& given, call& into) {
  if (given.is_absent()) return;
  if (!given.is_object()) refuse("quantities", "an object of numbers by their meter");
  into.quantities = given;
}

std::optional<std::string> cost_of(const json::node& given, std::string_view name) {
  if (given.is_absent()) return std::nullopt;
  const bool is_text = given.is_string();
  if (!is_text && !given.is_number()) refuse(name, "a number");
  auto cost = read_cost(is_text ? std::string(given.text()) : given.number_text());
  if (!cost || cost->starts_with('-'))
    refuse(name, "a number of US dollars from 0 to 10^12, with at most 60 digits behind the point");
  return cost;
}

// Of a vendor whose input_tokens do not hold what came from the cache or went into it: here they do. Where the total
// comes as prompt_tokens, it holds them already.
void take_cache_beside_input(const json::node& usage, tokens& t) {
  const std::int32_t read = counted(usage, {"cache_read_input_tokens"});
  const std::int32_t written = counted(usage, {"cache_creation_input_tokens"});
  if (read == 0 && written == 0) return;
  if (!usage.member("input_tokens").is_absent()) {
    const std::int64_t input = std::int64_t{t.input} + read + written;
    if (input > most_tokens) refuse("the sum of input and cached tokens", "at most 2147483647");
    t.input = static_cast<std::int32_t>(input);
  }
  t.cached = std::max(t.cached, read);
  t.cache_write = std::max(t.cache_write, written);
  t.cache_write_1h =
      std::max(t.cache_write_1h, counted(usage, {}, {"cache_creation"}, "ephemeral_1h_input_tokens"));
}

constexpr std::string_view count_names[] = {"input_tokens",
                                            "prompt_tokens",
                                            "output_tokens",
                                            "completion_tokens",
                                            "total_tokens",
                                            "cached_tokens",
                                            "cache_write_tokens",
                                            "cache_write_1h_tokens",
                                            "reasoning_tokens",
                                            "cache_read_input_tokens",
                                            "cache_creation_input_tokens",
                                            "prompt_cache_hit_tokens",
                                            "quantities",
                                            "cost_usd"};

// Of a name that is none of these.
bool is_name_of_count(std::string_view name) {
  const std::string lower = ascii_lower(name);
  return lower.find("token") != std::string::npos || lower.find("count") != std::string::npos;
}

// Counts under names that are none of ours would go into the log as nothing used.
void require_counts(const json::node& usage) {
  for (const std::string_view name : count_names)
    if (!usage.member(name).is_absent()) return;
  for (std::uint32_t n = 0; n < usage.size; ++n) {
    std::string_view name;
    const json::node value = usage.member_at(n, name);
    if (!value.is_number() || !is_name_of_count(name)) continue;
    throw error(
        sqlstate::request_invalid, "usage has counts, but none under a name that is known",
        "known are input_tokens (prompt_tokens), output_tokens (completion_tokens), cached_tokens, "
        "cache_write_tokens, cache_write_1h_tokens, reasoning_tokens, total_tokens, quantities, cost_usd",
        "give the counts as the vendor's answer has them to read_answer(); it gives them under these names");
  }
}

class option_reader {
 public:
  option_reader(const json::node& given, std::span<const std::string_view> known)
      : given_(given), options_(given, known) {}

  std::string_view text(std::string_view name, std::string_view otherwise = {}) const {
    return options_.text(name).value_or(otherwise);
  }
  std::optional<std::string_view> maybe_text(std::string_view name) const { return options_.text(name); }
  bool boolean(std::string_view name) const { return options_.boolean(name); }
  std::optional<std::int32_t> number(std::string_view name, std::int64_t least) const {
    const json::node value = given_.member(name);
    if (value.is_absent()) return std::nullopt;
    const auto number = value.is_number() ? json::to_int64(value.number_text()) : std::nullopt;
    if (!number || *number < least || *number > most_tokens)
      wrong(name, "a whole number from " + std::to_string(least) + " to 2147483647");
    return static_cast<std::int32_t>(*number);
  }
  std::optional<uuid> id(std::string_view name) const {
    const auto text = options_.text(name);
    if (!text) return std::nullopt;
    const auto read = read_uuid(*text);
    if (!read) wrong(name, "a uuid");
    return read;
  }
  json::node object(std::string_view name) const {
    const json::node value = given_.member(name);
    if (value.is_absent()) return {};
    if (!value.is_object()) wrong(name, "an object");
    return value;
  }
  std::string_view word(std::string_view name, std::initializer_list<std::string_view> words) const {
    const std::string_view given = text(name, *words.begin());
    if (std::find(words.begin(), words.end(), given) != words.end()) return given;
    std::string all;
    for (const std::string_view one : words) (all += all.empty() ? "" : ", ") += one;
    wrong(name, "one of " + all);
  }

 private:
  [[noreturn]] static void wrong(std::string_view name, const std::string& wanted) {
    throw error(sqlstate::invalid_parameter, "option " + std::string(name) + " must be " + wanted);
  }
  json::node given_;
  call_options options_;
};

void read_known_options(const json::node& options, std::span<const std::string_view> known, call& into) {
  const option_reader read(options, known);
  into.at = read.maybe_text("at");
  into.source = read.text("source");
  into.server_id = read.id("server_id");
  into.deployment_id = read.id("deployment_id");
  into.latency_ms = read.number("latency_ms", 0);
  into.status_code = read.number("status_code", 0);
  into.error_message = read.maybe_text("error");
  into.metadata = read.object("metadata");
  into.job_id = read.id("job_id");
  if (const auto tier = read.maybe_text("service_tier")) into.service_tier = *tier;
  into.account_id = read.id("account_id");
  into.requested_model = read.text("requested_model");
  into.served_model = read.text("served_model");
  into.operation = read.text("operation");
  into.kind = read.word("kind", {"call", "expired"});
  into.team_id = read.text("team_id");
  into.key_id = read.id("key_id");
  into.call_id = read.id("call_id");
  into.parent_call_id = read.id("parent_call_id");
  into.attempt = read.number("attempt", 1).value_or(1);
  into.estimated = read.boolean("estimated");
  into.cached = read.boolean("cached");
  into.key_source = read.word("key_source", {"platform", "byollm"});
  into.currency = read.text("currency", "USD");
  if (!is_currency(into.currency))
    throw error(sqlstate::request_invalid, "currency must be three capitals, such as EUR");
  if (auto cost = cost_of(options.member("cost_usd"), "cost_usd")) into.cost = std::move(cost);
  into.tags = read.object("tags");
  take_quantities(options.member("quantities"), into);
}

// A text, or absent.
std::optional<std::string_view> member_text(const json::node& of, std::string_view name) {
  const json::node value = of.member(name);
  if (value.is_absent()) return std::nullopt;
  if (!value.is_string()) refuse(name, "a text");
  return value.text();
}

}  // namespace

bool says_usage(const json::node& given) {
  if (!given.is_object()) return false;
  const json::node within = given.member("usage");
  const json::node usage = within.is_object() ? within : given;
  const auto says = [](const json::node& value) {
    return !value.is_absent() && (!value.is_object() || value.size > 0);
  };
  for (const std::string_view name : count_names)
    if (says(usage.member(name))) return true;
  for (std::uint32_t n = 0; n < usage.size; ++n) {
    std::string_view name;
    const json::node value = usage.member_at(n, name);
    if (value.is_number() && is_name_of_count(name)) return true;
    for (std::uint32_t m = 0; value.is_object() && name.ends_with("_details") && m < value.size; ++m) {
      std::string_view detail;
      if (value.member_at(m, detail).is_number()) return true;
    }
  }
  return false;
}

void read_usage(const json::node& given, call& into) {
  if (given.is_absent()) return;
  if (!given.is_object()) refuse("usage", "an object");
  const json::node within = given.member("usage");
  const json::node usage = within.is_object() ? within : given;
  if (within.is_object() || given.member("model").is_string())
    if (const json::node model = given.member("model"); model.is_string()) into.reported_model = model.text();
  require_counts(usage);
  tokens& t = into.counted;
  t.input = counted(usage, {"input_tokens", "prompt_tokens"});
  t.output = counted(usage, {"output_tokens", "completion_tokens"});
  t.cached = counted(usage, {"cached_tokens", "prompt_cache_hit_tokens"},
                     {"prompt_tokens_details", "input_tokens_details"}, "cached_tokens");
  t.cache_write = counted(usage, {"cache_write_tokens"});
  t.cache_write_1h = counted(usage, {"cache_write_1h_tokens"});
  take_cache_beside_input(usage, t);
  t.reasoning = counted(usage, {"reasoning_tokens"}, {"completion_tokens_details", "output_tokens_details"},
                        "reasoning_tokens");
  const std::int64_t sum = std::int64_t{t.input} + t.output;
  if (sum > most_tokens) refuse("the sum of input and output tokens", "at most 2147483647");
  t.total = std::max(counted(usage, {"total_tokens"}), static_cast<std::int32_t>(sum));
  if (const json::node tier = usage.member("service_tier"); tier.is_string()) into.service_tier = tier.text();
  take_quantities(usage.member("quantities"), into);
  if (auto cost = cost_of(usage.member("cost_usd"), "cost_usd")) into.cost = std::move(cost);
}

void read_options(const json::node& options, call& into) { read_known_options(options, option_names, into); }

call read_batch_element(const json::node& element) {
  if (!element.is_object())
    throw error(sqlstate::request_invalid, "a call of a batch must be an object", "",
                "each has the arguments of record_usage() as its members");
  std::array<std::string_view, option_names.size() + call_names.size()> known{};
  std::copy(option_names.begin(), option_names.end(),
            std::copy(call_names.begin(), call_names.end(), known.begin()));
  call read;
  read.provider = member_text(element, "provider").value_or("");
  read.model = member_text(element, "model").value_or("");
  read.user_id = member_text(element, "user_id").value_or("");
  read.tenant_id = member_text(element, "tenant_id").value_or("");
  read.request_id = member_text(element, "request_id");
  read_usage(element.member("usage"), read);
  const json::node options = element.member("options");
  if (options.is_absent()) {
    read_known_options(element, known, read);
  } else {
    const option_reader without_options(element, call_names);
    read_options(options, read);
  }
  return read;
}

}  // namespace llm_admin::usage
