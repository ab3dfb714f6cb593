-- begin_call and finish_call: who may, what is taken of limits, what is written, repeats, deadlines, receipts, tickets.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
\pset null '(null)'
SET client_min_messages = warning;
SELECT count(*) > 10 AS seeded FROM seed();
UPDATE llm_provider_configs SET api_key_encrypted = encrypt_key('sk-of-the-platform-0123456789') WHERE provider_name = 'chatgpt';
UPDATE llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
SELECT switch_active_provider('chatgpt') IS NOT NULL AS switched;
SELECT count(*) FROM set_model_price('openai/gpt-4o', '{"input": 0.0025, "output": 0.01}', '2020-01-01');
SELECT count(*) FROM set_model_price('openai/gpt-4o-mini', '{"input": 0.00015, "output": 0.0006}', '2020-01-01');
RESET client_min_messages;
\set question '{"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}'
\set answer '{"id": "x", "model": "gpt-4o", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}], "usage": {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10}}'

-- The request, and the row that stands for the call.
SELECT call_id, receipt FROM begin_call(:'question', 'alice', options => '{"request_id": "r1", "team": "t", "tags": {"project": "search"}}') \gset
SELECT method, url, body, provider_name, account_id, model, source, estimate_usd, cached_response, warnings, repeated,
  expires_at BETWEEN now() + interval '9 minutes' AND now() + interval '11 minutes' AS expires, receipt LIKE 'lmr1.%' AS receipt, headers
FROM begin_call(:'question', 'alice', options => '{"request_id": "r1", "team": "t", "tags": {"project": "search"}}');
SELECT user_id, team_id, request_id, attempt, provider, key_source, requested_model, model_id, price_id IS NOT NULL AS priced, input_estimate, estimate_usd, reservations, access, tags FROM llm_calls;
-- A repeat is the same call; the order of members does not count, another request does.
SELECT call_id = :'call_id' AS same, repeated FROM begin_call('{"messages": [{"role": "user", "content": "hi"}], "max_tokens": 100, "model": "gpt-4o"}', 'alice', options => '{"tags": {"project": "search"}, "team": "t", "request_id": "r1"}');
SELECT left(pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "messages": [{"role": "user", "content": "ho"}]}', 'alice', options => '{"request_id": "r1"}')$$), 60) AS another;
SELECT count(*) FROM llm_calls;
-- The answer, what it cost, and the log.
SELECT result ->> 'text' AS text, usage_id IS NOT NULL AS logged, cost_usd, cost_status, next, next_account, after_ms, safe, duplicate, warnings
FROM finish_call(:'call_id', :'answer', 200, 321);
SELECT user_id, team_id, provider, model_id, requested_model, prompt_tokens, completion_tokens, cost_usd, latency_ms, status_code, kind, attempt, estimated, tags, metadata, limits, request_id FROM llm_usage_logs;
SELECT count(*) FROM llm_calls;
-- Twice, with the same and with another body; begun again.
SELECT cost_usd, duplicate FROM finish_call(:'call_id', :'answer', 200);
SELECT cost_usd, duplicate FROM finish_call(:'call_id', replace(:'answer', '"completion_tokens": 2', '"completion_tokens": 2000'), 200);
SELECT pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}', 'alice', options => '{"request_id": "r1"}')$$);
SELECT count(*) FROM llm_usage_logs;
-- Without a begin.
SELECT pg_temp.outcome($$SELECT finish_call('8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a', '{}')$$);
SELECT pg_temp.outcome($$SELECT finish_call(NULL)$$);

-- Limits: the money is reserved, settled, and more than the amount is denied with figures.
INSERT INTO limits (id, scope, what, amount, period) VALUES
  ('00000000-0000-4000-8000-000000000001', 'user', 'cost_usd', 0.0015, 'total'),
  ('00000000-0000-4000-8000-000000000002', 'user', 'requests', 3, 'total'),
  ('00000000-0000-4000-8000-000000000003', 'user', 'concurrent', 1, 'total'),
  ('00000000-0000-4000-8000-000000000004', 'model', 'tokens', 100000, 'day');
\set counters 'SELECT right(limit_id::text, 1) AS by, subject, used, reserved FROM limit_counters ORDER BY 1, 2, slot'
SELECT call_id FROM begin_call(:'question', 'bob') \gset
:counters;
SELECT pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}', 'bob')$$);
:counters;
SELECT cost_usd, duplicate FROM finish_call(:'call_id', :'answer', 200);
:counters;
SELECT jsonb_array_length(limits) AS limits FROM llm_usage_logs WHERE user_id = 'bob';
-- A hostile maximum is the model's; what it may cost is beyond the budget.
SELECT pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "max_tokens": 1000000000000, "messages": [{"role": "user", "content": "hi"}]}', 'bob')$$);
:counters;
-- The vendor refuses: nothing is owed, the same may be sent again.
SELECT call_id FROM begin_call(:'question', 'bob') \gset
SELECT result -> 'error' ->> 'kind' AS kind, cost_usd, cost_status, next, after_ms, safe FROM finish_call(:'call_id', '{"error": {"message": "slow down", "type": "rate_limit_error"}}', 429, options => '{"headers": {"Retry-After": "7"}}');
-- The next attempt of it takes no request of the quota, a call of its own does.
SELECT call_id AS second FROM begin_call(:'question', 'bob', options => jsonb_build_object('parent_call_id', :'call_id')) \gset
:counters;
SELECT cost_usd, next FROM finish_call(:'second', NULL, NULL, options => '{"error": "ECONNREFUSED"}');
SELECT attempt, parent_call_id = :'call_id' AS child, status_code, error_message, cost_usd, prompt_tokens, estimated FROM llm_usage_logs WHERE user_id = 'bob' ORDER BY id;
SELECT pg_temp.outcome($$SELECT begin_call('{"messages": []}', 'eve', options => '{"parent_call_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"}')$$);
-- A limit that leads to a cheaper model.
INSERT INTO limits (id, scope, subject, model, what, amount, period, on_exceed, downgrade_to) VALUES
  ('00000000-0000-4000-8000-000000000005', 'user', 'carol', 'openai/gpt-4o', 'requests', 0, 'day', 'downgrade', 'gpt-4o-mini');
SELECT model, body, warnings FROM begin_call(:'question', 'carol');
:counters;

-- Cancelled, and timed out: what nobody says is estimated.
DELETE FROM limits;
SELECT call_id FROM begin_call(:'question', 'dora') \gset
SELECT cost_usd, cost_status, next, safe, warnings FROM finish_call(:'call_id', options => '{"cancelled": true, "output_seen": true}');
SELECT call_id FROM begin_call(:'question', 'dora') \gset
SELECT cost_usd, cost_status, next, safe FROM finish_call(:'call_id', options => '{"error": "ETIMEDOUT"}');
-- An answer that is none, and usage that counts nothing: recorded all the same.
SELECT call_id FROM begin_call(:'question', 'dora') \gset
SELECT result -> 'error' ->> 'kind' AS kind, cost_status, next FROM finish_call(:'call_id', '<html>Bad gateway</html>', 502);
SELECT call_id FROM begin_call(:'question', 'dora') \gset
SELECT cost_usd, cost_status, warnings FROM finish_call(:'call_id', replace(:'answer', '"prompt_tokens": 8', '"prompt_tokens": -8'), 200);

-- One transaction around it all.
BEGIN;
SELECT call_id FROM begin_call(:'question', 'eve') \gset
SELECT cost_usd, duplicate FROM finish_call(:'call_id', :'answer', 200);
COMMIT;
-- A begin that was rolled back: the receipt says what it was.
BEGIN;
SELECT call_id, receipt FROM begin_call(:'question', 'frank') \gset
ROLLBACK;
SELECT left(pg_temp.outcome(format('SELECT finish_call(%L, ''{}'', 200)', :'call_id')), 6) AS unknown;
SELECT pg_temp.outcome(format('SELECT finish_call(%L, ''{}'', 200, options => ''{"receipt": "lmr1.AAAA"}'')', :'call_id'));
SELECT cost_usd, cost_status, duplicate FROM finish_call(:'call_id', :'answer', 200, options => jsonb_build_object('receipt', :'receipt'));
SELECT cost_usd, duplicate FROM finish_call(:'call_id', :'answer', 200, options => jsonb_build_object('receipt', :'receipt'));
SELECT pg_temp.outcome(format('SELECT finish_call(''8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a'', ''{}'', 200, options => %L)', jsonb_build_object('receipt', :'receipt'))) LIKE '%is that of call%' AS of_another;
SELECT user_id, model_id, cost_usd FROM llm_usage_logs WHERE user_id = 'frank';

-- Deadlines.
INSERT INTO limits (id, scope, what, amount, period) VALUES ('00000000-0000-4000-8000-000000000006', 'user', 'cost_usd', 1, 'total');
SELECT call_id FROM begin_call(:'question', 'gina', options => '{"timeout_ms": 60000}') \gset
SELECT extend_call(:'call_id', 1000) = expires_at AS kept FROM llm_calls WHERE call_id = :'call_id';
SELECT extend_call(:'call_id', 3600000) > now() + interval '50 minutes' AS extended;
UPDATE llm_calls SET started_at = now() - interval '2 hours', expires_at = now() - interval '1 hour';
SELECT expire_calls(), expire_calls();
:counters;
SELECT kind, estimated, prompt_tokens, completion_tokens, cost_usd, cost_status FROM llm_usage_logs WHERE user_id = 'gina';
SELECT pg_temp.outcome(format('SELECT extend_call(%L, 1000)', :'call_id')) LIKE 'LA004%' AS unknown;
-- A late finish adds the difference, once.
SELECT cost_usd, duplicate, warnings FROM finish_call(:'call_id', :'answer', 200);
SELECT cost_usd, duplicate FROM finish_call(:'call_id', :'answer', 200);
SELECT kind, prompt_tokens, completion_tokens, cost_usd FROM llm_usage_logs WHERE user_id = 'gina' ORDER BY id;
:counters;

-- One page on a call.
SELECT jsonb_pretty(explain_call(:'call_id') - 'call_id' - 'usage_id' - 'started_at' - 'price' - 'limits');
SELECT pg_temp.outcome($$SELECT explain_call('8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a')$$);

-- Tickets: the headers, once.
SELECT call_id FROM begin_call(:'question', 'hans') \gset
SELECT open_sender_ticket(:'call_id') AS ticket \gset
SELECT call_id = :'call_id' AS same, headers FROM redeem_sender_ticket(:'ticket');
SELECT pg_temp.outcome(format('SELECT redeem_sender_ticket(%L)', :'ticket'));
SELECT pg_temp.outcome($$SELECT redeem_sender_ticket('no ticket')$$);
SELECT cost_usd, next FROM finish_call(:'call_id', options => '{"cancelled": true, "dispatched": false}');

-- Access: keys, tiers, models, tenants.
SELECT token FROM issue_access_key('k', '{"user_id": "ivan", "tier": "enterprise", "deny": ["openai/gpt-4o"]}') \gset
SELECT pg_temp.outcome(format('SELECT begin_call(''{"messages": [{"role": "user", "content": "hi"}]}'', options => %L)', jsonb_build_object('access_key', :'token' || 'x')));
SELECT pg_temp.outcome(format('SELECT begin_call(''{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}'', options => %L)', jsonb_build_object('access_key', :'token')));
SELECT pg_temp.outcome(format('SELECT begin_call(''{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}'', ''judy'', options => %L)', jsonb_build_object('access_key', :'token')));
SELECT call_id FROM begin_call('{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}', options => jsonb_build_object('access_key', :'token')) \gset
SELECT user_id, key_id IS NOT NULL AS by_key, access ->> 'tier' AS tier FROM llm_calls WHERE call_id = :'call_id';
SELECT pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}', options => '{"access_key": ""}')$$);
SELECT pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}', options => '{"cache": true}')$$);
SELECT pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}', options => '{"account_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"}')$$);
SELECT pg_temp.outcome($$SELECT begin_call('[]')$$);
SELECT pg_temp.outcome($$SELECT begin_call(NULL)$$);
SELECT pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}', options => '{"requested": "byollm"}')$$);
BEGIN READ ONLY;
SELECT pg_temp.outcome($$SELECT begin_call('{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}')$$);
ROLLBACK;
