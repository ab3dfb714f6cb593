// The document that a stream rebuilds, piece by piece: the vendor's own non-stream response.
//
// It owns all it holds, and what is replaced is freed at once, so memory follows the document and not the sum
// of the events. Text grows in its place: many appends cost no more than their length. Absent values and
// absent containers follow the language: null counts as absent, containers come into being when a place in
// them is written.
// An array may be put together by keys instead of indices: slot_of() finds the element that has a key. When the
// document is copied, elements whose keys all begin with whole numbers stand in the order of these.
// A text that ends in half of a surrogate pair is joined with one that begins with the other half.
// A change that cannot be made (a place inside a text, an index past the end, a merge of what is no object)
// gives the reason as text, without a full stop; an empty text means it was made. Throws 54000 when the
// document passes limits::max_output_bytes, where each value counts as its text and value_overhead bytes, or
// when the memory it takes passes the bound that it is charged to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/stream/slots.hpp"

namespace llm_admin::mapping {

// A step of a place, its index read already.
struct place_step {
  std::string_view name;  // of a member, unless it is an index
  bool is_index = false;
  std::uint32_t index = 0;
};

class stream_document {
 public:
  using place = std::span<const place_step>;  // empty: the whole document
  static constexpr std::uint64_t value_overhead = 16;

  // `keeps_full`: merge() puts nothing empty over what is not.
  stream_document(const limits& most, memory_bound& memory, bool keeps_full = false)
      : most_(most), memory_(memory), keeps_full_(keeps_full) {}
  ~stream_document() { memory_.give(held_); }
  stream_document(const stream_document&) = delete;
  stream_document& operator=(const stream_document&) = delete;

  // `value` is never absent; it is copied. Rules of op: core/mapping/program.hpp, stream_op.
  std::string set(place at, const json::node& value);
  std::string append(place at, const json::node& value);  // text behind text, elements behind elements
  std::string push(place at, const json::node& value);
  std::string merge(place at, const json::node& value);  // member by member, one level; skips null

  // The element of the array at this place that a key stands for; a part of the key that is empty is not
  // known.
  //   first known before    the element with both parts, else the last one with the first part if its second
  //                         is unknown or the given one is, else a new one
  //   first new             a new one
  //   only second           the last one with it, else a new one
  //   none                  the one opened last, else a new one
  // `begins`: the event that has this key begins an element. Without a second part it is a new one, unless the
  // one found has a second part.
  std::optional<std::uint32_t> slot_of(place array, std::string_view first, std::string_view second,
                                       bool begins, std::string& why);

  json::item* copy_to(json::tree& out) const;  // null item when nothing was written

 private:
  struct slot {
    std::string key;  // when a member
    json::kind type = json::kind::null;
    bool truth = false;
    std::string text;  // string; number: its decimal text
    std::vector<std::unique_ptr<slot>> children;
    // Of objects with many members. Sorted, not hashed: a vendor could choose keys that fall together.
    std::unique_ptr<std::map<std::string_view, slot*>> by_key;
    std::unique_ptr<slot_keys> keys;  // of arrays put together by keys
  };
  // What a slot takes besides its texts: itself, its place among the children twice (they double), malloc's
  // own; and its node in by_key.
  static constexpr std::uint64_t slot_memory = sizeof(slot) + 4 * sizeof(void*), key_memory = 80;

  slot* find(place at, std::string& why);
  slot& member(slot& object, std::string_view key);
  slot& element(slot& array);
  void fill(slot& to, const json::node& value);
  void clear(slot& gone);
  void charge(std::uint64_t bytes, std::uint64_t memory);
  static std::vector<const slot*> in_order(const slot& array);
  static json::item* copy(const slot& from, json::tree& out);

  const limits& most_;
  memory_bound& memory_;
  const bool keeps_full_;
  slot root_;
  std::uint64_t bytes_ = 0;  // of JSON text
  std::uint64_t held_ = 0;   // of memory
};

}  // namespace llm_admin::mapping
