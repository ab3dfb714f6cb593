#include "pg/settings.hpp"

#include "core/json/plain_utf8.hpp"
#include "pg/server.hpp"

namespace llm_admin::pg::settings {

namespace {

char* actor_value = nullptr;
char* user_agent_value = nullptr;
char* keyring_file_value = nullptr;
char* keyring_command_value = nullptr;
int keyring_command_timeout_value = 10000;
char* foreign_schemes_value = nullptr;
bool allow_stub_keys_value = false;
bool allow_data_loss_value = false;
bool restoring_value = false;
char* plain_http_hosts_value = nullptr;
int max_output_bytes_value = 16 * 1024 * 1024;
int max_matches_value = 1000000;
int mapping_cache_size_value = 8 * 1024;  // kB
double max_price_per_1k_value = 1;
double min_price_per_1k_value = 0.000001;
double max_price_per_unit_value = 100;
char* entered_tenant_value = nullptr;
int partition_lock_timeout_value = 2000;
char* usage_tags_value = nullptr;
int keep_usage_value = 0;  // months
int bytes_per_token_value = 3;
int message_tokens_value = 16;
int image_tokens_value = 2000;
int audio_tokens_value = 8000;
int video_tokens_value = 60000;
int file_tokens_value = 30000;
int default_output_tokens_value = 4096;
double unpriced_price_per_1k_value = 0.1;
int call_timeout_value = 600000;
int shared_counters_value = 8192;
char* migration_mark_value = nullptr;
char* library_version_value = nullptr;

std::string_view text(const char* value) noexcept { return value != nullptr ? std::string_view(value) : ""; }

// What a client gives as it connects is not held against the encoding by the server, nor is a configuration file. Stored
// in a row, such bytes would make its table unloadable.
extern "C" bool is_text(char** value, void**, GucSource) noexcept {
  if (*value == nullptr || is_plain_utf8(*value)) return true;
  GUC_check_errdetail("It is no UTF-8.");
  return false;
}

void define_text(const char* name, const char* what, const char* more, char** value, const char* boot,
                 GucContext context, int flags, GucStringCheckHook check = is_text) {
  DefineCustomStringVariable(name, what, more, value, boot, context, flags, check, nullptr, nullptr);
}

}  // namespace

void define() {
  define_text(
      "llm_admin.actor", "Who acts, as recorded in the history.",
      "An application sets it to its own user; without it the history takes updated_by or the session user.",
      &actor_value, "", PGC_USERSET, 0);
  define_text("llm_admin.user_agent", "What acts, as recorded in the audit log.",
              "An application sets it to its client's User-Agent; without it the log takes application_name.",
              &user_agent_value, "", PGC_USERSET, 0);
  define_text("llm_admin.keyring_file", "Absolute path of the file that holds the root keys.",
              "Lines id:hex[:active]; owned by the server user with mode 0600, or by root with 0640.",
              &keyring_file_value, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, nullptr);
  define_text("llm_admin.keyring_command", "Shell command that prints the root keys.",
              "Used when keyring_file is empty; run once per backend, at first use.", &keyring_command_value,
              "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, nullptr);
  DefineCustomIntVariable("llm_admin.keyring_command_timeout", "Time limit of keyring_command.", nullptr,
                          &keyring_command_timeout_value, 10000, 100, 600000, PGC_SIGHUP,
                          GUC_UNIT_MS | GUC_SUPERUSER_ONLY, nullptr, nullptr, nullptr);
  define_text("llm_admin.foreign_schemes", "Key schemes of the application's own envelopes.",
              "Comma list; a value 'scheme:...' is stored and returned untouched and never decrypted here.",
              &foreign_schemes_value, "kms", PGC_SUSET, 0);
  DefineCustomBoolVariable("llm_admin.allow_stub_keys", "Accept kms-stub: values in key columns.",
                           "They are not encrypted; for tests of applications only.", &allow_stub_keys_value,
                           false, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomBoolVariable("llm_admin.allow_data_loss",
                           "Lets a step to an earlier version drop what is in use.",
                           "For the session that runs ALTER EXTENSION; without it the step is refused.",
                           &allow_data_loss_value, false, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomBoolVariable("llm_admin.restoring", "Takes what this session writes for rows of a dump.",
                           "For dumps of INSERT statements without their SET lines; counts only when the "
                           "session itself sets it, and roles that may act as the extension's owner write.",
                           &restoring_value, false, PGC_SUSET, GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE,
                           nullptr, nullptr, nullptr);
  define_text("llm_admin.plain_http_hosts", "Hosts that a base_url may reach over plain http.",
              "Comma list; loopback addresses are always allowed.", &plain_http_hosts_value, "", PGC_SUSET,
              0);
  DefineCustomIntVariable("llm_admin.max_output_bytes", "Largest request or result that a mapping may build.",
                          nullptr, &max_output_bytes_value, 16 * 1024 * 1024, 1024, 512 * 1024 * 1024,
                          PGC_SUSET, GUC_UNIT_BYTE, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "llm_admin.max_matches", "Most path steps that one evaluation of a mapping may take.", nullptr,
      &max_matches_value, 1000000, 1000, 1000000000, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "llm_admin.mapping_cache_size", "Memory for the compiled mappings that a session keeps.",
      "The one used longest ago goes first; see mapping_cache_stats().", &mapping_cache_size_value, 8 * 1024,
      64, 1024 * 1024, PGC_USERSET, GUC_UNIT_KB, nullptr, nullptr, nullptr);
  DefineCustomRealVariable("llm_admin.max_price_per_1k",
                           "Highest price of 1,000 tokens that is believed, in USD.",
                           "A price above it is in the wrong unit, and is refused.", &max_price_per_1k_value,
                           1, 0, 1e9, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomRealVariable("llm_admin.min_price_per_1k",
                           "Lowest price of 1,000 tokens above 0 that is believed, in USD.",
                           "A price below it is in the wrong unit, and is refused.", &min_price_per_1k_value,
                           0.000001, 0, 1e9, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomRealVariable(
      "llm_admin.max_price_per_unit",
      "Highest price of an image, a second, a query and the like that is believed, in USD.", nullptr,
      &max_price_per_unit_value, 100, 0, 1e9, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  define_text("llm_admin.entered_tenant", "The tenant that the transaction has entered.",
              "Set by enter_tenant() for one transaction; row-level security shows this tenant only.",
              &entered_tenant_value, "", PGC_SUSET, 0);
  DefineCustomIntVariable("llm_admin.partition_lock_timeout",
                          "How long a lock is waited for when a month of a log is made or dropped.",
                          "A month that gets none is left for the next run.", &partition_lock_timeout_value,
                          2000, 1, 600000, PGC_SUSET, GUC_UNIT_MS, nullptr, nullptr, nullptr);
  define_text("llm_admin.usage_tags", "Tags of calls that the daily book counts by.",
              "Comma list of names; The roll-up adds a row a day for each of their values.",
              &usage_tags_value, "", PGC_SUSET, 0);
  DefineCustomIntVariable(
      "llm_admin.keep_usage", "How many months of usage are kept before the current one.",
      "Calls older than that are refused, and apply_retention() drops their months; 0 keeps all.",
      &keep_usage_value, 0, 0, 1200, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("llm_admin.bytes_per_token",
                          "Bytes of a request that count as one token where nobody has counted them.",
                          "1 is a bound that no tokeniser passes; 3 is usual.", &bytes_per_token_value, 3, 1,
                          100, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("llm_admin.message_tokens",
                          "Tokens that a message or a tool counts besides its text, in estimates.", nullptr,
                          &message_tokens_value, 16, 0, 10000, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("llm_admin.image_tokens", "Tokens that an image of a request counts, in estimates.",
                          nullptr, &image_tokens_value, 2000, 0, 10000000, PGC_SUSET, 0, nullptr, nullptr,
                          nullptr);
  DefineCustomIntVariable("llm_admin.audio_tokens", "Tokens that a sound of a request counts, in estimates.",
                          nullptr, &audio_tokens_value, 8000, 0, 10000000, PGC_SUSET, 0, nullptr, nullptr,
                          nullptr);
  DefineCustomIntVariable("llm_admin.video_tokens", "Tokens that a video of a request counts, in estimates.",
                          nullptr, &video_tokens_value, 60000, 0, 10000000, PGC_SUSET, 0, nullptr, nullptr,
                          nullptr);
  DefineCustomIntVariable("llm_admin.file_tokens", "Tokens that a file of a request counts, in estimates.",
                          nullptr, &file_tokens_value, 30000, 0, 10000000, PGC_SUSET, 0, nullptr, nullptr,
                          nullptr);
  DefineCustomIntVariable(
      "llm_admin.default_output_tokens", "Tokens of output that are estimated where no maximum is known.",
      nullptr, &default_output_tokens_value, 4096, 1, 10000000, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomRealVariable("llm_admin.unpriced_price_per_1k",
                           "What 1,000 tokens of a model without a price are taken to cost, in USD.",
                           "For a limit in money whose `unpriced` is `estimate`.",
                           &unpriced_price_per_1k_value, 0.1, 0, 1e6, PGC_SUSET, 0, nullptr, nullptr,
                           nullptr);
  DefineCustomIntVariable("llm_admin.call_timeout", "How long a call may take that gives no timeout_ms.",
                          "Then it is expired, and gives back what it holds of each limit.",
                          &call_timeout_value, 600000, 1000, 86400000, PGC_USERSET, GUC_UNIT_MS, nullptr,
                          nullptr, nullptr);
  // Of the server's start; later than that the server allows no such setting to be defined.
  DefineCustomIntVariable(
      "llm_admin.shared_counters", "Counters of short windows that shared memory holds.",
      "Of requests and tokens by the minute and hour; where there is no room they are counted in "
      "tables. 0 counts all in tables.",
      &shared_counters_value, 8192, 0, 10000000,
      process_shared_preload_libraries_in_progress ? PGC_POSTMASTER : PGC_SIGHUP, 0, nullptr, nullptr,
      nullptr);
  define_text("llm_admin.migration_mark", "When the running migration script began (internal).", nullptr,
              &migration_mark_value, "", PGC_USERSET, GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE);
  define_text("llm_admin.library_version", "Version of the library that this session has loaded.", nullptr,
              &library_version_value, LLM_ADMIN_VERSION, PGC_INTERNAL,
              GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE);
  MarkGUCPrefixReserved("llm_admin");
}

std::string_view actor() noexcept { return text(actor_value); }
std::string_view user_agent() noexcept { return text(user_agent_value); }
std::string_view keyring_file() noexcept { return text(keyring_file_value); }
std::string_view keyring_command() noexcept { return text(keyring_command_value); }
int keyring_command_timeout_ms() noexcept { return keyring_command_timeout_value; }
std::string_view foreign_schemes() noexcept { return text(foreign_schemes_value); }
bool allow_stub_keys() noexcept { return allow_stub_keys_value; }
bool restoring() noexcept { return restoring_value; }
bool allow_data_loss() noexcept { return allow_data_loss_value; }
std::string_view plain_http_hosts() noexcept { return text(plain_http_hosts_value); }
int max_output_bytes() noexcept { return max_output_bytes_value; }
int max_matches() noexcept { return max_matches_value; }
std::int64_t mapping_cache_bytes() noexcept { return std::int64_t{mapping_cache_size_value} * 1024; }
std::string_view entered_tenant() noexcept { return text(entered_tenant_value); }
int partition_lock_timeout_ms() noexcept { return partition_lock_timeout_value; }
std::string_view usage_tags() noexcept { return text(usage_tags_value); }
int keep_usage_months() noexcept { return keep_usage_value; }
double max_price_per_1k() noexcept { return max_price_per_1k_value; }
double min_price_per_1k() noexcept { return min_price_per_1k_value; }
double max_price_per_unit() noexcept { return max_price_per_unit_value; }
int bytes_per_token() noexcept { return bytes_per_token_value; }
int message_tokens() noexcept { return message_tokens_value; }
int image_tokens() noexcept { return image_tokens_value; }
int audio_tokens() noexcept { return audio_tokens_value; }
int video_tokens() noexcept { return video_tokens_value; }
int file_tokens() noexcept { return file_tokens_value; }
int default_output_tokens() noexcept { return default_output_tokens_value; }
double unpriced_price_per_1k() noexcept { return unpriced_price_per_1k_value; }
int call_timeout_ms() noexcept { return call_timeout_value; }
int shared_counters() noexcept { return shared_counters_value; }
std::string_view migration_mark() noexcept { return text(migration_mark_value); }

}  // namespace llm_admin::pg::settings
