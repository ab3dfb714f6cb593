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
