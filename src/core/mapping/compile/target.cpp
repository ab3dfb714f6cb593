#include "core/mapping/compile/target.hpp"

#include <utility>

#include "core/json/parse.hpp"

namespace llm_admin::mapping {

namespace {

bool name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The end of a quoted text that begins at `at`, past its quote; npos when it does not end.
std::size_t quoted_end(std::string_view text, std::size_t at) noexcept {
  const char quote = text[at];
  for (std::size_t n = at + 1; n < text.size(); ++n) {
    if (text[n] == '\\') {
      ++n;
    } else if (text[n] == quote) {
      return n + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

bool target_reader::read(std::string_view text, std::vector<target_step>& out) {
  if (text.empty() || text[0] != '$') {
    why = "it begins with $, the document that is rebuilt";
    return false;
  }
  std::size_t at = 1;
  while (at < text.size()) {
    target_step made;
    if (text[at] == '.') {
      const std::size_t from = ++at;
      while (at < text.size() && name_char(text[at])) ++at;
      made.name = text.substr(from, at - from);
      if (made.name.empty()) return false;
    } else if (text[at] == '[') {
      if (!bracketed(text, ++at, made)) return false;
    } else {
      return false;
    }
    rules_.charge(2 * sizeof(target_step) + made.name.size());
    out.push_back(std::move(made));
  }
  return true;
}

// From past the [ to past the ].
bool target_reader::bracketed(std::string_view text, std::size_t& at, target_step& made) {
  const char first = at < text.size() ? text[at] : '\0';
  const std::size_t from = at;
  if (first == '"') {
    const std::size_t end = quoted_end(text, at);
    json::tree scratch;
    const json::item* name =
        end == std::string_view::npos ? nullptr : json::parse(text.substr(from, end - from), scratch, 1);
    if (name == nullptr) return false;
    made.name = name->text;
    at = end;
  } else if (first == '{') {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != '}') {
      end = text[end] == '"' || text[end] == '\'' ? quoted_end(text, end) : end + 1;
    }
    if (end >= text.size()) return false;
    hole(text.substr(from + 1, end - from - 1), made);
    at = end + 1;
  } else {
    std::uint64_t index = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - from < 9) {
      index = index * 10 + static_cast<std::uint64_t>(text[at++] - '0');
    }
    if (at == from || (text[from] == '0' && at - from > 1)) return false;
    made.is_index = true;
    made.index = static_cast<std::uint32_t>(index);
  }
  if (at >= text.size() || text[at] != ']') return false;
  ++at;
  return true;
}

void target_reader::hole(std::string_view path, target_step& made) {
  made.is_index = true;
  if (keyed_ && path == "key") {
    made.key = keys++;
    return;
  }
  json::tree scratch;
  made.path = rules_.one_path(json::view(scratch.string(path)), pointer_);
}

}  // namespace llm_admin::mapping
