#include "core/json/parse.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/json/decimal.hpp"

namespace llm_admin::json {

namespace {

// Bytes of the well-formed UTF-8 sequence that `text` begins with (RFC 3629), 0 when it is ill-formed.
std::size_t sequence(std::string_view text) noexcept {
  auto byte = [&](std::size_t n) { return static_cast<unsigned char>(text[n]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t n = 2; n < size; ++n) {
    if ((byte(n) & 0xC0) != 0x80) return 0;
  }
  return size;
}

// Bytes from `at` on that stand for themselves in a string: ASCII but controls, quote and backslash. Eight at
// a time: each term sets the top bit of some byte when there is one of its kind among them.
std::size_t plain_run(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101, tops = ones * 0x80;
  const std::size_t from = at;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const std::uint64_t quotes = bytes ^ (ones * '"'), slashes = bytes ^ (ones * '\\');
    const std::uint64_t controls = (bytes - ones * 0x20) & ~bytes;
    if (((bytes | controls | ((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes)) & tops) != 0) break;
  }
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
    ++at;
  }
  return at - from;
}

void append_utf8(char*& out, std::uint32_t point) {
  auto tail = [&](unsigned shift) { *out++ = static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    *out++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *out++ = static_cast<char>(0xC0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    *out++ = static_cast<char>(0xF0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// The quote that ends a string whose text begins at `from`; npos when there is none.
std::size_t closing_quote(std::string_view text, std::size_t from) noexcept {
  for (std::size_t at = text.find('"', from); at != std::string_view::npos; at = text.find('"', at + 1)) {
    std::size_t first = at;
    while (first > from && text[first - 1] == '\\') --first;
    if ((at - first) % 2 == 0) return at;
  }
  return std::string_view::npos;
}

class parser {
 public:
  parser(std::string_view text, tree& out, std::size_t max_depth)
      : text_(text), out_(out), max_depth_(max_depth), bound_(out.charged()) {}

  item* run() {
    item* top = nullptr;
    if (!value(top)) return nullptr;
    while (!open_.empty()) {
      if (!next()) return nullptr;
    }
    blanks();
    return at_ == text_.size() ? top : nullptr;
  }

 private:
  // Polls come by the text, since every value takes some of it.
  void step() {
    if (at_ < poll_at_) return;
    poll_at_ = at_ + parse_step;
    if (bound_ != nullptr) bound_->poll();
  }

  void blanks() {
    if (at_ >= text_.size() || static_cast<unsigned char>(text_[at_]) > ' ') return;
    for (std::size_t n = 1; at_ < text_.size(); ++n, ++at_) {
      const char c = text_[at_];
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
      if (n % parse_step == 0) step();
    }
  }

  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // One step inside the innermost open container: its end, or its next member or element.
  bool next() {
    item* container = open_.back();
    const bool array = container->type == kind::array;
    if (take(array ? ']' : '}')) {
      if (!array) out_.unify(container);
      open_.pop_back();
      return true;
    }
    if (container->count > 0 && !take(',')) return false;
    std::string_view key;
    if (!array) {
      blanks();
      if (!string(key) || !take(':')) return false;
    }
    item* made = nullptr;
    if (!value(made)) return false;
    array ? out_.push(container, made) : out_.append(container, key, made);
    return true;
  }

  bool value(item*& made) {
    step();
    blanks();
    if (at_ >= text_.size()) return false;
    const char c = text_[at_];
    if (c == '[' || c == '{') {
      ++at_;
      made = c == '[' ? out_.array() : out_.object();
      open_.push_back(made);
      return open_.size() <= max_depth_;
    }
    if (c == '"') {
      std::string_view text;
      if (!string(text)) return false;
      made = out_.string(text);
      return true;
    }
    if (word("true")) return made = out_.boolean(true), true;
    if (word("false")) return made = out_.boolean(false), true;
    if (word("null")) return made = out_.null(), true;
    return number(made);
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  bool number(item*& made) {
    const std::size_t from = at_;
    at_ = std::min(text_.find_first_not_of("0123456789+-.eE", at_), text_.size());
    const std::string_view text = text_.substr(from, at_ - from);
    // Beyond this the server's numeric might not take it.
    if (!is_decimal(text) || text.size() > 10000) return false;
    const std::size_t mark = text.find_first_of("eE");
    if (mark != std::string_view::npos) {
      const std::size_t first = text.find_first_of("123456789", mark);
      const std::string_view exponent = first == std::string_view::npos ? "" : text.substr(first);
      if (exponent.size() > 4 || (exponent.size() == 4 && exponent > "4000")) return false;
    }
    made = out_.number(out_.keep(text));
    return true;
  }

  bool string(std::string_view& result) {
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    ++at_;
    const std::size_t from = at_;
    at_ += plain_run(text_, at_);
    if (at_ < text_.size() && text_[at_] == '"') {  // most strings are nothing else
      result = out_.keep(text_.substr(from, at_++ - from));
      return true;
    }
    const std::size_t end = closing_quote(text_, at_);
    if (end == std::string_view::npos) return false;
    // No escape is shorter than what it stands for.
    char* const begin = out_.begin_text(end - from);
    char* to = begin;
    const auto take_over = [&](std::size_t start) {
      std::memcpy(to, text_.data() + start, at_ - start);
      to += at_ - start;
    };
    take_over(from);
    while (at_ < end) {
      if (text_[at_] == '\\') {
        if (!escape(to)) return false;
        step();
        continue;
      }
      const std::size_t start = at_;
      at_ += plain_run(text_, at_);
      if (at_ == start) {
        const std::size_t size =
            static_cast<unsigned char>(text_[at_]) >= 0x20 ? sequence(text_.substr(at_)) : 0;
        if (size == 0) return false;
        at_ += size;
      }
      take_over(start);
      step();
    }
    ++at_;
    result = out_.end_text(begin, static_cast<std::size_t>(to - begin), end - from);
    return true;
  }

  bool escape(char*& text) {
    if (at_ + 1 >= text_.size()) return false;
    static constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
    const char c = text_[at_ + 1];
    at_ += 2;
    if (c != 'u') {
      const std::size_t found = from.find(c);
      if (found == std::string_view::npos) return false;
      *text++ = to[found];
      return true;
    }
    std::uint32_t point = 0;
    if (!hex(point) || point == 0 || (point >= 0xDC00 && point < 0xE000)) return false;
    if (point >= 0xD800 && point < 0xDC00) {
      std::uint32_t low = 0;
      if (!word("\\u") || !hex(low) || low < 0xDC00 || low >= 0xE000) return false;
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(text, point);
    return true;
  }

  bool hex(std::uint32_t& value) {
    if (at_ + 4 > text_.size()) return false;
    for (const std::size_t end = at_ + 4; at_ < end; ++at_) {
      const char c = text_[at_];
      const char lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        value = value * 16 + static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        value = value * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        return false;
      }
    }
    return true;
  }

  std::string_view text_;
  tree& out_;
  std::size_t max_depth_;
  memory_bound* bound_;
  std::size_t at_ = 0;
  std::size_t poll_at_ = parse_step;
  std::vector<item*> open_;
};

}  // namespace

item* parse(std::string_view text, tree& out, std::size_t max_depth) {
  return parser(text, out, max_depth).run();
}

}  // namespace llm_admin::json
