-- build_operation and extract_operation; what a mapping of version 1.1 sends besides the body: headers, queries, paths.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT provider_name FROM create_provider('Plain', 'https://api.example/v1', 'm-default', options => '{
  "auth_scheme": "api_key_header", "auth_header_template": "X-Key: {api_key}", "is_enabled": false,
  "additional_headers": {"X-Team": "row"}}');
SELECT set_provider_key('plain', 'sk-plain-0123456789abcdef');
-- Another mapping for the provider at hand: members beside payload_structure, and rules inside it.
CREATE FUNCTION pg_temp.mapping(members jsonb, rules jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome(format('UPDATE llm_provider_configs SET request_builder_config = %L WHERE provider_name = ''plain''',
    jsonb_build_object('version', '1.1', 'payload_structure', '{"model": "param:model_name", "messages": "param:messages"}' || rules) || members))
$$;
CREATE FUNCTION pg_temp.refused(params jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome(format('SELECT build_request(%L, ''plain'')', params))
$$;
SELECT pg_temp.mapping('{
  "headers": {"X-Dialect": {"value": "2024-06-01"}, "x-team": {"value": "mapping"}, "X-User": "param:user", "x-key": {"value": "not this"}},
  "operations": {
    "test": {"path": "/models", "query": {"limit": {"value": 1}}},
    "list_models": {"method": "GET", "path": "/models", "extract": {"source": "$.data[*].id", "all": true}},
    "embed": {"path": "/{deployment}/embeddings", "payload_structure": {
      "model": {"source": "param:model_name", "required": true}, "where": {"source": "param:metadata.deployment", "path": "url:deployment"},
      "input": {"source": "param:input", "type": "array", "required": true}, "user": "param:user"},
      "extract": {"each": "$.data[*]", "as": "@.embedding"}},
    "count_tokens": {"method": "POST", "payload_structure": {"messages": {"source": "param:messages", "required": true}}}}}');

-- For a disabled provider too, with the key, so that it can be tried; no body, no content type.
SELECT * FROM build_operation('test', 'plain', with_key => true);
SELECT * FROM build_operation('list_models', 'plain') \gx
-- A body by the operation's own rules, the default model, a hole in its path.
SELECT method, url, headers ->> 'Content-Type' AS type, body, model FROM build_operation('embed', 'plain', '{"input": "Hello", "metadata": {"deployment": "a/b"}}');
-- Without a path or a model of its own: the row's path; extra_body goes into any body.
SELECT method, url, body, model FROM build_operation('count_tokens', 'plain', '{"messages": [], "extra_body": {"tools": []}}');
-- Errors: all problems at once; a hole that nothing fills; parameters that the operation does not read.
SELECT pg_temp.outcome($$SELECT build_operation('embed', 'plain', '{"input": {}, "messages": [], "temperature": 1, "inputs": 2}')$$);
SELECT pg_temp.outcome($$SELECT build_operation('embed', 'plain', '{"input": "Hello"}')$$);
SELECT pg_temp.outcome($$SELECT build_operation('test', 'plain', '{"extra_body": {"a": 1}}')$$);
SELECT body FROM build_operation('count_tokens', 'plain', '{"messages": [], "temperature": 1, "drop_params": true}');
SELECT pg_temp.outcome($$SELECT build_operation('embed', 'plain', '{"input": "x", "metadata": {"deployment": ".."}, "extra_body": {"model": "m", "deployment": 1, "input": 2}}')$$);
-- Operations that are not there: the nearest and all that are.
SELECT pg_temp.outcome($$SELECT build_operation('list_model', 'plain')$$);
SELECT pg_temp.outcome($$SELECT build_operation('chat', 'plain')$$);
SELECT pg_temp.outcome($$SELECT build_operation('test', 'plane')$$);
SELECT pg_temp.outcome($$SELECT build_operation(NULL, 'plain')$$);
SELECT pg_temp.outcome($$SELECT build_operation('test', 'plain', NULL)$$);
-- With the key only for who may have it.
CREATE ROLE regress_llm_operations;
SELECT grant_access('regress_llm_operations', 'operator');
SET ROLE regress_llm_operations;
SELECT url, headers ? 'X-Key' AS key FROM build_operation('test', 'plain');
SELECT url, headers ? 'X-Key' AS key FROM build_operation('test', 'plain', with_key => true);
RESET ROLE;
SELECT revoke_access('regress_llm_operations', 'operator');
DROP ROLE regress_llm_operations;

-- What an operation's response holds.
SELECT extract_operation('list_models', '{"data": [{"id": "a"}, {"id": "b"}, {"name": "c"}]}', 'plain');
SELECT extract_operation('embed', '{"data": [{"embedding": [0.1, 2e-3]}, {"embedding": [1]}]}', 'plain', 200);
SELECT pg_temp.outcome($$SELECT extract_operation('list_models', '{"models": []}', 'plain')$$);
SELECT pg_temp.outcome($$SELECT extract_operation('list_models', 'null', 'plain')$$);
SELECT pg_temp.outcome($$SELECT extract_operation('list_models', NULL, 'plain', 503)$$);
SELECT pg_temp.outcome($$SELECT extract_operation('test', '{}', 'plain')$$);
SELECT pg_temp.outcome($$SELECT extract_operation('list', '{}', 'plain')$$);
-- A failed call is named with the vendor's words, never with the key they quote.
SELECT pg_temp.outcome($$SELECT extract_operation('list_models', '{"error": {"message": "Incorrect API key sk-plain-0123456789abcdef", "type": "invalid_request_error"}}', 'plain', 401)$$);
SELECT pg_temp.outcome($$SELECT extract_operation('list_models', '{"error": {"message": "no credit"}}', 'plain', 200)$$);

-- Headers: the row's go before the mapping's, the key's before both, compared without case; with_key only adds.
UPDATE llm_provider_configs SET is_enabled = true WHERE provider_name = 'plain';
SELECT headers FROM build_request('{"messages": [], "user": "u-1"}', 'plain');
SELECT headers FROM build_request('{"messages": [], "user": 5}', 'plain', true);
SELECT headers FROM build_request('{"messages": []}', 'plain');
SELECT pg_temp.refused(jsonb_build_object('messages', '[]'::jsonb, 'user', E'a\r\nX-Evil: 1'));
SELECT pg_temp.refused('{"messages": [], "user": {"a": 1}}');
SELECT headers FROM build_request('{"messages": [], "extra_body": {"X-User": "body", "headers": {"a": 1}}}', 'plain');

-- Queries of a call; the key's own name is not to be had.
SELECT pg_temp.mapping('{"query": {"api-version": {"value": "2024-10-21"}, "who": "param:user"}}', '{"seed": {"source": "param:seed", "path": "query:seed"}}');
SELECT url FROM build_request('{"messages": [], "seed": 1, "user": "a&b"}', 'plain');
SELECT url FROM build_request('{"messages": []}', 'plain');
SELECT pg_temp.refused('{"messages": [], "user": [1], "seed": {}}');
UPDATE llm_provider_configs SET api_key_encrypted = NULL, auth_scheme = 'query_param', auth_header_template = 'who' WHERE provider_name = 'plain';
SELECT set_provider_key('plain', 'sk-plain-0123456789abcdef');
SELECT pg_temp.outcome($$SELECT build_request('{"messages": [], "user": "me"}', 'plain', true)$$);
SELECT url FROM build_request('{"messages": []}', 'plain', true);

-- streaming_path takes the place of the endpoint path when stream is true.
UPDATE llm_provider_configs SET api_key_encrypted = NULL, auth_scheme = 'none', auth_header_template = NULL, endpoint_path_template = '/models/{model}:generate'
  WHERE provider_name = 'plain';
SELECT pg_temp.mapping('{"streaming_path": "/models/{model}:stream?alt=sse"}', '{"model": {"source": "param:model_name", "path": "url:model"}, "user": {"source": "param:user", "path": "query:u"}}');
SELECT url, body FROM build_request('{"messages": [], "stream": true, "user": "x"}', 'plain');
SELECT url, body FROM build_request('{"messages": [], "stream": false, "user": "x"}', 'plain');
SELECT url FROM build_request('{"messages": []}', 'plain');
SELECT pg_temp.refused('{"messages": [], "stream": "true"}');
SELECT config_status FROM list_providers() WHERE provider_name = 'plain';
-- A hole in it that nothing fills.
SELECT pg_temp.mapping('{"streaming_path": "/models/{model}:stream/{region}"}', '{"model": {"source": "param:model_name", "path": "url:model"}}');
SELECT config_status FROM list_providers() WHERE provider_name = 'plain';
SELECT url FROM build_request('{"messages": []}', 'plain');
SELECT pg_temp.refused('{"messages": [], "stream": true}');

-- The splice place goes below the other rules, never over them, and never to the model.
SELECT pg_temp.mapping('{}', '{"model": {"source": "param:model_name", "path": "url:model"}, "user": "param:user", "...": {"source": "param:metadata", "type": "object"}}');
SELECT body FROM build_request('{"messages": [1], "user": "u", "metadata": {"user": "other", "messages": [], "model": "m2", "a": {"b": 1}, "n": null}}', 'plain');
SELECT body FROM build_request('{"messages": [], "metadata": {"a": {"b": 1}}, "extra_body": {"a": {"c": 2}}}', 'plain');
SELECT pg_temp.refused('{"messages": [], "metadata": {"a": {"b": 1}}, "extra_body": {"a": {"b": 2}}}');
SELECT pg_temp.refused('{"messages": [], "metadata": [1]}');
-- The limit on output tokens holds for defaults inside objects and for what is spliced.
UPDATE llm_provider_configs SET max_output_tokens_limit = 100 WHERE provider_name = 'plain';
SELECT pg_temp.mapping('{"defs": {"settings": {"fields": {"limit": {"source": "param:max_output_tokens", "default": 200}}}}}',
  '{"model": {"source": "param:model_name", "path": "url:model"}, "config": {"use": "settings"}, "...": "param:metadata"}');
SELECT pg_temp.refused('{"messages": []}');
SELECT body FROM build_request('{"messages": [], "max_tokens": 50, "metadata": {"max_tokens": 1000}}', 'plain');
SELECT pg_temp.refused('{"messages": [], "max_tokens": 50, "extra_body": {"config": {"limit": 1000}}}');
DROP EXTENSION llm_admin CASCADE;
