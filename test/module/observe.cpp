// What the tests look at: counters of this backend, read without changing them.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "cargo.hpp"
#include "core/error.hpp"
#include "pg/entry.hpp"

namespace {

namespace pg = llm_admin::pg;

Datum bigint(std::int64_t value) {
  return pg::call([=] { return Int64GetDatum(value); });
}

// VmRSS of /proc/self/status, which the kernel gives in kB. Read into the stack: measuring must not allocate.
std::int64_t resident_kb() {
  char text[8192];
  const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  const ssize_t size = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  if (size > 0) {
    text[size] = '\0';
    if (const char* found = std::strstr(text, "\nVmRSS:")) return std::strtoll(found + 7, nullptr, 10);
  }
  throw llm_admin::error(llm_admin::sqlstate::internal_error, "no VmRSS in /proc/self/status");
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_test_live_objects)(FunctionCallInfo) {
  return bigint(llm_admin::test::cargo::live);
}

LLM_ADMIN_FUNCTION(llm_admin_test_made_objects)(FunctionCallInfo) {
  return bigint(llm_admin::test::cargo::made);
}

LLM_ADMIN_FUNCTION(llm_admin_test_interrupt_holdoff)(FunctionCallInfo) {
  return bigint(InterruptHoldoffCount);
}

LLM_ADMIN_FUNCTION(llm_admin_test_cancel_holdoff)(FunctionCallInfo) {
  return bigint(QueryCancelHoldoffCount);
}

LLM_ADMIN_FUNCTION(llm_admin_test_critical_sections)(FunctionCallInfo) { return bigint(CritSectionCount); }

LLM_ADMIN_FUNCTION(llm_admin_test_rss_kb)(FunctionCallInfo) { return bigint(resident_kb()); }

LLM_ADMIN_FUNCTION(llm_admin_test_top_memory_bytes)(FunctionCallInfo) {
  return bigint(
      pg::call([] { return static_cast<std::int64_t>(MemoryContextMemAllocated(TopMemoryContext, true)); }));
}

// As if the library of 0.3 were loaded: a setting that it has and later ones have too, and none of theirs.
LLM_ADMIN_FUNCTION(llm_admin_test_pose_as_older_library)(FunctionCallInfo) {
  static char* value = nullptr;
  pg::call([] {
    DefineCustomStringVariable("llm_admin.actor", "of an earlier library", nullptr, &value, "", PGC_USERSET,
                               0, nullptr, nullptr, nullptr);
  });
  return BoolGetDatum(true);
}
