// What holds units of limits and is past its deadline: tickets, calls. Whoever keeps such rows says how they are ended;
// whoever asks for units ends some beside it, and where it is denied, what they free is asked for again.
#pragma once

#include <cstdint>
#include <span>

#include "store/quota.hpp"

namespace llm_admin::store {

// Ends a few, waits for nobody, and says how many. `urgent`: a limit has denied, and what they hold may be of it.
using end_overdue = int (*)(std::int64_t now, const char* caller, bool urgent);

// static const overdue_ender name(function); before the first call of a function of ours.
class overdue_ender {
 public:
  explicit overdue_ender(end_overdue by) noexcept;
  overdue_ender(const overdue_ender&) = delete;
  overdue_ender& operator=(const overdue_ender&) = delete;

 private:
  friend int end_some_overdue(std::int64_t, const char*, bool);
  end_overdue by_;
  overdue_ender* next_;
};

// A few of each kind. How many.
int end_some_overdue(std::int64_t now, const char* caller, bool urgent);

// take_quota(), with what is overdue ended after it: whoever holds slots of theirs could not wait for its own. A denial
// stands once nothing overdue is left, or a few hundred were ended. More limits than reservations can hold are 54000.
quota_answer take_or_free_quota(std::span<const quota_ask> asked, std::int64_t now, const char* caller);

}  // namespace llm_admin::store
