// One state of the database that several statements read.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "pg/spi.hpp"

namespace llm_admin::pg {

// What was committed when take() was called, and what this transaction has done until a statement runs.
// Released with the value, or by the (sub)transaction's abort after a server error.
class snapshot {
 public:
  snapshot() = default;
  ~snapshot();
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;

  void take();
  // Runs by this snapshot whatever is newer; a row that is changed is changed as it is by then.
  std::uint64_t run(spi& sql, statement& s, std::initializer_list<parameter> parameters) const;

 private:
  Snapshot taken_ = nullptr;
  std::uint64_t errors_before_ = 0;
};

}  // namespace llm_admin::pg
