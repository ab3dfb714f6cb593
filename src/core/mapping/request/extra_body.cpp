#include "core/mapping/request/extra_body.hpp"

#include <algorithm>
#include <map>

#include "core/given_name.hpp"
#include "core/json/text.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t max_merge_depth = 64;
constexpr std::size_t max_kept = 1000;  // findings

class merger {
 public:
  merger(const extra_guard& guard, json::tree& out, budget& left, const std::string& base,
         std::vector<finding>& findings, std::vector<std::string>* added)
      : guard_(guard), out_(out), left_(left), base_(base), findings_(findings), added_(added) {}

  void merge(json::item* target, const json::node& extra) {
    out_.own(target);
    // What was there before: no member of `extra` has the name of another one, so what is added here need not
    // be looked through again.
    std::map<std::string_view, json::item*> there;
    for (json::item* one : target->children()) {
      left_.spend();
      there.try_emplace(one->key, one);
    }
    for (std::uint32_t n = 0; n < extra.size; ++n) {
      left_.spend();
      std::string_view key;
      const json::node value = extra.member_at(n, key);
      const auto existing = there.find(key);
      at_.emplace_back(key);
      one(target, existing == there.end() ? nullptr : existing->second, key, value);
      at_.pop_back();
    }
  }

 private:
  void one(json::item* target, json::item* existing, std::string_view key, const json::node& value) {
    const auto [refusal, inside] = guarded(value);
    if (refusal != nullptr) return refuse(*refusal);
    if (existing == nullptr) {
      if (!inside) {
        out_.append(target, key, out_.borrow(value));
        if (added_ != nullptr) added_->push_back(pointer());
        return;
      }
      json::item* made = out_.object();  // built member by member, because something in it may be refused
      out_.append(target, key, made);
      return merge(made, value);
    }
    if (!json::view(existing).is_object() || !value.is_object()) {
      return refuse("extra_body cannot change " + nameable(resolving(pointer(), longest_pointer)) +
                    ", which a rule made");
    }
    if (at_.size() == max_merge_depth) {
      return refuse("extra_body meets the rules' output deeper than 64 levels");
    }
    merge(existing, value);
  }

  // Made when it is asked for only: it holds all names above.
  std::string pointer() const {
    std::string out;
    for (const std::string& name : at_) json::push_token(out, name);
    return out;
  }

  // Why the place at_ is refused, or whether something inside it may be.
  std::pair<const std::string*, bool> guarded(const json::node& value) const {
    if (at_.size() == 1) {
      for (const auto& [name, why] : guard_.names) {
        if (name == at_[0]) return {&why, false};
      }
    }
    bool inside = false;
    for (const auto& [place, why] : guard_.places) {
      if (place == at_) return {&why, false};
      inside |=
          value.is_object() && place.size() > at_.size() && std::equal(at_.begin(), at_.end(), place.begin());
    }
    return {nullptr, inside};
  }

  void refuse(std::string why) {
    if (findings_.size() >= max_kept) return;  // nobody reads more
    findings_.push_back({resolving(base_ + pointer(), longest_pointer), "", std::move(why)});
  }

  const extra_guard& guard_;
  json::tree& out_;
  budget& left_;
  const std::string& base_;
  std::vector<finding>& findings_;
  std::vector<std::string>* added_;
  std::vector<std::string> at_;
};

}  // namespace

void merge_extra_body(json::item* body, const json::node& extra, const extra_guard& guard, json::tree& out,
                      budget& left, const std::string& written_as, std::vector<finding>& findings,
                      std::vector<std::string>* added) {
  merger(guard, out, left, written_as, findings, added).merge(body, extra);
}

}  // namespace llm_admin::mapping
