#include "core/calls/ticket.hpp"

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/keys/random_token.hpp"

namespace llm_admin::calls {

made_ticket make_ticket(std::int64_t now) {
  made_ticket made{make_random_token(ticket_beginning), {}, now + ticket_validity};
  made.hash = crypto::sha256(as_bytes(made.text.text()));
  return made;
}

std::optional<crypto::digest> read_ticket(std::string_view text) {
  if (!has_random_token_form(text, ticket_beginning)) return std::nullopt;
  return crypto::sha256(as_bytes(text));
}

bool is_ticket_good(std::int64_t expires_at, bool used, std::int64_t now) noexcept {
  if (used || now >= expires_at) return false;
  return static_cast<std::uint64_t>(expires_at) - static_cast<std::uint64_t>(now) <=
         2 * static_cast<std::uint64_t>(ticket_validity);
}

void refuse_ticket() {
  throw error(sqlstate::call_unknown, "the ticket is not known",
              "it was used, is older than 60 seconds, or was never given out",
              "open another one: SELECT llm_admin.open_sender_ticket('<call>')");
}

}  // namespace llm_admin::calls
