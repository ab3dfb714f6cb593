-- llm_configs by plain SQL, as ORMs write it: what the row's triggers make of keys, names, addresses and times.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT verdict, detail FROM verify_llm_configs() WHERE item = 'write';
SELECT count(*) > 0 AS seeded FROM seed();
SET timezone = 'UTC';
SET datestyle = 'ISO';

-- The statements of the runbook that this table replaces, as they are printed there: the table is there already.
SELECT EXISTS (
    SELECT FROM information_schema.tables
    WHERE table_name = 'llm_configs'
  );
CREATE TABLE IF NOT EXISTS "llm_configs" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL DEFAULT 'openrouter',
    "api_key_encrypted" TEXT NOT NULL,
    "base_url" TEXT,
    "default_model" TEXT,
    "policy" TEXT NOT NULL DEFAULT 'choice',
    "last_tested_at" TIMESTAMP(3),
    "last_test_result" TEXT,
    "last_test_latency" INTEGER,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "llm_configs_pkey" PRIMARY KEY ("id")
  );
CREATE UNIQUE INDEX IF NOT EXISTS "llm_configs_tenant_id_key"
  ON "llm_configs"("tenant_id");
CREATE UNIQUE INDEX "llm_configs_tenant_id_key" ON "llm_configs"("tenant_id");
SELECT count(*) FROM llm_configs;  -- Should be 0
SELECT table_name, column_name, data_type, column_default
FROM information_schema.columns
WHERE table_name = 'llm_configs'
ORDER BY ordinal_position;
SELECT column_name, is_nullable, datetime_precision FROM information_schema.columns
WHERE table_name = 'llm_configs' AND (is_nullable = 'NO' OR datetime_precision IS NOT NULL) ORDER BY ordinal_position;
SELECT indexname, indexdef
FROM pg_indexes
WHERE tablename = 'llm_configs';
-- Its rollback is DROP EXTENSION; what it verified by hand is one call.
SELECT pg_temp.message('DROP INDEX IF EXISTS "llm_configs_tenant_id_key"') AS index, pg_temp.message('DROP TABLE IF EXISTS "llm_configs"') AS "table";
SELECT * FROM verify_llm_configs();

-- Defaults; an encrypt_key() value is bound to the row that it is stored in.
SELECT encrypt_key('sk-or-v1-0123456789abcdef') AS sealed \gset
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('acme', :'sealed'), ('bolt', :'sealed');
SELECT tenant_id, provider, policy, id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' AS uuid, pg_typeof(id),
  created_at = updated_at AS same, created_at = date_trunc('milliseconds', created_at) AS in_ms,
  api_key_encrypted <> :'sealed' AS bound, decrypt_tenant_key(tenant_id) AS key
FROM llm_configs ORDER BY tenant_id;
SELECT count(DISTINCT api_key_encrypted) AS envelopes, count(DISTINCT key_fingerprint(api_key_encrypted)) AS keys FROM llm_configs;
-- The client's own id, times and everything.
INSERT INTO llm_configs VALUES ('cuid0001', 'corp', 'OpenAI', :'sealed', 'https://llm.corp.example/v1/chat/completions/', 'gpt-x', 'byollm_only',
  '2026-01-02 03:04:05.6789Z', 'success', 12, '2026-01-01 00:00:00.1234Z', '2026-01-01 00:00:00.9996Z');
SELECT provider, base_url, last_tested_at, created_at, updated_at, decrypt_tenant_key('corp') AS key FROM llm_configs WHERE id = 'cuid0001';
-- Times go out in the session's zone and mean the same moment.
SET timezone = 'Asia/Kolkata';
SELECT created_at, created_at = '2026-01-01 00:00:00.123Z' AS same FROM llm_configs WHERE id = 'cuid0001';
SET timezone = 'UTC';

-- What a key column takes: sealed, the application's own, or waiting for adoption. Never a raw key.
SELECT api_key_encrypted AS bound FROM llm_configs WHERE tenant_id = 'acme' \gset
SELECT set_provider_key('openrouter', 'sk-or-the-platforms-0123456789') AS stored, set_provider_key('chatgpt', 'sk-or-v1-0123456789abcdef') AS stored_too;
CREATE FUNCTION pg_temp.store(value text, tenant text DEFAULT 'new') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome(format('INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES (%L, %L)', tenant, value))
$$;
BEGIN;
SELECT pg_temp.store('sk-or-v1-0123456789abcdef');
SELECT pg_temp.store('kms-stub:abc'), pg_temp.store('vault:abc', 'v'), pg_temp.store('kms:', 'w'), pg_temp.store('kms:a b', 'x');
SELECT pg_temp.store('kms:projects/p/keys/k#abc') AS foreign_scheme, pg_temp.store('\xc30d04070302' || repeat('11', 8) || '60' || 'd20101', 'pgp') AS openpgp;
SELECT pg_temp.store('', 'empty'), pg_temp.store(NULL, 'none');
SELECT pg_temp.store(left(:'sealed', -1), 'cut'), pg_temp.store(:'sealed' || 'A', 'longer'), pg_temp.store(encrypt_key('sk', 'context'), 'context');
-- Of another tenant, another table, the same place but another origin.
SELECT pg_temp.store(:'bound', 'other tenant');
SELECT pg_temp.store((SELECT api_key_encrypted FROM llm_provider_configs WHERE provider_name = 'openrouter'), 'openrouter') AS of_provider;
SELECT pg_temp.message(format('UPDATE llm_provider_configs SET api_key_encrypted = %L WHERE provider_name = %L', :'bound', 'openrouter')) AS to_provider;
SELECT pg_temp.message(format('UPDATE llm_configs SET api_key_encrypted = %L WHERE tenant_id = %L', :'bound', 'bolt')) AS moved;
SELECT tenant_id, api_key_encrypted FROM llm_configs WHERE api_key_encrypted !~ '^lma1' ORDER BY 1;
ROLLBACK;
SET llm_admin.foreign_schemes = 'vault, kms';
SET llm_admin.allow_stub_keys = on;
BEGIN;
SELECT pg_temp.store('vault:abc', 'v') AS vault, pg_temp.store('kms-stub:abc', 's') AS stub;
ROLLBACK;
RESET llm_admin.foreign_schemes;
RESET llm_admin.allow_stub_keys;
-- An envelope goes back where it came from, as after an export.
BEGIN;
DELETE FROM llm_configs WHERE tenant_id = 'acme';
SELECT pg_temp.store(:'bound', 'acme') AS back;
SELECT decrypt_tenant_key('acme');
ROLLBACK;

-- UPDATE: another key, none, the same again.
UPDATE llm_configs SET api_key_encrypted = encrypt_key('sk-or-v2-0123456789abcdef') WHERE tenant_id = 'acme';
SELECT decrypt_tenant_key('acme');
SELECT api_key_encrypted AS bound FROM llm_configs WHERE tenant_id = 'acme' \gset
UPDATE llm_configs SET api_key_encrypted = api_key_encrypted, provider = provider, base_url = base_url WHERE tenant_id = 'acme';
SELECT api_key_encrypted = :'bound' AS untouched FROM llm_configs WHERE tenant_id = 'acme';
UPDATE llm_configs SET api_key_encrypted = '' WHERE tenant_id = 'acme';
SELECT get_llm_config('acme') -> 'maskedKey' AS mask, pg_temp.outcome($$SELECT decrypt_tenant_key('acme')$$) AS decrypted;
SELECT pg_temp.message($$UPDATE llm_configs SET api_key_encrypted = NULL WHERE tenant_id = 'acme'$$);
-- Without a key nothing holds it to a provider or an address.
UPDATE llm_configs SET provider = 'groq', base_url = 'https://groq.acme.example' WHERE tenant_id = 'acme';
UPDATE llm_configs SET api_key_encrypted = encrypt_key('gsk-0123456789abcdefghij') WHERE tenant_id = 'acme';
SELECT provider, base_url, decrypt_tenant_key('acme') FROM llm_configs WHERE tenant_id = 'acme';

-- Another provider, another origin: with another key only. A name of the same provider is no other.
SELECT pg_temp.outcome($$UPDATE llm_configs SET provider = 'mistral' WHERE tenant_id = 'acme'$$);
SELECT pg_temp.message($$UPDATE llm_configs SET base_url = 'https://other.example' WHERE tenant_id = 'acme'$$),
  pg_temp.message($$UPDATE llm_configs SET base_url = NULL WHERE tenant_id = 'acme'$$), pg_temp.message($$UPDATE llm_configs SET provider = NULL WHERE tenant_id = 'acme'$$);
UPDATE llm_configs SET base_url = 'https://groq.acme.example/below/' WHERE tenant_id = 'acme';
UPDATE llm_configs SET provider = 'chatgpt' WHERE tenant_id = 'corp';
SELECT pg_temp.message($$UPDATE llm_configs SET provider = 'nobody', api_key_encrypted = 'kms:x' WHERE tenant_id = 'corp'$$);
UPDATE llm_configs SET provider = 'mistral', base_url = NULL, api_key_encrypted = encrypt_key('mk-0123456789abcdefghij') WHERE tenant_id = 'acme';
SELECT tenant_id, provider, base_url, decrypt_tenant_key(tenant_id) FROM llm_configs WHERE tenant_id IN ('acme', 'corp') ORDER BY 1;
-- Empty texts are no addresses; what no address is, is refused, and what is too long.
UPDATE llm_configs SET base_url = '' WHERE tenant_id = 'acme';
SELECT base_url FROM llm_configs WHERE tenant_id = 'acme';
SELECT pg_temp.message($$UPDATE llm_configs SET base_url = 'http://mistral.example' WHERE tenant_id = 'acme'$$),
  pg_temp.message($$UPDATE llm_configs SET base_url = 'https://api.mistral.ai/' || repeat('x', 3000) WHERE tenant_id = 'acme'$$);
-- A foreign key goes along with its tenant, but not to another vendor.
UPDATE llm_configs SET api_key_encrypted = 'kms:of-acme' WHERE tenant_id = 'acme';
UPDATE llm_configs SET base_url = 'https://mistral.acme.example' WHERE tenant_id = 'acme';
SELECT pg_temp.message($$UPDATE llm_configs SET provider = 'groq' WHERE tenant_id = 'acme'$$), pg_temp.outcome($$SELECT decrypt_tenant_key('acme')$$);
SELECT put_llm_config('acme', '{"provider": "groq", "keepKey": true, "baseUrl": null}') ->> 'maskedKey' AS mask;
SELECT api_key_encrypted FROM llm_configs WHERE tenant_id = 'acme';

-- Renaming a tenant seals its key anew; others cannot take it by it.
SELECT api_key_encrypted AS bound FROM llm_configs WHERE tenant_id = 'bolt' \gset
UPDATE llm_configs SET tenant_id = 'bolt & co' WHERE tenant_id = 'bolt';
SELECT api_key_encrypted <> :'bound' AS sealed_anew, decrypt_tenant_key('bolt & co') FROM llm_configs WHERE tenant_id = 'bolt & co';
SELECT pg_temp.message($$UPDATE llm_configs SET tenant_id = 'corp' WHERE tenant_id = 'bolt & co'$$), pg_temp.message($$UPDATE llm_configs SET tenant_id = '' WHERE tenant_id = 'bolt & co'$$),
  pg_temp.message($$UPDATE llm_configs SET tenant_id = E'a\nb' WHERE tenant_id = 'bolt & co'$$), pg_temp.message($$UPDATE llm_configs SET tenant_id = NULL WHERE tenant_id = 'bolt & co'$$);
UPDATE llm_configs SET tenant_id = 'bolt' WHERE tenant_id = 'bolt & co';
-- Renamed and redirected at once: the key is not sent along.
SELECT pg_temp.message($$UPDATE llm_configs SET tenant_id = 'x', base_url = 'https://evil.example' WHERE tenant_id = 'bolt'$$);

-- Upserts: values of their own, and what would have been inserted.
INSERT INTO llm_configs (tenant_id, api_key_encrypted, policy) VALUES ('bolt', encrypt_key('sk-or-v3-0123456789abcdef'), 'aegis_only')
ON CONFLICT (tenant_id) DO UPDATE SET api_key_encrypted = EXCLUDED.api_key_encrypted, policy = EXCLUDED.policy;
SELECT policy, decrypt_tenant_key('bolt') FROM llm_configs WHERE tenant_id = 'bolt';
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('bolt', encrypt_key('sk-or-v4-0123456789abcdef'))
ON CONFLICT (tenant_id) DO UPDATE SET api_key_encrypted = encrypt_key('sk-or-v5-0123456789abcdef'), policy = 'choice' RETURNING policy, xmax <> 0 AS updated;
SELECT decrypt_tenant_key('bolt');
INSERT INTO llm_configs (tenant_id, api_key_encrypted, provider, base_url) VALUES ('bolt', encrypt_key('gsk-0123456789abcdefghij'), 'groq', 'https://groq.bolt.example')
ON CONFLICT (tenant_id) DO UPDATE SET (api_key_encrypted, provider, base_url) = (EXCLUDED.api_key_encrypted, EXCLUDED.provider, EXCLUDED.base_url);
SELECT provider, base_url, decrypt_tenant_key('bolt') FROM llm_configs WHERE tenant_id = 'bolt';
-- A form without a key proposes an empty one: it is none of the row's that is there, unless it is written there.
INSERT INTO llm_configs (tenant_id, api_key_encrypted, policy) VALUES ('bolt', '', 'byollm_only') ON CONFLICT (tenant_id) DO UPDATE SET policy = EXCLUDED.policy;
SELECT policy, decrypt_tenant_key('bolt') FROM llm_configs WHERE tenant_id = 'bolt';
SELECT pg_temp.message($$INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('bolt', '')$$),
  pg_temp.message($$INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('new', '') ON CONFLICT (tenant_id) DO UPDATE SET policy = EXCLUDED.policy$$);
BEGIN;
SELECT enter_tenant('acme');
SELECT pg_temp.message($$INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('bolt', '') ON CONFLICT (tenant_id) DO UPDATE SET policy = EXCLUDED.policy$$);
ROLLBACK;
-- EXCLUDED's key was bound to where EXCLUDED would have sent it.
SELECT pg_temp.message($$INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('bolt', encrypt_key('sk-0123456789abcdefghij'))
  ON CONFLICT (tenant_id) DO UPDATE SET api_key_encrypted = EXCLUDED.api_key_encrypted$$);
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('bolt', 'kms:x') ON CONFLICT DO NOTHING;
SELECT pg_temp.message($$INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('bolt', 'kms:x')$$);
MERGE INTO llm_configs c USING (VALUES ('bolt')) AS v (t) ON c.tenant_id = v.t WHEN MATCHED THEN UPDATE SET default_model = 'merged';
SELECT default_model FROM llm_configs WHERE tenant_id = 'bolt';

COPY llm_configs (tenant_id, api_key_encrypted, base_url) FROM stdin;
copied	kms:of-copied	https://llm.copied.example/v1/
\.
COPY llm_configs (tenant_id, api_key_encrypted) FROM stdin;
raw	sk-raw-0123456789abcdef
\.
SELECT tenant_id, base_url FROM llm_configs WHERE tenant_id IN ('copied', 'raw');
DELETE FROM llm_configs WHERE tenant_id = 'copied';

-- updated_at: kept by the trigger, to the millisecond; a client's own value is taken; nothing changed, nothing moved.
UPDATE llm_configs SET updated_at = '2020-01-01 00:00:00.1234Z' WHERE tenant_id = 'bolt';
SELECT updated_at FROM llm_configs WHERE tenant_id = 'bolt';
UPDATE llm_configs SET policy = policy WHERE tenant_id = 'bolt';
SELECT updated_at FROM llm_configs WHERE tenant_id = 'bolt';
UPDATE llm_configs SET policy = 'aegis_only', updated_at = '2021-01-01 00:00:00Z' WHERE tenant_id = 'bolt';
SELECT updated_at FROM llm_configs WHERE tenant_id = 'bolt';
BEGIN;
UPDATE llm_configs SET policy = 'choice', updated_at = updated_at WHERE tenant_id = 'bolt';
SELECT updated_at = date_trunc('milliseconds', now()) AS now FROM llm_configs WHERE tenant_id = 'bolt';
ROLLBACK;
SELECT pg_temp.message($$UPDATE llm_configs SET updated_at = NULL WHERE tenant_id = 'bolt'$$);
-- The rest of the row.
SELECT pg_temp.outcome($$UPDATE llm_configs SET policy = 'free' WHERE tenant_id = 'bolt'$$);
SELECT pg_temp.message($$UPDATE llm_configs SET last_test_latency = -1$$), pg_temp.message($$UPDATE llm_configs SET id = NULL$$), pg_temp.message($$UPDATE llm_configs SET id = 'same'$$);
-- The checks hold without the triggers.
SET session_replication_role = replica;
SELECT pg_temp.message($$UPDATE llm_configs SET policy = 'free'$$);
RESET session_replication_role;
SELECT pg_temp.message('SELECT validate_llm_config()');
CREATE TEMP TABLE elsewhere (tenant_id text);
CREATE TRIGGER stolen BEFORE INSERT ON elsewhere FOR EACH ROW EXECUTE FUNCTION validate_llm_config();
SELECT pg_temp.message($$INSERT INTO elsewhere VALUES ('a')$$);
DROP TABLE elsewhere;

-- A trigger of somebody's that suppresses the change: no function says that all went well.
CREATE FUNCTION pg_temp.suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE OR DELETE ON llm_configs FOR EACH ROW EXECUTE FUNCTION pg_temp.suppress();
SELECT pg_temp.outcome(s) FROM unnest(ARRAY[$$SELECT put_llm_config('bolt', '{"policy": "choice"}')$$, $$SELECT put_llm_config('new', '{"apiKey": "sk-0123456789abcdefghij"}')$$,
  $$SELECT record_llm_test('bolt', true)$$, $$SELECT delete_llm_config('bolt')$$]) AS s;
SELECT item, verdict, detail FROM verify_llm_configs() WHERE verdict <> 'ok';
DROP TRIGGER suppress ON llm_configs;

-- pgcrypto's values are adopted: this one, pgp_sym_encrypt() made once.
CREATE EXTENSION pgcrypto SCHEMA public;
\set pgp '\\xc30d04070302c2e844ed914288b672d24a01ad041521acd2e55eca1b2b60cf55ae3a0131b7a6c9e9e6fa8672e3169ee3001388cbfa88050cac709c4175793279daedca8c4b27eb4e5eca714b5a00b5c72e906032bf863df77e32a5'
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('old', :'pgp');
SELECT pg_temp.outcome($$SELECT decrypt_tenant_key('old')$$), get_llm_config('old') ->> 'maskedKey' AS mask;
SELECT tenant_id, key_state FROM list_llm_configs();
SELECT * FROM adopt_pgcrypto_keys('another');
BEGIN;
DELETE FROM llm_provider_configs WHERE provider_name = 'openrouter';
SELECT * FROM adopt_pgcrypto_keys('passphrase');
ROLLBACK;
SELECT * FROM adopt_pgcrypto_keys('passphrase');
SELECT decrypt_tenant_key('old');
SELECT * FROM verify_keys();
DROP EXTENSION pgcrypto;
DELETE FROM llm_configs WHERE tenant_id = 'old';
TRUNCATE llm_configs;
SELECT count(*) FROM llm_configs;
DROP EXTENSION llm_admin CASCADE;
