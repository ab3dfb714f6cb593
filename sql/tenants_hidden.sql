-- Within an entered tenant nothing tells of the others: no id, no count.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION llm_admin;
SET search_path = llm_admin, public;
\pset format unaligned
SELECT count(*) > 0 AS seeded FROM seed();
CREATE ROLE regress_hidden_all LOGIN;
SELECT count(grant_access('regress_hidden_all', level)) FROM unnest(ARRAY['app', 'operator', 'security', 'auditor']) AS level;
SELECT count(put_llm_config(t, jsonb_build_object('provider', 'groq', 'apiKey', 'gsk-of-' || t || '-0123456789abcdef')))
FROM unnest(ARRAY['a', 'b', 'c']) AS t;
INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('config-of-e', 'e', 'groq', 'kms:e');
SELECT id AS b_id FROM llm_configs WHERE tenant_id = 'b' \gset
SELECT gen_random_uuid() AS no_id \gset
CREATE FUNCTION pg_temp.told(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE s text; m text; d text; h text; n bigint;
BEGIN
  EXECUTE statement;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n || ' row';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
  RETURN concat_ws('|', s, m, d, h);
END $$;
-- The same outcome for an id that another tenant's row has and for one that none has.
CREATE TABLE public.pairs (statement text);
INSERT INTO public.pairs VALUES
  ($$UPDATE llm_configs SET id = '%s' WHERE tenant_id = 'a'$$),
  ($$UPDATE llm_configs SET id = '%s', default_model = 'm' WHERE tenant_id = 'a'$$),
  ($$INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('%s', 'a', 'groq', 'kms:x')$$),
  ($$INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('%s', 'a', 'groq', 'kms:x') ON CONFLICT DO NOTHING$$),
  ($$INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('%s', 'b', 'groq', 'kms:x') ON CONFLICT DO NOTHING$$),
  ($$INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('%s', 'z', 'groq', 'kms:x')$$),
  ($$WITH gone AS (DELETE FROM llm_configs WHERE tenant_id = 'a') SELECT 1$$),
  ($$SELECT delete_llm_config('a')$$),
  ($$INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('%s', 'a', 'groq', 'kms:x') ON CONFLICT (id) DO NOTHING$$),
  ($$INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('%s', 'a', 'groq', 'kms:x') ON CONFLICT (id) DO UPDATE SET default_model = 'm'$$);
GRANT SELECT ON public.pairs TO regress_hidden_all;
CREATE FUNCTION pg_temp.outcomes(taken text, not_taken text) RETURNS TABLE (statement text, taken_ text, same bool) LANGUAGE plpgsql AS $$
DECLARE s text; o text[];
BEGIN
  FOR s IN SELECT p.statement FROM public.pairs p LOOP
    o := '{}';
    FOR i IN 1 .. 2 LOOP
      BEGIN
        o := o || pg_temp.told(format(replace(s, '%s', '%1$s'), CASE i WHEN 1 THEN taken ELSE not_taken END));
        RAISE EXCEPTION 'taken back';
      EXCEPTION WHEN raise_exception THEN
      END;
    END LOOP;
    statement := s; taken_ := o[1]; same := replace(o[1], taken, '') = replace(o[2], not_taken, '');
    RETURN NEXT;
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO regress_hidden_all;
BEGIN;
SET LOCAL SESSION AUTHORIZATION regress_hidden_all;
SELECT enter_tenant('a');
SELECT * FROM pg_temp.outcomes(:'b_id', :'no_id');
SELECT statement, same FROM pg_temp.outcomes('config-of-e', 'config-of-none');
-- The tenant that has no row yet.
SELECT delete_llm_config('a');
SELECT * FROM pg_temp.outcomes(:'b_id', :'no_id');
SELECT statement, same FROM pg_temp.outcomes('config-of-e', 'config-of-none');
-- A given uuid is kept, as Prisma gives one; another tenant's gives way.
INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES (:'no_id', 'a', 'groq', 'kms:x') RETURNING id = :'no_id' AS kept;
INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES (:'no_id', 'a', 'groq', 'kms:y')
  ON CONFLICT (id) DO UPDATE SET default_model = 'upserted' RETURNING id = :'no_id' AS kept, default_model;
DELETE FROM llm_configs;
INSERT INTO llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES (:'b_id', 'a', 'groq', 'kms:x')
RETURNING id <> :'b_id' AS another, id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' AS is_uuid;
ROLLBACK;
-- Counts, and what is wrong with others.
BEGIN;
UPDATE data_keys SET first_use_block = -9999999 WHERE tenant_id = 'b';
SET LOCAL SESSION AUTHORIZATION regress_hidden_all;
SELECT enter_tenant('a');
SELECT item, detail FROM verify_llm_configs() WHERE item IN ('configurations', 'without a key', 'of unknown providers');
SELECT tenant_id FROM list_llm_configs();
SELECT * FROM verify_keys();
SELECT item, value FROM key_status() WHERE item ~ '^keys|^tenants|^root key \d|^values';
SELECT table_name FROM schema_stats() WHERE bytes IS NULL AND estimated_rows IS NULL AND table_name !~ '_\d{4}_\d\d$';
SELECT count(*) > 0 AS others_are_told FROM schema_stats() WHERE bytes IS NOT NULL;
SELECT kind, object, verdict, detail FROM validate_schema() WHERE kind IN ('tenant', 'data key');
SELECT * FROM reseal_keys();
SELECT pg_temp.told('SELECT * FROM rotate_root_key(1)');
SELECT pg_temp.told($$SELECT * FROM shred_tenant_keys('b')$$);
SELECT count(*) FROM pg_stats WHERE schemaname = 'llm_admin' AND tablename = 'llm_configs';
ROLLBACK;
-- Outside of a tenant the owner sees all, and may give ids of any form.
SELECT item, detail FROM verify_llm_configs() WHERE item IN ('configurations', 'without a key', 'of unknown providers');
SELECT ok, opaque FROM verify_keys();
UPDATE llm_configs SET id = 'of-e' WHERE tenant_id = 'e' RETURNING id;
DROP TABLE public.pairs;
DROP EXTENSION llm_admin CASCADE;
DROP OWNED BY regress_hidden_all;
DROP ROLE regress_hidden_all;
