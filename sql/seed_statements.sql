-- Every SQL statement printed in the documents of the provider tables that this extension replaces, run as it is
-- printed there. What must come out is in test/seed_statements.tsv, by line of that document; where it differs from
-- the document, the difference is named and is one of those the documentation lists.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
\set load '\\copy expected FROM ''' :abs_srcdir '/test/seed_statements.tsv'' (HEADER MATCH)'
CREATE TEMPORARY TABLE expected (line integer, result text, message text, difference text);
:load
CREATE TEMPORARY TABLE actual (line integer, result text, message text);
-- Result: the SQLSTATE, or how many rows were returned or touched; message: the error's, or the one value returned.
CREATE FUNCTION pg_temp.run(line integer, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  touched bigint := 0; seen record; value text; message text;
BEGIN
  IF statement ~* '^\s*SELECT' THEN
    FOR seen IN EXECUTE statement LOOP
      touched := touched + 1;
      IF touched = 1 AND (SELECT count(*) FROM jsonb_object_keys(to_jsonb(seen))) = 1 THEN
        value := (SELECT v FROM jsonb_each_text(to_jsonb(seen)) AS e (k, v));
      END IF;
    END LOOP;
    IF touched <> 1 THEN value := NULL; END IF;
  ELSE
    EXECUTE statement;
    GET DIAGNOSTICS touched = ROW_COUNT;
  END IF;
  INSERT INTO actual VALUES (line, touched || ' rows', value);
  RETURN touched || ' rows';
EXCEPTION WHEN OTHERS THEN
  INSERT INTO actual VALUES (line, SQLSTATE, SQLERRM);
  RETURN SQLSTATE;
END $$;
-- Each chapter starts from the freshly seeded tables; only what came out is kept.
CREATE TEMPORARY TABLE kept (LIKE actual);
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public;
SET search_path = llm_admin, public;
SELECT count(*) FROM seed();

-- Database schema.
SELECT pg_temp.run(56, $$CREATE TABLE llm_provider_configs (
    id SERIAL PRIMARY KEY,
    provider_name VARCHAR(100) NOT NULL UNIQUE,
    display_name VARCHAR(255) NOT NULL,
    description TEXT,
    api_key_encrypted TEXT,
    auth_scheme VARCHAR(50) DEFAULT 'bearer',
    auth_header_template TEXT,
    base_url TEXT NOT NULL,
    endpoint_path_template TEXT NOT NULL,
    http_method VARCHAR(10) DEFAULT 'POST',
    additional_headers JSONB,
    request_builder_config JSONB NOT NULL,
    response_extractor_config JSONB NOT NULL,
    default_model VARCHAR(255) NOT NULL,
    supported_models JSONB,
    model_capabilities JSONB,
    context_window_tokens INTEGER,
    max_output_tokens_limit INTEGER,
    is_active BOOLEAN DEFAULT FALSE,
    is_enabled BOOLEAN DEFAULT TRUE,
    config_version INTEGER DEFAULT 1,
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    updated_by VARCHAR(255)
);$$);
SELECT pg_temp.run(105, $$CREATE TABLE llm_provider_config_history (
    id SERIAL PRIMARY KEY,
    provider_id INTEGER REFERENCES llm_provider_configs(id),
    action VARCHAR(50),  -- 'created', 'updated', 'activated', etc.
    config_snapshot JSONB NOT NULL,
    changed_by VARCHAR(255),
    changed_at TIMESTAMP DEFAULT NOW()
);$$);

-- Usage. The first switch is printed with the words "if enabled", and the provider is not enabled yet.
SELECT pg_temp.run(255, 'SELECT * FROM get_active_provider();');
SELECT pg_temp.run(258, $$SELECT
    provider_name,
    display_name,
    base_url,
    default_model,
    model_capabilities
FROM llm_provider_configs
WHERE is_active = TRUE;$$);
SELECT pg_temp.run(272, $$SELECT switch_active_provider('openrouter', 'admin_user');$$);
SELECT pg_temp.run(275, $$SELECT switch_active_provider('groq', 'admin_user');$$);
BEGIN;
SELECT pg_temp.run(282, $$UPDATE llm_provider_configs
SET
    api_key_encrypted = pgp_sym_encrypt('your-api-key', 'encryption-passphrase'),
    updated_at = NOW(),
    updated_by = 'admin'
WHERE provider_name = 'openrouter';$$);
SELECT pg_temp.run(290, $$UPDATE llm_provider_configs
SET
    is_enabled = TRUE,
    updated_at = NOW(),
    updated_by = 'admin'
WHERE provider_name = 'openrouter';$$);
SELECT pg_temp.run(298, $$SELECT switch_active_provider('openrouter', 'admin');$$);
SELECT pg_temp.run(305, $$SELECT
    h.changed_at,
    p.provider_name,
    h.action,
    h.changed_by
FROM llm_provider_config_history h
JOIN llm_provider_configs p ON h.provider_id = p.id
ORDER BY h.changed_at DESC;$$);
SELECT pg_temp.run(315, $$SELECT * FROM llm_provider_config_history
WHERE provider_id = (SELECT id FROM llm_provider_configs WHERE provider_name = 'groq')
ORDER BY changed_at DESC;$$);
-- The key of groq is the one that was moved over before, sealed by pgcrypto like the other.
UPDATE llm_provider_configs SET api_key_encrypted = pgp_sym_encrypt('gsk-0123456789', 'encryption-passphrase') WHERE provider_name = 'groq';
SELECT pg_temp.run(324, $$SELECT
    provider_name,
    pgp_sym_decrypt(
        decode(api_key_encrypted, 'hex'),
        'encryption-passphrase'
    ) AS decrypted_key
FROM llm_provider_configs
WHERE provider_name = 'groq';$$);
-- What takes its place.
SELECT * FROM adopt_pgcrypto_keys('encryption-passphrase');
SELECT decrypt_provider_key('groq'), decrypt_provider_key('openrouter');
SELECT coalesce(jsonb_agg(a), '[]') AS results FROM actual a \gset
ROLLBACK;
INSERT INTO kept SELECT * FROM jsonb_populate_recordset(NULL::kept, :'results');
TRUNCATE actual;

-- Rollback of the seed rows.
BEGIN;
SELECT pg_temp.run(417, $$DELETE FROM llm_provider_config_history
WHERE provider_id IN (SELECT id FROM llm_provider_configs);$$);
SELECT pg_temp.run(420, $$DELETE FROM llm_provider_configs
WHERE provider_name IN ('groq', 'openrouter', 'google_ai', 'chatgpt');$$);
-- What takes its place.
SELECT * FROM remove_seed_providers();
SELECT coalesce(jsonb_agg(a), '[]') AS results FROM actual a \gset
ROLLBACK;
INSERT INTO kept SELECT * FROM jsonb_populate_recordset(NULL::kept, :'results');

-- Testing.
BEGIN;
SELECT pg_temp.run(432, $$SELECT tablename FROM pg_tables
WHERE tablename IN ('llm_provider_configs', 'llm_provider_config_history');$$);
SELECT pg_temp.run(436, $$SELECT proname FROM pg_proc
WHERE proname LIKE '%provider%';$$) <> '0 rows' AS some;
UPDATE actual SET result = 'some rows' WHERE line = 436 AND result <> '0 rows';
SELECT pg_temp.run(440, $$SELECT tgname FROM pg_trigger
WHERE tgrelid = 'llm_provider_configs'::regclass;$$);
SELECT pg_temp.run(448, $$SELECT switch_active_provider('groq', 'test_user');$$);
SELECT pg_temp.run(451, 'SELECT COUNT(*) FROM llm_provider_configs WHERE is_active = TRUE;');
SELECT pg_temp.run(455, $$SELECT switch_active_provider('openrouter', 'test_user');$$);
SELECT pg_temp.run(463, $$INSERT INTO llm_provider_configs (
    provider_name, display_name, base_url, endpoint_path_template,
    default_model, request_builder_config, response_extractor_config
) VALUES (
    'test_provider', 'Test', 'https://api.test.com', '/v1/test',
    'test-model', '{}'::jsonb, '{}'::jsonb
);$$);
SELECT pg_temp.run(477, $$UPDATE llm_provider_configs SET is_active = TRUE WHERE provider_name = 'groq';$$);
SELECT pg_temp.run(480, 'SELECT provider_name, is_active FROM llm_provider_configs;');
SELECT provider_name FROM llm_provider_configs WHERE is_active;
SELECT coalesce(jsonb_agg(a), '[]') AS results FROM actual a \gset
ROLLBACK;
INSERT INTO kept SELECT * FROM jsonb_populate_recordset(NULL::kept, :'results');

-- Troubleshooting; two providers with the names of the examples, one of them active.
BEGIN;
UPDATE llm_provider_configs SET provider_name = 'old_provider' WHERE provider_name = 'groq';
UPDATE llm_provider_configs SET provider_name = 'another_provider', api_key_encrypted = encrypt_key('sk-example-0123456789'), is_enabled = true
WHERE provider_name = 'openrouter';
SELECT pg_temp.run(492, 'CREATE EXTENSION IF NOT EXISTS pgcrypto;');
SELECT pg_temp.run(499, $$SELECT switch_active_provider('another_provider', 'admin');$$);
SELECT pg_temp.run(502, $$DELETE FROM llm_provider_configs WHERE provider_name = 'old_provider';$$);
SELECT pg_temp.run(511, 'SELECT version();');
UPDATE actual SET message = NULL WHERE line = 511;
SELECT pg_temp.run(571, 'SELECT * FROM llm_provider_config_history;') <> '0 rows' AS some;
UPDATE actual SET result = 'some rows' WHERE line = 571 AND result <> '0 rows';
SELECT coalesce(jsonb_agg(a), '[]') AS results FROM actual a \gset
ROLLBACK;
INSERT INTO kept SELECT * FROM jsonb_populate_recordset(NULL::kept, :'results');

-- The comparison: what came out otherwise than the table says, and what was not run.
SELECT coalesce(e.line, k.line) AS line, k.result, e.result AS should_be, k.message, e.message AS message_should_be
FROM kept k FULL JOIN expected e USING (line)
WHERE k.result IS DISTINCT FROM e.result OR k.message IS DISTINCT FROM e.message ORDER BY 1;
SELECT count(*) AS statements, count(difference) AS differing FROM expected;
DROP EXTENSION pgcrypto;
DROP EXTENSION llm_admin CASCADE;
