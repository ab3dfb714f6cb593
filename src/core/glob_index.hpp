// Many globs (core/glob.hpp) in an order: which is the first that matches a text, and which are all that do.
//
// The time hardly depends on how many there are. Each pattern is filed under one of its pieces without a
// wildcard, the one that the fewest others have; only those are tried whose piece stands in the text where it
// must. The index owns its patterns. Throws std::bad_alloc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/function_ref.hpp"

namespace llm_admin {

class glob_index {
 public:
  using number = std::uint32_t;  // of a pattern, in the order given

  glob_index() = default;
  // `patterns` need not outlive it.
  explicit glob_index(const std::vector<std::string_view>& patterns);
  glob_index(glob_index&&) = default;
  glob_index& operator=(glob_index&&) = default;

  // The first pattern that matches and that `accepts` takes; nothing where none does.
  std::optional<number> first(std::string_view text, function_ref<bool(number)> accepts) const;
  std::optional<number> first(std::string_view text) const {
    return first(text, [](number) { return true; });
  }
  // All patterns that match, in no order. Returns how many were compared with the text.
  std::size_t each(std::string_view text, function_ref<void(number)> visit) const;
  std::string_view pattern(number n) const noexcept {
    return {texts_.data() + ends_[n], ends_[n + 1] - ends_[n]};
  }
  std::size_t size() const noexcept { return ends_.empty() ? 0 : ends_.size() - 1; }

 private:
  // Where in a text a piece must stand.
  enum place : std::uint8_t { whole, at_start, at_end, anywhere, places };
  struct piece {
    place where;
    std::string_view text;
  };
  struct bucket {
    std::uint32_t count = 0;  // patterns that have this piece, then: that are filed here
    std::uint32_t begin = 0;  // in filed_
  };
  using buckets = std::unordered_map<std::string_view, bucket>;

  static void each_piece(std::string_view pattern, function_ref<void(const piece&)> visit);
  piece rarest_piece(std::string_view pattern) const;
  template <class Visit>
  void each_bucket(std::string_view text, const Visit& visit) const;

  std::vector<char> texts_;  // the maps' keys are views of it, also when the index is moved
  std::vector<std::size_t> ends_;
  buckets filed_by_[places];
  std::vector<std::size_t> lengths_[places];  // of the pieces of a place, each once
  std::vector<number> filed_;                 // of each bucket, ascending
};

}  // namespace llm_admin
