-- Limits that are proposed, replayed over calls that were made; how often limits deny; what budgets come to.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET TimeZone = 'UTC';

-- Five calls an hour for two users of two tenants, each of 90 seconds; then one without a price, one from the cache, one that is
-- the second attempt of a chain; and a correction, which is no call.
SELECT count(*) FROM record_usage_batch((SELECT jsonb_agg(jsonb_build_object('provider', 'openai', 'model', 'gpt-4o', 'user_id', u, 'tenant_id', t,
    'team_id', 'search', 'tags', '{"project": "x"}'::jsonb, 'metadata', '{"access": {"tier": "gold"}}'::jsonb, 'usage', '{"input_tokens": 100, "output_tokens": 10}'::jsonb,
    'cost_usd', '0.25', 'latency_ms', 90000, 'at', at) ORDER BY at)
  FROM (VALUES ('ann', 'acme'), ('bob', 'globex')) AS c (u, t), generate_series(timestamptz '2021-03-01 10:00Z', '2021-03-01 11:55Z', '12 min') AS at));
SELECT count(*) FROM record_usage('nowhere', 'unheard-of', '{"input_tokens": 1000, "output_tokens": 1000}', 'cyd', options => '{"at": "2021-03-01 12:30Z"}');
SELECT count(*) FROM record_usage('openai', 'gpt-4o', '{"input_tokens": 1}', 'cyd', options => '{"at": "2021-03-01 12:31Z", "attempt": 2, "cost_usd": 3}');
SELECT count(*) FROM record_usage('openai', 'gpt-4o', '{"input_tokens": 7}', 'cyd', options => '{"at": "2021-03-01 12:32Z", "cached": true}');
SELECT count(*) FROM record_usage('openai', 'gpt-4o', '{"input_tokens": 1}', 'dan', options => jsonb_build_object('at', '2021-03-02 10:00Z', 'call_id', '00000000-0000-4000-8000-0000000000c1', 'status_code', 500));
SELECT count(*) FROM record_usage('openai', 'gpt-4o', '{"input_tokens": 1}', 'dan', options => jsonb_build_object('at', '2021-03-02 10:01Z', 'call_id', '00000000-0000-4000-8000-0000000000c2', 'attempt', 2,
  'parent_call_id', '00000000-0000-4000-8000-0000000000c1'));
SELECT count(*) FROM record_usage('openai', 'gpt-4o', '{"input_tokens": 1}', 'dan', options => jsonb_build_object('at', '2021-03-02 10:02Z', 'call_id', '00000000-0000-4000-8000-0000000000c3', 'attempt', 3,
  'parent_call_id', '00000000-0000-4000-8000-0000000000c2'));
SELECT book_correction('openai', 'gpt-4o', '{"cost_usd": "-0.5"}', '{"at": "2021-03-01 10:30Z"}') > 0 AS booked;

\set shown 'place, scope, tenant, subject, what, period, amount, calls, denied, warned, downgraded AS down, first_at, peak, saved_usd AS saved'
-- Two an hour of each user: three of five are denied in both hours.
SELECT :shown FROM simulate_limits('[{"scope": "user", "what": "requests", "amount": 2, "period": "hour"}]', '2021-03-01');
-- A further attempt is another request where the one before was answered.
SELECT calls, peak FROM simulate_limits('[{"scope": "user", "subject": "dan", "what": "requests", "amount": 9, "period": "hour"}]', '2021-03-02');
-- What is denied by one counts for none of the others: the second one is never reached.
SELECT :shown FROM simulate_limits('[{"scope": "user", "subject": "ann", "what": "requests", "amount": 0, "period": "hour"},
  {"scope": "organisation", "what": "requests", "amount": 10, "period": "day", "tenant_id": "*"}]', '2021-03-01', '{"denied_only": true}');
-- All kinds of scopes and of what is counted.
SELECT :shown FROM simulate_limits('[{"scope": "tenant", "subject": "acme", "what": "cost_usd", "amount": 1.1, "period": "day"},
  {"scope": "team", "what": "input_tokens", "amount": "1250", "period": "total", "on_exceed": "warn"}, {"scope": "tier", "subject": "g*", "what": "output_tokens", "amount": 90, "period": "week"},
  {"scope": "tag", "subject": "project=*", "what": "tokens", "amount": 1000000, "period": "month"}, {"scope": "model", "subject": "openai/*", "what": "concurrent", "amount": 1, "period": "total"},
  {"scope": "user", "what": "cost_usd", "amount": 1, "period": "day", "model": "nowhere/*"}, {"scope": "user", "subject": "cyd", "what": "requests", "amount": 5, "period": "minute"}]', '2021-03-01');
-- Another model is asked for again; its own limit may deny it.
SELECT :shown FROM simulate_limits('[{"scope": "user", "what": "requests", "amount": 4, "period": "total", "model": "openai/*", "on_exceed": "downgrade", "downgrade_to": "groq/small"},
  {"scope": "model", "subject": "groq/*", "what": "cost_usd", "amount": 1, "period": "day"}]', '2021-03-01 11:00');
-- A model without a price is denied, estimated or let through.
SELECT u AS unpriced, denied, peak FROM unnest('{deny,estimate,allow}'::text[]) u,
  simulate_limits(jsonb_build_array(jsonb_build_object('scope', 'user', 'subject', 'cyd', 'model', '*unheard-of', 'what', 'cost_usd', 'amount', 1, 'period', 'day', 'unpriced', u)), '2021-03-01') ORDER BY 1;
-- What the table has is taken as it is; what is switched off or unlimited denies nothing.
INSERT INTO limits (scope, what, amount, period) VALUES ('organisation', 'requests', 3, 'total');
SELECT :shown FROM simulate_limits((SELECT jsonb_agg(to_jsonb(l)) FROM limits l), '2021-03-01 11:30');
SELECT count(*) FROM simulate_limits('[{"scope": "organisation", "what": "requests", "period": "day"}, {"scope": "organisation", "what": "requests", "amount": 0, "period": "day", "enabled": false}]', '2021-03-01');
SELECT count(*) FROM simulate_limits('[]', '-infinity');
SELECT count(*) FROM simulate_limits('[{"scope": "user", "what": "requests", "amount": 2, "period": "hour"}]', 'infinity');
SELECT count(*) FROM simulate_limits('[{"scope": "user", "what": "requests", "amount": 2, "period": "hour"}]', '2021-03-01', '{"tenant_id": "nobody"}');
-- The entered tenant sees its own.
BEGIN;
SELECT enter_tenant('acme');
SELECT :shown FROM simulate_limits('[{"scope": "organisation", "what": "requests", "amount": 9, "period": "day"}]', '2021-03-01');
SELECT pg_temp.message($$SELECT * FROM simulate_limits('[]', '2021-03-01', '{"tenant_id": "globex"}')$$);
ROLLBACK;
-- All that is wrong is told at once, with its place.
SELECT pg_temp.outcome($$SELECT * FROM simulate_limits('[{"scope": "user", "what": "requests", "amount": 1, "period": "day"}, {"scope": "nobody", "what": "requests", "amount": -1, "period": "year"},
  7, {"scope": "user", "what": "requests", "amount": true, "perod": "day"}, {"scope": "tag", "subject": "x", "what": "concurrent", "period": "day", "metadata": []}]', now())$$);
SELECT pg_temp.outcome($$SELECT * FROM simulate_limits('{"scope": "user"}', now())$$);
SELECT pg_temp.outcome($$SELECT * FROM simulate_limits((SELECT jsonb_agg(n) FROM generate_series(1, 10001) n), now())$$);
SELECT pg_temp.outcome($$SELECT * FROM simulate_limits(NULL, now())$$);
SELECT pg_temp.outcome($$SELECT * FROM simulate_limits('[]', NULL)$$);
SELECT pg_temp.outcome($$SELECT * FROM simulate_limits('[]', now(), '{"denied_only": 1, "tenant": "x"}')$$);

-- Denials are counted, by limit, tenant and subject, also those of transactions that are rolled back. What is granted is not.
INSERT INTO limits (id, scope, what, amount, period) VALUES ('00000000-0000-4000-8000-0000000000d1', 'user', 'requests', 1, 'total'),
  ('00000000-0000-4000-8000-0000000000d2', 'user', 'cost_usd', 0, 'total');
DELETE FROM limits WHERE scope = 'organisation';
SELECT count(*) FILTER (WHERE allowed) AS allowed, count(*) FILTER (WHERE NOT allowed) AS denied
  FROM unnest('{ann,bob,ann,ann}'::text[]) u, acquire_quota(u, NULL, 'openai/gpt-4o', CASE u WHEN 'ann' THEN 'acme' ELSE '' END);
BEGIN;
SELECT allowed FROM acquire_quota('bob', NULL, 'openai/gpt-4o');
SELECT allowed FROM reserve_budget('bob', NULL, 'openai/gpt-4o', 0.1, 'acme');
ROLLBACK;
SELECT right(limit_id::text, 2) AS by, tenant, subject, denied, first_at <= last_at AS times FROM limit_denials() WHERE limit_id::text LIKE '%-0000000000d_';
SELECT tenant, subject, denied FROM limit_denials('acme', '{"limit_id": "00000000-0000-4000-8000-0000000000d1"}');
SELECT count(*) FROM limit_denials('globex');
BEGIN;
SELECT enter_tenant('acme');
SELECT tenant, subject, denied FROM limit_denials() WHERE limit_id::text LIKE '%-0000000000d_';
SELECT pg_temp.message($$SELECT * FROM limit_denials('globex')$$);
ROLLBACK;
SELECT pg_temp.outcome($$SELECT * FROM limit_denials(options => '{"limit": 1}')$$);

-- Budgets: the pace of the window so far, what it comes to, and when it is reached.
DELETE FROM limits;
INSERT INTO limits (id, scope, what, amount, period) VALUES ('00000000-0000-4000-8000-0000000000f1', 'tenant', 'cost_usd', 100, 'month'),
  ('00000000-0000-4000-8000-0000000000f2', 'user', 'cost_usd', 100, 'total'), ('00000000-0000-4000-8000-0000000000f3', 'user', 'requests', 100, 'month'),
  ('00000000-0000-4000-8000-0000000000f4', 'user', 'cost_usd', 1000000000000, 'month'), ('00000000-0000-4000-8000-0000000000f5', 'user', 'cost_usd', NULL, 'week');
INSERT INTO limit_counters (limit_id, tenant_id, subject, slot, window_start, used, reserved)
  SELECT ('00000000-0000-4000-8000-0000000000' || f)::uuid, 'acme', s, n, CASE f WHEN 'f2' THEN '-infinity' WHEN 'f5' THEN date_trunc('week', now(), 'UTC') ELSE date_trunc('month', now(), 'UTC') END, u, r
  FROM (VALUES ('f1', 'acme', 0, 99.999999999, 0), ('f1', 'over', 0, 60, 20), ('f1', 'over', 1, 15, 5), ('f2', 'ann', 0, 7, 0), ('f3', 'ann', 0, 7, 0), ('f4', 'ann', 0, 0.003, 0.5), ('f4', 'idle', 0, 0, 0), ('f5', 'ann', 0, 1, 0)) AS c (f, s, n, u, r);
\set forecast 'right(limit_id::text, 2) AS by, tenant, spender, budget_period AS per, amount, spent, reserved, rate_per_day > 0 AS pace, expected_at_end >= spent AS more, exhausts_at <= ends_at AS in_time, exhausts_at = now() AS is_reached'
SELECT :forecast FROM spend_forecast();
-- The figures are of one line: spent so far, through now, to the end.
SELECT bool_and(abs(rate_per_day * gone - spent) < 0.000001 * gone + 0.0000001) AS pace, bool_and(abs(spent + rate_per_day * rest - expected_at_end) < 0.000001 * rest + 0.0000001) AS line
FROM spend_forecast() f, LATERAL (SELECT greatest(1, extract(epoch FROM now() - date_trunc('month', now(), 'UTC'))) / 86400 AS gone, extract(epoch FROM f.ends_at - now()) / 86400 AS rest) w
WHERE budget_period = 'month';
SELECT spender FROM spend_forecast('ann', 'total');
SELECT spender FROM spend_forecast(options => '{"scope": "tenant"}', tenant_id => 'acme');
SELECT tenant, spender, spent, rate_per_day FROM spend_forecast(tenant_id => 'globex');
BEGIN;
SELECT enter_tenant('globex');
SELECT tenant, spender, spent, rate_per_day FROM spend_forecast();
ROLLBACK;
SELECT pg_temp.message($$SELECT * FROM spend_forecast(options => '{"since": 1}')$$);
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
