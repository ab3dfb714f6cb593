// The rows of one counter in limit_counters, read and written with the rights of the owner. Each call sees what was
// committed before it, as a statement of its own does; where the table is as we made it, none is run (pg/keyed_rows.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/limits/escrow.hpp"
#include "core/limits/limit.hpp"
#include "pg/keyed_rows.hpp"
#include "pg/spi.hpp"

namespace llm_admin::store {

class counter_rows {
 public:
  // The texts are held by reference.
  counter_rows(const limits::uuid& limit, std::string_view tenant, std::string_view subject);

  // All slots by their numbers; the second locks them in that order.
  std::vector<limits::slot> read();
  std::vector<limits::slot> lock_all();
  // Nothing where there is no such slot; where nobody waits, also where another transaction holds it.
  std::optional<limits::slot> lock(std::int16_t number, bool waits);

  bool insert(const limits::slot& what) const;  // false: it was there
  void update(
      const limits::slot& what);  // of one that is locked; 55000 where somebody's trigger keeps it out

 private:
  std::vector<pg::keyed_row> find(int given, std::int16_t number = 0) const;
  pg::keyed_row* found(std::int16_t number);
  std::vector<limits::slot> all(pg::statement& by) const;
  bool write(pg::statement& by, const limits::slot& what) const;

  pg::parameter id_;
  std::string_view tenant_, subject_;
  pg::keyed_table table_{};
  bool plain_ = false;
  std::vector<pg::keyed_row> found_;  // where it is plain: the versions that were read or locked last
};

// One slot of a row with its columns slot, window_start, used, reserved, previous, share from `first` on. A figure of
// too many digits is 55000.
limits::slot slot_of(const pg::row& row, int first = 1);

}  // namespace llm_admin::store
