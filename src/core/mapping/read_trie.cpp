#include "core/mapping/read_trie.hpp"

#include <algorithm>

#include "core/json/text.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::uint64_t tree_node = 4 * sizeof(void*);  // of std::map, beside its value
constexpr std::size_t deepest = 256;                    // values below that are not looked into

const read_trie::place all_of_it{{}, read_trie::none, false, true, true, {}};

class finder {
 public:
  finder(const read_trie& reads, budget& left, std::size_t most, std::vector<std::string>& out)
      : reads_(reads), left_(left), most_(most), out_(out) {}

  struct step {  // from the value around
    const step* before;
    std::string_view member;
    std::size_t element;  // when `of_array`
    bool of_array;
  };

  void look(const json::node& value, const read_trie::place* at, std::size_t depth,
            const step* here = nullptr) {
    const bool array = value.is_array();
    if ((array ? at->whole_array : read_trie::takes(*at, value)) || depth == deepest) return;
    // A path that ends here reads what is here, unless others go further into this kind of value.
    if (array ? at->elements == read_trie::none : !value.is_object() || leads_nowhere(*at)) return;
    for (std::uint32_t n = 0; n < value.size && out_.size() < most_; ++n) {
      left_.spend();
      std::string_view key;
      const json::node child = array ? value.element(n) : value.member_at(n, key);
      if (says_nothing(child)) continue;
      const step child_at{here, key, n, array};
      const read_trie::place* below = array ? reads_.element(at) : reads_.member(at, key);
      if (below == nullptr)
        push_pointer(&child_at, out_.emplace_back());
      else
        look(child, below, depth + 1, &child_at);
    }
  }

 private:
  static void push_pointer(const step* to, std::string& out) {
    if (to == nullptr) return;
    push_pointer(to->before, out);
    if (to->of_array)
      json::push_token(out, to->element);
    else
      json::push_token(out, to->member);
  }

  static bool leads_nowhere(const read_trie::place& at) noexcept {
    return at.members.empty() && !at.any_member;
  }

  const read_trie& reads_;
  budget& left_;
  std::size_t most_;
  std::vector<std::string>& out_;
};

}  // namespace

const read_trie::place* read_trie::member(const place* of, std::string_view name) const noexcept {
  if (of == nullptr) return of;
  if (of->whole_object) return &all_of_it;
  const auto found = of->members.find(name);
  if (found != of->members.end()) return &places_[found->second];
  return of->any_member ? &places_[of->elements] : nullptr;
}

const read_trie::place* read_trie::element(const place* of) const noexcept {
  if (of == nullptr) return of;
  if (of->whole_array) return &all_of_it;
  return of->elements == none ? nullptr : &places_[of->elements];
}

bool read_trie::takes(const place& at, const json::node& object) noexcept {
  if (at.whole_object || at.whole_without.empty()) return at.whole_object;
  return std::none_of(at.whole_without.begin(), at.whole_without.end(),
                      [&](const std::string& name) { return object.member(name).is_object(); });
}

std::size_t read_trie::bytes() const noexcept {
  std::size_t total = places_.capacity() * sizeof(place);
  for (const place& one : places_) {
    for (const std::string& name : one.whole_without) total += sizeof(name) + name.capacity();
    for (const auto& [name, at] : one.members)
      total += sizeof(name) + sizeof(at) + tree_node + name.capacity();
  }
  return total;
}

std::uint32_t read_trie::make_top() {
  if (places_.empty()) places_.emplace_back();
  return 0;
}

std::uint32_t read_trie::add(memory_bound& memory) {
  memory.take(2 * sizeof(place));  // the vector doubles
  places_.emplace_back();
  return static_cast<std::uint32_t>(places_.size() - 1);
}

std::uint32_t read_trie::make_member(std::uint32_t of, std::string_view name, memory_bound& memory) {
  if (places_[of].whole()) return of;
  const auto found = places_[of].members.find(name);
  if (found != places_[of].members.end()) return found->second;
  memory.take(sizeof(std::string) + sizeof(std::uint32_t) + tree_node + name.size());
  const std::uint32_t made = add(memory);
  places_[of].members.emplace(name, made);
  return made;
}

std::uint32_t read_trie::make_elements(std::uint32_t of, bool any_member, memory_bound& memory) {
  if (places_[of].whole()) return of;
  if (places_[of].elements == none) {
    const std::uint32_t made = add(memory);
    places_[of].elements = made;
  }
  places_[of].any_member |= any_member;
  return places_[of].elements;
}

void read_trie::make_whole_without(std::uint32_t at, const std::vector<std::string>& members) {
  place& here = places_[at];
  if (here.whole_object) return;
  if (here.whole_without.empty()) {
    here.whole_without = members;
  } else {
    std::erase_if(here.whole_without, [&](const std::string& name) {
      return std::find(members.begin(), members.end(), name) == members.end();
    });
  }
  if (here.whole_without.empty()) here.whole_object = true;
}

void read_trie::take_all() noexcept {
  places_.resize(1);
  places_[0].members.clear();
  places_[0].elements = none;
  places_[0].any_member = false;
  places_[0].whole_without.clear();
  make_whole(0);
}

bool says_nothing(const json::node& value) noexcept {
  return value.is_absent() ||
         ((value.is_string() || value.is_array() || value.is_object()) && value.size == 0);
}

std::vector<std::string> unread(const read_trie& reads, const json::node& document, budget& left,
                                std::size_t most) {
  std::vector<std::string> out;
  if (!reads.empty()) finder(reads, left, most, out).look(document, reads.top(), 0);
  return out;
}

}  // namespace llm_admin::mapping
