// The extension's settings (docs/settings.md): defined once in _PG_init, read as plain values.
//
// Whatever weakens safety needs a superuser; what names the keyring is reloadable and visible to superusers
// only. A text that is no path or command is UTF-8: other values are refused, whoever gives them.
#pragma once

#include <cstdint>
#include <string_view>

namespace llm_admin::pg::settings {

// Called by _PG_init only. Reserves the prefix last, so that earlier placeholder values are kept.
void define();

std::string_view actor() noexcept;       // who acts, for history; empty when not set
std::string_view user_agent() noexcept;  // of the application's client, for the audit log; empty when not set
std::string_view keyring_file() noexcept;     // absolute path, or empty
std::string_view keyring_command() noexcept;  // shell command, or empty
int keyring_command_timeout_ms() noexcept;
std::string_view foreign_schemes() noexcept;   // comma list of key schemes stored untouched
bool allow_stub_keys() noexcept;               // whether kms-stub: may stand in a key column
bool restoring() noexcept;                     // whether a dump is loaded; store/load.hpp says when it counts
bool allow_data_loss() noexcept;               // whether a step down may drop what is in use
std::string_view plain_http_hosts() noexcept;  // comma list of hosts that plain http may reach
int max_output_bytes() noexcept;               // of one built request or extracted result
int max_matches() noexcept;                    // path steps of one evaluation
std::int64_t mapping_cache_bytes() noexcept;   // of compiled mappings kept by a backend
std::string_view entered_tenant() noexcept;    // the tenant that row-level security shows; empty when none
int partition_lock_timeout_ms() noexcept;      // of a lock that making or dropping a month needs
std::string_view usage_tags() noexcept;        // comma list of tags that the daily book counts by
int keep_usage_months() noexcept;              // months kept before the current one; 0: all
// Estimates of calls before they are made (core/limits/estimate.hpp).
int bytes_per_token() noexcept;
int message_tokens() noexcept;  // of a message or tool, besides its text
int image_tokens() noexcept;
int audio_tokens() noexcept;
int video_tokens() noexcept;
int file_tokens() noexcept;
int default_output_tokens() noexcept;
double
unpriced_price_per_1k() noexcept;  // of a model without a price, where a limit wants an estimate; US dollars
int call_timeout_ms() noexcept;    // of a call that gives none
int shared_counters() noexcept;    // of short windows in shared memory, as the server was started
// Prices beyond these are refused; US dollars.
double max_price_per_1k() noexcept;          // token meters, by the thousand
double min_price_per_1k() noexcept;          // unless it is 0
double max_price_per_unit() noexcept;        // other meters, a piece
std::string_view migration_mark() noexcept;  // set by the first line of a migration script

}  // namespace llm_admin::pg::settings
