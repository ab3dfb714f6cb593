-- Mappings of 10 to 4,000 rules, and answers of 1 kB to 1 MB. Everything is handed over in memory: what the server needs
-- to open a stored value is its own.
SET search_path = bench, public;

-- A request config whose body holds a list made by `rules` rules; 4,000 of them fit into the 64 kB a config may have.
CREATE FUNCTION config_of(rules integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('version', '1.1', 'payload_structure', jsonb_build_object(
    'model', 'param:model_name', 'messages', 'param:messages',
    'list', (SELECT jsonb_build_object('items', jsonb_agg('param:seed'::text)) FROM generate_series(1, rules - 3))))
$$;
CREATE TABLE sized (what text, work text, size bigint, statement text, input jsonb);
INSERT INTO sized
  SELECT 'rules', 'validate_config', n,
    'SELECT count(llm_admin.validate_config(CASE WHEN i > 0 THEN $2 END, m.response_extractor_config))
     FROM bench.mappings m, generate_series(1, $1) i', bench.config_of(n)
  FROM unnest('{10,100,1000,4000}'::integer[]) n;
INSERT INTO sized
  SELECT 'rules', 'build_request', n,
    format('SELECT count(llm_admin.build_request(CASE WHEN i > 0 THEN $2 END, %L)) FROM generate_series(1, $1) i',
           'rules_' || n),
    '{"messages": [], "seed": 1}'
  FROM unnest('{10,100,1000,4000}'::integer[]) n;
INSERT INTO llm_admin.llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, auth_scheme,
    request_builder_config, response_extractor_config, default_model, is_enabled)
  SELECT 'rules_' || n, 'Grown', 'https://llm.example.com/v1', '/chat/completions', 'none', bench.config_of(n),
    m.response_extractor_config, 'a-model', true
  FROM bench.mappings m, unnest('{10,100,1000,4000}'::integer[]) n;

-- The answer's text grows. A stream has one event for each 290 bytes.
INSERT INTO sized
  SELECT 'bytes', 'extract_response', n,
    'SELECT count(llm_admin.extract_response(CASE WHEN i > 0 THEN $2 END, ''chatgpt'')) FROM generate_series(1, $1) i',
    jsonb_set(bench.answer(0), '{choices,0,message,content}', to_jsonb(repeat('tokens ', (n - 600) / 7)))
  FROM unnest('{1000,10000,100000,1000000}'::integer[]) n;
INSERT INTO sized
  SELECT 'bytes', 'extract_stream', n,
    'SELECT count(llm_admin.extract_stream(CASE WHEN i > 0 THEN $2 #>> ''{}'' END, ''chatgpt''))
     FROM generate_series(1, $1) i', to_jsonb(bench.stream_of((n - 1000) / 292))
  FROM unnest('{1000,10000,100000,1000000}'::integer[]) n;
INSERT INTO sized
  SELECT 'bytes', 'stream_deltas', s.size, replace(s.statement, 'extract_stream', 'stream_deltas'), s.input
  FROM bench.sized s WHERE s.work = 'extract_stream';
ALTER TABLE sized ADD times integer;

CREATE FUNCTION sized_round(round integer, milliseconds integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s bench.sized;
BEGIN
  FOR s IN SELECT * FROM bench.sized WHERE times IS NULL LOOP
    UPDATE bench.sized z SET times = bench.times_for(s.statement, s.input, milliseconds)
    WHERE (z.work, z.size) = (s.work, s.size);
  END LOOP;
  FOR s IN SELECT * FROM bench.sized LOOP
    INSERT INTO bench.growth VALUES (s.what, s.work, s.size, round, bench.clocked(s.statement, s.times, s.input));
  END LOOP;
END
$$;
