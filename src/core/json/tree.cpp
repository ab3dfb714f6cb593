#include "core/json/tree.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <type_traits>

#include "core/json/decimal.hpp"

namespace llm_admin::json {

namespace {

static_assert(std::is_trivially_destructible_v<item>, "the arena frees items without destroying them");

const item* of(const node& value) noexcept {
  return static_cast<const item*>(static_cast<const void*>(value.data));
}

class tree_ops final : public view_ops {
 public:
  node member(const node& object, std::string_view key) const noexcept override {
    return view(tree::find(of(object), key));
  }
  node element(const node& array, std::size_t index) const noexcept override {
    return view(of(array)->slots[index]);
  }
  node member_at(const node& object, std::size_t n, std::string_view& key) const noexcept override {
    const item* found = of(object)->slots[n];
    key = found->key;
    return view(found);
  }
  std::string number_text(const node& number) const override { return plain_decimal(of(number)->text); }
};

constexpr tree_ops ops;

// Up to so many members, comparing each with each is quicker than sorting them.
constexpr std::uint32_t few = 12;

bool all_differ(const item* object) noexcept {
  for (const item* one = object->first; one != nullptr; one = one->next) {
    for (const item* other = one->next; other != nullptr; other = other->next) {
      if (one->key == other->key) return false;
    }
  }
  return true;
}

constexpr std::size_t first_block = 1024, largest_block = 64 * 1024;

}  // namespace

node view(const item* value) noexcept {
  if (value == nullptr) return {};
  if (value->borrowed) return value->borrowed;
  node result;
  result.ops = &ops;
  result.type = value->type;
  switch (value->type) {
    case kind::string:
      result.data = value->text.data();
      result.size = static_cast<std::uint32_t>(value->text.size());
      break;
    case kind::boolean:
      result.size = value->truth ? 1 : 0;
      break;
    default:
      result.data = static_cast<const char*>(static_cast<const void*>(value));
      result.size = value->count;
  }
  return result;
}

const item* item_of(const node& value) noexcept {
  return value.ops == &ops && (value.is_object() || value.is_array() || value.is_number()) ? of(value)
                                                                                           : nullptr;
}

void* tree::allocate(std::size_t size, std::size_t align) {
  std::size_t pad = (align - reinterpret_cast<std::uintptr_t>(next_) % align) % align;
  if (next_ == nullptr || left_ < size + pad) {
    const std::size_t grown =
        std::min(largest_block, first_block << std::min<std::size_t>(blocks_.size(), 6));
    const std::size_t block = std::max(grown, size + align);
    blocks_.push_back(std::make_unique<char[]>(block));
    bytes_ += block;
    next_ = blocks_.back().get();
    left_ = block;
    pad = (align - reinterpret_cast<std::uintptr_t>(next_) % align) % align;
  }
  void* result = next_ + pad;
  next_ += size + pad;
  left_ -= size + pad;
  return result;
}

item* tree::make(json::kind type) {
  item* made = new (allocate(sizeof(item), alignof(item))) item;
  made->type = type;
  return made;
}

item* tree::null() { return make(kind::null); }

item* tree::boolean(bool value) {
  item* made = make(kind::boolean);
  made->truth = value;
  return made;
}

item* tree::number(std::string_view decimal_text) {
  item* made = make(kind::number);
  made->text = decimal_text;
  return made;
}

item* tree::integer(std::int64_t value) { return number(keep(std::to_string(value))); }

item* tree::string(std::string_view text) {
  item* made = make(kind::string);
  made->text = text;
  return made;
}

item* tree::array() { return make(kind::array); }
item* tree::object() { return make(kind::object); }

item* tree::borrow(const node& value) {
  item* made = make(value.type == kind::absent ? kind::null : value.type);
  if (value) made->borrowed = value;
  return made;
}

item* tree::copy(const node& value) {
  struct pending {
    node from;
    item* to;
    std::uint32_t at;
  };
  std::vector<pending> open;
  auto one = [&](const node& from) {
    switch (from.type) {
      case kind::boolean:
        return boolean(from.truth());
      case kind::number:
        return number(keep(from.number_text()));
      case kind::string:
        return string(keep(from.text()));
      case kind::array:
      case kind::object: {
        item* made = make(from.type);
        open.push_back({from, made, 0});
        return made;
      }
      default:
        return null();
    }
  };
  item* top = one(value);
  while (!open.empty()) {
    pending& here = open.back();
    if (here.at == here.from.size) {
      open.pop_back();
      continue;
    }
    item* to = here.to;
    const std::uint32_t at = here.at++;
    std::string_view key;
    const node from = to->type == kind::array ? here.from.element(at) : here.from.member_at(at, key);
    item* made = one(from);  // may grow `open`: `here` is gone
    if (to->type == kind::object) made->key = keep(key);
    attach(to, made);
  }
  return top;
}

item* tree::clone(const item& value) {
  struct pending {
    const item* from;  // the next child to clone
    item* to;
  };
  std::vector<pending> open;
  auto one = [&](const item& from) {
    item* made = make(from.type);
    made->truth = from.truth;
    made->borrowed = from.borrowed;
    if (!from.text.empty()) made->text = keep(from.text);
    if (from.first != nullptr) open.push_back({from.first, made});
    return made;
  };
  item* top = one(value);
  while (!open.empty()) {
    const item* from = open.back().from;
    item* to = open.back().to;
    if (from == nullptr) {
      open.pop_back();
      continue;
    }
    open.back().from = from->next;
    item* made = one(*from);
    made->key = keep(from->key);
    attach(to, made);
  }
  return top;
}

void tree::attach(item* container, item* value) {
  if (container->count == container->room) {
    const std::uint32_t room = container->room == 0 ? 4 : container->room * 2;
    auto** slots = static_cast<item**>(allocate(room * sizeof(item*), alignof(item*)));
    std::copy_n(container->slots, container->count, slots);
    container->slots = slots;
    container->room = room;
  }
  container->slots[container->count++] = value;
  value->next = nullptr;
  (container->last == nullptr ? container->first : container->last->next) = value;
  container->last = value;
}

void tree::push(item* array, item* value) { attach(array, value); }

void tree::put(item* object, std::string_view key, item* value) {
  remove(object, key);
  append(object, key, value);
}

void tree::append(item* object, std::string_view key, item* value) {
  value->key = key;
  attach(object, value);
}

void tree::unify(item* object) {
  const std::uint32_t count = object->count;
  if (count < 2 || (count <= few && all_differ(object))) return;
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int by_key = object->slots[a]->key.compare(object->slots[b]->key);
    return by_key != 0 ? by_key < 0 : a < b;
  });
  std::vector<bool> drop(count, false);
  for (std::uint32_t n = 1; n < count; ++n) {
    if (object->slots[order[n]]->key != object->slots[order[n - 1]]->key) continue;
    drop[order[n - 1]] = true;
  }
  if (std::find(drop.begin(), drop.end(), true) == drop.end()) return;
  object->first = object->last = nullptr;
  object->count = 0;
  for (std::uint32_t n = 0; n < count; ++n)  // writes behind what it reads
    if (!drop[n]) attach(object, object->slots[n]);
}

item* tree::find(const item* object, std::string_view key) noexcept {
  for (item* child = object->first; child != nullptr; child = child->next) {
    if (child->key == key) return child;
  }
  return nullptr;
}

void tree::remove(item* object, std::string_view key) noexcept {
  item* before = nullptr;
  std::uint32_t at = 0;
  item* child = object->first;
  for (; child != nullptr && child->key != key; child = child->next, ++at) before = child;
  if (child == nullptr) return;
  (before == nullptr ? object->first : before->next) = child->next;
  if (object->last == child) object->last = before;
  child->next = nullptr;
  std::copy(object->slots + at + 1, object->slots + object->count, object->slots + at);
  --object->count;
}

void tree::own(item* value) {
  if (!value->borrowed) return;
  const node from = value->borrowed;
  value->borrowed = {};
  value->type = from.type;
  if (from.is_string()) value->text = from.text();
  if (from.is_number()) value->text = keep(from.number_text());
  if (from.is_boolean()) value->truth = from.truth();
  if (!from.is_array() && !from.is_object()) return;
  for (std::uint32_t n = 0; n < from.size; ++n) {
    std::string_view key;
    item* child = borrow(from.is_array() ? from.element(n) : from.member_at(n, key));
    child->key = key;
    attach(value, child);
  }
}

std::string_view tree::keep(std::string_view text) {
  if (text.empty()) return {"", 0};
  char* copy = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

}  // namespace llm_admin::json
