-- import_admin_settings(): a JSON settings file becomes a provider's key, base URL, endpoint and model.
CREATE EXTENSION llm_admin;
SET search_path = llm_admin, public;
\set SHOW_CONTEXT never
-- Without rows: the error says how to get them.
SELECT * FROM import_admin_settings('{"provider": "groq", "api_key": "gsk_first_key_0123456789"}');
SELECT * FROM import_admin_settings('{"groq": {"api_key": "gsk_first_key_0123456789"}}');
SELECT count(*) > 0 AS seeded FROM seed();

-- The documented shape, twice: the second time nothing is written.
\set file '{"provider": "groq", "api_key": "gsk_first_key_0123456789", "base_url": "https://api.groq.com", "endpoint": "/openai/v1/responses", "model": "another/model"}'
SELECT * FROM import_admin_settings(:'file', 'the importer');
SELECT decrypt_provider_key('groq');
CREATE TEMP TABLE before AS SELECT xmin AS version FROM llm_provider_configs WHERE provider_name = 'groq';
SELECT * FROM import_admin_settings(:'file', 'the importer');
SELECT p.xmin = b.version AS untouched FROM llm_provider_configs p, before b WHERE p.provider_name = 'groq';
SELECT action, changed_by FROM provider_history('groq') WHERE action <> 'created' ORDER BY action COLLATE "C";

-- Key and origin change together in one statement; the same key for a new origin is sealed anew.
SELECT * FROM import_admin_settings('{"provider": "groq", "key": "gsk_second_key_0123456789", "baseUrl": "https://eu.example.com/groq"}');
SELECT * FROM import_admin_settings('{"provider": "groq", "key": "gsk_second_key_0123456789", "baseUrl": "https://us.example.com/groq"}');
SELECT decrypt_provider_key('groq') AS key, base_url FROM get_provider('groq');
-- A new origin without the key is refused, and nothing is kept of such a file.
SELECT * FROM import_admin_settings('{"provider": "groq", "base_url": "https://thief.example.net", "model": "lost"}');
SELECT base_url, default_model FROM get_provider('groq');

-- The other shapes: under the provider's name, under llm, under providers (several), and without a name.
SELECT * FROM import_admin_settings('{"openrouter": {"apiKey": "sk-or-0123456789abcdef", "defaultModel": "a/b"}}');
SELECT * FROM import_admin_settings('{"llm": {"provider_name": "groq", "default_model": "c/d"}}');
SELECT * FROM import_admin_settings('{"providers": {"chatgpt": {"api_key": "sk-0123456789abcdefghij"},
                                                    "google_ai": {"api_key": "AIza0123456789abcdefghij"}}}');
SELECT step, outcome, detail FROM import_admin_settings('{"model": "e/f", "api_key": null, "endpoint": ""}');
SELECT provider_name, decrypt_provider_key(provider_name) AS key, default_model
FROM llm_provider_configs
WHERE api_key_encrypted IS NOT NULL ORDER BY provider_name;
UPDATE llm_provider_configs SET is_active = false WHERE is_active;
SELECT * FROM import_admin_settings('{"model": "e/f"}');

-- What stood there before is named, never shown.
UPDATE llm_provider_configs SET api_key_encrypted = 'kms:sealed-by-the-application' WHERE provider_name = 'openrouter';
SELECT * FROM import_admin_settings('{"openrouter": {"api_key": "sk-or-0123456789abcdef"}}');

-- Faults, all before anything is written. No message holds the key.
SELECT * FROM import_admin_settings(NULL);
SELECT * FROM import_admin_settings('[]');
SELECT * FROM import_admin_settings('{}');
SELECT * FROM import_admin_settings('{"provider": "groq"}');
SELECT * FROM import_admin_settings('{"provider": "groq", "apikey": "gsk_third_key_0123456789"}');
SELECT * FROM import_admin_settings('{"provider": "groq", "temperature": 1}');
SELECT * FROM import_admin_settings('{"provider": "groq", "api_key": 12}');
SELECT * FROM import_admin_settings('{"groq": {"api_key": "gsk_third_key_0123456789", "bas_url": "https://api.groq.com"}}');
SELECT * FROM import_admin_settings('{"provider": "groq", "api_key": "gsk_third_key_0123456789", "key": "gsk_fourth_key_0123456789"}');
SELECT * FROM import_admin_settings('{"provider": "groq", "api_key": "gsk_third_key\n"}');
SELECT * FROM import_admin_settings('{"provider": "grok", "api_key": "gsk_third_key_0123456789"}');
SELECT * FROM import_admin_settings('{"groq": {"provider": "openrouter", "model": "x"}}');
SELECT * FROM import_admin_settings('{"llm": {"provider": "groq", "model": "x"}, "groq": {"model": "y"}}');
SELECT * FROM import_admin_settings('{"model": "x", "groq": {"model": "y"}}');
SELECT * FROM import_admin_settings('{"providers": {"groq": "gsk_third_key_0123456789"}}');
SELECT * FROM import_admin_settings('{"provider": "groq", "api_key": "gsk_third_key_0123456789", "base_url": "http://api.example.com"}');
SELECT * FROM import_admin_settings('{"provider": "groq", "endpoint": "no/slash"}');
BEGIN READ ONLY;
SELECT * FROM import_admin_settings('{"provider": "groq", "model": "x"}');
ROLLBACK;
SELECT decrypt_provider_key('groq') AS key, default_model FROM get_provider('groq');

DROP EXTENSION llm_admin CASCADE;
