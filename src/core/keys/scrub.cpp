// scrub() of core/keys/redact.hpp.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/keys/redact.hpp"
#include "core/keys/unescape.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin {

namespace {

constexpr int most_layers = 5;
// A text is looked at in windows. The overlap is longer than anything looked for can be written: 19
// characters of four bytes, each escaped five times (JSON's \u within JSON takes the most).
constexpr std::size_t window = 64 * 1024;
constexpr std::size_t overlap = 4 * 1024;
constexpr std::size_t shortest_encoded = 4;  // of shorter ones, base64 and hex would be found everywhere

bool is_blank(char c) noexcept { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; }
bool ends_line(char c) noexcept { return c == '\n' || c == '\r'; }

// The characters of base64 that `bytes` alone decide when `before` bytes (0..2) stand before them.
secret_bytes base64_of(std::string_view bytes, std::size_t before, const char* last_two) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const std::size_t first = before == 0 ? 0 : (before == 1 ? 4 : 2);  // bits that share a character
  const std::size_t count = bytes.size() * 8 < first ? 0 : (bytes.size() * 8 - first) / 6;
  secret_bytes made(count);
  for (std::size_t n = 0; n < count; ++n) {
    unsigned sextet = 0;
    for (std::size_t bit = first + n * 6; bit < first + n * 6 + 6; ++bit)
      sextet = (sextet << 1U) | ((static_cast<unsigned char>(bytes[bit / 8]) >> (7 - bit % 8)) & 1U);
    made.data()[n] = static_cast<std::uint8_t>(sextet < 62 ? letters[sextet] : last_two[sextet - 62]);
  }
  return made;
}

secret_bytes hex_of(std::string_view bytes, const char* digits) {
  secret_bytes made(bytes.size() * 2);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    made.data()[2 * n] = static_cast<std::uint8_t>(digits[static_cast<unsigned char>(bytes[n]) >> 4U]);
    made.data()[2 * n + 1] = static_cast<std::uint8_t>(digits[static_cast<unsigned char>(bytes[n]) & 15U]);
  }
  return made;
}

struct stretch {
  std::size_t begin, end;
};

class finder {
 public:
  explicit finder(std::string_view secret) {
    const auto shown = mask_parts_of(secret);
    whole_ = !shown;
    plain_ = shown ? secret.substr(0, shown->head_end) : secret;
    to_line_end_ = shown && std::any_of(secret.begin() + static_cast<std::ptrdiff_t>(shown->head_end),
                                        secret.end(), is_blank);
    begins_[static_cast<unsigned char>(plain_[0])] = true;
    if (plain_[0] == ' ') begins_[static_cast<unsigned char>('+')] = true;
    for (const char c : {'%', '\\', '&'}) begins_[static_cast<unsigned char>(c)] = true;
    if (plain_.size() < shortest_encoded) return;
    for (std::size_t before = 0; before < 3; ++before)
      for (const char* last_two : {"+/", "-_"}) add(base64_of(plain_, before, last_two));
    for (const char* digits : {"0123456789abcdef", "0123456789ABCDEF"}) add(hex_of(plain_, digits));
  }

  // Appends what is to be blanked in text[from, from + window), in no order; each may reach beyond.
  void find(std::string_view text, std::size_t from, std::vector<stretch>& found) const {
    placed_text layer(text.substr(from, window));
    for (int n = 0; n <= most_layers; ++n) {
      find_in(layer, text, from, found);
      if (!layer.peel()) break;
    }
  }

 private:
  void add(secret_bytes encoded) {
    begins_[encoded.data()[0]] = true;
    encoded_.push_back(std::move(encoded));
  }

  // Bytes of `text` that stand for `plain_` at its beginning, each character as it is or, where a kind of
  // escapes is given, in that kind: what one program writes. 0 for none.
  std::size_t plain_at(std::string_view text, const escape_kind* with) const noexcept {
    std::size_t at = 0;
    for (std::size_t n = 0; n < plain_.size();) {
      const std::string_view rest = text.substr(at);
      const escape one = with != nullptr ? escape_at(rest, *with) : escape();
      if (one.length > 0 && plain_.substr(n).starts_with(one.text())) {
        at += one.length;
        n += one.size;
      } else if (!rest.empty() && (rest[0] == plain_[n] || (rest[0] == '+' && plain_[n] == ' '))) {
        ++at;
        ++n;
      } else {
        return 0;
      }
    }
    return at;
  }

  // The length of what is found at the beginning of `text`; 0 for nothing.
  std::size_t found_at(std::string_view text, bool& is_plain) const noexcept {
    std::size_t length = plain_at(text, nullptr);
    for (const escape_kind with : {escape_kind::url, escape_kind::code, escape_kind::html})
      length = std::max(length, plain_at(text, &with));
    is_plain = length > 0;
    if (is_plain) return length;
    for (const secret_bytes& one : encoded_)
      if (text.starts_with(one.text())) return one.size();
    return 0;
  }

  std::size_t end_of(std::string_view text, std::size_t at) const noexcept {
    while (at < text.size() && !(to_line_end_ ? ends_line(text[at]) : is_blank(text[at]))) ++at;
    return at;
  }

  void find_in(const placed_text& layer, std::string_view text, std::size_t from,
               std::vector<stretch>& found) const {
    const std::string_view here = layer.text;
    for (std::size_t at = 0, done = 0; at < here.size();) {
      bool is_plain = false;
      std::size_t length = 0;
      if (begins_[static_cast<unsigned char>(here[at])] && from + layer.from[at] >= done)
        length = found_at(here.substr(at), is_plain);
      if (length == 0) {
        ++at;
        continue;
      }
      const std::size_t ends = from + layer.from[at + length];
      done = is_plain && whole_ ? ends : end_of(text, ends);
      found.push_back({from + layer.from[at], done});
      at += length;
    }
  }

  std::string_view plain_;             // the beginning that the mask shows, or the whole secret
  bool whole_ = false;                 // which of the two
  bool to_line_end_ = false;           // the secret goes on past a blank
  std::vector<secret_bytes> encoded_;  // the same in base64 and hex
  bool begins_[256] = {};              // bytes that one of them begins with
};

}  // namespace

std::string scrub(std::string text, std::string_view secret) {
  if (secret.empty() || text.empty()) return text;
  const finder of_secret(secret);
  std::string clean;
  std::size_t kept = 0;  // up to here the text is in `clean`
  std::vector<stretch> found;
  for (std::size_t from = 0; from < text.size();) {
    found.clear();
    of_secret.find(text, from, found);
    std::sort(found.begin(), found.end(),
              [](const stretch& a, const stretch& b) { return a.begin < b.begin; });
    for (const stretch& one : found) {
      if (one.begin >= kept) clean.append(text, kept, one.begin - kept) += "***";
      kept = std::max(kept, one.end);
    }
    if (text.size() - from <= window) break;
    from = std::max(from + window - overlap, kept);
  }
  if (kept == 0) return text;
  return clean.append(text, kept);
}

}  // namespace llm_admin
