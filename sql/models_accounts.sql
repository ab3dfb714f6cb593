-- Accounts: third place of keys. Which one a call goes by, where its key may be sent, and what rotation does with it.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();
SELECT set_provider_key('chatgpt', 'sk-of-the-provider-row-0123456789') IS NOT NULL AS set;
UPDATE llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
SELECT switch_active_provider('chatgpt') IS NOT NULL AS active;
-- The URL and the last characters of the key that a call goes by.
CREATE FUNCTION pg_temp.goes(provider text) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', b.url, right(b.headers ->> 'Authorization', 14)) FROM build_request('{"messages": [{"role": "user", "content": "hi"}]}', provider, true) b
$$;
SELECT pg_temp.goes('chatgpt');

-- By priority, then by name; one that has no key or is disabled is passed over.
INSERT INTO llm_providers (name, type, base_url, api_key_encrypted, metadata) VALUES
  ('second', 'openai', NULL, encrypt_key('sk-account-second-0123456789'), '{}'),
  ('first', 'chatgpt', 'https://proxy.example.com/v1', encrypt_key('sk-account-first-0123456789'), '{"priority": 10}'),
  ('keyless', 'openai', NULL, NULL, '{"priority": 99}'),
  ('elsewhere', 'groq', NULL, encrypt_key('sk-account-of-groq-0123456789'), '{"priority": 100}');
SELECT name, left(api_key_encrypted, 5) AS envelope, metadata FROM llm_providers ORDER BY name;
SELECT pg_temp.goes('chatgpt'), pg_temp.goes('openai') = pg_temp.goes('chatgpt') AS by_alias;
INSERT INTO account_state (subject, state, until) SELECT id::text, 'open', now() + interval '1 hour' FROM llm_providers WHERE name = 'first';
SELECT pg_temp.goes('chatgpt');
SELECT kind, name, status, until IS NOT NULL AS until FROM provider_health ORDER BY name;
UPDATE account_state SET until = now() - interval '1 second';
SELECT pg_temp.goes('chatgpt');
UPDATE llm_providers SET enabled = false WHERE name = 'first';
SELECT pg_temp.goes('chatgpt');
UPDATE llm_providers SET enabled = false WHERE name = 'second';
SELECT pg_temp.goes('chatgpt');
UPDATE llm_providers SET enabled = true WHERE name IN ('first', 'second');

-- A tenant's own configuration goes first, where its policy says so; else the platform's account.
SELECT put_llm_config('acme', '{"provider": "openrouter", "apiKey": "sk-of-the-tenant-0123456789"}') ->> 'configured' AS configured;
SELECT requested, r.source, r.provider_name, r.base_url FROM unnest(ARRAY['byollm', 'aegis', NULL]) AS q (requested), LATERAL resolve_llm('acme', requested) r;
SELECT requested, b.url, right(b.headers ->> 'Authorization', 12) AS key FROM unnest(ARRAY['byollm', 'aegis']) AS q (requested),
  LATERAL build_tenant_request('acme', '{"messages": [{"role": "user", "content": "hi"}]}', requested, true) b;
SELECT right(headers ->> 'Authorization', 12) AS key, url FROM build_request_text('{"messages": [{"role": "user", "content": "hi"}]}', 'chatgpt', '{"with_key": true}');

-- A key is never sent elsewhere than it was given for: not by a move of the row, not by a copy of the envelope.
SELECT pg_temp.outcome($$UPDATE llm_providers SET base_url = 'https://evil.example.com/v1' WHERE name = 'first'$$);
SELECT pg_temp.outcome($$UPDATE llm_providers SET type = 'groq' WHERE name = 'first'$$);
UPDATE llm_providers SET name = 'renamed', type = 'openai' WHERE name = 'first';
SELECT pg_temp.goes('chatgpt') AS renamed_and_still_open;
UPDATE llm_providers SET base_url = 'https://proxy.example.com/v2' WHERE name = 'renamed';
SELECT pg_temp.goes('chatgpt') AS same_origin;
-- The swap matrix: an envelope of each table in each other place, and in another row of its own.
CREATE FUNCTION pg_temp.put(into_table text, envelope text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.message(format(CASE into_table
    WHEN 'account' THEN $q$UPDATE llm_admin.llm_providers SET api_key_encrypted = %L WHERE name = 'second'$q$
    WHEN 'provider' THEN $q$UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = %L WHERE provider_name = 'groq'$q$
    ELSE $q$UPDATE llm_admin.llm_configs SET api_key_encrypted = %L WHERE tenant_id = 'acme'$q$ END, envelope))
$$;
WITH envelopes (of, envelope) AS (
  SELECT 'another account', api_key_encrypted FROM llm_providers WHERE name = 'renamed' UNION ALL
  SELECT 'account of groq', api_key_encrypted FROM llm_providers WHERE name = 'elsewhere' UNION ALL
  SELECT 'provider', api_key_encrypted FROM llm_provider_configs WHERE provider_name = 'chatgpt' UNION ALL
  SELECT 'tenant', api_key_encrypted FROM llm_configs)
SELECT of, into_table, pg_temp.put(into_table, envelope) FROM envelopes, unnest(ARRAY['account', 'provider', 'tenant']) AS i (into_table)
WHERE of <> into_table ORDER BY of, into_table;

-- Verification, rotation and sealing anew go over accounts, too.
SELECT * FROM verify_keys();
SELECT item, value, verdict FROM key_status() WHERE item IN ('accounts without a key', 'keys in envelopes', 'keys sealed by an older data key');
SELECT hint FROM key_status() WHERE item = 'accounts without a key';
CREATE TEMPORARY TABLE books AS SELECT name, api_key_encrypted, updated_at FROM llm_providers;
SELECT rotate_data_key();
SELECT item, value FROM key_status() WHERE item = 'keys sealed by an older data key';
SELECT * FROM reseal_keys();
SELECT count(*) AS sealed_anew, bool_and(b.updated_at = p.updated_at) AS same_times FROM books b JOIN llm_providers p USING (name) WHERE b.api_key_encrypted <> p.api_key_encrypted;
SELECT * FROM verify_keys();
SELECT pg_temp.goes('chatgpt');
SELECT key_fingerprint((SELECT api_key_encrypted FROM llm_providers WHERE name = 'second')) IS NOT NULL AS fingerprint;
SELECT item, value FROM new_installation() WHERE item LIKE 'keys of %';
SELECT * FROM verify_keys();
SELECT pg_temp.goes('chatgpt');
SELECT * FROM shred_tenant_keys('acme');
SELECT * FROM verify_keys();

-- Bad input.
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type, api_key_encrypted) VALUES ('raw', 'openai', 'sk-a-raw-key-0123456789abcdef')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type) VALUES ('x', 'opnai')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type) VALUES ('x', 'OpenAI')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type) VALUES ('', 'openai')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type) VALUES ('second', 'openai')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type, base_url) VALUES ('x', 'openai', 'http://public.example.com')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type, base_url) VALUES ('x', 'openai', 'ftp://x')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type, metadata) VALUES ('x', 'openai', '{"priority": "high"}')$$);
SELECT pg_temp.outcome($$INSERT INTO llm_providers (name, type, metadata) VALUES ('x', 'openai', '[]')$$);
SELECT pg_temp.outcome($$INSERT INTO account_state (subject, state) VALUES ('x', 'open')$$);
SELECT pg_temp.outcome($$INSERT INTO account_state (subject, state) VALUES ('x', 'broken')$$);
INSERT INTO llm_providers (name, type, api_key_encrypted, metadata) VALUES ('by the application', 'openai', 'kms:sealed-elsewhere', '{"priority": 500}');
SELECT pg_temp.outcome($$SELECT pg_temp.goes('chatgpt')$$);
SELECT url FROM build_request('{"messages": [{"role": "user", "content": "hi"}]}', 'chatgpt');
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
