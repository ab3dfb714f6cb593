// The modifier `codec`: one value into another.
//
//   json_decode    text -> the JSON value it holds; blanks alone are absent; a value that is no text is
//                  decoded already
//   json_encode    any value -> its compact JSON text
//   data_uri       RFC 2397 text -> {media_type, data}; data is base64, whatever coding the text has
//   mime_from_url  text -> the media type that the ending of the URL's path stands for; unknown is absent
// What is made lives in `out` or borrows from `value`, whose holder must outlive it. Linear in the value.
#pragma once

#include <cstddef>
#include <string>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

// False when the value cannot be had; `why` then says so ("is no JSON"). `result` may be absent on success. A
// text longer than `max_bytes` is not made: `result` is absent and `why` is empty then, and false is given.
bool apply_codec(codec_kind codec, const json::node& value, json::tree& out, std::size_t max_bytes,
                 json::node& result, std::string& why);

}  // namespace llm_admin::mapping
