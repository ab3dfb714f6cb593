// A correction of the book: what an invoice or a late finish differs by, as amounts with a sign.
#pragma once

#include "core/usage/call.hpp"

namespace llm_admin::usage {

// The members cost_usd, input_tokens, output_tokens, cached_tokens, cache_write_tokens, cache_write_1h_tokens,
// reasoning_tokens of the object; LA002 for others, for what is no number, and where none is given.
void read_correction(const json::node& amounts, call& into);

}  // namespace llm_admin::usage
