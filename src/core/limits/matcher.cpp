#include "core/limits/matcher.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "core/glob.hpp"

namespace llm_admin::limits {

namespace {

// Each text once, so that its place is its number.
std::vector<std::string_view> each_once(std::vector<std::string_view> texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

std::uint32_t number_in(const std::vector<std::string_view>& texts, std::string_view text) {
  return static_cast<std::uint32_t>(std::lower_bound(texts.begin(), texts.end(), text) - texts.begin());
}

bool is_within_a_tenant(scope of) noexcept {
  return of == scope::tenant || of == scope::team || of == scope::user || of == scope::key;
}

std::string counter_tenant(const limit& of, const call_facts& call) {
  if (is_within_a_tenant(of.scope)) return std::string(call.tenant);
  return is_literal_glob(of.tenant) ? of.tenant : std::string();
}

}  // namespace

void into_lock_order(std::vector<met_limit>& met) {
  std::sort(met.begin(), met.end(), [](const met_limit& a, const met_limit& b) {
    return std::tie(a.by->id, a.tenant, a.subject) < std::tie(b.by->id, b.tenant, b.subject);
  });
}

compiled_limits::compiled_limits(std::vector<limit> limits) : limits_(std::move(limits)) {
  std::sort(limits_.begin(), limits_.end(), [](const limit& a, const limit& b) { return a.id < b.id; });
  std::vector<number> active;
  std::array<std::vector<std::string_view>, scopes> subjects;
  std::vector<std::string_view> tenants, models;
  for (number n = 0; n < limits_.size(); ++n) {
    const limit& one = limits_[n];
    if (!one.enabled || !one.amount) continue;
    active.push_back(n);
    subjects[static_cast<std::size_t>(one.scope)].push_back(one.subject);
    tenants.push_back(one.tenant);
    models.push_back(one.model);
  }
  for (std::vector<std::string_view>& of : subjects) of = each_once(std::move(of));
  tenants = each_once(std::move(tenants));
  models = each_once(std::move(models));

  using key = std::array<number, 5>;  // scope, subject, tenant, model, limit
  std::vector<key> keys;
  keys.reserve(active.size());
  for (const number n : active) {
    const limit& one = limits_[n];
    const auto of = static_cast<std::size_t>(one.scope);
    keys.push_back({static_cast<number>(of), number_in(subjects[of], one.subject),
                    number_in(tenants, one.tenant), number_in(models, one.model), n});
  }
  std::sort(keys.begin(), keys.end());
  for (std::size_t n = 0; n < keys.size(); ++n) {
    // How many levels this one shares with the one before.
    std::size_t same = 0;
    while (n > 0 && same < 4 && keys[n][same] == keys[n - 1][same]) ++same;
    const auto filed = static_cast<number>(filed_.size());
    if (same < 4) by_model_.push_back({keys[n][3], filed, filed});
    const auto last_model = static_cast<number>(by_model_.size());
    if (same < 3) by_tenant_.push_back({keys[n][2], last_model - 1, last_model});
    const auto last_tenant = static_cast<number>(by_tenant_.size());
    std::vector<branch>& top = by_subject_[keys[n][0]];
    if (same < 2) top.push_back({keys[n][1], last_tenant - 1, last_tenant});
    filed_.push_back(keys[n][4]);
    by_model_.back().end = filed + 1;
    by_tenant_.back().end = last_model;
    top.back().end = last_tenant;
  }
  for (std::size_t of = 0; of < scopes; ++of) subjects_[of] = glob_index(subjects[of]);
  tenants_ = glob_index(tenants);
  models_ = glob_index(models);
}

// One call's way from subjects to limits.
class compiled_limits::walk {
 public:
  walk(const compiled_limits& all, const call_facts& call, std::vector<met_limit>& out)
      : all_(all), call_(call), out_(out) {}

  void subject(scope of, std::string_view text) {
    const auto n = static_cast<std::size_t>(of);
    compared_ += all_.subjects_[n].each(text, [&](number pattern) {
      const branch& top = all_.by_subject_[n][pattern];
      children(all_.by_tenant_, top, all_.tenants_, call_.tenant, tenants_, [&](const branch& tenant) {
        children(all_.by_model_, tenant, all_.models_, call_.model, models_, [&](const branch& model) {
          for (number at = model.begin; at < model.end; ++at) {
            const limit& one = all_.limits_[all_.filed_[at]];
            out_.push_back({&one, counter_tenant(one, call_), std::string(text)});
          }
        });
      });
    });
  }

  std::size_t compared() const noexcept { return compared_; }

 private:
  // The entries of `above` whose pattern matches. Few are compared one by one; among many, those are looked
  // up whose patterns are found by the index, which is asked once a call.
  template <class Visit>
  void children(const std::vector<branch>& level, const branch& above, const glob_index& index,
                std::string_view text, std::optional<std::vector<number>>& matching, const Visit& visit) {
    constexpr std::size_t few = 8;
    const auto begin = level.begin() + above.begin, end = level.begin() + above.end;
    if (above.end - above.begin <= few) {
      compared_ += above.end - above.begin;
      for (auto at = begin; at != end; ++at)
        if (glob_matches(index.pattern(at->pattern), text)) visit(*at);
      return;
    }
    if (!matching) {
      matching.emplace();
      compared_ += index.each(text, [&](number pattern) { matching->push_back(pattern); });
    }
    compared_ += matching->size();
    for (const number pattern : *matching) {
      const auto at = std::lower_bound(begin, end, pattern,
                                       [](const branch& a, number wanted) { return a.pattern < wanted; });
      if (at != end && at->pattern == pattern) visit(*at);
    }
  }

  const compiled_limits& all_;
  const call_facts& call_;
  std::vector<met_limit>& out_;
  std::optional<std::vector<number>> tenants_, models_;  // patterns that match the call's
  std::size_t compared_ = 0;
};

std::vector<met_limit> compiled_limits::matching(const call_facts& call, std::size_t* compared) const {
  std::vector<met_limit> met;
  walk from(*this, call, met);
  from.subject(scope::organisation, "");
  const std::pair<scope, std::string_view> subjects[] = {
      {scope::tenant, call.tenant},  {scope::team, call.team}, {scope::user, call.user},
      {scope::key, call.key},        {scope::tier, call.tier}, {scope::model, call.model},
      {scope::account, call.account}};
  for (const auto& [of, text] : subjects)
    if (!text.empty()) from.subject(of, text);
  std::string tag;
  for (const call_tag& one : call.tags) {
    tag.assign(one.name).append("=").append(one.value);
    from.subject(scope::tag, tag);
  }
  into_lock_order(met);
  // A tag that a call gives twice counts once.
  met.erase(std::unique(met.begin(), met.end(),
                        [](const met_limit& a, const met_limit& b) {
                          return a.by == b.by && a.subject == b.subject && a.tenant == b.tenant;
                        }),
            met.end());
  if (compared != nullptr) *compared = from.compared();
  return met;
}

const limit* compiled_limits::find(const uuid& id) const noexcept {
  const auto found = std::lower_bound(limits_.begin(), limits_.end(), id,
                                      [](const limit& a, const uuid& wanted) { return a.id < wanted; });
  return found != limits_.end() && found->id == id ? &*found : nullptr;
}

}  // namespace llm_admin::limits
