// Random paths and conditions of the mapping language. Most lead somewhere: they are made by walking over the
// very values that they will be read against. Some do not, and a few are no paths at all.
#pragma once

#include <string>
#include <string_view>

#include "core/json/view.hpp"
#include "generate/values.hpp"

namespace llm_admin::test {

enum class reader { request, response, event };

// What rules may read where they stand, with an example of each value.
struct readable {
  reader by = reader::request;
  json::node params, document, headers, columns, capabilities;
  bool has_item = false;
  json::node item, outer;
};

class path_maker {
 public:
  path_maker(random_source& dice, json::tree& out) : dice_(dice), out_(out), values_(dice, out) {}

  // `reached` becomes an example of what the path gives; absent when it leads nowhere. `many`: a path that
  // likes to have many matches.
  std::string path(const readable& around, json::node& reached, bool many = false);
  std::string relative(const json::node& from, json::node& reached);  // below @
  json::item* condition(const readable& around, int depth);

  bool latest = false;  // conditions of 1.2, too

 private:
  std::string root(const readable& around, json::node& reached);
  void walk(std::string& text, json::node& at, bool many);
  void into_object(std::string& text, json::node& at);
  void into_array(std::string& text, json::node& at, bool many);
  void step(std::string& text, std::string_view name);
  std::string filter(const json::node& example);
  std::string literal(const json::node& value);
  json::item* test(const readable& around);

  random_source& dice_;
  json::tree& out_;
  value_maker values_;
};

}  // namespace llm_admin::test
