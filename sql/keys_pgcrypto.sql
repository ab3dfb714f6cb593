-- From pgcrypto's values to envelopes: import_pgcrypto_key() and adopt_pgcrypto_keys().
CREATE EXTENSION llm_admin;
SET search_path = llm_admin, public;
SELECT count(*) > 0 AS seeded FROM seed();

-- Nothing to adopt needs no pgcrypto; a value to open does, and only the extension's own function counts.
SELECT * FROM adopt_pgcrypto_keys('a passphrase');
CREATE FUNCTION public.pgp_sym_decrypt(bytea, text) RETURNS text LANGUAGE sql
  AS $$ SELECT 'called with ' || $2 $$;
DO $$
DECLARE state text; hint text;
BEGIN
  -- tag 3, version 4, AES-128, iterated and salted SHA-1, then one byte of data
  PERFORM llm_admin.import_pgcrypto_key('\xc30d04070302' || repeat('11', 8) || '60' || 'd20101', 'a passphrase');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, hint = PG_EXCEPTION_HINT;
  RAISE INFO '% % / %', state, SQLERRM, hint;
END $$;
DROP FUNCTION public.pgp_sym_decrypt(bytea, text);
CREATE EXTENSION pgcrypto SCHEMA public;

-- Hex with and without \x, and armor; the result is an unbound envelope.
CREATE TEMP TABLE old AS
  SELECT pgp_sym_encrypt('gsk_a_key_from_pgcrypto_1', 'one passphrase') AS value;
SELECT form, decrypt_key(import_pgcrypto_key(text, 'one passphrase')) AS key,
       import_pgcrypto_key(text, 'one passphrase') LIKE 'lma1.%' AS sealed
FROM old, LATERAL (VALUES ('with x', value::text), ('bare hex', encode(value, 'hex')), ('armor', armor(value)))
     AS f (form, text)
ORDER BY form;
-- A wrong passphrase, data that was no text, a key with a line break, and what is no pgcrypto value at all.
SELECT import_pgcrypto_key(value::text, 'another passphrase') FROM old;
SELECT import_pgcrypto_key(pgp_sym_encrypt_bytea('\x0001', 'p')::text, 'p');
SELECT import_pgcrypto_key(pgp_sym_encrypt(E'gsk_a_key_with_a_line_break\n', 'p')::text, 'p');
SELECT import_pgcrypto_key('gsk_a_plain_key_in_the_wrong_place', 'p');
SELECT import_pgcrypto_key('', 'p');

-- Adoption: rows under another passphrase stay and are named; the second call finishes.
UPDATE llm_provider_configs SET api_key_encrypted = (SELECT value::text FROM old) WHERE provider_name = 'groq';
UPDATE llm_provider_configs SET api_key_encrypted = armor(pgp_sym_encrypt('sk-or-another-key-here-2', 'second'))
WHERE provider_name = 'openrouter';
UPDATE llm_provider_configs SET api_key_encrypted = pgp_sym_encrypt_bytea('\x0001', 'one passphrase')::text
WHERE provider_name = 'google_ai';
UPDATE llm_provider_configs SET api_key_encrypted = 'kms:sealed-by-the-application' WHERE provider_name = 'chatgpt';
SELECT decrypt_provider_key('groq');
SELECT * FROM adopt_pgcrypto_keys('neither of them');
SELECT * FROM adopt_pgcrypto_keys('one passphrase');
SELECT * FROM adopt_pgcrypto_keys('second');
SELECT decrypt_provider_key('groq') AS groq, decrypt_provider_key('openrouter') AS openrouter;
SELECT provider_name, api_key_encrypted LIKE 'lma1.%' AS envelope FROM llm_provider_configs
WHERE api_key_encrypted IS NOT NULL ORDER BY provider_name;
SELECT provider_name, count(*) FILTER (WHERE action = 'key_changed') AS key_changes
FROM provider_history() WHERE provider_name IN ('groq', 'openrouter', 'google_ai')
GROUP BY provider_name ORDER BY provider_name;
SELECT * FROM verify_keys();

-- Bound to its row: an adopted envelope does not open elsewhere.
UPDATE llm_provider_configs SET api_key_encrypted =
  (SELECT api_key_encrypted FROM llm_provider_configs WHERE provider_name = 'groq')
WHERE provider_name = 'openrouter';
-- Not in a read-only transaction; null in, null out.
BEGIN READ ONLY;
SELECT * FROM adopt_pgcrypto_keys('second');
ROLLBACK;
SELECT import_pgcrypto_key(NULL, 'p') IS NULL AS is_null;
-- pgcrypto runs with the caller's rights.
CREATE ROLE regress_llm_operator;
SELECT grant_access('regress_llm_operator', 'operator');
REVOKE EXECUTE ON FUNCTION public.pgp_sym_decrypt(bytea, text) FROM PUBLIC;
CREATE TEMP TABLE given AS SELECT value::text AS value FROM old;
GRANT SELECT ON given TO regress_llm_operator;
SET ROLE regress_llm_operator;
SELECT import_pgcrypto_key(value, 'one passphrase') FROM given;
RESET ROLE;
SELECT revoke_access('regress_llm_operator', 'operator');
DROP TABLE given;
DROP ROLE regress_llm_operator;

DROP EXTENSION llm_admin CASCADE;
DROP EXTENSION pgcrypto;
