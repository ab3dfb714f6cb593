// maintain_partitions and maintain_all_partitions: months of the logs; see store/partitions.hpp.
#include "store/partitions.hpp"

#include "pg/entry.hpp"
#include "pg/procedure.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

std::vector<store::month> missing_months(const std::string& log) {
  const store::as_owner owner;
  pg::spi sql;
  std::vector<store::month> missing;
  for (const store::month& one : store::months_of(sql, log))
    if (!one.exists) missing.push_back(one);
  return missing;
}

void tell(const store::month_result& done) {
  const std::string text = done.partition + ": " + done.outcome;
  const char* message = text.c_str();
  const auto rows = static_cast<long long>(done.rows);
  pg::call([=] { ereport(NOTICE, (errmsg("%s", message), errdetail("rows moved: %lld", rows))); });
}

}  // namespace

// Each month in a transaction of its own, so that none holds the locks of another.
LLM_ADMIN_FUNCTION(llm_admin_maintain_all_partitions)(FunctionCallInfo fcinfo) {
  pg::require_primary("maintain_all_partitions");
  pg::procedure steps(fcinfo, "CALL llm_admin.maintain_all_partitions()");
  for (const std::string& log : store::logs())
    for (const store::month& one : missing_months(log)) {
      tell(store::make_month(log, one));
      steps.commit();
    }
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_maintain_partitions)(FunctionCallInfo fcinfo) {
  pg::require_primary("maintain_partitions");
  pg::row_set rows(fcinfo);
  for (const store::month_result& one : store::maintain_partitions()) {
    pg::row_builder out;
    out.add_text(one.log)
        .add_text(one.month)
        .add_text(one.partition)
        .add_text(one.outcome)
        .add_bigint(one.rows);
    rows.add(out);
  }
  return Datum{0};
}
