#include <algorithm>
#include <array>
#include <utility>

#include "core/json/decimal.hpp"
#include "core/json/parse.hpp"
#include "core/mapping/path.hpp"

namespace llm_admin::mapping {

namespace {

// The provider row's facts that a mapping may need. Whatever could carry a credential is not among them.
constexpr std::array<std::string_view, 8> columns = {
    "provider_name",           "display_name",     "description", "default_model", "context_window_tokens",
    "max_output_tokens_limit", "supported_models", "http_method"};

bool letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool word_char(char c) noexcept { return letter(c) || digit(c); }
bool token_char(char c) noexcept {  // of a header name (RFC 9110), without the '.' that begins a step
  return (word_char(c) && static_cast<unsigned char>(c) < 0x80) ||
         std::string_view("!#$%&'*+-^`|~").find(c) != std::string_view::npos;
}

class path_parser {
 public:
  explicit path_parser(std::string_view text) : text_(text) {}

  // False when the text is no path; `why` and `at` say what is wrong.
  bool run(path& out) {
    if (text_.size() > max_path_bytes) return fail("a path is at most 4096 bytes long");
    return root(out) && steps(out.steps, false) && (at_ == text_.size() || fail("a step begins with . or ["));
  }

  std::string why;
  std::size_t at() const noexcept { return at_; }

 private:
  bool fail(std::string reason) {
    if (why.empty()) why = std::move(reason);
    return false;
  }

  char peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool more() const noexcept { return at_ < text_.size(); }
  void blanks() {
    while (more() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  template <typename test_type>
  std::string run_of(test_type belongs) {
    const std::size_t from = at_;
    while (more() && belongs(peek())) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }

  bool root(path& out) {
    auto is = [&](root_kind kind) {
      out.root = kind;
      return true;
    };
    if (take("$")) return is(root_kind::document);
    if (text_.substr(at_, 6) == "@index" && !word_char(peek(6)))
      return take("@index") && is(root_kind::index);
    if (text_.substr(at_, 6) == "@count" && !word_char(peek(6)))
      return take("@count") && is(root_kind::count);
    if (take("@")) return is(root_kind::item);
    if (take("^")) return is(root_kind::outer);
    static constexpr std::array<std::pair<std::string_view, root_kind>, 5> named = {
        {{"param:", root_kind::param},
         {"provider:", root_kind::provider},
         {"model:", root_kind::model},
         {"header:", root_kind::header},
         {"field:", root_kind::field}}};
    for (const auto& [prefix, kind] : named) {
      if (!take(prefix)) continue;
      out.root_name = kind == root_kind::header ? run_of(token_char)
                      : kind == root_kind::model || kind == root_kind::field
                          ? run_of([](char c) { return word_char(c) || c == '-'; })
                          : run_of(word_char);
      if (out.root_name.empty()) return fail("a name must follow \"" + std::string(prefix) + "\"");
      return is(kind);
    }
    if (text_.substr(at_, 6) == "status" && !word_char(peek(6)))
      return take("status") && is(root_kind::status);
    return fail("a path begins with $, @, ^, param:, provider:, model:, header: or status");
  }

  // `plain`: names and indices only, as inside a filter.
  bool steps(std::vector<step>& out, bool plain) {
    if (!plain && more()) out.reserve(4);  // most paths have no more
    while (more() && (peek() == '.' || peek() == '[')) {
      if (++count_ > max_path_steps) return fail("a path has at most 64 steps");
      step made;
      const std::size_t from = at_;
      if (peek() == '.' ? !dotted(made) : !bracketed(made, plain)) return false;
      if (plain && made.what != step::type::name && made.what != step::type::index) {
        at_ = from;
        return fail("a filter looks at names and indices only");
      }
      out.push_back(std::move(made));
    }
    return true;
  }

  bool dotted(step& out) {
    ++at_;
    if (peek() == '.') return fail("the step .. is not part of this language");
    if (peek() == '*') {
      ++at_;
      out.what = step::type::all;
      return true;
    }
    if (!more() || !letter(peek()))
      return fail("a member name must follow the point; other names go in [\"name\"]");
    out.name = run_of(word_char);
    if (peek() == '-') return fail("a name with - in it goes in [\"name\"]");
    return true;
  }

  bool bracketed(step& out, bool plain) {
    ++at_;
    blanks();
    bool good = false;
    if (peek() == '*') {
      ++at_;
      out.what = step::type::all;
      good = true;
    } else if (peek() == '"' || peek() == '\'') {
      good = quoted(out.name);
    } else if (peek() == '?' && !plain) {
      ++at_;
      good = filter(out);
    } else if (digit(peek()) || peek() == '-') {
      out.what = step::type::index;
      good = index(out.index);
    } else {
      return fail(plain ? "a filter looks at names and indices only"
                        : "expected an index, a quoted name, * or ? after [");
    }
    if (!good) return false;
    blanks();
    return take("]") || fail("expected ]");
  }

  bool index(std::int64_t& out) {
    const bool negative = take("-");
    const std::string digits = run_of(digit);
    const bool canonical = !digits.empty() && (digits[0] != '0' || (digits.size() == 1 && !negative));
    if (!canonical || digits.size() > 9) return fail("an index is a whole number of at most 9 digits");
    out = 0;
    for (char c : digits) out = out * 10 + (c - '0');
    if (negative) out = -out;
    return true;
  }

  bool filter(step& out) {
    blanks();
    const bool enclosed = take("(");
    blanks();
    if (!take("@")) return fail("a filter begins with @");
    if (!steps(out.inner, true)) return false;
    blanks();
    if (take("==")) {
      out.what = step::type::equal;
    } else if (take("!=")) {
      out.what = step::type::not_equal;
    } else {
      out.what = step::type::exists;
    }
    if (out.what != step::type::exists) {
      blanks();
      if (!literal(out)) return false;
      blanks();
    }
    if (enclosed && !take(")")) return fail("expected == or != and a literal, or )");
    if (!enclosed && peek() != ']') return fail("expected == or != and a literal, or ]");
    return true;
  }

  bool literal(step& out) {
    if (peek() == '"' || peek() == '\'') {
      out.literal = json::kind::string;
      return quoted(out.name);
    }
    static constexpr std::array<std::pair<std::string_view, json::kind>, 3> words = {
        {{"true", json::kind::boolean}, {"false", json::kind::boolean}, {"null", json::kind::null}}};
    for (const auto& [word, kind] : words) {
      if (text_.substr(at_, word.size()) != word || word_char(peek(word.size()))) continue;
      at_ += word.size();
      out.literal = kind;
      out.truth = word == "true";
      return true;
    }
    const std::size_t from = at_;
    out.name =
        run_of([](char c) { return digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; });
    out.literal = json::kind::number;
    if (json::equal_decimal(out.name, out.name)) return true;  // a number, and one that can be compared
    at_ = from;
    return fail("expected a string, a number, true, false or null");
  }

  // Either quote; JSON's escapes and \'. The text between is handed to the JSON parser, which checks UTF-8
  // too.
  bool quoted(std::string& out) {
    const char quote = peek();
    const std::size_t from = at_++;
    std::string as_json = "\"";
    while (more() && peek() != quote) {
      if (peek() == '\\' && peek(1) == '\'') {
        as_json += '\'';
        at_ += 2;
      } else if (peek() == '\\' && at_ + 1 < text_.size()) {
        as_json.append(text_, at_, 2);
        at_ += 2;
      } else {
        if (peek() == '"') as_json += '\\';
        as_json += text_[at_++];
      }
    }
    as_json += '"';
    json::tree scratch;
    const json::item* parsed = more() ? json::parse(as_json, scratch, 1) : nullptr;
    if (parsed == nullptr) {
      at_ = from;
      return fail("this quoted text does not end or holds a wrong escape");
    }
    ++at_;
    out = parsed->text;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<path> parse_path(std::string_view text, std::string& why, std::size_t& at) {
  path_parser parser(text);
  path result;
  if (parser.run(result)) {
    result.plain = std::all_of(result.steps.begin(), result.steps.end(), [](const step& one) {
      return one.what == step::type::name || one.what == step::type::index;
    });
    return result;
  }
  why = std::move(parser.why);
  at = parser.at();
  return std::nullopt;
}

std::span<const std::string_view> provider_columns() noexcept { return columns; }

}  // namespace llm_admin::mapping
