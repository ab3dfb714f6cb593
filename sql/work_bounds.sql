-- What bounds the work and the memory of one call: problems, programs, values, texts.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) FROM seed();

-- Problems stop at a hundred, and the last row says so; validation shows the first fifty.
SELECT severity, code, message, count(*), max(pointer) <> '' AS placed
FROM config_problems((SELECT jsonb_build_object('version', '1.1', 'payload_structure',
    '{"model": "param:model", "messages": "param:messages"}'::jsonb || jsonb_object_agg('k' || i, 1))
  FROM generate_series(1, 1000) i), '{"version": "1.0", "extraction_rules": {"text_content": "$.t", "usage_stats": "$.u"}}')
GROUP BY 1, 2, 3 ORDER BY 4 DESC;

-- A definition that others lay members over: its literals are shared, all else is made anew and bounded.
CREATE FUNCTION pg_temp.amplified(base jsonb, inside int, outside int) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('version', '1.1', 'defs', jsonb_build_object('b', base, 'L', jsonb_build_object('fields',
      (SELECT jsonb_object_agg('f' || i, '{"use": "b", "default": 1}'::jsonb) FROM generate_series(1, inside) i))),
    'payload_structure', '{"model": "param:model", "messages": "param:messages"}'::jsonb ||
      (SELECT jsonb_object_agg('k' || i, '{"use": "L", "omit_empty": true}'::jsonb) FROM generate_series(1, outside) i))
$$;
SELECT count(*) FROM config_problems(pg_temp.amplified(jsonb_build_object('source', 'param:top_p', 'enum',
  (SELECT jsonb_agg(1) FROM generate_series(1, 12000))), 60, 20), '{"version": "1.0", "extraction_rules": {"text_content": "$.t", "usage_stats": "$.u"}}');
SELECT severity, code, message, hint FROM config_problems(
  pg_temp.amplified(jsonb_build_object('format', repeat('x', 30000)), 60, 60),
  '{"version": "1.0", "extraction_rules": {"text_content": "$.t", "usage_stats": "$.u"}}');
\set VERBOSITY terse
SELECT validate_request_builder_config(pg_temp.amplified(jsonb_build_object('source', 'param:user', 'join', repeat('x', 30000)), 60, 60));
SET llm_admin.mapping_cache_size = '1MB';
SELECT validate_request_builder_config(pg_temp.amplified(jsonb_build_object('format', repeat('x', 3000)), 60, 20));
RESET llm_admin.mapping_cache_size;
SELECT validate_request_builder_config(pg_temp.amplified(jsonb_build_object('format', repeat('x', 3000)), 60, 20));

-- Members that nobody knows.
\set VERBOSITY default
DO $$ BEGIN
  PERFORM llm_admin.put_llm_config('a', (SELECT jsonb_object_agg('k' || i, 1) FROM generate_series(1, 300) i));
EXCEPTION WHEN OTHERS THEN
  DECLARE detail text; BEGIN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RAISE NOTICE '% %, % lines, the last: %', SQLSTATE, SQLERRM, array_length(string_to_array(detail, E'\n'), 1), regexp_replace(detail, '^.*\n', '');
  END;
END $$;

-- Arguments of tool calls: a value takes more than its text.
SET llm_admin.max_output_bytes = '1MB';
CREATE FUNCTION pg_temp.answer(arguments text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('choices', jsonb_build_array(jsonb_build_object('message', jsonb_build_object('tool_calls',
    jsonb_build_array(jsonb_build_object('id', '1', 'type', 'function', 'function', jsonb_build_object('name', 'f', 'arguments', arguments)))))))
$$;
SELECT jsonb_array_length(extract_response(pg_temp.answer('[' || repeat('1,', 20000) || '1]'), 'chatgpt') -> 'tool_calls' -> 0 -> 'arguments');
SELECT extract_response(pg_temp.answer('[' || repeat('1,', 100000) || '1]'), 'chatgpt');
SELECT jsonb_typeof(extract_response(pg_temp.answer('[' || repeat('1,', 5000)), 'chatgpt') -> 'tool_calls' -> 0 -> 'arguments');
SELECT extract_stream('data: {"choices":[{"delta":{"content":[' || repeat('1,', 100000) || E'1]}}]}\n\n', 'chatgpt');
RESET llm_admin.max_output_bytes;

-- A hole that the path names often.
SET llm_admin.max_output_bytes = '64kB';
SELECT provider_name FROM create_provider('Holes', 'https://holes.example.com', 'm', options => '{"auth_scheme": "none"}');
UPDATE llm_provider_configs SET endpoint_path_template = repeat('/{n}', 20), request_builder_config =
  '{"version": "1.1", "payload_structure": {"model": "param:model", "messages": "param:messages", "n": {"source": "param:user", "path": "url:n"}}}'
WHERE provider_name = 'holes';
SELECT length(url) FROM build_request(jsonb_build_object('model', 'm', 'messages', '[]'::jsonb, 'user', repeat('x', 1000)), 'holes');
SELECT length(url) FROM build_request(jsonb_build_object('model', 'm', 'messages', '[]'::jsonb, 'user', repeat('x', 10000)), 'holes');
RESET llm_admin.max_output_bytes;

DROP EXTENSION llm_admin CASCADE;
