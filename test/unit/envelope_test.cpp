#include "core/crypto/envelope.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "core/crypto/binding.hpp"
#include "core/error.hpp"

namespace llm_admin::envelope {
namespace {

crypto::aead_key key_of(std::uint8_t fill) {
  const std::vector<std::uint8_t> raw(32, fill);
  return crypto::aead_key{byte_view(raw)};
}

key_id id_of(std::uint8_t fill) {
  key_id id;
  id.fill(fill);
  return id;
}

std::optional<std::string> opened(crypto::aead_key& key, std::string_view text, byte_view binding) {
  const auto sealed = parse(text);
  if (!sealed) return std::nullopt;
  const auto plain = open(key, *sealed, binding);
  if (!plain) return std::nullopt;
  return std::string(plain->text());
}

TEST(Envelope, RoundTripOfManySizes) {
  crypto::aead_key key = key_of(1);
  const crypto::binding place("place");
  for (const std::size_t size : {1U, 2U, 3U, 50U, 465U, 466U, 467U, 1000U, 65535U, 65536U}) {
    const std::string plain(size, 'k');
    const std::string text = seal(key, id_of(2), kind::bound, place.bytes(), as_bytes(plain));
    EXPECT_EQ(text.size(), prefix.size() + base64url_encoded_size(size + overhead));
    const auto sealed = parse(text);
    ASSERT_TRUE(sealed) << size;
    EXPECT_EQ(sealed->kind, kind::bound);
    EXPECT_EQ(sealed->key_id, id_of(2));
    EXPECT_EQ(sealed->ciphertext().size(), size);
    EXPECT_EQ(opened(key, text, place.bytes()), plain);
  }
}

TEST(Envelope, FormatIsFixed) {
  // Made once and frozen: what is stored today must open in every later version.
  crypto::aead_key key = key_of(7);
  const crypto::binding place("llm_admin/test");
  const std::string text = seal(key, id_of(0xab), kind::unbound, place.bytes(), as_bytes("x"));
  EXPECT_EQ(text.substr(0, 5 + 24), "lma1.AQGrq6urq6urq6urq6urq6ur");
  EXPECT_EQ(text.size(), min_text);
  const auto sealed = parse(text);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(hex_encode(sealed->header().first(18)), "0101" + hex_encode(id_of(0xab)));
  EXPECT_EQ(sealed->header().size(), 30U);
  EXPECT_EQ(as_text(sealed->nonce()), as_text(sealed->header().last(12)));
  EXPECT_EQ(sealed->tag().size(), 16U);
}

TEST(Envelope, PlaintextHasBounds) {
  crypto::aead_key key = key_of(1);
  for (const std::size_t size : {std::size_t{0}, max_plaintext + 1}) {
    try {
      (void)seal(key, {}, kind::unbound, {}, as_bytes(std::string(size, 'x')));
      FAIL() << size;
    } catch (const error& e) {
      EXPECT_STREQ(e.sqlstate(), sqlstate::invalid_parameter);
    }
  }
}

TEST(Envelope, NoncesAreFresh) {
  crypto::aead_key key = key_of(1);
  std::set<std::string> nonces;
  for (int i = 0; i < 200; ++i) {
    const auto sealed = parse(seal(key, {}, kind::unbound, {}, as_bytes("same")));
    nonces.emplace(as_text(sealed->nonce()));
  }
  EXPECT_EQ(nonces.size(), 200U);
}

TEST(Envelope, EverySingleBitOfTheTextCounts) {
  crypto::aead_key key = key_of(1);
  const crypto::binding place("place");
  for (const std::size_t size : {1U, 2U, 3U, 51U}) {  // each remainder of base64
    std::string text = seal(key, id_of(2), kind::bound, place.bytes(), as_bytes(std::string(size, 'k')));
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
      EXPECT_FALSE(opened(key, text, place.bytes())) << size << " bit " << bit;
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    }
    EXPECT_TRUE(opened(key, text, place.bytes()));
  }
}

TEST(Envelope, EverySingleBitOfTheBytesCounts) {
  crypto::aead_key key = key_of(1);
  const std::string text = seal(key, id_of(2), kind::bound, {}, as_bytes("sk-test-0123456789"));
  std::vector<std::uint8_t> bytes(base64url_decoded_size(text.size() - prefix.size()));
  ASSERT_TRUE(base64url_decode(std::string_view(text).substr(prefix.size()), bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(opened(key, std::string(prefix) + base64url_encode(bytes), {})) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

TEST(Envelope, EveryLastCharacterButOneIsRejected) {
  crypto::aead_key key = key_of(1);
  for (const std::size_t size : {1U, 2U, 3U}) {
    const std::string text = seal(key, id_of(2), kind::bound, {}, as_bytes(std::string(size, 'k')));
    int accepted = 0;
    for (int c = 0; c < 256; ++c) {
      std::string other = text;
      other.back() = static_cast<char>(c);
      accepted += opened(key, other, {}) ? 1 : 0;
    }
    EXPECT_EQ(accepted, 1) << size;
  }
}

TEST(Envelope, EveryTruncationAndExtensionIsRejected) {
  crypto::aead_key key = key_of(1);
  const std::string text = seal(key, id_of(2), kind::bound, {}, as_bytes("sk-test-0123456789abcdef"));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(opened(key, text.substr(0, size), {})) << size;
    EXPECT_FALSE(opened(key, text.substr(text.size() - size), {})) << size;
  }
  for (const std::string_view more : {"A", "AA", "AAA", "AAAA", "=", "==", "\n", " "}) {
    EXPECT_FALSE(opened(key, text + std::string(more), {})) << more;
  }
  EXPECT_FALSE(opened(key, " " + text, {}));
  EXPECT_FALSE(opened(key, text + std::string(1, '\0'), {}));
}

TEST(Envelope, ParseIsStrict) {
  crypto::aead_key key = key_of(1);
  const std::string text = seal(key, {}, kind::bound, {}, as_bytes("x"));
  EXPECT_FALSE(parse("LMA1." + text.substr(5)));
  EXPECT_FALSE(parse("lma2." + text.substr(5)));
  EXPECT_FALSE(parse(text.substr(5)));
  std::vector<std::uint8_t> bytes(overhead + 1, 0);
  const auto parses = [&bytes] { return parse(std::string(prefix) + base64url_encode(bytes)).has_value(); };
  for (int suite = 0; suite < 256; ++suite) {
    for (int kind = 0; kind < 256; ++kind) {
      bytes[0] = static_cast<std::uint8_t>(suite);
      bytes[1] = static_cast<std::uint8_t>(kind);
      ASSERT_EQ(parses(), suite == 1 && (kind == 1 || kind == 2)) << suite << " " << kind;
    }
  }
  bytes[0] = bytes[1] = 1;
  bytes.resize(overhead);
  EXPECT_FALSE(parses());
  bytes.resize(overhead + max_plaintext);
  EXPECT_TRUE(parses());
  bytes.resize(overhead + max_plaintext + 1);
  EXPECT_FALSE(parses());
}

TEST(Envelope, SwapMatrix) {
  // Each place differs from the first in one field only; an envelope opens in its own place and in no other.
  const std::vector<std::vector<std::string>> places = {
      {"inst-1", "llm_provider_configs", "api_key_encrypted", "openrouter", "", "https://a:443", "bearer"},
      {"inst-2", "llm_provider_configs", "api_key_encrypted", "openrouter", "", "https://a:443", "bearer"},
      {"inst-1", "llm_configs", "api_key_encrypted", "openrouter", "", "https://a:443", "bearer"},
      {"inst-1", "llm_provider_configs", "other_column", "openrouter", "", "https://a:443", "bearer"},
      {"inst-1", "llm_provider_configs", "api_key_encrypted", "openai", "", "https://a:443", "bearer"},
      {"inst-1", "llm_provider_configs", "api_key_encrypted", "", "openrouter", "https://a:443", "bearer"},
      {"inst-1", "llm_provider_configs", "api_key_encrypted", "openrouter", "tenant", "https://a:443",
       "bearer"},
      {"inst-1", "llm_provider_configs", "api_key_encrypted", "openrouter", "", "https://b:443", "bearer"},
      {"inst-1", "llm_provider_configs", "api_key_encrypted", "openrouter", "", "http://a:443", "bearer"},
      {"inst-1", "llm_provider_configs", "api_key_encrypted", "openrouter", "", "https://a:444", "bearer"},
      {"inst-1", "llm_provider_configs", "api_key_encrypted", "openrouter", "", "https://a:443",
       "query_param"}};
  crypto::aead_key key = key_of(1);
  std::vector<crypto::binding> bindings;
  std::vector<std::string> texts;
  for (const auto& fields : places) {
    crypto::binding& bound = bindings.emplace_back("llm_admin/key/v1");
    for (const std::string& field : fields) bound.add(field);
    texts.push_back(seal(key, id_of(2), kind::bound, bound.bytes(), as_bytes("secret")));
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < places.size(); ++j) {
      EXPECT_EQ(opened(key, texts[i], bindings[j].bytes()).has_value(), i == j) << i << " in " << j;
    }
  }
}

TEST(Envelope, OtherKeysDoNotOpen) {
  crypto::aead_key mine = key_of(1);
  crypto::aead_key other = key_of(2);
  const std::string text = seal(mine, {}, kind::bound, {}, as_bytes("secret"));
  EXPECT_FALSE(opened(other, text, {}));
  EXPECT_TRUE(opened(mine, text, {}));
}

TEST(Envelope, BindingsOfAnySize) {
  crypto::aead_key key = key_of(1);
  for (const std::size_t size : {0U, 479U, 480U, 481U, 100000U}) {
    const std::string place(size, 'p');
    const std::string text = seal(key, {}, kind::bound, as_bytes(place), as_bytes("secret"));
    EXPECT_EQ(opened(key, text, as_bytes(place)), "secret") << size;
    EXPECT_FALSE(opened(key, text, as_bytes(place + "p"))) << size;
  }
}

TEST(Envelope, OpenIntoNeedsTheExactSizeAndCleanses) {
  crypto::aead_key key = key_of(1);
  const auto sealed = parse(seal(key, {}, kind::unbound, {}, as_bytes("secret")));
  ASSERT_TRUE(sealed);
  std::string out(6, 'x');
  const auto room = [&out](std::size_t size) {
    return std::span(reinterpret_cast<std::uint8_t*>(out.data()), size);
  };
  EXPECT_TRUE(open_into(key, *sealed, {}, room(6)));
  EXPECT_EQ(out, "secret");
  EXPECT_FALSE(open_into(key, *sealed, {}, room(5)));
  EXPECT_EQ(out, std::string(5, '\0') + "t");
  EXPECT_FALSE(open_into(key, *sealed, as_bytes("elsewhere"), room(6)));
  EXPECT_EQ(out, std::string(6, '\0'));
}

TEST(Envelope, ParsedEnvelopesMove) {
  crypto::aead_key key = key_of(1);
  for (const std::size_t size : {6U, 2000U}) {
    auto sealed = parse(seal(key, {}, kind::unbound, {}, as_bytes(std::string(size, 's'))));
    ASSERT_TRUE(sealed);
    const envelope::sealed moved = std::move(*sealed);
    const auto plain = open(key, moved, {});
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->text(), std::string(size, 's'));
  }
}

TEST(Envelope, OneTextForEveryRejection) {
  try {
    reject();
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "LA031");
    EXPECT_EQ(e.message(), "envelope rejected");
    EXPECT_EQ(e.detail(), "wrong key, altered, truncated, or moved from the place it was sealed for");
    EXPECT_EQ(e.hint(),
              "store the key again: SELECT llm_admin.set_provider_key('<provider>', '<key>'), or SELECT "
              "llm_admin.put_llm_config('<tenant>', '{\"apiKey\": \"<key>\"}')");
  }
}

}  // namespace
}  // namespace llm_admin::envelope
