// How a tree is read (contract in core/json/tree.hpp).
#include "core/json/decimal.hpp"
#include "core/json/tree.hpp"

namespace llm_admin::json {

namespace {

const item* of(const node& value) noexcept {
  return static_cast<const item*>(static_cast<const void*>(value.data));
}

}  // namespace

constinit const tree_ops ops_of_trees;

node tree_ops::member(const node& object, std::string_view key) const noexcept {
  return view(tree::find(of(object), key));
}
node tree_ops::element(const node& array, std::size_t index) const noexcept {
  return view(of(array)->slots[index]);
}
node tree_ops::member_at(const node& object, std::size_t n, std::string_view& key) const noexcept {
  const item* found = of(object)->slots[n];
  key = found->key;
  return view(found);
}
std::string tree_ops::number_text(const node& number) const { return plain_decimal(of(number)->text); }

}  // namespace llm_admin::json
