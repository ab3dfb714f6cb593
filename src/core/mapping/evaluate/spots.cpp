// Where in the input a value came from, worked out again from the bindings once something was found wrong.
#include <limits>

#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/evaluate/binding.hpp"

namespace llm_admin::mapping {

namespace {

budget unbounded() noexcept {
  budget made;
  made.most = std::numeric_limits<std::uint64_t>::max();  // what is walked here was walked before
  return made;
}

scope around(const scope& in, const json::node& item, const json::node& outer) {
  scope made = in;
  made.item = item;
  made.outer = outer;
  return made;
}

}  // namespace

std::string source_name(const path& from) {
  switch (from.root) {
    case root_kind::provider:
      return "provider:" + member_named(from.root_name);
    case root_kind::model:
      return "model:" + member_named(from.root_name);
    case root_kind::header:
      return "header:" + header_named(from.root_name);
    case root_kind::param:
      return member_named(from.root_name);
    case root_kind::index:
      return "@index";
    case root_kind::status:
      return "status";
    case root_kind::count:
      return "@count";
    case root_kind::field:
      return "field:" + header_named(from.root_name);
    case root_kind::item:
    case root_kind::outer:
      for (std::size_t n = from.steps.size(); n-- > 0;) {
        if (from.steps[n].what == step::type::name) return member_named(from.steps[n].name);
      }
      return "value";
    case root_kind::document:
      break;
  }
  return "value";
}

json::node evaluator::peek(const path& from, const scope& in) const {
  budget free = unbounded();
  return from.first(in, free);
}

const path* evaluator::giver_of(const rule& what) const {
  for (std::uint32_t n = 0; n < what.path_count; ++n) {
    const path& from = rules_.paths[what.first_path + n];
    if (!peek(from, in_).is_absent()) return &from;
  }
  return nullptr;
}

std::string evaluator::place(const rule& what, spot at) const {
  bool exact = true;
  if (at.head && what.head == head::paths && !what.joins && !what.all) at.from = giver_of(what);
  if (at.from == nullptr) return place_of(item_at_, exact);
  std::string found = place(*at.from, at.number, in_, item_at_, outer_at_, exact);
  if (exact && at.element != nothing) json::push_token(found, std::size_t{at.element});
  return found;
}

// `exact` becomes false when the place is only one around what was meant.
std::string evaluator::place(const path& from, std::uint64_t number, const scope& in, const binding* item_at,
                             const binding* outer_at, bool& exact) const {
  std::string base;
  switch (from.root) {
    case root_kind::document:
    case root_kind::param:
      break;
    case root_kind::item:
    case root_kind::outer: {
      const binding* bound = from.root == root_kind::item ? item_at : outer_at;
      if (bound == nullptr) exact = false;  // a stream's event
      base = place_of(bound, exact);
      break;
    }
    default:  // nothing that a caller sent
      exact = false;
      return place_of(item_at, exact);
  }
  if (!exact) return base;
  std::string below;
  bool hit = false;
  budget free = unbounded();
  from.each(
      in, free, [&](const json::node&) { return !(hit = number-- == 0); }, &below);
  if (hit) return base + below;
  exact = false;
  return base;
}

std::string evaluator::place_of(const binding* bound, bool& exact) const {
  if (bound == nullptr) return {};
  const scope in = around(in_, bound->item, bound->outer);
  if (bound->from != nullptr) {
    return place(*bound->from, bound->number, in, bound->item_at, bound->outer_at, exact);
  }
  const rule& giver = *bound->given;
  const bool as_it_is = giver.head == head::paths && giver.conversion == nothing && !giver.joins &&
                        !giver.all && giver.checks == nothing && giver.with == nothing;
  if (giver.head == head::paths && giver.with == nothing) {
    for (std::uint32_t n = 0; n < giver.path_count; ++n) {
      const path& from = rules_.paths[giver.first_path + n];
      if (peek(from, in).is_absent()) continue;
      std::string found = place(from, 0, in, bound->item_at, bound->outer_at, exact);
      if (!as_it_is) exact = false;
      return found;
    }
  }
  std::string found = place_of(bound->item_at, exact);
  exact = false;
  return found;
}

}  // namespace llm_admin::mapping
