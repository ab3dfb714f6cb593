// Proposed limits over calls that were made: which of them they would have denied, and what that would have
// saved.
//
// The calls come in the order in which they began. What each met, in which window, and what was left there
// is decided by the code of real calls (matcher.hpp, escrow.hpp with one slot a counter). A call that is
// denied counts nowhere; it is put down to the first limit, by place, that denies it, so that savings add up.
// One that a limit leads to another model is asked again for that one, with the tokens and the cost that it
// had.
//
// Unlike in life, a call counts what it used from its beginning on, not an estimate, and every window begins
// empty with the first call. The counters are charged to a memory bound, which throws where they are too many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/limits/escrow.hpp"
#include "core/limits/estimate.hpp"
#include "core/limits/matcher.hpp"
#include "core/memory_bound.hpp"

namespace llm_admin::limits {

inline constexpr std::uint32_t most_proposed = 10'000;

// The limits of a JSON array of objects with the columns of the table limits, held against the checks of its
// rows. LA002 with all problems, each behind its place: "limits[2]: amount must not be negative ...".
std::vector<limit> read_proposed(const json::node& list);

struct logged_call {
  call_facts who;       // the views are used while add() runs
  std::int64_t at = 0;  // when it began
  std::int64_t input = 0, output = 0, total = 0;
  std::optional<money::decimal> cost_usd;
  std::int64_t latency_ms = 0;
  bool is_request = true;  // else a further attempt at one
  bool is_cached = false;  // answered from the cache: counts as a request only
};

// What came of one limit and subject.
struct replayed {
  std::int64_t calls = 0, denied = 0, warned = 0, downgraded = 0;
  std::optional<std::int64_t> first_at;  // when the first of the last three began
  money::decimal peak;                   // the most that counted at a time
  money::decimal saved_usd;              // cost of the denied, where it is known
};

class replay {
 public:
  replay(std::vector<limit> proposed, const estimate_settings& settings, memory_bound& bound);
  replay(const replay&) = delete;
  replay& operator=(const replay&) = delete;

  void add(const logged_call& call);

  struct outcome {
    std::size_t place;  // in the proposed
    const limit& by;
    const std::string &tenant, &subject;
    const replayed& what;
  };
  // By place, tenant and subject.
  void each(const std::function<void(const outcome&)>& visit) const;
  std::size_t counters() const noexcept { return counters_.size(); }

 private:
  struct counter {
    slot held;
    bool begun = false;
    std::vector<std::int64_t> ends;  // of calls at a time, the earliest on top
    replayed what;
    std::uint64_t last_call = 0;
  };
  struct asking {
    const limit* by;
    counter* from;
    std::optional<money::decimal> units;
    decision made;
  };
  using counter_key = std::tuple<std::size_t, std::string, std::string>;

  std::size_t place_of(const limit& of) const noexcept;
  counter& counter_of(const met_limit& met);
  std::vector<asking> ask(const logged_call& call, const call_facts& who);
  void decide_one(asking& one, std::int64_t at);
  void book(const asking& one, const logged_call& call);
  const limit* attempt(const logged_call& call, const call_facts& who, bool may_downgrade);

  compiled_limits limits_;
  const estimate_settings settings_;
  memory_bound& bound_;
  std::map<counter_key, counter> counters_;
  std::uint64_t number_ = 0;
};

}  // namespace llm_admin::limits
