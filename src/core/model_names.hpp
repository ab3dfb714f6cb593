// One name for a model: `<vendor>/<model>`, whatever it is called by a caller, a vendor or an intermediary.
//
// The vendor is the provider's public alias (openai for chatgpt), else its name. A model that has its provider
// in front already, by any of its names, gets the vendor there; behind an intermediary nothing is folded:
// openrouter/openai/gpt-4o is none of openai's. Aliases of models then put another name in its place: an exact
// one, else the pattern of the highest priority, else of the most literal characters. What an alias gives is
// not looked up again. Case counts, but in the names of providers: those are lower case, and what stands in
// front of a model given without a provider is taken for one where it has the form of such a name.
//
// Plain memory; throws std::bad_alloc only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/glob_index.hpp"

namespace llm_admin {

// Whether it, or a part between slashes, begins or ends with a blank, one of Unicode's or one that nobody sees: a
// vendor may well cut it off, and then it would be another spelling of a model that is denied.
bool has_outer_blank(std::string_view model) noexcept;

struct provider_alias {
  std::string alias, provider;
  bool is_public;
};

struct model_alias {
  std::string provider;  // a glob over the vendor or the provider's name; over "" where none is known
  std::string pattern;   // over the model without its vendor, or with it; at most one `*`
  std::string canonical;
  std::int32_t priority;
};

struct model_named {
  std::string canonical;
  const char* matched_by;  // "alias", "pattern", "given"
};

class model_names {
 public:
  model_names() = default;
  model_names(std::vector<provider_alias> providers, std::vector<model_alias> aliases);

  // `provider`: by its name or alias; empty where the caller names none.
  model_named canonical(std::string_view provider, std::string_view model) const;
  // The provider's name in front of its models.
  std::string vendor_of(std::string_view provider) const;

 private:
  struct parts;
  parts parts_of(std::string_view provider, std::string_view model) const;
  std::string provider_behind(std::string_view name) const;
  const model_alias* find(const glob_index& index, std::size_t offset, const parts& of,
                          std::string_view& matched) const;

  std::unordered_map<std::string, std::string> providers_;  // by alias
  std::unordered_map<std::string, std::string> vendors_;    // by provider; each that has an alias
  std::vector<model_alias> aliases_;                        // exact ones, then patterns, as they win
  std::size_t exact_ = 0;
  glob_index exact_index_, pattern_index_;
};

}  // namespace llm_admin
