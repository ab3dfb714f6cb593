#include "core/mapping/path.hpp"

#include <algorithm>
#include <utility>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/json/tree.hpp"
#include "core/text.hpp"

namespace llm_admin::mapping {

namespace {

bool same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t n = 0; n < a.size(); ++n) {
    if (ascii_lower(a[n]) != ascii_lower(b[n])) return false;
  }
  return true;
}

// `*` stands for any run of bytes, `?` for one byte. On a mismatch only the last star is tried again, which
// is enough.
bool fits(std::string_view glob, std::string_view text) noexcept {
  std::size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

// What is not jsonb is searched member by member; in wide objects that is more than one step's work.
json::node member_of(const json::node& object, std::string_view name, budget& left) {
  constexpr std::uint32_t members_each_step = 512;
  if (!object.is_object()) return {};
  const json::item* ours = json::item_of(object);
  if (ours == nullptr) return object.member(name);
  for (std::uint32_t paid = object.size / members_each_step; paid > 0; --paid) left.spend();
  return json::view(json::tree::find(ours, name));
}

json::node header(const json::node& headers, std::string_view name, budget& left) {
  if (!headers.is_object()) return {};
  for (std::uint32_t n = 0; n < headers.size; ++n) {
    left.spend();
    std::string_view key;
    const json::node value = headers.member_at(n, key);
    if (same_name(key, name)) return value;
  }
  return {};
}

json::node capability(const scope& in, std::string_view name, budget& left) {
  if (in.known_capabilities != nullptr) return in.known_capabilities->find(name, left);
  return capability_list(in.capabilities, in.model, left).find(name, left);
}

json::node start(const path& from, const scope& in, budget& left) {
  left.spend();
  switch (from.root) {
    case root_kind::document:
      return in.document;
    case root_kind::item:
      return in.item;
    case root_kind::outer:
      return in.outer;
    case root_kind::index:
      return in.index;
    case root_kind::param:
      return in.params.member(from.root_name);
    case root_kind::provider:
      return in.provider.member(from.root_name);
    case root_kind::model:
      return capability(in, from.root_name, left);
    case root_kind::header:
      return header(in.headers, from.root_name, left);
    case root_kind::status:
      return in.status;
    case root_kind::count:
      return in.count;
    case root_kind::field:
      return in.fields.member(from.root_name);
  }
  return {};
}

json::node element(const json::node& array, std::int64_t index) noexcept {
  const std::int64_t at = index < 0 ? index + static_cast<std::int64_t>(array.size) : index;
  return at < 0 ? json::node{} : array.element(static_cast<std::size_t>(at));
}

bool equals_literal(const json::node& value, const step& filter) {
  if (value.type != filter.literal) return false;
  switch (value.type) {
    case json::kind::string:
      return value.text() == filter.name;
    case json::kind::boolean:
      return value.truth() == filter.truth;
    case json::kind::number: {
      const std::string text = value.number_text();
      return text == filter.name || json::equal_decimal(text, filter.name);
    }
    default:
      return true;  // null == null
  }
}

bool passes(const json::node& value, const step& filter, budget& left) {
  json::node here = value;
  for (const step& inner : filter.inner) {
    left.spend();
    here = inner.what == step::type::name ? member_of(here, inner.name, left) : element(here, inner.index);
  }
  if (filter.what == step::type::exists) return static_cast<bool>(here);
  return equals_literal(here, filter) == (filter.what == step::type::equal);
}

// Depth-first over the steps. `visit` returns false to stop; so does walk(). The pointer is kept only when
// asked for.
template <typename visitor>
class walker {
 public:
  walker(const std::vector<step>& steps, budget& left, std::string* where, visitor& visit)
      : steps_(steps), left_(left), where_(where), visit_(visit) {}

  bool walk(const json::node& here, std::size_t at) {
    if (at == steps_.size()) return here.is_absent() || visit_(here);
    const step& next = steps_[at];
    if (next.what == step::type::name || next.what == step::type::index) {
      left_.spend();
      if (next.what == step::type::name) return down(member_of(here, next.name, left_), next.name, at);
      const std::int64_t index =
          next.index < 0 ? next.index + static_cast<std::int64_t>(here.size) : next.index;
      return down(element(here, next.index), static_cast<std::size_t>(index), at);
    }
    const bool array = here.is_array();
    if (!array && !here.is_object()) return true;
    for (std::uint32_t n = 0; n < here.size; ++n) {
      left_.spend();
      std::string_view key;
      const json::node child = array ? here.element(n) : here.member_at(n, key);
      if (next.what != step::type::all && !passes(child, next, left_)) continue;
      if (!(array ? down(child, std::size_t{n}, at) : down(child, key, at))) return false;
    }
    return true;
  }

 private:
  template <typename token_type>
  bool down(const json::node& child, const token_type& token, std::size_t at) {
    if (!child) return true;
    if (where_ == nullptr) return walk(child, at + 1);
    const std::size_t length = where_->size();
    json::push_token(*where_, token);
    if (!walk(child, at + 1)) return false;
    where_->resize(length);
    return true;
  }

  const std::vector<step>& steps_;
  budget& left_;
  std::string* where_;
  visitor& visit_;
};

void begin(const path& from, std::string* where) {
  if (where == nullptr) return;
  where->clear();
  if (from.root == root_kind::param) json::push_token(*where, from.root_name);
}

std::size_t held_by_steps(const std::vector<step>& steps) noexcept {
  std::size_t total = steps.capacity() * sizeof(step);
  for (const step& one : steps) total += one.name.capacity() + held_by_steps(one.inner);
  return total;
}

}  // namespace

std::vector<model_entry> model_entries(const json::node& capabilities) {
  std::vector<model_entry> out;
  for (std::uint32_t n = 0; capabilities.is_object() && n < capabilities.size; ++n) {
    std::string_view key;
    const json::node value = capabilities.member_at(n, key);
    if (value.is_object()) out.push_back({key, value});
  }
  return out;
}

capability_list::capability_list(const json::node& capabilities, std::string_view model, budget& steps_left,
                                 bool exact_first, const std::vector<model_entry>* entries)
    : all_(capabilities) {
  if (!all_.is_object() || model.empty()) return;
  std::vector<std::pair<std::size_t, json::node>> fitting;
  const auto look_at = [&](std::string_view key, const json::node& overrides) {
    if (fits(key, model))
      fitting.emplace_back(exact_first && key == model ? SIZE_MAX : key.size(), overrides);
  };
  for (std::uint32_t n = 0; n < all_.size; ++n) {
    steps_left.spend();
    std::string_view key;
    if (entries != nullptr) continue;
    const json::node overrides = all_.member_at(n, key);
    if (overrides.is_object()) look_at(key, overrides);
  }
  if (entries != nullptr)
    for (const model_entry& one : *entries) look_at(one.key, one.overrides);
  if (fitting.size() > 1)
    std::stable_sort(fitting.begin(), fitting.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [size, overrides] : fitting) overrides_.push_back(overrides);
}

json::node capability_list::find(std::string_view name, budget& steps_left) const {
  for (const json::node& overrides : overrides_) {
    steps_left.spend();
    const json::node value = overrides.member(name);
    if (!value.is_absent()) return value;
  }
  return all_.member(name);
}

json::node path::first(const scope& in, budget& steps_left, std::string* where) const {
  if (plain && where == nullptr) {  // what most paths are: one way down
    json::node here = start(*this, in, steps_left);
    for (const step& next : steps) {
      steps_left.spend();
      here =
          next.what == step::type::name ? member_of(here, next.name, steps_left) : element(here, next.index);
      if (!here) return here;
    }
    return here.is_absent() ? json::node{} : here;
  }
  json::node found;
  auto visit = [&](const json::node& match) {
    found = match;
    return false;
  };
  begin(*this, where);
  walker<decltype(visit)>(steps, steps_left, where, visit).walk(start(*this, in, steps_left), 0);
  return found;
}

void path::each(const scope& in, budget& steps_left, function_ref<bool(const json::node&)> visit,
                std::string* where) const {
  begin(*this, where);
  walker<const function_ref<bool(const json::node&)>>(steps, steps_left, where, visit)
      .walk(start(*this, in, steps_left), 0);
}

std::size_t path::bytes() const noexcept {
  return sizeof(path) + root_name.capacity() + held_by_steps(steps);
}

}  // namespace llm_admin::mapping
