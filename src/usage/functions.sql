-- Assigns the transaction's id before it takes one from the sequence, which the roll-up counts on; so nobody but the
-- owner takes ids from the sequence itself.
CREATE FUNCTION llm_admin.next_usage_id() RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_next_usage_id';

-- What row-level security asks, once a statement: whose rows the current user sees, NULL standing for all.
CREATE FUNCTION llm_admin.row_tenant() RETURNS pg_catalog.text
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_row_tenant';
CREATE FUNCTION llm_admin.sees_all_tenants() RETURNS pg_catalog.bool
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_sees_all_tenants';

CREATE FUNCTION llm_admin.maintain_partitions(
  OUT log pg_catalog.text, OUT month pg_catalog.text, OUT partition_name pg_catalog.text, OUT outcome pg_catalog.text,
  OUT moved_rows pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 12 AS 'MODULE_PATHNAME', 'llm_admin_maintain_partitions';

CREATE FUNCTION llm_admin.roll_up_daily_cost(
  OUT counted_rows pg_catalog.int8, OUT days pg_catalog.int8, OUT open_gaps pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_roll_up_daily_cost';

-- The functions behind the log's triggers.
CREATE FUNCTION llm_admin.complete_usage() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_complete_usage';
CREATE FUNCTION llm_admin.refuse_usage_truncate() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_usage_truncate';

CREATE FUNCTION llm_admin.record_usage(
  provider pg_catalog.text, model pg_catalog.text, usage pg_catalog.jsonb,
  user_id pg_catalog.text DEFAULT '', tenant_id pg_catalog.text DEFAULT '',
  request_id pg_catalog.text DEFAULT NULL::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}',
  OUT id pg_catalog.int8, OUT cost_usd pg_catalog.numeric, OUT cost_status pg_catalog.text,
  OUT duplicate pg_catalog.bool, OUT price_id pg_catalog.int8, OUT note pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_usage';

CREATE FUNCTION llm_admin.record_usage_batch(
  calls pg_catalog.jsonb, options pg_catalog.jsonb DEFAULT '{}',
  OUT place pg_catalog.int4, OUT id pg_catalog.int8, OUT cost_usd pg_catalog.numeric,
  OUT cost_status pg_catalog.text, OUT duplicate pg_catalog.bool, OUT price_id pg_catalog.int8,
  OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_record_usage_batch';

-- Whole days of UTC come from the daily book, all else from the log.
CREATE FUNCTION llm_admin.cost_summary(
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  until pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  group_by pg_catalog.text[] DEFAULT '{}', options pg_catalog.jsonb DEFAULT '{}',
  OUT date pg_catalog.date, OUT tenant_id pg_catalog.text, OUT user_id pg_catalog.text, OUT provider pg_catalog.text,
  OUT model_id pg_catalog.text, OUT cost_usd pg_catalog.numeric, OUT list_cost_usd pg_catalog.numeric,
  OUT requests pg_catalog.int8, OUT unpriced_requests pg_catalog.int8, OUT failed_requests pg_catalog.int8,
  OUT estimated_requests pg_catalog.int8, OUT cached_requests pg_catalog.int8, OUT byollm_requests pg_catalog.int8,
  OUT input_tokens pg_catalog.int8, OUT cached_tokens pg_catalog.int8, OUT cache_write_tokens pg_catalog.int8,
  OUT cache_write_1h_tokens pg_catalog.int8, OUT output_tokens pg_catalog.int8, OUT reasoning_tokens pg_catalog.int8,
  OUT total_tokens pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_cost_summary';

CREATE FUNCTION llm_admin.cost_today(
  options pg_catalog.jsonb DEFAULT '{}',
  OUT cost_usd pg_catalog.numeric, OUT list_cost_usd pg_catalog.numeric, OUT requests pg_catalog.int8,
  OUT unpriced_requests pg_catalog.int8, OUT total_tokens pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    SELECT COALESCE(pg_catalog.sum(s.cost_usd), 0), COALESCE(pg_catalog.sum(s.list_cost_usd), 0),
           COALESCE(pg_catalog.sum(s.requests), 0)::pg_catalog.int8,
           COALESCE(pg_catalog.sum(s.unpriced_requests), 0)::pg_catalog.int8,
           COALESCE(pg_catalog.sum(s.total_tokens), 0)::pg_catalog.int8
    FROM llm_admin.cost_summary(
      pg_catalog.date_trunc('day', pg_catalog.statement_timestamp(),
        COALESCE(options OPERATOR(pg_catalog.->>) 'zone', 'UTC')), NULL, '{}', options) s;
  END;

CREATE FUNCTION llm_admin.verify_rollup(
  since pg_catalog.date DEFAULT NULL::pg_catalog.date, until pg_catalog.date DEFAULT NULL::pg_catalog.date,
  OUT date pg_catalog.date, OUT differing_rows pg_catalog.int8, OUT booked_cost_usd pg_catalog.numeric,
  OUT counted_cost_usd pg_catalog.numeric, OUT booked_requests pg_catalog.int8, OUT counted_requests pg_catalog.int8,
  OUT booked_tokens pg_catalog.int8, OUT counted_tokens pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME', 'llm_admin_verify_rollup';

CREATE FUNCTION llm_admin.apply_retention(
  options pg_catalog.jsonb DEFAULT '{}',
  OUT item pg_catalog.text, OUT outcome pg_catalog.text, OUT affected_rows pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'llm_admin_apply_retention';
