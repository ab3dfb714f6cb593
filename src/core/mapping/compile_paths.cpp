#include <array>
#include <utility>

#include "core/mapping/coerce.hpp"
#include "core/mapping/compile_rules.hpp"
#include "core/mapping/compile_words.hpp"
#include "core/mapping/params.hpp"

namespace llm_admin::mapping {

std::string rule_compiler::path_site::pointer() const {
  std::string out = rule;
  if (!member.empty()) json::push_token(out, member);
  if (index) json::push_token(out, std::size_t{*index});
  return out;
}

void rule_compiler::add_path(const json::node& text, rule& into, const path_site& site) {
  if (!text.is_string()) {
    error(site.pointer(), "not_a_path", "a path is a text, not " + std::string(kind_name(text)));
    return;
  }
  std::string why;
  std::size_t at = 0;
  std::optional<path> made = parse_path(text.text(), why, at);
  if (!made) {
    error(site.pointer(), "not_a_path",
          shown(text.text()) + " is not a path: " + why + " (at byte " + std::to_string(at) + ")");
    return;
  }
  check_root(*made, into, site);
  out_.paths.push_back(std::move(*made));
  ++into.path_count;
}

void rule_compiler::check_root(path& made, rule& into, const path_site& site) {
  static constexpr std::array<std::string_view, 9> names = {
      "$", "@", "^", "@index", "param:", "provider:", "model:", "header:", "status"};
  const root_kind root = made.root;
  const bool in_request = root == root_kind::param || root == root_kind::provider || root == root_kind::model;
  const bool in_response = root == root_kind::document || root == root_kind::header ||
                           root == root_kind::status || root == root_kind::provider;
  if (!(request() ? in_request : in_response)) {
    error(site.pointer(), "wrong_root",
          "a " + std::string(config_) + " rule cannot read " +
              std::string(names[static_cast<std::size_t>(root)]),
          request() ? "it reads param:, provider: and model:" : "it reads $, header:, status and provider:");
    return;
  }
  if (root == root_kind::provider && !among(made.root_name, provider_columns())) {
    error(site.pointer(), "unknown_column", "provider:" + made.root_name + " cannot be read",
          "it is one of " + listed(provider_columns()));
  }
  if (root != root_kind::param) return;
  const std::string_view canonical = canonical_param(made.root_name);
  if (canonical.empty()) {
    error(site.pointer(), "unknown_parameter", "there is no parameter " + shown(made.root_name),
          did_you_mean(made.root_name, param_names()));
    return;
  }
  if (canonical == "extra_body" || canonical == "drop_params") {
    error(site.pointer(), "unreadable_parameter",
          std::string(canonical) + " works by itself; no rule reads it");
    return;
  }
  made.root_name = canonical;
  params.insert(made.root_name);
  if (canonical == "max_output_tokens") into.caps_output = true;
}

}  // namespace llm_admin::mapping
