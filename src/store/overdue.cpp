#include "store/overdue.hpp"

#include <string>
#include <string_view>

#include "core/calls/reservation.hpp"
#include "core/error.hpp"
#include "pg/spi.hpp"

namespace llm_admin::store {

namespace {

overdue_ender* all_enders = nullptr;

// What cannot be kept until it is settled is not taken.
void require_reservable(std::span<const quota_ask> asked) {
  if (asked.size() > calls::most_reservations)
    throw error(sqlstate::program_limit, "too many limits apply to a call",
                std::to_string(asked.size()) + " do, and " + std::to_string(calls::most_reservations) +
                    " are the most",
                "SELECT scope, subject, model, count(*) FROM llm_admin.limits WHERE enabled GROUP BY 1, 2, 3 "
                "ORDER BY 4 DESC");
  for (const quota_ask& one : asked)
    if (one.met.subject.size() > calls::longest_subject)
      throw error(sqlstate::program_limit, "the subject of a limit is too long",
                  "the " + std::string(limits::name_of(one.met.by->what)) + " limit " +
                      uuid_string(one.met.by->id) + " counts by a name of " +
                      std::to_string(one.met.subject.size()) + " bytes, and " +
                      std::to_string(calls::longest_subject) + " are the most",
                  "give a shorter name of the model");
}

}  // namespace

overdue_ender::overdue_ender(end_overdue by) noexcept : by_(by), next_(all_enders) { all_enders = this; }

int end_some_overdue(std::int64_t now, const char* caller, bool urgent) {
  int ended = 0;
  for (const overdue_ender* one = all_enders; one != nullptr; one = one->next_)
    ended += one->by_(now, caller, urgent);
  return ended;
}

quota_answer take_or_free_quota(std::span<const quota_ask> asked, std::int64_t now, const char* caller) {
  require_reservable(asked);
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
