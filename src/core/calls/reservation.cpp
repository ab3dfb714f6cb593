#include "core/calls/reservation.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/error.hpp"
#include "core/http/date.hpp"
#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/time_text.hpp"

namespace llm_admin::calls {

namespace {

constexpr std::array<std::string_view, 6> reservation_members = {"limit", "tenant", "subject",
                                                                 "slot",  "window", "amount"};
constexpr std::string_view total_text = "-infinity";
constexpr const char* mend_reservations =
    "let the call end, and take what it held from limit_counters.reserved: UPDATE llm_admin.llm_calls SET "
    "reservations = '[]' WHERE call_id = '<call>'";
constexpr std::int64_t unix_to_server_ms = 946'684'800'000;
// The years 1970 to 9999, which both ways of the text know.
constexpr std::int64_t first_window = -unix_to_server_ms * 1000;
constexpr std::int64_t last_window = (std::int64_t{253'402'300'800'000} - unix_to_server_ms) * 1000 - 1;

auto lock_place(const reservation& of) noexcept {
  return std::tie(of.limit_id, of.tenant_id, of.subject, of.slot);
}

std::string window_text(std::int64_t start) {
  return start == total_window ? std::string(total_text) : iso_utc(start);
}

// Of the one form that is written, so that a window has one text.
std::optional<std::int64_t> window_of(std::string_view text) {
  if (text == total_text) return total_window;
  const auto unix_ms = http_date_ms(text);
  if (!unix_ms) return std::nullopt;
  const std::int64_t start = (*unix_ms - unix_to_server_ms) * 1000;
  if (iso_utc(start) != text) return std::nullopt;
  return start;
}

bool is_window(std::int64_t start) {
  return start == total_window ||
         (start >= first_window && start <= last_window && window_of(window_text(start)) == start);
}

std::optional<money::decimal> reserved_amount(std::string_view text) {
  auto read = money::decimal::from_text(text);
  if (!read || read->is_negative() || read->text() != text) return std::nullopt;
  return read;
}

[[noreturn]] void damaged(std::size_t element, const std::string& what) {
  throw error(sqlstate::not_in_state, "the reservations of a call are damaged",
              "element " + std::to_string(element + 1) + ' ' + what, mend_reservations);
}

reservation read_one(const json::node& stored, std::size_t n) {
  if (!stored.is_object() || stored.size != reservation_members.size())
    damaged(n, "is no object of limit, tenant, subject, slot, window and amount");
  const auto text = [&](std::string_view name, std::size_t most) {
    const json::node value = stored.member(name);
    if (!value.is_string() || value.size > most) damaged(n, "has a wrong " + std::string(name));
    return value.text();
  };
  reservation read;
  const auto id = read_uuid(text("limit", 36));
  if (!id) damaged(n, "has a wrong limit");
  read.limit_id = *id;
  read.tenant_id = text("tenant", longest_subject);
  read.subject = text("subject", longest_subject);
  const json::node slot = stored.member("slot");
  const auto number = slot.is_number() ? json::to_int64(slot.number_text()) : std::nullopt;
  if (!number || *number < shared_slot || *number > last_slot) damaged(n, "has a wrong slot");
  read.slot = static_cast<std::int16_t>(*number);
  const auto window = window_of(text("window", 64));
  if (!window) damaged(n, "has a wrong window");
  read.window_start = *window;
  auto amount = reserved_amount(text("amount", 2 * money::most_digits + 2));
  if (!amount) damaged(n, "has a wrong amount");
  read.amount = *std::move(amount);
  return read;
}

// The place of one that stands there twice.
std::optional<std::size_t> put_in_order(std::vector<reservation>& held) {
  std::sort(held.begin(), held.end(), locked_before);
  const auto twice = std::adjacent_find(
      held.begin(), held.end(),
      [](const reservation& a, const reservation& b) { return lock_place(a) == lock_place(b); });
  if (twice == held.end()) return std::nullopt;
  return static_cast<std::size_t>(twice - held.begin());
}

bool can_be_written(const reservation& one) {
  return one.tenant_id.size() <= longest_subject && one.subject.size() <= longest_subject &&
         one.slot >= shared_slot && one.slot <= last_slot && is_window(one.window_start) &&
         reserved_amount(one.amount.text());
}

}  // namespace

bool locked_before(const reservation& a, const reservation& b) noexcept {
  return lock_place(a) < lock_place(b);
}

std::string write_reservations(std::vector<reservation> held) {
  if (held.size() > most_reservations || put_in_order(held) ||
      !std::all_of(held.begin(), held.end(), can_be_written))
    throw error(sqlstate::internal_error, "reservations of a call cannot be written");
  std::string text = "[";
  for (const reservation& one : held) {
    if (text.size() > 1) text += ", ";
    text += "{\"limit\": \"" + uuid_string(one.limit_id) + "\", \"tenant\": " + json::quoted(one.tenant_id) +
            ", \"subject\": " + json::quoted(one.subject) + ", \"slot\": " + std::to_string(one.slot) +
            ", \"window\": \"" + window_text(one.window_start) + "\", \"amount\": \"" + one.amount.text() +
            "\"}";
  }
  return text += ']';
}

std::vector<reservation> read_reservations(const json::node& stored) {
  std::vector<reservation> held;
  if (stored.is_absent()) return held;
  if (!stored.is_array() || stored.size > most_reservations)
    throw error(sqlstate::not_in_state, "the reservations of a call are damaged",
                "they are no array of at most 256 elements", mend_reservations);
  held.reserve(stored.size);
  for (std::uint32_t n = 0; n < stored.size; ++n) held.push_back(read_one(stored.element(n), n));
  if (const auto twice = put_in_order(held)) damaged(*twice, "in the order of locks names its counter twice");
  return held;
}

}  // namespace llm_admin::calls
