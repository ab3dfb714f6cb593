#include "core/mapping/compile/reads.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <vector>

namespace llm_admin::mapping {

namespace {

constexpr std::uint64_t max_effort = 1u << 18;  // contexts, and places looked at in them
constexpr std::uint64_t work_of_place = 64, memory_of_context = 128;  // bytes

struct too_much_effort {};

using places = std::vector<std::uint32_t>;  // sorted, each once, when it is done

void add(places& into, const places& more) { into.insert(into.end(), more.begin(), more.end()); }

places done(places set) {
  if (set.size() < 2) return set;
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
  return set;
}

class reader {
 public:
  reader(const rule_set& rules, memory_bound& memory, read_trie& out)
      : rules_(rules), memory_(memory), out_(out) {
    sets_.try_emplace(places{}, 0);
    by_number_.push_back(&sets_.begin()->first);
  }
  // What only this walk needed.
  ~reader() { memory_.give(held_); }
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  void result(std::uint32_t index) { take(value(index, {})); }

 private:
  // Numbers from `made_from` on are values that a rule made; those below are places of the trie.
  static constexpr std::uint32_t made_from = 1u << 31;
  struct made {
    std::map<std::string, places, std::less<>> members;
    places elements;  // of an array
    places under;     // spliced under the members of an object
    bool taken = false;
  };
  struct context {  // sets by number
    std::uint32_t item = 0, outer = 0;
  };

  void spend(std::uint64_t effort) {
    memory_.work(effort * work_of_place);
    if ((effort_ += effort) > max_effort) throw too_much_effort();
  }
  void hold(std::uint64_t bytes) {
    memory_.take(bytes);
    held_ += bytes;
  }

  std::uint32_t number_of(places set) {
    const auto next = static_cast<std::uint32_t>(by_number_.size());
    const auto [at, fresh] = sets_.try_emplace(std::move(set), next);
    if (fresh) {
      hold(memory_of_context + at->first.size() * sizeof(std::uint32_t));
      by_number_.push_back(&at->first);
    }
    return at->second;
  }
  const places& set_of(std::uint32_t number) const { return *by_number_[number]; }

  places value(std::uint32_t index, context in) {
    const auto key = std::make_tuple(index, in.item, in.outer);
    const auto known = values_.find(key);
    if (known != values_.end()) return set_of(known->second);
    spend(1);
    hold(memory_of_context);
    places found = computed(rules_.rules[index], in);
    values_.emplace(key, number_of(found));
    return found;
  }

  places computed(const rule& what, context in) {
    if (what.with != nothing) in.item = number_of(value(what.with, in));
    places found = head_of(what, in);
    const checks* by = what.checks == nothing ? nullptr : &rules_.checks[what.checks];
    for (std::uint32_t bound : {by ? by->min_rule : nothing, by ? by->max_rule : nothing})
      if (bound != nothing) take(value(bound, in));
    const bool passes = what.conversion == nothing && !what.joins && (by == nullptr || by->map == nullptr);
    if (passes) return found;
    take(found);
    return {};
  }

  places head_of(const rule& what, context in) {
    switch (what.head) {
      case head::paths: {
        places found;
        for (std::uint32_t n = 0; n < what.path_count; ++n) add(found, walk(what.first_path + n, in));
        found = done(std::move(found));
        return what.all ? array_of(std::move(found)) : found;
      }
      case head::fields:
        return object_of(what, in);
      case head::items: {
        places parts;
        for (std::uint32_t n = 0; n < what.child_count; ++n) {
          const places one = value(what.first_child + n, in);
          add(parts, rules_.rules[what.first_child + n].spread ? elements(one, false) : one);
        }
        return array_of(done(std::move(parts)));
      }
      case head::each:
        return each(what, in);
      case head::select:
        for (std::uint32_t n = 0; n < what.child_count; ++n) test(what.first_condition + n, in);
        return any_child(what, in);
      case head::call:
      case head::first:
        return any_child(what, in);
      case head::kept:
        take(members(members(set_of(in.item), "provider_state"), rules_.dialect));
        return {};
      case head::lookup:
        return lookup(what, in);
      case head::none:
      case head::value:
      case head::raise:
        return {};
      default:  // a text or a number is made of all there is
        for (std::uint32_t n = 0; n < what.path_count; ++n) take(walk(what.first_path + n, in));
        take(any_child(what, in));
        return {};
    }
  }

  places any_child(const rule& what, context in) {
    places found;
    for (std::uint32_t n = 0; n < what.child_count; ++n) add(found, value(what.first_child + n, in));
    return done(std::move(found));
  }

  places object_of(const rule& what, context in) {
    made one;
    for (std::uint32_t n = 0; n < what.child_count; ++n) {
      const rule& child = rules_.rules[what.first_child + n];
      const places part = value(what.first_child + n, in);
      hold(part.size() * sizeof(std::uint32_t));
      add(child.spread ? one.under : one.members[child.name], part);
    }
    return keep(std::move(one));
  }

  places array_of(places parts) {
    made one;
    hold(parts.size() * sizeof(std::uint32_t));
    one.elements = std::move(parts);
    return keep(std::move(one));
  }

  places keep(made one) {
    hold(sizeof(made) + one.members.size() * memory_of_context);
    made_.push_back(std::move(one));
    return {static_cast<std::uint32_t>(made_from + made_.size() - 1)};
  }

  places each(const rule& what, context in) {
    const places items = walk(what.first_path, in);
    const context inside{number_of(items), in.item};
    const gather* how = what.gather == nothing ? nullptr : &rules_.gathers[what.gather];
    if (how != nullptr && how->where != nothing) test(how->where, inside);
    places found = what.child_count == 0 ? items : value(what.first_child, inside);
    if (how != nullptr && how->flatten) add(found, elements(found, false));
    return array_of(done(std::move(found)));
  }

  places lookup(const rule& what, context in) {
    if (what.path_count < 2 || what.child_count < 2) return {};
    const std::uint32_t candidates = number_of(walk(what.first_path, in));
    walk(what.first_path + 1, {candidates, in.outer});
    take(value(what.first_child, in));
    return value(what.first_child + 1, {candidates, in.item});
  }

  void test(std::uint32_t index, context in) {
    const condition& what = rules_.conditions[index];
    spend(1);
    if (what.path != nothing) {
      const places found = walk(what.path, in);
      if (what.conversion != nothing) take(found);
    }
    if (what.other != nothing) take(walk(what.other, in));
    if (what.bound != nothing) take(value(what.bound, in));
    for (std::uint32_t n = 0; n < what.child_count; ++n) test(what.first_child + n, in);
  }

  places walk(std::uint32_t index, context in) {
    const path& from = rules_.paths[index];
    places here;
    switch (from.root) {
      case root_kind::document:
        here = {0};
        break;
      case root_kind::param:
        here = {out_.make_member(0, from.root_name, memory_)};
        break;
      case root_kind::item:
        here = set_of(in.item);
        break;
      case root_kind::outer:
        here = set_of(in.outer);
        break;
      default:
        return {};
    }
    for (const step& next : from.steps) {
      here = next.what == step::type::name ? members(here, next.name)
                                           : elements(here, next.what != step::type::index);
      places tested = here;
      for (const step& inner : next.inner)
        tested = inner.what == step::type::name ? members(tested, inner.name) : elements(tested, false);
    }
    return here;
  }

  places members(const places& of, std::string_view name) {
    places found;
    spend(of.size());
    for (std::uint32_t one : of) {
      if (one < made_from) {
        found.push_back(out_.make_member(one, name, memory_));
        continue;
      }
      const made& from = made_[one - made_from];
      const auto own = from.members.find(name);
      if (own != from.members.end()) add(found, own->second);
      if (!from.under.empty()) add(found, members(from.under, name));
    }
    return done(std::move(found));
  }

  places elements(const places& of, bool any_member) {
    places found;
    spend(of.size());
    for (std::uint32_t one : of) {
      if (one < made_from) {
        found.push_back(out_.make_elements(one, any_member, memory_));
        continue;
      }
      const made& from = made_[one - made_from];
      add(found, from.elements);
      for (const auto& [name, part] : from.members) add(found, part);
      if (!from.under.empty()) add(found, elements(from.under, any_member));
    }
    return done(std::move(found));
  }

  void take(places from) {
    while (!from.empty()) {
      spend(1);
      const std::uint32_t one = from.back();
      from.pop_back();
      if (one < made_from) {
        out_.make_whole(one);
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

  const rule_set& rules_;
  memory_bound& memory_;
  read_trie& out_;
  std::uint64_t held_ = 0, effort_ = 0;
  std::vector<made> made_;
  std::map<places, std::uint32_t> sets_;
  std::vector<const places*> by_number_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint32_t> values_;
};

}  // namespace

read_trie find_reads(const rule_set& rules, std::span<const std::pair<std::uint32_t, std::uint32_t>> ranges,
                     memory_bound& memory) {
  read_trie found;
  found.make_top();
  try {
    reader walk(rules, memory, found);
    for (const auto& [first, count] : ranges) {
      for (std::uint32_t n = first; n < first + count; ++n) walk.result(n);
    }
  } catch (const too_much_effort&) {
    found.take_all();
  } catch (const memory_exceeded&) {
    found.take_all();
  }
  return found;
}

read_trie find_reads(const request_program& program, memory_bound& memory) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges{{program.first_header, program.header_count}};
  auto add = [&](const call_shape& one) {
    ranges.emplace_back(one.first, one.count);
    ranges.emplace_back(one.first_query, one.query_count);
  };
  add(program.chat);
  for (const call_shape& one : program.operations) add(one);
  return find_reads(program.rules, ranges, memory);
}

read_trie find_reads(const response_program& program, memory_bound& memory) {
  const std::array<std::pair<std::uint32_t, std::uint32_t>, 1> all{
      {{0, static_cast<std::uint32_t>(program.rules.top)}}};
  return find_reads(program.rules, all, memory);
}

void add_pattern(read_trie& reads, std::string_view pattern, memory_bound& memory) {
  if (reads.empty() || pattern.empty() || pattern[0] != '/') return;
  std::uint32_t here = 0;
  std::string token;
  for (std::size_t at = 1; at <= pattern.size(); ++at) {
    if (at < pattern.size() && pattern[at] != '/') {
      const bool escaped = pattern[at] == '~' && at + 1 < pattern.size();
      token += !escaped ? pattern[at] : pattern[++at] == '1' ? '/' : '~';
      continue;
    }
    here = token == "*" ? reads.make_elements(here, true, memory) : reads.make_member(here, token, memory);
    token.clear();
  }
  reads.make_whole(here);
}

}  // namespace llm_admin::mapping
