#include "core/webhooks/secret.hpp"

#include <optional>
#include <string>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/json/plain_utf8.hpp"
#include "core/keys/key_text.hpp"
#include "core/text.hpp"

namespace llm_admin::webhooks {

const char* secret_problem(std::string_view text) {
  if (text.empty()) return "is empty";
  if (!is_plain_utf8(text)) return "is no UTF-8 text";
  if (characters_in(text) > longest_secret) return "has more than 255 characters";
  if (const char* problem = key_problem(text)) return problem;
  if (characters_in(text) < shortest_secret) return "has fewer than 8 characters";
  if (!text.starts_with(secret_prefix)) return nullptr;
  const auto key = base64_decode_secret(text.substr(secret_prefix.size()));
  if (!key) return "holds no base64 behind whsec_";
  return key->size() < shortest_secret ? "holds fewer than 8 bytes behind whsec_" : nullptr;
}

void require_secret(std::string_view text, std::string_view what) {
  const char* problem = secret_problem(text);
  if (problem == nullptr) return;
  throw error(
      sqlstate::invalid_parameter, std::string(what) + ' ' + problem, "nothing was stored",
      "pass 8 to 255 characters without line breaks, or whsec_ and the base64 of random bytes, 24 of them at "
      "best")
      .without_context();
}

secret_bytes signing_key(std::string_view text) {
  const char* problem = secret_problem(text);
  if (problem != nullptr)
    throw error(sqlstate::not_in_state, std::string("a webhook's secret ") + problem).without_context();
  if (!text.starts_with(secret_prefix)) return secret_bytes::copy_of(as_bytes(text));
  return *base64_decode_secret(text.substr(secret_prefix.size()));
}

}  // namespace llm_admin::webhooks
