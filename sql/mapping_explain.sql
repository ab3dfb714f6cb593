-- explain_request: which rule made what, what came from defaults, what was left out.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT provider_name FROM create_provider('Plain', 'https://api.example/v1', 'm-default', options => '{"auth_scheme": "none"}');
-- A mapping of version 1.0.
UPDATE llm_provider_configs SET endpoint_path_template = '/chat', request_builder_config = '{"version": "1.0", "payload_structure": {
  "model": {"source": "param:model_name", "required": true}, "messages": "param:messages",
  "options": {"fields": {"temperature": "param:temperature", "depth": {"source": "param:seed", "default": 3}}}}}' WHERE provider_name = 'plain';
SELECT * FROM explain_request('{"messages": [{"role": "user", "content": "Hi"}], "top_k": 5, "temperature": 0.5, "drop_params": true, "extra_body": {"new": {"a": null}}}', 'plain');
-- One of version 1.1: switches show the branch that was taken, definitions the rule inside them.
UPDATE llm_provider_configs SET endpoint_path_template = '/{zone}/chat', request_builder_config = '{"version": "1.1",
  "defs": {"part": {"fields": {"kind": {"value": "text"}, "text": "@.content"}}},
  "headers": {"X-User": "param:user"}, "query": {"version": {"value": 2}},
  "payload_structure": {
    "model": {"source": "param:model_name", "required": true, "path": "engine.id"},
    "zone": {"source": "param:metadata.zone", "path": "url:zone", "default": "eu"},
    "messages": {"each": "param:messages[*]", "where": {"path": "@.role", "eq": "user"}, "as": {"use": "part"}, "path": "input"},
    "tool_choice": {"switch": [
      {"when": {"path": "param:tool_choice", "eq": "auto"}, "then": {"value": {"mode": "AUTO"}}},
      {"then": {"fields": {"mode": {"value": "ONE"}, "name": "param:tool_choice.function.name"}}}]},
    "limits": {"fields": {"out": {"source": "param:max_output_tokens", "default": 100}, "stop": {"source": "param:stop", "type": "array"}}},
    "...": "param:metadata.more"}}' WHERE provider_name = 'plain';
SELECT * FROM explain_request('{"messages": [{"role": "user", "content": "A"}, {"role": "system", "content": "S"}, {"role": "user", "content": "B"}],
  "tool_choice": {"function": {"name": "f"}}, "user": "u", "stop": "END", "metadata": {"more": {"tag": [1], "input": 2}},
  "extra_body": {"engine": {"tier": "x"}}, "seed": 1, "drop_params": true}', 'plain');
SELECT * FROM explain_request('{"model": "m", "messages": [], "tool_choice": "auto", "max_tokens": 5, "metadata": {"zone": "us"}}', 'plain');
-- What the rows say is what is built: every value stands at its pointer.
SELECT count(*) AS leaves, count(*) FILTER (WHERE b.body #> string_to_array(substr(pointer, 2), '/') IS DISTINCT FROM value) AS wrong
FROM (SELECT '{"messages": [{"role": "user", "content": "A"}], "tool_choice": "auto", "extra_body": {"a": {"b": [1]}}}'::jsonb AS params) p,
  build_request(params, 'plain') b, explain_request(params, 'plain') e WHERE pointer LIKE '/%';
-- Errors are those of build_request; a disabled provider is explained all the same.
SELECT pg_temp.outcome($$SELECT * FROM explain_request('{"mesages": []}', 'plain')$$);
SELECT pg_temp.outcome($$SELECT * FROM explain_request(NULL)$$);
SELECT pg_temp.outcome($$SELECT * FROM explain_request('{}')$$);
UPDATE llm_provider_configs SET is_enabled = false WHERE provider_name = 'plain';
SELECT count(*) > 3 AS explained FROM explain_request('{"messages": []}', 'plain');
DROP EXTENSION llm_admin CASCADE;
