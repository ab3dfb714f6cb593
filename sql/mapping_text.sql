-- Text in, text out: build_request_text, read_answer, read_operation, stream_deltas; other names of providers.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET client_min_messages = warning;
SELECT count(*) > 10 AS seeded FROM seed();
UPDATE llm_provider_configs SET api_key_encrypted = 'kms:example' WHERE auth_scheme <> 'none';
UPDATE llm_provider_configs SET is_enabled = true;
RESET client_min_messages;
-- Members and numbers stand as they were written: jsonb would sort and fold them.
SELECT method, url, provider_name, model, body, warnings FROM build_request_text(
  '{"model": "gpt-4.1", "temperature": 1.0, "messages": [{"role": "user", "content": "hi"}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type":"object","properties":{"reasoning":{"type":"string"},"answer":{"type":"number","maximum":1.50e1}}}}}}',
  'chatgpt');
SELECT body FROM build_request_text('{"messages": [{"role": "user", "content": "hi"}], "extra_body": {"zeta": 1.10, "alpha": {"b": 1, "a": 2}}}', 'vllm');
-- Both forms say the same.
SELECT p.provider_name FROM llm_provider_configs p,
  LATERAL (SELECT '{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}], "max_tokens": 50}'::text AS t) params,
  LATERAL build_request(params.t::jsonb, p.provider_name) b, LATERAL build_request_text(params.t::json, p.provider_name) x
WHERE (b.method, b.url, b.headers, b.body, b.model) IS DISTINCT FROM (x.method, x.url, x.headers, x.body::jsonb, x.model) AND p.base_url !~ '[{]';
-- \u0000, a lone half, a member given twice.
SELECT body, warnings FROM build_request_text('{"messages": [{"role": "user", "content": "a\u0000b\ud83dc"}], "seed": 1, "seed": 2}', 'vllm');
-- What is left out is told, what cannot be said is refused.
SELECT body::jsonb ? 'top_k' AS sent, warnings FROM build_request_text('{"messages": [{"role": "user", "content": "hi"}], "top_k": 5, "drop_params": true}', 'chatgpt');
SELECT pg_temp.outcome($$SELECT build_request_text('{"messages": [{"role": "user", "content": "hi"}], "top_k": 5}', 'chatgpt')$$);
SELECT pg_temp.outcome($$SELECT build_request_text('{"messages": [{"role": "user", "content": "hi"}], "temprature": 0.5}', 'chatgpt')$$);
SELECT pg_temp.outcome($$SELECT build_request_text('[]', 'chatgpt')$$);
SELECT pg_temp.outcome($$SELECT build_request_text(NULL, 'chatgpt')$$);
-- What a model takes is that of the row as it is, also after it changed and back.
BEGIN;
UPDATE llm_provider_configs SET model_capabilities = '{"one-*": {"refuses": ["seed"]}}' WHERE provider_name = 'vllm';
SELECT pg_temp.outcome($$SELECT build_request_text('{"model": "one-1", "messages": [{"role": "user", "content": "hi"}], "seed": 1}', 'vllm')$$);
UPDATE llm_provider_configs SET model_capabilities = '{"one-*": {"refuses": ["top_p"]}}' WHERE provider_name = 'vllm';
SELECT body FROM build_request_text('{"model": "one-1", "messages": [{"role": "user", "content": "hi"}], "seed": 1}', 'vllm');
SELECT pg_temp.outcome($$SELECT build_request_text('{"model": "one-1", "messages": [{"role": "user", "content": "hi"}], "top_p": 1}', 'vllm')$$);
ROLLBACK;
SELECT body FROM build_request_text('{"model": "one-1", "messages": [{"role": "user", "content": "hi"}], "top_p": 1}', 'vllm');
-- Options.
SELECT headers ->> 'Authorization' AS with_key FROM build_request_text('{"messages": [{"role": "user", "content": "hi"}]}', 'ollama', '{"with_key": true}');
SELECT url, body FROM build_request_text('{"input": "x", "dimensions": 256}', 'chatgpt', '{"operation": "embed"}');
SELECT pg_temp.outcome($$SELECT build_request_text('{}', 'chatgpt', '{"operation": "embedd"}')$$);
SELECT pg_temp.outcome($$SELECT build_request_text('{}', 'chatgpt', '{"withkey": true}')$$);
SELECT pg_temp.outcome($$SELECT build_request_text('{}', 'chatgpt', '{"with_key": 1}')$$);
SELECT pg_temp.outcome($$SELECT build_request_text('{}', 'chatgpt', '{"tenant_id": "acme"}')$$);
SELECT pg_temp.outcome($$SELECT build_request_text('{}', NULL, '{"requested": "byollm"}')$$);
SELECT put_llm_config('acme', '{"provider": "openrouter", "apiKey": "sk-or-of-acme-0123456789abcdef", "policy": "byollm_only", "defaultModel": "m-of-acme"}') ->> 'provider' AS acme;
SELECT url, model, provider_name FROM build_request_text('{"messages": [{"role": "user", "content": "hi"}]}', NULL, '{"tenant_id": "acme"}');
SELECT headers ->> 'Authorization' AS header FROM build_request_text('{"messages": [{"role": "user", "content": "hi"}]}', NULL, '{"tenant_id": "acme", "with_key": true}');
-- Whatever the network gave.
SELECT r ->> 'text' AS text, r ->> 'finish_reason' AS finish, r -> 'usage' -> 'total_tokens' AS tokens, r -> 'unread' AS unread, r -> 'warnings' AS warnings
FROM read_answer('{"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}', 'openai', 200) r;
SELECT r ->> 'text' AS text, r ->> 'finish_reason' AS finish
FROM read_answer(E'data: {"choices":[{"index":0,"delta":{"content":"h"}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":"i"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n', 'openai', 200) r;
SELECT given.what, r -> 'error' ->> 'kind' AS kind, r -> 'error' ->> 'type' AS type, r -> 'error' -> 'retryable' AS retryable, r -> 'error' -> 'retry_after_ms' AS wait
FROM (VALUES ('nothing', NULL, 200, NULL), ('blank', E' \n', 200, NULL), ('a page', '<html><body>Bad gateway</body></html>', 502, '{"Retry-After": "20"}'),
             ('a page, 200', '<html></html>', 200, NULL), ('cut', '{"choices": [{"message": {"content": "ha', 200, NULL), ('null', 'null', 200, NULL), ('no choice', '{"choices": null}', 200, NULL),
             ('deep', repeat('[', 100000), 200, NULL), ('of another', '{"candidates": []}', 200, NULL), ('limit', '{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}', 429, '{"retry-after-ms": "1500"}'))
  given (what, body, status, headers), LATERAL read_answer(given.body, 'chatgpt', given.status, given.headers::jsonb) r;
SELECT r -> 'text' AS text, r -> 'warnings' AS warnings FROM read_answer('{"choices": [{"index": 0, "message": {"content": "a\u0000b"}, "finish_reason": "stop"}]}', 'chatgpt', 200) r;
-- A vendor's echo of the key that was refused.
SELECT set_provider_key('groq', 'gsk-0123456789abcdefghijklmnop');
SELECT r -> 'error' ->> 'message' AS message, r::text ~ '6789abcdefghij' AS shown FROM read_answer('{"error": {"message": "Incorrect API key: gsk-0123456789abcdefghijklmnop", "code": "invalid_api_key"}}', 'groq', 401) r;
SELECT r -> 'error' ->> 'message' AS message, r::text ~ 'of-acme-0123' AS shown FROM read_answer('{"error": {"message": "Incorrect API key: sk-or-of-acme-0123456789abcdef"}}', NULL, 401, NULL, '{"tenant_id": "acme"}') r;
SELECT pg_temp.outcome($$SELECT read_answer('{}', 'groq', 200, '[]')$$);
SELECT pg_temp.outcome($$SELECT read_answer('{}', 'groq', 200, NULL, '{"tenant": "acme"}')$$);
-- Numbers become what the server itself makes of them, digit by digit and byte by byte.
SELECT count(*) AS numbers, string_agg(n, ' ') FILTER (WHERE got::text <> n::jsonb::text
  OR pg_column_size(got) <> pg_column_size(n::jsonb)) AS others
FROM (SELECT unnest('{0,-0,0.0,-0.000,1,-1,9999,10000,10001,-99999999,100000000,120000,12345678901234567890,0.5,-0.0001,
    0.00001,1.50,100.00,10000.0001,-12345.678900,0.30000000000000000000000000000000000001,
    1234567890123456789012345678901234567890,12345678901234567890123456789012345678901,1e5,-2.5E-7}'::text[])
  UNION ALL SELECT (random() * 10 ^ (i % 12))::numeric(30, 10)::text FROM generate_series(1, 200) i
  UNION ALL SELECT (-1 / (i + 3)::numeric)::text FROM generate_series(1, 200) i) t (n),
  LATERAL (SELECT read_answer('{"choices": [{"message": {"content": "x"}, "logprobs": [' || n || ']}]}', 'chatgpt') #> '{logprobs,0}') r (got);
-- Operations.
SELECT read_operation('embed', '{"data": [{"index": 0, "embedding": [0.5, 1e-3]}], "usage": {"prompt_tokens": 4, "total_tokens": 4}}', 'chatgpt', 200);
SELECT r -> 'value' AS value, r -> 'error' ->> 'kind' AS kind FROM read_operation('list_models', '<html>', 'chatgpt', 503) r;
SELECT pg_temp.outcome($$SELECT read_operation('embedd', '{}', 'chatgpt')$$);
-- Deltas of a batch.
SELECT stream_deltas(E'data: {"choices":[{"index":0,"delta":{"content":"he"}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":"llo","tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"a\\":"}}]}}]}\n\n', 'chatgpt');
SELECT stream_deltas(E'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}\n\ndata: [DONE]\n\n', 'chatgpt');
-- Other names.
SELECT provider_named('openai') AS openai, provider_named('Gemini') AS gemini, provider_named('groq') AS groq, provider_named('nobody') AS nobody;
SELECT (get_provider('claude')).provider_name AS claude, record_provider_test('grok', true, 5) AS grok, (SELECT count(*) > 0 FROM provider_history(provider_named('mistralai'))) AS history;
SELECT set_provider_key('claude', 'sk-ant-0123456789abcdefghij') AS key, switch_active_provider('claude') AS switched;
SELECT provider_name FROM get_active_provider();
SELECT pg_temp.outcome($$SELECT get_provider('clade')$$);
DROP EXTENSION llm_admin CASCADE;
