// Receipts of calls, as rows of llm_calls make them and as they stand in for a row that is gone. Private to this room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "calls/answer.hpp"
#include "calls/booking.hpp"
#include "core/json/tree.hpp"
#include "store/open_call.hpp"

namespace llm_admin::calls_room {

// `is_request`: else it is a further attempt at one that is counted. Nothing, with a warning, where no key is at hand to
// sign it with, or it is too long: the call's row alone then ends it.
std::optional<std::string> receipt_of(const store::open_call& call, bool is_request, own_warnings& warnings);

// A call whose row is gone: what its row had but for reservations, and what the limits that it met are found by.
struct receipted_call {
  store::open_call call;  // its tags and access are of `kept`
  unheld_limits limits;
};
// LA002 for what is no receipt, LA004 for one that does not vouch for this call.
receipted_call call_of_receipt(const uuid_bytes& id, std::string_view text, json::tree& kept);

// The column access: why the model was allowed.
struct access_reason {
  std::string_view reason, tier;
  std::optional<uuid_bytes> rule, permission;
};
json::item* access_item(const access_reason& of, json::tree& out);

}  // namespace llm_admin::calls_room
