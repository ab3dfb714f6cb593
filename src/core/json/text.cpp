#include "core/json/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/json/string_scan.hpp"
#include "core/json/tree.hpp"

namespace llm_admin::json {

namespace {

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t run = unescaped_run(text, at);
    out.append(text, at, run);
    at += run;
    if (at == text.size()) break;
    const char c = text[at];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += hex[(c >> 4) & 15];
        out += hex[c & 15];
    }
  }
  out += '"';
}

// Bytes that each byte takes inside quotes. A table, because every output is measured.
constexpr std::array<std::uint8_t, 256> quoted_cost = [] {
  std::array<std::uint8_t, 256> cost{};
  for (std::size_t byte = 0; byte < cost.size(); ++byte) cost[byte] = byte < 0x20 ? 6 : 1;
  for (const char c : {'"', '\\', '\n', '\r', '\t'}) cost[static_cast<unsigned char>(c)] = 2;
  return cost;
}();

std::size_t quoted_size(std::string_view text) noexcept {
  std::size_t size = 2;
  for (const char c : text) size += quoted_cost[static_cast<unsigned char>(c)];
  return size;
}

// Walks a value in document order and hands its text to `sink` piece by piece, until the sink says stop.
template <typename sink_type>
void walk(const node& value, sink_type& sink) {
  struct frame {
    node container;
    std::uint32_t at;
  };
  std::vector<frame> open;
  if (value.is_array() || value.is_object()) open.reserve(8);  // few values are deeper
  auto one = [&](const node& here) {
    if (const std::string_view source = sink.source(here); !source.empty()) return sink.raw(source);
    if (here.is_array() || here.is_object()) {
      sink.raw(here.is_array() ? "[" : "{");
      open.push_back({here, 0});
      return sink.depth(open.size());
    }
    switch (here.type) {
      case kind::string:
        return sink.string(here.text());
      case kind::number:
        return sink.raw(here.number_text());
      case kind::boolean:
        return sink.raw(here.truth() ? "true" : "false");
      default:
        return sink.raw("null");
    }
  };
  if (!one(value)) return;
  while (!open.empty()) {
    frame& here = open.back();
    const bool array = here.container.is_array();
    if (here.at == here.container.size) {
      if (!sink.raw(array ? "]" : "}")) return;
      open.pop_back();
      continue;
    }
    if (here.at > 0) sink.raw(",");
    std::string_view key;
    const std::uint32_t at = here.at++;
    const node next = array ? here.container.element(at) : here.container.member_at(at, key);
    if (!array && (!sink.string(key) || !sink.raw(":"))) return;
    if (!one(next)) return;
  }
}

struct text_sink {
  std::string out;
  std::size_t most;
  bool verbatim = false;
  std::string_view source(const node& value) const noexcept {
    const item* ours = verbatim ? item_of(value) : nullptr;
    return ours != nullptr ? ours->text : std::string_view{};
  }
  bool raw(std::string_view text) {
    out += text;
    return out.size() <= most;
  }
  bool string(std::string_view text) {
    if (out.size() + text.size() > most) {  // too long in any case: keep what an excerpt may show
      append_quoted(out, text.substr(0, most > out.size() ? most - out.size() + 4 : 0));
      out.append(most + 1 > out.size() ? most + 1 - out.size() : 0, ' ');
      return false;
    }
    append_quoted(out, text);
    return out.size() <= most;
  }
  bool depth(std::size_t) const { return out.size() <= most; }
};

struct count_sink {
  extent result;
  std::size_t max_bytes;
  std::size_t max_depth;
  static std::string_view source(const node&) noexcept { return {}; }
  bool add(std::size_t bytes) {
    result.bytes += bytes;
    if (result.bytes > max_bytes) result.within = false;
    return result.within;
  }
  bool raw(std::string_view text) { return add(text.size()); }
  bool string(std::string_view text) { return add(quoted_size(text)); }
  bool depth(std::size_t open) {
    if (open > result.depth) result.depth = open;
    if (open > max_depth) result.within = false;
    return result.within;
  }
};

// The longest text of a number in jsonb: 131,072 digits before the point, 16,383 after it.
constexpr std::uint64_t longest_number = 150'000;

bool spend(std::uint64_t& left, std::uint64_t bytes) noexcept {
  if (bytes > left) return false;
  left -= bytes;
  return true;
}

bool surely_fits(const node& value, std::size_t levels, std::uint64_t& left) noexcept {
  if (value.is_string()) return spend(left, 6 * std::uint64_t{value.size} + 2);
  const item* ours = item_of(value);
  if (value.is_number()) {
    const bool plain = ours != nullptr && std::none_of(ours->text.begin(), ours->text.end(),
                                                       [](char c) { return c == 'e' || c == 'E'; });
    return spend(left, plain ? ours->text.size() : longest_number);
  }
  if (!value.is_object() && !value.is_array()) return spend(left, 5);
  if (levels == 0 || !spend(left, 2)) return false;
  const auto part = [&](std::string_view key, const node& child) {
    return spend(left, 6 * std::uint64_t{key.size()} + 4) && surely_fits(child, levels - 1, left);
  };
  if (ours != nullptr) {
    for (const item* child : ours->children()) {
      if (!part(child->key, view(child))) return false;
    }
    return true;
  }
  for (std::uint32_t n = 0; n < value.size; ++n) {
    std::string_view key;
    const node child = value.is_array() ? value.element(n) : value.member_at(n, key);
    if (!part(key, child)) return false;
  }
  return true;
}

std::string escaped(std::string_view token) {
  std::string out;
  for (char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> write(const node& value, std::size_t max_bytes) {
  text_sink sink{{}, max_bytes};
  walk(value, sink);
  if (sink.out.size() > max_bytes) return std::nullopt;
  return std::move(sink.out);
}

std::optional<std::string> write_text(const node& value, std::size_t max_bytes) {
  constexpr std::size_t usual_body = 1024;
  text_sink sink{{}, max_bytes, true};
  sink.out.reserve(std::min(usual_body, max_bytes));
  walk(value, sink);
  if (sink.out.size() > max_bytes) return std::nullopt;
  return std::move(sink.out);
}

std::string excerpt(const node& value, std::size_t max_bytes) {
  text_sink sink{{}, max_bytes};
  walk(value, sink);
  if (sink.out.size() <= max_bytes) return std::move(sink.out);
  std::size_t cut = max_bytes;
  while (cut > 0 && (static_cast<unsigned char>(sink.out[cut]) & 0xC0) == 0x80) --cut;
  return sink.out.substr(0, cut) + "...";
}

extent measure(const node& value, std::size_t max_bytes, std::size_t max_depth) {
  count_sink sink{{}, max_bytes, max_depth};
  walk(value, sink);
  return sink.result;
}

bool surely_within(const node& value, std::uint64_t max_bytes, std::size_t max_depth) noexcept {
  return surely_fits(value, max_depth, max_bytes);
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void push_token(std::string& pointer, std::string_view token) {
  pointer += '/';
  if (token.find_first_of("~/") == std::string_view::npos) {
    pointer += token;
  } else {
    pointer += escaped(token);
  }
}
void push_token(std::string& pointer, std::size_t index) { (pointer += '/') += std::to_string(index); }

std::string child(std::string_view pointer, std::string_view token) {
  std::string out;
  out.reserve(pointer.size() + 1 + token.size());
  out = pointer;
  push_token(out, token);
  return out;
}

std::string child(std::string_view pointer, std::size_t index) {
  std::string out(pointer);
  push_token(out, index);
  return out;
}

node resolve(const node& value, std::string_view pointer) {
  node here = value;
  while (!pointer.empty() && here) {
    if (pointer[0] != '/') return {};
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    std::string token;
    for (std::size_t at = 1; at < end; ++at) {
      const bool escape = pointer[at] == '~' && at + 1 < end;
      token += !escape ? pointer[at] : pointer[++at] == '1' ? '/' : '~';
    }
    pointer.remove_prefix(end);
    if (here.is_object()) {
      here = here.member(token);
      continue;
    }
    const bool canonical = token == "0" || (!token.empty() && token[0] != '0');
    if (!canonical || token.size() > 9 || token.find_first_not_of("0123456789") != std::string::npos)
      return {};
    here = here.element(std::stoul(token));
  }
  return here;
}

}  // namespace llm_admin::json
