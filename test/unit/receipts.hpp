// Receipts for the tests of calls. The vectors were made by a program of its own, after the header core/calls/receipt.hpp
// alone (Python's hmac, hashlib, base64, struct).
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "core/calls/receipt.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"

namespace llm_admin::calls::test {

inline constexpr std::string_view whole_vector =
    "lmr1."
    "EBESExQVFhcYGRobHB0eH6ChoqOkpaanqKmqq6ytrq8ABmF0xHFKQAN_AAAAAwAABLAAAAAAAAASZ8DBwsPExcbHyMnKy8zNzs-w"
    "sbKztLW2t7i5uru8vb6_kJGSk5SVlpeYmZqbnJ2en4CBgoOEhYaHiImKi4yNjo9wcXJzdHV2d3h5ent8fX5_YGFiY2RlZmdoaWpr"
    "bG1ubwAEYWNtZQAEWm_DqwAGc2VhcmNoAAlhbnRocm9waWMAEWNsYXVkZS1zb25uZXQtNC01ABthbnRocm9waWMvY2xhdWRlLXNv"
    "bm5ldC00LTUABWVtYmVkAARmbGV4AARnb2xkAAl0aWVyX3J1bGUACG9yZGVyIDE3AAYwLjAxMjUCAANlbnYABHRlc3QAB3Byb2pl"
    "Y3QABnPDvGNoZQIABmdwdC00bwALZ3B0LTRvLW1pbml51wiXI4KKLxYl4HwrvAR6bdgdV3D2G8fR8__yJnYhlw";
inline constexpr std::string_view bare_vector =
    "lmr1."
    "EBESExQVFhcYGRobHB0eH6ChoqOkpaanqKmqq6ytrq8ABmF0xHFKQAAAAAAAAQAAAAAAAAAAAAAABm9sbGFtYQAGbGxhbWEzAAAA"
    "AAAAAAAAAAAAAAAAADB8JSM8Klo_9OpvthMIFEoTWIWagU5o6r4Ada8KG1ao";
inline constexpr std::int64_t started = 849319200123456;  // 2026-11-30T02:00:00.123456Z

template <typename T>
T counted_from(std::uint8_t first) {
  T made{};
  std::iota(made.begin(), made.end(), first);
  return made;
}

inline secret_bytes signing_key() {
  std::vector<std::uint8_t> data_key(32);
  std::iota(data_key.begin(), data_key.end(), std::uint8_t{0});
  return crypto::receipt_key(data_key);
}

inline const uuid_bytes of_call = counted_from<uuid_bytes>(0xa0);
inline const envelope::key_id of_key = counted_from<envelope::key_id>(0x10);

inline receipt sample_receipt() {
  receipt of;
  of.call_id = of_call;
  of.started_at = started;
  of.attempt = 3;
  of.input_estimate = 1200;
  of.price_id = 4711;
  of.account_id = counted_from<uuid_bytes>(0xc0);
  of.key_id = counted_from<uuid_bytes>(0xb0);
  of.job_id = counted_from<uuid_bytes>(0x90);
  of.parent_call_id = counted_from<uuid_bytes>(0x80);
  of.rule = counted_from<uuid_bytes>(0x70);
  of.permission = counted_from<uuid_bytes>(0x60);
  of.is_request = false;
  of.rule_counts = true;
  of.tenant_id = "acme";
  of.user_id = "Zo\xc3\xab";
  of.team_id = "search";
  of.provider = "anthropic";
  of.model = "claude-sonnet-4-5";
  of.model_id = "anthropic/claude-sonnet-4-5";
  of.operation = "embed";
  of.service_tier = "flex";
  of.tier = "gold";
  of.reason = "tier_rule";
  of.request_id = "order 17";
  of.estimate_usd = "0.0125";
  of.tags = {{"env", "test"},
             {"project",
              "s\xc3\xbc"
              "che"}};
  of.models = {"gpt-4o", "gpt-4o-mini"};
  return of;
}

inline receipt bare_receipt() {
  receipt of;
  of.call_id = of_call;
  of.started_at = started;
  of.provider = "ollama";
  of.model = "llama3";
  return of;
}

// What is said of a text that is given for the receipt of a call.
inline std::string refused(std::string_view text, std::int64_t now = started,
                           const uuid_bytes& call = of_call) {
  const secret_bytes key = signing_key();
  try {
    (void)open_receipt(text, key.span(), call, now);
  } catch (const error& e) {
    return std::string(e.sqlstate()) + ' ' + e.message() + " | " + e.detail();
  }
  return "taken";
}

}  // namespace llm_admin::calls::test
