// JSON text (RFC 8259) into a tree: tool arguments that a vendor sends as text, codecs, whole requests and
// answers.
//
// Without options null is returned for what jsonb could not hold: \u0000, lone surrogates, invalid UTF-8,
// numbers the server's numeric cannot hold, nesting beyond `max_depth`. On duplicate members the last one
// wins, as in jsonb. Everything is kept in the tree; the text may go afterwards. Iterative; throws
// std::bad_alloc, and when the tree is charged to a memory_bound what that throws: it is asked before each
// block of the tree, and polled at least once for every parse_step bytes of text and of keys compared.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"

namespace llm_admin::json {

inline constexpr std::size_t parse_depth = 256;
inline constexpr std::size_t parse_step = 16 * 1024;

item* parse(std::string_view text, tree& out, std::size_t max_depth = parse_depth);

struct parse_options {
  std::size_t max_depth = parse_depth;
  // \u0000 becomes U+FFFD, a lone surrogate stays as the half it is, and numbers that the server's numeric
  // cannot hold stay numbers. Before a value is shown to anybody, sanitize() (utf8.hpp) replaces the halves.
  bool lenient = false;
  // Containers know the slice of `text` that they were read from (tree.hpp), but not those in which something
  // was replaced or a member was given twice. `text` must outlive the tree: it is not copied where it need
  // not be.
  bool keep_source = false;
  bool exact = false;  // with keep_source: those, too. For what goes back to whom it came from.
  // A text that ends too early gives what there was: the last text as far as it goes, a number at the end not
  // at all.
  bool partial = false;
};

struct parsed {
  item* value = nullptr;       // null: no JSON
  bool cut = false;            // the text ended before the value did
  bool more = false;           // a whole value ends at `at`, and there is text behind it
  bool too_deep = false;       // it nests beyond max_depth
  std::size_t at = 0;          // how far it was read
  std::size_t nulls = 0;       // \u0000 that were replaced
  std::size_t surrogates = 0;  // halves that stand alone
  std::size_t numbers = 0;     // that the server's numeric cannot hold
  // Of a value that was cut: the containers that were open at the end, from the outermost to the innermost.
  std::vector<const item*> open;
};

parsed parse(std::string_view text, tree& out, const parse_options& how);

}  // namespace llm_admin::json
