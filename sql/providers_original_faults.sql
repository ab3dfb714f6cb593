-- What the SQL files that this extension replaces got wrong: one block for each fault, so that none comes back.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) FROM seed();
SELECT encrypt_key('sk-test-0123456789abcdef') AS envelope \gset

-- An inactive provider could not be deleted: its own history held it by a foreign key.
SELECT pg_temp.outcome($$DELETE FROM llm_provider_configs WHERE provider_name = 'chatgpt'$$);
SELECT provider_name, action FROM provider_history('chatgpt') ORDER BY action;
SELECT count(*) FROM pg_constraint WHERE conrelid = 'llm_provider_config_history'::regclass AND contype = 'f';

-- Inserting a second active row failed; it takes over.
CREATE FUNCTION pg_temp.add(name text, active boolean, enabled boolean DEFAULT true) RETURNS void LANGUAGE sql AS $$
  INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, default_model,
    request_builder_config, response_extractor_config, is_active, is_enabled)
  SELECT name, name, 'https://' || name || '.example', '/v1/chat', 'm', request_builder_config,
         response_extractor_config, active, enabled
  FROM shipped_dialects() WHERE dialect = 'openai_chat'
$$;
SELECT pg_temp.outcome($$SELECT pg_temp.add('second', true)$$);
SELECT provider_name FROM llm_provider_configs WHERE is_active;

-- Activating another row directly failed; it takes over, in single statements, in any order.
UPDATE llm_provider_configs SET is_active = true WHERE provider_name = 'groq';
SELECT provider_name FROM llm_provider_configs WHERE is_active;
BEGIN;
UPDATE llm_provider_configs SET is_active = true WHERE provider_name = 'second';
UPDATE llm_provider_configs SET is_active = true WHERE provider_name = 'groq';
UPDATE llm_provider_configs SET is_active = true WHERE provider_name = 'second';
COMMIT;
SELECT provider_name FROM llm_provider_configs WHERE is_active;

-- Activating two rows at once gave a duplicate key; now it is said what is wrong, and nothing happens.
UPDATE llm_provider_configs SET is_active = false WHERE is_active;
SELECT pg_temp.message($$UPDATE llm_provider_configs SET is_active = true WHERE provider_name IN ('groq', 'second')$$);
SELECT count(*) FROM llm_provider_configs WHERE is_active;
UPDATE llm_provider_configs SET is_active = true WHERE provider_name = 'second';

-- A switch wrote a row of history for every provider there is; now for the two concerned.
CREATE TEMPORARY TABLE before_switch AS SELECT id FROM llm_provider_config_history;
CREATE TEMPORARY TABLE rows_before AS SELECT provider_name, xmin::text AS writer FROM llm_provider_configs;
SELECT switch_active_provider('groq', 'ann');
SELECT provider_name, action, changed_by FROM llm_provider_config_history h
WHERE NOT EXISTS (SELECT FROM before_switch b WHERE b.id = h.id) ORDER BY provider_name;
SELECT p.provider_name FROM llm_provider_configs p JOIN rows_before b USING (provider_name)
WHERE p.xmin::text <> b.writer ORDER BY 1;

-- The active provider could be disabled; activating a disabled one is refused in the same clear way.
SELECT pg_temp.outcome($$UPDATE llm_provider_configs SET is_enabled = false WHERE provider_name = 'groq'$$);
SELECT pg_temp.outcome($$UPDATE llm_provider_configs SET is_active = true WHERE provider_name = 'openrouter'$$);
SELECT pg_temp.outcome($$SELECT pg_temp.add('third', true, false)$$);
SELECT provider_name, is_enabled FROM llm_provider_configs WHERE is_active;
SELECT pg_temp.outcome($$UPDATE llm_provider_configs SET is_active = false, is_enabled = false WHERE provider_name = 'second'$$);
BEGIN;
SELECT pg_temp.outcome($$UPDATE llm_provider_configs SET is_active = false, is_enabled = false WHERE provider_name = 'groq'$$);
SELECT count(*) FROM llm_provider_configs WHERE is_active;
ROLLBACK;

-- History held the encrypted key; now a digest shows that it changed, and nothing more.
UPDATE llm_provider_configs SET api_key_encrypted = :'envelope' WHERE provider_name = 'groq';
SELECT set_provider_key('groq', 'sk-test-another-key-0001');
SELECT action, config_snapshot ->> 'api_key_encrypted' ~ '^sha256:[0-9a-f]{16}$' AS marker
FROM provider_history('groq') WHERE action = 'key_changed';
SELECT count(DISTINCT config_snapshot ->> 'api_key_encrypted') AS markers FROM provider_history('groq')
WHERE action = 'key_changed';
SELECT count(*) AS with_key FROM llm_provider_config_history h
WHERE h::text LIKE '%lma1.%' OR h::text LIKE '%sk-test%' OR h::text LIKE '%' || left(:'envelope', 40) || '%';
SELECT bool_and((SELECT count(*) FROM jsonb_object_keys(config_snapshot)) = 24) AS whole_rows
FROM llm_provider_config_history;

-- History could be edited, by anybody with the right; now by nobody, its owner and replica sessions included.
SELECT pg_temp.outcome($$UPDATE llm_provider_config_history SET changed_by = 'nobody'$$);
SELECT pg_temp.outcome($$DELETE FROM llm_provider_config_history$$);
SELECT pg_temp.outcome($$TRUNCATE llm_provider_config_history$$);
SELECT pg_temp.outcome($$UPDATE llm_provider_config_history SET changed_by = 'nobody' WHERE false$$);
BEGIN;
SET LOCAL session_replication_role = replica;
SELECT pg_temp.outcome($$DELETE FROM llm_provider_config_history$$);
SELECT pg_temp.outcome($$TRUNCATE llm_provider_config_history$$);
COMMIT;

-- Empty objects with JSON null members passed as configurations.
CREATE FUNCTION pg_temp.add_with(request jsonb, response jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, default_model,
    request_builder_config, response_extractor_config)
  VALUES ('test_provider', 'Test', 'https://api.test.com', '/v1/test', 'test-model', request, response)
$$;
SELECT pg_temp.outcome($$SELECT pg_temp.add_with('{}', '{}')$$);
SELECT pg_temp.outcome($$SELECT pg_temp.add_with('{"version": null, "payload_structure": null}', '{"version": null, "extraction_rules": null}')$$);
SELECT pg_temp.outcome($$SELECT pg_temp.add_with('{"version": "1.0", "payload_structure": {"model": null, "messages": null}}',
  '{"version": "1.0", "extraction_rules": {"text_content": null, "usage_stats": null}}')$$);
SELECT pg_temp.outcome($$SELECT pg_temp.add_with('null', 'null')$$);
SELECT pg_temp.outcome($$SELECT pg_temp.add_with(NULL, NULL)$$);
SELECT count(*) FROM llm_provider_configs WHERE provider_name = 'test_provider';

-- google_ai could not be inserted: it has no model and no messages in its body. Here it has both names.
SELECT validate_config(request_builder_config, response_extractor_config) FROM get_provider('google_ai');
SELECT set_provider_key('google_ai', 'AIza0123456789abcdefghijklmnopqrstuvwxy');
UPDATE llm_provider_configs SET is_enabled = true WHERE provider_name = 'google_ai';
SELECT url, body FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'google_ai');

-- What the original's own UPDATE stored could not be read back by its own SELECT; here it can.
SELECT set_provider_key('openrouter', 'sk-or-v1-0123456789abcdef');
SELECT decrypt_provider_key('openrouter');
DROP EXTENSION llm_admin CASCADE;
