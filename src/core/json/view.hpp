// A read-only view of one JSON value, whatever holds it: jsonb in place (src/pg), our own tree
// (core/json/tree.hpp).
//
// A node is a small trivially copyable handle; it owns nothing and is valid as long as its holder (the
// detoasted datum or the tree). Strings are UTF-8 and contiguous in the holder, so text() costs nothing.
// Objects are walked in the holder's own order; keys are unique. Nothing here throws except number_text() and
// number_equals(), which may need the server for its numeric type, and std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace llm_admin::json {

enum class kind : std::uint8_t { absent, null, boolean, number, string, array, object };

class view_ops;

struct node {
  const view_ops* ops = nullptr;  // how to read containers and numbers; null for absent
  const char* data = nullptr;     // string: first byte; container, number: the holder's own pointer
  std::uint32_t size = 0;         // string: bytes; container: members or elements; boolean: 0 or 1
  json::kind type = kind::absent;

  explicit operator bool() const noexcept { return type != kind::absent; }
  // The language's "absent": no value, or JSON null.
  bool is_absent() const noexcept { return type == kind::absent || type == kind::null; }
  bool is_string() const noexcept { return type == kind::string; }
  bool is_object() const noexcept { return type == kind::object; }
  bool is_array() const noexcept { return type == kind::array; }
  bool is_number() const noexcept { return type == kind::number; }
  bool is_boolean() const noexcept { return type == kind::boolean; }
  bool is_scalar() const noexcept { return is_string() || is_number() || is_boolean(); }

  std::string_view text() const noexcept { return {data, size}; }  // strings only
  bool truth() const noexcept { return size != 0; }                // booleans only

  inline node member(std::string_view key) const noexcept;  // objects: absent when there is none; else absent
  inline node element(std::size_t index) const noexcept;    // arrays: absent past the end; else absent
  // The n-th member of an object in the holder's order, 0 <= n < size.
  inline node member_at(std::size_t n, std::string_view& key) const noexcept;
  // The decimal text of a number: digits, sign, point; the same from any holder, as the server shows it.
  inline std::string number_text() const;
};

class view_ops {
 public:
  virtual node member(const node& object, std::string_view key) const noexcept = 0;
  virtual node element(const node& array, std::size_t index) const noexcept = 0;
  virtual node member_at(const node& object, std::size_t n, std::string_view& key) const noexcept = 0;
  virtual std::string number_text(const node& number) const = 0;

 protected:
  ~view_ops() = default;
};

node node::member(std::string_view key) const noexcept {
  return type == kind::object ? ops->member(*this, key) : node{};
}
node node::element(std::size_t index) const noexcept {
  return type == kind::array && index < size ? ops->element(*this, index) : node{};
}
node node::member_at(std::size_t n, std::string_view& key) const noexcept {
  return ops->member_at(*this, n, key);
}
std::string node::number_text() const { return ops->number_text(*this); }

}  // namespace llm_admin::json
