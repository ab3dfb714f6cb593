#include "core/similar.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.hpp"

namespace llm_admin {

namespace {

constexpr std::size_t longest = 200;
using row = std::array<std::size_t, longest + 1>;

// Edits from `a` to `b` (optimal string alignment), or bound + 1 when there are more. Three rows suffice: a
// swap looks back two.
std::size_t distance(std::string_view a, std::string_view b, std::size_t bound) noexcept {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > bound) return bound + 1;
  std::array<row, 3> rows;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row& now = rows[i % 3];
    const row& above = rows[(i + 2) % 3];
    const row& before = rows[(i + 1) % 3];  // filled from i = 2 on
    now[0] = i;
    std::size_t best = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]) ? 0 : 1);
      now[j] = std::min({above[j] + 1, now[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && ascii_lower(a[i - 1]) == ascii_lower(b[j - 2]) &&
          ascii_lower(a[i - 2]) == ascii_lower(b[j - 1])) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
      best = std::min(best, now[j]);
    }
    // A swap can step over one row, so only a row well past the bound ends it early.
    if (best > bound + 1) return bound + 1;
  }
  return std::min(rows[a.size() % 3][b.size()], bound + 1);
}

}  // namespace

std::vector<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates,
                                 std::size_t most) {
  word = word.substr(0, longest);
  const std::size_t bound = std::max<std::size_t>(1, word.size() / 3);
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const std::string_view candidate : candidates) {
    const std::size_t edits = distance(word, candidate.substr(0, longest), bound);
    if (edits <= bound) found.emplace_back(edits, candidate);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& x, const auto& y) { return x.first < y.first; });
  std::vector<std::string> names;
  for (const auto& [edits, candidate] : found) {
    if (names.size() == most) break;
    names.emplace_back(candidate.substr(0, longest));
  }
  return names;
}

}  // namespace llm_admin
