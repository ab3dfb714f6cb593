// How far a session has claimed in each lane, so that its next claim need not walk over what is gone.
//
// A lane is a tenant and a priority; within it jobs stand by (run_at, id). A claimed job leaves a dead entry in the index,
// which stays for as long as any snapshot is held. So the next claim of the session looks behind the last job it claimed
// there, as a row comparison. What is before the mark all the same (committed late, given back, changed by hand) is found by
// the other passes:
//
//   behind      (run_at, id) > mark; from the start where the lane has no mark
//   reach_back  where fewer rows were found than asked: run_at >= mark - 5 s
//   sweep       where still fewer: without marks, at most every max(1 s, 20 times what the last sweep cost)
//
// What returns to pending gets a new run_at (core/jobs/gate.hpp), so it stands behind the mark. Marks are dropped when the
// transaction that made them aborts, when the clock steps back, and when there would be more than most_lanes. Times are
// microseconds of the server's epoch. Throws std::bad_alloc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/jobs/lease.hpp"
#include "core/uuid.hpp"

namespace llm_admin::jobs {

struct mark {
  std::int64_t run_at = 0;
  uuid_bytes id{};
  bool operator<(const mark& other) const noexcept {
    return run_at != other.run_at ? run_at < other.run_at : id < other.id;
  }
  bool operator==(const mark&) const noexcept = default;
};

enum class claim_pass : std::uint8_t { behind, reach_back, sweep, done };

class lane_marks {
 public:
  static constexpr std::size_t most_lanes = 4096;
  static constexpr std::int64_t reach = 5 * second;
  static constexpr std::int64_t least_between_sweeps = second;
  static constexpr std::int64_t sweep_share = 20;  // a sweep takes at most one part in 20 of the time

  // Before each claim. A clock that has stepped back leaves marks in the future: all go.
  void begin(std::int64_t now);
  // The pass after `last`, which left a claim at `found` rows of the `asked`.
  claim_pass next(claim_pass last, std::size_t asked, std::size_t found, std::int64_t now) const noexcept;

  // Where a pass begins in a lane: behind this; nothing: from the start.
  std::optional<mark> start_of(claim_pass pass, std::string_view tenant, std::int32_t priority) const;
  // A row of the lane was claimed. A mark never goes back.
  void claimed(std::string_view tenant, std::int32_t priority, const mark& at);
  void swept(std::int64_t began, std::int64_t ended);
  void drop() noexcept;  // on abort

  std::size_t size() const noexcept { return lanes_.size(); }

 private:
  struct lane_order {
    using is_transparent = void;
    using view = std::pair<std::string_view, std::int32_t>;
    static view of(const std::pair<std::string, std::int32_t>& lane) noexcept {
      return {lane.first, lane.second};
    }
    static const view& of(const view& lane) noexcept { return lane; }
    template <class left, class right>
    bool operator()(const left& a, const right& b) const noexcept {
      return of(a) < of(b);
    }
  };

  std::map<std::pair<std::string, std::int32_t>, mark, lane_order> lanes_;
  std::int64_t last_ = INT64_MIN;  // when the last claim began
  std::int64_t next_sweep_ = INT64_MIN;
};

}  // namespace llm_admin::jobs
