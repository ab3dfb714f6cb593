// What ships, as rows: dialects, seed providers and their other names, from the embedded files of
// src/shipped.
//
// A provider's mapping is that of its dialect with what vendors.json changes: members of payload_structure,
// operations, defs, ignores, extraction_rules and response_defs take the place of the dialect's (null: none), and rules
// of stream_rules come behind the stream's own. All nodes and texts live as long as the catalog. Throws llm_admin::error
// (internal_error) when an embedded file is missing or no JSON, which a unit test rules out for what ships.
#pragma once

#include <string_view>
#include <vector>

#include "core/json/tree.hpp"

namespace llm_admin::shipped {

struct dialect {
  json::node row;  // dialect, endpoint_path_template, auth_scheme, auth_header_template
  json::node request_config, response_config;
  std::string_view name() const noexcept { return row.member("dialect").text(); }
};

struct provider {
  json::node row;  // as in providers.json
  json::node request_config, response_config;
  std::string_view name() const noexcept { return row.member("provider_name").text(); }
};

class catalog {
 public:
  // Reads nothing yet; each call below reads what it needs once.
  catalog() = default;
  catalog(const catalog&) = delete;
  catalog& operator=(const catalog&) = delete;

  const std::vector<dialect>& dialects();
  const std::vector<provider>& providers();
  json::node provider_aliases();               // array of {alias, provider_name, public}
  json::node document(std::string_view name);  // a file in JSON

 private:
  provider made(const json::node& row, const json::node& changes);
  struct changed_section {
    std::string_view changes, of;  // its names in vendors.json and in the config
  };
  json::node with(const json::node& config, const json::node& changes,
                  std::initializer_list<changed_section> sections);
  json::node with_stream_rules(const json::node& config, const json::node& rules);
  json::item* changed(const json::node& base, const json::node& changes);

  json::tree tree_;
  std::vector<dialect> dialects_;
  std::vector<provider> providers_;
};

// The lines of a file in tab-separated values, the heading first; comments (#) are left out.
std::vector<std::vector<std::string_view>> table(std::string_view name);

}  // namespace llm_admin::shipped
