-- Names of calls in the log: a call's id, a request's name and that of a late answer may be the same text, and each call that
-- was paid is in the log once all the same.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET client_min_messages = error;
SELECT count(*) FROM seed();
SELECT set_provider_key('chatgpt', 'sk-of-the-platform-0123456789') IS NOT NULL AS done;
UPDATE llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
SELECT switch_active_provider('chatgpt') IS NOT NULL AS done;
SELECT set_model_price('openai/gpt-4o', '{"input": 0.0025, "output": 0.01}', '2020-01-01') IS NOT NULL AS done;
INSERT INTO limits (scope, what, amount, period) VALUES ('user', 'cost_usd', 1000, 'total'), ('user', 'output_tokens', 100000, 'total');
CREATE FUNCTION pg_temp.begun(request text DEFAULT NULL, tenant text DEFAULT '') RETURNS uuid LANGUAGE sql AS $$
  SELECT call_id FROM begin_call('{"model": "gpt-4o", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}', 'ann', tenant,
    options => jsonb_strip_nulls(jsonb_build_object('request_id', request))) $$;
CREATE FUNCTION pg_temp.finished(id uuid, tokens int) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', CASE WHEN duplicate THEN 'duplicate' ELSE 'recorded' END, cost_usd, (SELECT string_agg(w ->> 'message', ', ') FROM jsonb_array_elements(warnings) w))
  FROM finish_call(id, format('{"model": "gpt-4o", "choices": [{"finish_reason": "stop", "message": {"content": "Hi!"}}], "usage": {"prompt_tokens": 8, "completion_tokens": %s}}', tokens), 200) $$;
CREATE FUNCTION pg_temp.overdue() RETURNS bigint LANGUAGE sql AS $$
  UPDATE llm_calls SET expires_at = started_at + interval '1 microsecond';
  SELECT expire_calls() $$;
-- Another call has a call's id for its request_id.
SELECT pg_temp.begun() AS first \gset
SELECT pg_temp.begun(:'first') AS second \gset
SELECT pg_temp.finished(:'second', 1000);
SELECT pg_temp.finished(:'first', 7);
SELECT pg_temp.finished(:'first', 7);
SELECT pg_temp.finished(:'second', 1000);
-- Also where the one whose name it is expires, and then is answered late.
SELECT pg_temp.begun() AS third \gset
SELECT pg_temp.begun(:'third') AS fourth \gset
SELECT pg_temp.finished(:'fourth', 10);
SELECT pg_temp.overdue();
SELECT pg_temp.finished(:'third', 100);
SELECT pg_temp.finished(:'third', 100);
-- A second attempt's name is taken, and its call's id as well.
SELECT pg_temp.begun('r/2') AS fifth \gset
SELECT pg_temp.finished(:'fifth', 3);
SELECT pg_temp.begun('r') AS sixth \gset
SELECT next FROM finish_call(:'sixth', '{"error": {"message": "no"}}', 500);
SELECT call_id AS seventh FROM begin_call('{"model": "gpt-4o", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}', 'ann', options => jsonb_build_object('parent_call_id', :'sixth')) \gset
SELECT pg_temp.begun(:'seventh') AS eighth \gset
SELECT pg_temp.finished(:'eighth', 4);
SELECT pg_temp.finished(:'seventh', 5);
SELECT pg_temp.finished(:'seventh', 5);
-- The name of a late answer is taken by a request: what was used is booked, once.
SELECT pg_temp.begun() AS ninth \gset
SELECT pg_temp.begun(:'ninth' || '/late') AS tenth \gset
SELECT pg_temp.finished(:'tenth', 3);
SELECT pg_temp.overdue();
SELECT used AS before FROM limit_counters JOIN limits ON limits.id = limit_id WHERE what = 'output_tokens' \gset
SELECT pg_temp.finished(:'ninth', 2000);
SELECT pg_temp.finished(:'ninth', 2000);
SELECT used - :before AS booked FROM limit_counters JOIN limits ON limits.id = limit_id WHERE what = 'output_tokens';
-- All are in the log, by their ids and as often as they were.
SELECT n, kind, completion_tokens, l.call_id IS NULL AS late, request_id IS NOT NULL AS named
FROM unnest(ARRAY[:'first', :'second', :'third', :'fourth', :'fifth', :'sixth', :'seventh', :'eighth', :'ninth', :'tenth']::uuid[]) WITH ORDINALITY AS c (id, n)
JOIN llm_usage_logs l ON c.id IN (l.call_id, CASE WHEN kind = 'correction' THEN l.parent_call_id END) ORDER BY n, l.id;
SELECT what, trim_scale(used) AS used, reserved FROM limit_counters JOIN limits ON limits.id = limit_id ORDER BY 1;
SELECT sum(cost_usd) AS spent FROM llm_usage_logs;
-- Another tenant has reported a call's id as its own: the call ends all the same, and nothing stays reserved.
SELECT pg_temp.begun(NULL, 'acme') AS planted \gset
SELECT cost_status FROM record_usage('chatgpt', 'gpt-4o', '{"input_tokens": 5, "output_tokens": 1}', tenant_id => 'globex', options => jsonb_build_object('call_id', :'planted'));
SELECT pg_temp.finished(:'planted', 6);
SELECT pg_temp.begun('of acme', 'acme') AS planted \gset
SELECT cost_status FROM record_usage('chatgpt', 'gpt-4o', '{"input_tokens": 5, "output_tokens": 1}', tenant_id => 'globex', options => jsonb_build_object('call_id', :'planted'));
SELECT pg_temp.overdue();
SELECT tenant_id, kind, completion_tokens, request_id FROM llm_usage_logs WHERE tenant_id <> '' ORDER BY id;
SELECT count(*) FROM llm_calls;
SELECT sum(reserved) AS held FROM limit_counters;
DROP EXTENSION llm_admin CASCADE;
