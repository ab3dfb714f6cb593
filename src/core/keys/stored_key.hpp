// What a text in a key column is. An allow-list: what is not recognised for certain is refused, because
// guessing what "looks like a raw key" is not safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace llm_admin {

enum class stored_key : std::uint8_t {
  none,              // empty
  unbound_envelope,  // `lma1.`, to be bound to its row when stored
  bound_envelope,    // `lma1.`, bound to one row
  foreign,           // `<scheme>:...` sealed by the application; stored and returned untouched
  openpgp,           // pgp_sym_encrypt output, awaiting adoption
  refused            // anything else, a `lma1.` that does not parse included
};

// `foreign_schemes` is a comma list such as "kms, vault"; blanks around entries are ignored, an entry that is
// not [a-z0-9-]+ matches nothing. A foreign value has the scheme in lower case, a colon, and 1 or more
// characters, none of them a blank or a control character. `kms-stub:` counts only with `allow_stub`, listed
// or not. Throws std::bad_alloc only.
stored_key classify(std::string_view text, std::string_view foreign_schemes, bool allow_stub);

// Whether `text` has the form of something sealed, whatever the settings are: an envelope, a pgcrypto value,
// or a foreign value of any scheme that begins with a letter, has up to 32 characters and none of the
// beginnings of raw keys (sk-, pk-, key-). For loads, which come before the settings.
bool has_sealed_form(std::string_view text);

}  // namespace llm_admin
