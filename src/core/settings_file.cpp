#include "core/settings_file.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/similar.hpp"

namespace llm_admin {

namespace {

constexpr const char* example =
    "the shape is {\"provider\": \"<name>\", \"api_key\": \"<key>\", \"base_url\": \"https://...\", "
    "\"endpoint\": \"/...\", \"model\": \"...\"}";

enum class field : std::uint8_t { provider, api_key, base_url, endpoint, model, count_ };
constexpr int field_count = static_cast<int>(field::count_);

struct alias {
  std::string_view name;
  field meaning;
};

constexpr alias aliases[] = {
    {"provider", field::provider},
    {"provider_name", field::provider},
    {"api_key", field::api_key},
    {"apiKey", field::api_key},
    {"key", field::api_key},
    {"base_url", field::base_url},
    {"baseUrl", field::base_url},
    {"endpoint", field::endpoint},
    {"endpoint_path", field::endpoint},
    {"endpoint_path_template", field::endpoint},
    {"endpointPath", field::endpoint},
    {"model", field::model},
    {"default_model", field::model},
    {"defaultModel", field::model},
};

std::optional<field> field_of(std::string_view name) {
  for (const alias& a : aliases)
    if (a.name == name) return a.meaning;
  return std::nullopt;
}

[[noreturn]] void unknown_member(std::string_view name, const std::string& from) {
  std::vector<std::string_view> names;
  for (const alias& a : aliases) names.push_back(a.name);
  names.push_back("llm");
  names.push_back("providers");
  std::string hint;
  for (const std::string& near : nearest(name, names))
    hint += (hint.empty() ? "did you mean \"" : " or \"") + near + '"';
  hint += hint.empty() ? "" : "? ";
  throw error(sqlstate::invalid_parameter, "unknown member " + quoted_or_length(name, names) + " in settings",
              "it stands at " + from, hint + example);
}

// The members of one provider, gathered with a check that each thing is said once.
class section {
 public:
  explicit section(std::string from) { result_.from = std::move(from); }

  // False when the member is none of a provider's.
  bool take(std::string_view name, const json::node& value) {
    const auto meaning = field_of(name);
    if (!meaning || value.is_object()) return false;
    std::string_view& seen = names_[static_cast<int>(*meaning)];
    if (!seen.empty())
      throw error(
          sqlstate::invalid_parameter, "settings say one thing twice",
          "members \"" + std::string(seen) + "\" and \"" + std::string(name) + "\" at " + result_.from,
          example);
    seen = name;
    if (value.is_absent()) return true;
    if (!value.is_string())
      throw error(sqlstate::invalid_parameter,
                  "member \"" + std::string(name) + "\" in settings must be a string",
                  "it stands at " + result_.from, example);
    store(*meaning, value.text());
    return true;
  }

  bool says_anything() const {
    return result_.provider || !result_.api_key.empty() || !result_.base_url.empty() ||
           !result_.endpoint.empty() || !result_.model.empty();
  }
  provider_settings& settings() { return result_; }

 private:
  void store(field meaning, std::string_view text) {
    if (text.empty()) return;
    switch (meaning) {
      case field::provider:
        result_.provider = std::string(text);
        return;
      case field::api_key:
        result_.api_key = text;
        return;
      case field::base_url:
        result_.base_url = text;
        return;
      case field::endpoint:
        result_.endpoint = text;
        return;
      case field::model:
        result_.model = text;
        return;
      case field::count_:
        return;
    }
  }

  provider_settings result_;
  std::string_view names_[field_count];
};

// A section that holds nothing but a provider's members; `name` is what the file calls it, if anything.
provider_settings parse_section(const json::node& object, std::string from,
                                std::optional<std::string_view> name) {
  if (!object.is_object())
    throw error(sqlstate::invalid_parameter, "settings of a provider must be an object", "at " + from,
                example);
  section parsed(from);
  for (std::uint32_t n = 0; n < object.size; ++n) {
    std::string_view member;
    const json::node value = object.member_at(n, member);
    if (!parsed.take(member, value)) unknown_member(member, from);
  }
  provider_settings& result = parsed.settings();
  if (name) {
    if (result.provider && *result.provider != *name)
      throw error(sqlstate::invalid_parameter, "settings name two providers for one section",
                  "at " + from + " stands provider " + quoted_or_length(*result.provider), example);
    result.provider = std::string(*name);
  }
  return std::move(result);
}

}  // namespace

std::vector<provider_settings> parse_settings(const json::node& settings) {
  if (!settings.is_object())
    throw error(sqlstate::invalid_parameter, "settings must be a JSON object", "", example);
  std::vector<provider_settings> result;
  section top("the top");
  for (std::uint32_t n = 0; n < settings.size; ++n) {
    std::string_view name;
    const json::node value = settings.member_at(n, name);
    if (top.take(name, value)) continue;
    if (!value.is_object()) unknown_member(name, "the top");
    if (name == "llm") {
      result.push_back(parse_section(value, "llm", std::nullopt));
    } else if (name == "providers") {
      for (std::uint32_t m = 0; m < value.size; ++m) {
        std::string_view provider;
        const json::node each = value.member_at(m, provider);
        result.push_back(parse_section(each, "providers." + named_or_length(provider), provider));
      }
    } else {
      result.push_back(parse_section(value, named_or_length(name), name));
    }
  }
  if (top.says_anything()) {
    if (!result.empty())
      throw error(sqlstate::invalid_parameter, "settings stand both at the top and in sections",
                  "a section is " + result.front().from, example);
    result.push_back(std::move(top.settings()));
  }
  for (const provider_settings& s : result)
    if (s.api_key.empty() && s.base_url.empty() && s.endpoint.empty() && s.model.empty())
      throw error(sqlstate::invalid_parameter, "settings hold nothing to import", "at " + s.from, example);
  if (result.empty())
    throw error(sqlstate::invalid_parameter, "settings hold nothing to import", "", example);
  // By name, as every statement that locks several rows does.
  std::stable_sort(result.begin(), result.end(), [](const provider_settings& a, const provider_settings& b) {
    return a.provider < b.provider;
  });
  for (std::size_t k = 1; k < result.size(); ++k)
    if (result[k].provider == result[k - 1].provider)
      throw error(sqlstate::invalid_parameter, "settings say one thing twice",
                  "one provider at " + result[k - 1].from + " and at " + result[k].from, example);
  return result;
}

}  // namespace llm_admin
