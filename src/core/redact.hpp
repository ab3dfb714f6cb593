// How a key is shown to people: enough to tell two keys apart, not enough to use one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace llm_admin {

// The first 5 and the last 3 characters with "***" between them, for keys of 20 characters and more; "***"
// for shorter ones and for text that is not valid UTF-8. Characters are code points. Throws std::bad_alloc
// only.
std::string mask_key(std::string_view key);

// `text` with every occurrence of `secret` replaced by "***", for messages of others that may quote a key: as
// it is, percent-encoded as in a URL, or with backslashes as in JSON. Of a secret that mask_key() shows the
// beginning of, every word that begins so is replaced, which covers what a text that was cut has left of it.
// What comes back thus tells no more of a secret than its mask, the kinds of punctuation in it, and whether a
// guess is all of it. No copy of `secret` is made.
std::string scrub(std::string text, std::string_view secret);

// The first `max_bytes` bytes of a UTF-8 text at most, cut at a character's border: for names in messages.
std::string_view shortened(std::string_view text, std::size_t max_bytes) noexcept;

}  // namespace llm_admin
