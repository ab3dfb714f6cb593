// Takes a key out of what a vendor wrote, for callers that know the key.
//
// A key can stand in a text anywhere, and JSON escapes it in many ways, so that it is looked for in the values
// and never in JSON text: what comes out is JSON again. What a filter may replace differs. In an error all that
// may be a key can go. In what is sent back to the vendor only the whole key may: anything else there was
// meant.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"

namespace llm_admin::mapping {

enum class vendor_text : std::uint8_t { error, part, state };

// False when there is nothing to take out; else `without` is the text to show.
using key_filter = std::function<bool(vendor_text what, std::string_view text, std::string& without)>;

// `value` borrowed, or a copy in `out` with each text and each name of a member filtered when one has to be;
// `found` is then true, and else as it was. An empty filter finds nothing. Linear, iterative.
json::item* without_key(const json::node& value, vendor_text what, const key_filter& filter, json::tree& out,
                        bool& found);

}  // namespace llm_admin::mapping
