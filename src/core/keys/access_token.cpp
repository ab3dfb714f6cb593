#include "core/keys/access_token.hpp"

#include <algorithm>

#include "core/crypto/envelope.hpp"
#include "core/encoding.hpp"
#include "core/keys/random_token.hpp"

namespace llm_admin {

namespace {

constexpr std::string_view bytea_beginning = "\\x";

// As they stand in no header: controls, blanks, DEL.
bool breaks_a_token(char c) noexcept { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; }

const char* access_token_problem(std::string_view text) noexcept {
  if (text.empty()) return "is empty";
  if (text.size() > longest_access_token) return "has more than 8192 bytes";
  if (std::any_of(text.begin(), text.end(), breaks_a_token)) return "holds blanks or control characters";
  if (envelope::has_prefix(text)) return "is an encrypted key";
  if (text.starts_with(access_token_beginning) && !has_random_token_form(text, access_token_beginning))
    return "begins like a token of this installation and has not the form of one";
  return nullptr;
}

}  // namespace

made_access_token make_access_token() {
  made_access_token made;
  made.text = make_random_token(access_token_beginning);
  made.hash = access_token_hash(made.text.text());
  made.prefix = access_token_prefix(made.text.text());
  return made;
}

crypto::digest access_token_hash(std::string_view token) { return crypto::sha256(as_bytes(token)); }

std::string access_token_prefix(std::string_view token) {
  if (!has_random_token_form(token, access_token_beginning)) return {};
  return std::string(token.substr(0, access_token_beginning.size() + access_prefix_characters));
}

std::optional<crypto::digest> read_access_hash(std::string_view text) noexcept {
  if (text.starts_with(bytea_beginning)) text.remove_prefix(bytea_beginning.size());
  crypto::digest hash{};
  if (!hex_decode(text, hash)) return std::nullopt;
  return hash;
}

std::optional<crypto::digest> read_access_hash(byte_view bytes) noexcept {
  crypto::digest hash{};
  if (bytes.size() != hash.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

access_credential read_access_token(std::string_view text) {
  access_credential read;
  read.problem = access_token_problem(text);
  if (read.problem != nullptr) return read;
  read.form =
      text.starts_with(access_token_beginning) ? credential_form::own_token : credential_form::foreign_token;
  read.hash = access_token_hash(text);
  return read;
}

access_credential read_access_credential(std::string_view text) {
  if (const auto hash = read_access_hash(text)) return {credential_form::hash, *hash, nullptr};
  return read_access_token(text);
}

bool same_access_hash(byte_view left, byte_view right) noexcept {
  return crypto::constant_time_equal(left, right);
}

}  // namespace llm_admin
