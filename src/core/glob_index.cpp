#include "core/glob_index.hpp"

#include <algorithm>

#include "core/glob.hpp"

namespace llm_admin {

glob_index::glob_index(const std::vector<std::string_view>& patterns) {
  std::size_t bytes = 0;
  for (const std::string_view one : patterns) bytes += one.size();
  texts_.reserve(bytes);
  ends_.push_back(0);
  for (const std::string_view one : patterns) {
    texts_.insert(texts_.end(), one.begin(), one.end());
    ends_.push_back(texts_.size());
  }
  const auto count = static_cast<number>(patterns.size());
  for (number n = 0; n < count; ++n)
    each_piece(pattern(n), [&](const piece& one) { ++filed_by_[one.where][one.text].count; });
  std::vector<piece> chosen;
  chosen.reserve(count);
  for (number n = 0; n < count; ++n) chosen.push_back(rarest_piece(pattern(n)));
  for (buckets& all : filed_by_) all.clear();
  for (const piece& one : chosen) ++filed_by_[one.where][one.text].count;
  std::uint32_t begin = 0;
  for (int where = 0; where < places; ++where)
    for (auto& [text, of] : filed_by_[where]) {
      of.begin = begin;
      begin += of.count;
      of.count = 0;
      lengths_[where].push_back(text.size());
    }
  filed_.resize(count);
  for (number n = 0; n < count; ++n) {
    bucket& of = filed_by_[chosen[n].where][chosen[n].text];
    filed_[of.begin + of.count++] = n;
  }
  for (std::vector<std::size_t>& of : lengths_) {
    std::sort(of.begin(), of.end());
    of.erase(std::unique(of.begin(), of.end()), of.end());
  }
}

// One without a literal character has the empty piece anywhere, which stands in every text.
void glob_index::each_piece(std::string_view pattern, function_ref<void(const piece&)> visit) {
  if (is_literal_glob(pattern)) return visit({whole, pattern});
  bool any = false;
  for (std::size_t begin = 0; begin < pattern.size();) {
    begin = pattern.find_first_not_of("*?", begin);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(pattern.find_first_of("*?", begin), pattern.size());
    visit({begin == 0              ? at_start
           : end == pattern.size() ? at_end
                                   : anywhere,
           pattern.substr(begin, end - begin)});
    any = true;
    begin = end;
  }
  if (!any) visit({anywhere, pattern.substr(0, 0)});
}

glob_index::piece glob_index::rarest_piece(std::string_view pattern) const {
  piece best{anywhere, {}};
  std::uint32_t others = ~std::uint32_t{0};
  each_piece(pattern, [&](const piece& one) {
    const std::uint32_t count = filed_by_[one.where].find(one.text)->second.count;
    if (count > others || (count == others && one.text.size() <= best.text.size())) return;
    best = one;
    others = count;
  });
  return best;
}

template <class Visit>
void glob_index::each_bucket(std::string_view text, const Visit& visit) const {
  const auto look = [&](place where, std::string_view part) {
    const auto found = filed_by_[where].find(part);
    if (found != filed_by_[where].end()) visit(found->second);
  };
  look(whole, text);
  for (const std::size_t length : lengths_[at_start]) {
    if (length > text.size()) break;
    look(at_start, text.substr(0, length));
  }
  for (const std::size_t length : lengths_[at_end]) {
    if (length > text.size()) break;
    look(at_end, text.substr(text.size() - length));
  }
  for (const std::size_t length : lengths_[anywhere]) {
    if (length > text.size()) break;
    const std::size_t starts = length == 0 ? 1 : text.size() - length + 1;
    for (std::size_t at = 0; at < starts; ++at) look(anywhere, text.substr(at, length));
  }
}

std::optional<glob_index::number> glob_index::first(std::string_view text,
                                                    function_ref<bool(number)> accepts) const {
  constexpr number no_match = ~number{0};
  number best = no_match;
  if (filed_.empty()) return std::nullopt;
  each_bucket(text, [&](const bucket& of) {
    for (std::uint32_t at = of.begin; at < of.begin + of.count && filed_[at] < best; ++at)
      if (glob_matches(pattern(filed_[at]), text) && accepts(filed_[at])) best = filed_[at];
  });
  return best == no_match ? std::nullopt : std::optional(best);
}

std::size_t glob_index::each(std::string_view text, function_ref<void(number)> visit) const {
  std::size_t compared = 0;
  if (filed_.empty()) return compared;
  each_bucket(text, [&](const bucket& of) {
    compared += of.count;
    for (std::uint32_t at = of.begin; at < of.begin + of.count; ++at)
      if (glob_matches(pattern(filed_[at]), text)) visit(filed_[at]);
  });
  return compared;
}

}  // namespace llm_admin
