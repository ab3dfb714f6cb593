// The places of a document that some rule of a mapping reads, and what of a document is read by none.
//
// A trie over member names and "all elements", made by core/mapping/compile/reads.hpp: from the parameters'
// object for requests, from `$` for responses. It says where a rule may look, not whether it did: `[0]`, a
// filter and `[*]` are all elements. An empty trie belongs to a config older than 1.2 and says nothing. Owns
// its names; immutable once it is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/memory_bound.hpp"

namespace llm_admin::mapping {

class read_trie {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct shorter_first {  // most names are told apart by their length
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
  };
  struct place {
    std::map<std::string, std::uint32_t, shorter_first> members;
    std::uint32_t elements = none;  // of an array
    bool any_member = false;        // [*] or a filter reads `elements` of an object, too: its members
    // Taken with all below: as an array, as an object. A rule for texts alone takes neither.
    bool whole_array = false, whole_object = false;
    // The object is taken with all below as long as none of these members holds an object; empty: it is not.
    std::vector<std::string> whole_without;
    bool whole() const noexcept { return whole_array && whole_object; }
  };

  bool empty() const noexcept { return places_.empty(); }
  // Null: no rule reads it. Below what is taken whole everything is read.
  const place* top() const noexcept { return empty() ? nullptr : places_.data(); }
  const place* member(const place* of, std::string_view name) const noexcept;
  const place* element(const place* of) const noexcept;
  // Is all of this object read, which stands at that place?
  static bool takes(const place& at, const json::node& object) noexcept;
  std::size_t bytes() const noexcept;  // memory held

  // For those that make it; places are numbers, the top is 0. What is new is charged to `memory`.
  std::size_t size() const noexcept { return places_.size(); }
  std::uint32_t make_top();
  std::uint32_t make_member(std::uint32_t of, std::string_view name, memory_bound& memory);
  std::uint32_t make_elements(std::uint32_t of, bool any_member, memory_bound& memory);
  void make_whole(std::uint32_t at, bool array = true, bool object = true) noexcept {
    places_[at].whole_array |= array;
    places_[at].whole_object |= object;
  }
  // Whole where none of `members` holds an object; of several such only what they have in common counts.
  void make_whole_without(std::uint32_t at, const std::vector<std::string>& members);
  const place& at(std::uint32_t number) const noexcept { return places_[number]; }
  std::uint32_t number_of(const place* one) const noexcept {
    return static_cast<std::uint32_t>(one - places_.data());
  }
  void take_all() noexcept;  // everything counts as read

 private:
  std::uint32_t add(memory_bound& memory);
  std::vector<place> places_;
};

// RFC 6901 pointers of what no rule reads in `document`, in its order, the outermost value only, at most
// `most`. JSON null, "", [] and {} say nothing and are left out. Linear in the document; 54000 when the budget
// runs out. Nothing of an empty trie.
inline constexpr std::size_t most_unread = 50;
std::vector<std::string> unread(const read_trie& reads, const json::node& document, budget& left,
                                std::size_t most = most_unread);

// null, "", [] and {}: what stands there says nothing.
bool says_nothing(const json::node& value) noexcept;

}  // namespace llm_admin::mapping
