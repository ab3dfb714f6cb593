// Which waiting jobs a claim takes: tenants in turn, each tenant's own jobs in order, never beyond a limit.
//
// A claim is a conversation: plan() says what is to be looked up, all of it in one go, take() hears it, until plan() is
// empty. Nothing here knows where jobs are stored, and nothing but the arguments decides: state and clock in, jobs out.
//
//   turns   Tenants stand in a ring, by the bytes of their names. A turn is as many jobs as the tenant's weight, fewer where
//           it has no more. The memory keeps whose turn it was last and what is left of it; the next claim goes on there.
//           Where slots are left after a round there is another.
//   order   Within a tenant: priority downwards, run_at, id. What is not due, or may not run, hides nothing behind it.
//   limits  Of the tenant and of the job's workflow, provider and account; each job taken uses one place in all of them.
//   owed    A tenant whose job is passed over because a shared limit is full is owed a turn at that limit: a queue, first
//           in, first out, each (tenant, limit) in it once; of several limits a paused one. Places in a limit go to those who
//           are owed them first. A turn that has been owed for longer than the patience, and lacks a place in another limit,
//           keeps the places that it could have for itself until it has all.
//
// Why nobody starves. The ring passes a tenant in two cases: it had its turn, or nothing of it could run. So with W the sum
// of the weights, a tenant whose first job may run waits for at most W - 1 jobs of the ring, and for turns that were owed
// when it began to wait or have been passed since, at most one of each: ceil(W / max_jobs) claims where nothing is owed, that
// is ceil(tenants / max_jobs) without weights. A job that may not run is owed its turn, and everyone who takes a place in its
// limit before it stood before it in that queue, where nobody stands twice and nobody joins but at the end. Who needs places
// in several limits, and is the first of all that are owed, keeps each as it becomes free, because all others are asked
// after it: it lacks the last one for no longer than a job runs. Waiting for the end of a pause is no starving, and keeps
// nothing. That holds for up to most_owed turns; beyond, new ones are not noted, and only the ring is left. It holds for
// each memory, that is for each session that claims.
//
// Times are microseconds of the server's epoch. Throws std::bad_alloc only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/jobs/lease.hpp"
#include "core/jobs/limit.hpp"
#include "core/uuid.hpp"

namespace llm_admin::jobs {

inline constexpr std::size_t most_owed = 4096;
inline constexpr std::int32_t owed_rows =
    8;  // of a tenant's jobs at a limit, that are looked at when it is owed a turn
inline constexpr std::int64_t default_patience = 60 * second;

// Views last until the claim ends.
struct waiting_job {
  uuid_bytes id{};
  std::int32_t priority = 0;
  std::int64_t run_at = 0;
  std::string_view workflow, provider, account;  // empty: none
};
bool goes_before(const waiting_job& a, const waiting_job& b) noexcept;

// What a session keeps between claims; to be kept only if the claim commits.
struct owed_turn {
  std::string tenant;
  limit_scope scope = limit_scope::workflow;
  std::string key;
  std::int64_t since = 0;
};
struct turn_memory {
  std::optional<std::string> tenant;  // who had the last turn
  std::int32_t left = 0;              // of that turn
  std::int32_t tenants = 0;           // that waited when all were last seen; 0: not known
  std::vector<owed_turn> owed;
};

struct claim_request {
  std::int64_t now = 0;
  std::int32_t max_jobs = 1;
  std::span<const limit_use> limits;  // as they stand under the locks of this claim; each (scope, key) once
  std::int64_t patience = default_patience;
};

// Tenants between two names, the ends included or not; no end: without one.
struct tenant_range {
  std::optional<std::string> from, to;
  bool with_from = false, with_to = false;
};
// The next `tenants` that have waiting jobs, of the ranges one after another, ascending; of each its first due jobs, weight
// times `rows` of them, `most` at most.
struct walk_request {
  std::vector<tenant_range> ranges;
  std::int32_t tenants = 0, rows = 1, most = 1;
};
// Due jobs of one tenant, in order, behind `after`, or those at one limit from the first on.
struct rows_request {
  std::string tenant;
  std::optional<waiting_job> after;
  std::optional<std::size_t> limit;  // into claim_request::limits
  std::int32_t rows = 1;
  std::size_t place = 0;  // for take()
};
struct claim_plan {
  std::vector<rows_request> owed, more;
  std::optional<walk_request> walk;

  bool is_empty() const noexcept { return owed.empty() && more.empty() && !walk; }
};

// Who answers a walk, or for more, may leave out jobs at limits without room(), and then says at which of those limits the
// tenant has due jobs. For turns that are owed nothing is left out.
struct tenant_rows {
  std::string tenant;
  std::vector<waiting_job> rows;
  bool has_more = false;                // fewer than asked were given only where there are no more
  std::vector<std::size_t> left_out{};  // into claim_request::limits
};
struct claim_answers {
  std::vector<tenant_rows> owed, more;  // one for each that was asked, in that order
  std::vector<tenant_rows> walked;      // fewer than asked: the ring is closed
};

struct claimed_job {
  std::string tenant;
  waiting_job job;
  bool was_owed = false;
};

class claim_run {
 public:
  claim_run(const claim_request& request, turn_memory memory);

  claim_plan plan();
  void take(const claim_plan& asked, claim_answers answers);

  // It may be ended after any take(): what was taken by then stands.
  const std::vector<claimed_job>& claimed() const noexcept { return claimed_; }
  turn_memory memory() const;
  std::int64_t room(std::size_t limit) const noexcept { return room_[limit]; }

 private:
  struct queue {
    std::string tenant;
    std::int32_t weight = 1;
    std::vector<waiting_job> rows;
    std::size_t at = 0;
    bool has_more = false;
    std::int32_t asked = 0;
    std::optional<waiting_job> last;
    bool is_done = false;
  };
  struct owed_place {
    owed_turn turn;
    std::size_t limit = 0;
    bool is_looked_at = false, is_gone = false;
  };
  using limit_list = std::array<std::size_t, limit_scopes>;  // npos at the end
  static constexpr std::size_t npos = SIZE_MAX;

  std::size_t limit_of(limit_scope scope, std::string_view key) const;
  std::int32_t weight_of(std::string_view tenant) const;
  limit_list limits_of(std::string_view tenant, const waiting_job& job) const;
  std::size_t full_limit(const limit_list& of) const noexcept;
  bool is_takable(const waiting_job& job) const;
  void take_job(std::string_view tenant, const waiting_job& job, bool was_owed);

  void take_walk(const walk_request& asked, std::vector<tenant_rows>& walked);
  void plan_owed(claim_plan& plan);
  void serve_owed(owed_place& place, const tenant_rows& answer);
  bool is_patient(const owed_place& place) const noexcept;
  void keep_places(const limit_list& of);
  void give_up(owed_place& place);
  void move_to(owed_place& place, std::size_t paused);
  void owe(std::string_view tenant, std::size_t limit);

  enum class outlook : std::uint8_t { job, nothing, unknown };
  outlook next_of(queue& of, waiting_job& job);
  void run_ring();
  void end_turn(const queue& of);
  walk_request next_walk() const;
  void plan_more(claim_plan& plan);

  const claim_request request_;
  turn_memory memory_;
  std::array<std::unordered_map<std::string_view, std::size_t>, limit_scopes> by_key_;
  std::vector<std::int64_t> room_;
  std::vector<claimed_job> claimed_;
  std::set<uuid_bytes> taken_;
  std::int64_t slots_ = 0;

  std::vector<owed_place> owed_;
  std::unordered_set<std::string> is_owed_;                  // tenant, NUL, number of the limit
  std::vector<std::pair<std::string, std::size_t>> paused_;  // to be owed a turn at that limit
  bool owed_is_over_ = false;

  std::vector<queue> ring_;
  std::size_t at_ = 0;
  std::int32_t left_ = 0;  // of the turn at at_; 0: it has not begun
  std::int32_t first_left_ = 0;
  bool start_is_first_ = false;  // its turn goes on
  std::optional<std::string> start_,
      visited_;  // whose turn was last when the claim began; the last one walked to
  bool is_closed_ = false, is_over_ = false;
};

}  // namespace llm_admin::jobs
