// `lookup`: the candidate whose key equals a value. Keys are texts, numbers and booleans, compared by kind
// and value; the last of several wins.
//
// Candidates that do not depend on an item are put into an index once for each evaluator, so that a lookup
// for every item of an `each` takes one search. Other ones are looked through. The index is sorted, not
// hashed: its keys are a vendor's, who could choose them to fall together.
#include <map>
#include <utility>

#include "core/json/decimal.hpp"
#include "core/mapping/evaluate/binding.hpp"

namespace llm_admin::mapping {

struct evaluator::key_index {
  struct entry {
    json::node match;
    std::uint64_t number = 0;
  };
  explicit key_index(memory_bound* memory) noexcept : memory_(memory) {}
  ~key_index() {
    if (memory_ != nullptr) memory_->give(held_);
  }
  key_index(const key_index&) = delete;
  key_index& operator=(const key_index&) = delete;

  std::map<std::string_view, entry> texts;  // borrowed from the candidates
  std::map<std::string, entry> others;

  static std::string other_key(const json::node& key) {
    if (key.is_boolean()) return key.truth() ? "true" : "false";
    const std::string text = key.number_text();
    return json::decimal_key(text).value_or(text);
  }
  void put(const json::node& key, const entry& of) {
    constexpr std::size_t node_memory = sizeof(std::string) + sizeof(entry) + 6 * sizeof(void*);
    if (key.is_string()) {
      hold(node_memory);
      texts.insert_or_assign(key.text(), of);
    } else if (key.is_scalar()) {
      std::string text = other_key(key);
      hold(node_memory + text.size());
      others.insert_or_assign(std::move(text), of);
    }
  }
  void hold(std::size_t bytes) {
    if (memory_ == nullptr) return;
    memory_->take(bytes);
    held_ += bytes;
  }
  const entry* find(const json::node& key) const {
    if (key.is_string()) {
      const auto at = texts.find(key.text());
      return at == texts.end() ? nullptr : &at->second;
    }
    const auto at = others.find(other_key(key));
    return at == others.end() ? nullptr : &at->second;
  }

 private:
  memory_bound* memory_;
  std::size_t held_ = 0;
};

bool evaluator::outlasts_items(const rule& what) const noexcept {
  const root_kind in = rules_.paths[what.first_path].root, key = rules_.paths[what.first_path + 1].root;
  const auto bound = [](root_kind root) { return root == root_kind::outer || root == root_kind::index; };
  return in != root_kind::item && !bound(in) && !bound(key);
}

// visit(key, candidate, number) for each candidate that has a key.
template <typename visitor>
void evaluator::candidates(const rule& what, visitor visit) {
  const path& key = rules_.paths[what.first_path + 1];
  binding here(*this, &rules_.paths[what.first_path], nullptr);
  std::uint64_t seen = 0;
  here.from->each(in_, left_, [&](const json::node& candidate) {
    here.bind_item(candidate);
    const json::node found = key.first(in_, left_);
    if (!found.is_absent()) visit(found, candidate, seen);
    ++seen;
    return true;
  });
}

bool evaluator::found(const rule& what, const json::node& key, json::node& match, std::uint64_t& number) {
  if (!key.is_scalar()) return false;
  if (key.is_string()) left_.read(key.size);
  if (!outlasts_items(what)) {
    bool any = false;
    candidates(what, [&](const json::node& theirs, const json::node& candidate, std::uint64_t at) {
      if (!same(theirs, key)) return;
      any = true;
      match = candidate;
      number = at;
    });
    return any;
  }
  std::shared_ptr<const key_index>& index = lookups_[&what];
  if (index == nullptr) {
    auto made = std::make_shared<key_index>(out_.charged());
    candidates(what, [&](const json::node& theirs, const json::node& candidate, std::uint64_t at) {
      made->put(theirs, {candidate, at});
    });
    index = std::move(made);
  }
  const key_index::entry* entry = index->find(key);
  if (entry == nullptr) return false;
  match = entry->match;
  number = entry->number;
  return true;
}

json::item* evaluator::lookup(const rule& what) {
  const json::item* wanted = run(rules_.rules[what.first_child]);
  json::node match;
  std::uint64_t number = 0;
  if (wanted == nullptr || !found(what, json::view(wanted), match, number)) return nullptr;
  if (what.child_count < 2) return out_.borrow(match);
  binding here(*this, &rules_.paths[what.first_path], nullptr);
  here.number = number;
  here.bind_outer();
  here.bind_item(match);
  return run(rules_.rules[what.first_child + 1]);
}

}  // namespace llm_admin::mapping
