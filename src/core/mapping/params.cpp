#include "core/mapping/params.hpp"

#include <array>

#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/similar.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 36> canonical_names = {"model_name",
                                                              "messages",
                                                              "input",
                                                              "temperature",
                                                              "top_p",
                                                              "top_k",
                                                              "max_output_tokens",
                                                              "stop",
                                                              "seed",
                                                              "tools",
                                                              "tool_choice",
                                                              "parallel_tool_calls",
                                                              "response_format",
                                                              "reasoning_effort",
                                                              "user",
                                                              "metadata",
                                                              "stream",
                                                              "stream_options",
                                                              "n",
                                                              "frequency_penalty",
                                                              "presence_penalty",
                                                              "logit_bias",
                                                              "logprobs",
                                                              "top_logprobs",
                                                              "service_tier",
                                                              "verbosity",
                                                              "store",
                                                              "modalities",
                                                              "audio",
                                                              "prediction",
                                                              "prompt_cache_key",
                                                              "dimensions",
                                                              "encoding_format",
                                                              "extra_headers",
                                                              "extra_body",
                                                              "drop_params"};

constexpr std::size_t max_kept = 1000;  // findings

struct alias {
  std::string_view name, canonical;
};
constexpr std::array<alias, 3> aliases = {{{"model", "model_name"},
                                           {"max_tokens", "max_output_tokens"},
                                           {"max_completion_tokens", "max_output_tokens"}}};

// The nearest name is looked for only as long as someone will read it.
std::string unknown(std::string_view name, bool with_hint) {
  std::vector<std::string_view> all(canonical_names.begin(), canonical_names.end());
  for (const alias& one : aliases) all.push_back(one.name);
  const std::span<const std::string_view> readable = all;
  std::string out = "unknown parameter " + quoted_or_length(name, readable.first(with_hint ? all.size() : 0));
  if (!with_hint) return out;
  const std::vector<std::string> near = nearest(name, all, 1);
  if (!near.empty()) out += "; did you mean " + json::quoted(near[0]) + "?";
  return out;
}

}  // namespace

std::span<const std::string_view> param_names() noexcept { return canonical_names; }

std::string_view canonical_param(std::string_view name) noexcept {
  for (std::string_view one : canonical_names) {
    if (one == name) return one;
  }
  for (const alias& one : aliases) {
    if (one.name == name) return one.canonical;
  }
  return {};
}

bool steers_build(std::string_view canonical) noexcept {
  return canonical == "extra_body" || canonical == "extra_headers" || canonical == "drop_params";
}

std::string_view param_set::given_name(std::string_view canonical) const noexcept {
  for (const auto& [name, written] : given) {
    if (name == canonical) return written;
  }
  return {};
}

void param_set::leave_out(std::string_view canonical, json::tree& holder) {
  holder.remove(values, canonical);
  std::erase_if(given, [=](const auto& one) { return one.first == canonical; });
}

param_set normalise_params(const json::node& params, std::string_view default_model, json::tree& out,
                           std::vector<finding>& findings) {
  param_set set;
  set.values = out.object();
  const std::uint32_t count = params.is_object() ? params.size : 0;
  for (std::uint32_t n = 0; n < count; ++n) {
    std::string_view name;
    const json::node value = params.member_at(n, name);
    const std::string_view canonical = canonical_param(name);
    if (canonical.empty()) {
      if (findings.size() >= max_kept) break;  // nobody reads more
      // A pointer leads to something in the input: to the whole of it where the member is not named.
      std::string pointer = named_or_length(name) == name ? json::child("", name) : std::string();
      findings.push_back({std::move(pointer), "", unknown(name, findings.size() < max_listed)});
      continue;
    }
    if (value.is_absent()) continue;
    const std::string_view before = set.given_name(canonical);
    if (!before.empty()) {
      findings.push_back(
          {resolving(json::child("", name), longest_pointer), "",
           json::quoted(name) + " and " + json::quoted(before) + " name the same parameter; give one"});
      continue;
    }
    set.given.emplace_back(canonical, name);
    out.put(set.values, canonical, out.borrow(value));
  }
  if (set.given_name("model_name").empty() && !default_model.empty()) {
    out.put(set.values, "model_name", out.string(default_model));
  }
  return set;
}

}  // namespace llm_admin::mapping
