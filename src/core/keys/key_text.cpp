#include "core/keys/key_text.hpp"

#include <string>

#include "core/crypto/envelope.hpp"
#include "core/error.hpp"

namespace llm_admin {

const char* key_problem(std::string_view key) noexcept {
  if (key.empty()) return "is empty";
  static_assert(envelope::max_plaintext == 65536);
  if (key.size() > envelope::max_plaintext) return "is longer than 65536 bytes";
  for (const char c : key) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) return "holds a control character";
  }
  if (envelope::has_prefix(key)) return "is an envelope already";
  return nullptr;
}

void require_key(std::string_view key) {
  const char* problem = key_problem(key);
  if (problem == nullptr) return;
  throw error(
      sqlstate::invalid_parameter, std::string("the key ") + problem, "nothing was stored",
      "pass the key alone, without line breaks; an envelope goes into api_key_encrypted by UPDATE, and NULL "
      "there removes a key");
}

}  // namespace llm_admin
