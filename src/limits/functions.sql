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

-- Limits that are not there yet, over the calls that the log holds from `since` on.
CREATE FUNCTION llm_admin.simulate_limits(
  limits pg_catalog.jsonb, since pg_catalog.timestamptz, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT place pg_catalog.int4, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT subject pg_catalog.text,
  OUT model pg_catalog.text, OUT what pg_catalog.text, OUT period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT calls pg_catalog.int8, OUT denied pg_catalog.int8, OUT warned pg_catalog.int8, OUT downgraded pg_catalog.int8,
  OUT first_at pg_catalog.timestamptz, OUT peak pg_catalog.numeric, OUT saved_usd pg_catalog.numeric)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_simulate_limits';

CREATE FUNCTION llm_admin.limit_denials(
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT tenant pg_catalog.text, OUT subject pg_catalog.text, OUT denied pg_catalog.int8,
  OUT first_at pg_catalog.timestamptz, OUT last_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_limit_denials';

-- Windows that slide or never end have no pace. The pace is that of the window so far.
CREATE FUNCTION llm_admin.spend_forecast(
  subject pg_catalog.text DEFAULT NULL::pg_catalog.text, period pg_catalog.text DEFAULT NULL::pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT spender pg_catalog.text,
  OUT model pg_catalog.text, OUT budget_period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT spent pg_catalog.numeric, OUT reserved pg_catalog.numeric, OUT rate_per_day pg_catalog.numeric,
  OUT expected_at_end pg_catalog.numeric, OUT ends_at pg_catalog.timestamptz, OUT exhausts_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 100
  BEGIN ATOMIC
    SELECT s.limit_id, s.scope, s.tenant, s.subject, s.model, s.period, s.amount, s.used, s.reserved,
           pg_catalog.round(p.a_second OPERATOR(pg_catalog.*) 86400, 9),
           pg_catalog.round(s.used OPERATOR(pg_catalog.+) (p.a_second OPERATOR(pg_catalog.*) t.seconds_left), 9),
           s.resets_at,
           CASE WHEN s.used OPERATOR(pg_catalog.+) s.reserved OPERATOR(pg_catalog.>=) s.amount
                  THEN pg_catalog.statement_timestamp()
                WHEN p.a_second OPERATOR(pg_catalog.*) t.seconds_left
                     OPERATOR(pg_catalog.>=) (s.amount OPERATOR(pg_catalog.-) s.used OPERATOR(pg_catalog.-) s.reserved)
                  THEN pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) pg_catalog.make_interval(
                    secs => ((s.amount OPERATOR(pg_catalog.-) s.used OPERATOR(pg_catalog.-) s.reserved)
                             OPERATOR(pg_catalog./) p.a_second)::pg_catalog.float8) END
    FROM llm_admin.limit_status(tenant_id, NULL, options) s
    CROSS JOIN LATERAL (
      SELECT CASE WHEN s.period NOT IN ('minute', 'total') THEN GREATEST(1, EXTRACT(epoch FROM
               pg_catalog.statement_timestamp() OPERATOR(pg_catalog.-) s.window_start)) END,
             CASE WHEN s.period NOT IN ('minute', 'total') THEN GREATEST(0, EXTRACT(epoch FROM
               s.resets_at OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp())) END) t (seconds_gone, seconds_left)
    CROSS JOIN LATERAL (SELECT s.used OPERATOR(pg_catalog./) t.seconds_gone) p (a_second)
    WHERE s.what OPERATOR(pg_catalog.=) 'cost_usd'
      AND (spend_forecast.subject IS NULL OR s.subject OPERATOR(pg_catalog.=) spend_forecast.subject)
      AND (spend_forecast.period IS NULL OR s.period OPERATOR(pg_catalog.=) spend_forecast.period)
    ORDER BY s.limit_id, s.tenant, s.subject;
  END;

-- Triggers.
CREATE FUNCTION llm_admin.check_limit() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_limit';
CREATE FUNCTION llm_admin.check_limit_override() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_limit_override';
CREATE FUNCTION llm_admin.refuse_override_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_override_change';
