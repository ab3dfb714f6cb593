// The text form of a sealed secret: `lma1.` and canonical base64url of
//
//   offset 0   suite       1 byte    1 = AES-256-GCM
//          1   kind        1 byte    1 = unbound, 2 = bound to a place
//          2   key id     16 bytes   the data key's uuid
//         18   nonce      12 bytes   random
//         30   ciphertext  n bytes   1 <= n <= 65536
//       30+n   tag        16 bytes
//
// The first 30 bytes and then the caller's binding are the additional data. One text for one envelope:
// parse() takes nothing that would not be encoded the same again. Keys here are sealing keys
// (core/crypto/wrap.hpp derives them).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/aead.hpp"
#include "core/encoding.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::envelope {

using key_id = std::array<std::uint8_t, 16>;

enum class kind : std::uint8_t { unbound = 1, bound = 2 };

inline constexpr std::string_view prefix = "lma1.";
inline constexpr std::uint8_t suite_aes_256_gcm = 1;
inline constexpr std::size_t header_size = 30;
inline constexpr std::size_t overhead = header_size + crypto::tag_size;
inline constexpr std::size_t min_plaintext = 1;
inline constexpr std::size_t max_plaintext = 65536;
inline constexpr std::size_t min_text = prefix.size() + base64url_encoded_size(overhead + min_plaintext);
inline constexpr std::size_t max_text = prefix.size() + base64url_encoded_size(overhead + max_plaintext);

// A parsed envelope, nothing verified yet. Owns its bytes: in place up to 512, on the heap beyond. Views are
// valid as long as the object and are not carried along by a move.
class sealed {
 public:
  envelope::kind kind = envelope::kind::unbound;
  envelope::key_id key_id;

  byte_view header() const noexcept { return all().first(header_size); }
  byte_view nonce() const noexcept {
    return all().subspan(header_size - crypto::nonce_size, crypto::nonce_size);
  }
  byte_view ciphertext() const noexcept { return all().subspan(header_size, size_ - overhead); }
  byte_view tag() const noexcept { return all().last(crypto::tag_size); }

  sealed() noexcept {}  // leaves the buffer as it is: filling it costs as much as parsing  NOLINT

 private:
  friend std::optional<sealed> parse(std::string_view text);

  static constexpr std::size_t small_size = 512;
  byte_view all() const noexcept { return {size_ <= small_size ? small_ : large_.data(), size_}; }

  std::size_t size_ = 0;
  std::vector<std::uint8_t> large_;
  std::uint8_t small_[small_size];
};

// Nothing when `text` is not exactly one envelope. Throws std::bad_alloc only.
std::optional<sealed> parse(std::string_view text);

// True when `text` begins like an envelope, whole or not.
inline bool has_prefix(std::string_view text) noexcept { return text.starts_with(prefix); }

// Seals under a fresh random nonce. A plaintext outside 1..65536 bytes is error{invalid_parameter}.
std::string seal(crypto::aead_key& key, const key_id& id, kind kind, byte_view binding, byte_view plaintext);

// The plaintext, or nothing for a wrong key, an altered envelope or another binding.
std::optional<secret_bytes> open(crypto::aead_key& key, const sealed& sealed, byte_view binding);

// The same without allocation (for bindings up to 480 bytes): `out` has the ciphertext's size, else false. On
// false or an error `out` is cleansed.
[[nodiscard]] bool open_into(crypto::aead_key& key, const sealed& sealed, byte_view binding,
                             std::span<std::uint8_t> out);

// Throws the one LA031 that every rejection uses, so that its text tells an attacker nothing.
[[noreturn]] void reject();
// LA031 for an envelope whose data key does not exist here. Its id is in the clear, so nothing is told that
// was secret, and storing the key again is not the first thing to try.
[[noreturn]] void reject_unknown_key();

}  // namespace llm_admin::envelope
