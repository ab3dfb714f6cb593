// The receipt of a call: what begin_call() promised, signed, so that finish_call() can record a call whose row is
// gone, after a crash, a failover or a begin that was rolled back. It holds no secret, and reading it needs no key.
//
// Text: `lmr1.` and canonical base64url, without padding, of
//
//   offset 0   key id          16 bytes   the data key of the installation that it is signed under
//         16   call id         16 bytes
//         32   started at       8 bytes   microseconds since 1970-01-01T00:00:00Z, signed
//         40   flags            2 bytes   1 to 64: which values follow; 128: the tenant's own key; 256: a further
//                                         attempt at a request that is counted; 512: the rule limits the requests of a
//                                         day, only beside 32; no other bit is set
//         42   attempt          4 bytes   from 1 to 2^31 - 1
//         46   input estimate   4 bytes   tokens, from 0 to 2^31 - 1
//         50   values                     each where its flag is set, in this order: 1 the price, 8 bytes, signed; 2 the
//                                         account, 4 the access key, 8 the job, 16 the call before it, 32 the tier's rule,
//                                         64 the permission, 16 bytes each
//              twelve texts               tenant, user, team, provider, model as it is sent, its canonical id, operation,
//                                         service tier, tier, reason of access, request id, estimate; each a length of
//                                         2 bytes and so many bytes of UTF-8, at most 1,024
//              tags             1 byte    how many, at most 64; then of each its name, from 1 to 64 bytes, and its value,
//                                         from 1 to 255, as texts; by their names, none of them twice
//              models           1 byte    how many to fall back to, at most 4; then of each its name, a text of 1 byte at
//                                         least
//      the end tag             32 bytes   HMAC-SHA256 of `lmr1.` and all bytes before the tag
//
// All numbers are big-endian. The key of the HMAC is HKDF-SHA256 (RFC 5869) of the data key's 32 bytes with an empty
// salt, the info `llm_admin/receipt/v1` and 32 bytes of length. The estimate is US dollars as plain decimal text
// ("0.0125"), empty where there is none; so is each other text. Exactly one text stands for one receipt; another layout
// gets another `lmr` number.
//
// It is valid for 24 hours from started_at. One from the future is taken: it is ours, and the clock has stepped back.
//
// Errors are LA002 for a text that is no receipt, whatever it holds, and LA004 for one that does not vouch for the
// call: signed by another installation or altered, of another call, too old. The tag is compared in constant time and
// before a byte behind the key id is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/calls/options.hpp"
#include "core/crypto/envelope.hpp"
#include "core/encoding.hpp"
#include "core/uuid.hpp"

namespace llm_admin::calls {

inline constexpr std::string_view receipt_beginning = "lmr1.";
inline constexpr std::int64_t receipt_validity = std::int64_t{24} * 3600 * 1'000'000;  // microseconds
inline constexpr std::size_t longest_receipt_text = 1024;                              // bytes
inline constexpr std::size_t most_receipt_tags = 2 * most_tags;  // the key's and the call's

struct receipt_tag {
  std::string name, value;
  friend bool operator==(const receipt_tag&, const receipt_tag&) = default;
};

// Empty texts: there is none.
struct receipt {
  uuid_bytes call_id{};
  std::int64_t started_at = 0;  // microseconds since 2000-01-01T00:00:00Z, the server's epoch
  std::int32_t attempt = 1, input_estimate = 0;
  std::optional<std::int64_t> price_id;
  std::optional<uuid_bytes> account_id, key_id, job_id, parent_call_id, rule, permission;
  bool by_tenant = false;    // the tenant's own key was used
  bool is_request = true;    // counts in limits of requests
  bool rule_counts = false;  // the rule, which is there, limits the requests of a day
  std::string tenant_id, user_id, team_id, provider, model, model_id, operation, service_tier, tier, reason,
      request_id, estimate_usd;
  std::vector<receipt_tag> tags;    // by name
  std::vector<std::string> models;  // to fall back to
  friend bool operator==(const receipt&, const receipt&) = default;
};

// `key`: crypto::receipt_key() of the data key of that id. Of texts, tags or models that are too long or too many, 54000.
std::string write_receipt(const receipt& of, const envelope::key_id& data_key, byte_view key);

// The data key that a receipt names, so that its key can be had; LA002.
envelope::key_id receipt_data_key(std::string_view text);
// The receipt of that call at a time of the server's epoch; LA002, LA004.
receipt open_receipt(std::string_view text, byte_view key, const uuid_bytes& call_id, std::int64_t now);
// Where the data key is gone, or there is no receipt: LA004 for a call that nothing is known of.
[[noreturn]] void refuse_unknown_call(const uuid_bytes& call_id, std::string_view why = {});

// Without a look at the tag or the time: for tools that show what a receipt says. Nothing for what is none.
std::optional<receipt> parse_receipt(std::string_view text);

}  // namespace llm_admin::calls
