// `distinct`: of an array's equal elements the first stays. Sorted, not hashed: a vendor could choose values
// that fall together.
#include <limits>
#include <set>

#include "core/json/canonical.hpp"
#include "core/json/text.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

// The values that were there already.
class seen_values {
 public:
  explicit seen_values(memory_bound* memory) noexcept : memory_(memory) {}
  ~seen_values() {
    if (memory_ != nullptr) memory_->give(held_);
  }
  seen_values(const seen_values&) = delete;
  seen_values& operator=(const seen_values&) = delete;

  // False when an equal one was. `size`: of its JSON text.
  bool add(const json::node& value, std::size_t size) {
    constexpr std::size_t node_memory = sizeof(std::string) + 6 * sizeof(void*);
    hold(node_memory + (value.is_string() ? 0 : size));
    return value.is_string() ? texts_.insert(value.text()).second
                             : others_.insert(json::canonical_text(value)).second;
  }

 private:
  void hold(std::size_t bytes) {
    if (memory_ == nullptr) return;
    memory_->take(bytes);
    held_ += bytes;
  }

  memory_bound* memory_;
  std::size_t held_ = 0;
  std::set<std::string_view> texts_;  // borrowed from the array
  std::set<std::string> others_;
};

}  // namespace

// A value that is no array stays, and so does an element without the member that tells them apart.
json::item* evaluator::distinct(const checks& by, json::item* value) {
  constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
  const json::node list = json::view(value);
  if (!list.is_array() || list.size < 2) return value;
  seen_values seen(out_.charged());
  json::item* made = out_.array();
  for (std::uint32_t n = 0; n < list.size; ++n) {
    left_.spend();
    const json::node element = list.element(n);
    const json::node key = by.distinct_by.empty() ? element : element.member(by.distinct_by);
    const json::extent size = json::measure(key, most_.max_output_bytes, any);
    if (!size.within) output_too_large(most_);
    left_.read(size.bytes);
    const bool tells = by.distinct_by.empty() || !key.is_absent();
    if (tells && !seen.add(key, size.bytes)) continue;
    out_.push(made, value->is_borrowed ? out_.borrow(element) : value->slots[n]);
    check_size();
  }
  return made->count == list.size ? value : made;
}

}  // namespace llm_admin::mapping
