#include "core/json/parse.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/json/decimal.hpp"
#include "core/json/string_scan.hpp"
#include "core/json/utf8.hpp"

namespace llm_admin::json {

namespace {

constexpr std::uint32_t replacement = 0xFFFD;
constexpr std::size_t longest_escape = 12;  // both halves of a pair

struct open_container {
  item* container;
  std::size_t from;     // where it begins in the text
  std::size_t changes;  // what had been changed by then
};

class parser {
 public:
  parser(std::string_view text, tree& out, const parse_options& how)
      : text_(text), out_(out), how_(how), bound_(out.charged()) {}

  parsed run() {
    constexpr std::size_t usual_depth = 8;
    open_.reserve(usual_depth);
    item* top = nullptr;
    bool whole = value(top);
    while (whole && !result_.cut && !open_.empty()) whole = next();
    if (result_.cut) {
      whole = how_.partial && top != nullptr;
      for (const open_container& one : open_) {
        if (!whole) break;
        if (one.container->type == kind::object) out_.unify(one.container);
        result_.open.push_back(one.container);
      }
    } else if (whole) {
      blanks();
      whole = at_ == text_.size();
      result_.more = !whole;
    }
    result_.value = whole ? top : nullptr;
    result_.at = at_;
    return result_;
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

  bool ended() {
    if (at_ < text_.size()) return false;
    return result_.cut = true;
  }

  bool take(char c) {
    blanks();
    if (ended() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // One step inside the innermost open container: its end, or its next member or element.
  bool next() {
    const open_container here = open_.back();
    item* const container = here.container;
    const bool array = container->type == kind::array;
    if (take(array ? ']' : '}')) {
      close(here);
      return true;
    }
    if (container->count > 0 && !take(',')) return false;
    std::string_view key;
    if (!array) {
      blanks();
      if (!string(key) || result_.cut || !take(':')) return false;
    }
    item* made = nullptr;
    if (!value(made)) return false;
    array ? out_.push(container, made) : out_.append(container, key, made);
    return true;
  }

  void close(const open_container& here) {
    bool as_it_came = true;
    if (here.container->type == kind::object && out_.unify(here.container)) ++changes_, as_it_came = false;
    as_it_came = as_it_came && changes_ == here.changes;
    if (how_.keep_source && (as_it_came || how_.exact))
      here.container->text = text_.substr(here.from, at_ - here.from);
    open_.pop_back();
  }

  bool value(item*& made) {
    step();
    blanks();
    if (ended()) return false;
    const char c = text_[at_];
    if (c == '[' || c == '{') {
      made = c == '[' ? out_.array() : out_.object();
      open_.push_back({made, at_++, changes_});
      result_.too_deep = open_.size() > how_.max_depth;
      return !result_.too_deep;
    }
    if (c == '"') {
      std::string_view text;
      if (!string(text)) return false;
      made = out_.string(text);
      return true;
    }
    if (c == 't' && word("true")) return made = out_.boolean(true), true;
    if (c == 'f' && word("false")) return made = out_.boolean(false), true;
    if (c == 'n' && word("null")) return made = out_.null(), true;
    return number(made);
  }

  bool word(std::string_view expected) {
    const std::string_view there = text_.substr(at_, expected.size());
    if (there != expected) {
      if (expected.starts_with(there)) at_ = text_.size();
      return false;
    }
    at_ += expected.size();
    return true;
  }

  bool number(item*& made) {
    if (ended()) return false;  // it began as a word
    const std::size_t from = at_;
    while (at_ < text_.size() && belongs_to_number(text_[at_])) ++at_;
    const std::string_view text = text_.substr(from, at_ - from);
    // At the end of the text a number may lack its last digits.
    if (text.empty() || (ended() && !open_.empty())) return false;
    result_.cut = false;
    if (!fits_numeric(text)) {
      if (!how_.lenient || !is_decimal(text)) return false;
      ++result_.numbers;
    }
    made = out_.number(kept(text));
    return true;
  }

  static bool belongs_to_number(char c) noexcept {
    return (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '+' || c == 'e' || c == 'E';
  }

  std::string_view kept(std::string_view text) { return how_.keep_source ? text : out_.keep(text); }

  bool string(std::string_view& result) {
    if (ended() || text_[at_] != '"') return false;
    ++at_;
    const std::size_t from = at_;
    at_ += plain_run(text_, at_);
    if (at_ < text_.size() && text_[at_] == '"') {  // most strings are nothing else
      result = kept(text_.substr(from, at_++ - from));
      return true;
    }
    std::size_t end = closing_quote(text_, at_);
    if (end == std::string_view::npos) {
      result_.cut = true;
      if (!how_.partial) return at_ = text_.size(), false;
      end = text_.size();
    }
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
        const std::size_t start = at_;
        if (!escape(to)) {
          if (!result_.cut || text_.size() - start > longest_escape) return false;
          at_ = end;
        }
        step();
        continue;
      }
      const std::size_t start = at_;
      at_ += plain_run(text_, at_);
      if (at_ == start) {
        const std::size_t size =
            static_cast<unsigned char>(text_[at_]) >= 0x20 ? sequence(text_.substr(at_)) : 0;
        if (size == 0) {
          if (!result_.cut || end - at_ > 3 || static_cast<unsigned char>(text_[at_]) < 0x80) return false;
          at_ = end;
          break;
        }
        at_ += size;
      }
      take_over(start);
      step();
    }
    if (!result_.cut) ++at_;
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
    if (!hex(point)) return false;
    if (point == 0) {
      if (!how_.lenient) return false;
      ++result_.nulls;
      ++changes_;
      point = replacement;
    }
    if (point >= 0xD800 && point < 0xE000) {
      const std::size_t behind = at_;
      std::uint32_t low = 0;
      if (point < 0xDC00 && word("\\u") && hex(low) && low >= 0xDC00 && low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      } else if (how_.lenient) {
        at_ = behind;
        ++result_.surrogates;
        ++changes_;
      } else {
        return false;
      }
    }
    write_utf8(text, point);
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
  const parse_options& how_;
  memory_bound* bound_;
  parsed result_;
  std::size_t changes_ = 0;  // replaced or left out so far
  std::size_t at_ = 0;
  std::size_t poll_at_ = parse_step;
  std::vector<open_container> open_;
};

}  // namespace

item* parse(std::string_view text, tree& out, std::size_t max_depth) {
  parse_options how;
  how.max_depth = max_depth;
  return parser(text, out, how).run().value;
}

parsed parse(std::string_view text, tree& out, const parse_options& how) {
  return parser(text, out, how).run();
}

}  // namespace llm_admin::json
