// A JSON tree that we build ourselves: literals of a compiled config, results of an evaluation, documents in
// tests.
//
// A tree owns its items and the strings it was told to keep, in an arena that is freed at once. Items are
// handles into it (pointers, stable until the tree goes). A `borrowed` item stands for a whole value of some
// other holder, unread and uncopied; that holder must outlive the tree. Not thread-safe; nothing throws but
// std::bad_alloc and what a holder's number_text() throws. Reading a member of an object is linear in its
// members, an element constant; copying and cloning are iterative, so depth costs no stack. What the arena
// takes may be charged to a bound, which is then asked before each block, so that a tree cannot outgrow it.
//
// A container that was parsed may know the slice of the source that it was read from (parse_options), so that
// write_text() gives back what came in. Whatever changes a container through a tree forgets its slice, and
// only its own: who changes a value below a container that has one calls forget_source() on all above it.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"
#include "core/memory_bound.hpp"

namespace llm_admin::json {

struct item {
  json::kind type = kind::null;
  bool truth = false;        // boolean
  std::uint8_t room = 0;     // slots allocated, as a power of two; 0: none
  bool is_borrowed = false;  // the value is borrowed()
  std::uint32_t count = 0;   // members or elements, of our own
  std::string_view key;      // when a member of an object
  // String; number: its decimal text; container: its slice of the source, or empty. Borrowed: data and size of
  // the node, which are no text for numbers and containers.
  std::string_view text;
  union {
    item** slots = nullptr;  // children, in order of insertion
    const view_ops* lender;  // borrowed: the node's
  };

  std::span<item* const> children() const noexcept { return {slots, count}; }
  inline node borrowed() const noexcept;
  void forget_loan() noexcept {  // it is to become a value of our own
    is_borrowed = false;
    slots = nullptr;
    text = {};
  }
};

class tree {
 public:
  tree() = default;
  // The first items go into `room`, which must outlive the tree: calls that build little need no memory.
  explicit tree(std::span<char> room) noexcept : next_(room.data()), left_(room.size()) {}
  ~tree() { release(); }
  tree(tree&& from) noexcept;
  tree& operator=(tree&& from) noexcept;
  tree(const tree&) = delete;
  tree& operator=(const tree&) = delete;

  // Unattached values. `text` given to string() and number() must outlive the tree: pass it through keep() if
  // not.
  item* null();
  item* boolean(bool value);
  item* number(std::string_view decimal_text);
  item* integer(std::int64_t value);
  item* string(std::string_view text);
  item* array();
  item* object();
  item* object(std::uint32_t members);  // empty, with room for so many
  item* borrow(const node& value);      // a value of another holder, by reference
  item* copy(const node& value);        // a value of another holder, deeply copied with its strings
  item* clone(const item& value);       // shallow for borrowed values, deep for ours
  // Neither takes over slices of a source; numbers of a tree keep the text they were read with.

  // Puts an unattached value at the end of an array, or under `key` of an object (replacing one of that key).
  void push(item* array, item* value);
  // The key must outlive the tree, too.
  void put(item* object, std::string_view key, item* value);
  // The same without looking for a member of that key: the caller knows there is none, or calls unify()
  // after.
  void append(item* object, std::string_view key, item* value);
  bool unify(item* object);  // of several members with one key, keeps the last; false: there were none
  static item* find(const item* object, std::string_view key) noexcept;  // ours only, null when there is none
  void remove(item* object, std::string_view key) noexcept;
  static void forget_source(item* container) noexcept;  // something below it is to change
  // Turns a borrowed container into one of ours, its children borrowed one level down, so that it can be
  // changed.
  void own(item* value);

  std::string_view keep(std::string_view text);          // copies `text` into the arena
  std::size_t bytes() const noexcept { return bytes_; }  // memory held by the arena
  // Room in the arena for a text of at most `most` bytes; what of it the text does not need goes back.
  char* begin_text(std::size_t most) { return static_cast<char*>(allocate(most, 1)); }
  std::string_view end_text(char* begin, std::size_t size, std::size_t most) noexcept;

  // Charges what the arena takes from now on to `bound`, which is given back with the tree; null: to nobody.
  // What was charged to another bound before stays charged there. Returns that one. A bound must outlive the
  // time it is charged.
  memory_bound* charge_to(memory_bound* bound) noexcept;
  memory_bound* charged() const noexcept { return bound_; }

 private:
  void release() noexcept;
  item* make(json::kind type);
  void attach(item* container, item* value);
  void* allocate(std::size_t size, std::size_t align);
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
  memory_bound* bound_ = nullptr;
  std::size_t charged_ = 0;  // of bytes_, to bound_
};

// Charges a tree to a bound while it lives; to none where the tree has a bound already.
class charged_tree {
 public:
  charged_tree(tree& of, memory_bound& to) noexcept : of_(of), fresh_(of.charged() == nullptr) {
    if (fresh_) of_.charge_to(&to);
  }
  ~charged_tree() {
    if (fresh_) of_.charge_to(nullptr);
  }
  charged_tree(const charged_tree&) = delete;
  charged_tree& operator=(const charged_tree&) = delete;

 private:
  tree& of_;
  const bool fresh_;
};

// How items are read; here, because most of an evaluation is nothing else.
class tree_ops final : public view_ops {
 public:
  node member(const node& object, std::string_view key) const noexcept override;
  node element(const node& array, std::size_t index) const noexcept override;
  node member_at(const node& object, std::size_t n, std::string_view& key) const noexcept override;
  std::string number_text(const node& number) const override;
};
extern const tree_ops ops_of_trees;

node item::borrowed() const noexcept {
  node result;
  result.ops = lender;
  result.data = text.data();
  result.size = static_cast<std::uint32_t>(text.size());
  result.type = type;
  return result;
}

// A view of an item (of the value it borrows, when it borrows one).
inline node view(const item* value) noexcept {
  if (value == nullptr) return {};
  if (value->is_borrowed) return value->borrowed();
  node result;
  result.ops = &ops_of_trees;
  result.type = value->type;
  switch (value->type) {
    case kind::string:
      result.data = value->text.data();
      result.size = static_cast<std::uint32_t>(value->text.size());
      break;
    case kind::boolean:
      result.size = value->truth ? 1 : 0;
      break;
    default:
      result.data = static_cast<const char*>(static_cast<const void*>(value));
      result.size = value->count;
  }
  return result;
}

// The container or number item behind a node of a tree; null for other holders and for other kinds.
inline const item* item_of(const node& value) noexcept {
  if (value.ops != &ops_of_trees || !(value.is_object() || value.is_array() || value.is_number()))
    return nullptr;
  return static_cast<const item*>(static_cast<const void*>(value.data));
}

inline item* tree::find(const item* object, std::string_view key) noexcept {
  for (item* child : object->children()) {
    // Most names of one length differ in their first byte.
    if (child->key.size() != key.size()) continue;
    if (key.empty() || (child->key[0] == key[0] && child->key == key)) return child;
  }
  return nullptr;
}

}  // namespace llm_admin::json
