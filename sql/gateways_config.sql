-- What gateways are told of: which changes count, how they are told, who sees which, and what is left out.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET timezone = 'UTC';
-- Nothing yet: a state without rows, and its version is 0.
SELECT * FROM config_since();
SELECT * FROM config_since(NULL);
-- From nothing: everything, parents first, at one version.
SELECT count(*) > 0 AS seeded FROM seed_providers();
INSERT INTO tiers (tier_code, display_name, sort_order) VALUES ('gold', 'Gold', 1);
SELECT kind, op, count(*), bool_and(s.version = (SELECT max(c.version) FROM config_changes c)) AS at_the_last FROM config_since() s GROUP BY kind, op ORDER BY kind;
SELECT count(*) AS nothing_new FROM config_since((SELECT max(version) FROM config_changes));
CREATE TABLE pg_temp.seen AS SELECT max(version) AS version FROM config_changes;
CREATE FUNCTION pg_temp.news(OUT later boolean, OUT kind text, OUT id text, OUT op text, OUT data jsonb) RETURNS SETOF record
BEGIN ATOMIC
  SELECT s.version > (SELECT version FROM pg_temp.seen), s.kind, s.id, s.op, s.data FROM llm_admin.config_since((SELECT version FROM pg_temp.seen)) s;
END;
CREATE FUNCTION pg_temp.look() RETURNS void LANGUAGE sql AS 'UPDATE pg_temp.seen SET version = (SELECT max(version) FROM llm_admin.config_changes)';

-- Changed, changed again, deleted: once each, as it is now.
INSERT INTO exchange_rates VALUES ('EUR', '2026-01-01 00:00:00.123456+00', 1.0950), ('CHF', '2026-01-01', 1.2);
UPDATE exchange_rates SET usd = 1.10 WHERE currency = 'EUR';
DELETE FROM exchange_rates WHERE currency = 'CHF';
SELECT * FROM pg_temp.news();
-- The same call tells the same; versions rise with the commits, one each.
SELECT count(*) AS rows, count(DISTINCT version) AS versions, bool_and(later) AS rising FROM (
  SELECT version, version > lag(version, 1, 0::bigint) OVER (ORDER BY number) OR version = lag(version) OVER (ORDER BY number) AS later FROM config_changes
  WHERE version > (SELECT version FROM pg_temp.seen)) c;
SELECT pg_temp.look();

-- Nobody's changes: nothing set, what servers note as they run, a rollback, a savepoint that was rolled back.
UPDATE exchange_rates SET usd = usd;
INSERT INTO model_servers (id, name, type, host, port) VALUES ('11111111-0000-4000-8000-000000000001', 'gpu1', 'ollama', 'h', 1);
SELECT kind, id, op, data - 'created_at' AS data FROM pg_temp.news();
SELECT pg_temp.look();
SELECT record_server_health('gpu1', 'healthy');
BEGIN;
DELETE FROM exchange_rates;
ROLLBACK;
BEGIN;
SAVEPOINT one;
DELETE FROM exchange_rates;
ROLLBACK TO one;
COMMIT;
SELECT * FROM pg_temp.news();
-- A savepoint that stays beside one that does not.
BEGIN;
SAVEPOINT one;
INSERT INTO exchange_rates VALUES ('SEK', '2026-01-01', 0.09);
SAVEPOINT two;
INSERT INTO exchange_rates VALUES ('NOK', '2026-01-01', 0.1);
ROLLBACK TO two;
RELEASE one;
INSERT INTO model_aliases (pattern, canonical) VALUES ('quick/*', 'groq/*');
COMMIT;
SELECT kind, id, op, data FROM pg_temp.news();
SELECT count(DISTINCT version) AS commits FROM config_changes WHERE version > (SELECT version FROM pg_temp.seen);
SELECT pg_temp.look();
-- Under another name it is one that is gone, and a new one.
UPDATE exchange_rates SET currency = 'DKK' WHERE currency = 'SEK';
UPDATE model_aliases SET pattern = 'fast/*';
SELECT kind, id, op, data FROM pg_temp.news();
SELECT pg_temp.look();

-- Also where a role of replication is set, and above READ COMMITTED.
SET session_replication_role = replica;
INSERT INTO exchange_rates VALUES ('PLN', '2026-01-01', 0.25);
RESET session_replication_role;
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO exchange_rates VALUES ('CZK', '2026-01-01', 0.04);
COMMIT;
SELECT kind, id, op FROM pg_temp.news();
SELECT pg_temp.look();
-- In one transaction with what changes the table.
BEGIN;
DELETE FROM exchange_rates WHERE currency = 'CZK';
ALTER TABLE exchange_rates ADD COLUMN note text;
ALTER TABLE exchange_rates DROP COLUMN note;
TRUNCATE exchange_rates;
INSERT INTO exchange_rates VALUES ('HUF', '2026-01-01', 0.003);
COMMIT;
-- A kind that is to be read anew: what there is follows.
SELECT kind, id, op, data FROM pg_temp.news();
SELECT pg_temp.look();
-- More than a thousand of one kind at once, too; fewer are told one by one.
INSERT INTO model_permissions (model_id, access_type, access_value) SELECT 'a/m' || n, 'role', 'r' FROM generate_series(1, 1000) n;
SELECT op, count(*) FROM pg_temp.news() GROUP BY op ORDER BY op;
SELECT count(*) FROM config_changes WHERE version > (SELECT version FROM pg_temp.seen);
SELECT pg_temp.look();
BEGIN;
UPDATE model_permissions SET allowed = false;
INSERT INTO model_permissions (model_id, access_type, access_value) VALUES ('b/m', 'role', 'r');
COMMIT;
SELECT op, count(*) FROM pg_temp.news() GROUP BY op ORDER BY op;
SELECT kind, op, count(*) FROM config_changes WHERE version > (SELECT version FROM pg_temp.seen) GROUP BY kind, op ORDER BY op;
DELETE FROM model_permissions;
SELECT pg_temp.look();

-- A version that this database does not know: everything. One that it knows of a moment ago: what came since.
SELECT kind, op FROM config_since((SELECT version + 1 FROM pg_temp.seen)) LIMIT 2;
SELECT kind, op FROM config_since(17) LIMIT 2;
SELECT kind, op FROM config_since(9223372036854775807) LIMIT 1;
SELECT kind, op FROM config_since(-1) LIMIT 1;
-- A bounded number of changes is kept: the oldest leave with the next change, and whoever stood there begins anew.
INSERT INTO config_changes (number, version, kind, id, op) SELECT max(number) + 99999, max(version) + 1, 'price', 'a/b', 'put' FROM config_changes;
SELECT kind, id, op FROM pg_temp.news();
INSERT INTO exchange_rates VALUES ('JPY', '2026-01-01', 0.007);
SELECT kind, op FROM pg_temp.news() LIMIT 1;
SELECT count(*) FROM config_changes;
SELECT pg_temp.look();

-- Providers: created, changed, renamed, deleted, all of them. Limits by tenant, and grants.
SELECT count(*) AS created FROM create_provider('Own', 'https://own.example.com/v1', 'm');
SELECT set_provider_key('own', 'sk-0123456789abcdefghij');
UPDATE llm_provider_configs SET provider_name = 'own_one' WHERE provider_name = 'own';
SELECT kind, op, data ->> 'provider_name' AS name FROM pg_temp.news();
DELETE FROM llm_provider_configs WHERE provider_name = 'own_one';
SELECT kind, op, data ->> 'provider_name' AS name FROM pg_temp.news();
UPDATE llm_provider_configs SET is_active = false;
SELECT pg_temp.look();
TRUNCATE llm_provider_configs;
SELECT kind, op, count(*) FROM pg_temp.news() GROUP BY kind, op;
SELECT count(*) > 0 AS seeded FROM seed_providers();
SELECT pg_temp.look();
INSERT INTO limits (id, scope, what, amount, period, tenant_id) VALUES
  ('22222222-0000-4000-8000-000000000001', 'user', 'requests', 10, 'day', '*'), ('22222222-0000-4000-8000-000000000002', 'user', 'requests', 10, 'day', 'ac*'),
  ('22222222-0000-4000-8000-000000000003', 'user', 'requests', 10, 'day', 'globex');
INSERT INTO limit_overrides (limit_id, extra) VALUES ('22222222-0000-4000-8000-000000000003', 5);
SELECT kind, op, data ->> 'amount' AS amount, data ->> 'extra' AS extra, data ->> 'tenant_id' AS tenant FROM pg_temp.news() ORDER BY kind, tenant;
SELECT pg_temp.look();
-- Of an access key its id and prefix: made, blocked, given another token.
SELECT id AS key FROM issue_access_key('ours', '{"tenant_id": "acme"}') \gset
SELECT kind, op, id = :'key' AS this, data ->> 'id' = id AS id, length(data ->> 'prefix') AS prefix, (SELECT count(*) FROM jsonb_object_keys(data)) AS members FROM pg_temp.news();
SELECT pg_temp.look();
SELECT block_access_key(:'key', true);
SELECT prefix <> '' AS rotated FROM rotate_access_key(:'key', 0);
SELECT kind, op, id = :'key' AS this FROM pg_temp.news();
SELECT version AS seen FROM pg_temp.seen \gset
BEGIN;
SELECT enter_tenant('globex');
SELECT count(*) FROM config_since(:seen);
ROLLBACK;
SELECT pg_temp.look();
UPDATE limits SET amount = 11;
INSERT INTO limit_overrides (limit_id, extra) VALUES ('22222222-0000-4000-8000-000000000003', 6);
BEGIN;
SELECT enter_tenant('acme');
SELECT kind, op, data ->> 'extra' AS extra, data ->> 'tenant_id' AS tenant FROM pg_temp.news() ORDER BY kind, tenant;
ROLLBACK;
SELECT pg_temp.look();

-- Without keys and what looks like one: of providers, accounts, tenants.
SELECT set_provider_key('groq', 'gsk_0123456789abcdefghij');
UPDATE llm_provider_configs SET additional_headers = '{"X-Note": "a note"}' WHERE provider_name = 'groq';
INSERT INTO llm_providers (name, type, api_key_encrypted, metadata)
  VALUES ('main', 'mistral', encrypt_key('sk-0123456789abcdefghij'), '{"priority": 1, "client_secret": "sk-0123456789abcdefghij"}');
SELECT put_llm_config('acme', '{"apiKey": "sk-or-0123456789abcdefghij"}') IS NOT NULL AS put;
SELECT put_llm_config('globex', '{"apiKey": "sk-or-0123456789abcdefghij"}') IS NOT NULL AS put;
INSERT INTO model_permissions (model_id, access_type, access_value) VALUES ('a/m', 'user', 'globex/bob');
SELECT kind, op, data ? 'api_key_encrypted' AS key, data::text ~ '0123456789abcdef' AS shows, data #> '{additional_headers}' AS headers, data #> '{metadata}' AS metadata,
  data ->> 'tenant_id' AS tenant FROM pg_temp.news() ORDER BY kind, data ->> 'tenant_id';

-- Who sees which. Levels app, operator and auditor; the platform's, the entered tenant's, or all.
CREATE ROLE regress_llm_app; CREATE ROLE regress_llm_auditor; CREATE ROLE regress_llm_security; CREATE ROLE regress_llm_nobody;
SELECT grant_access('regress_llm_app', 'app'), grant_access('regress_llm_auditor', 'auditor'), grant_access('regress_llm_security', 'security');
GRANT USAGE ON SCHEMA llm_admin TO regress_llm_nobody;
GRANT SELECT ON pg_temp.seen TO PUBLIC;
SELECT version AS seen FROM pg_temp.seen \gset
SET ROLE regress_llm_app;
SELECT kind, op, data IS NOT NULL AS data, data ->> 'tenant_id' AS tenant FROM config_since(:seen) ORDER BY kind;
SELECT count(*) AS of_tenants FROM config_since() WHERE kind = 'tenant_config';
SELECT count(*) FROM config_changes;
BEGIN;
SELECT enter_tenant('acme');
SELECT kind, op, data IS NOT NULL AS data, data ->> 'tenant_id' AS tenant FROM config_since(:seen) ORDER BY kind;
SELECT data ->> 'tenant_id' AS tenant FROM config_since() WHERE kind = 'tenant_config';
COMMIT;
SET ROLE regress_llm_auditor;
SELECT kind, op, data IS NOT NULL AS data, data ->> 'tenant_id' AS tenant FROM config_since(:seen) ORDER BY kind, tenant;
SELECT count(*) FROM config_changes WHERE tenant_id <> '';
BEGIN;
SELECT count(*) FROM config_changes WHERE tenant_id = 'acme';
ROLLBACK;
SET ROLE regress_llm_security;
SELECT * FROM config_since();
SET ROLE regress_llm_nobody;
SELECT * FROM config_since();
RESET ROLE;
-- What a tenant has no more is told to it, and to no other.
SELECT pg_temp.look();
SELECT version AS seen FROM pg_temp.seen \gset
SELECT delete_llm_config('globex');
BEGIN;
SELECT enter_tenant('globex');
SET LOCAL ROLE regress_llm_app;
SELECT kind, op, data FROM config_since(:seen);
COMMIT;
BEGIN;
SELECT enter_tenant('acme');
SET LOCAL ROLE regress_llm_app;
SELECT kind, op, data FROM config_since(:seen);
COMMIT;

-- The trigger is for tables of ours alone.
CREATE TABLE pg_temp.exchange_rates (currency text);
CREATE TRIGGER t AFTER INSERT ON pg_temp.exchange_rates FOR EACH ROW EXECUTE FUNCTION config_changed();
INSERT INTO pg_temp.exchange_rates VALUES ('EUR');
CREATE TRIGGER t BEFORE INSERT ON llm_admin.exchange_rates FOR EACH ROW EXECUTE FUNCTION config_changed();
INSERT INTO llm_admin.exchange_rates VALUES ('EUR', '2026-01-01', 1);
DROP TRIGGER t ON llm_admin.exchange_rates;
SELECT config_changed();

-- The extension, or this version of it, may leave with the changes. What leans on it goes first.
DROP FUNCTION pg_temp.news();
DROP TABLE pg_temp.exchange_rates;
BEGIN;
INSERT INTO llm_admin.exchange_rates VALUES ('EUR', '2026-01-01', 1);
DROP EXTENSION llm_admin;
COMMIT;
DROP OWNED BY regress_llm_app, regress_llm_auditor, regress_llm_security, regress_llm_nobody;
DROP ROLE regress_llm_app, regress_llm_auditor, regress_llm_security, regress_llm_nobody;
