-- The daily book, summaries, what is compared with an invoice, and what stands out.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET TimeZone = 'UTC';
SET llm_admin.usage_tags = 'feature, team';

-- Days long gone, so that no test depends on today.
SELECT count(*) FROM record_usage_batch((SELECT jsonb_agg(jsonb_build_object('provider', 'openai', 'model', m, 'user_id', u, 'tenant_id', t,
    'usage', jsonb_build_object('input_tokens', 100, 'output_tokens', 10, 'cached_tokens', 40), 'cost_usd', '0.0000001', 'at', at, 'tags', '{"feature": "chat", "other": "x"}'::jsonb))
  FROM unnest(ARRAY['a', 'b']) m, unnest(ARRAY['u1', 'u2']) u, unnest(ARRAY['', 'acme']) t, unnest(ARRAY['2021-01-31 23:59:59.999999Z', '2021-02-01 00:00:00Z', '2021-02-01 12:00:00Z', '2021-02-02 23:00:00Z']) at));
SELECT record_usage('openai', 'c', '{"input_tokens": 5}', options => '{"at": "2021-02-01 13:00:00Z", "status_code": 500, "error": "no"}') IS NOT NULL AS recorded;
SELECT * FROM roll_up_daily_cost();
SELECT * FROM roll_up_daily_cost();
SELECT date, tenant_id, user_id, provider, model_id, total_cost_usd, total_requests, total_tokens, unpriced_requests, input_tokens, cached_tokens, output_tokens, failed_requests
FROM daily_cost_summary WHERE user_id IN ('u1', '') AND tenant_id = '' ORDER BY 1, 2, 3, 4, 5;
SELECT * FROM usage_daily_tags ORDER BY 1, 2, 3, 4;
SELECT * FROM verify_rollup();

-- Sums of tiny costs are exact.
SELECT count(*) FROM record_usage_batch((SELECT jsonb_agg(jsonb_build_object('provider', 'tiny', 'model', 'm', 'cost_usd', '0.000000000000000000123', 'at', '2021-03-01Z')) FROM generate_series(1, 10000)));
SELECT counted_rows FROM roll_up_daily_cost();
SELECT cost_usd FROM cost_summary('2021-03-01', '2021-03-02');

-- Summaries: whole days from the book, other bounds and what was not counted yet from the log; the sum is one.
SELECT record_usage('openai', 'late', '{"input_tokens": 1}', options => '{"at": "2021-02-01 13:00:00Z", "cost_usd": 1}') IS NOT NULL AS recorded;
SELECT date, requests, cost_usd, total_tokens FROM cost_summary('2021-01-01', '2021-03-01', '{date}');
SELECT requests, cost_usd FROM cost_summary('2021-01-31 12:00Z', '2021-02-02 12:00Z');
SELECT requests FROM cost_summary('2021-02-01 00:00:00Z', '2021-02-01 12:00:00Z');
SELECT date, requests FROM cost_summary('2021-01-01', '2021-03-01', '{date}', '{"zone": "Asia/Tokyo"}');
SELECT model_id, tenant_id, requests FROM cost_summary('2021-01-01', '2021-03-01', '{model,tenant}', '{"user_id": "u1"}');
SELECT user_id, requests FROM cost_summary('2021-01-01', '2021-03-01', '{user}', '{"tenant_id": "acme", "provider": "openai", "model": "openai/a"}');
SELECT requests FROM cost_summary('2021-05-01', '2021-06-01');
SELECT requests FROM cost_summary('2021-02-02', '2021-02-01');
SELECT requests FROM cost_summary('-infinity', 'infinity');
SELECT pg_temp.outcome($$SELECT cost_summary(group_by => '{day}')$$);
SELECT pg_temp.outcome($$SELECT cost_summary(options => '{"tenant": "x"}')$$);
SELECT pg_temp.outcome($$SELECT cost_summary('2021-01-01', group_by => '{date}', options => '{"zone": "Mars/Base"}')$$);
SELECT requests >= 0 AS today FROM cost_today();
BEGIN;
SELECT enter_tenant('acme');
SELECT requests FROM cost_summary('2021-01-01', '2021-03-01');
SELECT pg_temp.message($$SELECT requests FROM cost_summary(options => '{"tenant_id": "globex"}')$$);
ROLLBACK;

-- A correction is a row of its own, no request, and may be below zero.
SELECT book_correction('openai', 'a', '{"cost_usd": "-0.5", "input_tokens": -100}', '{"at": "2021-02-28Z", "reason": "invoice"}') > 0 AS booked;
SELECT kind, model_id, prompt_tokens, total_tokens, cost_usd, cost_status, error_message FROM llm_usage_logs WHERE kind = 'correction';
SELECT counted_rows FROM roll_up_daily_cost();
SELECT total_cost_usd, total_requests, total_tokens FROM daily_cost_summary WHERE date = '2021-02-28';
SELECT * FROM verify_rollup();
SELECT pg_temp.outcome($$SELECT book_correction('openai', 'a', '{}')$$);
SELECT pg_temp.outcome($$SELECT book_correction('openai', 'a', '{"cost": 1}')$$);
SELECT pg_temp.outcome($$SELECT book_correction('openai', 'a', '{"cost_usd": "much"}')$$);
SELECT pg_temp.outcome($$SELECT book_correction('openai', 'a', '{"input_tokens": 0.5}')$$);

-- An invoice.
SELECT * FROM reconcile('openai', '2021-02-01', '{"total_usd": 0.6, "lines": [{"model": "a", "amount": 0.5}, {"model": "openai/b", "class": "input_tokens", "amount": 1200},
  {"model": "z", "amount": 7}, {"model": "a", "class": "pages", "amount": 1}]}');

-- What stands out against the days before.
INSERT INTO daily_cost_summary (date, provider, model_id, total_cost_usd, total_requests, total_tokens, input_tokens, cached_tokens)
SELECT date '2022-01-01' + n, 'openai', m, 10, 10, 1000, 900, 450 FROM generate_series(0, 9) n, unnest(ARRAY['openai/volume', 'openai/price', 'openai/long', 'openai/cache', 'openai/calm']) m;
INSERT INTO daily_cost_summary (date, provider, model_id, total_cost_usd, total_requests, total_tokens, input_tokens, cached_tokens) VALUES
  ('2022-01-11', 'openai', 'openai/volume', 50, 50, 5000, 4500, 2250), ('2022-01-11', 'openai', 'openai/price', 30, 10, 1000, 900, 450),
  ('2022-01-11', 'openai', 'openai/long', 40, 10, 4000, 3600, 1800), ('2022-01-11', 'openai', 'openai/cache', 25, 10, 1000, 900, 10),
  ('2022-01-11', 'openai', 'openai/calm', 12, 11, 1100, 990, 495), ('2022-01-11', 'openai', 'openai/new', 3, 1, 100, 90, 0);
SELECT * FROM cost_anomalies('2022-01-11');

-- Views and metrics.
SELECT date, tenant_id, requests, failed_requests FROM usage_by_day WHERE date < '2021-03-01' ORDER BY 1, 2;
SELECT count(*) FROM cost_by_model;
SELECT count(*) FROM cost_by_user;
SELECT table_name, partitions, estimated_rows >= 0 AS counted, total_bytes > 0 AS sized FROM table_sizes WHERE table_name ~ 'usage' ORDER BY 1;
SELECT name, string_agg(labels::text, ' ' ORDER BY labels::text) FILTER (WHERE name !~ 'table|default_bytes|months') AS labels, bool_and(value >= 0) AS sane, max(length(help)) > 10 AS help FROM metrics() GROUP BY 1 ORDER BY 1;
SELECT provider, model_id, reason, calls FROM unmatched_models('2021-01-01') WHERE provider = 'openai' AND reason = 'no price' ORDER BY 1, 2;
-- Read functions are refused nothing above READ COMMITTED; the roll-up is.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT requests > 0 AS some FROM cost_summary('2021-01-01', '2021-03-01');
SELECT pg_temp.outcome($$SELECT roll_up_daily_cost()$$);
ROLLBACK;
SELECT pg_temp.outcome($$CALL maintain_all_partitions()$$);
SELECT pg_temp.outcome($$SELECT apply_retention('{"usage_months": 0}')$$);
SELECT pg_temp.outcome($$SELECT apply_retention('{"audit_months": 3}')$$);

SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
