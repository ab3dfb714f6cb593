-- The log of calls: what record_usage() and direct INSERTs write, what is refused, each request once.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers

-- A fresh install has the default partition and no month.
SELECT tableoid FROM llm_usage_logs;
SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'llm_usage_logs'::regclass;
-- The columns of the dump's condition are those of the table, in their order, and those of the default partition.
SELECT regexp_replace(regexp_replace(condition, '\s+', ' ', 'g'), '^WHERE false UNION ALL SELECT (.*) FROM llm_admin.llm_usage_logs$', '\1')
  = (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'llm_usage_logs'::regclass AND attnum > 0 AND NOT attisdropped) AS parent,
  (SELECT array_agg((attname, attnum) ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'llm_usage_logs'::regclass AND attnum > 0)
  = (SELECT array_agg((attname, attnum) ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'llm_usage_logs_default'::regclass AND attnum > 0) AS partition
FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS c (oid, condition) WHERE extname = 'llm_admin' AND c.oid = 'llm_usage_logs_default'::regclass;

-- One call, by each form of its usage.
SELECT cost_usd, cost_status, duplicate, price_id FROM record_usage('openai', 'gpt-x', '{"input_tokens": 100, "output_tokens": 20, "cached_tokens": 60}');
SELECT cost_status FROM record_usage('openai', 'gpt-x', '{"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 60}}', 'u1', 'acme');
SELECT cost_usd, cost_status FROM record_usage('openai', 'gpt-x', '{"model": "gpt-x-mini", "content": "...", "usage": {"input_tokens": 3, "total_tokens": 9}}', 'u2',
  options => '{"cost_usd": "0.000123", "tags": {"feature": "chat"}, "latency_ms": 12, "status_code": 200, "source": "cloud", "metadata": {"a": 1}, "team_id": "t", "operation": "chat",
  "quantities": {"images": 2}, "service_tier": "flex", "at": "2026-05-31T23:59:59Z", "job_id": "11111111-1111-1111-1111-111111111111", "attempt": 2, "estimated": true}');
SELECT cost_usd, cost_status FROM record_usage('openai', 'gpt-x', NULL, options => '{"cost_usd": 2, "key_source": "byollm", "error": "timed out", "status_code": 504, "kind": "expired"}');
SELECT user_id, tenant_id, model_id, requested_model, served_model, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cost_usd, list_cost_usd, cost_status
FROM llm_usage_logs ORDER BY id;
SELECT "timestamp" AT TIME ZONE 'UTC' AS at, source, latency_ms, status_code, metadata, tags, quantities, service_tier, team_id, operation, kind, attempt, estimated, job_id
FROM llm_usage_logs WHERE model_id = 'openai/gpt-x-mini';
SELECT j.job_id, l.model_id, j.usage_time = l."timestamp" AS time FROM job_usage j JOIN llm_usage_logs l ON l.id = j.usage_id;

-- What counts nothing, is of another time, or is not known.
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{"input_tokens": -1}')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{"input_tokens": 2147483648}')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{"input_tokens": 1.5}')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{"cost_usd": -0.1}')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '[]')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', '', '{}')$$);
SELECT pg_temp.outcome($$SELECT record_usage(NULL, 'gpt-x', '{}')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{}', request_id => '')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{}', options => '{"job": 1}')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{}', options => '{"job_id": "1"}')$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{}', options => jsonb_build_object('at', now() + interval '6 minutes'))$$);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{}', options => '{"at": "yesterday or so"}')$$);
SET llm_admin.keep_usage = 2;
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{}', options => jsonb_build_object('at', now() - interval '4 months'))$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, "timestamp") VALUES ('openai', 'gpt-x', now() - interval '4 months')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, "timestamp") VALUES ('openai', 'gpt-x', now() + interval '6 minutes')$$);
RESET llm_admin.keep_usage;
SELECT pg_temp.outcome(format($$SELECT record_usage('openai', 'gpt-x', '{}', %L)$$, repeat('u', 2000)));
SELECT count(*) AS calls FROM llm_usage_logs;

-- The same request twice: the same answer and one row; with other numbers a WARNING besides.
SELECT cost_usd, cost_status, duplicate FROM record_usage('openai', 'gpt-x', '{"input_tokens": 7}', request_id => 'r-1', options => '{"cost_usd": 0.5}');
SELECT cost_usd, cost_status, duplicate, note FROM record_usage('openai', 'gpt-x', '{"input_tokens": 7}', request_id => 'r-1', options => '{"cost_usd": 0.5}');
SELECT cost_usd, cost_status, duplicate, note FROM record_usage('openai', 'gpt-x', '{"input_tokens": 8}', request_id => 'r-1', options => '{"cost_usd": 0.75}');
SELECT duplicate FROM record_usage('openai', 'gpt-x', '{"input_tokens": 7}', tenant_id => 'acme', request_id => 'r-1');
SELECT duplicate FROM record_usage('openai', 'gpt-x', '{"input_tokens": 7}', request_id => 'r-1', options => '{"attempt": 2}');
SELECT duplicate FROM record_usage('openai', 'gpt-x', '{}', options => '{"call_id": "22222222-2222-2222-2222-222222222222"}');
SELECT duplicate FROM record_usage('openai', 'gpt-x', '{}', options => '{"call_id": "22222222-2222-2222-2222-222222222222"}');
SELECT tenant_id, request_id, call_id, cost_usd, cost_status, fingerprint FROM usage_requests ORDER BY 1, 2;
SELECT count(*) AS calls FROM llm_usage_logs;
BEGIN;
SELECT duplicate FROM record_usage('openai', 'gpt-x', '{}', request_id => 'r-2');
ROLLBACK;
SELECT duplicate FROM record_usage('openai', 'gpt-x', '{}', request_id => 'r-2');

-- Batches: one row each in their order, all or none, unless errors are skipped.
SELECT place, cost_usd, cost_status, duplicate, note FROM record_usage_batch('[
  {"provider": "openai", "model": "gpt-x", "usage": {"input_tokens": 1}, "request_id": "b-2"},
  {"provider": "openai", "model": "gpt-x", "usage": {"input_tokens": 2}, "request_id": "b-1", "cost_usd": 1},
  {"provider": "openai", "model": "gpt-x", "usage": {"input_tokens": 2}, "request_id": "b-1", "cost_usd": 1},
  {"provider": "openai", "model": "gpt-x", "usage": {"input_tokens": 7}, "request_id": "r-1", "cost_usd": 0.5},
  {"provider": "openai", "model": "gpt-x", "options": {"job_id": "11111111-1111-1111-1111-111111111111"}}]');
SELECT count(*) FROM job_usage;
SELECT pg_temp.outcome($$SELECT record_usage_batch('[{"provider": "openai", "model": "gpt-x"}, {"provider": "openai", "model": "gpt-x", "usage": {"output_tokens": "9"}}]')$$);
SELECT pg_temp.outcome($$SELECT record_usage_batch('[{"provider": "openai"}]')$$);
SELECT pg_temp.outcome($$SELECT record_usage_batch('[7]')$$);
SELECT pg_temp.outcome($$SELECT record_usage_batch('{}')$$);
SELECT pg_temp.outcome($$SELECT record_usage_batch('[]', '{"skip": true}')$$);
SELECT place, cost_status, note, id IS NULL AS not_written FROM record_usage_batch('[{"provider": "openai", "model": "gpt-x"}, {"provider": "openai", "model": "gpt-x", "usage": {"output_tokens": -9}}, 7]', '{"skip_errors": true}');
SELECT count(*) AS calls FROM llm_usage_logs;

-- Inserted by hand: named, counted and dated like any other; a cost that is given was reported.
INSERT INTO llm_usage_logs (provider, model_id, prompt_tokens, completion_tokens) VALUES ('openai', 'gpt-y', 4, 5)
RETURNING model_id, requested_model, total_tokens, cost_usd, cost_status;
INSERT INTO llm_usage_logs (provider, model_id, prompt_tokens, cost_usd, job_id) VALUES ('openai', 'openai/gpt-y', 4, 0.25, '33333333-3333-3333-3333-333333333333')
RETURNING model_id, total_tokens, cost_usd, list_cost_usd, cost_status;
SELECT count(*) FROM job_usage WHERE job_id = '33333333-3333-3333-3333-333333333333';
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, prompt_tokens) VALUES ('openai', 'gpt-y', -4)$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, cost_usd) VALUES ('openai', 'gpt-y', -4)$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, cost_usd) VALUES ('openai', 'gpt-y', 'NaN')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, kind) VALUES ('openai', 'gpt-y', 'gift')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, tags) VALUES ('openai', 'gpt-y', '[]')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, user_id) VALUES ('openai', 'gpt-y', NULL)$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, prompt_tokens, completion_tokens) VALUES ('openai', 'gpt-y', 2147483647, 1)$$);

-- The provider is kept by its name, whichever of its names a call gives; one that nobody knows as it was given.
SELECT count(*) > 0 AS seeded FROM seed_providers();
INSERT INTO provider_aliases (alias, provider_name) VALUES ('acme_ai', 'groq');
SELECT count(r.id) AS recorded FROM (VALUES ('acme_ai'), ('Acme_AI'), ('GROQ'), ('Nobody')) v (name), LATERAL record_usage(v.name, 'gpt-z', '{"input_tokens": 1}', 'alias') r;
SELECT count(b.id) AS recorded FROM record_usage_batch('[{"provider": "acme_ai", "model": "gpt-z", "user_id": "alias", "usage": {"input_tokens": 1}}, {"provider": "Nobody", "model": "gpt-z", "user_id": "alias"}]') b;
INSERT INTO llm_usage_logs (provider, model_id, user_id, prompt_tokens) VALUES ('acme_ai', 'gpt-z', 'alias', 1), ('Acme_AI', 'gpt-z', 'alias', 1), ('Nobody', 'gpt-z', 'alias', 0);
SELECT book_correction('acme_ai', 'gpt-z', '{"cost_usd": -0.5}', '{"user_id": "alias"}') IS NOT NULL AS booked;
SELECT provider, model_id, count(*), sum(prompt_tokens) AS tokens FROM llm_usage_logs WHERE user_id = 'alias' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT requests, cost_usd FROM cost_summary(options => '{"provider": "ACME_ai", "user_id": "alias"}');
SELECT roll_up_daily_cost() IS NOT NULL AS rolled;
SELECT provider, total_requests, total_cost_usd FROM daily_cost_summary WHERE user_id = 'alias' ORDER BY 1;
SELECT requests, cost_usd FROM cost_summary(options => '{"provider": "acme_ai", "user_id": "alias"}');
SELECT requests FROM cost_today('{"provider": "acme_ai", "user_id": "alias"}');
SELECT model_id, class, booked, note FROM reconcile('acme_ai', now()::date, '{"total_usd": -0.5}');

-- Counts by the names of a vendor: those that stand beside the input are put into it, and none that is known is refused.
SELECT r.id AS last_id FROM record_usage('anthropic', 'm', '{"input_tokens": 10, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 500, "cache_creation": {"ephemeral_1h_input_tokens": 100}, "output_tokens": 5}') r \gset
SELECT prompt_tokens, cached_tokens, cache_write_tokens, cache_write_1h_tokens, total_tokens FROM llm_usage_logs WHERE id = :last_id;
SELECT pg_temp.outcome($$SELECT record_usage('google_ai', 'm', '{"promptTokenCount": 1000, "candidatesTokenCount": 20}')$$);
SELECT pg_temp.outcome($$SELECT record_usage_batch('[{"provider": "google_ai", "model": "m", "usage": {"usage": {"promptTokenCount": 1000}}}]')$$);

-- Absurd amounts and times, by both doors; a sum of such costs, or their months, would stop what reads the log.
SELECT pg_temp.outcome(format($$SELECT record_usage('openai', 'gpt-x', '{}', options => '{"cost_usd": %s}')$$, v)) FROM (VALUES ('1e12'), ('1000000000000.1'), ('1e70'), ('1e-61')) t (v);
SELECT pg_temp.outcome(format($$INSERT INTO llm_usage_logs (provider, model_id, cost_usd) VALUES ('openai', 'gpt-x', %L)$$, v)) FROM (VALUES ('1e12'), ('1000000000000.1'), ('1e100000'), ('1e-61')) t (v);
SELECT pg_temp.outcome(format($$INSERT INTO llm_usage_logs (provider, model_id, list_cost_usd) VALUES ('openai', 'gpt-x', %L)$$, v)) FROM (VALUES ('1e100000'), ('1e-16000'), ('Infinity')) t (v);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, kind, cost_usd) VALUES ('openai', 'gpt-x', 'correction', -1e13)$$);
SELECT pg_temp.outcome($$SELECT book_correction('openai', 'gpt-x', '{"cost_usd": -1e13}')$$);
SELECT pg_temp.outcome(format($$INSERT INTO llm_usage_logs (provider, model_id, "timestamp") VALUES ('openai', 'gpt-x', %L)$$, v)) FROM (VALUES ('-infinity'), ('0044-03-15 BC'), ('1999-12-31 23:59:59.999999Z'), ('infinity')) t (v);
SELECT pg_temp.outcome(format($$SELECT record_usage('openai', 'gpt-x', '{}', options => '{"at": %s}')$$, v)) FROM (VALUES ('"-infinity"'), ('"0044-03-15 BC"'), ('"infinity"')) t (v);
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{}', options => '{"currency": "dollars"}')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, currency) VALUES ('openai', 'gpt-x', 'usd')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, status_code) VALUES ('openai', 'gpt-x', -1)$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, cost_usd, quantities) VALUES ('openai', 'gpt-x', 1, '{"images": "many"}')$$);
-- Names that the book's index would not take, and tags of any length.
CREATE FUNCTION pg_temp.noise(size integer) RETURNS text LANGUAGE sql AS $$ SELECT left(string_agg(md5(n::text), ''), size) FROM generate_series(1, size / 32 + 1) n $$;
SELECT pg_temp.outcome($$SELECT record_usage(pg_temp.noise(1000), pg_temp.noise(1000), '{}', pg_temp.noise(1000))$$);
SELECT pg_temp.outcome($$SELECT record_usage_batch(jsonb_build_array(jsonb_build_object('provider', pg_temp.noise(1000), 'model', pg_temp.noise(1000))))$$);
SELECT pg_temp.outcome($$SELECT book_correction(pg_temp.noise(1000), pg_temp.noise(1000), '{"cost_usd": 1}', jsonb_build_object('user_id', pg_temp.noise(1000)))$$);
SELECT pg_temp.outcome($$INSERT INTO llm_usage_logs (provider, model_id, user_id, tenant_id) VALUES (pg_temp.noise(700), pg_temp.noise(900), pg_temp.noise(100), pg_temp.noise(1))$$);
SELECT count(r.id) AS recorded FROM record_usage('openai', pg_temp.noise(1000), '{}', pg_temp.noise(1000), options => jsonb_build_object('tags', jsonb_build_object('feature', pg_temp.noise(100000)))) r;
INSERT INTO llm_usage_logs (provider, model_id, tags) VALUES ('openai', 'gpt-x', jsonb_build_object('feature', jsonb_build_array(pg_temp.noise(9000))));
SET llm_admin.usage_tags = 'feature';
SELECT roll_up_daily_cost() IS NOT NULL AS rolled;
RESET llm_admin.usage_tags;
SELECT length(value), total_requests FROM usage_daily_tags WHERE tag = 'feature' AND length(value) > 10 ORDER BY 1;
-- A total below its parts is their sum, and the platform owes nothing of what a tenant's own key paid.
INSERT INTO llm_usage_logs (provider, model_id, prompt_tokens, completion_tokens, total_tokens, cost_usd, key_source) VALUES ('openai', 'gpt-x', 4, 5, 3, 0.25, 'byollm')
RETURNING total_tokens, cost_usd, list_cost_usd, cost_status;
-- An id of a call that another tenant has reported is no repeat, and would be none the next time.
SELECT pg_temp.outcome($$SELECT record_usage('openai', 'gpt-x', '{}', tenant_id => 'globex', options => '{"call_id": "22222222-2222-2222-2222-222222222222"}')$$);

-- The levels: app writes every column but three, reads the rows of no tenant or of the one it entered, and changes
-- nothing; operator and auditor read all.
CREATE ROLE regress_llm_usage_app;
CREATE ROLE regress_llm_usage_auditor;
SELECT grant_access('regress_llm_usage_app', 'app') IS NOT NULL AND grant_access('regress_llm_usage_auditor', 'auditor') IS NOT NULL AS granted;
SET ROLE regress_llm_usage_app;
INSERT INTO llm_usage_logs ("timestamp", user_id, model_id, provider, server_id, deployment_id, source, prompt_tokens, completion_tokens, total_tokens, cost_usd,
  latency_ms, status_code, error_message, metadata, tenant_id, job_id, cached_tokens, cache_write_tokens, cache_write_1h_tokens, reasoning_tokens, quantities,
  service_tier, list_cost_usd, account_id, requested_model, served_model, operation, kind, team_id, key_id, call_id, parent_call_id, limits, attempt, estimated,
  key_source, currency, tags, request_id)
VALUES (now(), 'u', 'gpt-y', 'openai', NULL, NULL, 's', 1, 2, 3, NULL, 4, 200, NULL, '{"m": 1}', '', gen_random_uuid(), 1, 0, 0, 1, '{"images": 1}', 'flex', NULL,
  gen_random_uuid(), 'gpt-y', 'gpt-y-1', 'chat', 'call', 'team', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '[]', 1, false, 'platform', 'USD', '{"a": "b"}', 'by hand')
RETURNING tenant_id, model_id, requested_model, cost_status;
SELECT pg_temp.message($$INSERT INTO llm_usage_logs (id, provider, model_id) VALUES (1, 'openai', 'gpt-y')$$);
SELECT pg_temp.message($$INSERT INTO llm_usage_logs (cost_status, provider, model_id) VALUES ('free', 'openai', 'gpt-y')$$);
SELECT pg_temp.message($$INSERT INTO llm_usage_logs (price_id, provider, model_id) VALUES (1, 'openai', 'gpt-y')$$);
SELECT pg_temp.message($$INSERT INTO llm_usage_logs (provider, model_id, tenant_id) VALUES ('openai', 'gpt-y', 'acme')$$);
SELECT pg_temp.message($$INSERT INTO llm_usage_logs_default (provider, model_id) VALUES ('openai', 'gpt-y')$$);
SELECT pg_temp.message($$SELECT * FROM llm_usage_logs_default$$);
SELECT pg_temp.message($$UPDATE llm_usage_logs SET cost_usd = 0$$);
SELECT pg_temp.message($$DELETE FROM llm_usage_logs$$);
SELECT pg_temp.message($$TRUNCATE llm_usage_logs$$);
SELECT pg_temp.message($$SELECT nextval('llm_usage_logs_id_seq')$$);
SELECT pg_temp.message($$SELECT * FROM usage_requests$$);
SELECT tenant_id, count(*) > 5 AS some FROM llm_usage_logs GROUP BY 1 ORDER BY 1;
BEGIN;
SELECT enter_tenant('acme');
SELECT tenant_id, count(*) FROM llm_usage_logs GROUP BY 1 ORDER BY 1;
INSERT INTO llm_usage_logs (provider, model_id, tenant_id) VALUES ('openai', 'gpt-y', 'acme') RETURNING tenant_id;
SELECT pg_temp.message($$INSERT INTO llm_usage_logs (provider, model_id) VALUES ('openai', 'gpt-y')$$);
SELECT pg_temp.message($$SELECT record_usage('openai', 'gpt-y', '{}', tenant_id => 'globex')$$);
SELECT duplicate FROM record_usage('openai', 'gpt-y', '{}', request_id => 'entered');
SELECT tenant_id FROM llm_usage_logs WHERE request_id = 'entered';
ROLLBACK;
RESET ROLE;
SET ROLE regress_llm_usage_auditor;
SELECT tenant_id, count(*) > 1 AS some FROM llm_usage_logs GROUP BY 1 ORDER BY 1;
BEGIN;
SELECT enter_tenant('acme');
ROLLBACK;
SELECT pg_temp.message($$INSERT INTO llm_usage_logs (provider, model_id) VALUES ('openai', 'gpt-y')$$);
RESET ROLE;
SELECT pg_temp.message($$TRUNCATE llm_usage_logs$$);
SELECT pg_temp.message($$TRUNCATE llm_usage_logs_default$$);
SET session_replication_role = replica;
SELECT pg_temp.message($$TRUNCATE llm_usage_logs_default$$);
RESET session_replication_role;

SELECT revoke_access('regress_llm_usage_app', 'app') IS NOT NULL AND revoke_access('regress_llm_usage_auditor', 'auditor') IS NOT NULL AS revoked;
DROP ROLE regress_llm_usage_app, regress_llm_usage_auditor;
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
