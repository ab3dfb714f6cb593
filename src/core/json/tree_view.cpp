// How a tree is read (contract in core/json/tree.hpp).
#include "core/json/decimal.hpp"
#include "core/json/tree.hpp"

namespace llm_admin::json {

namespace {

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

}  // namespace

item* tree::find(const item* object, std::string_view key) noexcept {
  for (item* child : object->children()) {
    if (child->key == key) return child;
  }
  return nullptr;
}

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

}  // namespace llm_admin::json
