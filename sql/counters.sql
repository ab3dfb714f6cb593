-- Numbers that rise end with an error, never with a smaller number.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION llm_admin;
SET search_path = llm_admin, public;
\pset format unaligned
SELECT provider_name FROM create_provider('Alpha', 'https://alpha.example.com/v1', 'm-1', 'alpha');
-- What an INSERT says of the version does not count.
INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, request_builder_config,
  response_extractor_config, default_model, config_version)
SELECT 'beta', 'Beta', base_url, endpoint_path_template, request_builder_config, response_extractor_config, 'm', 2147483647
FROM llm_provider_configs WHERE provider_name = 'alpha' RETURNING config_version;
UPDATE llm_provider_configs SET config_version = 2147483647 WHERE provider_name = 'beta' RETURNING config_version;
UPDATE llm_provider_configs SET base_url = 'https://beta.example.com/v1' WHERE provider_name = 'beta' RETURNING config_version;
-- A load brings what it brings; from the highest one on nothing that would raise it is stored.
ALTER TABLE llm_provider_configs DISABLE TRIGGER ALL;
UPDATE llm_provider_configs SET config_version = 2147483646 WHERE provider_name = 'beta';
ALTER TABLE llm_provider_configs ENABLE TRIGGER ALL;
UPDATE llm_provider_configs SET base_url = 'https://beta.example.com/v2' WHERE provider_name = 'beta' RETURNING config_version;
UPDATE llm_provider_configs SET base_url = 'https://beta.example.com/v3' WHERE provider_name = 'beta' RETURNING config_version;
UPDATE llm_provider_configs SET http_method = 'PUT' WHERE provider_name = 'beta';
UPDATE llm_provider_configs SET description = 'goes on' WHERE provider_name = 'beta' RETURNING config_version;
SELECT * FROM purge_provider('beta');
-- Data keys.
SELECT set_provider_key('alpha', 'key-0123456789abcdefghij'), put_llm_config('a', '{"provider": "alpha", "apiKey": "key-of-a-0123456789abcdef"}') ->> 'maskedKey';
SELECT rotate_data_key();
UPDATE data_keys SET version = 2147483647 WHERE tenant_id = 'a' OR version = 2;
SELECT rotate_data_key();
SELECT rotate_data_key('a');
-- The hint works.
SELECT * FROM shred_tenant_keys('a');
SELECT put_llm_config('a', '{"apiKey": "key-of-a-0123456789abcdef"}') ->> 'maskedKey' AS put, rotate_data_key('a') AS version;
SELECT decrypt_tenant_key('a');
DROP EXTENSION llm_admin CASCADE;
