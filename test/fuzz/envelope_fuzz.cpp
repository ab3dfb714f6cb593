// Any text: parse() takes only canonical envelopes, and none of them opens under a key that did not make it.
// The other readers of key columns see the same text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/crypto/envelope.hpp"
#include "core/http/url.hpp"
#include "core/keys/openpgp.hpp"
#include "core/keys/redact.hpp"
#include "core/keys/stored_key.hpp"

using namespace llm_admin;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_envelope(std::string_view text) {
  const auto sealed = envelope::parse(text);
  if (!sealed) return;
  std::string again(envelope::prefix);
  std::string bytes(as_text(sealed->header()));
  bytes += as_text(sealed->ciphertext());
  bytes += as_text(sealed->tag());
  base64url_append(again, as_bytes(bytes));
  require(again == text);
  const std::uint8_t raw[32] = {1};
  crypto::aead_key key{byte_view(raw)};
  require(!envelope::open(key, *sealed, as_bytes("place")));
}

void check_seal(byte_view input) {
  if (input.empty() || input.size() > 2000) return;
  const std::uint8_t raw[32] = {2};
  crypto::aead_key key{byte_view(raw)};
  std::string text = envelope::seal(key, {}, envelope::kind::bound, input, input);
  const auto opened = envelope::open(key, envelope::parse(text).value(), input);
  require(opened && opened->text() == as_text(input));
  // One character changed, where the input says.
  char& changed = text[input[0] % text.size()];
  changed = changed == 'A' ? 'B' : 'A';
  const auto parsed = envelope::parse(text);
  require(!parsed || !envelope::open(key, *parsed, input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const byte_view input(data, size);
  const std::string_view text = as_text(input);
  check_envelope(text);
  check_envelope(std::string(envelope::prefix) + base64url_encode(input));
  check_envelope(std::string(envelope::prefix) + std::string(text));
  check_seal(input);

  const stored_key found = classify(text, "kms, vault", false);
  require((found == stored_key::none) == text.empty());
  (void)decode_openpgp(text);
  const bool by_bytes = decode_openpgp("\\x" + hex_encode(input)).has_value();
  require(by_bytes == (classify(hex_encode(input), "", false) == stored_key::openpgp));
  require(mask_key(text).size() <= 3 + 8 * 4);

  const std::string canonical = origin(text);
  require(canonical.empty() == !parse_url(text).problems.empty());
  require(canonical.empty() || origin(canonical) == canonical);
  const std::size_t half = size / 2;
  (void)join_url(text.substr(0, half), text.substr(half));
  (void)base_url_problems(text.substr(0, half), text.substr(half));
  return 0;
}
