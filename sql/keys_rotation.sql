-- The life of keys: new data keys, sealing anew, root keys, shredding. Under load and under kills: test/t/035 and 036.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();
CREATE FUNCTION pg_temp.data_keys() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(coalesce(tenant_id, 'installation') || ' ' || version, ', ' ORDER BY tenant_id NULLS FIRST, version) FROM data_keys
$$;
-- Every stored key opened, by whatever data key.
CREATE FUNCTION pg_temp.keys() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(name || ' ' || key, ', ' ORDER BY name) FROM (
    SELECT provider_name, decrypt_provider_key(provider_name) FROM llm_provider_configs WHERE api_key_encrypted ~ '^lma1'
    UNION ALL SELECT tenant_id, decrypt_tenant_key(tenant_id) FROM llm_configs WHERE api_key_encrypted ~ '^lma1') AS k (name, key)
$$;

-- Nothing there yet.
SELECT * FROM reseal_keys();
SELECT data_keys, secrets FROM shred_tenant_keys('nobody');
SELECT pg_temp.data_keys() AS data_keys;
-- One of the installation, one a tenant; what a provider or a foreign key needs is no tenant's.
SELECT set_provider_key('groq', 'gsk-shared-0123456789abcdef') AS groq, set_provider_key('chatgpt', 'sk-chatgpt-0123456789abcdef') AS chatgpt;
SELECT count(*) AS tenants FROM (SELECT put_llm_config(t, jsonb_build_object('provider', 'groq', 'apiKey', k))
  FROM (VALUES ('acme', 'gsk-shared-0123456789abcdef'), ('bolt', 'gsk-of-bolt-0123456789abcdef'), ('corp', 'gsk-of-corp-0123456789abcdef')) AS v (t, k)) AS p;
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('dune', 'kms:of-dune');
SELECT encrypt_key('sk-unbound-0123456789abcdef') AS unbound, encrypt_key('sk-in-context-0123456789', 'a context') AS in_context \gset
SELECT pg_temp.data_keys() AS data_keys;
SELECT count(DISTINCT key_id) AS ids, count(DISTINCT wrapped_key) AS wraps, bool_and(octet_length(wrapped_key) = 61) AS size, count(DISTINCT root_id) AS roots FROM data_keys;
SELECT pg_temp.keys() AS keys;
SELECT * FROM reseal_keys();

-- A new version of a tenant's data key: for what is sealed from now on.
CREATE TEMP TABLE before_it AS SELECT tenant_id AS name, api_key_encrypted, updated_at, NULL::int AS config_version FROM llm_configs
  UNION ALL SELECT provider_name, api_key_encrypted, updated_at, config_version FROM llm_provider_configs;
CREATE TEMP TABLE fingerprints AS SELECT name, key_fingerprint(api_key_encrypted) AS print FROM before_it WHERE api_key_encrypted ~ '^lma1';
SELECT count(*) AS history FROM provider_history() \gset
CREATE TEMP VIEW changed AS  -- what is not as it was
  SELECT name, n.api_key_encrypted <> b.api_key_encrypted AS key, n.updated_at <> b.updated_at AS time, n.config_version <> b.config_version AS version
  FROM before_it b JOIN (SELECT tenant_id AS name, api_key_encrypted, updated_at, NULL::int AS config_version FROM llm_configs
    UNION ALL SELECT provider_name, api_key_encrypted, updated_at, config_version FROM llm_provider_configs) AS n USING (name)
  WHERE (n.api_key_encrypted, n.updated_at) IS DISTINCT FROM (b.api_key_encrypted, b.updated_at) OR n.config_version <> b.config_version;
SELECT rotate_data_key('acme') AS acme, rotate_data_key('bolt') AS bolt;
SELECT rotate_data_key('acme') AS acme;
SELECT pg_temp.data_keys() AS data_keys;
SELECT pg_temp.keys() AS keys;
SELECT item, value, verdict, hint FROM key_status() WHERE item = 'keys sealed by an older data key';
SELECT * FROM verify_keys();
SELECT * FROM changed;
-- Sealed anew: of acme and bolt, nothing else; the same key, and the books are left alone.
SELECT * FROM reseal_keys();
SELECT * FROM changed ORDER BY name;
SELECT * FROM reseal_keys();
SELECT pg_temp.keys() AS keys;
SELECT item, value, verdict FROM key_status() WHERE item = 'keys sealed by an older data key';
-- The installation's: providers, in as many calls as it takes.
SELECT set_provider_key('mistral', 'mk-0123456789abcdefghij') AS mistral, set_provider_key('openrouter', 'sk-or-0123456789abcdef') AS openrouter, rotate_data_key() AS version;
SELECT pg_temp.data_keys() AS data_keys;
SELECT decrypt_key(:'unbound') AS unbound, decrypt_key(:'in_context', 'a context') AS in_context;
SELECT rotate_data_key('corp') AS corp;
SELECT * FROM reseal_keys(2);
SELECT * FROM reseal_keys(2);
SELECT * FROM reseal_keys(2);
SELECT * FROM reseal_keys(1);
SELECT pg_temp.keys() AS keys;
SELECT name, time, version FROM changed WHERE name <> 'mistral' AND name <> 'openrouter' ORDER BY name;
SELECT count(*) - :history AS history, count(*) FILTER (WHERE action = 'key_changed') AS key_changes FROM provider_history();
-- Unbound envelopes of before are nobody's rows: they open, and are bound by the newest data key when stored.
SELECT decrypt_key(:'unbound') AS unbound, decrypt_key(:'in_context', 'a context') AS in_context;
UPDATE llm_configs SET api_key_encrypted = :'unbound' WHERE tenant_id = 'dune';
SELECT decrypt_tenant_key('dune');
SELECT * FROM reseal_keys();
SELECT pg_temp.data_keys() AS data_keys;
-- Fingerprints tell the same key, whichever data key sealed it and whose it is.
SELECT name, f.print = key_fingerprint(n.api_key_encrypted) AS same FROM fingerprints f JOIN (SELECT tenant_id AS name, api_key_encrypted FROM llm_configs
  UNION ALL SELECT provider_name, api_key_encrypted FROM llm_provider_configs) AS n USING (name) ORDER BY name;
SELECT (SELECT key_fingerprint(api_key_encrypted) FROM llm_configs WHERE tenant_id = 'acme') = (SELECT key_fingerprint(api_key_encrypted) FROM llm_provider_configs WHERE provider_name = 'groq') AS shared,
  (SELECT key_fingerprint(api_key_encrypted) FROM llm_configs WHERE tenant_id = 'dune') = key_fingerprint(:'unbound') AS unbound_too,
  count(DISTINCT key_fingerprint(api_key_encrypted)) AS of_tenants FROM llm_configs;
-- An envelope of before the rotation goes back into its row, and nowhere else.
SELECT api_key_encrypted AS older FROM before_it WHERE name = 'acme' \gset
UPDATE llm_configs SET api_key_encrypted = :'older' WHERE tenant_id = 'acme';
SELECT decrypt_tenant_key('acme');
SELECT * FROM reseal_keys();
SELECT pg_temp.message(format('UPDATE llm_configs SET api_key_encrypted = %L WHERE tenant_id = %L', :'older', 'bolt'));
-- One that does not open is counted and left; the others are done.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE llm_configs SET base_url = 'https://elsewhere.example' WHERE tenant_id = 'bolt';
SET LOCAL session_replication_role = origin;
SELECT rotate_data_key('acme') AS acme, rotate_data_key('bolt') AS bolt;
SELECT * FROM reseal_keys();
SELECT * FROM verify_keys();
ROLLBACK;
SELECT pg_temp.data_keys() AS data_keys;
SELECT pg_temp.keys() AS keys;
-- Taken back with its transaction, a new data key is nobody's, and what it sealed is gone with it.
BEGIN;
SELECT rotate_data_key('corp') AS corp;
SELECT resealed FROM reseal_keys();
ROLLBACK;
SELECT decrypt_tenant_key('corp');
BEGIN;
SAVEPOINT inner_one;
SELECT rotate_data_key('corp') AS corp;
SELECT put_llm_config('corp', '{"apiKey": "gsk-lost-0123456789abcdef"}') ->> 'maskedKey' AS mask;
ROLLBACK TO inner_one;
SELECT put_llm_config('corp', '{"apiKey": "gsk-of-corp-0123456789abcdef"}') ->> 'maskedKey' AS mask;
COMMIT;
SELECT decrypt_tenant_key('corp');

-- Root keys: the one in use again is no work; one that is not in the keyring is refused before anything happens.
SELECT root_id AS root FROM root_keys WHERE is_active \gset
SELECT root_id = :root AS same, rewrapped FROM rotate_root_key(:root);
SELECT pg_temp.message('SELECT rotate_root_key(2000000000)'), pg_temp.message('SELECT rotate_root_key(0)'), pg_temp.message('SELECT rotate_root_key(-1)'), pg_temp.message('SELECT rotate_root_key(NULL)');
SELECT count(*) AS roots, count(*) FILTER (WHERE is_active) AS active FROM root_keys;
SELECT count(DISTINCT root_id) AS wrapped_by FROM data_keys;
-- Arguments; and nothing of it in a read-only transaction.
SELECT pg_temp.message('SELECT reseal_keys(0)'), pg_temp.message('SELECT reseal_keys(-5)'), pg_temp.message('SELECT reseal_keys(NULL)');
SELECT pg_temp.message($$SELECT rotate_data_key('')$$), pg_temp.message($$SELECT rotate_data_key(E'a\nb')$$), pg_temp.message($$SELECT shred_tenant_keys('')$$), pg_temp.message($$SELECT shred_tenant_keys(NULL)$$);
BEGIN READ ONLY;
SELECT pg_temp.message(s) FROM unnest('{SELECT rotate_data_key(),SELECT reseal_keys(),SELECT rotate_root_key(1),SELECT shred_tenant_keys(''acme'')}'::text[]) AS s;
ROLLBACK;
-- Whose work it is.
CREATE ROLE regress_llm_security;
CREATE ROLE regress_llm_operator;
SELECT grant_access('regress_llm_security', 'security') AS security, grant_access('regress_llm_operator', 'operator') AS operator;
SET ROLE regress_llm_operator;
SELECT pg_temp.message(s) FROM unnest('{SELECT rotate_data_key(),SELECT reseal_keys(),SELECT rotate_root_key(1),SELECT shred_tenant_keys(''acme''),SELECT * FROM data_keys}'::text[]) AS s;
SET ROLE regress_llm_security;
SELECT rotate_data_key('acme') AS acme;
SELECT * FROM reseal_keys();
SELECT pg_temp.message('SELECT decrypt_tenant_key(''acme'')'), pg_temp.message('SELECT api_key_encrypted FROM llm_configs');

-- Shredding: the tenant's data keys go, all versions, and with them what they sealed, wherever a copy of it stands.
SELECT * FROM shred_tenant_keys('acme');
RESET ROLE;
SELECT pg_temp.data_keys() AS data_keys;
SELECT tenant_id, key_state FROM list_llm_configs();
SELECT get_llm_config('acme') - 'lastTestedAt' AS acme;
SELECT pg_temp.message($$SELECT decrypt_tenant_key('acme')$$) AS decrypted, pg_temp.message(format('UPDATE llm_configs SET api_key_encrypted = %L WHERE tenant_id = %L', :'older', 'acme')) AS put_back,
  pg_temp.message($$SELECT resolve_llm('acme', 'byollm')$$) AS resolved;
SELECT pg_temp.keys() AS keys;
SELECT * FROM verify_keys();
SELECT item, value, verdict FROM key_status() WHERE item = 'tenants without a key';
SELECT * FROM shred_tenant_keys('acme');
-- A foreign key is the application's to shred.
UPDATE llm_configs SET api_key_encrypted = 'kms:of-dune' WHERE tenant_id = 'dune';
SELECT * FROM shred_tenant_keys('dune');
SELECT api_key_encrypted FROM llm_configs WHERE tenant_id = 'dune';
-- A key that is given afterwards has a data key of its own, under which nothing older opens.
SELECT put_llm_config('acme', '{"apiKey": "gsk-new-0123456789abcdefgh"}') ->> 'maskedKey' AS mask;
SELECT pg_temp.data_keys() AS data_keys;
SELECT decrypt_tenant_key('acme'), pg_temp.message(format('UPDATE llm_configs SET api_key_encrypted = %L WHERE tenant_id = %L', :'older', 'acme')) AS put_back;
-- A deleted tenant's data keys stay until they are shredded.
SELECT delete_llm_config('bolt') AS deleted;
SELECT * FROM shred_tenant_keys('bolt');
-- A tenant that was renamed is sealed by the data key of its new name, and outlives the shredding of the old one.
UPDATE llm_configs SET tenant_id = 'corp ltd' WHERE tenant_id = 'corp';
SELECT * FROM shred_tenant_keys('corp');
SELECT decrypt_tenant_key('corp ltd');
UPDATE llm_configs SET tenant_id = 'corp' WHERE tenant_id = 'corp ltd';
SELECT * FROM shred_tenant_keys('corp ltd');
-- Taken back, nothing is lost.
BEGIN;
SELECT * FROM shred_tenant_keys('corp');
SELECT pg_temp.message($$SELECT decrypt_tenant_key('corp')$$);
ROLLBACK;
SELECT decrypt_tenant_key('corp');
SELECT * FROM verify_keys();
SELECT pg_temp.data_keys() AS data_keys;

SELECT revoke_access('regress_llm_security', 'security') AS security, revoke_access('regress_llm_operator', 'operator') AS operator;
DROP ROLE regress_llm_security, regress_llm_operator;
DROP VIEW changed;
DROP EXTENSION llm_admin CASCADE;
