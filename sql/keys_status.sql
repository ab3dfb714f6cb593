-- key_status() and verify_keys().
CREATE EXTENSION llm_admin;
SET search_path = llm_admin, public;
-- Before the first key. A superuser sees where the keyring lies, so that value is left out here.
SELECT item, nullif(value, 'file ' || current_setting('llm_admin.keyring_file')) AS value, verdict, hint
FROM key_status() WHERE item ~ 'key';
SELECT count(*) > 0 AS seeded FROM seed();
DELETE FROM llm_provider_configs WHERE provider_name NOT IN ('groq', 'openrouter', 'google_ai', 'chatgpt');

-- One key of each kind.
SELECT set_provider_key('groq', 'gsk_a_key_of_some_length_1');
UPDATE llm_provider_configs SET api_key_encrypted = 'kms:sealed-by-the-application' WHERE provider_name = 'openrouter';
SET session_replication_role = replica;
UPDATE llm_provider_configs SET api_key_encrypted = 'a raw key that no trigger saw' WHERE provider_name = 'google_ai';
RESET session_replication_role;
-- An OpenPGP message as pgp_sym_encrypt begins it; nothing here ever opens it.
UPDATE llm_provider_configs
SET api_key_encrypted = '\xc30d04070302' || repeat('11', 8) || '60' || 'd20101' WHERE provider_name = 'chatgpt';
SELECT item, value, verdict, hint FROM key_status() WHERE item ~ 'root key|keys|providers|values';
SELECT verdict FROM key_status() WHERE item = 'uses of the current data key';
SELECT DISTINCT verdict FROM key_status() ORDER BY 1;

-- Tenants' keys are counted with them, and those that have none by themselves.
BEGIN;
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('sealed', encrypt_key('sk-of-a-tenant-0123456789')), ('foreign', 'kms:of-a-tenant'),
  ('pgp', '\xc30d04070302' || repeat('11', 8) || '60' || 'd20101'), ('none', 'kms:x'), ('raw', 'kms:y');
SET LOCAL session_replication_role = replica;
UPDATE llm_configs SET api_key_encrypted = 'a raw key that no trigger saw' WHERE tenant_id = 'raw';
SET LOCAL session_replication_role = origin;
UPDATE llm_configs SET api_key_encrypted = '' WHERE tenant_id = 'none';
SELECT item, value, verdict, hint FROM key_status() WHERE item ~ 'root key|keys|without|values|most used' AND item !~ '^uses';
SELECT verdict FROM key_status() WHERE item = 'uses of the most used tenant data key';
SELECT tenant_id, key_state FROM list_llm_configs();
SELECT * FROM verify_keys();
ROLLBACK;

-- verify_keys() counts and changes nothing.
SELECT * FROM verify_keys();
SELECT ok + wrong_key + tampered + opaque AS sampled FROM verify_keys(2);
SELECT ok + wrong_key + tampered + opaque AS sampled FROM verify_keys(100);
SELECT * FROM verify_keys(0);
SELECT count(*) AS key_changes FROM provider_history() WHERE action = 'key_changed';
-- One flipped character, an envelope moved from another row, an unknown data key: tampered, all of them.
CREATE TEMP TABLE good AS SELECT api_key_encrypted AS key FROM llm_provider_configs WHERE provider_name = 'groq';
SET session_replication_role = replica;
UPDATE llm_provider_configs SET api_key_encrypted = left(key, -20) || translate(substr(right(key, 20), 1, 1), 'A', 'B')
  || CASE substr(right(key, 20), 2, 1) WHEN 'A' THEN 'B' ELSE 'A' END || right(key, 18)
FROM good WHERE provider_name = 'openrouter';
UPDATE llm_provider_configs SET api_key_encrypted = key FROM good WHERE provider_name = 'chatgpt';
RESET session_replication_role;
SELECT * FROM verify_keys();
-- Another root key under the same id, as its check value and the wrap look to it: the data key does not open, and
-- both functions say so.
UPDATE root_keys SET check_value = repeat('0', 16);
UPDATE data_keys SET wrapped_key = set_byte(wrapped_key, 30, get_byte(wrapped_key, 30) # 1);
\c -
SET search_path = llm_admin, public;
SELECT * FROM verify_keys();
SELECT item, value, verdict, hint FROM key_status() WHERE item ~ '^root key';
-- A root key that the keyring does not hold.
SET session_replication_role = replica;
UPDATE root_keys SET root_id = 2000000000;
UPDATE data_keys SET root_id = 2000000000;
RESET session_replication_role;
\c -
SET search_path = llm_admin, public;
SELECT * FROM verify_keys();
SELECT item, value, verdict, hint FROM key_status() WHERE item ~ '^root key';

-- Who sees what: an auditor sees the kind of source, never the path.
SELECT current_setting('llm_admin.keyring_file') AS path \gset
CREATE ROLE regress_llm_auditor;
SELECT grant_access('regress_llm_auditor', 'auditor');
SET ROLE regress_llm_auditor;
SELECT value FROM key_status() WHERE item = 'keyring';
SELECT count(*) AS paths FROM key_status() s WHERE position(:'path' IN s::text) > 0;
SELECT * FROM verify_keys();
RESET ROLE;
SELECT count(*) AS paths FROM key_status() s WHERE position(:'path' IN s::text) > 0;
-- Roles that reach the server's files are named.
CREATE ROLE regress_llm_reader;
GRANT pg_read_server_files TO regress_llm_reader;
SELECT value ~ 'regress_llm_reader' AS named, verdict, hint FROM key_status() WHERE item = 'roles that read the server''s files';
SELECT item FROM key_status() WHERE value ~ 'regress_llm_reader';
REVOKE pg_read_server_files FROM regress_llm_reader;
DROP ROLE regress_llm_reader;
-- Settings that would log a literal in this session.
SET log_statement = 'all';
SET log_min_duration_statement = 0;
SET log_parameter_max_length = -1;
SET log_parameter_max_length_on_error = 100;
SET log_min_error_statement = 'panic';
SELECT item, value, verdict, hint FROM key_status()
WHERE item IN ('log_statement', 'log_min_duration_statement', 'log_parameter_max_length',
               'log_parameter_max_length_on_error', 'log_min_error_statement');
RESET log_statement;
RESET log_min_duration_statement;
RESET log_parameter_max_length;
RESET log_parameter_max_length_on_error;
RESET log_min_error_statement;

SELECT revoke_access('regress_llm_auditor', 'auditor');
DROP ROLE regress_llm_auditor;
DROP EXTENSION llm_admin CASCADE;
