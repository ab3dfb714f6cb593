-- Values that the server keeps out of line: long keys, long columns, arguments read from a table.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS llm_admin;
RESET client_min_messages;
SET search_path = llm_admin, public;
SELECT count(*) FROM seed();
SELECT string_agg(md5(i::text), '') AS long_key FROM generate_series(1, 300) AS i \gset
-- A long key survives its way into the row and out again, by every road.
SELECT set_provider_key('groq', :'long_key');
SELECT decrypt_provider_key('groq') = :'long_key' AS equal;
-- Other columns of the row went out of line with it; that is no change worth a row of history.
SELECT action FROM provider_history('groq') ORDER BY action COLLATE "C";
SELECT headers ->> 'Authorization' = 'Bearer ' || :'long_key' AS equal
FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'groq', with_key => true);
SELECT key_hint, config_status FROM list_providers() WHERE provider_name = 'groq';
SELECT * FROM verify_keys();
SELECT count(DISTINCT key_fingerprint(api_key_encrypted)) FROM llm_provider_configs WHERE api_key_encrypted IS NOT NULL;
UPDATE llm_provider_configs SET provider_name = 'groq_long' WHERE provider_name = 'groq';
SELECT decrypt_provider_key('groq_long') = :'long_key' AS equal;
-- The same for arguments that come from a table.
CREATE TEMP TABLE long_values (what text, value text);
ALTER TABLE long_values ALTER COLUMN value SET STORAGE EXTERNAL;
INSERT INTO long_values VALUES ('key', :'long_key'), ('envelope', encrypt_key(:'long_key', 'here'));
SELECT mask_key(value) FROM long_values WHERE what = 'key';
SELECT decrypt_key(value, 'here') = :'long_key' AS equal FROM long_values WHERE what = 'envelope';
SELECT set_provider_key('openrouter', value) FROM long_values WHERE what = 'key';
SELECT decrypt_provider_key('openrouter') = :'long_key' AS equal;
-- Mappings, capabilities and headers out of line.
UPDATE llm_provider_configs
SET model_capabilities = (SELECT jsonb_object_agg(md5(i::text), i) FROM generate_series(1, 300) AS i),
    additional_headers = jsonb_build_object('X-Long', :'long_key'),
    description = :'long_key'
WHERE provider_name = 'groq_long';
SELECT headers ->> 'X-Long' = :'long_key' AS header, body FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'groq_long');
DROP TABLE long_values;
DROP EXTENSION llm_admin CASCADE;
