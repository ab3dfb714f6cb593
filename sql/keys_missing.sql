-- Keys whose data key is not in this database are told so; values that are no key are counted; what is no envelope is a slip.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION llm_admin;
SET search_path = llm_admin, public;
\pset format unaligned
SELECT count(*) > 0 AS seeded FROM seed();
CREATE FUNCTION pg_temp.told(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE s text; m text; d text; h text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
  RETURN s || ': ' || m || E'\n  DETAIL: ' || d || E'\n  HINT: ' || h;
END $$;
CREATE VIEW pg_temp.missing AS SELECT value, verdict, hint FROM key_status() WHERE item = 'keys sealed by a data key that is not here';
SELECT set_provider_key('groq', 'gsk-platform-0123456789abcdef') AS groq;
SELECT count(put_llm_config(t, jsonb_build_object('provider', 'groq', 'apiKey', 'gsk-of-' || t || '-0123456789abcdef')))
FROM unnest(ARRAY['acme', 'bolt', 'corp', 'dune', 'east', 'fern']) AS t;
SELECT encrypt_key('sk-unbound-0123456789abcdef') AS unbound \gset
SELECT * FROM pg_temp.missing;
-- One tenant's data keys are gone.
BEGIN;
DELETE FROM data_keys WHERE tenant_id = 'acme';
SELECT * FROM verify_keys();
SELECT * FROM pg_temp.missing;
SELECT pg_temp.told($$SELECT decrypt_tenant_key('acme')$$);
SELECT pg_temp.told($$SELECT build_tenant_request('acme', '{"messages": [{"role": "user", "content": "x"}]}', 'byollm', true)$$);
SELECT pg_temp.told($$SELECT key_fingerprint(api_key_encrypted) FROM llm_configs WHERE tenant_id = 'acme'$$);
SELECT pg_temp.told($$UPDATE llm_configs SET tenant_id = 'acme2' WHERE tenant_id = 'acme'$$);
SELECT get_llm_config('acme') ->> 'maskedKey' AS masked;
SELECT * FROM reseal_keys();
-- The hint of a shredded tenant works.
SELECT * FROM shred_tenant_keys('acme');
SELECT * FROM pg_temp.missing;
ROLLBACK;
-- All data keys of tenants.
BEGIN;
DELETE FROM data_keys WHERE tenant_id IS NOT NULL;
SELECT * FROM verify_keys();
SELECT * FROM pg_temp.missing;
ROLLBACK;
-- All of them: nothing was restored but the keys. Unbound envelopes, too.
BEGIN;
DELETE FROM data_keys;
SELECT * FROM verify_keys();
SELECT value, verdict FROM pg_temp.missing;
SELECT pg_temp.told($$SELECT decrypt_provider_key('groq')$$);
SELECT pg_temp.told(format('SELECT decrypt_key(%L)', :'unbound'));
ROLLBACK;
-- A data key whose root key was left out is another matter.
BEGIN;
DELETE FROM root_keys;
SELECT verdict FROM pg_temp.missing;
ROLLBACK;
-- Altered and moved ones keep the one text.
BEGIN;
SET LOCAL session_replication_role = replica;
ALTER TABLE llm_configs DISABLE TRIGGER ALL;
UPDATE llm_configs SET api_key_encrypted = (SELECT b.api_key_encrypted FROM llm_configs b WHERE b.tenant_id = 'bolt') WHERE tenant_id = 'acme';
UPDATE llm_configs SET api_key_encrypted = left(api_key_encrypted, -5) || 'AAAAA' WHERE tenant_id = 'corp';
UPDATE llm_configs SET api_key_encrypted = left(api_key_encrypted, 40) WHERE tenant_id = 'dune';
UPDATE llm_configs SET api_key_encrypted = 'gsk-raw-0123456789abcdef' WHERE tenant_id = 'east';
UPDATE llm_configs SET api_key_encrypted = :'unbound' WHERE tenant_id = 'fern';
SELECT * FROM verify_keys();
SELECT item, value, verdict, hint FROM key_status() WHERE item ~ 'not here|unbound|no key|in envelopes' ORDER BY item;
SELECT t AS tenant, pg_temp.told(format('SELECT decrypt_tenant_key(%L)', t)) FROM unnest(ARRAY['acme', 'corp', 'dune', 'east', 'fern']) AS t;
SELECT tenant_id, key_state FROM list_llm_configs();
ROLLBACK;
BEGIN;
ALTER TABLE llm_provider_configs DISABLE TRIGGER ALL;
UPDATE llm_provider_configs SET api_key_encrypted = 'gsk-raw-0123456789abcdef' WHERE provider_name = 'groq';
UPDATE llm_provider_configs SET api_key_encrypted = :'unbound' WHERE provider_name = 'chatgpt';
SELECT * FROM verify_keys();
SELECT item, value, verdict, hint FROM key_status() WHERE item ~ 'not here|unbound|no key|in envelopes' ORDER BY item;
ROLLBACK;
-- What is no envelope at all says nothing of the stored key.
SELECT pg_temp.told($$SELECT key_fingerprint('chatgpt')$$);
SELECT pg_temp.told($$SELECT key_fingerprint('')$$);
SELECT pg_temp.told($$SELECT key_fingerprint('sk-a-key-itself-0123456789')$$) !~ 'itself' AS not_quoted;
SELECT pg_temp.told($$SELECT decrypt_key('groq')$$);
SELECT pg_temp.told($$SELECT decrypt_key(api_key_encrypted) FROM llm_provider_configs WHERE provider_name = 'groq'$$);
SELECT pg_temp.told($$SELECT key_fingerprint('lma1.cut')$$);
SELECT pg_temp.told($$SELECT key_fingerprint('kms:abc')$$) ~ '^22023' AS foreign;
SELECT pg_temp.told(format('SELECT import_pgcrypto_key(%L, %L)', 'groq', 'x')) ~ '^22023' AS import;
DROP EXTENSION llm_admin CASCADE;
