// The abstract values of the walk in reads.cpp: sets of places of a trie, and of values that rules made. Private
// to the compiler.
//
// A made value is known by its parts: members, elements, what is spliced under its members. Throws
// too_much_effort, and what the bound throws when it is full or polled.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/read_trie.hpp"
#include "core/memory_bound.hpp"

namespace llm_admin::mapping {

struct too_much_effort {};

using place_set = std::vector<std::uint32_t>;  // sorted, each once, when it is done

inline void add(place_set& into, const place_set& more) { into.insert(into.end(), more.begin(), more.end()); }
place_set done(place_set set);

class place_store {
 public:
  struct made {
    std::map<std::string, place_set, std::less<>> members;
    place_set elements;  // of an array
    place_set under;     // spliced under the members of an object
    bool taken = false;
  };

  place_store(memory_bound& memory, read_trie& out);
  ~place_store() { memory_.give(held_); }  // what only this walk needed
  place_store(const place_store&) = delete;
  place_store& operator=(const place_store&) = delete;

  void spend(std::uint64_t effort);
  void hold(std::uint64_t bytes);

  // Each set has a number; 0 is the empty one.
  std::uint32_t number_of(place_set set);
  const place_set& set_of(std::uint32_t number) const { return *by_number_[number]; }

  place_set keep(made one);  // the value that stands for it
  place_set array_of(place_set parts);
  place_set members(const place_set& of, std::string_view name);
  place_set elements(const place_set& of, bool any_member);
  void take(place_set from);  // whole

  // Numbers from here on are values that a rule made.
  static constexpr std::uint32_t made_from = 1u << 31;
  // A place whose value is known to be no array or no object where it is read: its number with these.
  static constexpr std::uint32_t no_array = 1u << 30, no_object = 1u << 29, scalar = no_array | no_object;
  // An object that is known to hold no object in some members: those of lacks().
  static constexpr std::uint32_t lacking = 1u << 28;
  static std::uint32_t place_of(std::uint32_t one) noexcept {
    return one < made_from ? one & ~(scalar | lacking) : one;
  }
  // Marks what `known`, places that are no objects, tells of the objects around them.
  void mark_lacking(place_set& here, const place_set& known);

  static constexpr std::uint64_t max_effort = 1u << 18;  // contexts, and places looked at in them
  static constexpr std::uint64_t work_of_place = 64, memory_of_context = 128;  // bytes

 private:
  memory_bound& memory_;
  read_trie& out_;
  std::uint64_t held_ = 0, effort_ = 0;
  std::vector<made> made_;
  std::map<place_set, std::uint32_t> sets_;
  std::vector<const place_set*> by_number_;
  std::map<std::uint32_t, std::vector<std::string>> lacks_;  // by place
};

}  // namespace llm_admin::mapping
