#include "core/audit/canonical.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/error.hpp"

namespace llm_admin::audit {

namespace {

bool comes_before(std::string_view left, std::string_view right) noexcept {
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

std::string_view key_of(const json::node& object, std::size_t n) noexcept {
  std::string_view key;
  (void)object.member_at(n, key);
  return key;
}

// A container on the way: its children in canonical order; none is kept where it holds them so, as jsonb does.
struct opened {
  json::node container;
  std::uint32_t next = 0;
  std::vector<std::uint32_t> order;
};

opened open(const json::node& container) {
  opened result{container, 0, {}};
  if (!container.is_object()) return result;
  bool in_order = true;
  std::string_view before;
  for (std::uint32_t n = 0; n < container.size && in_order; ++n) {
    const std::string_view key = key_of(container, n);
    in_order = n == 0 || comes_before(before, key);
    before = key;
  }
  if (in_order) return result;
  result.order.resize(container.size);
  std::iota(result.order.begin(), result.order.end(), 0U);
  std::sort(result.order.begin(), result.order.end(), [&](std::uint32_t left, std::uint32_t right) {
    return comes_before(key_of(container, left), key_of(container, right));
  });
  return result;
}

}  // namespace

void canonical::put_length(std::size_t at, std::size_t value) {
  if (value > UINT32_MAX) throw error(sqlstate::program_limit, "a value of the audit log has 4 GB or more");
  for (std::size_t n = 0; n < 4; ++n)
    bytes_[at + n] = static_cast<char>(static_cast<std::uint8_t>(value >> (24 - 8 * n)));
}

void canonical::length(std::size_t value) {
  bytes_.append(4, '\0');
  put_length(bytes_.size() - 4, value);
}

void canonical::text(std::string_view value) {
  raw(1);
  length(value.size());
  bytes_.append(value);
}

void canonical::integer(std::int64_t value) {
  std::uint8_t big_endian[8];
  for (std::size_t n = 0; n < 8; ++n)
    big_endian[n] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (56 - 8 * n));
  bytes(big_endian);
}

void canonical::inet(const address& value) {
  raw(1);
  length(2 + value.size());
  raw(value.family);
  raw(value.mask);
  raw(byte_view(value.bytes, value.size()));
}

void canonical::json(const json::node& value) {
  if (!value) return null();
  raw(1);
  const std::size_t at = bytes_.size();
  bytes_.append(4, '\0');
  walk(value);
  put_length(at, bytes_.size() - at - 4);
}

void canonical::scalar(const json::node& value) {
  switch (value.type) {
    case json::kind::boolean:
      return bytes_.push_back(value.truth() ? 't' : 'f');
    case json::kind::number: {
      const std::string digits = value.number_text();
      bytes_.push_back('d');
      length(digits.size());
      bytes_.append(digits);
      return;
    }
    case json::kind::string:
      bytes_.push_back('s');
      length(value.size);
      bytes_.append(value.text());
      return;
    default:
      bytes_.push_back('n');
  }
}

void canonical::walk(const json::node& value) {
  std::vector<opened> above;
  const auto enter = [&](const json::node& one) {
    if (!one.is_object() && !one.is_array()) return scalar(one);
    bytes_.push_back(one.is_object() ? 'o' : 'a');
    length(one.size);
    above.push_back(open(one));
  };
  enter(value);
  while (!above.empty()) {
    opened& here = above.back();
    if (here.next == here.container.size) {
      above.pop_back();
      continue;
    }
    const std::uint32_t n = here.order.empty() ? here.next : here.order[here.next];
    ++here.next;
    if (here.container.is_array()) {
      enter(here.container.element(n));
      continue;
    }
    std::string_view key;
    const json::node member = here.container.member_at(n, key);
    length(key.size());
    bytes_.append(key);
    enter(member);
  }
}

}  // namespace llm_admin::audit
