// Settings under which our own functions make and drop tables, for the life of a value: names mean the server's
// and ours, tables stand where the database has them, and a lock is waited for as long as
// llm_admin.partition_lock_timeout says. An error ends them with the (sub)transaction.
#pragma once

#include <exception>
#include <string>

#include "pg/guard.hpp"
#include "pg/settings.hpp"

namespace llm_admin::store {

class ddl_settings {
 public:
  ddl_settings()
      : unwinding_(std::uncaught_exceptions()), level_(pg::call([] { return NewGUCNestLevel(); })) {
    set("search_path", "pg_catalog, pg_temp");
    set("default_tablespace", "");
    set("default_table_access_method", "heap");
    set("TimeZone", "UTC");
    set("DateStyle", "ISO, YMD");
    set("row_security", "on");
    set("lock_timeout", std::to_string(pg::settings::partition_lock_timeout_ms()).c_str());
  }
  ~ddl_settings() {
    if (std::uncaught_exceptions() == unwinding_) AtEOXact_GUC(true, level_);
  }
  ddl_settings(const ddl_settings&) = delete;
  ddl_settings& operator=(const ddl_settings&) = delete;

 private:
  static void set(const char* name, const char* value) {
    pg::call([=] {
      (void)set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    });
  }
  int unwinding_;
  int level_;
};

}  // namespace llm_admin::store
