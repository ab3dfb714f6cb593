// Paths of a config and what may be read where.
#include <array>
#include <utility>

#include "core/mapping/coerce.hpp"
#include "core/mapping/compile/rules.hpp"
#include "core/mapping/compile/words.hpp"
#include "core/mapping/params.hpp"

namespace llm_admin::mapping {

namespace {

// What each side may read anywhere; @, ^ and @index only where there is an item.
bool readable(side reads, root_kind root) noexcept {
  switch (root) {
    case root_kind::param:
    case root_kind::model:
      return reads == side::request;
    case root_kind::provider:
      return true;
    case root_kind::document:
    case root_kind::header:
    case root_kind::status:
      return reads != side::request;
    case root_kind::item:
    case root_kind::outer:
    case root_kind::index:
    case root_kind::field:
      return reads == side::event;
    case root_kind::count:
      return reads != side::event;
  }
  return false;
}

bool of_latest(root_kind root) noexcept { return root == root_kind::count || root == root_kind::field; }

bool of_item(root_kind root) noexcept {
  return root == root_kind::item || root == root_kind::outer || root == root_kind::index;
}

}  // namespace

std::string rule_compiler::path_site::pointer() const {
  std::string out = rule;
  if (!member.empty()) json::push_token(out, member);
  if (index) json::push_token(out, std::size_t{*index});
  return out;
}

void rule_compiler::add_path(const json::node& text, rule& into, const path_site& site) {
  std::optional<path> made = read_path(text, site, into.caps_output);
  if (!made) return;
  charge(sizeof(path) + made->bytes());
  out_.add_path(std::move(*made));
  ++into.path_count;
}

std::uint32_t rule_compiler::one_path(const json::node& text, const std::string& pointer) {
  bool caps = false;
  std::optional<path> made = read_path(text, {pointer}, caps);
  if (!made) return nothing;
  charge(sizeof(path) + made->bytes());
  out_.add_path(std::move(*made));
  return static_cast<std::uint32_t>(out_.paths.size() - 1);
}

std::optional<path> rule_compiler::read_path(const json::node& text, const path_site& site, bool& caps) {
  if (!text.is_string()) {
    error(site.pointer(), "not_a_path", "a path is a text, not " + std::string(kind_name(text)));
    return std::nullopt;
  }
  std::string why;
  std::size_t at = 0;
  std::optional<path> made = parse_path(text.text(), why, at);
  if (!made) {
    error(site.pointer(), "not_a_path",
          quoted_member(text.text()) + " is not a path: " + why + " (at byte " + std::to_string(at) + ")");
    return std::nullopt;
  }
  check_root(*made, site, caps);
  return made;
}

bool rule_compiler::check_root(path& made, const path_site& site, bool& caps) {
  static constexpr std::array<std::string_view, 11> names = {
      "$", "@", "^", "@index", "param:", "provider:", "model:", "header:", "status", "@count", "field:"};
  const root_kind root = made.root;
  if (of_latest(root) && !latest()) {
    error(site.pointer(), "wrong_root",
          std::string(names[static_cast<std::size_t>(root)]) + " belongs to mapping version \"1.2\"");
    return false;
  }
  if (of_latest(root) && !readable(reads_, root)) {
    error(site.pointer(), "wrong_root",
          root == root_kind::count ? "@count counts within one document, and the events of a stream are many"
                                   : "field: is of a stream's events; no rule outside of stream reads it");
    return false;
  }
  if (!readable(reads_, root) && !(newer() && items_ > 0 && of_item(root))) {
    const bool request = reads_ == side::request;
    error(site.pointer(), "wrong_root",
          "a " + std::string(config_) + " rule cannot read " +
              std::string(names[static_cast<std::size_t>(root)]) +
              (newer() && of_item(root) ? " outside of each, lookup, with and defs" : ""),
          request ? "it reads param:, provider: and model:" : "it reads $, header:, status and provider:");
    return false;
  }
  if (root == root_kind::provider && !among(made.root_name, provider_columns())) {
    error(site.pointer(), "unknown_column", "provider:" + member_named(made.root_name) + " cannot be read",
          "it is one of " + listed(provider_columns()));
    return false;
  }
  counts_ |= root == root_kind::count;
  if (root != root_kind::param) return true;
  const std::string_view canonical = canonical_param(made.root_name);
  if (canonical.empty()) {
    error(site.pointer(), "unknown_parameter", "there is no parameter " + quoted_member(made.root_name),
          did_you_mean(made.root_name, param_names()));
    return false;
  }
  if (canonical == "extra_body" || canonical == "extra_headers" || (canonical == "drop_params" && !newer())) {
    error(site.pointer(), "unreadable_parameter",
          std::string(canonical) + " works by itself; no rule reads it");
    return false;
  }
  made.root_name = canonical;
  params.insert(made.root_name);
  if (canonical == "max_output_tokens") caps = true;
  return true;
}

}  // namespace llm_admin::mapping
