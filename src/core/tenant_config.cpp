#include "core/tenant_config.hpp"

#include <array>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/http/connection.hpp"
#include "core/keys/key_text.hpp"
#include "core/similar.hpp"
#include "core/tenant_policy.hpp"
#include "core/text.hpp"

namespace llm_admin {

namespace {

constexpr std::array<std::string_view, 6> members = {"provider",     "apiKey", "baseUrl",
                                                     "defaultModel", "policy", "keepKey"};
// What get_llm_config() tells besides, and nobody sets.
constexpr std::array<std::string_view, 5> read_only = {"configured", "maskedKey", "lastTestedAt",
                                                       "lastTestResult", "lastTestLatency"};

constexpr std::size_t max_problems = 100;
constexpr std::uint32_t members_between_polls = 4096;
constexpr std::size_t longest_key = 8192;  // bytes; servers take no longer header line
constexpr std::size_t longest_text = 255;

constexpr std::string_view kind_name(json::kind kind) noexcept {
  switch (kind) {
    case json::kind::null:
      return "null";
    case json::kind::boolean:
      return "boolean";
    case json::kind::number:
      return "number";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "array";
    default:
      return "object";
  }
}

class decoder {
 public:
  decoder(const json::node& config, void (*poll)()) : config_(config), poll_(poll) {}

  given_config run() {
    given_config given;
    check_names();
    given.provider = text("provider", longest_text);
    given.policy = text("policy", longest_text);
    given.base_url = text("baseUrl", longest_tenant_url, &given.clears_base_url);
    given.default_model = text("defaultModel", longest_text, &given.clears_default_model);
    given.api_key = key();
    if (given.policy && !tenant_policy_named(*given.policy))
      problem("policy must be one of " + std::string(tenant_policy_names));
    if (const json::node keeps = config_.member("keepKey"); !keeps.is_absent()) {
      if (keeps.is_boolean())
        given.keeps_key = keeps.truth();
      else
        problem("keepKey must be a boolean, not " + std::string(kind_name(keeps.type)));
    }
    if (given.keeps_key && given.api_key) problem("keepKey and apiKey exclude each other");
    if (problems_.empty()) return given;
    std::string detail;
    for (const std::string& one : problems_) detail += (detail.empty() ? "" : "\n") + one;
    throw error(sqlstate::config_invalid, "the tenant's configuration is invalid", detail,
                "members are provider, apiKey, baseUrl, defaultModel, policy, keepKey; nothing was stored");
  }

 private:
  // The first hundred, and then a line that says that there may be more.
  void problem(std::string what) {
    if (problems_.size() < max_problems)
      problems_.push_back(std::move(what));
    else if (problems_.size() == max_problems)
      problems_.emplace_back("there may be more problems; the first 100 are listed");
  }
  bool enough() const noexcept { return problems_.size() > max_problems; }

  void check_names() {
    for (std::uint32_t n = 0; n < config_.size && !enough(); ++n) {
      if (n % members_between_polls == members_between_polls - 1 && poll_ != nullptr) poll_();
      std::string_view name;
      (void)config_.member_at(n, name);
      if (is_one_of(name, members)) continue;
      if (is_one_of(name, read_only)) {
        problem(std::string(name) + " is what get_llm_config tells and cannot be set");
        continue;
      }
      const auto near = nearest(name, members, 1);
      problem(named_or_length(name, members) + " is no member" +
              (near.empty() ? "" : "; did you mean " + near[0] + "?"));
    }
  }

  template <std::size_t N>
  static bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    for (const std::string_view one : names)
      if (one == name) return true;
    return false;
  }

  // `clears` says that null may stand there and what it means.
  std::optional<std::string_view> text(std::string_view name, std::size_t most, bool* clears = nullptr) {
    const json::node value = config_.member(name);
    if (value.is_absent()) {  // as null is, too
      if (clears != nullptr) *clears = value.type == json::kind::null;
      return std::nullopt;
    }
    const std::string shown(name);
    if (!value.is_string()) {
      problem(shown + " must be a text" + (clears != nullptr ? " or null" : "") + ", not " +
              std::string(kind_name(value.type)));
      return std::nullopt;
    }
    if (value.size == 0)
      problem(shown + " must not be empty" + (clears != nullptr ? "; null clears it" : ""));
    else if (characters_in(value.text()) > most)
      problem(shown + " must have at most " + std::to_string(most) + " characters");
    return value.text();
  }

  std::optional<std::string_view> key() {
    const json::node value = config_.member("apiKey");
    if (value.is_absent()) return std::nullopt;
    if (!value.is_string()) {
      problem("apiKey must be a text, not " + std::string(kind_name(value.type)));
      return std::nullopt;
    }
    if (value.size > longest_key)
      problem("apiKey is longer than " + std::to_string(longest_key) + " bytes, which no header can carry");
    else if (const char* wrong = key_problem(value.text()))
      problem("apiKey " + std::string(wrong));
    return value.text();
  }

  const json::node config_;
  void (*poll_)();
  std::vector<std::string> problems_;
};

}  // namespace

given_config decode_tenant_config(const json::node& config, void (*poll)()) {
  if (!config.is_object())
    throw error(sqlstate::config_invalid, "the tenant's configuration must be a JSON object", "",
                "SELECT llm_admin.put_llm_config('<tenant>', '{\"apiKey\": \"<key>\"}')");
  return decoder(config, poll).run();
}

}  // namespace llm_admin
