#include "store/overdue.hpp"

#include <string_view>

#include "core/error.hpp"
#include "pg/spi.hpp"

namespace llm_admin::store {

namespace {

overdue_ender* all_enders = nullptr;

}  // namespace

overdue_ender::overdue_ender(end_overdue by) noexcept : by_(by), next_(all_enders) { all_enders = this; }

int end_some_overdue(std::int64_t now, const char* caller, bool urgent) {
  int ended = 0;
  for (const overdue_ender* one = all_enders; one != nullptr; one = one->next_)
    ended += one->by_(now, caller, urgent);
  return ended;
}

quota_answer take_or_free_quota(std::span<const quota_ask> asked, std::int64_t now, const char* caller) {
  quota_answer answer = take_quota(asked, now, caller);
  for (int turns = 20; turns > 0; --turns) {
    if (end_some_overdue(now, caller, answer.denied_by.has_value()) == 0 || !answer.denied_by) break;
    pg::subtransaction again;
    try {
      answer = take_quota(asked, now, caller);
      again.release();
    } catch (const pg::error& e) {
      if (e.is_fault()) throw;
      break;
    } catch (const error& e) {
      if (std::string_view(e.sqlstate()) != sqlstate::cannot_tell) throw;
      break;  // the denial stands
    }
  }
  return answer;
}

}  // namespace llm_admin::store
