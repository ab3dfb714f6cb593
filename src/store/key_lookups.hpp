// For the life of a value lookups by a key are planned by its index, also where the table is so small by now that the
// server would rather read all of it: a session keeps the plan while the table grows under it. An error ends it with
// the (sub)transaction.
#pragma once

#include <exception>

#include "pg/guard.hpp"

namespace llm_admin::store {

class key_lookups {
 public:
  key_lookups() : unwinding_(std::uncaught_exceptions()), level_(pg::call([] { return NewGUCNestLevel(); })) {
    pg::call([] {
      (void)set_config_option("enable_seqscan", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                              false);
    });
  }
  ~key_lookups() {
    if (std::uncaught_exceptions() == unwinding_) AtEOXact_GUC(true, level_);
  }
  key_lookups(const key_lookups&) = delete;
  key_lookups& operator=(const key_lookups&) = delete;

 private:
  int unwinding_;
  int level_;
};

}  // namespace llm_admin::store
