// What the texts of numbers, times, literals and names depend on, and whether row security binds instead of
// raising, set for the life of a value as a function's SET clause does. An error ends it with the
// transaction.
#pragma once

#include <exception>

#include "pg/guard.hpp"

namespace llm_admin::pg {

class pinned_settings {
 public:
  pinned_settings() : unwinding_(std::uncaught_exceptions()), level_(call([] { return NewGUCNestLevel(); })) {
    for (const auto& [name, value] : settings)
      call([name = name, value = value] {
        (void)set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
      });
  }
  ~pinned_settings() {
    if (std::uncaught_exceptions() == unwinding_) AtEOXact_GUC(true, level_);
  }
  pinned_settings(const pinned_settings&) = delete;
  pinned_settings& operator=(const pinned_settings&) = delete;

 private:
  struct setting {
    const char* name;
    const char* value;
  };
  static constexpr setting settings[] = {
      {"search_path", "pg_catalog, pg_temp"},
      {"quote_all_identifiers", "off"},
      {"extra_float_digits", "1"},
      {"standard_conforming_strings", "on"},
      {"DateStyle", "ISO, YMD"},
      {"IntervalStyle", "postgres"},
      {"TimeZone", "UTC"},
      {"bytea_output", "hex"},
      {"lc_monetary", "C"},
      {"lc_numeric", "C"},
      {"lc_time", "C"},
      {"xmlbinary", "base64"},
      {"row_security", "on"},
  };
  int unwinding_;
  int level_;
};

}  // namespace llm_admin::pg
