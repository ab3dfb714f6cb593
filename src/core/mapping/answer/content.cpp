#include "core/mapping/answer/content.hpp"

#include <algorithm>
#include <array>

#include "core/mapping/stream/events.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 4> usual_fields = {"data", "event", "id", "retry"};
constexpr std::size_t looked_at = 16 * 1024;  // of a page
constexpr std::size_t shown = 200;

// Is it the beginning of a stream of server-sent events? Its first line says so.
bool events_begin(std::string_view text, const std::set<std::string, std::less<>>& fields) {
  // A document may be one long line: its end does not matter where a colon comes first.
  const std::size_t colon = text.find(':');
  const std::string_view before = text.substr(0, colon);
  const std::size_t end = std::min(before.find('\n'), before.find('\r'));
  const std::string_view name = trimmed(before.substr(0, end));
  if (colon == 0) return true;
  if (colon == std::string_view::npos || end != std::string_view::npos) return name == "data";
  return std::find(usual_fields.begin(), usual_fields.end(), name) != usual_fields.end() ||
         fields.contains(name);
}

bool same_name(std::string_view text, std::string_view lower) noexcept {
  if (text.size() < lower.size()) return false;
  return std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char want, char is) { return want == (is >= 'A' && is <= 'Z' ? is + 32 : is); });
}

}  // namespace

body_content content_of(std::string_view body, const std::set<std::string, std::less<>>& fields) noexcept {
  const std::string_view text = trimmed(body);
  if (text.empty()) return body_content::empty;
  if (text[0] == '<') return body_content::page;
  if (events_begin(text, fields)) return body_content::events;
  const bool json = text.find_first_of("{[\"-0123456789") == 0 || text.starts_with("true") ||
                    text.starts_with("false") || text.starts_with("null");
  return json ? body_content::json : body_content::text;
}

std::string shown_text(std::string_view body, body_content what) {
  std::string_view text = trimmed(body).substr(0, looked_at);
  if (what != body_content::page) return text_excerpt(text, shown);
  std::string out;
  while (!text.empty()) {
    const std::size_t tag = std::min(text.find('<'), text.size());
    out += text.substr(0, tag);
    text.remove_prefix(tag);
    if (text.empty()) break;
    out += ' ';
    std::size_t end = text.find('>');
    for (const std::string_view hidden : {"<script", "<style", "<!--"}) {
      if (!same_name(text, hidden)) continue;
      const std::string_view closing = hidden == "<!--"     ? "-->"
                                       : hidden == "<style" ? "</style>"
                                                            : "</script>";
      const auto begin =
          std::search(text.begin(), text.end(), closing.begin(), closing.end(),
                      [](char is, char want) { return want == (is >= 'A' && is <= 'Z' ? is + 32 : is); });
      end = begin == text.end() ? std::string_view::npos
                                : static_cast<std::size_t>(begin - text.begin()) + closing.size() - 1;
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return text_excerpt(trimmed(out), shown);
}

}  // namespace llm_admin::mapping
