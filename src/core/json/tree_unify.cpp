// Several members of one key (contract in core/json/tree.hpp).
#include <algorithm>
#include <numeric>
#include <vector>

#include "core/json/tree.hpp"

namespace llm_admin::json {

namespace {

// Up to so many members, comparing each with each is quicker than sorting them.
constexpr std::uint32_t few = 12;

bool all_differ(const item* object) noexcept {
  for (std::uint32_t one = 0; one < object->count; ++one) {
    for (std::uint32_t other = one + 1; other < object->count; ++other) {
      if (object->slots[one]->key == object->slots[other]->key) return false;
    }
  }
  return true;
}

}  // namespace

bool tree::unify(item* object) {
  const std::uint32_t count = object->count;
  if (count < 2 || (count <= few && all_differ(object))) return false;
  constexpr std::size_t compared = 16;  // what comparing two members costs, as bytes of work
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (bound_ != nullptr) bound_->work(compared + object->slots[a]->key.size());
    const int by_key = object->slots[a]->key.compare(object->slots[b]->key);
    return by_key != 0 ? by_key < 0 : a < b;
  });
  std::vector<bool> drop(count, false);
  for (std::uint32_t n = 1; n < count; ++n) {
    if (object->slots[order[n]]->key != object->slots[order[n - 1]]->key) continue;
    drop[order[n - 1]] = true;
  }
  if (std::find(drop.begin(), drop.end(), true) == drop.end()) return false;
  object->count = 0;
  for (std::uint32_t n = 0; n < count; ++n)  // writes behind what it reads
    if (!drop[n]) attach(object, object->slots[n]);
  return true;
}

}  // namespace llm_admin::json
