#include "core/calls/next_step.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace llm_admin::calls {
namespace {

using kind = mapping::error_kind;
using outcome = outcome_class;

attempt_outcome answered(int status, kind of = kind::unknown) {
  attempt_outcome made;
  made.failed = status >= 400 || of != kind::unknown;
  made.http_status = status;
  made.kind = of;
  return made;
}

attempt_outcome unanswered(kind of = kind::unknown) {
  attempt_outcome made;
  made.failed = true;
  made.kind = of;
  return made;
}

chain_state chain_of(std::int32_t attempt, std::int32_t accounts, std::int32_t models,
                     std::string_view operation = {}) {
  chain_state made;
  made.attempt = attempt;
  made.accounts_left = accounts;
  made.models_left = models;
  made.operation = operation;
  return made;
}

// An attempt for each row of the table.
attempt_outcome sample_of(outcome one) {
  attempt_outcome made;
  switch (one) {
    case outcome::success:
      return answered(200);
    case outcome::limit_reached:
      made.limit_reached = true;
      made.dispatched = false;
      return made;
    case outcome::cancelled:
      made.cancelled = true;
      return made;
    case outcome::own_fault:
      return answered(400);
    case outcome::not_found:
      return answered(404);
    case outcome::key_refused:
      return answered(401);
    case outcome::no_credit:
      return answered(402);
    case outcome::forbidden:
      return answered(403);
    case outcome::rate_limited:
      return answered(429);
    case outcome::conflict:
      return answered(409);
    case outcome::overloaded:
      return answered(529);
    case outcome::server_failed:
      return answered(500);
    case outcome::timed_out:
      return answered(504);
    case outcome::cut_off:
      return unanswered(kind::network_cut);
    case outcome::not_sent:
      made = unanswered();
      made.dispatched = false;
      return made;
    case outcome::not_usable:
      return answered(200, kind::empty);
  }
  return made;
}

// With all that may follow at hand, what follows the first attempt, what a later one, what without accounts, what
// without accounts and models, whether it is safe, what rests and for how long.
struct expected_row {
  outcome of;
  const char* first;
  const char* later;
  const char* without_accounts;
  const char* alone;
  bool safe;
  resting rest;
  std::int64_t rest_ms;
};

TEST(NextStep, EveryRow) {
  constexpr auto no = resting::nothing;
  const std::vector<expected_row> table = {
      {outcome::success, "none", "none", "none", "none", false, no, 0},
      {outcome::limit_reached, "none", "none", "none", "none", true, no, 0},
      {outcome::cancelled, "none", "none", "none", "none", false, no, 0},
      {outcome::own_fault, "none", "none", "none", "none", true, no, 0},
      {outcome::not_found, "next_account", "next_account", "none", "none", true, no, 0},
      {outcome::key_refused, "next_account", "next_account", "next_model", "none", true, resting::account,
       600'000},
      {outcome::no_credit, "next_account", "next_account", "next_model", "none", true, resting::account,
       3'600'000},
      {outcome::forbidden, "next_account", "next_account", "next_model", "none", true, resting::account,
       600'000},
      {outcome::rate_limited, "next_account", "next_account", "retry_same", "retry_same", true,
       resting::model, 10'000},
      {outcome::conflict, "retry_same", "retry_same", "retry_same", "retry_same", true, no, 0},
      {outcome::overloaded, "retry_same", "next_account", "next_model", "retry_same", true, no, 0},
      {outcome::server_failed, "retry_same", "next_account", "next_model", "retry_same", true, no, 0},
      {outcome::timed_out, "retry_same", "next_account", "next_model", "retry_same", false, no, 0},
      {outcome::cut_off, "retry_same", "next_account", "next_model", "retry_same", false, no, 0},
      {outcome::not_sent, "retry_same", "next_account", "next_model", "retry_same", true, no, 0},
      {outcome::not_usable, "retry_same", "next_account", "next_model", "retry_same", false, no, 0},
  };
  ASSERT_EQ(table.size(), next_rows().size());
  for (const expected_row& row : table) {
    const attempt_outcome of = sample_of(row.of);
    const std::string_view name = next_rows()[static_cast<std::size_t>(row.of)].name;
    ASSERT_EQ(class_of(of), row.of) << name;
    const next_step first = next_after(of, chain_of(1, 1, 1));
    EXPECT_EQ(action_name(first.action), row.first) << name;
    EXPECT_EQ(first.outcome, name);
    EXPECT_EQ(first.safe, row.safe) << name;
    EXPECT_EQ(first.rest, row.rest) << name;
    EXPECT_EQ(first.rest_ms, row.rest_ms) << name;
    EXPECT_EQ(first.after_ms.has_value(), first.action == next_action::retry_same) << name;
    EXPECT_EQ(action_name(next_after(of, chain_of(2, 1, 1)).action), row.later) << name;
    EXPECT_EQ(action_name(next_after(of, chain_of(2, 0, 1)).action), row.without_accounts) << name;
    EXPECT_EQ(action_name(next_after(of, chain_of(2, 0, 0)).action), row.alone) << name;
    // Whatever it was: a chain ends, and an answer that had begun makes nothing safe.
    EXPECT_EQ(next_after(of, chain_of(most_attempts, 1, 1)).action, next_action::none) << name;
    EXPECT_EQ(next_after(of, chain_of(INT32_MAX, 1, 1)).action, next_action::none) << name;
    EXPECT_EQ(next_after(of, chain_of(most_attempts, 1, 1)).rest, row.rest) << name;
    attempt_outcome seen = of;
    seen.output_seen = true;
    EXPECT_FALSE(next_after(seen, chain_of(1, 1, 1)).safe) << name;
  }
}

TEST(NextStep, OnlyFailuresOfTheAccountCount) {
  std::vector<std::string_view> counted;
  for (const next_row& row : next_rows())
    if (next_after(sample_of(row.outcome), chain_of(1, 0, 0)).counts_as_failure) counted.push_back(row.name);
  EXPECT_EQ(counted, (std::vector<std::string_view>{"key refused", "no credit", "forbidden", "overloaded",
                                                    "server failed", "timed out", "cut off", "not sent",
                                                    "no usable answer"}));
}

TEST(NextStep, AStatusCountsWhereNothingMoreExactIsKnown) {
  struct by_status {
    int status;
    outcome of;
  };
  for (const by_status& one : std::initializer_list<by_status>{
           {200, outcome::success},       {204, outcome::success},       {302, outcome::success},
           {400, outcome::own_fault},     {401, outcome::key_refused},   {402, outcome::no_credit},
           {403, outcome::forbidden},     {404, outcome::not_found},     {405, outcome::own_fault},
           {406, outcome::own_fault},     {408, outcome::timed_out},     {409, outcome::conflict},
           {410, outcome::own_fault},     {413, outcome::own_fault},     {415, outcome::own_fault},
           {422, outcome::own_fault},     {425, outcome::conflict},      {429, outcome::rate_limited},
           {431, outcome::own_fault},     {451, outcome::own_fault},     {499, outcome::own_fault},
           {500, outcome::server_failed}, {501, outcome::server_failed}, {502, outcome::cut_off},
           {503, outcome::overloaded},    {504, outcome::timed_out},     {520, outcome::cut_off},
           {521, outcome::server_failed}, {522, outcome::server_failed}, {524, outcome::timed_out},
           {529, outcome::overloaded},    {599, outcome::server_failed},
       })
    EXPECT_EQ(class_of(answered(one.status)), one.of) << one.status;
}

TEST(NextStep, AKindCountsBeforeTheStatus) {
  struct by_kind {
    kind of;
    int status;  // 0: none
    outcome expected;
  };
  for (const by_kind& one : std::initializer_list<by_kind>{
           {kind::rate_limit, 400, outcome::rate_limited},
           {kind::quota_exhausted, 429, outcome::no_credit},
           {kind::auth, 400, outcome::key_refused},
           {kind::permission, 400, outcome::forbidden},
           {kind::not_found, 400, outcome::not_found},
           {kind::invalid_request, 500, outcome::own_fault},
           {kind::context_too_long, 400, outcome::own_fault},
           {kind::content_filter, 403, outcome::own_fault},
           {kind::overloaded, 500, outcome::overloaded},
           {kind::timeout, 200, outcome::timed_out},
           {kind::server, 200, outcome::server_failed},
           {kind::server, 502, outcome::cut_off},
           {kind::network_cut, 200, outcome::cut_off},
           {kind::stream_incomplete, 200, outcome::cut_off},
           {kind::not_json, 200, outcome::not_usable},
           {kind::not_json, 502, outcome::cut_off},
           {kind::not_json, 403, outcome::forbidden},
           {kind::empty, 200, outcome::not_usable},
           {kind::empty, 504, outcome::timed_out},
           {kind::unknown, 0, outcome::cut_off},
           {kind::timeout, 0, outcome::timed_out},
           {kind::network_cut, 0, outcome::cut_off},
       })
    EXPECT_EQ(class_of(one.status == 0 ? unanswered(one.of) : answered(one.status, one.of)), one.expected)
        << mapping::kind_name(one.of) << ' ' << one.status;
  // An error in an answer of 200 that no word explains.
  attempt_outcome unexplained = answered(200);
  unexplained.failed = true;
  EXPECT_EQ(class_of(unexplained), outcome::own_fault);
  unexplained.retryable = true;
  EXPECT_EQ(class_of(unexplained), outcome::server_failed);
}

TEST(NextStep, WhatTheCallerKnowsCountsFirst) {
  attempt_outcome of = answered(500);
  of.cancelled = true;
  EXPECT_EQ(class_of(of), outcome::cancelled);
  of.limit_reached = true;
  EXPECT_EQ(class_of(of), outcome::limit_reached);
  of = unanswered(kind::timeout);
  of.timed_out = true;
  EXPECT_FALSE(next_after(of, chain_of(1, 1, 1)).safe);
  of.dispatched = false;
  EXPECT_EQ(class_of(of), outcome::not_sent);
  EXPECT_TRUE(next_after(of, chain_of(1, 1, 1)).safe);
  of = attempt_outcome{};
  of.timed_out = true;
  EXPECT_EQ(class_of(of), outcome::timed_out);
}

TEST(NextStep, WaitsAsTheVendorAsks) {
  attempt_outcome of = answered(429);
  of.retry_after_ms = 7660;
  EXPECT_EQ(next_after(of, chain_of(1, 0, 1)).after_ms, 7660);
  EXPECT_EQ(next_after(of, chain_of(1, 0, 1)).rest_ms, 7660);
  of.retry_after_ms = 0;
  EXPECT_EQ(next_after(of, chain_of(1, 0, 1)).after_ms, 0);
  // A longer wait is not waited for: another model, or nothing.
  of.retry_after_ms = longest_wait_ms + 1;
  EXPECT_EQ(next_after(of, chain_of(1, 0, 1)).action, next_action::next_model);
  EXPECT_EQ(next_after(of, chain_of(1, 0, 0)).action, next_action::none);
  EXPECT_EQ(next_after(of, chain_of(1, 0, 0)).rest_ms, longest_wait_ms + 1);
  // What rests for longer than a day is tried again then.
  of.retry_after_ms = std::int64_t{366} * 24 * 3'600'000;
  EXPECT_EQ(next_after(of, chain_of(1, 0, 0)).action, next_action::none);
  EXPECT_EQ(next_after(of, chain_of(1, 0, 0)).rest_ms, longest_rest_ms);
  of.retry_after_ms = longest_rest_ms;
  EXPECT_EQ(next_after(of, chain_of(1, 0, 0)).rest_ms, 86'400'000);
  of.retry_after_ms = longest_wait_ms;
  EXPECT_EQ(next_after(of, chain_of(1, 0, 1)).action, next_action::retry_same);
  of.retry_after_ms = -5;
  EXPECT_EQ(next_after(of, chain_of(1, 0, 1)).after_ms, 0);
  // A busy vendor rests only if it says so.
  of = answered(503);
  of.retry_after_ms = 2000;
  EXPECT_EQ(next_after(of, chain_of(1, 0, 0)).rest, resting::model);
  EXPECT_EQ(next_after(of, chain_of(1, 0, 0)).rest_ms, 2000);
}

TEST(NextStep, WaitsLongerEachTimeAndNotAllAtOnce) {
  std::vector<std::int64_t> least, most;
  for (std::int32_t attempt = 1; attempt < 9; ++attempt) {
    chain_state chain = chain_of(attempt, 0, 0);
    chain.most = 100;
    least.push_back(*next_after(answered(500), chain).after_ms);
    chain.jitter = UINT16_MAX;
    most.push_back(*next_after(answered(500), chain).after_ms);
  }
  EXPECT_EQ(least, (std::vector<std::int64_t>{250, 500, 1000, 2000, 4000, 8000, 8000, 8000}));
  EXPECT_EQ(most, (std::vector<std::int64_t>{499, 999, 1999, 3999, 7999, 15999, 15999, 15999}));
}

TEST(NextStep, OperationsMoveOnlyWhereTheyMeanTheSame) {
  for (const char* chat : {"", "chat"})
    EXPECT_EQ(next_after(answered(401), chain_of(1, 0, 1, chat)).action, next_action::next_model) << chat;
  for (const char* bound_to_model : {"embed", "embed_query", "count_tokens"}) {
    EXPECT_EQ(next_after(answered(401), chain_of(1, 1, 1, bound_to_model)).action, next_action::next_account);
    EXPECT_EQ(next_after(answered(401), chain_of(1, 0, 1, bound_to_model)).action, next_action::none);
    EXPECT_EQ(next_after(answered(500), chain_of(2, 0, 1, bound_to_model)).action, next_action::retry_same);
  }
  for (const char* bound_to_account : {"test", "list_models", "create_batch"}) {
    EXPECT_EQ(next_after(answered(404), chain_of(1, 1, 1, bound_to_account)).action, next_action::none);
    EXPECT_EQ(next_after(answered(500), chain_of(2, 1, 1, bound_to_account)).action, next_action::retry_same);
  }
}

TEST(NextStep, ARuleMayForbidToRetry) {
  attempt_outcome of = answered(500);
  of.retryable = false;
  EXPECT_EQ(next_after(of, chain_of(1, 1, 1)).action, next_action::next_account);
  EXPECT_EQ(next_after(of, chain_of(1, 0, 0)).action, next_action::none);
}

}  // namespace
}  // namespace llm_admin::calls
