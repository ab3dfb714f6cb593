// How a key is shown to people: enough to tell two keys apart, not enough to use one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace llm_admin {

// The first 5 and the last 3 characters with "***" between them, for keys of 20 characters and more; "***"
// for shorter ones and for text that is not valid UTF-8. Characters are code points. Throws std::bad_alloc
// only.
std::string mask_key(std::string_view key);

// Where the mask stops and goes on showing `key`, in bytes; nothing when it shows none of it.
struct mask_parts {
  std::size_t head_end;
  std::size_t tail_start;
};
std::optional<mask_parts> mask_parts_of(std::string_view key) noexcept;

// `text` with what may be `secret` replaced by "***", for messages of others that may quote a key.
//
// Of a secret that mask_key() shows the beginning of: from each place where that beginning stands to the next
// white space, whatever stands between, so that what comes back is the same for every secret of this mask
// (but one that holds a blank after it: to the end of the line). Of others each occurrence of the whole
// secret; that a text held all of it can be told then. Looked for as it is, as one kind of escapes writes it
// (core/keys/unescape.hpp), below up to five layers of mixed ones (exactly, but for a beginning that holds '%',
// '&' or a backslash itself), and in base64 and hexadecimal; '+' counts for a blank. Linear in `text`, in a
// memory that does not grow with it but for the result. Throws std::bad_alloc only.
std::string scrub(std::string text, std::string_view secret);

// The first `max_bytes` bytes of a UTF-8 text at most, cut at a character's border: for names in messages.
std::string_view shortened(std::string_view text, std::size_t max_bytes) noexcept;

}  // namespace llm_admin
