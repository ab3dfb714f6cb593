// A way of the planner's or executor's switched off for the life of a value, by its setting. An error ends it with the
// (sub)transaction.
#pragma once

#include <exception>

#include "pg/guard.hpp"

namespace llm_admin::pg {

class without {
 public:
  // `setting` is a boolean one that every role may set, such as "jit".
  explicit without(const char* setting)
      : unwinding_(std::uncaught_exceptions()), level_(call([] { return NewGUCNestLevel(); })) {
    call([=] {
      (void)set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    });
  }
  ~without() {
    if (std::uncaught_exceptions() == unwinding_) AtEOXact_GUC(true, level_);
  }
  without(const without&) = delete;
  without& operator=(const without&) = delete;

 private:
  int unwinding_;
  int level_;
};

}  // namespace llm_admin::pg
