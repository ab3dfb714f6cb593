#include "store/partitions.hpp"

#include <optional>

#include "core/error.hpp"
#include "pg/settings.hpp"
#include "pg/stop_point.hpp"
#include "store/ddl_settings.hpp"
#include "store/members.hpp"
#include "store/own_update.hpp"
#include "store/owner.hpp"
#include "store/partition_statements.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

struct log_table {
  std::string name, column;  // the column quoted
};

std::vector<log_table> log_tables(pg::spi& sql) {
  std::vector<log_table> found;
  sql.run(all_logs, {});
  for (std::uint64_t n = 0; n < sql.rows(); ++n)
    found.push_back({sql.at(n).text(1), pg::quoted(sql.at(n).text(2))});
  return found;
}

std::string column_of(pg::spi& sql, const std::string& log) {
  for (const log_table& one : log_tables(sql))
    if (one.name == log) return one.column;
  throw error(sqlstate::undefined_object, "llm_admin." + log + " is no log by month",
              "it is missing, is not partitioned, or has no default partition",
              "SELECT * FROM llm_admin.validate_schema()");
}

std::string name_of(const std::string& log, std::string month) {
  month[4] = '_';
  return log + '_' + month;
}

// llm_usage_logs_2026_11 -> 2026-11; empty for the default partition and what has another name.
std::string month_of(const std::string& log, const std::string& partition) {
  if (partition.size() != log.size() + 8 || partition.compare(0, log.size(), log) != 0) return {};
  std::string month = partition.substr(log.size() + 1);
  for (std::size_t n = 0; n < month.size(); ++n)
    if (n == 4 ? month[n] != '_' : month[n] < '0' || month[n] > '9') return {};
  month[4] = '-';
  return month;
}

// One partition under construction.
class new_month {
 public:
  new_month(pg::spi& sql, const std::string& log, const std::string& month)
      : sql_(sql),
        log_(log),
        name_(name_of(log, month)),
        column_(column_of(sql, log)),
        table_("llm_admin." + name_),
        rest_("llm_admin." + log + "_default") {
    sql_.run(bounds_of_month, {pg::value(month)});
    from_ = '\'' + sql_.at(0).text(1) + '\'';
    until_ = '\'' + sql_.at(0).text(2) + '\'';
  }

  // Nothing where another session has made it by now.
  std::optional<std::int64_t> make() {
    sql_.execute("LOCK TABLE " + rest_ + " IN ACCESS EXCLUSIVE MODE");
    if (OidIsValid(relation_in(schema(), name_))) return std::nullopt;
    sql_.execute("CREATE TABLE " + table_ + " (LIKE llm_admin." + log_ +
                 " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION)");
    sql_.run(grantees_of_month, {pg::value(name_)});
    std::string grantees;
    for (std::uint64_t n = 0; n < sql_.rows(); ++n) grantees += (n == 0 ? "" : ", ") + sql_.at(n).text(1);
    if (!grantees.empty()) sql_.execute("REVOKE ALL ON " + table_ + " FROM " + grantees);
    const std::int64_t rows = move();
    pg::stop_point("maintain_partitions.moved");
    attach();
    pg::stop_point("maintain_partitions.attached");
    return rows;
  }

 private:
  std::string within() const {
    return column_ + " OPERATOR(pg_catalog.>=) " + from_ + "::pg_catalog.timestamptz AND " + column_ +
           " OPERATOR(pg_catalog.<) " + until_ + "::pg_catalog.timestamptz";
  }

  std::int64_t move() {
    sql_.run(columns_of_log, {pg::value(log_)});
    const std::string columns = sql_.at(0).text(1);
    const own_update moving(own_change::moving);
    sql_.execute("WITH moved AS (DELETE FROM ONLY " + rest_ + " WHERE " + within() + " RETURNING " + columns +
                 ") INSERT INTO " + table_ + " (" + columns + ") SELECT " + columns + " FROM moved");
    return static_cast<std::int64_t>(sql_.rows());
  }

  // By the CHECK the server sees that no row need be looked at again. What comes of the parent, indexes, row
  // triggers and foreign keys, is made by attaching.
  void attach() {
    sql_.execute("ALTER TABLE " + table_ + " ADD CONSTRAINT " + name_ + "_month_check CHECK (" + within() +
                 ")");
    sql_.execute("ALTER TABLE llm_admin." + log_ + " ATTACH PARTITION " + table_ + " FOR VALUES FROM (" +
                 from_ + ") TO (" + until_ + ")");
    sql_.execute("ALTER TABLE " + table_ + " DROP CONSTRAINT " + name_ + "_month_check");
    sql_.execute("ALTER EXTENSION llm_admin ADD TABLE " + table_);
    add_triggers();
  }

  void add_triggers() {
    struct trigger {
      std::string name, definition, comment;
      bool always;
    };
    sql_.run(statement_triggers, {pg::value(log_ + "_default")});
    std::vector<trigger> all;
    for (std::uint64_t n = 0; n < sql_.rows(); ++n) {
      const pg::row row = sql_.at(n);
      all.push_back({row.text(1), row.text(2), row.is_null(4) ? std::string() : row.text(5), row.boolean(3)});
    }
    for (trigger& one : all) {
      const std::string on = " ON " + rest_ + ' ';
      const std::size_t at = one.definition.find(on);
      if (at == std::string::npos)
        throw error(sqlstate::internal_error, "trigger " + one.name + " is not on " + rest_);
      sql_.execute(one.definition.replace(at, on.size(), " ON " + table_ + ' '));
      if (one.always) sql_.execute("ALTER TABLE " + table_ + " ENABLE ALWAYS TRIGGER " + one.name);
      if (!one.comment.empty())
        sql_.execute("COMMENT ON TRIGGER " + one.name + " ON " + table_ + " IS " + one.comment);
    }
  }

  pg::spi& sql_;
  std::string log_, name_, column_, table_, rest_, from_, until_;
};

bool is_month(pg::spi& sql, const std::string& log, const std::string& partition) {
  sql.run(partitions_of_log, {pg::value(log)});
  for (std::uint64_t n = 0; n < sql.rows(); ++n)
    if (sql.at(n).text_view(1) == partition) return true;
  return false;
}

// Errors that another moment would not have.
bool is_of_the_moment(std::string_view sqlstate) { return sqlstate == "55P03" || sqlstate == "40P01"; }

}  // namespace

std::vector<std::string> logs() {
  std::vector<std::string> names;
  for (pg::spi sql; const log_table& one : log_tables(sql)) names.push_back(one.name);
  return names;
}

std::vector<month> months_of(pg::spi& sql, const std::string& log) {
  std::vector<month> found;
  const auto note = [&](const std::string& name, bool exists, bool waiting) {
    for (month& one : found)
      if (one.name == name) {
        one.exists = one.exists || exists;
        one.waiting = one.waiting || waiting;
        return;
      }
    found.push_back({name, exists, waiting});
  };
  sql.run(partitions_of_log, {pg::value(log)});
  for (std::uint64_t n = 0; n < sql.rows(); ++n)
    if (const std::string name = month_of(log, sql.at(n).text(1)); !name.empty()) note(name, true, false);
  sql.run(wanted_months, {});
  for (std::uint64_t n = 0; n < sql.rows(); ++n) note(sql.at(n).text(1), false, false);
  // From month to month by the index, however many rows there are; what a load brought without a month stays.
  const std::string column = column_of(sql, log);
  const std::string rest = " FROM ONLY llm_admin." + log + "_default r WHERE r." + column +
                           " OPERATOR(pg_catalog.<) 'infinity'::pg_catalog.timestamptz AND r." + column +
                           " OPERATOR(pg_catalog.>=) ";
  sql.execute(
      "WITH RECURSIVE at (began) AS (SELECT pg_catalog.date_trunc('month', pg_catalog.min(r." + column +
      "), 'UTC')" + rest + "'0001-01-01 00:00:00+00'::pg_catalog.timestamptz UNION ALL " +
      "SELECT pg_catalog.date_trunc('month', (SELECT pg_catalog.min(r." + column + ")" + rest +
      "pg_catalog.timezone('UTC', pg_catalog.timezone('UTC', at.began) "
      "OPERATOR(pg_catalog.+) '1 month'::pg_catalog.interval)), 'UTC') FROM at WHERE at.began IS NOT NULL) "
      "SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', at.began), 'YYYY-MM') FROM at "
      "WHERE at.began IS NOT NULL LIMIT 1200");
  for (std::uint64_t n = 0; n < sql.rows(); ++n)
    if (const std::string name = sql.at(n).text(1); name.size() == 7) note(name, false, true);
  return found;
}

month_result make_month(const std::string& log, const month& of) {
  month_result done{log, of.name, name_of(log, of.name), "there", 0};
  if (of.exists) return done;
  const as_owner owner;
  const ddl_settings settings;
  try {
    pg::subtransaction block;
    {
      pg::spi sql;
      if (const auto rows = new_month(sql, log, of.name).make()) {
        done.rows = *rows;
        done.outcome = "made";
      } else if (!is_month(sql, log, done.partition)) {
        done.outcome = "not made: the table of this name is no partition of the log";
      }
    }
    block.release();
  } catch (const pg::error& e) {
    if (!is_of_the_moment(e.sqlstate())) throw;
    done.outcome = std::string("left for the next run: ") + e.message();
  }
  return done;
}

std::vector<month_result> maintain_partitions() {
  std::vector<month_result> all;
  for (const std::string& log : logs()) {
    bool moved = false;
    std::vector<month> months;
    {
      const as_owner owner;
      pg::spi sql;
      months = months_of(sql, log);
    }
    for (const month& one : months) {
      if (one.waiting && moved) {
        all.push_back(
            {log, one.name, name_of(log, one.name), "left for the next run: one month was moved", 0});
        continue;
      }
      all.push_back(make_month(log, one));
      moved = moved || all.back().rows > 0;
    }
  }
  return all;
}

std::vector<std::string> months_before(pg::spi& sql, const std::string& log, TimestampTz before) {
  std::vector<std::string> found;
  sql.run(month_of_time, {pg::datum_value(TimestampTzGetDatum(before), TIMESTAMPTZOID)});
  const std::string limit = sql.at(0).text(1);
  sql.run(partitions_of_log, {pg::value(log)});
  for (std::uint64_t n = 0; n < sql.rows(); ++n)
    if (const std::string month = month_of(log, sql.at(n).text(1)); !month.empty() && month < limit)
      found.push_back(sql.at(n).text(1));
  return found;
}

void drop_month(pg::spi& sql, const std::string& partition) {
  const as_owner owner;
  const ddl_settings settings;
  const std::string table = "llm_admin." + pg::quoted(partition);
  sql.execute("ALTER EXTENSION llm_admin DROP TABLE " + table);
  sql.execute("DROP TABLE " + table);
}

}  // namespace llm_admin::store
