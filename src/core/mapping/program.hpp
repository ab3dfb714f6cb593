// Compiled mapping configs: immutable, self-contained (they own every literal), shared by shared_ptr within a
// backend.
//
// Rules stand in one flat vector; the children of a rule are one range of it, so that evaluation recurses
// over rules only and a new head of the language is one more `head` with its own children. Nothing here
// points into the config.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/path.hpp"

namespace llm_admin::mapping {

inline constexpr std::size_t max_config_depth = 32;
inline constexpr std::size_t max_config_rules = 4096;
inline constexpr std::size_t max_config_bytes = 64 * 1024;  // as compact JSON text

enum class head : std::uint8_t { none, paths, fields };  // none: a constant, the default
enum class value_type : std::uint8_t { any, string, integer, number, boolean, array, object };

struct rule {
  mapping::head head = head::none;
  value_type type = value_type::any;
  bool required = false;
  bool joins = false;
  bool caps_output = false;                        // reads param:max_output_tokens itself
  std::uint32_t first_path = 0, path_count = 0;    // in rule_set::paths
  std::uint32_t first_child = 0, child_count = 0;  // in rule_set::rules
  std::string separator;                           // of join
  const json::item* fallback = nullptr;  // default, already of the rule's type; in rule_set::literals
  std::string name;                      // the member this rule fills
  std::string pointer;                   // of the rule in its config
};

struct rule_set {
  json::tree literals;
  std::vector<rule> rules;  // the top rules are the first `top` ones
  std::vector<path> paths;
  std::size_t top = 0;

  bool reads(root_kind root) const noexcept;  // some path begins there
  std::size_t bytes() const noexcept;         // memory held, for the cache's account
};

enum class place_kind : std::uint8_t { body, url, query };

struct place {
  place_kind kind = place_kind::body;
  std::vector<std::string> segments;  // body: member names from the top; url, query: one name
};

class request_program {
 public:
  rule_set rules;                                       // top rules: the members of payload_structure
  std::vector<place> places;                            // one for each top rule
  std::size_t model_rule = 0;                           // which top rule is `model`
  std::set<std::string> params;                         // the parameters that the rules read
  bool has_hole(std::string_view name) const noexcept;  // some rule fills {name} of the URL
  std::size_t bytes() const noexcept;
};

class response_program {
 public:
  rule_set rules;  // top rules: the members of extraction_rules
  std::size_t bytes() const noexcept;
};

}  // namespace llm_admin::mapping
