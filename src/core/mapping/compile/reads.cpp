#include "core/mapping/compile/reads.hpp"

#include <array>
#include <map>
#include <tuple>
#include <vector>

#include "core/mapping/compile/kind_told.hpp"
#include "core/mapping/compile/place_store.hpp"

namespace llm_admin::mapping {

namespace {

// JSON codecs take any value; the others fail on what is no text.
bool takes_texts(const conversion& one) noexcept {
  return !one.codecs.empty() && one.codecs[0] != codec_kind::json_decode &&
         one.codecs[0] != codec_kind::json_encode;
}

class reader : place_store {
 public:
  reader(const rule_set& rules, memory_bound& memory, read_trie& out)
      : place_store(memory, out), rules_(rules), memory_(memory), out_(out) {}

  void result(std::uint32_t index) { take(value(index, {})); }

  std::vector<std::uint32_t> first_by;  // place -> the first rule that reads it

 private:
  struct context {  // sets by number
    std::uint32_t item = 0, outer = 0;
    std::uint32_t known = 0;  // places whose kind a `when` around tells, with it
  };

  place_set value(std::uint32_t index, context in) {
    const auto key = std::make_tuple(index, in.item, in.outer, in.known);
    const auto known = values_.find(key);
    if (known != values_.end()) return set_of(known->second);
    spend(1);
    hold(memory_of_context);
    const std::uint32_t around = std::exchange(current_, index);
    place_set found = computed(rules_.rules[index], in);
    current_ = around;
    values_.emplace(key, number_of(found));
    return found;
  }

  place_set computed(const rule& what, context in) {
    if (what.with != nothing) in.item = number_of(value(what.with, in));
    place_set found = head_of(what, in);
    const checks* by = what.checks == nothing ? nullptr : &rules_.checks[what.checks];
    for (std::uint32_t bound : {by ? by->min_rule : nothing, by ? by->max_rule : nothing})
      if (bound != nothing) take(value(bound, in));
    const bool passes = what.conversion == nothing && !what.joins && (by == nullptr || by->map == nullptr);
    if (passes) return found;
    if (what.conversion != nothing && takes_texts(rules_.conversions[what.conversion]))
      for (std::uint32_t& one : found)
        if (one < made_from) one |= scalar;
    take(found);
    return {};
  }

  place_set head_of(const rule& what, context in) {
    switch (what.head) {
      case head::paths: {
        place_set found;
        for (std::uint32_t n = 0; n < what.path_count; ++n) add(found, walk(what.first_path + n, in));
        found = done(std::move(found));
        return what.all ? array_of(std::move(found)) : found;
      }
      case head::fields:
        return object_of(what, in);
      case head::items: {
        place_set parts;
        for (std::uint32_t n = 0; n < what.child_count; ++n) {
          const place_set one = value(what.first_child + n, in);
          add(parts, rules_.rules[what.first_child + n].spread ? elements(one, false) : one);
        }
        return array_of(done(std::move(parts)));
      }
      case head::each:
        return each(what, in);
      case head::select:
        return select(what, in);
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

  place_set any_child(const rule& what, context in) {
    place_set found;
    for (std::uint32_t n = 0; n < what.child_count; ++n) add(found, value(what.first_child + n, in));
    return done(std::move(found));
  }

  // A branch knows what its own condition says, and that those before it did not hold.
  place_set select(const rule& what, context in) {
    place_set found, before = set_of(in.known);
    for (std::uint32_t n = 0; n < what.child_count; ++n) {
      const std::uint32_t when = what.first_condition + n;
      test(when, in);
      context inside = in;
      place_set known = before;
      learn(when, true, in, known);
      inside.known = number_of(done(std::move(known)));
      add(found, value(what.first_child + n, inside));
      learn(when, false, in, before);
    }
    return done(std::move(found));
  }

  // What a condition that holds, or does not, tells of the kinds of values.
  void learn(std::uint32_t index, bool holds, context in, place_set& known) {
    const condition& what = rules_.conditions[index];
    if (what.what == predicate::negate) return learn(what.first_child, !holds, in, known);
    if (what.what == (holds ? predicate::all : predicate::any)) {
      for (std::uint32_t n = 0; n < what.child_count; ++n) learn(what.first_child + n, holds, in, known);
      return;
    }
    if (what.path == nothing) return;
    const std::uint32_t kind = kind_told(what, holds);
    if (kind == 0) return;
    for (const std::uint32_t one : walk(what.path, in))
      if (one < made_from) known.push_back(place_of(one) | kind);
  }

  place_set object_of(const rule& what, context in) {
    made one;
    for (std::uint32_t n = 0; n < what.child_count; ++n) {
      const rule& child = rules_.rules[what.first_child + n];
      const place_set part = value(what.first_child + n, in);
      hold(part.size() * sizeof(std::uint32_t));
      add(child.spread ? one.under : one.members[child.name], part);
    }
    return keep(std::move(one));
  }

  place_set each(const rule& what, context in) {
    const place_set items = walk(what.first_path, in);
    const context inside{number_of(items), in.item, known_inside(what.first_path, in)};
    const gather* how = what.gather == nothing ? nullptr : &rules_.gathers[what.gather];
    context told = inside;
    if (how != nullptr && how->where != nothing) {
      test(how->where, inside);
      place_set known = set_of(inside.known);
      learn(how->where, true, inside, known);
      told.known = number_of(done(std::move(known)));
    }
    place_set found = items;
    if (what.child_count != 0)
      found = value(what.first_child, told);
    else
      mark(found, told, true);
    if (how != nullptr && how->flatten) add(found, elements(found, false));
    return array_of(done(std::move(found)));
  }

  place_set lookup(const rule& what, context in) {
    if (what.path_count < 2 || what.child_count < 2) return {};
    const std::uint32_t candidates = number_of(walk(what.first_path, in));
    const std::uint32_t known = known_inside(what.first_path, in);
    walk(what.first_path + 1, {candidates, in.outer, known});
    take(value(what.first_child, in));
    return value(what.first_child + 1, {candidates, in.item, known});
  }

  // Of the items of a path that begins anew, other messages perhaps, nothing is known.
  std::uint32_t known_inside(std::uint32_t index, context in) const {
    const root_kind root = rules_.paths[index].root;
    return root == root_kind::item || root == root_kind::outer ? in.known : 0;
  }

  void test(std::uint32_t index, context in) {
    const condition& what = rules_.conditions[index];
    spend(1);
    if (what.path != nothing) walk(what.path, in);
    if (what.other != nothing) take(walk(what.other, in));
    if (what.bound != nothing) take(value(what.bound, in));
    for (std::uint32_t n = 0; n < what.child_count; ++n) test(what.first_child + n, in);
  }

  place_set walk(std::uint32_t index, context in) {
    const path& from = rules_.paths[index];
    place_set here;
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
      place_set tested = here;
      for (const step& inner : next.inner)
        tested = inner.what == step::type::name ? members(tested, inner.name) : elements(tested, false);
    }
    first_by.resize(out_.size(), current_);
    const bool item = from.root == root_kind::item || from.root == root_kind::outer;
    mark(here, in, item);
    return done(std::move(here));
  }

  // Of the places found, what is known of them here. What an item lacks is told of that item alone.
  void mark(place_set& here, const context& in, bool item) {
    const place_set& known = set_of(in.known);
    for (const std::uint32_t fact : known)
      for (std::uint32_t& one : here)
        if (one < made_from && place_of(one) == place_of(fact)) one |= fact & scalar;
    if (item) mark_lacking(here, known);
  }

  const rule_set& rules_;
  memory_bound& memory_;
  read_trie& out_;
  std::uint32_t current_ = nothing;  // the rule being looked at
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>, std::uint32_t> values_;
};

}  // namespace

read_trie find_reads(const rule_set& rules, std::span<const std::pair<std::uint32_t, std::uint32_t>> ranges,
                     memory_bound& memory, std::vector<std::uint32_t>* by) {
  read_trie found;
  found.make_top();
  try {
    reader walk(rules, memory, found);
    for (const auto& [first, count] : ranges) {
      for (std::uint32_t n = first; n < first + count; ++n) walk.result(n);
    }
    if (by != nullptr) *by = std::move(walk.first_by);
  } catch (const too_much_effort&) {
    found.take_all();
  } catch (const memory_exceeded&) {
    found.take_all();
  }
  return found;
}

read_trie find_reads(const request_program& program, memory_bound& memory, std::vector<std::uint32_t>* by) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges{{program.first_header, program.header_count}};
  auto add = [&](const call_shape& one) {
    ranges.emplace_back(one.first, one.count);
    ranges.emplace_back(one.first_query, one.query_count);
  };
  add(program.chat);
  for (const call_shape& one : program.operations) add(one);
  return find_reads(program.rules, ranges, memory, by);
}

read_trie find_reads(const response_program& program, memory_bound& memory) {
  const std::array<std::pair<std::uint32_t, std::uint32_t>, 1> all{
      {{0, static_cast<std::uint32_t>(program.rules.top)}}};
  read_trie found = find_reads(program.rules, all, memory);
  for (const std::vector<std::string>& one : program.noise) add_pattern(found, one, memory);
  return found;
}

void add_pattern(read_trie& reads, const std::vector<std::string>& tokens, memory_bound& memory) {
  if (reads.empty()) return;
  std::uint32_t here = 0;
  for (const std::string& token : tokens)
    here = token == "*" ? reads.make_elements(here, true, memory) : reads.make_member(here, token, memory);
  reads.make_whole(here);
}

}  // namespace llm_admin::mapping
