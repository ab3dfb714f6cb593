#include "core/crypto/envelope.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"

namespace llm_admin::envelope {

namespace {

constexpr std::size_t kind_offset = 1;
constexpr std::size_t id_offset = 2;
constexpr std::size_t nonce_offset = 18;
static_assert(nonce_offset + crypto::nonce_size == header_size);

// Header and binding in one run of bytes, on the stack for usual sizes.
class additional_data {
 public:
  additional_data(byte_view header, byte_view binding) : size_(header.size() + binding.size()) {
    if (size_ > sizeof small_) large_.resize(size_);
    std::uint8_t* to = size_ > sizeof small_ ? large_.data() : small_;
    std::copy(binding.begin(), binding.end(), std::copy(header.begin(), header.end(), to));
  }
  byte_view bytes() const noexcept { return {size_ > sizeof small_ ? large_.data() : small_, size_}; }

 private:
  std::size_t size_;
  std::vector<std::uint8_t> large_;
  std::uint8_t small_[header_size + 480];
};

}  // namespace

std::optional<sealed> parse(std::string_view text) {
  std::optional<sealed> result(std::in_place);
  if (!has_prefix(text) || text.size() < min_text || text.size() > max_text) return std::nullopt;
  text.remove_prefix(prefix.size());

  sealed& envelope = *result;
  const std::size_t size = base64url_decoded_size(text.size());
  if (size > sealed::small_size) envelope.large_.resize(size);
  std::uint8_t* bytes = size > sealed::small_size ? envelope.large_.data() : envelope.small_;
  // The strict decoder takes only what encodes to the same text again.
  if (base64url_decode(text, {bytes, size}) != size) return std::nullopt;
  envelope.size_ = size;

  if (bytes[0] != suite_aes_256_gcm) return std::nullopt;
  const auto kind_byte = static_cast<envelope::kind>(bytes[kind_offset]);
  if (kind_byte != kind::unbound && kind_byte != kind::bound) return std::nullopt;
  envelope.kind = kind_byte;
  std::copy_n(bytes + id_offset, envelope.key_id.size(), envelope.key_id.begin());
  return result;
}

std::string seal(crypto::aead_key& key, const key_id& id, envelope::kind kind, byte_view binding,
                 byte_view plaintext) {
  if (plaintext.size() < min_plaintext || plaintext.size() > max_plaintext) {
    throw error(sqlstate::invalid_parameter, "key cannot be sealed",
                "a key has 1 to 65536 bytes, this one has " + std::to_string(plaintext.size()));
  }
  std::vector<std::uint8_t> bytes(overhead + plaintext.size());
  const std::span<std::uint8_t> all(bytes);
  bytes[0] = suite_aes_256_gcm;
  bytes[kind_offset] = static_cast<std::uint8_t>(kind);
  std::copy(id.begin(), id.end(), all.subspan(id_offset).begin());
  crypto::random_bytes(all.subspan(nonce_offset, crypto::nonce_size));
  const byte_view header = all.first(header_size);
  key.seal(header.subspan(nonce_offset), additional_data(header, binding).bytes(), plaintext,
           all.subspan(header_size, plaintext.size()), all.last(crypto::tag_size));
  std::string text;
  text.reserve(prefix.size() + base64url_encoded_size(bytes.size()));
  text = prefix;
  base64url_append(text, bytes);
  return text;
}

bool open_into(crypto::aead_key& key, const sealed& sealed, byte_view binding, std::span<std::uint8_t> out) {
  return key.open(sealed.nonce(), additional_data(sealed.header(), binding).bytes(), sealed.ciphertext(),
                  sealed.tag(), out);
}

std::optional<secret_bytes> open(crypto::aead_key& key, const sealed& sealed, byte_view binding) {
  std::optional<secret_bytes> plaintext(std::in_place, sealed.ciphertext().size());
  if (!open_into(key, sealed, binding, plaintext->span())) return std::nullopt;
  return plaintext;
}

namespace {
constexpr const char* how_to_store =
    "SELECT llm_admin.set_provider_key('<provider>', '<key>'), or SELECT "
    "llm_admin.put_llm_config('<tenant>', '{\"apiKey\": \"<key>\"}')";
}  // namespace

void reject() {
  throw error(sqlstate::envelope_rejected, "envelope rejected",
              "wrong key, altered, truncated, or moved from the place it was sealed for",
              std::string("store the key again: ") + how_to_store);
}

void reject_unknown_key() {
  throw error(
      sqlstate::envelope_rejected, "envelope rejected",
      "the data key that it names is not in this database: llm_admin.data_keys was not restored with "
      "it, or the data key was destroyed",
      std::string("restore llm_admin.data_keys and llm_admin.root_keys from the same dump before anything "
                  "else is sealed here, else store the key again: ") +
          how_to_store);
}

}  // namespace llm_admin::envelope
