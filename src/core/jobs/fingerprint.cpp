#include "core/jobs/fingerprint.hpp"

#include "core/calls/fingerprint.hpp"
#include "core/crypto/binding.hpp"
#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"

namespace llm_admin::jobs {

namespace {

constexpr std::size_t job_fingerprint_bytes = 16;

std::string short_hash(const crypto::binding& of) {
  return hex_encode(byte_view(crypto::sha256(of.bytes())).first(job_fingerprint_bytes));
}

}  // namespace

std::string fingerprint_of(const fingerprinted& request, memory_bound& bound) {
  crypto::binding all("llm_admin/job/v1");
  all.add(request.workflow_name);
  all.add(request.webhook_url ? "u" : "").add(request.webhook_url.value_or(""));
  all.add(std::to_string(request.priority));
  all.add(byte_view(calls::digest_of(request.input, bound)));
  return short_hash(all);
}

std::string input_hash(const json::node& input, memory_bound& bound) {
  crypto::binding all("llm_admin/step/v1");
  all.add(input ? "i" : "").add(byte_view(calls::digest_of(input, bound)));
  return short_hash(all);
}

error other_request(std::string_view job) {
  return {sqlstate::request_differs, "the idempotency key was given with another request",
          "job " + std::string(job) + " has it, with another input, workflow, webhook_url or priority",
          "use a new key for a new request; SELECT * FROM llm_admin.job_status('" + std::string(job) +
              "') shows the job"};
}

}  // namespace llm_admin::jobs
