-- The same work with 10 to 10,000 providers. Names are taken in turn, so that no call meets the row of the last one;
-- every provider has a mapping text of its own kind in turn (16 kinds).
SET search_path = bench, public;

CREATE FUNCTION grow_to(wanted integer) RETURNS void LANGUAGE sql AS $$
  INSERT INTO llm_admin.llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template,
    auth_header_template, request_builder_config, response_extractor_config, default_model)
  SELECT 'grown_' || i, 'Grown', 'https://llm' || i || '.example.com/v1', m.endpoint_path_template,
    m.auth_header_template,
    jsonb_set(m.request_builder_config, '{payload_structure,temperature,default}', to_jsonb(0.1 * (i % 16))),
    m.response_extractor_config, 'a-model'
  FROM bench.mappings m, generate_series((SELECT count(*) + 1 FROM llm_admin.llm_provider_configs), wanted) i
$$;

-- Providers for the calls of one round: `n` of those there are, spread evenly.
CREATE FUNCTION some_names(n integer) RETURNS text[] LANGUAGE sql AS $$
  WITH all_of_them AS (
    SELECT provider_name, row_number() OVER (ORDER BY id) - 1 AS i, count(*) OVER () AS total
    FROM llm_admin.llm_provider_configs WHERE provider_name LIKE 'grown\_%')
  SELECT ARRAY(SELECT a.provider_name FROM generate_series(0, n - 1) k
               JOIN all_of_them a ON a.i = (k * 7919) % a.total ORDER BY k)
$$;

-- Every switch is a transaction of its own, as in life.
CREATE PROCEDURE grown_round(round integer) LANGUAGE plpgsql AS $$
DECLARE
  total integer := (SELECT count(*) FROM llm_admin.llm_provider_configs);
  calls integer := 4000;
  switches integer := 100;
  names text[] := bench.some_names(calls);
  params jsonb := bench.chat_parameters();
  began double precision;
  r record;
BEGIN
  began := bench.seconds();
  FOR i IN 1 .. calls LOOP SELECT * INTO r FROM llm_admin.build_request(params, names[i]); END LOOP;
  INSERT INTO bench.growth
    VALUES ('providers', 'build_request', total, round, (bench.seconds() - began) * 1e6 / calls);
  began := bench.seconds();
  FOR i IN 1 .. calls LOOP SELECT * INTO r FROM llm_admin.get_active_provider(); END LOOP;
  INSERT INTO bench.growth
    VALUES ('providers', 'get_active_provider', total, round, (bench.seconds() - began) * 1e6 / calls);
  COMMIT;
  began := bench.seconds();
  FOR i IN 1 .. switches LOOP
    PERFORM llm_admin.switch_active_provider(names[i]);
    COMMIT;
  END LOOP;
  INSERT INTO bench.growth
    VALUES ('providers', 'switch_active_provider', total, round, (bench.seconds() - began) * 1e6 / switches);
END
$$;
