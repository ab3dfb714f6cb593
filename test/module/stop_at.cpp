// llm_admin_test.stop_at(name, action, after): what happens when this session comes to a stop point of the
// product (src/pg/stop_point.hpp). Each point is counted as it is passed, whatever happens there.
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace {

using namespace llm_admin;

// Plain data: a stop function runs inside a guarded call, where nothing may have a destructor.
struct point {
  char name[64];
  std::int64_t passed;
};
constexpr int most_points = 32;
point points[most_points];
int point_count = 0;

enum class action : std::uint8_t { none, kill, error, wait };
action wanted = action::none;
char wanted_name[sizeof point::name];
std::int64_t passes_before = 0;
constexpr std::int64_t wait_lock = 35;

point* find(const char* name) {
  for (int i = 0; i < point_count; ++i)
    if (std::strcmp(points[i].name, name) == 0) return &points[i];
  if (point_count == most_points) elog(ERROR, "more than %d stop points", most_points);
  point* made = &points[point_count++];
  strlcpy(made->name, name, sizeof made->name);
  made->passed = 0;
  return made;
}

void act(action what) {
  switch (what) {
    case action::none:
      return;
    case action::kill:
      kill(getpid(), SIGKILL);
      pause();
      return;
    case action::error:
      ereport(ERROR, (errcode(ERRCODE_RAISE_EXCEPTION), errmsg("stopped at %s", wanted_name)));
      return;
    case action::wait:
      DirectFunctionCall1(pg_advisory_lock_int8, Int64GetDatum(wait_lock));
      DirectFunctionCall1(pg_advisory_unlock_int8, Int64GetDatum(wait_lock));
  }
}

extern "C" void come_to_stop_point(const char* name) {
  const std::int64_t passed = find(name)->passed++;
  if (wanted == action::none || passed < passes_before || std::strcmp(name, wanted_name) != 0) return;
  const action what = wanted;
  wanted = action::none;  // once
  act(what);
}

action action_of(std::string_view word) {
  if (word == "note") return action::none;
  if (word == "kill") return action::kill;
  if (word == "error") return action::error;
  if (word == "wait") return action::wait;
  throw error(sqlstate::invalid_parameter, "no such action", "", "note, kill, error or wait");
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_test_stop_at)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string name(in.required_text(0, "name"));
  wanted = action_of(in.required_text(1, "action"));
  passes_before = in.integer(2).value_or(0);
  strlcpy(wanted_name, name.c_str(), sizeof wanted_name);
  point_count = 0;
  *pg::call([] { return find_rendezvous_variable("llm_admin.stop_point"); }) =
      reinterpret_cast<void*>(&come_to_stop_point);
  return pg::make_text(name);
}

LLM_ADMIN_FUNCTION(llm_admin_test_stop_points)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  for (int i = 0; i < point_count; ++i) {
    const std::int64_t passed = points[i].passed;
    pg::row_builder row;
    row.add_text(points[i].name).add_bigint(passed);
    rows.add(row);
  }
  return Datum{0};
}
