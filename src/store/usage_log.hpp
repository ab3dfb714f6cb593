// Rows of llm_usage_logs and of the tables beside it, as C++ writes them: whole, priced, with their ids.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/usage/call.hpp"
#include "pg/spi.hpp"

namespace llm_admin::store {

// What a row holds besides its call.
struct usage_entry {
  const usage::call* call = nullptr;
  std::int64_t id = 0;
  TimestampTz at = 0;
  std::string provider, model_id, requested_model;     // canonical
  std::optional<std::string> cost_usd, list_cost_usd;  // decimal text
  std::optional<std::int64_t> price_id;
  // The price that the call was begun by, and for which model: another one served is priced by its own.
  std::optional<std::int64_t> pinned_price;
  std::string pinned_model;
  std::string cost_status = "unpriced";
  std::string note;
};

// The time of a call: what was given, or now. LA002 when it is more than five minutes ahead, before 2000, or
// older than what llm_admin.keep_usage keeps.
TimestampTz time_of_call(const usage::call& call);
void require_usage_time(TimestampTz at);
// Where what is kept begins; nothing when all is.
std::optional<TimestampTz> usage_kept_since(int months);

// What a day of the book is kept by fits into its index; else 54000. The row would stop the roll-up for everybody.
void require_book_key(std::string_view tenant, std::string_view user, std::string_view provider,
                      std::string_view model);
// Fills in the canonical names and what the call costs.
void complete(usage_entry& entry);

// Writes the rows, and those of jobs. With the rights of the owner; nothing is asked again.
void insert_usage(pg::spi& sql, std::span<const usage_entry> entries);
// Where a call belongs to a job.
void insert_job_usage(pg::spi& sql, Datum job_id, std::int64_t id, TimestampTz at);

}  // namespace llm_admin::store
