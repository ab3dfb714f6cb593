#include "core/json/tree.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace llm_admin::json {

namespace {

static_assert(std::is_trivially_destructible_v<item>, "the arena frees items without destroying them");

constexpr std::size_t first_block = 1024, largest_block = 64 * 1024;

// As it was read, where the holder still knows.
std::string number_source(const node& number) {
  const item* ours = item_of(number);
  return ours != nullptr ? std::string(ours->text) : number.number_text();
}

}  // namespace

tree::tree(tree&& from) noexcept
    : blocks_(std::move(from.blocks_)),
      next_(std::exchange(from.next_, nullptr)),
      left_(std::exchange(from.left_, 0)),
      bytes_(std::exchange(from.bytes_, 0)),
      bound_(std::exchange(from.bound_, nullptr)),
      charged_(std::exchange(from.charged_, 0)) {
  from.blocks_.clear();
}

tree& tree::operator=(tree&& from) noexcept {
  if (this == &from) return *this;
  release();
  blocks_ = std::move(from.blocks_);
  from.blocks_.clear();
  next_ = std::exchange(from.next_, nullptr);
  left_ = std::exchange(from.left_, 0);
  bytes_ = std::exchange(from.bytes_, 0);
  bound_ = std::exchange(from.bound_, nullptr);
  charged_ = std::exchange(from.charged_, 0);
  return *this;
}

void tree::release() noexcept {
  if (bound_ != nullptr) bound_->give(charged_);
}

memory_bound* tree::charge_to(memory_bound* bound) noexcept {
  if (bound != bound_) charged_ = 0;
  return std::exchange(bound_, bound);
}

void* tree::allocate(std::size_t size, std::size_t align) {
  const auto padding = [&] { return (0 - reinterpret_cast<std::uintptr_t>(next_)) & (align - 1); };
  std::size_t pad = padding();
  if (next_ == nullptr || left_ < size + pad) {
    const std::size_t grown =
        std::min(largest_block, first_block << std::min<std::size_t>(blocks_.size(), 6));
    const std::size_t block = std::max(grown, size + align);
    if (bound_ != nullptr) {
      bound_->take(block);
      charged_ += block;
    }
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
    bytes_ += block;
    next_ = blocks_.back().get();
    left_ = block;
    pad = padding();
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

item* tree::object(std::uint32_t members) {
  item* made = make(kind::object);
  if (members < 2) return made;
  made->room = static_cast<std::uint8_t>(std::bit_width(members - 1));
  made->slots = static_cast<item**>(allocate(sizeof(item*) << made->room, alignof(item*)));
  return made;
}

item* tree::borrow(const node& value) {
  if (value.is_absent()) return null();
  if (value.is_boolean()) return boolean(value.truth());
  item* made = make(value.type);
  made->is_borrowed = true;
  made->text = {value.data, value.size};
  made->lender = value.ops;
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
        return number(keep(number_source(from)));
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
    const item* from;
    item* to;
    std::uint32_t at;  // the next child to clone
  };
  std::vector<pending> open;
  auto one = [&](const item& from) {
    item* made = make(from.type);
    made->truth = from.truth;
    if (from.is_borrowed) {
      made->is_borrowed = true;
      made->text = from.text;
      made->lender = from.lender;
      return made;
    }
    const bool container = from.type == kind::array || from.type == kind::object;
    if (!container && !from.text.empty()) made->text = keep(from.text);
    if (from.count > 0) open.push_back({&from, made, 0});
    return made;
  };
  item* top = one(value);
  while (!open.empty()) {
    pending& here = open.back();
    if (here.at == here.from->count) {
      open.pop_back();
      continue;
    }
    const item* from = here.from->slots[here.at++];
    item* to = here.to;
    item* made = one(*from);  // may grow `open`: `here` is gone
    made->key = keep(from->key);
    attach(to, made);
  }
  return top;
}

void tree::forget_source(item* container) noexcept {
  const bool ours = !container->is_borrowed;
  if (ours && (container->type == kind::array || container->type == kind::object)) container->text = {};
}

void tree::attach(item* container, item* value) {
  container->text = {};
  constexpr std::uint8_t least_room = 2;
  if (container->room == 0 || container->count == std::size_t{1} << container->room) {
    const std::uint8_t room =
        std::max<std::uint8_t>(least_room, static_cast<std::uint8_t>(container->room + 1));
    auto** slots = static_cast<item**>(allocate((std::size_t{1} << room) * sizeof(item*), alignof(item*)));
    std::copy_n(container->slots, container->count, slots);
    container->slots = slots;
    container->room = room;
  }
  container->slots[container->count++] = value;
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

void tree::remove(item* object, std::string_view key) noexcept {
  item** end = object->slots + object->count;
  item** found = std::find_if(object->slots, end, [=](const item* child) { return child->key == key; });
  if (found == end) return;
  std::copy(found + 1, end, found);
  --object->count;
  forget_source(object);
}

void tree::own(item* value) {
  if (!value->is_borrowed) return;
  const node from = value->borrowed();
  value->forget_loan();
  if (from.is_string()) value->text = from.text();
  if (from.is_number()) value->text = keep(number_source(from));
  if (!from.is_array() && !from.is_object()) return;
  for (std::uint32_t n = 0; n < from.size; ++n) {
    std::string_view key;
    item* child = borrow(from.is_array() ? from.element(n) : from.member_at(n, key));
    child->key = key;
    attach(value, child);
  }
}

std::string_view tree::end_text(char* begin, std::size_t size, std::size_t most) noexcept {
  next_ -= most - size;
  left_ += most - size;
  return {begin, size};
}

std::string_view tree::keep(std::string_view text) {
  if (text.empty()) return {"", 0};
  char* copy = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

}  // namespace llm_admin::json
