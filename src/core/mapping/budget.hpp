// The counter that bounds an evaluation: one step for each value that a path looks at. Running out is an
// llm_admin::error 54000 (program_limit_exceeded). Tests read `used`.
#pragma once

#include <cstdint>

namespace llm_admin::mapping {

struct budget {
  std::uint64_t most = 1'000'000;
  std::uint64_t used = 0;

  void spend() {
    if (++used > most) run_out();
  }
  [[noreturn]] void run_out() const;
};

struct limits {
  std::uint64_t max_output_bytes = 64u << 20;  // JSON text of what is built or extracted; 54000 when passed
  std::uint64_t max_matches = 1'000'000;       // values looked at by all paths together; 54000 when passed
};

}  // namespace llm_admin::mapping
