#include "core/mapping/stream/document.hpp"

#include "core/json/text.hpp"
#include "core/json/utf8.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t few_members = 16;  // are searched one by one

std::string wrong(std::string_view doing, json::kind found) {
  json::node of;
  of.type = found;
  return std::string(doing) + " " + std::string(kind_name(of));
}

bool is_empty(const json::node& value) noexcept {
  return value.is_absent() ||
         ((value.is_string() || value.is_array() || value.is_object()) && value.size == 0);
}

// As it was read, where the holder still knows.
std::string source_text(const json::node& number) {
  const json::item* ours = json::item_of(number);
  return ours != nullptr ? std::string(ours->text) : number.number_text();
}

}  // namespace

void stream_document::charge(std::uint64_t bytes, std::uint64_t memory) {
  bytes_ += bytes;
  if (bytes_ > most_.max_output_bytes) output_too_large(most_);
  memory_.take(memory);
  held_ += memory;
}

stream_document::slot& stream_document::member(slot& object, std::string_view key) {
  if (object.by_key) {
    const auto known = object.by_key->find(key);
    if (known != object.by_key->end()) return *known->second;
  } else {
    for (const auto& child : object.children) {
      if (child->key == key) return *child;
    }
  }
  charge(value_overhead + key.size(), slot_memory + key_memory + key.size());
  slot& made = *object.children.emplace_back(std::make_unique<slot>());
  made.key = key;
  if (object.by_key) {
    object.by_key->emplace(made.key, &made);
  } else if (object.children.size() > few_members) {
    object.by_key = std::make_unique<std::map<std::string_view, slot*>>();
    for (const auto& child : object.children) object.by_key->emplace(child->key, child.get());
  }
  return made;
}

stream_document::slot& stream_document::element(slot& array) {
  charge(value_overhead, slot_memory);
  return *array.children.emplace_back(std::make_unique<slot>());
}

stream_document::slot* stream_document::find(place at, std::string& why) {
  slot* here = &root_;
  for (const place_step& step : at) {
    const json::kind wanted = step.is_index ? json::kind::array : json::kind::object;
    if (here->type == json::kind::null) here->type = wanted;
    if (here->type != wanted) {
      why = step.is_index ? wrong("there is no element in a value that is", here->type)
                          : wrong("there is no member in a value that is", here->type);
      return nullptr;
    }
    if (!step.is_index) {
      here = &member(*here, step.name);
    } else if (step.index < here->children.size()) {
      here = here->children[step.index].get();
    } else if (step.index == here->children.size()) {
      here = &element(*here);
    } else {
      why = "index " + std::to_string(step.index) + " lies beyond the end of the array, which has " +
            std::to_string(here->children.size()) + " elements";
      return nullptr;
    }
  }
  return here;
}

// Recursion is bounded by the parser's depth and the length of places.
void stream_document::clear(slot& gone) {
  bytes_ -= gone.text.size();
  std::uint64_t freed = gone.text.size();
  for (const auto& child : gone.children) {
    clear(*child);
    bytes_ -= value_overhead + child->key.size();
    freed += slot_memory + child->key.size() + (gone.type == json::kind::object ? key_memory : 0);
  }
  if (gone.keys) freed += gone.keys->memory();
  held_ -= freed;
  memory_.give(freed);
  gone.keys.reset();
  gone.text = std::string();
  gone.children.clear();
  gone.children.shrink_to_fit();
  gone.by_key.reset();
  gone.type = json::kind::null;
}

void stream_document::fill(slot& to, const json::node& value) {
  clear(to);
  to.type = value.is_absent() ? json::kind::null : value.type;
  if (value.is_boolean()) to.truth = value.truth();
  if (value.is_number()) to.text = source_text(value);
  if (value.is_string()) to.text = value.text();
  charge(to.text.size(), to.text.size());
  if (!value.is_array() && !value.is_object()) return;
  to.children.reserve(value.size);
  for (std::uint32_t n = 0; n < value.size; ++n) {
    if (value.is_array()) {
      fill(element(to), value.element(n));
      continue;
    }
    std::string_view key;
    const json::node held = value.member_at(n, key);
    fill(member(to, key), held);
  }
}

std::string stream_document::set(place at, const json::node& value) {
  std::string why;
  if (slot* to = find(at, why)) fill(*to, value);
  return why;
}

std::string stream_document::append(place at, const json::node& value) {
  std::string why;
  slot* to = find(at, why);
  if (to == nullptr) return why;
  if (value.is_array() && (to->type == json::kind::array || to->type == json::kind::null)) {
    to->type = json::kind::array;
    for (std::uint32_t n = 0; n < value.size; ++n) fill(element(*to), value.element(n));
    return why;
  }
  if (!value.is_scalar()) return wrong("only text and arrays can be appended, not", value.type);
  if (to->type != json::kind::string && to->type != json::kind::null)
    return wrong("text cannot be appended to", to->type);
  to->type = json::kind::string;
  const std::size_t before = to->text.size();
  if (value.is_string()) {
    charge(value.size, value.size);
    json::append_text(to->text, value.text());
    const std::size_t joined =
        before + value.size - to->text.size();  // two halves are six bytes, a pair four
    bytes_ -= joined;
    held_ -= joined;
    memory_.give(joined);
  } else {
    to->text += value.is_number() ? value.number_text() : value.truth() ? "true" : "false";
    charge(to->text.size() - before, to->text.size() - before);
  }
  return why;
}

std::string stream_document::push(place at, const json::node& value) {
  std::string why;
  slot* to = find(at, why);
  if (to == nullptr) return why;
  if (to->type == json::kind::null) to->type = json::kind::array;
  if (to->type != json::kind::array) return wrong("nothing can be pushed onto", to->type);
  fill(element(*to), value);
  return why;
}

std::string stream_document::merge(place at, const json::node& value) {
  std::string why;
  if (!value.is_object()) return wrong("only an object can be merged, not", value.type);
  slot* to = find(at, why);
  if (to == nullptr) return why;
  if (to->type == json::kind::null) to->type = json::kind::object;
  if (to->type != json::kind::object) return wrong("nothing can be merged into", to->type);
  for (std::uint32_t n = 0; n < value.size; ++n) {
    std::string_view key;
    const json::node held = value.member_at(n, key);
    if (held.is_absent()) continue;
    slot& into = member(*to, key);
    const bool full = into.type != json::kind::null &&
                      (into.type == json::kind::boolean || into.type == json::kind::number ||
                       !into.text.empty() || !into.children.empty());
    if (!keeps_full_ || !full || !is_empty(held)) fill(into, held);
  }
  return why;
}

std::optional<std::uint32_t> stream_document::slot_of(place array, std::string_view first,
                                                      std::string_view second, bool begins,
                                                      std::string& why) {
  slot* at = find(array, why);
  if (at == nullptr) return std::nullopt;
  if (at->type == json::kind::null) at->type = json::kind::array;
  if (at->type != json::kind::array) {
    why = wrong("there is no element in a value that is", at->type);
    return std::nullopt;
  }
  if (!at->keys) at->keys = std::make_unique<slot_keys>();
  const std::uint64_t before = at->keys->memory();
  auto index = at->keys->find(first, second);
  if (index && begins && second.empty() && at->keys->nameless(*index)) index.reset();
  if (index) {
    at->keys->learn(*index, first, second);
  } else {
    index = static_cast<std::uint32_t>(at->children.size());
    element(*at);
    at->keys->open(*index, first, second);
  }
  charge(0, at->keys->memory() - before);
  return index;
}

std::vector<const stream_document::slot*> stream_document::in_order(const slot& from) {
  std::vector<const slot*> out;
  out.reserve(from.children.size());
  const bool all_keyed = from.keys && from.keys->size() == from.children.size();
  if (const auto numbered = all_keyed ? from.keys->by_number() : std::nullopt) {
    for (const std::uint32_t index : *numbered) out.push_back(from.children[index].get());
  } else {
    for (const auto& child : from.children) out.push_back(child.get());
  }
  return out;
}

json::item* stream_document::copy(const slot& from, json::tree& out) {
  switch (from.type) {
    case json::kind::boolean:
      return out.boolean(from.truth);
    case json::kind::number:
      return out.number(out.keep(from.text));
    case json::kind::string:
      return out.string(out.keep(from.text));
    case json::kind::array:
    case json::kind::object:
      break;
    default:
      return out.null();
  }
  json::item* made = from.type == json::kind::array ? out.array() : out.object();
  for (const slot* child : in_order(from)) {
    json::item* value = copy(*child, out);
    from.type == json::kind::array ? out.push(made, value) : out.append(made, out.keep(child->key), value);
  }
  return made;
}

json::item* stream_document::copy_to(json::tree& out) const { return copy(root_, out); }

}  // namespace llm_admin::mapping
