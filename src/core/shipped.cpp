#include "core/shipped.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/shipped_files.hpp"

namespace llm_admin::shipped {

namespace {

[[noreturn]] void broken(std::string_view name, const char* how) {
  throw error(sqlstate::internal_error, "shipped file " + std::string(name) + " is " + how);
}

}  // namespace

json::node catalog::document(std::string_view name) {
  for (const file& one : files()) {
    if (one.name != name) continue;
    if (const json::item* parsed = json::parse(one.text, tree_)) return json::view(parsed);
    broken(name, "no JSON");
  }
  broken(name, "missing");
}

const std::vector<dialect>& catalog::dialects() {
  if (!dialects_.empty()) return dialects_;
  const json::node rows = document("dialects.json");
  for (std::uint32_t n = 0; n < rows.size; ++n) {
    const json::node row = rows.element(n);
    const std::string stem = "dialects/" + std::string(row.member("dialect").text());
    dialects_.push_back({row, document(stem + ".request.json"), document(stem + ".response.json")});
  }
  return dialects_;
}

const std::vector<provider>& catalog::providers() {
  if (!providers_.empty()) return providers_;
  (void)dialects();
  const json::node rows = document("providers.json");
  const json::node vendors = document("vendors.json");
  for (std::uint32_t n = 0; n < rows.size; ++n) {
    const json::node row = rows.element(n);
    providers_.push_back(made(row, vendors.member(row.member("provider_name").text())));
  }
  return providers_;
}

json::node catalog::provider_aliases() { return document("provider_aliases.json"); }

provider catalog::made(const json::node& row, const json::node& changes) {
  const std::string_view name = row.member("dialect").text();
  const auto of = std::find_if(dialects_.begin(), dialects_.end(),
                               [&](const dialect& one) { return one.name() == name; });
  if (of == dialects_.end()) broken(name, "no dialect");
  const json::node response = with(of->response_config, changes,
                                   {{"extraction_rules", "extraction_rules"}, {"response_defs", "defs"}});
  const json::node rules = changes.member("stream_rules");
  return {row,
          with(of->request_config, changes,
               {{"payload_structure", "payload_structure"},
                {"operations", "operations"},
                {"defs", "defs"},
                {"ignores", "ignores"}}),
          rules.is_absent() ? response : with_stream_rules(response, rules)};
}

// The members of `base`, those that `changes` names replaced; null takes one away.
json::item* catalog::changed(const json::node& base, const json::node& changes) {
  json::item* made = tree_.object();
  std::string_view name;
  for (std::uint32_t n = 0; base.is_object() && n < base.size; ++n) {
    const json::node value = base.member_at(n, name);
    if (!changes.member(name)) tree_.append(made, name, tree_.borrow(value));
  }
  for (std::uint32_t n = 0; changes.is_object() && n < changes.size; ++n) {
    const json::node value = changes.member_at(n, name);
    if (!value.is_absent()) tree_.append(made, name, tree_.borrow(value));
  }
  return made;
}

json::node catalog::with(const json::node& config, const json::node& changes,
                         std::initializer_list<changed_section> sections) {
  json::item* replaced = tree_.object();
  for (const changed_section& one : sections)
    if (const json::node by = changes.member(one.changes))
      tree_.append(replaced, one.of, changed(config.member(one.of), by));
  return json::view(changed(config, json::view(replaced)));
}

json::node catalog::with_stream_rules(const json::node& config, const json::node& more) {
  const json::node stream = config.member("stream");
  json::item* rules = tree_.array();
  for (const json::node& list : {stream.member("rules"), more})
    for (std::uint32_t n = 0; n < list.size; ++n) tree_.push(rules, tree_.borrow(list.element(n)));
  json::item* replaced = tree_.object();
  tree_.append(replaced, "rules", rules);
  json::item* section = tree_.object();
  tree_.append(section, "stream", changed(stream, json::view(replaced)));
  return json::view(changed(config, json::view(section)));
}

std::vector<std::vector<std::string_view>> table(std::string_view name) {
  for (const file& one : files()) {
    if (one.name != name) continue;
    std::vector<std::vector<std::string_view>> lines;
    for (std::string_view rest = one.text; !rest.empty();) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (line.empty() || line.front() == '#') continue;
      std::vector<std::string_view>& fields = lines.emplace_back();
      for (std::size_t tab; (tab = line.find('\t')) != std::string_view::npos; line.remove_prefix(tab + 1))
        fields.push_back(line.substr(0, tab));
      fields.push_back(line);
    }
    return lines;
  }
  broken(name, "missing");
}

}  // namespace llm_admin::shipped
