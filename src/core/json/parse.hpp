// JSON text (RFC 8259) into a tree: for tool arguments that a vendor sends as text, and for codecs.
//
// Null when the text is not JSON that jsonb could hold: \u0000, lone surrogates, invalid UTF-8, numbers the
// server's numeric cannot hold, nesting beyond `max_depth`. On duplicate members the last one wins, as in
// jsonb. Everything is kept in the tree; the text may go afterwards. Iterative; throws std::bad_alloc, and
// when the tree is charged to a memory_bound what that throws: it is asked before each block of the tree, and
// polled at least once for every parse_step bytes of text and of keys compared.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/json/tree.hpp"

namespace llm_admin::json {

inline constexpr std::size_t parse_depth = 256;
inline constexpr std::size_t parse_step = 16 * 1024;

item* parse(std::string_view text, tree& out, std::size_t max_depth = parse_depth);

}  // namespace llm_admin::json
