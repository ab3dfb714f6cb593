-- config_problems and the validate functions: every problem at once, where it is, and how to mend it.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
\set good_request '{"version": "1.0", "payload_structure": {"model": "param:model_name", "messages": "param:messages"}}'
\set good_response '{"version": "1.0", "extraction_rules": {"text_content": "$.text", "usage_stats": {"fields": {}}}}'

-- Nothing to say about a good pair; the four functions agree.
SELECT * FROM config_problems(:'good_request', :'good_response');
SELECT validate_config(:'good_request', :'good_response'), validate_request_builder_config(:'good_request'), validate_response_extractor_config(:'good_response');
-- The shapes printed in the original's documents are taken as they are.
SELECT validate_request_builder_config('{"version":"1.0","payload_structure":{"model":{"source":"param:model_name","required":true},"messages":{"source":"param:messages"}}}');
SELECT validate_response_extractor_config('{"version":"1.0","extraction_rules":{"text_content":{"type":"string","paths":["$.choices[0].message.content"]},
  "usage_stats":{"type":"object","fields":{"input_tokens":"$.usage.prompt_tokens"}}}}');

-- The original's texts, to the letter.
CREATE FUNCTION pg_temp.first_message(request jsonb, response jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT split_part(pg_temp.outcome(format('SELECT validate_config(%L, %L)', request, response)), E'\n', 1)
$$;
SELECT pg_temp.first_message('{}', '{}');
SELECT pg_temp.first_message('{"version": "1.0"}', :'good_response');
SELECT pg_temp.first_message('{"version": "1.0", "payload_structure": {"model": "param:model_name"}}', :'good_response');
SELECT pg_temp.first_message(:'good_request', '{}');
SELECT pg_temp.first_message(:'good_request', '{"version": "1.0"}');
SELECT pg_temp.first_message(:'good_request', '{"version": "1.0", "extraction_rules": {"text_content": "$.a"}}');
SELECT pg_temp.outcome($$SELECT validate_request_builder_config('{}')$$);
SELECT pg_temp.outcome($$SELECT validate_response_extractor_config('{}')$$);

-- It reports and never raises, whatever it is given.
SELECT * FROM config_problems('{}', '{}');
SELECT config, pointer, severity, code, message FROM config_problems(NULL, 'null');
SELECT config, pointer, severity, code, message FROM config_problems('[]', '"x"');
SELECT config, pointer, severity, code, message FROM config_problems('1', 'true');
SELECT pg_temp.outcome('SELECT validate_config(NULL, NULL)');
SELECT pg_temp.outcome('SELECT validate_request_builder_config(NULL)');

-- Many at once, each with its pointer; did you mean.
SELECT * FROM config_problems('{"version": "1.0", "payload_structure": {
  "model": {"source": "param:model_nam", "required": "yes"},
  "messages": {"sorce": "param:messages"},
  "temperature": {"source": "param:temperature", "paths": ["param:top_p"], "type": "nmber"},
  "a": 5, "b": {"source": "$.x"}, "c": {"source": "param:user["}, "d": {"source": "param:user", "join": 1}, "e": {"source": "param:extra_body"},
  "f": {"fields": {"g": {"source": "header:X"}, "h": {"paths": []}}}, "i": {"source": "param:seed", "type": "integer", "default": "x"},
  "j": {"source": "provider:api_key_encrypted"}, "k/l~m": {"source": 1}, "n": {"source": "param:stop", "default": 1, "defualt": 2}}}', :'good_response');
SELECT * FROM config_problems(:'good_request', '{"version": "1.0", "extraction_rules": {"text_content": {"paths": ["$.a..b", "$[?(@.x =~ 1)]", "param:user", "text"]},
  "usage_stats": {"type": "string", "fields": {"input_tokens": {"type": "int", "paths": "$.n"}}}, "mapping_warnings": "$.x", "finish_reason": {"source": "$.r", "map": {}}}, "steam": {}}');

-- Output places: where a value may go, and that no two meet.
SELECT config, pointer, severity, code, message FROM config_problems('{"version": "1.0", "payload_structure": {
  "model": {"source": "param:model_name", "path": "$.model"}, "messages": {"source": "param:messages", "path": "a..b"}, "c": {"source": "param:user", "path": "url:no hole"},
  "d": {"source": "param:user", "path": "query:"}, "e": {"source": "param:user", "path": "x"}, "f": {"source": "param:user", "path": "x.y"},
  "g": {"source": "param:user", "path": "z.a"}, "h": {"source": "param:user", "path": "z.a"}, "i": {"source": "param:user", "path": 5}}}', :'good_response');

-- Versions: 1.0 is read; a number is a warning; others are errors, and their unknown words no noise.
SELECT config, pointer, severity, code, message, hint FROM config_problems('{"version": 1.0, "payload_structure": {"model": "param:model_name", "messages": "param:messages"}}',
  '{"version": "2.0", "extraction_rules": {"text_content": {"sauce": 1}, "usage_stats": {}}}');
SELECT validate_config('{"version": 1, "payload_structure": {"model": "param:model_name", "messages": "param:messages"}}', :'good_response');
-- Words of a later version are warnings in 1.0: such a row still saves.
SELECT config, pointer, severity, code FROM config_problems('{"version": "1.0", "defs": {}, "payload_structure": {"model": {"source": "param:model_name", "map": {}}, "messages": {"source": "param:messages", "omit_empty": true}}}', :'good_response');
SELECT validate_config('{"version": "1.0", "defs": {}, "payload_structure": {"model": {"source": "param:model_name", "mop": {}}, "messages": "param:messages"}}', :'good_response');

-- Limits at save: depth 32, 4,096 rules, 64 kB.
SELECT config, pointer, severity, code, message FROM config_problems(jsonb_set(:'good_request', '{note}', (repeat('[', 1000) || repeat(']', 1000))::jsonb), jsonb_set(:'good_response', '{note}', to_jsonb(repeat('x', 1000000))));
SELECT config, pointer, severity, code, message FROM config_problems(:'good_request', jsonb_set(:'good_response', '{extraction_rules}',
  (SELECT jsonb_object_agg('r' || n, '$'::text) FROM generate_series(1, 4097) n) || '{"text_content": "$.t", "usage_stats": "$.u"}'));
SELECT count(*) FROM config_problems(:'good_request', jsonb_set(:'good_response', '{extraction_rules}',
  (SELECT jsonb_object_agg('r' || n, '$'::text) FROM generate_series(1, 4000) n) || '{"text_content": "$.t", "usage_stats": "$.u"}'));

-- The error of a configuration with many problems is cut to a readable length.
SELECT length(pg_temp.outcome(format('SELECT validate_config(%L, %L)', jsonb_set(:'good_request', '{payload_structure}',
  (SELECT jsonb_object_agg('r' || n, 5) FROM generate_series(1, 3000) n)), :'good_response'))) < 10000 AS readable;
SELECT right(split_part(pg_temp.outcome(format('SELECT validate_config(%L, %L)', jsonb_set(:'good_request', '{payload_structure}',
  (SELECT jsonb_object_agg('r' || n, 5) FROM generate_series(1, 3000) n)), :'good_response')), E'\n  HINT', 1), 20) AS cut;
SELECT count(*) FROM config_problems(jsonb_set(:'good_request', '{payload_structure}', (SELECT jsonb_object_agg('r' || n, 5) FROM generate_series(1, 3000) n)), :'good_response');
DROP EXTENSION llm_admin CASCADE;
