#include <utility>

#include "core/limits/counter.hpp"

namespace llm_admin::limits {

figures figures_of(std::span<const slot> slots, period of, const money::decimal& amount, std::int64_t now) {
  moment when(of, now);
  for (const slot& one : slots) when.include(one, of);
  totals sum;
  for (const slot& one : slots) sum.add(when.rolled(one, of), when);
  return figures_from(sum, when, amount);
}

std::optional<slot> settled(const slot& of, period in, const taken& reservation, const money::decimal& used) {
  const window its = window_of(in, reservation.window_start);
  const std::int64_t now = window_start_of(of, in);
  slot made = of;
  if (now < its.start) {
    // The row was put back to an earlier state; what was used is booked all the same.
    made = moment(in, its.start).rolled(of, in);
    made.used = bounded(above_zero(made.used + used));
  } else if (now == its.start) {
    made.reserved = above_zero(made.reserved - reservation.units);
    made.used =
        bounded(above_zero(made.used + used));  // less than nothing is used where too much was booked before
  } else if (its.end && now == *its.end) {
    made.previous = above_zero(made.previous - above_zero(reservation.units - used));
  }
  return made == of ? std::nullopt : std::optional(std::move(made));
}

std::optional<slot> booked(const slot& of, period in, const taken& used) {
  const window its = window_of(in, used.window_start);
  const std::int64_t now = window_start_of(of, in);
  if (used.units.is_zero()) return std::nullopt;
  if (now <= its.start) return settled(of, in, {used.window_start, {}}, used.units);
  if (!its.slides || !its.end || now != *its.end) return std::nullopt;
  slot made = of;
  made.previous = bounded(made.previous + used.units);
  return made;
}

std::optional<slot> given_back(const slot& of, period in, const taken& units) {
  const window its = window_of(in, units.window_start);
  const std::int64_t now = window_start_of(of, in);
  slot made = of;
  if (now == its.start)
    made.used = above_zero(made.used - units.units);
  else if (its.end && now == *its.end)
    made.previous = above_zero(made.previous - units.units);
  return made == of ? std::nullopt : std::optional(std::move(made));
}

}  // namespace llm_admin::limits
