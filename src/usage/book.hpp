// The measures of the daily book, as parts of statements: what a day counts is written once, for the roll-up, the
// recount that verifies it, and summaries that go beyond whole days.
#pragma once

// Of rows l of the log.
#define LLM_ADMIN_BOOK_KEY                                                                         \
  "pg_catalog.timezone('UTC', l.\"timestamp\")::pg_catalog.date AS date, l.tenant_id, l.user_id, " \
  "l.provider, l.model_id"

#define LLM_ADMIN_BOOK_COLUMNS                                                                           \
  "l.id, l.\"timestamp\", l.tenant_id, l.user_id, l.provider, l.model_id, l.cost_usd, l.list_cost_usd, " \
  "l.kind, l.total_tokens, l.cost_status, l.prompt_tokens, l.cached_tokens, l.cache_write_tokens, "      \
  "l.cache_write_1h_tokens, l.completion_tokens, l.reasoning_tokens, l.status_code, l.error_message, "   \
  "l.estimated, l.key_source"

// A correction is no request.
#define LLM_ADMIN_REQUESTS_THAT(condition) \
  "pg_catalog.count(*) FILTER (WHERE l.kind OPERATOR(pg_catalog.<>) 'correction' AND " condition ")"
#define LLM_ADMIN_TOKENS(column) "COALESCE(pg_catalog.sum(l." column "), 0)"

#define LLM_ADMIN_BOOK_SUMS \
  "COALESCE(pg_catalog.sum(l.cost_usd), 0) AS total_cost_usd, "                                                   \
  "pg_catalog.count(*) FILTER (WHERE l.kind OPERATOR(pg_catalog.<>) 'correction') AS total_requests, "            \
  LLM_ADMIN_TOKENS("total_tokens") " AS total_tokens, "                                                           \
  LLM_ADMIN_REQUESTS_THAT("l.cost_status OPERATOR(pg_catalog.=) 'unpriced'") " AS unpriced_requests, "            \
  LLM_ADMIN_TOKENS("prompt_tokens") " AS input_tokens, "                                                          \
  LLM_ADMIN_TOKENS("cached_tokens") " AS cached_tokens, "                                                         \
  LLM_ADMIN_TOKENS("cache_write_tokens") " AS cache_write_tokens, "                                               \
  LLM_ADMIN_TOKENS("cache_write_1h_tokens") " AS cache_write_1h_tokens, "                                         \
  LLM_ADMIN_TOKENS("completion_tokens") " AS output_tokens, "                                                     \
  LLM_ADMIN_TOKENS("reasoning_tokens") " AS reasoning_tokens, "                                                   \
  "COALESCE(pg_catalog.sum(l.list_cost_usd), 0) AS list_cost_usd, "                                               \
  LLM_ADMIN_REQUESTS_THAT("(l.status_code OPERATOR(pg_catalog.>=) 400 OR l.error_message IS NOT NULL)")           \
  " AS failed_requests, "                                                                                         \
  LLM_ADMIN_REQUESTS_THAT("l.estimated") " AS estimated_requests, "                                               \
  LLM_ADMIN_REQUESTS_THAT("l.cost_status OPERATOR(pg_catalog.=) 'cached'") " AS cached_requests, "                \
  LLM_ADMIN_REQUESTS_THAT("l.key_source OPERATOR(pg_catalog.=) 'byollm'") " AS byollm_requests"

#define LLM_ADMIN_BOOK_NAMES                                                                     \
  "date, tenant_id, user_id, provider, model_id, total_cost_usd, total_requests, total_tokens, " \
  "unpriced_requests, input_tokens, cached_tokens, cache_write_tokens, cache_write_1h_tokens, "  \
  "output_tokens, "                                                                              \
  "reasoning_tokens, list_cost_usd, failed_requests, estimated_requests, cached_requests, byollm_requests"

#define LLM_ADMIN_ADDED(column) column " = d." column " OPERATOR(pg_catalog.+) excluded." column
#define LLM_ADMIN_BOOK_ADDED \
  LLM_ADMIN_ADDED("total_cost_usd") ", " LLM_ADMIN_ADDED("total_requests") ", "           \
  LLM_ADMIN_ADDED("total_tokens") ", " LLM_ADMIN_ADDED("unpriced_requests") ", "          \
  LLM_ADMIN_ADDED("input_tokens") ", " LLM_ADMIN_ADDED("cached_tokens") ", "              \
  LLM_ADMIN_ADDED("cache_write_tokens") ", " LLM_ADMIN_ADDED("cache_write_1h_tokens") ", " \
  LLM_ADMIN_ADDED("output_tokens") ", " LLM_ADMIN_ADDED("reasoning_tokens") ", "          \
  LLM_ADMIN_ADDED("list_cost_usd") ", " LLM_ADMIN_ADDED("failed_requests") ", "           \
  LLM_ADMIN_ADDED("estimated_requests") ", " LLM_ADMIN_ADDED("cached_requests") ", "      \
  LLM_ADMIN_ADDED("byollm_requests")
