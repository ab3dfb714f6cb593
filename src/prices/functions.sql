CREATE FUNCTION llm_admin.set_model_price(
  model_id pg_catalog.text, rates pg_catalog.jsonb, valid_from pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT change pg_catalog.text, OUT price_id pg_catalog.int8, OUT holds_from pg_catalog.timestamptz,
  OUT holds_until pg_catalog.timestamptz, OUT days_priced_otherwise pg_catalog._date)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_set_model_price';

CREATE FUNCTION llm_admin.import_model_prices(
  data pg_catalog.jsonb, format pg_catalog.text DEFAULT 'litellm'::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT model pg_catalog.text, OUT change pg_catalog.text, OUT old pg_catalog.text, OUT new pg_catalog.text,
  OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1000 AS 'MODULE_PATHNAME', 'llm_admin_import_model_prices';

-- With the caller's rights, so that it shows what row-level security does.
CREATE FUNCTION llm_admin.explain_cost(
  usage_id pg_catalog.int8,
  OUT meter pg_catalog.text, OUT quantity pg_catalog.numeric, OUT rate pg_catalog.text, OUT price pg_catalog.numeric,
  OUT per pg_catalog.int4, OUT multiplier pg_catalog.numeric, OUT currency pg_catalog.text, OUT cost pg_catalog.numeric,
  OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME', 'llm_admin_explain_cost';

CREATE FUNCTION llm_admin.reprice(
  since pg_catalog.timestamptz, until pg_catalog.timestamptz, model pg_catalog.text DEFAULT '*'::pg_catalog.text,
  dry_run pg_catalog.bool DEFAULT true,
  OUT date pg_catalog.date, OUT model_id pg_catalog.text, OUT rows pg_catalog.int8, OUT old_cost pg_catalog.numeric,
  OUT new_cost pg_catalog.numeric)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 30 AS 'MODULE_PATHNAME', 'llm_admin_reprice';

CREATE FUNCTION llm_admin.unpriced_models(
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  until pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  OUT provider pg_catalog.text, OUT model_id pg_catalog.text, OUT requested_model pg_catalog.text,
  OUT requests pg_catalog.int8, OUT total_tokens pg_catalog.int8, OUT first_at pg_catalog.timestamptz,
  OUT last_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    SELECT l.provider, l.model_id, l.requested_model, pg_catalog.count(*),
           COALESCE(pg_catalog.sum(l.total_tokens), 0)::pg_catalog.int8,
           pg_catalog.min(l."timestamp"), pg_catalog.max(l."timestamp")
    FROM llm_admin.llm_usage_logs l
    WHERE l."timestamp" OPERATOR(pg_catalog.>=)
            COALESCE(since, pg_catalog.date_trunc('month', pg_catalog.statement_timestamp(), 'UTC'))
      AND l."timestamp" OPERATOR(pg_catalog.<) COALESCE(until, 'infinity')
      AND l.cost_status OPERATOR(pg_catalog.=) 'unpriced' AND l.kind OPERATOR(pg_catalog.<>) 'correction'
    GROUP BY l.provider, l.model_id, l.requested_model
    ORDER BY 4 DESC, 1, 2, 3;
  END;

-- The prices that seed_prices() adds; they alone name models.
CREATE FUNCTION llm_admin.shipped_prices()
  RETURNS TABLE (
    model_id pg_catalog.text, rates pg_catalog.jsonb, valid_from pg_catalog.timestamptz, source pg_catalog.text,
    max_input_tokens pg_catalog.int4, max_output_tokens pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 55 AS 'MODULE_PATHNAME', 'llm_admin_shipped_prices';

CREATE FUNCTION llm_admin.seed_prices()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 55 AS 'MODULE_PATHNAME', 'llm_admin_seed_prices';

-- Before the row: what it may hold, and the number of a price that is new.
CREATE FUNCTION llm_admin.check_model_price() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_model_price';

-- After it: the price's row of model_price_history.
CREATE FUNCTION llm_admin.record_model_price() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_model_price';

CREATE FUNCTION llm_admin.refuse_price_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_price_change';

CREATE FUNCTION llm_admin.refuse_price_truncate() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_price_truncate';
