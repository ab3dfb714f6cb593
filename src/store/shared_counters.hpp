// Counters of limits in shared memory (core/limits/memory_counters.hpp has the design): requests and tokens by the minute
// and by the hour, where the library is loaded with the server and llm_admin.shared_counters is not 0. Used by
// quota.cpp, settle_quota.cpp and book_quota.cpp alone, but for what limit_status() shows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/calls/reservation.hpp"
#include "core/limits/memory_counters.hpp"
#include "store/quota.hpp"

namespace llm_admin::store {

void define_shared_counters() noexcept;  // called by _PG_init, once the settings are defined

// Of what a call asks, the part that is counted in shared memory.
class shared_taking {
 public:
  // The asked outlive it.
  shared_taking(std::span<const quota_ask> asked, std::int64_t now);

  bool empty() const noexcept { return demands_.empty(); }

  enum class intent : bool { asks, takes };
  enum class outcome : std::uint8_t { granted, denied, elsewhere };
  // All or none of those that are counted here. Those that find no place leave it, to be counted in tables, and then
  // nothing is taken yet; `elsewhere` where `tables_done` says that those have been asked already.
  outcome run(intent what, bool tables_done);

  bool includes(std::size_t n) const noexcept;  // of the asked
  bool includes_all() const noexcept { return demands_.size() == asked_.size(); }
  std::size_t denied_by() const noexcept { return asked_at_[at_]; }
  limits::figures denial() const;
  // Once it is taken: the figures and the reservation of one that it includes.
  limits::figures figures(std::size_t n) const;
  calls::reservation taken(std::size_t n) const;

 private:
  std::size_t place_of(std::size_t n) const noexcept;
  limits::slot slot_of(std::size_t place) const;

  std::span<const quota_ask> asked_;
  std::int64_t now_;
  std::vector<limits::memory_demand> demands_;
  std::vector<std::size_t> asked_at_;  // of each demand, its place in the asked
  std::size_t at_ = 0;
};

// What was taken there is said to have been so much. More counts at once, less when the transaction commits.
void settle_shared(const limits::limit& by, const calls::reservation& taken, const money::decimal& used);

// Units that were used in the window of `at`, with nothing taken before, count when the transaction commits; nothing is
// returned where they are not counted there.
std::optional<calls::reservation> book_shared(const quota_ask& used, std::int64_t at, std::int64_t now);

struct shared_counter {
  limits::uuid limit_id{};
  std::string tenant, subject;
  limits::slot held;
};
std::vector<shared_counter> shared_counters_now();  // of this database

}  // namespace llm_admin::store
