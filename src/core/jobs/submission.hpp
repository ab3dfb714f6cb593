// What submit_job() and submit_jobs() are given, decoded and checked as far as that needs no database.
//
// The arguments of submit_job() and the members of an element of submit_jobs() are the same, by the same names, and judged
// by the same rules; times of an element are texts, which the server reads. Whether a webhook's URL may be called is asked by
// who calls (`judge_url`). Errors are 22023 with all problems at once, the first hundred, those of a batch with the number
// of the element, from 0; nothing is submitted then. No value is ever told. Views last as long as what was given; a secret is
// one of them, and is copied nowhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/jobs/gate.hpp"
#include "core/json/view.hpp"
#include "core/memory_bound.hpp"
#include "core/uuid.hpp"

namespace llm_admin::jobs {

inline constexpr std::size_t least_secret = 8;    // characters
inline constexpr std::size_t most_secret = 255;   // characters
inline constexpr std::size_t longest_url = 2048;  // bytes
inline constexpr std::size_t longest_time = 64;   // bytes
inline constexpr std::size_t deepest_input = 256;

struct submission_bounds {
  std::size_t most_input = 16U << 20;  // bytes of JSON text, llm_admin.max_job_input
  std::size_t most_jobs = 10'000;      // of a batch
  // What keeps a URL from being a webhook's, as phrases ("must ..."); null: nothing is asked.
  std::vector<std::string> (*judge_url)(std::string_view url) = nullptr;
};

struct submission {
  std::string_view workflow_name, tenant_id;
  json::node input_data;  // absent: an empty object is stored
  std::optional<uuid_bytes> user_id;
  std::int64_t priority = default_priority, max_retries = default_retries;
  std::optional<std::string_view> idempotency_key, external_task_id, webhook_url, webhook_secret, username,
      action;
  bool debug_mode = false;
  jobs::on_ambiguous on_ambiguous = on_ambiguous::retry;
  std::string_view executor = "client";
  // One of both, where they are given: as the server's value, or as a text of an element.
  std::optional<std::int64_t> run_at, deadline;
  std::optional<std::string_view> run_at_text, deadline_text;
};

// What is wrong with one, in words that begin with the name; for submit_job() after its arguments were decoded.
std::vector<std::string> problems_of(const submission& given, const submission_bounds& bounds);
void require_submission(const submission& given, const submission_bounds& bounds);

// The argument of submit_jobs(): an array of objects. The bound is polled, and takes nothing.
std::vector<submission> read_submissions(const json::node& list, const submission_bounds& bounds,
                                         memory_bound& bound);

}  // namespace llm_admin::jobs
