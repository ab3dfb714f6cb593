// Paths of the mapping language: a root and steps; compiled once, then walked over nodes, nothing copied.
//
//   root   $ (document) | @ (item) | ^ (enclosing item) | @index (its number) | @count (of evaluations) |
//          param:name | provider:column | model:capability | header:name | status | field:name (of SSE)
//   step   .name | ["name"] | ['name'] | [0] | [-1] | [*] |
//          [?(@.a.b == lit)] | [?(@.a != lit)] | [?(@.a)]
//
// The parentheses of a filter are optional; lit is a string in either quote, a number, true, false or null.
// Meaning as in RFC 9535: `[*]` and filters take the elements of an array and the members of an object; a
// missing member equals nothing and is != anything; existence holds for JSON null too; names compare byte by
// byte. Unlike there, the result of a path leaves out what is absent in the language: JSON null.
//
// model:capability is looked up in the members of model_capabilities whose key is the model's name or a glob
// (*, ?) that fits it and whose value is an object, longest key first, then in model_capabilities itself.
// Header names are compared without regard to case.
//
// A path owns its strings. Texts up to 4096 bytes, 64 steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/function_ref.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"

namespace llm_admin::mapping {

inline constexpr std::size_t max_path_bytes = 4096;
inline constexpr std::size_t max_path_steps = 64;  // of the path and of its filters together

enum class root_kind : std::uint8_t {
  document,
  item,
  outer,
  index,
  param,
  provider,
  model,
  header,
  status,
  count,
  field
};

struct step {
  enum class type : std::uint8_t { name, index, all, exists, equal, not_equal };
  type what = type::name;
  std::string name;        // name; comparisons: the literal, when text or number
  std::int64_t index = 0;  // index: from the end when negative
  json::kind literal = json::kind::absent;
  bool truth = false;       // comparisons with true or false
  std::vector<step> inner;  // filters: names and indices below @
};

// The members of model_capabilities that are objects: what may be of one model.
struct model_entry {
  std::string_view key;
  json::node overrides;
};
std::vector<model_entry> model_entries(const json::node& capabilities);

// What model_capabilities hold for one model: the overrides whose keys fit its name, longest key first,
// before the capabilities themselves. For scopes in which several paths ask for them.
class capability_list {
 public:
  // With `exact_first` an entry that has the model's very name comes before all globs, as since 1.2. `entries`:
  // model_entries() of the same, where they were made before.
  capability_list(const json::node& capabilities, std::string_view model, budget& steps_left,
                  bool exact_first = false, const std::vector<model_entry>* entries = nullptr);
  json::node find(std::string_view name, budget& steps_left) const;

 private:
  json::node all_;
  std::vector<json::node> overrides_;
};

// What the roots stand for while a path is walked. Absent nodes are fine.
struct scope {
  json::node document;                                  // $
  json::node item;                                      // @
  json::node outer;                                     // ^
  json::node index;                                     // @index
  json::node params;                                    // object, names normalised
  json::node provider;                                  // object, by column
  json::node capabilities;                              // model_capabilities as stored
  std::string_view model;                               // picks the overrides in it
  const capability_list* known_capabilities = nullptr;  // of both, when made before
  json::node headers;                                   // object
  json::node status;                                    // number
  json::node count;                                     // @count
  json::node fields;                                    // object: name -> text, of one SSE event
};

class path {
 public:
  root_kind root = root_kind::document;
  std::string root_name;  // param, provider, model, header, field
  std::vector<step> steps;
  bool plain = false;  // names and indices alone: there is one match at most

  // The first match that is not absent; absent when there is none. With `where`, its RFC 6901 pointer below
  // the root (param: beginning with the parameter's name).
  json::node first(const scope& in, budget& steps_left, std::string* where = nullptr) const;
  // All matches that are not absent, in document order, until `visit` returns false. With `where`, it holds
  // the pointer of the match while `visit` runs.
  void each(const scope& in, budget& steps_left, function_ref<bool(const json::node&)> visit,
            std::string* where = nullptr) const;
  std::size_t bytes() const noexcept;  // memory held
};

// Nothing when the text is no path; then `why` says what is wrong at byte `at`.
std::optional<path> parse_path(std::string_view text, std::string& why, std::size_t& at);

std::span<const std::string_view>
provider_columns() noexcept;  // the closed list of provider:column; never the key

}  // namespace llm_admin::mapping
