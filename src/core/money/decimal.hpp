// Exact decimals: prices, quantities, costs. Sums, differences and products lose no digit, and no value passes
// through floating point. Division is by powers of ten, or cut off behind a place that the caller names.
//
// A value is a whole number of any size, in groups of nine digits, and how many of its digits stand behind the
// point. Read from JSON numbers (core/json/decimal.hpp) with at most most_digits digits before the point and
// as many behind it; what is computed from such values may have more. Throws std::bad_alloc alone.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/money/groups.hpp"

namespace llm_admin::money {

inline constexpr std::size_t most_digits = 60;

class decimal {
 public:
  decimal() = default;  // zero
  decimal(std::int64_t value);
  // Nothing for what is no JSON number or is beyond the bounds.
  static std::optional<decimal> from_text(std::string_view text);
  // Plain text without an exponent and without zeros at the end of a fraction.
  std::string text() const;

  bool is_zero() const noexcept { return groups_.empty(); }
  bool is_negative() const noexcept { return negative_; }
  bool is_integer() const;

  decimal& operator+=(const decimal& other);
  decimal& operator-=(const decimal& other);
  friend decimal operator+(decimal a, const decimal& b) { return a += b; }
  friend decimal operator-(decimal a, const decimal& b) { return a -= b; }
  friend decimal operator*(const decimal& a, const decimal& b);
  decimal operator-() const;
  // The value times 10^places.
  decimal shifted(int places) const;
  // The value divided by `by`, which is not 0, without the digits behind so many places.
  decimal quotient(std::uint32_t by, int places) const;

  friend std::strong_ordering operator<=>(const decimal& a, const decimal& b);
  friend bool operator==(const decimal& a, const decimal& b) { return (a <=> b) == 0; }

 private:
  void rescale(int scale);  // to more digits behind the point
  void trim() noexcept;
  void add(const digit_groups& other, bool negative);

  digit_groups groups_;    // nine digits each, the lowest first; no zero group on top
  int scale_ = 0;          // digits behind the point, 0 or more
  bool negative_ = false;  // never of zero
};

}  // namespace llm_admin::money
