// "Did you mean": the candidates nearest to a misspelt word, for HINTs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llm_admin {

// At most `most` candidates within max(1, length of word / 3) edits of `word`, nearest first, ties in the
// order given. An edit inserts, deletes or replaces a byte or swaps two neighbours (Damerau-Levenshtein,
// optimal string alignment); ASCII case is ignored. Both sides are cut at 200 bytes. Throws std::bad_alloc
// only.
std::vector<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates,
                                 std::size_t most = 3);

}  // namespace llm_admin
