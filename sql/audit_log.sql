-- The audit log: what is written of a row that changes and of what has no row, by whom, and what is not written.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET timezone = 'UTC';
SELECT count(*) AS written_by_install FROM audit_log;
SELECT count(*) > 0 AS seeded FROM seed_providers();
CREATE VIEW pg_temp.trail AS
  SELECT user_id, tenant_id, action_type, resource_type, resource_id, details, old, new FROM audit_log l
  LEFT JOIN audit_payloads p ON p.audit_id = l.id AND p.audit_time = l.timestamp ORDER BY l.id;
CREATE FUNCTION pg_temp.mark() RETURNS bigint LANGUAGE sql AS 'SELECT coalesce(max(id), 0) FROM llm_admin.audit_log';
SET llm_admin.actor = 'alice';
SET llm_admin.user_agent = 'console/7';

-- Created, changed, deleted: changed columns alone, before and after.
INSERT INTO exchange_rates (currency, valid_from, usd) VALUES ('EUR', '2026-01-01 00:00:00.123456+00', 1.0950);
UPDATE exchange_rates SET usd = 1.10 WHERE currency = 'EUR';
DELETE FROM exchange_rates;
SELECT * FROM trail;
-- The row itself: who, from where, by which session. No payload, no commitment; a payload, and 32 bytes of one.
SELECT DISTINCT user_id, user_agent, ip_address, session_user_name = session_user AS session_user, length(leaf) AS leaf,
  get_byte(leaf, 0) AS version, length(commitment) AS commitment, length(salt) AS salt FROM audit_log l
  LEFT JOIN audit_payloads p ON p.audit_id = l.id AND p.audit_time = l.timestamp;
SELECT count(*) AS rows, count(DISTINCT leaf) AS leaves, count(DISTINCT salt) AS salts, count(DISTINCT commitment) AS commitments
FROM audit_log l LEFT JOIN audit_payloads p ON p.audit_id = l.id AND p.audit_time = l.timestamp;
SELECT bool_and(xid = pg_current_xact_id_if_assigned()) IS NOT TRUE AS own_transactions, count(DISTINCT xid) AS transactions FROM audit_log;

-- Without an actor it is the role that acts, without a user agent the application.
CREATE ROLE regress_llm_acting SUPERUSER;
RESET llm_admin.actor;
RESET llm_admin.user_agent;
SET application_name = 'nightly';
SET ROLE regress_llm_acting;
INSERT INTO llm_admin.provider_aliases (alias, provider_name) VALUES ('nick', 'openai');
RESET ROLE;
DELETE FROM provider_aliases;
SELECT user_id = 'regress_llm_acting' AS by_role, user_id = session_user AS by_session, user_agent, action_type, resource_id
FROM audit_log ORDER BY id DESC LIMIT 2;
DROP ROLE regress_llm_acting;
SET llm_admin.actor = 'alice';

-- Nothing for what changes nothing, nor for what servers note as they run; with another column they are told.
SELECT pg_temp.mark() AS before \gset
INSERT INTO model_pricing (model_id, input_price_per_1k) VALUES ('a/b', 0.5);
INSERT INTO llm_configs (tenant_id, api_key_encrypted, updated_at) VALUES ('acme', 'kms:v1:first', now());
SELECT pg_temp.mark() - :before AS written;
SELECT pg_temp.mark() AS before \gset
UPDATE model_pricing SET input_price_per_1k = input_price_per_1k;
UPDATE llm_configs SET tenant_id = tenant_id, policy = policy;
UPDATE llm_configs SET last_tested_at = now(), last_test_result = 'ok', last_test_latency = 5;
UPDATE llm_configs SET updated_at = now() + '1 day';
DELETE FROM llm_configs WHERE false;
SELECT pg_temp.mark() - :before AS written;
UPDATE llm_configs SET last_test_latency = 6, base_url = 'https://llm.acme.example/v1' WHERE tenant_id = 'acme';
SELECT tenant_id, details, old - 'updated_at' AS old, new - 'updated_at' AS new FROM trail
OFFSET (SELECT count(*) - 1 FROM trail);

-- Of keys no more than that they are others, and whether there is one. The row is the tenant's.
UPDATE llm_configs SET api_key_encrypted = 'kms:v1:second' WHERE tenant_id = 'acme';
UPDATE llm_configs SET api_key_encrypted = '' WHERE tenant_id = 'acme';
DELETE FROM llm_configs;
SELECT tenant_id, action_type, old -> 'api_key_encrypted' AS old, new -> 'api_key_encrypted' AS new FROM trail
WHERE resource_type = 'llm_configs';
SELECT count(*) AS keys FROM audit_payloads p WHERE p::text ~ 'first|second';

-- Values as they are, whatever the session's settings: numbers as numbers, times in UTC, jsonb as jsonb, long ones by size.
SELECT pg_temp.mark() AS before \gset
SET timezone = 'Asia/Kathmandu'; SET datestyle = 'German'; SET bytea_output = 'escape'; SET intervalstyle = 'iso_8601';
SET extra_float_digits = -3; SET quote_all_identifiers = on;
INSERT INTO model_pricing (model_id, input_price_per_1k, rates, max_input_tokens, last_updated, deprecated_at)
VALUES ('c/d', 0.0000100, '{"cached_input": 0.10, "x_seats": 1.0}', 200000, '2026-02-03 04:05:06.7+00', 'infinity');
RESET timezone; RESET datestyle; RESET bytea_output; RESET intervalstyle; RESET extra_float_digits; RESET quote_all_identifiers;
SET timezone = 'UTC';
SELECT new - '{price_id,last_updated}'::text[] AS new, new ->> 'last_updated' ~ '^20\d\d-\d\d-\d\dT[0-9:]{8}\.\d{6}Z$' AS in_utc FROM trail OFFSET (SELECT count(*) - 1 FROM trail);
ALTER TABLE model_pricing ADD COLUMN note text;
UPDATE model_pricing SET note = repeat('long ', 300000) WHERE model_id = 'c/d';
SELECT old -> 'note' AS old, new -> 'note' AS new FROM trail OFFSET (SELECT count(*) - 1 FROM trail);
ALTER TABLE model_pricing DROP COLUMN note;

-- What is rolled back was never written, by savepoints too; what failed neither.
SELECT pg_temp.mark() AS before \gset
BEGIN;
INSERT INTO exchange_rates VALUES ('GBP', '2026-01-01', 1.25);
SAVEPOINT one;
INSERT INTO exchange_rates VALUES ('SEK', '2026-01-01', 0.09);
ROLLBACK TO one;
INSERT INTO exchange_rates VALUES ('NOK', '2026-01-01', 0.10);
COMMIT;
BEGIN;
DELETE FROM exchange_rates;
ROLLBACK;
INSERT INTO exchange_rates VALUES ('GBP', '2026-01-01', 1.25) ON CONFLICT DO NOTHING;
SELECT action_type, resource_id FROM audit_log WHERE id > :before ORDER BY id;

-- Rows of one statement each have theirs; an upsert is told for what it did; emptied is one row.
SELECT pg_temp.mark() AS before \gset
INSERT INTO exchange_rates VALUES ('GBP', '2026-01-01', 1.30), ('DKK', '2026-01-01', 0.15)
  ON CONFLICT (currency, valid_from) DO UPDATE SET usd = excluded.usd;
TRUNCATE exchange_rates;
SELECT action_type, resource_id, details FROM audit_log WHERE id > :before ORDER BY id;

-- Rows that are loaded are not told one by one: that they were is, once a transaction.
SELECT pg_temp.mark() AS before \gset
COPY provider_aliases FROM stdin;
loaded	openai	\N
\.
SELECT pg_temp.mark() - :before AS written;
DELETE FROM provider_aliases;

-- One list of it and of the history of providers.
UPDATE llm_provider_configs SET display_name = 'Seen' WHERE provider_name = 'groq';
INSERT INTO exchange_rates VALUES ('EUR', '2026-01-01', 1.09);
SELECT user_id, action_type, resource_type, resource_id, details, new ->> 'display_name' AS name FROM audit_trail ORDER BY at DESC LIMIT 2;
SELECT count(*) > 10 AS rows, count(audit_id) = count(*) AS with_ids, count(DISTINCT leaf) = count(*) AS with_leaves,
  bool_and(audit_id NOT IN (SELECT id FROM audit_log)) AS ids_of_their_own
FROM llm_provider_config_history h LEFT JOIN provider_history_leaves l ON l.history_id = h.id;

-- The search of the trail goes by indexes.
SET enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    IF line ~ 'Index|Seq Scan on audit' THEN RETURN NEXT regexp_replace(line, '^ *(-> *)?', ''); END IF;
  END LOOP;
END $$;
SELECT * FROM pg_temp.plan($$SELECT * FROM audit_trail WHERE resource_type = 'tiers' AND resource_id = 'x'$$);
SELECT * FROM pg_temp.plan($$SELECT * FROM audit_trail WHERE user_id = 'alice' AND at >= now() - interval '1 day'$$);
RESET enable_seqscan;

-- Erasing what was recorded: the row stays, and it is written why.
SELECT id AS gone FROM audit_log WHERE resource_type = 'exchange_rates' ORDER BY id LIMIT 1 \gset
SELECT outcome FROM erase_audit_payload(ARRAY[:gone, :gone, 0], 'request 17 of a person', 'GDPR article 17');
SELECT outcome FROM erase_audit_payload(ARRAY[:gone], 'again', 'GDPR article 17');
SELECT action_type, resource_type, details - 'ids' AS details, details -> 'ids' = jsonb_build_array(:gone) AS ids,
  commitment IS NULL AS no_payload FROM audit_log ORDER BY id DESC LIMIT 1;
SELECT length(leaf) AS leaf, length(commitment) AS commitment FROM audit_log WHERE id = :gone;
SELECT pg_temp.outcome('SELECT erase_audit_payload(NULL, ''x'', ''y'')');
SELECT pg_temp.outcome('SELECT erase_audit_payload(''{1}'', '' '', ''y'')');
SELECT pg_temp.outcome('SELECT erase_audit_payload(''{1}'', ''x'', NULL)');
SELECT pg_temp.message('SELECT erase_audit_payload((SELECT array_agg(n) FROM generate_series(1, 10001) n), ''x'', ''y'')');

-- That seed() ran is told, and each row that it added.
DELETE FROM provider_aliases;
SELECT pg_temp.mark() AS before \gset
SELECT count(*) > 0 AS seeded FROM seed();
SELECT action_type, resource_type, count(*) > 1 AS several FROM audit_log WHERE id > :before
  AND resource_type IN ('installation', 'provider_aliases', 'tiers', 'tier_model_rules') GROUP BY 1, 2 ORDER BY 1, 2;

-- The catalog: the five indexes of the log and no more, months by time, nothing granted.
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'audit_log'::regclass ORDER BY 1;
DROP EXTENSION llm_admin CASCADE;
