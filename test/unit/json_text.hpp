// Documents for tests: JSON text into a json::tree by RapidJSON's SAX reader (numbers as their text), and
// back. RapidJSON is used so that the parser under test is not its own judge. Throws std::runtime_error on
// wrong JSON.
#pragma once

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/text.hpp"
#include "core/json/tree.hpp"

namespace llm_admin::test {

class document {
 public:
  document(std::string_view text)
      : text_(text) {  // not explicit: tests write JSON where a document is wanted
    handler to{tree_, {}, {}, nullptr};
    rapidjson::Reader reader;
    rapidjson::StringStream stream(text_.c_str());
    constexpr unsigned flags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
    if (!reader.Parse<flags>(stream, to)) {
      throw std::runtime_error(
          "test document: " + std::string(rapidjson::GetParseError_En(reader.GetParseErrorCode())) + " in " +
          text_.substr(0, 200));
    }
    top_ = to.top;
  }
  document(const char* text) : document(std::string_view(text)) {}
  document(const std::string& text) : document(std::string_view(text)) {}

  json::node node() const { return json::view(top_); }
  operator json::node() const { return node(); }
  json::item* item() { return top_; }
  json::tree& tree() { return tree_; }

 private:
  struct handler {
    json::tree& out;
    std::vector<json::item*> open;
    std::vector<std::string_view> keys;  // of the members being read
    json::item* top;

    bool add(json::item* value) {
      if (open.empty()) {
        top = value;
      } else if (open.back()->type == json::kind::array) {
        out.push(open.back(), value);
      } else {
        out.put(open.back(), keys.back(), value);
        keys.pop_back();
      }
      return true;
    }
    bool start(json::item* container) {
      add(container);
      open.push_back(container);
      return true;
    }
    bool end() { return open.pop_back(), true; }

    bool Null() { return add(out.null()); }
    bool Bool(bool value) { return add(out.boolean(value)); }
    bool RawNumber(const char* text, unsigned size, bool) { return add(out.number(out.keep({text, size}))); }
    bool String(const char* text, unsigned size, bool) { return add(out.string(out.keep({text, size}))); }
    bool StartObject() { return start(out.object()); }
    bool Key(const char* text, unsigned size, bool) { return keys.push_back(out.keep({text, size})), true; }
    bool EndObject(unsigned) { return end(); }
    bool StartArray() { return start(out.array()); }
    bool EndArray(unsigned) { return end(); }
    bool Int(int) { return false; }  // numbers come as text only
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }
  };

  std::string text_;
  json::tree tree_;
  json::item* top_ = nullptr;
};

inline std::string text_of(const json::node& value) { return json::write(value, 1u << 30).value(); }
inline std::string text_of(const json::item* value) { return text_of(json::view(value)); }

// Does an RFC 6901 pointer name a value? Written apart from json::resolve(), to be able to judge it.
inline bool resolves(const json::node& value, const std::string& pointer) {
  if (pointer.empty()) return true;
  if (pointer[0] != '/') return false;
  json::node here = value;
  std::size_t at = 0;
  while (at < pointer.size()) {
    std::string token;
    for (++at; at < pointer.size() && pointer[at] != '/'; ++at) {
      if (pointer[at] != '~') {
        token += pointer[at];
        continue;
      }
      if (++at == pointer.size() || (pointer[at] != '0' && pointer[at] != '1')) return false;
      token += pointer[at] == '0' ? '~' : '/';
    }
    if (here.is_array()) {
      std::size_t used = 0;
      if (token.empty()) return false;
      const std::size_t index = std::stoul(token, &used);
      if (used != token.size()) return false;
      here = here.element(index);
    } else {
      here = here.member(token);
    }
    if (!here) return false;
  }
  return true;
}

}  // namespace llm_admin::test
