-- Keys: sealing and opening, contexts, masks, fingerprints, and that an envelope opens in its own place only.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) FROM seed();
-- No key yet: nothing has been made before its first use.
SELECT count(*) FROM data_keys;
SELECT pg_temp.message($$SELECT decrypt_key('lma1.AAAA')$$);
SELECT count(*) FROM data_keys;

-- There and back; the envelope's form; never the same twice.
SELECT encrypt_key('sk-test-0123456789abcdef') AS envelope, encrypt_key('sk-test-0123456789abcdef') AS again,
       encrypt_key('sk-test-0123456789abcdef', 'tests') AS in_context \gset
SELECT :'envelope' ~ '^lma1\.[A-Za-z0-9_-]+$' AS form, :'envelope' <> :'again' AS fresh;
SELECT decrypt_key(:'envelope'), decrypt_key(:'again'), decrypt_key(:'in_context', 'tests');
SELECT count(*) AS data_keys, count(DISTINCT root_id) AS roots FROM data_keys;
SELECT decrypt_key(encrypt_key(k)) = k AS same FROM (VALUES ('x'), ('é☃😀'), (E'two\nlines\r\n'), (repeat('k', 65536))) AS v (k);
SELECT decrypt_key(encrypt_key('k', c), c) FROM (VALUES (''), ('é'), (repeat('c', 100000))) AS v (c);
-- A context is part of the seal.
SELECT pg_temp.outcome(format('SELECT decrypt_key(%L, %L)', :'in_context', 'other'));
SELECT pg_temp.outcome(format('SELECT decrypt_key(%L)', :'in_context'));
SELECT pg_temp.outcome(format('SELECT decrypt_key(%L, %L)', :'envelope', 'tests'));
-- Null gives null; nothing and too much are refused.
SELECT encrypt_key(NULL) IS NULL, encrypt_key('x', NULL) IS NULL, decrypt_key(NULL) IS NULL, mask_key(NULL) IS NULL, key_fingerprint(NULL) IS NULL;
SELECT pg_temp.outcome($$SELECT encrypt_key('')$$);
SELECT pg_temp.message($$SELECT encrypt_key(repeat('k', 65537))$$);
SELECT pg_temp.message($$SELECT decrypt_key('')$$), pg_temp.message($$SELECT decrypt_key('sk-raw')$$);

-- Every altered, shortened or lengthened envelope is refused, its last character included, all with one text; what does
-- not begin like one is no envelope.
SELECT count(DISTINCT outcome) AS texts, count(*) AS tried, min(outcome) FROM (
  SELECT pg_temp.message(format('SELECT decrypt_key(%L)', overlay(:'envelope' PLACING
    CASE substr(:'envelope', n, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM n FOR 1))) AS outcome
  FROM generate_series(6, length(:'envelope')) n) AS altered GROUP BY ();
SELECT count(DISTINCT outcome) AS texts, min(outcome) FROM (
  SELECT pg_temp.message(format('SELECT decrypt_key(%L)', left(:'envelope', n))) AS outcome FROM generate_series(5, length(:'envelope') - 1) n) AS cut;
SELECT pg_temp.message(format('SELECT decrypt_key(%L)', :'envelope' || c)) FROM (VALUES ('A'), ('='), (' '), (E'\n'), ('.')) AS v (c);
-- Every other last character: base64url must be the one canonical writing.
SELECT count(*) AS opened FROM unnest(regexp_split_to_array('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=', '')) c
WHERE pg_temp.outcome(format('SELECT decrypt_key(%L)', left(:'envelope', -1) || c)) LIKE 'no error%';

-- Masks: first five, last three, from twenty characters on.
SELECT k, mask_key(k) FROM (VALUES (''), ('short'), ('1234567890123456789'), ('12345678901234567890'), ('sk-proj-abcdefghijklmnopqrstuvwxyz'), ('éééééééééééééééééééé☃')) AS v (k);

-- In a key column an envelope without context is bound to its row; with one it does not belong there.
UPDATE llm_provider_configs SET api_key_encrypted = :'envelope' WHERE provider_name IN ('groq', 'chatgpt');
SELECT decrypt_provider_key('groq'), decrypt_provider_key('chatgpt');
SELECT api_key_encrypted <> :'envelope' AS resealed, api_key_encrypted ~ '^lma1\.' AS form FROM llm_provider_configs WHERE provider_name = 'groq';
SELECT pg_temp.message($$SELECT decrypt_key(api_key_encrypted) FROM llm_provider_configs WHERE provider_name = 'groq'$$);
SELECT pg_temp.message(format('UPDATE llm_provider_configs SET api_key_encrypted = %L WHERE provider_name = %L', :'in_context', 'groq'));
SELECT api_key_encrypted AS bound FROM llm_provider_configs WHERE provider_name = 'groq' \gset
-- Stored again as it is, it stays as it is, and is no change.
UPDATE llm_provider_configs SET api_key_encrypted = api_key_encrypted WHERE provider_name = 'groq';
SELECT api_key_encrypted = :'bound' AS untouched FROM llm_provider_configs WHERE provider_name = 'groq';
SELECT action FROM provider_history('groq');
-- Moved to another row it is refused; so it is when it comes by a way on which no trigger fires.
SELECT pg_temp.message(format('UPDATE llm_provider_configs SET api_key_encrypted = %L WHERE provider_name = %L', :'bound', 'chatgpt'));
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE llm_provider_configs SET api_key_encrypted = :'bound' WHERE provider_name = 'chatgpt';
SET LOCAL session_replication_role = origin;
SELECT pg_temp.message($$SELECT decrypt_provider_key('chatgpt')$$);
SELECT key_hint, config_status FROM list_providers() WHERE provider_name = 'chatgpt';
ROLLBACK;
-- And when the row is redirected behind the trigger's back: origin, scheme and template are part of the seal.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE llm_provider_configs SET base_url = 'https://evil.example' WHERE provider_name = 'groq';
SELECT pg_temp.message($$SELECT decrypt_provider_key('groq')$$), pg_temp.message($$SELECT build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'groq', true)$$);
UPDATE llm_provider_configs SET base_url = 'https://api.groq.com/elsewhere' WHERE provider_name = 'groq';
SELECT decrypt_provider_key('groq');
UPDATE llm_provider_configs SET auth_header_template = 'X-Log: {api_key}' WHERE provider_name = 'groq';
SELECT pg_temp.message($$SELECT decrypt_provider_key('groq')$$);
ROLLBACK;
-- A rename seals anew and says nothing of a changed key.
UPDATE llm_provider_configs SET provider_name = 'groq_eu' WHERE provider_name = 'groq';
SELECT decrypt_provider_key('groq_eu'), (SELECT api_key_encrypted <> :'bound' FROM llm_provider_configs WHERE provider_name = 'groq_eu') AS resealed;
SELECT action FROM provider_history('groq_eu');
UPDATE llm_provider_configs SET provider_name = 'groq' WHERE provider_name = 'groq_eu';

-- Fingerprints: equal for the same key in whatever envelope, different for another; of no use without the keyring.
SELECT set_provider_key('openrouter', 'sk-test-0123456789abcdef'), set_provider_key('google_ai', 'another-key-0123456789');
SELECT count(DISTINCT key_fingerprint(api_key_encrypted)) AS fingerprints, count(*) AS keys FROM llm_provider_configs;
SELECT provider_name, key_fingerprint(api_key_encrypted) = key_fingerprint(:'envelope') AS same_key FROM llm_provider_configs ORDER BY 1;
SELECT key_fingerprint(:'envelope') = key_fingerprint(:'again') AS stable, key_fingerprint(:'envelope') LIKE '%sk-test%' AS tells, length(key_fingerprint(:'envelope')) >= 16 AS long;
SELECT pg_temp.message($$SELECT key_fingerprint('sk-raw')$$), pg_temp.message(format('SELECT key_fingerprint(%L)', :'bound')) AS no_longer_stored;

-- set_provider_key: what it takes.
SELECT set_provider_key('chatgpt', repeat('k', 65536));
SELECT length(decrypt_provider_key('chatgpt'));
SELECT pg_temp.outcome($$SELECT set_provider_key('chatgpt', '')$$);
SELECT pg_temp.outcome($$SELECT set_provider_key('chatgpt', E'sk-test-0123456789abcdef\n')$$);
SELECT pg_temp.outcome($$SELECT set_provider_key('chatgpt', repeat('k', 65537))$$);
SELECT pg_temp.outcome($$SELECT set_provider_key('chatgpt', NULL)$$);
SELECT pg_temp.outcome($$SELECT set_provider_key(NULL, 'k')$$);
SELECT pg_temp.outcome($$SELECT set_provider_key('chatgpd', 'k')$$);
SELECT pg_temp.outcome($$SELECT decrypt_provider_key('chatgpd')$$);
SELECT decrypt_provider_key(NULL) IS NULL;
SELECT set_provider_key('chatgpt', 'short');
SELECT decrypt_provider_key('chatgpt');
UPDATE llm_provider_configs SET api_key_encrypted = NULL WHERE provider_name = 'chatgpt';
SELECT pg_temp.outcome($$SELECT decrypt_provider_key('chatgpt')$$);
-- A column's line breaks cannot come in by an envelope either: the header is refused when built.
UPDATE llm_provider_configs SET api_key_encrypted = encrypt_key(E'sk-test\r\nX-Evil: 1') WHERE provider_name = 'groq';
SELECT pg_temp.message($$SELECT build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'groq', true)$$);

-- EXPLAIN folds no secret into a plan.
EXPLAIN (VERBOSE, COSTS off) SELECT decrypt_key('lma1.abc');
EXPLAIN (VERBOSE, COSTS off) SELECT decrypt_provider_key('groq');
EXPLAIN (VERBOSE, COSTS off) SELECT * FROM llm_provider_configs WHERE description = decrypt_provider_key('openrouter') AND id = 1;
SELECT proname, provolatile FROM pg_proc WHERE pronamespace = 'llm_admin'::regnamespace AND proname ~ '^(de|en)crypt' ORDER BY 1;

-- Rolled back with its transaction, the first data key is made again.
DROP EXTENSION llm_admin CASCADE;
CREATE EXTENSION llm_admin;
BEGIN;
SELECT encrypt_key('lost') AS lost \gset
ROLLBACK;
SELECT count(*) FROM data_keys;
SELECT pg_temp.message(format('SELECT decrypt_key(%L)', :'lost'));
SELECT decrypt_key(encrypt_key('kept'));
SELECT pg_temp.message(format('SELECT decrypt_key(%L)', :'lost')), pg_temp.message(format('SELECT decrypt_key(%L)', :'envelope')) AS of_another_installation;
DROP EXTENSION llm_admin CASCADE;
