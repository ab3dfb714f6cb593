-- What calls cost by the prices in the tables: names, time, currency; explained, told when unpriced, priced again.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT count(*) > 0 AS named FROM seed_provider_aliases();
-- All calls are of one day of the month before, so that no price begins after them by chance.
SELECT (date_trunc('month', now(), 'UTC') - interval '10 days')::date AS day \gset
\set at '''' :day ' 12:00+00'''

SELECT change FROM set_model_price('openai/gpt-4o', '{"input": 0.0025, "output": 0.01, "cached_input": 0.00125, "input@batch": 0.00125, "output@batch": 0.005}', :'day');
SELECT change FROM set_model_price('openai/gpt-4o-mini', '{"input": 0.00015, "output": 0.0006}', :'day');
SELECT change FROM set_model_price('openai/dated-2026-01-01', '{"input": 0.009}', :'day');
SELECT change FROM set_model_price('anthropic/claude', '{"input": 0.003, "output": 0.015, "cached_input": 0.0003, "cache_write": 0.00375, "cache_write_1h": 0.006, "input>200000": 0.006, "output>200000": 0.0225}', :'day');
SELECT change FROM set_model_price('openrouter/openai/gpt-4o', '{"input": 0.0026, "output": 0.0105, "request": 0.0001}', :'day');
SELECT change FROM set_model_price('openai/whisper', '{"second_in": 0.0001}', :'day');
SELECT change FROM set_model_price('openai/image', '{"image_out": 0.04, "output": 0.04}', :'day');
INSERT INTO exchange_rates VALUES ('EUR', :'day', 1.0823), ('EUR', now() - interval '1 hour', 1.2);
INSERT INTO exchange_rates VALUES ('CHF', now() - interval '1 hour', 1.1);
SELECT change FROM set_model_price('mistral/large', '{"input": 0.002, "output": 0.006}', :'day', '{"currency": "EUR"}');
SELECT change FROM set_model_price('swiss/model', '{"input": 0.002}', :'day', '{"currency": "CHF"}');

CREATE FUNCTION pg_temp.call(provider text, model text, usage jsonb, options jsonb DEFAULT '{}', at text DEFAULT NULL)
  RETURNS TABLE (cost numeric, status text, priced_by text, note text) LANGUAGE sql AS $$
  SELECT r.cost_usd, r.cost_status, h.model_id, r.note
  FROM llm_admin.record_usage(provider, model, usage, options => options || jsonb_build_object('at', coalesce(at, current_setting('test.at')))) r
  LEFT JOIN llm_admin.model_price_history h ON h.price_id = r.price_id
$$;
SET test.at = :at;
\pset format aligned
SELECT name, c.* FROM (VALUES
  (1, 'as it is', 'openai', 'gpt-4o', '{"prompt_tokens": 1000, "completion_tokens": 500}'::jsonb, '{}'::jsonb),
  (2, 'by another name of the provider', 'chatgpt', 'gpt-4o', '{"prompt_tokens": 1000, "completion_tokens": 500}', '{}'),
  (3, 'cached', 'openai', 'gpt-4o', '{"prompt_tokens": 1000, "completion_tokens": 500, "cached_tokens": 400}', '{}'),
  (4, 'of a batch', 'openai', 'gpt-4o', '{"prompt_tokens": 1000, "completion_tokens": 500, "service_tier": "batch"}', '{}'),
  (5, 'a dated name', 'openai', 'gpt-4o-2024-08-06', '{"prompt_tokens": 1000}', '{}'),
  (6, 'a dated name with a price of its own', 'openai', 'dated-2026-01-01', '{"prompt_tokens": 1000}', '{}'),
  (7, 'another date', 'openai', 'dated-2026-02-02', '{"prompt_tokens": 1000}', '{}'),
  (8, 'the small one', 'openai', 'gpt-4o-mini', '{"prompt_tokens": 1000, "completion_tokens": 1000}', '{}'),
  (9, 'a small one without a price', 'openai', 'gpt-4o-nano', '{"prompt_tokens": 1000}', '{}'),
  (10, 'another case', 'openai', 'GPT-4o', '{"prompt_tokens": 1000}', '{}'),
  (11, 'through an intermediary', 'openrouter', 'openai/gpt-4o', '{"prompt_tokens": 1000}', '{}'),
  (12, 'an intermediary without a price', 'openrouter', 'openai/gpt-4o-mini', '{"prompt_tokens": 1000}', '{}'),
  (13, 'served by another one than asked for', 'openai', 'gpt-4o', '{"prompt_tokens": 1000}', '{"served_model": "gpt-4o-mini"}'),
  (14, 'served by an unknown one', 'openai', 'gpt-4o', '{"prompt_tokens": 1000}', '{"served_model": "gpt-new"}'),
  (15, 'both cache writes', 'anthropic', 'claude', '{"prompt_tokens": 1000, "cache_write_tokens": 300, "cache_write_1h_tokens": 100, "completion_tokens": 10}', '{}'),
  (16, 'at the bound', 'anthropic', 'claude', '{"prompt_tokens": 200000, "completion_tokens": 1000}', '{}'),
  (17, 'one token more', 'anthropic', 'claude', '{"prompt_tokens": 200001, "completion_tokens": 1000}', '{}'),
  (18, 'seconds', 'openai', 'whisper', '{"quantities": {"seconds": 12.5}}', '{}'),
  (19, 'images', 'openai', 'image', '{"quantities": {"images": 3}}', '{}'),
  (20, 'an unknown quantity', 'openai', 'gpt-4o', '{"prompt_tokens": 1000, "quantities": {"hamsters": 3}}', '{}'),
  (21, 'another currency', 'mistral', 'large', '{"prompt_tokens": 1000, "completion_tokens": 1000}', '{}'),
  (22, 'a currency without a rate at that time', 'swiss', 'model', '{"prompt_tokens": 1000}', '{}'),
  (23, 'reported', 'openai', 'gpt-4o', '{"prompt_tokens": 1000}', '{"cost_usd": 0.0021}'),
  (24, 'a key of the tenant', 'openai', 'gpt-4o', '{"prompt_tokens": 1000}', '{"key_source": "byollm"}'),
  (25, 'estimated', 'openai', 'gpt-4o', '{"prompt_tokens": 1000}', '{"estimated": true}'),
  (26, 'from the own cache', 'openai', 'gpt-4o', '{"prompt_tokens": 1000}', '{"cached": true}'),
  (27, 'cached, without a rate for that, and a fee', 'openrouter', 'openai/gpt-4o', '{"prompt_tokens": 1000, "cached_tokens": 999, "service_tier": "flex"}', '{}'),
  (28, 'unknown', 'acme', 'nobody', '{"prompt_tokens": 1000}', '{}')) AS v (n, name, provider, model, usage, options),
  LATERAL pg_temp.call(provider, model, usage, options) c ORDER BY n;
\pset format unaligned

-- A price that changes in the middle of a day: each call has that of its time.
SELECT change, holds_until FROM set_model_price('openai/gpt-4o-mini', '{"input": 0.0002, "output": 0.0006}', (:at)::timestamptz);
SELECT c.cost, c.status FROM (VALUES (1, :'day' || ' 11:59:59.999999+00'), (2, :'day' || ' 12:00:00+00')) AS v (n, at),
  LATERAL pg_temp.call('openai', 'gpt-4o-mini', '{"prompt_tokens": 1000}', at => at) c ORDER BY n;
-- Before the first one there is none.
SELECT c.* FROM pg_temp.call('openai', 'gpt-4o', '{"prompt_tokens": 1000}', at => ((:'day')::date - 1)::text) c;

-- Meter by meter.
SELECT l.id AS cached FROM llm_usage_logs l WHERE l.cached_tokens = 400 \gset
SELECT l.id AS batch FROM llm_usage_logs l WHERE l.service_tier = 'batch' \gset
SELECT l.id AS long FROM llm_usage_logs l WHERE l.prompt_tokens = 200001 \gset
SELECT l.id AS euro FROM llm_usage_logs l WHERE l.provider = 'mistral' \gset
SELECT l.id AS unknown FROM llm_usage_logs l WHERE l.provider = 'acme' \gset
SELECT * FROM explain_cost(:cached);
SELECT * FROM explain_cost(:batch);
SELECT * FROM explain_cost(:long);
SELECT * FROM explain_cost(:euro);
SELECT * FROM explain_cost(:unknown);
SELECT e.* FROM llm_usage_logs l, explain_cost(l.id) e WHERE l.cached_tokens = 999;
SELECT e.* FROM llm_usage_logs l, explain_cost(l.id) e WHERE l.cost_status = 'reported';
SELECT pg_temp.outcome('SELECT * FROM explain_cost(-1)'), pg_temp.outcome('SELECT * FROM explain_cost(NULL)');
-- The lines of every row that was priced sum up to its cost.
SELECT count(*) AS rows, count(*) FILTER (WHERE e.total IS DISTINCT FROM l.list_cost_usd) AS wrong
FROM llm_usage_logs l, LATERAL (SELECT sum(x.cost) FILTER (WHERE x.meter <> 'total') * CASE WHEN l.provider = 'mistral' THEN 1.0823 ELSE 1 END
                                FROM explain_cost(l.id) x) e (total)
WHERE l.cost_status IN ('priced', 'partial', 'estimated', 'cached');

-- What has no price.
SELECT provider, model_id, requested_model, requests, total_tokens FROM unpriced_models((:'day')::date - 5);
SELECT count(*) FROM unpriced_models(now() - interval '1 second');

-- A price for it from that day on: which days were priced otherwise, a look, and the rows.
SELECT change, days_priced_otherwise = ARRAY[(:'day')::date] AS that_day FROM set_model_price('acme/nobody', '{"input": 0.001}', :'day');
SELECT change, days_priced_otherwise FROM set_model_price('acme/nobody', '{"input": 0.001}', :'day');
SELECT change, days_priced_otherwise = ARRAY[(:'day')::date] AS that_day
FROM set_model_price('openai/gpt-4o-mini', '{"input": 0.0003, "output": 0.0006}', (:'day')::date + interval '13 hours');
SELECT change, days_priced_otherwise = ARRAY[(:'day')::date] AS that_day
FROM set_model_price('openai/gpt-4o-mini', '{"input": 0.0004, "output": 0.0006}', :'day');
CREATE TEMP TABLE before AS SELECT id, cost_usd, cost_status, list_cost_usd, price_id FROM llm_usage_logs;
SELECT count(*) > 0 AS counted FROM roll_up_daily_cost() WHERE counted_rows > 0;
SELECT date = (:'day')::date AS that_day, model_id, rows, old_cost, new_cost FROM reprice((:'day')::date - 5, now());
SELECT count(*) AS changed FROM before b JOIN llm_usage_logs l USING (id) WHERE (b.*) IS DISTINCT FROM (l.id, l.cost_usd, l.cost_status, l.list_cost_usd, l.price_id);
SELECT date = (:'day')::date AS that_day, model_id, rows, old_cost, new_cost FROM reprice((:'day')::date - 5, now(), 'acme/*', false);
SELECT count(*) AS differing FROM verify_rollup();
-- Calls that were not counted yet are counted once, with what they cost now.
SELECT c.cost, c.status FROM pg_temp.call('acme', 'late', '{"prompt_tokens": 1000}') c;
SELECT change FROM set_model_price('acme/late', '{"input": 0.002}', :'day');
SELECT date = (:'day')::date AS that_day, model_id, rows, old_cost, new_cost FROM reprice((:'day')::date - 5, now(), dry_run => false);
SELECT count(*) AS differing FROM verify_rollup();
SELECT count(*) > 0 AS counted FROM roll_up_daily_cost() WHERE counted_rows > 0;
SELECT count(*) AS differing FROM verify_rollup();
SELECT l.model_id, b.cost_usd AS before, l.cost_usd, b.cost_status AS status_before, l.cost_status FROM llm_usage_logs l LEFT JOIN before b USING (id)
WHERE (b.cost_usd, b.cost_status) IS DISTINCT FROM (l.cost_usd, l.cost_status) ORDER BY l.id;
-- Again: nothing differs any more. Reported costs and keys of tenants were left alone.
SELECT * FROM reprice((:'day')::date - 5, now(), dry_run => false);
SELECT pg_temp.outcome(s) FROM (VALUES ('SELECT * FROM reprice(NULL, now())'), ('SELECT * FROM reprice(now(), NULL)')) AS v (s);
-- A price that is withdrawn takes the cost with it.
SELECT change FROM set_model_price('acme/nobody', NULL, (:'day')::date + interval '1 hour');
SELECT model_id, rows, old_cost, new_cost FROM reprice((:'day')::date - 5, now(), 'acme/nobody', false);
SELECT cost_usd, cost_status, price_id FROM llm_usage_logs WHERE model_id = 'acme/nobody';
SELECT count(*) AS differing FROM verify_rollup();

-- Ten million calls of a token each, to the last digit.
SELECT sum(1 * 0.0000123 / 1000) FROM generate_series(1, 10000000);

\set QUIET on
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
