// A bounded map for caches: what was not looked up for a while goes, without a list to keep in order.
//
// Values live in a younger and an older half. A look-up moves what it finds into the younger one; when that
// is full, it becomes the older one and what was there goes. So the `half` values used last are always kept,
// and never more than twice as many are. A pointer stays valid until the next insert() or clear(). Throws
// what the map throws.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace llm_admin {

template <class Key, class Value, class Hash>
class two_generations {
 public:
  explicit two_generations(std::size_t half) : half_(half) {}

  Value* find(const Key& key) {
    if (const auto at = younger_.find(key); at != younger_.end()) return &at->second;
    if (auto node = older_.extract(key)) return &put(std::move(node));
    return nullptr;
  }

  Value& insert(const Key& key, Value value) {
    older_.erase(key);
    younger_.erase(key);
    make_room();
    return younger_.emplace(key, std::move(value)).first->second;
  }

  void clear() {
    younger_.clear();
    older_.clear();
  }
  std::size_t size() const noexcept { return younger_.size() + older_.size(); }

 private:
  using map = std::unordered_map<Key, Value, Hash>;

  Value& put(typename map::node_type node) {
    make_room();
    return younger_.insert(std::move(node)).position->second;
  }
  void make_room() {
    if (younger_.size() < half_) return;
    older_ = std::move(younger_);
    younger_ = map();
  }

  std::size_t half_;
  map younger_, older_;
};

}  // namespace llm_admin
