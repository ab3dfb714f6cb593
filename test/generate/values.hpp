// Random JSON values with few names, so that paths made for one place often fit another, and with what is
// awkward: escapes, empty names, big and fractional numbers, JSON inside text, data URIs, empty containers.
#pragma once

#include <string>
#include <string_view>

#include "core/json/tree.hpp"
#include "generate/random.hpp"

namespace llm_admin::test {

class value_maker {
 public:
  value_maker(random_source& dice, json::tree& out) : dice_(dice), out_(out) {}

  std::string_view name();
  std::string_view text();
  json::item* scalar();
  json::item* value(int depth);
  json::item* records();  // an array of objects that have members in common
  json::item* object(int depth);

  json::item* document();    // what a vendor might answer
  json::item* parameters();  // of a request
  json::item* headers();
  json::item* columns();       // of a provider
  json::item* capabilities();  // of its models

  json::item* put(json::item* object, std::string_view key, json::item* value);  // gives `object`

 private:
  json::item* deep();

  random_source& dice_;
  json::tree& out_;
};

// The same value with the members of each object in jsonb's order. `break_at` counts values: the one that it
// reaches is replaced, renamed or left out; past the end nothing is.
json::item* in_order(const json::node& value, json::tree& out, random_source& dice,
                     std::int64_t break_at = -1);

// JSON text of the value, written loosely: members in any order, some of them twice (the last one counts),
// blanks, escapes.
std::string loose_text(const json::node& value, random_source& dice);

}  // namespace llm_admin::test
