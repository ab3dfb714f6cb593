#include "core/key_text.hpp"

#include "core/crypto/envelope.hpp"

namespace llm_admin {

const char* key_problem(std::string_view key) noexcept {
  if (key.empty()) return "is empty";
  static_assert(envelope::max_plaintext == 65536);
  if (key.size() > envelope::max_plaintext) return "is longer than 65536 bytes";
  for (const char c : key) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) return "holds a control character";
  }
  return nullptr;
}

}  // namespace llm_admin
