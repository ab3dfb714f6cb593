#include "core/time_text.hpp"

#include <cstdio>

namespace llm_admin {

namespace {

constexpr std::int64_t day = 86'400'000'000;
constexpr std::int64_t days_per_era = 146'097;   // 400 years
constexpr std::int64_t epoch_in_eras = 730'425;  // 2000-01-01, counted from 0000-03-01

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::string iso_utc(std::int64_t microseconds) {
  const std::int64_t days = floor_div(microseconds, day);
  const std::int64_t in_day = microseconds - days * day;
  const std::int64_t from_march = days + epoch_in_eras;
  const std::int64_t era = floor_div(from_march, days_per_era);
  const std::int64_t of_era = from_march - era * days_per_era;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * of_year + 2) / 153;
  const std::int64_t date = of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const std::int64_t ms = in_day / 1000;
  char text[192];  // seven numbers of any size
  std::snprintf(text, sizeof text, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lld.%03lldZ",
                static_cast<long long>(year), static_cast<long long>(month), static_cast<long long>(date),
                static_cast<long long>(ms / 3'600'000), static_cast<long long>(ms / 60'000 % 60),
                static_cast<long long>(ms / 1000 % 60), static_cast<long long>(ms % 1000));
  return text;
}

}  // namespace llm_admin
