#include "core/money/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/json/decimal.hpp"

namespace llm_admin::money {

namespace {

using groups = digit_groups;

constexpr std::uint32_t base = 1'000'000'000;
constexpr int group_digits = 9;
constexpr std::size_t longest_text = 200;
constexpr int largest_exponent = 200;
constexpr std::array<std::uint32_t, 10> powers = {1,       10,        100,        1'000,       10'000,
                                                  100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

void drop_zeros(groups& value) {
  while (!value.empty() && value.back() == 0) value.pop_back();
}

void multiply_small(groups& value, std::uint32_t by) {
  std::uint64_t carry = 0;
  for (std::uint32_t& group : value) {
    carry += std::uint64_t{group} * by;
    group = static_cast<std::uint32_t>(carry % base);
    carry /= base;
  }
  if (carry > 0) value.push_back(static_cast<std::uint32_t>(carry));
}

void multiply_by_ten(groups& value, int times) {
  if (value.empty()) return;
  if (times % group_digits > 0) multiply_small(value, powers[static_cast<std::size_t>(times % group_digits)]);
  value.insert_zeros(static_cast<std::size_t>(times / group_digits));
}

std::strong_ordering compare(const groups& a, const groups& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  for (std::size_t n = a.size(); n-- > 0;)
    if (a[n] != b[n]) return a[n] <=> b[n];
  return std::strong_ordering::equal;
}

void add_to(groups& value, const groups& other) {
  if (value.size() < other.size()) value.resize(other.size());
  std::uint32_t carry = 0;
  for (std::size_t n = 0; n < value.size() && (n < other.size() || carry > 0); ++n) {
    const std::uint32_t sum = value[n] + (n < other.size() ? other[n] : 0) + carry;
    carry = sum >= base ? 1 : 0;
    value[n] = sum - carry * base;
  }
  if (carry > 0) value.push_back(carry);
}

// `other` is not the larger one.
void subtract_from(groups& value, const groups& other) {
  std::uint32_t borrow = 0;
  for (std::size_t n = 0; n < value.size() && (n < other.size() || borrow > 0); ++n) {
    const std::uint32_t less = (n < other.size() ? other[n] : 0) + borrow;
    borrow = value[n] < less ? 1 : 0;
    value[n] = value[n] + borrow * base - less;
  }
  drop_zeros(value);
}

// The exponent of a JSON number, if it is within reason.
bool small_exponent(std::string_view text) noexcept {
  const std::size_t mark = text.find_first_of("eE");
  if (mark == std::string_view::npos) return true;
  std::string_view digits = text.substr(mark + 1);
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  int value = 0;
  const auto [end, why] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return why == std::errc() && value <= largest_exponent;
}

}  // namespace

decimal::decimal(std::int64_t value) : negative_(value < 0) {
  std::uint64_t left = negative_ ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  for (; left > 0; left /= base) groups_.push_back(static_cast<std::uint32_t>(left % base));
}

std::optional<decimal> decimal::from_text(std::string_view text) {
  if (text.size() > longest_text || !json::is_decimal(text) || !small_exponent(text)) return std::nullopt;
  const std::string plain = json::plain_decimal(text);
  std::string_view digits = plain;
  decimal made;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string_view whole = digits.substr(0, point);
  std::string_view fraction = point < digits.size() ? digits.substr(point + 1) : std::string_view{};
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  if (whole.size() > most_digits || fraction.size() > most_digits) return std::nullopt;
  std::string all(whole);
  all += fraction;
  for (std::size_t end = all.size(); end > 0;) {
    const std::size_t from = end < group_digits ? 0 : end - group_digits;
    std::uint32_t group = 0;
    std::from_chars(all.data() + from, all.data() + end, group);
    made.groups_.push_back(group);
    end = from;
  }
  drop_zeros(made.groups_);
  if (!made.groups_.empty()) {
    made.scale_ = static_cast<int>(fraction.size());
    made.negative_ = negative;
  }
  return made;
}

std::string decimal::text() const {
  if (groups_.empty()) return "0";
  std::string digits;
  digits.reserve(groups_.size() * group_digits + 2);
  for (std::size_t n = groups_.size(); n-- > 0;) {
    const std::string group = std::to_string(groups_[n]);
    if (!digits.empty()) digits.append(group_digits - group.size(), '0');
    digits += group;
  }
  const auto behind = static_cast<std::size_t>(scale_);
  if (digits.size() <= behind) digits.insert(0, behind + 1 - digits.size(), '0');
  if (behind > 0) {
    digits.insert(digits.size() - behind, 1, '.');
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return (negative_ ? "-" : "") + digits;
}

bool decimal::is_integer() const {
  decimal copy = *this;
  copy.trim();
  return copy.scale_ == 0;
}

void decimal::rescale(int scale) {
  multiply_by_ten(groups_, scale - scale_);
  scale_ = scale;
}

// Products and sums gather zeros behind the point, and digits cost time.
void decimal::trim() noexcept {
  if (groups_.empty()) scale_ = 0;
  while (scale_ >= group_digits && groups_.front() == 0) {
    groups_.pop_front();
    scale_ -= group_digits;
  }
  while (scale_ > 0 && groups_.front() % 10 == 0) {
    std::uint64_t rest = 0;
    for (std::size_t n = groups_.size(); n-- > 0;) {
      rest = rest * base + groups_[n];
      groups_[n] = static_cast<std::uint32_t>(rest / 10);
      rest %= 10;
    }
    drop_zeros(groups_);
    --scale_;
  }
}

void decimal::add(const groups& other, bool negative) {
  if (negative == negative_ || groups_.empty()) {
    if (groups_.empty()) negative_ = negative;
    add_to(groups_, other);
  } else if (compare(groups_, other) >= 0) {
    subtract_from(groups_, other);
  } else {
    groups larger = other;
    subtract_from(larger, groups_);
    groups_ = std::move(larger);
    negative_ = negative;
  }
  if (groups_.empty()) negative_ = false, scale_ = 0;
}

decimal& decimal::operator+=(const decimal& other) {
  if (other.groups_.empty()) return *this;
  if (scale_ < other.scale_) rescale(other.scale_);
  if (scale_ == other.scale_) {
    const groups term = other.groups_;  // `other` may be this one
    add(term, other.negative_);
  } else {
    decimal term = other;
    term.rescale(scale_);
    add(term.groups_, term.negative_);
  }
  return *this;
}

decimal& decimal::operator-=(const decimal& other) { return *this += -other; }

decimal decimal::operator-() const {
  decimal made = *this;
  made.negative_ = !negative_ && !groups_.empty();
  return made;
}

decimal operator*(const decimal& a, const decimal& b) {
  decimal made;
  if (a.groups_.empty() || b.groups_.empty()) return made;
  made.groups_.resize(a.groups_.size() + b.groups_.size());
  for (std::size_t i = 0; i < a.groups_.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b.groups_.size(); ++j) {
      carry += std::uint64_t{a.groups_[i]} * b.groups_[j] + made.groups_[i + j];
      made.groups_[i + j] = static_cast<std::uint32_t>(carry % base);
      carry /= base;
    }
    made.groups_[i + b.groups_.size()] = static_cast<std::uint32_t>(carry);
  }
  drop_zeros(made.groups_);
  made.scale_ = a.scale_ + b.scale_;
  made.negative_ = a.negative_ != b.negative_;
  made.trim();
  return made;
}

decimal decimal::shifted(int places) const {
  decimal made = *this;
  if (made.groups_.empty()) return made;
  made.scale_ -= places;
  if (made.scale_ < 0) {
    multiply_by_ten(made.groups_, -made.scale_);
    made.scale_ = 0;
  }
  made.trim();
  return made;
}

decimal decimal::quotient(std::uint32_t by, int places) const {
  decimal made = *this;
  if (made.scale_ < places) made.rescale(places);
  const auto divide = [&made](std::uint32_t divisor) {
    std::uint64_t rest = 0;
    for (std::size_t n = made.groups_.size(); n-- > 0;) {
      rest = rest * base + made.groups_[n];
      made.groups_[n] = static_cast<std::uint32_t>(rest / divisor);
      rest %= divisor;
    }
    drop_zeros(made.groups_);
  };
  divide(by);
  for (; made.scale_ > places; made.scale_ -= std::min(made.scale_ - places, group_digits))
    divide(powers[static_cast<std::size_t>(std::min(made.scale_ - places, group_digits))]);
  if (made.groups_.empty()) made.negative_ = false;
  made.trim();
  return made;
}

std::strong_ordering operator<=>(const decimal& a, const decimal& b) {
  if (a.negative_ != b.negative_)
    return a.negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  const bool same = a.scale_ == b.scale_;
  decimal left, right;
  if (!same) {
    left = a, right = b;
    const int scale = std::max(a.scale_, b.scale_);
    left.rescale(scale), right.rescale(scale);
  }
  const std::strong_ordering order =
      same ? compare(a.groups_, b.groups_) : compare(left.groups_, right.groups_);
  return a.negative_ ? 0 <=> order : order;
}

}  // namespace llm_admin::money
