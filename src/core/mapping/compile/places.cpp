#include "core/mapping/compile/places.hpp"

#include <algorithm>

#include "core/given_name.hpp"
#include "core/json/text.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t max_place_depth = 16;

// "a.b\.c" -> a, b.c; false on an empty part or a stray escape.
bool split_place(std::string_view text, std::vector<std::string>& out) {
  std::string part;
  auto close = [&] {
    if (part.empty()) return false;
    out.push_back(std::move(part));
    part.clear();
    return true;
  };
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (text[n] == '.') {
      if (!close()) return false;
    } else if (text[n] == '\\') {
      if (++n == text.size() || (text[n] != '.' && text[n] != '\\')) return false;
      part += text[n];
    } else {
      part += text[n];
    }
  }
  return close();
}

bool hole_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > 100 || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool query_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
  });
}

template <typename key>
bool inside(const key& inner, const key& outer) {
  return inner.first == outer.first && inner.second.size() > outer.second.size() &&
         std::equal(outer.second.begin(), outer.second.end(), inner.second.begin());
}

}  // namespace

void place_compiler::add(const rule& of, const json::node& text) {
  place made;
  if (of.spread) {  // "...": its members go into the body under those of the others
    made.kind = place_kind::splice;
    out_.push_back(std::move(made));
    return;
  }
  const json::node given = text.is_object() ? text.member("path") : json::node{};
  std::string at = of.pointer;
  if (given.is_absent()) {
    made.segments.push_back(of.name);
  } else {
    json::push_token(at, "path");
    if (!read(given, at, made)) made.segments = {of.name};
  }
  // Here and among the claimed.
  std::uint64_t size = sizeof(place) + at.size();
  for (const std::string& segment : made.segments) size += sizeof(segment) + segment.size();
  rules_.charge(2 * size);
  claim(made, at);
  out_.push_back(std::move(made));
}

void place_compiler::conflicts() {
  const std::pair<const key, std::string>* before = nullptr;
  for (const auto& entry : claimed_) {
    if (before != nullptr && inside(entry.first, before->first)) {
      rules_.error(entry.second, "place_conflict",
                   "this place lies inside the place of the rule at " + nameable(before->second));
      continue;
    }
    before = &entry;
  }
}

bool place_compiler::read(const json::node& given, const std::string& at, place& made) {
  if (!given.is_string()) {
    rules_.error(at, "bad_place", "path must be the text of an output place");
    return false;
  }
  const std::string_view text = given.text();
  if (text.starts_with("url:") || text.starts_with("query:")) {
    const bool url = text.starts_with("url:");
    made.kind = url ? place_kind::url : place_kind::query;
    made.keeps_slashes = url && rules_.latest() && text.substr(4).starts_with('+');
    made.segments.emplace_back(text.substr(made.keeps_slashes ? 5 : url ? 4 : 6));
    if (url ? hole_name(made.segments[0]) : query_name(made.segments[0])) return true;
    rules_.error(at, "bad_place",
                 url ? "url: must be followed by the name of a hole (letters, digits, _)"
                     : "query: must be followed by a name without blanks");
    return false;
  }
  if (!split_place(text, made.segments) || made.segments.size() > max_place_depth) {
    rules_.error(at, "bad_place",
                 "path is names joined by points, at most 16; a point in a name is written \\.");
    made.segments.clear();
    return false;
  }
  if (made.segments[0] != "$") return true;
  rules_.error(at, "bad_place",
               "path says where the value goes and has no $; the value's own path goes in source");
  made.segments.clear();
  return false;
}

void place_compiler::claim(const place& made, const std::string& at) {
  const auto [entry, fresh] = claimed_.try_emplace({made.kind, made.segments}, at);
  if (!fresh) {
    rules_.error(at, "place_conflict", "this place is taken by the rule at " + nameable(entry->second));
  }
}

}  // namespace llm_admin::mapping
