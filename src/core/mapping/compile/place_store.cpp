#include "core/mapping/compile/place_store.hpp"

#include <algorithm>
#include <utility>

namespace llm_admin::mapping {

place_set done(place_set set) {
  if (set.size() < 2) return set;
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
  return set;
}

place_store::place_store(memory_bound& memory, read_trie& out) : memory_(memory), out_(out) {
  sets_.try_emplace(place_set{}, 0);
  by_number_.push_back(&sets_.begin()->first);
}

void place_store::spend(std::uint64_t effort) {
  memory_.work(effort * work_of_place);
  if ((effort_ += effort) > max_effort) throw too_much_effort();
}

void place_store::hold(std::uint64_t bytes) {
  memory_.take(bytes);
  held_ += bytes;
}

std::uint32_t place_store::number_of(place_set set) {
  const auto next = static_cast<std::uint32_t>(by_number_.size());
  const auto [at, fresh] = sets_.try_emplace(std::move(set), next);
  if (fresh) {
    hold(memory_of_context + at->first.size() * sizeof(std::uint32_t));
    by_number_.push_back(&at->first);
  }
  return at->second;
}

place_set place_store::array_of(place_set parts) {
  made one;
  hold(parts.size() * sizeof(std::uint32_t));
  one.elements = std::move(parts);
  return keep(std::move(one));
}

place_set place_store::keep(made one) {
  hold(sizeof(made) + one.members.size() * memory_of_context);
  made_.push_back(std::move(one));
  return {static_cast<std::uint32_t>(made_from + made_.size() - 1)};
}

place_set place_store::members(const place_set& of, std::string_view name) {
  place_set found;
  spend(of.size());
  for (std::uint32_t one : of) {
    if (one < made_from) {
      found.push_back(out_.make_member(place_of(one), name, memory_));
      continue;
    }
    const made& from = made_[one - made_from];
    const auto own = from.members.find(name);
    if (own != from.members.end()) add(found, own->second);
    if (!from.under.empty()) add(found, members(from.under, name));
  }
  return done(std::move(found));
}

place_set place_store::elements(const place_set& of, bool any_member) {
  place_set found;
  spend(of.size());
  for (std::uint32_t one : of) {
    if (one < made_from) {
      found.push_back(out_.make_elements(place_of(one), any_member, memory_));
      continue;
    }
    const made& from = made_[one - made_from];
    add(found, from.elements);
    for (const auto& [name, part] : from.members) add(found, part);
    if (!from.under.empty()) add(found, elements(from.under, any_member));
  }
  return done(std::move(found));
}

void place_store::mark_lacking(place_set& here, const place_set& known) {
  if (known.empty()) return;
  for (std::uint32_t& one : here) {
    if (one >= made_from) continue;
    const auto& members = out_.at(place_of(one)).members;
    spend(members.size());
    std::vector<std::string> names;
    for (const auto& member : members) {
      const auto at = member.second;
      const bool told = std::any_of(known.begin(), known.end(), [=](std::uint32_t fact) {
        return fact < made_from && (fact & no_object) != 0 && place_of(fact) == at;
      });
      if (told) names.push_back(member.first);
    }
    if (names.empty()) continue;
    hold(names.size() * memory_of_context);
    const auto [before, fresh] = lacks_.try_emplace(place_of(one), names);
    if (!fresh)
      std::erase_if(before->second, [&](const std::string& name) {
        return std::find(names.begin(), names.end(), name) == names.end();
      });
    one |= lacking;
  }
}

void place_store::take(place_set from) {
  while (!from.empty()) {
    spend(1);
    const std::uint32_t one = from.back();
    from.pop_back();
    if (one < made_from) {
      const std::uint32_t at = place_of(one);
      const bool object = (one & no_object) == 0, lacks = (one & lacking) != 0;
      out_.make_whole(at, (one & no_array) == 0, object && !lacks);
      if (object && lacks) out_.make_whole_without(at, lacks_.at(at));
      continue;
    }
    made& part = made_[one - made_from];
    if (part.taken) continue;
    part.taken = true;
    from.insert(from.end(), part.elements.begin(), part.elements.end());
    from.insert(from.end(), part.under.begin(), part.under.end());
    for (const auto& [name, more] : part.members) from.insert(from.end(), more.begin(), more.end());
  }
}

}  // namespace llm_admin::mapping
