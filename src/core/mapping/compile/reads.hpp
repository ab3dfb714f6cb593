// What the rules of a compiled config read: one walk over them with abstract values in place of JSON.
//
// A rule's value is the set of places it may stand for; what a rule makes itself (fields, items, each) is
// known by its parts, so that @ of a `with` is followed through it. @, ^ and definitions are followed with
// what they stand for where they are used, once for each such context. What ends in a result, in a text or in
// a codec is taken whole. Work and memory are charged to the compiler's bound; a config whose definitions
// multiply beyond it, or beyond 262,144 places looked at, is taken to read everything.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/program.hpp"
#include "core/memory_bound.hpp"

namespace llm_admin::mapping {

// `ranges`: first rule and count, of the rules whose values are the result.
read_trie find_reads(const rule_set& rules, std::span<const std::pair<std::uint32_t, std::uint32_t>> ranges,
                     memory_bound& memory, std::vector<std::uint32_t>* by = nullptr);

// Of all rules of a request: chat, query, headers, operations. The top holds the parameters. `by`, if not
// null, gets for each place the first rule that reads it, or has none where there is too much to say.
read_trie find_reads(const request_program& program, memory_bound& memory,
                     std::vector<std::uint32_t>* by = nullptr);
// Of the extraction rules, and what the config calls noise. The top is `$`.
read_trie find_reads(const response_program& program, memory_bound& memory);

// Counts what the tokens of a pointer name as read, with all below; `*` is any element or member.
void add_pattern(read_trie& reads, const std::vector<std::string>& tokens, memory_bound& memory);

}  // namespace llm_admin::mapping
