#include "core/http/date.hpp"

#include <algorithm>
#include <array>

namespace llm_admin {

namespace {

constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};

struct moment {
  std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
  std::int64_t offset = 0;  // minutes east of UTC
};

class reader {
 public:
  explicit reader(std::string_view text) noexcept : text_(text) {}

  bool at_end() const noexcept { return text_.empty(); }
  bool take(char c) noexcept {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void blanks() noexcept {
    while (take(' ')) {
    }
  }
  // From `least` to `most` digits; -1 when there are none.
  std::int64_t number(std::size_t least, std::size_t most) noexcept {
    std::size_t size = 0;
    std::int64_t value = 0;
    for (; size < std::min(most, text_.size()) && text_[size] >= '0' && text_[size] <= '9'; ++size)
      value = 10 * value + (text_[size] - '0');
    if (size < least) return -1;
    text_.remove_prefix(size);
    return value;
  }
  std::string_view word() noexcept {
    std::size_t size = 0;
    while (size < text_.size() && ((text_[size] | 0x20) >= 'a' && (text_[size] | 0x20) <= 'z')) ++size;
    const std::string_view found = text_.substr(0, size);
    text_.remove_prefix(size);
    return found;
  }
  std::int64_t month() noexcept {
    const std::string_view name = word();
    for (std::size_t n = 0; n < months.size() && name.size() == 3; ++n) {
      if (std::equal(name.begin(), name.end(), months[n].begin(),
                     [](char a, char b) { return (a | 0x20) == b; }))
        return static_cast<std::int64_t>(n) + 1;
    }
    return -1;
  }
  bool clock(moment& into) noexcept {
    into.hour = number(2, 2);
    if (!take(':')) return false;
    into.minute = number(2, 2);
    if (!take(':')) return false;
    into.second = number(2, 2);
    return true;
  }

 private:
  std::string_view text_;
};

// Days since 1970-01-01 by the proleptic Gregorian calendar, in eras of 400 years that begin in March.
std::int64_t days(const moment& at) noexcept {
  const std::int64_t year = at.year - (at.month <= 2 ? 1 : 0);
  const std::int64_t era = year / 400, of_era = year % 400;
  const std::int64_t of_year = (153 * (at.month + (at.month > 2 ? -3 : 9)) + 2) / 5 + at.day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

std::optional<std::int64_t> milliseconds(const moment& at) noexcept {
  const bool good = at.year >= 1970 && at.year <= 9999 && at.month >= 1 && at.month <= 12 && at.day >= 1 &&
                    at.day <= 31 && at.hour >= 0 && at.hour <= 23 && at.minute >= 0 && at.minute <= 59 &&
                    at.second >= 0 && at.second <= 60;
  if (!good) return std::nullopt;
  const std::int64_t minutes = (days(at) * 24 + at.hour) * 60 + at.minute - at.offset;
  return (minutes * 60 + at.second) * 1000 + at.millisecond;
}

// From the year on.
std::optional<std::int64_t> rfc_3339(reader from) noexcept {
  moment at;
  at.year = from.number(4, 4);
  if (!from.take('-')) return std::nullopt;
  at.month = from.number(2, 2);
  if (!from.take('-')) return std::nullopt;
  at.day = from.number(2, 2);
  if (!from.take('T') && !from.take('t') && !from.take(' ')) return std::nullopt;
  if (!from.clock(at)) return std::nullopt;
  if (from.take('.')) {
    std::int64_t scale = 100;
    std::int64_t digit = from.number(1, 1);
    if (digit < 0) return std::nullopt;
    for (; digit >= 0; digit = from.number(1, 1), scale /= 10) at.millisecond += digit * scale;
  }
  if (from.take('Z') || from.take('z')) return from.at_end() ? milliseconds(at) : std::nullopt;
  const bool west = from.take('-');
  if (!west && !from.take('+')) return std::nullopt;
  const std::int64_t hours = from.number(2, 2);
  if (hours < 0 || !from.take(':')) return std::nullopt;
  const std::int64_t minutes = from.number(2, 2);
  if (minutes < 0 || !from.at_end()) return std::nullopt;
  at.offset = (west ? -1 : 1) * (hours * 60 + minutes);
  return milliseconds(at);
}

// Behind the day's name, which a comma ends in two of the forms.
std::optional<std::int64_t> with_day_name(reader from) noexcept {
  moment at;
  const bool comma = from.take(',');
  from.blanks();
  if (comma) {
    at.day = from.number(1, 2);
    const bool short_year = from.take('-');
    from.blanks();
    at.month = from.month();
    if (short_year && !from.take('-')) return std::nullopt;
    from.blanks();
    at.year = short_year ? from.number(2, 2) : from.number(4, 4);
    if (short_year && at.year >= 0) at.year += at.year < 70 ? 2000 : 1900;
    from.blanks();
    if (!from.clock(at)) return std::nullopt;
    from.blanks();
    if (from.word() != "GMT" || !from.at_end()) return std::nullopt;
    return milliseconds(at);
  }
  at.month = from.month();
  from.blanks();
  at.day = from.number(1, 2);
  from.blanks();
  if (!from.clock(at)) return std::nullopt;
  from.blanks();
  at.year = from.number(4, 4);
  return from.at_end() ? milliseconds(at) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> http_date_ms(std::string_view text) noexcept {
  reader from(text);
  from.blanks();
  const reader begin = from;
  return from.word().empty() ? rfc_3339(begin) : with_day_name(from);
}

}  // namespace llm_admin
