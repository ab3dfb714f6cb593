-- A tenant's row is found wherever it has gone since it was read last, and only as the snapshot has it.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
\pset tuples_only on
SELECT count(*) > 0 FROM seed();
INSERT INTO llm_configs (tenant_id, default_model, policy, api_key_encrypted)
SELECT t, t, 'byollm_only', encrypt_key('sk-of-' || t || '-0123456789abcdef') FROM unnest('{red,blue,third}'::text[]) AS t;
-- Its model, by the function; and its key.
CREATE FUNCTION public.of(tenant text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT r.provider_name || ' ' || r.model FROM llm_admin.resolve_llm(tenant) AS r);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
SELECT public.of('red'), public.of('blue'), public.of('third'), public.of('fourth');
SELECT decrypt_tenant_key('red'), decrypt_tenant_key('blue');

-- Changed in this transaction, and back.
BEGIN;
UPDATE llm_configs SET default_model = 'changed' WHERE tenant_id = 'red';
SELECT public.of('red');
SAVEPOINT inner_one;
UPDATE llm_configs SET default_model = 'again' WHERE tenant_id = 'red';
SELECT put_llm_config('red', '{"apiKey": "sk-other-0123456789abcdef"}') ->> 'maskedKey';
SELECT public.of('red'), decrypt_tenant_key('red');
ROLLBACK TO inner_one;
SELECT public.of('red'), decrypt_tenant_key('red');
ROLLBACK;
SELECT public.of('red'), decrypt_tenant_key('red');

-- Two tenants change their names with one another: keys and models go with the names.
BEGIN;
UPDATE llm_configs SET tenant_id = 'tmp' WHERE tenant_id = 'red';
SELECT public.of('red'), public.of('tmp');
ROLLBACK;
SELECT public.of('red'), public.of('tmp');
BEGIN;
UPDATE llm_configs SET tenant_id = 'tmp' WHERE tenant_id = 'red';
UPDATE llm_configs SET tenant_id = 'red' WHERE tenant_id = 'blue';
UPDATE llm_configs SET tenant_id = 'blue' WHERE tenant_id = 'tmp';
SELECT public.of('red'), public.of('blue'), decrypt_tenant_key('red'), decrypt_tenant_key('blue');
COMMIT;
SELECT public.of('red'), public.of('blue'), decrypt_tenant_key('red'), decrypt_tenant_key('blue');

-- A cursor keeps what it saw when it was opened.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT public.of('third');
DECLARE before_it CURSOR FOR SELECT public.of('third');
UPDATE llm_configs SET default_model = 'later' WHERE tenant_id = 'third';
SELECT public.of('third');
FETCH before_it;
COMMIT;

-- The row goes, its place is used by another one; the table is written anew.
DELETE FROM llm_configs WHERE tenant_id = 'third';
VACUUM llm_configs;
SELECT public.of('third');
INSERT INTO llm_configs (tenant_id, default_model, policy, api_key_encrypted) VALUES ('fourth', 'fourth', 'byollm_only', 'kms:of-fourth');
SELECT public.of('third'), public.of('fourth'), get_llm_config('third');
UPDATE llm_configs SET tenant_id = 'third' WHERE tenant_id = 'fourth';
SELECT public.of('third'), public.of('fourth');
VACUUM FULL llm_configs;
SELECT public.of('red'), public.of('blue'), public.of('third');

-- More tenants than places to remember, there and back; then the table is shorter than the place where a row was.
INSERT INTO llm_configs (tenant_id, default_model, policy, api_key_encrypted) SELECT 'many ' || n, 'many ' || n, 'byollm_only', 'kms:' || n FROM generate_series(1, 3000) AS n;
SELECT count(*), count(*) FILTER (WHERE public.of('many ' || n) <> 'openrouter many ' || n) AS wrong FROM generate_series(1, 3000) AS n;
SELECT count(*) FILTER (WHERE public.of('many ' || n) <> 'openrouter many ' || n) AS wrong FROM generate_series(3000, 1, -1) AS n;
SELECT count(*) FILTER (WHERE public.of('many ' || n) <> 'openrouter many ' || n OR public.of('many ' || 3001 - n) <> 'openrouter many ' || 3001 - n) AS wrong FROM generate_series(1, 3000) AS n;
SELECT public.of('many 3000');
DELETE FROM llm_configs WHERE tenant_id LIKE 'many%';
VACUUM llm_configs;
SELECT public.of('many 3000'), public.of('red');
TRUNCATE llm_configs;
SELECT public.of('red');
SELECT put_llm_config('red', '{"apiKey": "sk-new-0123456789abcdefgh", "policy": "byollm_only", "defaultModel": "new"}') ->> 'maskedKey';
SELECT public.of('red'), decrypt_tenant_key('red');

-- The provider's row goes other ways, too: renamed, and an alias that comes and goes.
BEGIN;
UPDATE llm_provider_configs SET provider_name = 'elsewhere' WHERE provider_name = 'openrouter';
SELECT public.of('red');
INSERT INTO provider_aliases VALUES ('openrouter', 'elsewhere');
SELECT public.of('red'), decrypt_tenant_key('red');
DELETE FROM provider_aliases WHERE alias = 'openrouter';
SELECT public.of('red');
ROLLBACK;
SELECT public.of('red');
-- The columns have other places after an ALTER TABLE.
ALTER TABLE llm_configs ADD COLUMN note text DEFAULT 'x';
SELECT public.of('red'), decrypt_tenant_key('red');
UPDATE llm_configs SET note = 'y', default_model = 'noted';
SELECT public.of('red'), (SELECT verdict FROM verify_llm_configs() WHERE item = 'columns');
ALTER TABLE llm_configs DROP COLUMN note;
SELECT public.of('red'), (SELECT verdict FROM verify_llm_configs() WHERE item = 'columns');

-- The table is gone and made anew.
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
CREATE EXTENSION llm_admin;
SELECT public.of('red'), get_llm_config('red');
DROP FUNCTION public.of;
DROP EXTENSION llm_admin CASCADE;
