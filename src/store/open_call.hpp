// Rows of llm_calls: calls that were begun and are not finished.
//
// Whoever ends a call deletes its row, so each is ended once; a second one waits for the first and then finds nothing.
// All run with the owner's rights: whose call it is, is asked by the caller of these.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/calls/reservation.hpp"
#include "core/error.hpp"
#include "core/json/view.hpp"
#include "core/money/decimal.hpp"
#include "core/uuid.hpp"
#include "pg/spi.hpp"

namespace llm_admin::store {

// Times are microseconds of the server's epoch.
struct open_call {
  uuid_bytes call_id{};
  std::string tenant_id, user_id, team_id;
  std::optional<uuid_bytes> key_id, job_id, parent_call_id, account_id;
  std::optional<std::string> request_id;
  std::string fingerprint;
  std::int32_t attempt = 1;
  std::string provider, key_source = "platform";
  std::string requested_model, model_id;  // as it is sent, and its canonical id
  std::string operation, service_tier;
  std::optional<std::int64_t> price_id;
  std::int32_t config_version = 0;
  std::int64_t started_at = 0, expires_at = 0;
  std::int32_t input_estimate = 0;
  std::optional<money::decimal> estimate_usd;
  std::vector<calls::reservation> reservations;
  std::vector<std::string> models;  // to fall back to
  // Of a row that was read: jsonb in the memory that was current then; absent where empty.
  json::node access, tags;
  bool of_this_transaction = false;  // its row was written by the transaction that ends it
};

void insert_call(const open_call& call);
// The texts of an array; what is none is left out, for a row may have been edited.
std::vector<std::string> texts_of(const json::node& array);

// The one of that id, as the newest state has it.
std::optional<open_call> find_call(const uuid_bytes& id);
std::optional<open_call> find_call(std::string_view tenant, std::string_view request_id,
                                   std::int32_t attempt);
// Takes the row away and gives it; waits for another that is about to. 55000 where somebody's trigger or rule keeps it.
std::optional<open_call> take_call(const uuid_bytes& id);
// Moves the deadline unless it is later, and gives it. Nothing where there is no such call.
std::optional<std::int64_t> extend_call(const uuid_bytes& id, std::int64_t expires_at);

// Of a row that cannot be read there are the id and the deadline, and why.
struct overdue_call {
  open_call call;
  std::optional<error> damage;
};
// Locks up to 10 calls whose deadline has passed and that nobody else has locked, the oldest first, from behind `after`.
inline constexpr std::size_t overdue_at_once = 10;
struct overdue_place {
  std::int64_t expires_at = std::numeric_limits<std::int64_t>::min();  // the start
  uuid_bytes call_id{};
  friend bool operator==(const overdue_place&, const overdue_place&) = default;
};
std::vector<overdue_call> lock_overdue(std::int64_t now, const overdue_place& after);

// Holds a request until the transaction ends, so that of several begins of it one goes first. No row is written for it.
void lock_request(std::string_view tenant, std::string_view request_id, std::int32_t attempt);

}  // namespace llm_admin::store
