#include "core/mapping/codec.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/encoding.hpp"
#include "core/http/url.hpp"
#include "core/json/parse.hpp"
#include "core/json/plain_utf8.hpp"
#include "core/json/text.hpp"
#include "core/mapping/fit_id.hpp"
#include "core/text.hpp"

namespace llm_admin::mapping {

namespace {

using type_by_ending = std::pair<std::string_view, std::string_view>;
constexpr std::array<type_by_ending, 43> media_types = {{
    {"aac", "audio/aac"},
    {"aiff", "audio/aiff"},
    {"avi", "video/x-msvideo"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"flac", "audio/flac"},
    {"flv", "video/x-flv"},
    {"gif", "image/gif"},
    {"heic", "image/heic"},
    {"heif", "image/heif"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript"},
    {"json", "application/json"},
    {"m4a", "audio/mp4"},
    {"md", "text/markdown"},
    {"mkv", "video/x-matroska"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"mpg", "video/mpeg"},
    {"ogg", "audio/ogg"},
    {"opus", "audio/opus"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"py", "text/x-python"},
    {"rtf", "application/rtf"},
    {"svg", "image/svg+xml"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"wav", "audio/wav"},
    {"webm", "video/webm"},
    {"webp", "image/webp"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
}};

bool same_word(std::string_view text, std::string_view word) noexcept {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return ascii_lower(a) == b; });
}

// Refuses what would be made of `bytes` of text, on the way copied some times, before it is made.
void check_room(const json::tree& out, std::size_t bytes) {
  constexpr std::uint64_t copies = 4;
  memory_bound* bound = out.charged();
  if (bound == nullptr) return;
  bound->take(copies * bytes);
  bound->give(copies * bytes);
}

bool decode_json(std::string_view text, json::tree& out, json::node& result, std::string& why) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return true;
  const json::item* made = json::parse(text, out);
  result = json::view(made);
  if (made == nullptr) why = "is no JSON";
  return made != nullptr;
}

bool read_data_uri(std::string_view text, json::tree& out, json::node& result, std::string& why) {
  const std::size_t comma = text.find(',');
  if (!same_word(text.substr(0, 5), "data:") || comma == std::string_view::npos) {
    why = "is no data: URI";
    return false;
  }
  check_room(out, text.size());
  std::string_view media = text.substr(5, comma - 5), data = text.substr(comma + 1);
  constexpr std::string_view mark = ";base64";
  const bool coded = media.size() >= mark.size() && same_word(media.substr(media.size() - mark.size()), mark);
  if (coded) media.remove_suffix(mark.size());
  const bool escaped = data.find('%') != std::string_view::npos;
  if (coded && escaped) data = out.keep(percent_decoded(data));  // "%3D" for the padding
  if (!coded) data = out.keep(base64_encode(as_bytes(escaped ? percent_decoded(data) : std::string(data))));
  json::item* made = out.object();
  if (media.empty()) media = "text/plain;charset=US-ASCII";
  if (media[0] == ';') media = out.keep("text/plain" + std::string(media));
  std::string plain(media);  // types are alike in any case, values of their parameters are not
  for (std::size_t n = 0; n < plain.size() && plain[n] != ';'; ++n) {
    if (plain[n] >= 'A' && plain[n] <= 'Z') plain[n] = static_cast<char>(plain[n] - 'A' + 'a');
  }
  out.append(made, "media_type", out.string(out.keep(plain)));
  out.append(made, "data", out.string(data));
  result = json::view(made);
  return true;
}

json::node media_type_of(std::string_view url, json::tree& out) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {  // a host has endings, too
    const std::size_t path = url.find('/', scheme + 3);
    if (path == std::string_view::npos) return {};
    url.remove_prefix(path);
  }
  const std::size_t slash = url.rfind('/');
  if (slash != std::string_view::npos) url.remove_prefix(slash + 1);
  const std::size_t dot = url.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view ending = url.substr(dot + 1);
  const auto found = std::find_if(media_types.begin(), media_types.end(),
                                  [&](const type_by_ending& one) { return same_word(ending, one.first); });
  return found == media_types.end() ? json::node{} : json::view(out.string(found->second));
}

// Of either alphabet; -1 for what is no digit.
int base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

// False when the text is no base64. Padding ends it and is not counted.
bool base64_bytes(std::string_view text, std::string& out) {
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t digits = 0, padding = 0;
  for (char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int digit = base64_digit(c);
    if (digit < 0 || padding > 0) return false;
    ++digits;
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFF;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xFF);
  }
  return digits % 4 != 1 && padding <= 2;
}

bool read_base64(std::string_view text, bool repairs, json::tree& out, json::node& result, std::string& why) {
  check_room(out, text.size());
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  if (!base64_bytes(text, bytes)) {
    why = "is no base64";
    return false;
  }
  if (repairs) {
    bytes = repaired_utf8(bytes);
  } else if (!is_plain_utf8(bytes)) {
    why = "is base64 of what is no text";
    return false;
  }
  result = json::view(out.string(out.keep(bytes)));
  return true;
}

json::node repaired(const json::node& value, json::tree& out) {
  if (is_plain_utf8(value.text())) return value;
  check_room(out, value.size);
  return json::view(out.string(out.keep(repaired_utf8(value.text()))));
}

json::node fitted(const json::node& value, const id_shape& shape, json::tree& out) {
  if (has_shape(value.text(), shape)) return value;
  return json::view(out.string(out.keep(digest_id(value.text(), shape))));
}

json::node without_end(json::node value) {
  const std::size_t last = value.text().find_last_not_of(" \t\n\v\f\r");
  value.size = last == std::string_view::npos ? 0 : static_cast<std::uint32_t>(last + 1);
  return value;
}

bool apply_codec(codec_kind codec, const conversion& by, bool repaired_next, const json::node& value,
                 json::tree& out, std::size_t max_bytes, json::node& result, std::string& why) {
  result = {};
  switch (codec) {
    case codec_kind::none:
      result = value;
      return true;
    case codec_kind::json_encode: {
      const auto text = json::write(value, max_bytes);
      if (text) result = json::view(out.string(out.keep(*text)));
      return text.has_value();
    }
    case codec_kind::json_decode:
      if (value.is_string()) return decode_json(value.text(), out, result, why);
      result = value;
      return true;
    case codec_kind::data_uri:
    case codec_kind::mime_from_url:
    case codec_kind::fit_id:
    case codec_kind::base64_decode:
    case codec_kind::utf8_replace:
    case codec_kind::trim_end:
      break;
  }
  if (!value.is_string()) {
    why = "is no text";
    return false;
  }
  if (codec == codec_kind::data_uri) return read_data_uri(value.text(), out, result, why);
  if (codec == codec_kind::base64_decode) return read_base64(value.text(), repaired_next, out, result, why);
  result = codec == codec_kind::fit_id         ? fitted(value, by.id, out)
           : codec == codec_kind::trim_end     ? without_end(value)
           : codec == codec_kind::utf8_replace ? repaired(value, out)
                                               : media_type_of(value.text(), out);
  return true;
}

// The text behind the first prefix that it begins with.
json::node stripped(json::node value, const std::vector<std::string>& prefixes) {
  if (!value.is_string()) return value;
  const auto fits = [&](const std::string& prefix) { return value.text().starts_with(prefix); };
  const auto found = std::find_if(prefixes.begin(), prefixes.end(), fits);
  if (found == prefixes.end()) return value;
  value.data += found->size();
  value.size -= static_cast<std::uint32_t>(found->size());
  return value;
}

}  // namespace

bool convert(const conversion& by, const json::node& value, json::tree& out, std::size_t max_bytes,
             json::node& result, std::string& why) {
  json::node here = value;
  for (std::size_t n = 0; n < by.codecs.size(); ++n) {
    const bool repaired_next = n + 1 < by.codecs.size() && by.codecs[n + 1] == codec_kind::utf8_replace;
    if (!apply_codec(by.codecs[n], by, repaired_next, here, out, max_bytes, result, why)) return false;
    here = result;
    if (here.is_absent()) return true;
  }
  result = stripped(here, by.prefixes);
  return true;
}

}  // namespace llm_admin::mapping
