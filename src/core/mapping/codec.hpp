// The modifiers `codec` and `strip_prefix`: one value into another.
//
//   json_decode    text -> the JSON value it holds; blanks alone are absent; a value that is no text is
//                  decoded already
//   json_encode    any value -> its compact JSON text
//   data_uri       RFC 2397 text -> {media_type, data}; the type in lower case, data is base64, whatever
//                  coding the text has
//   mime_from_url  text -> the media type that the ending of the URL's path stands for; unknown is absent
//   fit_id         text -> itself, when it is an id of the shape, else a digest of it (core/mapping/fit_id.hpp)
//   base64_decode  base64 or base64url, padded or not, white space passed over -> the text it stands for;
//                  what is no UTF-8 or holds U+0000 is refused, unless utf8_replace comes next
//   utf8_replace   text -> the same with U+FFFD for what is no character (core/json/plain_utf8.hpp)
//   trim_end       text -> the same without the ASCII white space at its end
// Prefixes are taken from texts; a value that is no text stays.
// What is made lives in `out` or borrows from `value`, whose holder must outlive it. Linear in the value.
#pragma once

#include <cstddef>
#include <string>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/rule_set.hpp"

namespace llm_admin::mapping {

// False when the value cannot be had; `why` then says so ("is no JSON"). `result` may be absent on success. A
// text longer than `max_bytes` is not made: `result` is absent and `why` is empty then, and false is given.
bool convert(const conversion& by, const json::node& value, json::tree& out, std::size_t max_bytes,
             json::node& result, std::string& why);

}  // namespace llm_admin::mapping
