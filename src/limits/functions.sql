-- Quotas and budgets of calls that the application makes by itself; begin_call() takes both at once.
CREATE FUNCTION llm_admin.acquire_quota(
  user_id pg_catalog.text, tier pg_catalog.text, model pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT ''::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT allowed pg_catalog.bool, OUT reason pg_catalog.text, OUT limit_id pg_catalog.uuid, OUT subject pg_catalog.text,
  OUT used pg_catalog.numeric, OUT remaining pg_catalog.numeric, OUT resets_at pg_catalog.timestamptz,
  OUT retry_after_ms pg_catalog.int8, OUT downgrade_to pg_catalog.text, OUT ticket pg_catalog.uuid)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_acquire_quota';

CREATE FUNCTION llm_admin.release_quota(
  ticket pg_catalog.uuid, used pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_release_quota';

CREATE FUNCTION llm_admin.reserve_budget(
  user_id pg_catalog.text, tier pg_catalog.text, model pg_catalog.text, amount_usd pg_catalog.numeric,
  tenant_id pg_catalog.text DEFAULT ''::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT allowed pg_catalog.bool, OUT reason pg_catalog.text, OUT limit_id pg_catalog.uuid, OUT subject pg_catalog.text,
  OUT used pg_catalog.numeric, OUT remaining pg_catalog.numeric, OUT resets_at pg_catalog.timestamptz,
  OUT retry_after_ms pg_catalog.int8, OUT downgrade_to pg_catalog.text, OUT ticket pg_catalog.uuid)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_reserve_budget';

CREATE FUNCTION llm_admin.settle_budget(ticket pg_catalog.uuid, cost_usd pg_catalog.numeric)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_settle_budget';

-- Tickets end by themselves when they are overdue, some beside each acquire_quota(); this ends more of them at once.
CREATE FUNCTION llm_admin.expire_quota_tickets(max pg_catalog.int4 DEFAULT 1000)
  RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_expire_quota_tickets';

CREATE FUNCTION llm_admin.limit_status(
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, user_id pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT subject pg_catalog.text,
  OUT model pg_catalog.text, OUT what pg_catalog.text, OUT period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT used pg_catalog.numeric, OUT reserved pg_catalog.numeric, OUT remaining pg_catalog.numeric,
  OUT window_start pg_catalog.timestamptz, OUT resets_at pg_catalog.timestamptz, OUT exceeded pg_catalog.bool)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_limit_status';

-- Triggers.
CREATE FUNCTION llm_admin.check_limit() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_limit';
CREATE FUNCTION llm_admin.check_limit_override() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_limit_override';
CREATE FUNCTION llm_admin.refuse_override_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_override_change';
