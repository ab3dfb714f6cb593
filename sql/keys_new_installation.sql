-- new_installation(): a copy gets an identity of its own. Copies themselves: test/t/059_copies.pl.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();
-- Nothing sealed yet: nothing is made.
SELECT * FROM new_installation();
SELECT count(*) FROM data_keys;
SELECT set_provider_key('groq', 'gsk-shared-0123456789abcdef') AS groq, set_provider_key('chatgpt', 'sk-chatgpt-0123456789abcdef') AS chatgpt;
SELECT count(*) AS tenants FROM (SELECT put_llm_config(t, jsonb_build_object('provider', 'groq', 'apiKey', k))
  FROM (VALUES ('acme', 'gsk-shared-0123456789abcdef'), ('bo''lt', 'gsk-of-bolt-0123456789abcdef'), ('emptied', 'gsk-of-emptied-0123456789ab')) AS v (t, k)) AS p;
UPDATE llm_configs SET api_key_encrypted = '' WHERE tenant_id = 'emptied';
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('dune', 'kms:of-dune');
UPDATE llm_provider_configs SET api_key_encrypted = '\xc30d04070302' || repeat('11', 8) || '60' || 'd20101' WHERE provider_name = 'mistral';
SELECT rotate_data_key('acme') AS acme, rotate_data_key() AS installation, rotate_data_key() AS again;
SELECT set_provider_key('openrouter', 'sk-or-0123456789abcdef') AS openrouter;
SELECT encrypt_key('sk-unbound-0123456789abcdef') AS unbound \gset
CREATE FUNCTION pg_temp.keys() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(name || ' ' || key, ', ' ORDER BY name COLLATE "C") FROM (
    SELECT provider_name, decrypt_provider_key(provider_name) FROM llm_provider_configs WHERE api_key_encrypted ~ '^lma1'
    UNION ALL SELECT tenant_id, decrypt_tenant_key(tenant_id) FROM llm_configs WHERE api_key_encrypted ~ '^lma1') AS k (name, key)
$$;
CREATE TEMP TABLE envelopes AS SELECT tenant_id AS name, api_key_encrypted FROM llm_configs WHERE api_key_encrypted <> ''
  UNION ALL SELECT provider_name, api_key_encrypted FROM llm_provider_configs WHERE api_key_encrypted IS NOT NULL;
CREATE TEMP TABLE rows_before AS SELECT to_jsonb(c) - 'api_key_encrypted' AS r FROM llm_configs c
  UNION ALL SELECT to_jsonb(p) - 'api_key_encrypted' FROM llm_provider_configs p UNION ALL SELECT to_jsonb(h) FROM llm_provider_config_history h;
CREATE TEMP TABLE keys_before AS SELECT * FROM data_keys;
CREATE TEMP TABLE prints AS SELECT name, key_fingerprint(api_key_encrypted) AS print FROM envelopes WHERE api_key_encrypted ~ '^lma1';
SELECT pg_temp.keys() AS keys;
-- Everything sealed is sealed anew, what is not is left alone; no other column and no history.
SELECT * FROM new_installation();
SELECT pg_temp.keys() AS keys;
SELECT coalesce(tenant_id, 'the installation') AS owner, version, uses FROM data_keys ORDER BY tenant_id COLLATE "C" NULLS FIRST, version;
SELECT count(*) AS old_ones FROM data_keys WHERE key_id IN (SELECT key_id FROM keys_before);
SELECT (SELECT api_key_encrypted FROM llm_configs WHERE tenant_id = e.name UNION ALL SELECT api_key_encrypted FROM llm_provider_configs WHERE provider_name = e.name) = api_key_encrypted AS as_it_was, name
FROM envelopes e ORDER BY name COLLATE "C";
SELECT count(*) AS differing FROM (SELECT to_jsonb(c) - 'api_key_encrypted' AS r FROM llm_configs c
  UNION ALL SELECT to_jsonb(p) - 'api_key_encrypted' FROM llm_provider_configs p UNION ALL SELECT to_jsonb(h) FROM llm_provider_config_history h EXCEPT TABLE rows_before) AS d;
SELECT ok, wrong_key, tampered, opaque FROM verify_keys();
SELECT item, value, verdict FROM key_status() WHERE item ~ '^keys? ' ORDER BY item COLLATE "C";
-- Other fingerprints, which still tell the same key; envelopes of before open nowhere and go back into no row.
SELECT bool_or(print = key_fingerprint(coalesce(c.api_key_encrypted, p.api_key_encrypted))) AS same_prints FROM prints
  LEFT JOIN llm_configs c ON c.tenant_id = name LEFT JOIN llm_provider_configs p ON p.provider_name = name;
SELECT (SELECT key_fingerprint(api_key_encrypted) FROM llm_configs WHERE tenant_id = 'acme') = (SELECT key_fingerprint(api_key_encrypted) FROM llm_provider_configs WHERE provider_name = 'groq') AS shared;
SELECT pg_temp.outcome(format('SELECT decrypt_key(%L)', :'unbound'));
SELECT pg_temp.message(format('UPDATE llm_configs SET api_key_encrypted = %L WHERE tenant_id = %L', api_key_encrypted, name)) FROM envelopes WHERE name = 'acme';
SELECT pg_temp.message(format('UPDATE llm_provider_configs SET api_key_encrypted = %L WHERE provider_name = %L', api_key_encrypted, name)) FROM envelopes WHERE name = 'groq';
-- Life goes on: keys are set, rotated, sealed anew, shredded; and once more.
SELECT set_provider_key('xai', 'xai-0123456789abcdefgh') AS xai, rotate_data_key('bo''lt') AS bolt, put_llm_config('emptied', '{"apiKey": "gsk-of-emptied-9876543210"}') ->> 'maskedKey' AS emptied;
SELECT resealed, remaining, unreadable FROM reseal_keys();
SELECT * FROM shred_tenant_keys('acme');
SELECT * FROM new_installation();
SELECT pg_temp.keys() AS keys;
SELECT coalesce(tenant_id, 'the installation') AS owner, version, uses FROM data_keys ORDER BY tenant_id COLLATE "C" NULLS FIRST, version;
-- Undone with its transaction or savepoint, also for the session that has used the new keys meanwhile.
CREATE TEMP TABLE again AS SELECT key_id FROM data_keys;
BEGIN;
SELECT count(*) > 0 AS moved FROM new_installation();
SELECT pg_temp.keys() AS keys;
SELECT set_provider_key('groq', 'gsk-undone-0123456789abcdef') AS groq;
ROLLBACK;
SELECT pg_temp.keys() AS keys;
BEGIN;
SAVEPOINT s;
SELECT count(*) > 0 AS moved FROM new_installation();
SELECT decrypt_provider_key('groq');
ROLLBACK TO s;
SELECT decrypt_provider_key('groq'), set_provider_key('deepseek', 'sk-deepseek-0123456789');
COMMIT;
SELECT pg_temp.keys() AS keys;
SELECT count(*) AS same_keys FROM data_keys JOIN again USING (key_id);

-- Refused while a sealed key does not open: named, with what mends it; nothing has changed then.
CREATE FUNCTION pg_temp.refused(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE told text;
BEGIN
  SET LOCAL session_replication_role = replica;
  EXECUTE change;
  SET LOCAL session_replication_role = origin;
  told := pg_temp.outcome('SELECT * FROM new_installation()');
  RAISE EXCEPTION USING ERRCODE = 'P0002', MESSAGE = told;
EXCEPTION WHEN no_data_found THEN RETURN told;
END $$;
SELECT pg_temp.refused($$UPDATE llm_configs SET tenant_id = 'moved' WHERE tenant_id = 'bo''lt'$$);
SELECT pg_temp.refused($$UPDATE llm_configs SET provider = 'gone' WHERE tenant_id = 'bo''lt'$$);
SELECT pg_temp.refused($$UPDATE llm_provider_configs SET base_url = 'https://elsewhere.example.com' WHERE provider_name = 'groq'$$);
SELECT pg_temp.refused($$UPDATE llm_provider_configs SET api_key_encrypted = left(api_key_encrypted, 30) WHERE provider_name = 'groq'$$);
SELECT pg_temp.refused(format($$UPDATE llm_provider_configs SET api_key_encrypted = %L WHERE provider_name = 'groq'$$, encrypt_key('gsk-unbound-0123456789abcdef')));
SELECT pg_temp.refused($$DELETE FROM data_keys WHERE tenant_id = 'bo''lt'$$);
SELECT pg_temp.refused($$DELETE FROM data_keys$$);
SELECT regexp_replace(pg_temp.refused($$UPDATE data_keys SET root_id = 7 WHERE tenant_id = 'bo''lt'; INSERT INTO root_keys VALUES (7, 'ffffffffffffffff')$$), '\(file .*?\)', '(file ...)');
-- A value that never was sealed is left as it is.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE llm_provider_configs SET api_key_encrypted = 'sk-raw' WHERE provider_name = 'together';
SET LOCAL session_replication_role = origin;
SELECT * FROM new_installation() WHERE item ~ 'no key';
ROLLBACK;
SELECT pg_temp.keys() AS keys;
-- Within a tenant it is refused, and in a transaction that only reads.
BEGIN;
SELECT enter_tenant('acme');
SELECT pg_temp.outcome('SELECT * FROM new_installation()');
ROLLBACK;
BEGIN READ ONLY;
SELECT count(*) FROM new_installation();
ROLLBACK;
-- The level security may, and needs no rights on the tables; the others may not.
CREATE ROLE regress_llm_officer;
CREATE ROLE regress_llm_desk;
SELECT grant_access('regress_llm_officer', 'security'), grant_access('regress_llm_desk', 'operator'), grant_access('regress_llm_desk', 'app'), grant_access('regress_llm_desk', 'auditor');
SET ROLE regress_llm_officer;
SELECT value FROM llm_admin.new_installation() WHERE item ~ 'sealed anew';
SET ROLE regress_llm_desk;
SELECT * FROM llm_admin.new_installation();
RESET ROLE;
SELECT pg_temp.keys() AS keys;
SELECT revoke_access('regress_llm_officer', 'security'), revoke_access('regress_llm_desk', 'operator'), revoke_access('regress_llm_desk', 'app'), revoke_access('regress_llm_desk', 'auditor');
DROP ROLE regress_llm_officer, regress_llm_desk;
DROP EXTENSION llm_admin;
