#include "core/glob.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace llm_admin {

namespace {

constexpr std::size_t none = std::string_view::npos;

// Stands for `?` among characters; no bytes of a text make it.
constexpr std::uint32_t any_character = 0xFFFFFFFF;

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The bytes of one character, and where the next one begins.
std::uint32_t next_character(std::string_view text, std::size_t& at) noexcept {
  std::uint32_t bytes = static_cast<unsigned char>(text[at++]);
  while (at < text.size() && continues(text[at]) && bytes <= 0xFFFFFF)
    bytes = bytes << 8 | static_cast<unsigned char>(text[at++]);
  return bytes;
}

// How many bytes at the beginning of the text a piece without `*` takes; none where it does not stand there.
std::size_t length_at_start(std::string_view piece, std::string_view text) noexcept {
  std::size_t at = 0;
  for (std::size_t n = 0; n < piece.size();) {
    if (at == text.size()) return none;
    const bool any = piece[n] == '?';
    const std::uint32_t wanted = next_character(piece, n);
    if (next_character(text, at) != wanted && !any) return none;
  }
  return at;
}

bool is_whole(std::string_view piece, std::string_view text) noexcept {
  return length_at_start(piece, text) == text.size();
}

// Where a piece without `*` begins that ends with the text.
std::size_t start_at_end(std::string_view piece, std::string_view text) noexcept {
  std::size_t at = text.size();
  for (std::size_t n = 0; n < piece.size();) {
    if (at == 0) return none;
    (void)next_character(piece, n);
    do --at;
    while (at > 0 && continues(text[at]));
  }
  return is_whole(piece, text.substr(at)) ? at : none;
}

// Shift-And (Baeza-Yates and Gonnet, 1992): bit n of `state` says that the first n + 1 characters of the piece
// end here.
class shift_and {
 public:
  explicit shift_and(std::string_view piece) {
    std::vector<std::uint32_t> characters;
    for (std::size_t n = 0; n < piece.size();) {
      const bool any = piece[n] == '?';
      const std::uint32_t character = next_character(piece, n);
      characters.push_back(any ? any_character : character);
    }
    length_ = characters.size();
    words_ = (length_ + 63) / 64;
    any_.resize(words_);
    alphabet_ = characters;
    std::sort(alphabet_.begin(), alphabet_.end());
    alphabet_.erase(std::unique(alphabet_.begin(), alphabet_.end()), alphabet_.end());
    places_.resize(words_ * alphabet_.size());
    for (std::size_t n = 0; n < length_; ++n) {
      if (characters[n] == any_character) any_[n / 64] |= bit(n);
      places_[row_of(characters[n]) * words_ + n / 64] |= bit(n);
    }
  }

  // Where the first one ends.
  std::size_t first_end(std::string_view text) const {
    std::vector<std::uint64_t> state(words_);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t row = row_of(next_character(text, at));
      std::uint64_t carried = 1;
      for (std::size_t w = 0; w < words_; ++w) {
        const std::uint64_t shifted = state[w] << 1 | carried;
        carried = state[w] >> 63;
        state[w] = shifted & (any_[w] | (row == none ? 0 : places_[row * words_ + w]));
      }
      if ((state[words_ - 1] & bit(length_ - 1)) != 0) return at;
    }
    return none;
  }

 private:
  static std::uint64_t bit(std::size_t n) noexcept { return std::uint64_t{1} << n % 64; }
  std::size_t row_of(std::uint32_t character) const noexcept {
    const auto found = std::lower_bound(alphabet_.begin(), alphabet_.end(), character);
    return found == alphabet_.end() || *found != character
               ? none
               : static_cast<std::size_t>(found - alphabet_.begin());
  }

  std::size_t length_ = 0, words_ = 0;
  std::vector<std::uint32_t> alphabet_;
  std::vector<std::uint64_t> places_, any_;
};

// Where the first place of a piece in the text ends; the piece is not empty.
std::size_t first_end(std::string_view piece, std::string_view text) {
  if (piece.find('?') != none) return shift_and(piece).first_end(text);
  // The C library's takes time in proportion to both, which that of string_view does not.
  const void* found = memmem(text.data(), text.size(), piece.data(), piece.size());
  if (found == nullptr) return none;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + piece.size();
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t star = pattern.find('*');
  if (star == none) return is_whole(pattern, text);
  const std::size_t taken = length_at_start(pattern.substr(0, star), text);
  if (taken == none) return false;
  text.remove_prefix(taken);
  // Each piece between two stars is taken where it stands first: that leaves the most for those behind it.
  for (;;) {
    pattern.remove_prefix(std::min(pattern.find_first_not_of('*', star), pattern.size()));
    star = pattern.find('*');
    if (star == none) return start_at_end(pattern, text) != none;
    const std::size_t end = first_end(pattern.substr(0, star), text);
    if (end == none) return false;
    text.remove_prefix(end);
  }
}

std::size_t literals_in_glob(std::string_view pattern) noexcept {
  std::size_t count = 0;
  for (const char c : pattern) count += c != '*' && c != '?' && !continues(c) ? 1 : 0;
  return count;
}

std::string_view star_in_glob(std::string_view pattern, std::string_view text) noexcept {
  const std::size_t star = pattern.find('*');
  if (star == none) return {};
  const std::size_t begin = length_at_start(pattern.substr(0, star), text);
  const std::size_t end = start_at_end(pattern.substr(star + 1), text);
  return begin == none || end == none || end < begin ? std::string_view() : text.substr(begin, end - begin);
}

}  // namespace llm_admin
