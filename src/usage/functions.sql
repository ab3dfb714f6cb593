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
  LANGUAGE sql STABLE PARALLEL UNSAFE
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

CREATE FUNCTION llm_admin.metrics(
  OUT name pg_catalog.text, OUT labels pg_catalog.jsonb, OUT value pg_catalog.numeric, OUT help pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 50 AS 'MODULE_PATHNAME', 'llm_admin_metrics';

CREATE FUNCTION llm_admin.book_correction(
  provider pg_catalog.text, model pg_catalog.text, amounts pg_catalog.jsonb, options pg_catalog.jsonb DEFAULT '{}')
  RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_book_correction';

-- An invoice is {"total_usd": 12.5} or {"lines": [{"model": "gpt-4o", "class": "cost_usd", "amount": 12.5}]} or both;
-- classes are the measures of the daily book. Models that only one of the two has come as well.
CREATE FUNCTION llm_admin.reconcile(
  provider pg_catalog.text, month pg_catalog.date, invoice pg_catalog.jsonb,
  OUT model_id pg_catalog.text, OUT class pg_catalog.text, OUT invoiced pg_catalog.numeric,
  OUT booked pg_catalog.numeric, OUT difference pg_catalog.numeric, OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    WITH book AS (
      SELECT s.model_id, v.class, v.amount
      FROM llm_admin.cost_summary(
        pg_catalog.timezone('UTC', pg_catalog.date_trunc('month', reconcile.month::pg_catalog.timestamp)),
        pg_catalog.timezone('UTC', pg_catalog.date_trunc('month', reconcile.month::pg_catalog.timestamp)
          OPERATOR(pg_catalog.+) '1 month'::pg_catalog.interval),
        '{model}', pg_catalog.jsonb_build_object('provider', reconcile.provider)) s
      CROSS JOIN LATERAL (VALUES
        ('cost_usd', s.cost_usd), ('list_cost_usd', s.list_cost_usd), ('requests', s.requests::pg_catalog.numeric),
        ('input_tokens', s.input_tokens::pg_catalog.numeric), ('cached_tokens', s.cached_tokens::pg_catalog.numeric),
        ('cache_write_tokens', s.cache_write_tokens::pg_catalog.numeric),
        ('cache_write_1h_tokens', s.cache_write_1h_tokens::pg_catalog.numeric),
        ('output_tokens', s.output_tokens::pg_catalog.numeric),
        ('reasoning_tokens', s.reasoning_tokens::pg_catalog.numeric),
        ('total_tokens', s.total_tokens::pg_catalog.numeric)) AS v (class, amount)
    ), billed AS (
      SELECT COALESCE((SELECT c.canonical FROM llm_admin.canonical_model(reconcile.provider, l.line OPERATOR(pg_catalog.->>) 'model') c), '') AS model_id,
             COALESCE(l.line OPERATOR(pg_catalog.->>) 'class', 'cost_usd') AS class,
             pg_catalog.sum((l.line OPERATOR(pg_catalog.->>) 'amount')::pg_catalog.numeric) AS amount
      FROM pg_catalog.jsonb_array_elements(COALESCE(invoice OPERATOR(pg_catalog.->) 'lines', '[]')) AS l (line)
      GROUP BY 1, 2
    ), compared AS (
      SELECT COALESCE(i.model_id, b.model_id) AS model_id, COALESCE(i.class, b.class) AS class, i.amount AS invoiced,
             b.amount AS booked
      FROM billed i
      FULL JOIN (SELECT k.* FROM book k WHERE k.class IN (SELECT c.class FROM billed c) AND k.amount OPERATOR(pg_catalog.<>) 0::pg_catalog.numeric) b
        ON b.model_id OPERATOR(pg_catalog.=) i.model_id COLLATE "C" AND b.class OPERATOR(pg_catalog.=) i.class
      UNION ALL
      SELECT NULL AS model_id, 'cost_usd' AS class,
             (invoice OPERATOR(pg_catalog.->>) 'total_usd')::pg_catalog.numeric AS invoiced,
             (SELECT COALESCE(pg_catalog.sum(k.amount), 0) FROM book k WHERE k.class OPERATOR(pg_catalog.=) 'cost_usd') AS booked
      WHERE pg_catalog.jsonb_exists(invoice, 'total_usd')
    )
    SELECT c.model_id, c.class, c.invoiced, c.booked,
           COALESCE(c.invoiced, 0) OPERATOR(pg_catalog.-) COALESCE(c.booked, 0),
           CASE
             WHEN c.booked IS NULL AND c.class NOT IN (SELECT k.class FROM book k) AND EXISTS (SELECT FROM book k) THEN 'no such class'
             WHEN c.booked IS NULL THEN 'not in the book'
             WHEN c.invoiced IS NULL THEN 'not on the invoice'
             WHEN c.invoiced OPERATOR(pg_catalog.=) c.booked THEN 'equal'
             WHEN c.model_id IS NULL THEN 'total'
             ELSE 'differs'
           END
    FROM compared c
    ORDER BY c.model_id NULLS LAST, c.class;
  END;

-- A day's cost of a model against the mean of the days before it that had any, at most 28.
CREATE FUNCTION llm_admin.cost_anomalies(
  since pg_catalog.date DEFAULT NULL::pg_catalog.date,
  OUT date pg_catalog.date, OUT subject pg_catalog.text, OUT model_id pg_catalog.text, OUT cost_usd pg_catalog.numeric,
  OUT usual_usd pg_catalog.numeric, OUT factor pg_catalog.numeric, OUT likely_cause pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    WITH daily AS (
      SELECT d.date, d.tenant_id, d.model_id, pg_catalog.sum(d.total_cost_usd) AS cost,
             pg_catalog.sum(d.total_requests) AS requests, pg_catalog.sum(d.total_tokens) AS tokens,
             pg_catalog.sum(d.input_tokens) AS input, pg_catalog.sum(d.cached_tokens) AS cached
      FROM llm_admin.daily_cost_summary d
      WHERE d.date OPERATOR(pg_catalog.>=) (COALESCE(since, (pg_catalog.timezone('UTC', pg_catalog.statement_timestamp())::pg_catalog.date OPERATOR(pg_catalog.-) 7)) OPERATOR(pg_catalog.-) 28)
      GROUP BY d.date, d.tenant_id, d.model_id
    ), before AS (
      SELECT d.*,
             pg_catalog.avg(d.cost) OVER w AS usual_cost, pg_catalog.avg(d.requests) OVER w AS usual_requests,
             pg_catalog.sum(d.cost) OVER w AS cost_before, pg_catalog.sum(d.tokens) OVER w AS tokens_before,
             pg_catalog.sum(d.requests) OVER w AS requests_before, pg_catalog.sum(d.input) OVER w AS input_before,
             pg_catalog.sum(d.cached) OVER w AS cached_before, pg_catalog.count(*) OVER w AS days_before
      FROM daily d
      WINDOW w AS (PARTITION BY d.tenant_id, d.model_id ORDER BY d.date ROWS BETWEEN 28 PRECEDING AND 1 PRECEDING)
    ), judged AS (
      SELECT b.*,
             b.cost OPERATOR(pg_catalog./) NULLIF(b.usual_cost, 0) AS times,
             b.requests OPERATOR(pg_catalog./) NULLIF(b.usual_requests, 0) AS more_requests,
             (b.tokens OPERATOR(pg_catalog./) NULLIF(b.requests, 0))
               OPERATOR(pg_catalog./) NULLIF(b.tokens_before OPERATOR(pg_catalog./) NULLIF(b.requests_before, 0), 0) AS longer_calls,
             (b.cost OPERATOR(pg_catalog./) NULLIF(b.tokens, 0))
               OPERATOR(pg_catalog./) NULLIF(b.cost_before OPERATOR(pg_catalog./) NULLIF(b.tokens_before, 0), 0) AS dearer_tokens,
             b.cached OPERATOR(pg_catalog./) NULLIF(b.input, 0) AS cached_share,
             b.cached_before OPERATOR(pg_catalog./) NULLIF(b.input_before, 0) AS cached_share_before
      FROM before b
    )
    SELECT j.date, j.tenant_id, j.model_id, j.cost, pg_catalog.round(j.usual_cost, 6), pg_catalog.round(j.times, 2),
           CASE
             WHEN j.days_before OPERATOR(pg_catalog.=) 0 THEN 'new model'
             WHEN COALESCE(j.cached_share_before, 0) OPERATOR(pg_catalog.>) 0.1
               AND COALESCE(j.cached_share, 0) OPERATOR(pg_catalog.<) (j.cached_share_before OPERATOR(pg_catalog./) 2)
               AND COALESCE(j.dearer_tokens, 1) OPERATOR(pg_catalog.>) 1.2 THEN 'cache share fell'
             WHEN COALESCE(j.dearer_tokens, 1) OPERATOR(pg_catalog.>=) GREATEST(COALESCE(j.more_requests, 1), COALESCE(j.longer_calls, 1)) THEN 'price changed'
             WHEN COALESCE(j.longer_calls, 1) OPERATOR(pg_catalog.>) COALESCE(j.more_requests, 1) THEN 'tokens per call'
             ELSE 'volume'
           END
    FROM judged j
    WHERE j.date OPERATOR(pg_catalog.>=) COALESCE(since, (pg_catalog.timezone('UTC', pg_catalog.statement_timestamp())::pg_catalog.date OPERATOR(pg_catalog.-) 7))
      AND j.cost OPERATOR(pg_catalog.>) 0::pg_catalog.numeric
      AND (j.times OPERATOR(pg_catalog.>=) 2::pg_catalog.numeric
        OR (j.days_before OPERATOR(pg_catalog.=) 0 AND EXISTS (
          SELECT FROM daily o WHERE o.tenant_id OPERATOR(pg_catalog.=) j.tenant_id AND o.date OPERATOR(pg_catalog.<) j.date)))
    ORDER BY j.date, j.cost DESC, j.tenant_id, j.model_id;
  END;

CREATE FUNCTION llm_admin.unmatched_models(
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  OUT provider pg_catalog.text, OUT model_id pg_catalog.text, OUT served_model pg_catalog.text,
  OUT calls pg_catalog.int8, OUT last_at pg_catalog.timestamptz, OUT reason pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    WITH served AS (
      SELECT l.provider, l.model_id, l.served_model, pg_catalog.count(*) AS calls, pg_catalog.max(l."timestamp") AS last_at,
             pg_catalog.bool_or(l.cost_status OPERATOR(pg_catalog.=) 'unpriced') AS unpriced
      FROM llm_admin.llm_usage_logs l
      WHERE l."timestamp" OPERATOR(pg_catalog.>=) COALESCE(since, pg_catalog.date_trunc('month', pg_catalog.statement_timestamp(), 'UTC'))
        AND l.model_id OPERATOR(pg_catalog.<>) '' AND l.kind OPERATOR(pg_catalog.<>) 'correction'
      GROUP BY l.provider, l.model_id, l.served_model
    )
    SELECT s.provider, s.model_id, s.served_model, s.calls, s.last_at, r.reason
    FROM served s
    CROSS JOIN LATERAL (
      SELECT 'no price' AS reason WHERE s.unpriced
      UNION ALL
      SELECT 'no tier allows it' AS reason
      WHERE EXISTS (SELECT FROM llm_admin.tiers)
        AND NOT EXISTS (SELECT FROM llm_admin.tiers t
          CROSS JOIN LATERAL llm_admin.check_model_access(t.tier_code, s.model_id) a WHERE a.allowed)) r
    ORDER BY s.provider, s.model_id, s.served_model, r.reason;
  END;

-- Commits after each month, so that no lock outlives it; a function cannot.
CREATE PROCEDURE llm_admin.maintain_all_partitions()
  LANGUAGE c AS 'MODULE_PATHNAME', 'llm_admin_maintain_all_partitions';
