// Values in jsonb's order, broken ones, and values as loose text.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/json/text.hpp"
#include "generate/values.hpp"

namespace llm_admin::test {

namespace {

using member = std::pair<std::string_view, json::node>;

std::vector<member> members_of(const json::node& object) {
  std::vector<member> made(object.size);
  for (std::uint32_t n = 0; n < object.size; ++n) made[n].second = object.member_at(n, made[n].first);
  return made;
}

class copier {
 public:
  copier(json::tree& out, random_source& dice, std::int64_t break_at)
      : out_(out), dice_(dice), left_(break_at) {}

  json::item* copy(const json::node& value) {
    if (left_ >= 0 && left_-- == 0) return copy(json::view(value_maker(dice_, out_).value(2)));
    if (value.is_object()) return object(members_of(value));
    if (!value.is_array()) return out_.copy(value);
    json::item* made = out_.array();
    for (std::uint32_t n = 0; n < value.size; ++n) out_.push(made, copy(value.element(n)));
    return made;
  }

 private:
  json::item* object(std::vector<member> members) {
    if (left_ >= 0 && left_ < static_cast<std::int64_t>(members.size()) && dice_.chance(60)) {
      const auto chosen = members.begin() + std::exchange(left_, -1);
      if (dice_.chance(40)) {
        members.erase(chosen);
      } else {
        chosen->first = out_.keep(std::string(chosen->first) + "s");
      }
    }
    std::stable_sort(members.begin(), members.end(), [](const member& x, const member& y) {
      return x.first.size() != y.first.size() ? x.first.size() < y.first.size() : x.first < y.first;
    });
    json::item* made = out_.object();
    for (const auto& [key, value] : members) {
      json::item* one = copy(value);
      out_.put(made, out_.keep(key), one);
    }
    return made;
  }

  json::tree& out_;
  random_source& dice_;
  std::int64_t left_;
};

class writer {
 public:
  explicit writer(random_source& dice) : dice_(dice) {}

  void write(const json::node& value) {
    blanks();
    if (value.is_string()) {
      string(value.text());
    } else if (value.is_array()) {
      text += '[';
      for (std::uint32_t n = 0; n < value.size; ++n) {
        if (n > 0) text += ',';
        write(value.element(n));
      }
      text += ']';
    } else if (value.is_object()) {
      object(members_of(value));
    } else {
      text += json::write(value, 1u << 20).value_or("null");
    }
    blanks();
  }

  std::string text;

 private:
  void blanks() {
    if (dice_.chance(5)) text += dice_.chance(50) ? " " : "\t\r\n ";
  }

  void object(std::vector<member> members) {
    for (std::size_t n = members.size(); n > 1; --n) std::swap(members[n - 1], members[dice_.below(n)]);
    text += '{';
    for (std::size_t n = 0; n < members.size(); ++n) {
      if (n > 0) text += ',';
      if (dice_.chance(5)) {  // a former one of the same name
        string(members[dice_.below(members.size() - n) + n].first);
        text += ":[{\"a\":null}],";
      }
      string(members[n].first);
      text += ':';
      write(members[n].second);
    }
    text += '}';
  }

  void string(std::string_view value) {
    if (!dice_.chance(20)) {
      text += json::quoted(value);
      return;
    }
    text += '"';
    for (const char c : value) {  // ASCII by its number
      static constexpr std::string_view digits = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(c);
      if (code < 0x80) {
        (text += "\\u00") += digits[code >> 4];
        text += digits[code & 15];
      } else {
        text += c;
      }
    }
    text += '"';
  }

  random_source& dice_;
};

}  // namespace

json::item* in_order(const json::node& value, json::tree& out, random_source& dice, std::int64_t break_at) {
  return copier(out, dice, break_at).copy(value);
}

std::string loose_text(const json::node& value, random_source& dice) {
  writer made(dice);
  made.write(value);
  return std::move(made.text);
}

}  // namespace llm_admin::test
