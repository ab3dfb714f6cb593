-- build_request: parameters, rules, extra_body, URLs, headers, limits.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT provider_name FROM create_provider('Plain', 'https://api.example/v1', 'm-default', options => '{"auth_scheme": "none"}');
-- Another mapping for the provider at hand, and what a call with it gives.
CREATE FUNCTION pg_temp.structure(rules jsonb, endpoint text DEFAULT '/chat', base text DEFAULT 'https://api.example/v1') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome(format('UPDATE llm_provider_configs SET request_builder_config = %L, endpoint_path_template = %L, base_url = %L
    WHERE provider_name = ''plain''', jsonb_build_object('version', '1.0', 'payload_structure',
    '{"model": "param:model_name", "messages": "param:messages"}' || rules), endpoint, base))
$$;
CREATE FUNCTION pg_temp.refused(params text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome(format('SELECT build_request(%L, ''plain'')', params))
$$;

-- The result's columns; the model from default_model, or as given, under either name.
SELECT * FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'plain');
SELECT model, body FROM build_request('{"model": "m2", "messages": [{"role": "user", "content": "Hi"}]}', 'plain');
SELECT model, body FROM build_request('{"model_name": "m3", "messages": [{"role": "user", "content": "Hi"}]}', 'plain');
-- The printed 1.0 shape of the seed as it is.
SELECT pg_temp.structure('{"model": {"source": "param:model_name", "required": true}, "messages": {"source": "param:messages"}}');
SELECT body FROM build_request('{"messages": [{"role": "user", "content": "é\u0001\"\\ ☃"}]}', 'plain');

-- Aliases; null is absent; two names of one parameter are refused.
SELECT pg_temp.structure('{"limit": "param:max_output_tokens", "seed": "param:seed"}');
SELECT body FROM build_request('{"messages": [], "max_tokens": 5}', 'plain');
SELECT body FROM build_request('{"messages": [], "max_completion_tokens": 6, "seed": null}', 'plain');
SELECT body FROM build_request('{"messages": [], "max_output_tokens": 7, "max_tokens": null}', 'plain');
SELECT pg_temp.refused('{"messages": [], "max_tokens": 5, "max_output_tokens": 6, "model": "a", "model_name": "b"}');

-- Unknown parameters, and known ones that no rule reads; drop_params; all problems at once.
SELECT pg_temp.refused('{"messages": [], "temprature": 1, "tool_choise": "auto", "zzz": 1, "temperature": 1, "top_p": 1}');
SELECT body FROM build_request('{"messages": [], "temperature": 1, "top_p": 1, "drop_params": true}', 'plain');
SELECT pg_temp.refused('{"messages": [], "temprature": 1, "temperature": 1, "drop_params": true}');
SELECT pg_temp.refused('{"messages": [], "drop_params": "yes", "extra_body": [1]}');
SELECT pg_temp.refused('[]');
SELECT pg_temp.refused('"x"');
SELECT pg_temp.refused('null');
SELECT pg_temp.outcome($$SELECT build_request(NULL, 'plain')$$);
SELECT pg_temp.outcome($$SELECT build_request('{"messages": []}', 'plane')$$);

-- Defaults, required, types: lossless coercion only.
SELECT pg_temp.structure('{"messages": {"source": "param:messages", "required": true}, "temperature": {"source": "param:temperature", "type": "number", "default": 0.7},
  "limit": {"source": "param:max_output_tokens", "type": "integer"}, "stop": {"source": "param:stop", "type": "array"}, "user": {"source": "param:user", "type": "string"},
  "stream": {"source": "param:stream", "type": "boolean"}, "fixed": {"default": {"a": [1]}}}');
SELECT body FROM build_request('{"messages": [], "max_tokens": "12", "stop": "END", "user": 5, "temperature": "0.50"}', 'plain');
SELECT body FROM build_request('{"messages": [], "max_tokens": 12.0, "stop": ["a", "b"], "user": true, "temperature": 1e-2}', 'plain');
SELECT pg_temp.refused('{"max_tokens": 1.5, "user": {"a": 1}, "stream": "true", "temperature": "warm"}');

-- Paths into parameters; places in the body; several paths, first non-null; join.
SELECT pg_temp.structure('{"effort": {"source": "param:reasoning_effort", "path": "reasoning.effort"}, "summary": {"default": "auto", "path": "reasoning.summary"},
  "odd": {"source": "param:user", "path": "a\\.b.c"}, "first": {"paths": ["param:metadata.x", "param:metadata.y[-1]"]},
  "texts": {"source": "param:messages[?(@.role == \"system\")].content", "join": "\n", "path": "system"},
  "limit": "provider:max_output_tokens_limit", "name": "provider:provider_name", "vision": "model:vision"}');
UPDATE llm_provider_configs SET max_output_tokens_limit = 100, model_capabilities = '{"vision": true, "m-*": {"vision": false}}' WHERE provider_name = 'plain';
SELECT jsonb_pretty(body) FROM build_request('{"messages": [{"role": "system", "content": "A"}, {"role": "user", "content": "u"}, {"role": "system", "content": "B"}],
  "reasoning_effort": "low", "user": "u1", "metadata": {"x": null, "y": [1, 2]}}', 'plain');
SELECT body -> 'system' AS nothing_matched, body -> 'first' AS none FROM build_request('{"messages": []}', 'plain');
SELECT pg_temp.refused('{"messages": [{"role": "system", "content": [1]}]}');

-- More output than the provider allows is an error, never clamped, whoever asks for it.
SELECT pg_temp.structure('{"limit": "param:max_output_tokens"}');
SELECT body FROM build_request('{"messages": [], "max_tokens": 100}', 'plain');
SELECT pg_temp.refused('{"messages": [], "max_tokens": 101}');
SELECT pg_temp.refused('{"messages": [], "max_tokens": 1e400}');
SELECT pg_temp.refused('{"messages": [], "max_tokens": "many"}');
SELECT pg_temp.refused('{"messages": [], "extra_body": {"limit": 1000}}');
SELECT pg_temp.refused('{"messages": [], "extra_body": {"max_tokens": 1000}}');
UPDATE llm_provider_configs SET max_output_tokens_limit = NULL WHERE provider_name = 'plain';

-- extra_body: merged in deeply; it never changes what a rule made, nor the model, the URL or a header.
SELECT pg_temp.structure('{"model": {"source": "param:model_name", "path": "engine.id"}, "effort": {"source": "param:reasoning_effort", "path": "reasoning.effort"}}');
SELECT body FROM build_request('{"messages": [], "reasoning_effort": "low", "extra_body": {"reasoning": {"summary": "auto", "deep": {"a": [1]}}, "new": null, "engine": {"tier": 1}}}', 'plain');
SELECT pg_temp.refused('{"messages": [], "reasoning_effort": "low", "extra_body": {"reasoning": {"effort": "high"}, "messages": [1], "model": "x", "engine": {"id": "y"}}}');
SELECT pg_temp.refused('{"messages": [], "reasoning_effort": "low", "extra_body": {"reasoning": "high", "engine": 1}}');
SELECT url, headers, body FROM build_request('{"messages": [], "extra_body": {"url": "https://evil.example", "headers": {"X": "y"}, "Authorization": "z"}}', 'plain');

-- URLs: a prefix that stands in both is taken once; holes are one segment each; queries are encoded.
CREATE FUNCTION pg_temp.joined(base text, endpoint text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.structure('{}', endpoint, base);
  RETURN (SELECT url FROM llm_admin.build_request('{"messages": []}', 'plain'));
END $$;
SELECT base, endpoint, pg_temp.joined(base, endpoint) FROM (VALUES
  ('https://api.example', '/v1/chat'), ('https://api.example/', '/v1/chat'), ('https://api.example/v1', '/v1/chat'),
  ('https://api.example/v1/', '/v1/chat'), ('https://api.example/a/v1', '/v1/chat'), ('https://api.example/openai/v1', '/openai/v1/chat'),
  ('https://api.example/v1', '/v10/chat'), ('https://api.example:8443/v1', '/')) AS u (base, endpoint);
SELECT pg_temp.structure('{"model": {"source": "param:model_name", "path": "url:model"}, "user": {"source": "param:user", "path": "query:who"},
  "seed": {"source": "param:seed", "path": "query:a%b"}}', '/models/{model}:go');
SELECT url, model, body FROM build_request('{"model": "a/b c?d#é", "messages": [], "user": "x&y=z", "seed": 5}', 'plain');
SELECT pg_temp.refused('{"model": "..", "messages": []}');
SELECT pg_temp.refused('{"model": "", "messages": []}');
SELECT pg_temp.refused('{"model": ["m"], "messages": []}');
SELECT pg_temp.refused('{"messages": [], "user": ["x"], "extra_body": {"who": 1, "user": 2}}');
-- A hole that nothing fills: incomplete in the listing, an error when built.
SELECT pg_temp.structure('{}', '/{resource}/chat');
SELECT config_status FROM list_providers() WHERE provider_name = 'plain';
SELECT pg_temp.refused('{"messages": []}');

-- GET has no body; the content type may be the row's own; the key only with with_key.
SELECT pg_temp.structure('{}');
UPDATE llm_provider_configs SET http_method = 'GET' WHERE provider_name = 'plain';
SELECT method, headers, body FROM build_request('{"messages": []}', 'plain');
UPDATE llm_provider_configs SET http_method = 'POST', additional_headers = '{"content-type": "application/vnd.x+json", "X-Team": "a"}',
  auth_scheme = 'api_key_header', auth_header_template = 'X-Key: Token {api_key}!' WHERE provider_name = 'plain';
SELECT pg_temp.outcome($$SELECT build_request('{"messages": []}', 'plain', true)$$);
SELECT set_provider_key('plain', 'sk-plain-0123456789abcdef');
SELECT headers FROM build_request('{"messages": []}', 'plain', true);
SELECT headers FROM build_request('{"messages": []}', 'plain', false);
SELECT headers FROM build_request('{"messages": []}', 'plain', NULL);
UPDATE llm_provider_configs SET api_key_encrypted = NULL, auth_scheme = 'query_param', auth_header_template = 'api-key' WHERE provider_name = 'plain';
SELECT set_provider_key('plain', 'k y&z-0123456789abcdefgh');
SELECT url, headers ? 'api-key' AS in_header FROM build_request('{"messages": []}', 'plain', true);
SELECT url FROM build_request('{"messages": []}', 'plain');
-- A key that is not ours to open.
UPDATE llm_provider_configs SET api_key_encrypted = 'kms:elsewhere' WHERE provider_name = 'plain';
SELECT pg_temp.outcome($$SELECT build_request('{"messages": []}', 'plain', true)$$);
SELECT url FROM build_request('{"messages": []}', 'plain');
-- A disabled provider builds nothing.
UPDATE llm_provider_configs SET is_enabled = false WHERE provider_name = 'plain';
SELECT pg_temp.refused('{"messages": []}');
UPDATE llm_provider_configs SET is_enabled = true WHERE provider_name = 'plain';

-- Large and odd input: numbers of 10,000 digits stay as they are, depth costs nothing, output is bounded.
SELECT pg_temp.structure('{"meta": "param:metadata", "seed": {"source": "param:seed", "type": "integer"}}');
SELECT body -> 'meta' ->> 'n' = repeat('7', 10000) AS whole FROM build_request(jsonb_build_object('messages', '[]'::jsonb, 'metadata', jsonb_build_object('n', repeat('7', 10000)::numeric)), 'plain');
SELECT body ->> 'seed' = repeat('7', 10000) AS whole FROM build_request(jsonb_build_object('messages', '[]'::jsonb, 'seed', repeat('7', 10000)::numeric), 'plain');
SELECT length((repeat('[', 10000) || repeat(']', 10000))::jsonb::text) AS parsed;
SELECT length(body::text) FROM build_request(jsonb_build_object('messages', (repeat('[', 10000) || repeat(']', 10000))::jsonb), 'plain');
SELECT length(body ->> 'messages') FROM build_request(jsonb_build_object('messages', to_jsonb(repeat('x', 10000000))), 'plain');
SET llm_admin.max_output_bytes = '1kB';
SELECT pg_temp.refused(jsonb_build_object('messages', to_jsonb(repeat('x', 2000)))::text);
RESET llm_admin.max_output_bytes;
SELECT pg_temp.structure('{"texts": {"source": "param:messages[*].content", "join": ""}}');
SET llm_admin.max_matches = 1000;
SELECT pg_temp.refused(jsonb_build_object('messages', (SELECT jsonb_agg('{"content": "x"}'::jsonb) FROM generate_series(1, 2000)))::text);
RESET llm_admin.max_matches;
SELECT length(body ->> 'texts') FROM build_request(jsonb_build_object('messages', (SELECT jsonb_agg('{"content": "x"}'::jsonb) FROM generate_series(1, 2000))), 'plain');
-- 100,000 unknown parameters: the list is cut.
SELECT length(pg_temp.refused((SELECT jsonb_object_agg('p' || n, n) FROM generate_series(1, 100000) n)::text)) < 10000 AS bounded;

-- Building twice gives the same; a plan may keep it for a statement.
SELECT count(DISTINCT b::text) FROM generate_series(1, 100) n, build_request('{"messages": []}', 'plain') b;
SELECT provolatile, proparallel FROM pg_proc WHERE oid = 'build_request'::regproc;
DROP EXTENSION llm_admin CASCADE;
