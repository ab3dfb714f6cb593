// Tickets for senders in the database: a random one-time id that stands for the headers of one open call, so that SQL
// text, job tables and logs of whoever sends it hold the ticket and never the key.
//
// A ticket is `lt_` and 43 characters of base64url (core/keys/random_token.hpp), good for one redemption within 60
// seconds. Its SHA-256 is stored, so that what is stored redeems nothing. A time that is reached has passed. One error,
// LA004, for a ticket that is unknown, used or too old: its row may be gone, and whoever asks learns nothing from which
// it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/crypto/primitives.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::calls {

inline constexpr std::string_view ticket_beginning = "lt_";
inline constexpr std::int64_t ticket_validity = std::int64_t{60} * 1'000'000;  // microseconds

struct made_ticket {
  secret_bytes text;
  crypto::digest hash;
  std::int64_t expires_at;  // of the clock of `now`
};
made_ticket make_ticket(std::int64_t now);

// What the row is looked up by; nothing for a text that can be no ticket.
std::optional<crypto::digest> read_ticket(std::string_view text);

// A clock that has stepped back by more than 60 seconds since it was made ends it, too, or it would live as long again.
bool is_ticket_good(std::int64_t expires_at, bool used, std::int64_t now) noexcept;
[[noreturn]] void refuse_ticket();

}  // namespace llm_admin::calls
