// Logs by month: making months, moving into them what the default partition holds, taking months out.
//
// Each log has a default partition, which the install script makes, and months, which are made later and are
// members of the extension. A month is made in one transaction: the default partition is locked, the month's
// rows leave it for the new table, and that is attached. Done in two, the rows would be in neither meanwhile.
// A dump takes all rows through the default partition, so a restored log begins without months.
//
// Months are those of UTC. Everything here runs with the rights of the extension's owner, and under settings of
// its own: where and how tables are made is not the caller's to choose.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/spi.hpp"

namespace llm_admin::store {

struct month_result {
  std::string log;        // llm_usage_logs
  std::string month;      // 2026-11
  std::string partition;  // llm_usage_logs_2026_11, without its schema
  std::string outcome;    // there, made, or why not
  std::int64_t rows = 0;  // moved out of the default partition
};

// The names of the logs that are installed.
std::vector<std::string> logs();

// What is to be done for a log: the current month and three ahead, and the months of which the default
// partition holds rows. Those that are there come too.
struct month {
  std::string name;  // 2026-11
  bool exists;
  bool waiting;  // rows of it stand in the default partition
};
std::vector<month> months_of(pg::spi& sql, const std::string& log);

// Makes one month, in a subtransaction. A lock that is not granted in llm_admin.partition_lock_timeout, or a
// deadlock, is told in `outcome`; any other error passes.
month_result make_month(const std::string& log, const month& of);

// Makes what is missing, but of each log at most one month that has rows: such a call takes the longer.
std::vector<month_result> maintain_partitions();

// The months of a log that end before `before`, the oldest first.
std::vector<std::string> months_before(pg::spi& sql, const std::string& log, TimestampTz before);
// Takes a month and its rows out of the extension and drops it. What stands in the way passes as an error.
void drop_month(pg::spi& sql, const std::string& partition);

}  // namespace llm_admin::store
