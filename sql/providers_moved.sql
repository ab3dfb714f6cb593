-- A provider's row is looked for first where it was seen last. Whatever moves it, hides it or puts another row in
-- its place, the row that the snapshot sees is the one that is read.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT provider_name FROM create_provider('One', 'https://one.example/v1', 'm-one', options => '{"auth_scheme": "none"}');
SELECT provider_name FROM create_provider('Two', 'https://two.example/v1', 'm-two', options => '{"auth_scheme": "none"}');
SELECT switch_active_provider('one');
CREATE FUNCTION pg_temp.seen(name text DEFAULT NULL) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT provider_name || ' ' || model || ' ' || config_version
  FROM llm_admin.build_request('{"messages": [{"role": "user", "content": "Hi"}]}', name)
$$;
SELECT pg_temp.seen('one'), pg_temp.seen('two'), pg_temp.seen();
-- again, from where they were
SELECT pg_temp.seen('one'), pg_temp.seen('two'), pg_temp.seen();

-- a new version of the row, and one that is taken back
UPDATE llm_provider_configs SET default_model = 'm-one-b' WHERE provider_name = 'one';
SELECT pg_temp.seen('one'), pg_temp.seen();
BEGIN;
UPDATE llm_provider_configs SET default_model = 'm-one-c' WHERE provider_name = 'one';
SELECT pg_temp.seen('one');
ROLLBACK;
SELECT pg_temp.seen('one');

-- a cursor goes on seeing what its snapshot saw
BEGIN;
DECLARE before CURSOR FOR SELECT pg_temp.seen('one') FROM generate_series(1, 2);
FETCH 1 FROM before;
UPDATE llm_provider_configs SET default_model = 'm-one-d' WHERE provider_name = 'one';
SELECT pg_temp.seen('one');
FETCH 1 FROM before;
COMMIT;

-- another row of that name, other rows at that place
SELECT switch_active_provider('two');
SELECT pg_temp.seen();
DELETE FROM llm_provider_configs WHERE provider_name = 'one';
SELECT pg_temp.seen('one');
VACUUM llm_provider_configs;
SELECT provider_name FROM create_provider('Three', 'https://three.example/v1', 'm-three', options => '{"auth_scheme": "none"}');
SELECT pg_temp.seen('one');
SELECT provider_name FROM create_provider('One', 'https://one.example/v1', 'm-one-e', options => '{"auth_scheme": "none"}');
SELECT pg_temp.seen('one'), pg_temp.seen('three');

-- all rows elsewhere; the table shorter than it was
VACUUM FULL llm_provider_configs;
SELECT pg_temp.seen('one'), pg_temp.seen('two'), pg_temp.seen('three'), pg_temp.seen();
INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, auth_scheme,
  request_builder_config, response_extractor_config, default_model)
SELECT 'many_' || n, 'Many', 'https://many.example', '/x', 'none', request_builder_config, response_extractor_config, 'm'
FROM llm_provider_configs, generate_series(1, 100) n WHERE provider_name = 'one';
SELECT pg_temp.seen('many_100');
DELETE FROM llm_provider_configs WHERE provider_name LIKE 'many%';
VACUUM llm_provider_configs;
SELECT pg_temp.seen('many_100');
SELECT pg_temp.seen('one'), pg_temp.seen('two');

-- the table gone and made anew
DROP EXTENSION llm_admin CASCADE;
CREATE EXTENSION llm_admin;
SELECT pg_temp.seen('one');
DROP EXTENSION llm_admin CASCADE;
