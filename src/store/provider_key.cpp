#include "store/provider_key.hpp"

#include <optional>
#include <utility>

#include "core/crypto/envelope.hpp"
#include "core/keys/redact.hpp"

namespace llm_admin::store {

key_place place_of(const provider& row) {
  return {row.name(), row.text(provider_column::base_url), row.text(provider_column::auth_scheme),
          row.text(provider_column::auth_header_template)};
}

secret_bytes key_of(const provider& row) {
  const std::string_view stored = row.text(provider_column::api_key_encrypted);
  // Ours: read once, where it is opened; LA031 when it is not bound to this place.
  if (envelope::has_prefix(stored)) return open_at(place_of(row), stored);
  const std::string name(row.name());
  refuse_key(stored, {"provider " + name, "SELECT llm_admin.set_provider_key('" + name + "', '<key>')",
                      "build_request"});
}

namespace {

// Nothing where there is no key that could be opened, so none to hide.
std::optional<secret_bytes> key_to_hide(const provider& row) {
  try {
    return key_of(row);
  } catch (const llm_admin::error& refused) {
    if (refused.is_fault()) throw;
    return std::nullopt;
  }
}

}  // namespace

std::string without_key(const provider& row, std::string text) {
  if (text.empty()) return text;
  const std::optional<secret_bytes> key = key_to_hide(row);
  if (key) return scrub(std::move(text), key->text());
  return envelope::has_prefix(row.text(provider_column::api_key_encrypted)) ? left_out : text;
}

llm_admin::error without_key(const provider& row, const llm_admin::error& from) {
  const std::optional<secret_bytes> key = key_to_hide(row);
  if (!key) return from;
  return llm_admin::error(from.sqlstate(), scrub(from.message(), key->text()),
                          scrub(from.detail(), key->text()), from.hint());
}

}  // namespace llm_admin::store
