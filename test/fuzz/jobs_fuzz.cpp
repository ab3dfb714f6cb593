// Jobs from anywhere: submissions are read or refused in the one way there is, and every claim of a queue that the bytes make
// keeps its promises (test/generate/job_queue.hpp).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/jobs/fingerprint.hpp"
#include "core/jobs/submission.hpp"
#include "core/json/parse.hpp"
#include "generate/job_queue.hpp"

using namespace llm_admin;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_state(const error& e, std::string_view state) { return e.sqlstate() == state; }

std::vector<std::string> judge_url(std::string_view url) {
  if (url.starts_with("https://")) return {};
  return {"must begin with https://"};
}

void read_batch(const json::node& value) {
  const jobs::submission_bounds bounds{256, 50, judge_url};
  memory_bound bound(1 << 24);
  try {
    for (const jobs::submission& one : jobs::read_submissions(value, bounds, bound)) {
      require(jobs::problems_of(one, bounds).empty());
      const std::string print = jobs::fingerprint_of(
          {one.workflow_name, one.input_data, one.webhook_url, static_cast<std::int32_t>(one.priority)},
          bound);
      require(print.size() == 32 && bound.held() == 0);
      // What is read as a job passes the gate of the row.
      jobs::job_row row;
      row.status = "pending";
      row.workflow_name = one.workflow_name;
      row.tenant_id = one.tenant_id;
      row.idempotency_key = one.idempotency_key;
      row.external_task_id = one.external_task_id;
      row.username = one.username;
      row.action = one.action;
      row.on_ambiguous = jobs::name_of(one.on_ambiguous);
      row.executor = one.executor;
      row.priority = one.priority;
      row.max_retries = one.max_retries;
      row.retry_count = 0;
      row.run_at = 0;
      row.has_webhook_url = one.webhook_url.has_value();
      row.has_webhook_secret = one.webhook_secret.has_value();
      require(jobs::check_row("job", row, nullptr, {}).is_right());
    }
  } catch (const error& e) {
    require(is_state(e, sqlstate::invalid_parameter) && !e.message().empty());
  }
}

void read_error_of(const json::node& value) {
  try {
    const std::string written = jobs::error_json(jobs::read_error(value));
    json::tree again;
    const json::item* parsed = json::parse(written, again);
    require(parsed != nullptr && jobs::error_json(jobs::read_error(json::view(parsed))) == written);
  } catch (const error& e) {
    require(is_state(e, sqlstate::invalid_parameter));
  }
}

void claim_any(std::span<const std::uint8_t> bytes) {
  test::random_source dice(bytes);
  test::job_queue queue;
  queue.leaves_out = dice.chance(50);
  queue.patience = dice.below(5) * jobs::second;
  const std::size_t tenants = 1 + dice.below(8);
  test::fill(queue, dice, tenants, dice.below(60));
  jobs::turn_memory memories[2];
  for (int n = 0; n < 12; ++n) {
    queue.most_rounds = dice.chance(20) ? static_cast<std::int32_t>(dice.below(4)) : INT32_MAX;
    (void)queue.claim(static_cast<std::int32_t>(dice.below(12)), memories[dice.below(2)]);
    while (!queue.running.empty() && dice.chance(60)) queue.finish(dice.below(queue.running.size()));
    queue.now += (static_cast<std::int64_t>(dice.below(9)) - 1) * jobs::second;
    if (dice.chance(30)) queue.add("t" + std::to_string(dice.below(tenants)), "x");
    if (!queue.wrong.empty()) {
      std::fprintf(stderr, "%s\n", queue.wrong.c_str());
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  claim_any({data, size});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  json::tree tree;
  const json::item* parsed = json::parse(text, tree);
  if (parsed == nullptr) return 0;
  read_batch(json::view(parsed));
  read_error_of(json::view(parsed));
  return 0;
}
