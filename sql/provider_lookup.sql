-- A provider is found by its name wherever its row has gone since it was read last, and only as the snapshot has it.
CREATE EXTENSION llm_admin;
SET search_path = llm_admin, public;
INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, auth_scheme,
                                  request_builder_config, response_extractor_config, default_model, is_enabled)
SELECT name, name, 'https://' || name || '.example.com', '/chat', 'none', request_builder_config,
       response_extractor_config, 'a-model', true
FROM shipped_dialects(), unnest('{red,blue,third}'::text[]) name
WHERE dialect = 'openai_chat';
CREATE FUNCTION public.url_of(name text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT url FROM llm_admin.build_request('{"messages": [{"role": "user", "content": "Hi"}]}', name)
$$;
SELECT url_of('red'), url_of('blue'), url_of('third');

-- Changed in this transaction, and back.
BEGIN;
UPDATE llm_provider_configs SET endpoint_path_template = '/changed' WHERE provider_name = 'red';
SELECT url_of('red');
SAVEPOINT inner_one;
UPDATE llm_provider_configs SET endpoint_path_template = '/again' WHERE provider_name = 'red';
SELECT url_of('red');
ROLLBACK TO inner_one;
SELECT url_of('red');
ROLLBACK;
SELECT url_of('red');

-- Two rows change their names with one another.
BEGIN;
UPDATE llm_provider_configs SET provider_name = 'tmp' WHERE provider_name = 'red';
SELECT url_of('red');
ROLLBACK;
BEGIN;
UPDATE llm_provider_configs SET provider_name = 'tmp' WHERE provider_name = 'red';
UPDATE llm_provider_configs SET provider_name = 'red' WHERE provider_name = 'blue';
UPDATE llm_provider_configs SET provider_name = 'blue' WHERE provider_name = 'tmp';
SELECT url_of('red'), url_of('blue');
COMMIT;
SELECT url_of('red'), url_of('blue');

-- A cursor keeps what it saw when it was opened.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT url_of('third');
DECLARE before_it CURSOR FOR SELECT url_of('third');
UPDATE llm_provider_configs SET endpoint_path_template = '/later' WHERE provider_name = 'third';
SELECT url_of('third');
FETCH before_it;
COMMIT;

-- The row goes, the place is used by another one; the table is written anew.
DELETE FROM llm_provider_configs WHERE provider_name = 'third';
VACUUM llm_provider_configs;
SELECT url_of('third');
INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, auth_scheme,
                                  request_builder_config, response_extractor_config, default_model, is_enabled)
SELECT 'fourth', 'fourth', base_url, '/fourth', 'none', request_builder_config, response_extractor_config, 'a-model', true
FROM llm_provider_configs WHERE provider_name = 'red';
SELECT url_of('third');
UPDATE llm_provider_configs SET provider_name = 'third' WHERE provider_name = 'fourth';
SELECT url_of('third');
VACUUM FULL llm_provider_configs;
SELECT url_of('red'), url_of('blue'), url_of('third');

-- The active one.
SELECT switch_active_provider('red');
SELECT url_of(NULL);
SELECT switch_active_provider('blue');
SELECT url_of(NULL);
BEGIN;
SELECT switch_active_provider('third');
SELECT url_of(NULL);
ROLLBACK;
SELECT url_of(NULL);

-- The table is shorter than the place where a row was.
INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, auth_scheme,
                                  request_builder_config, response_extractor_config, default_model, is_enabled)
SELECT 'many_' || n, 'many', base_url, '/many', 'none', request_builder_config, response_extractor_config, 'a-model', true
FROM llm_provider_configs, generate_series(1, 100) n WHERE provider_name = 'red';
SELECT url_of('many_100');
DELETE FROM llm_provider_configs WHERE provider_name LIKE 'many%';
VACUUM llm_provider_configs;
SELECT url_of('many_100');

-- The table is gone and made anew.
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
CREATE EXTENSION llm_admin;
SELECT url_of('red');

DROP FUNCTION public.url_of;
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
