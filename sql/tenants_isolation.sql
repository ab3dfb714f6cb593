-- One transaction, one tenant: enter_tenant(), row-level security and the checks of the functions. By what ways a session
-- could set the setting otherwise is in test/t/092_tenant_setting.pl.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();
SELECT count(*) AS configured FROM (SELECT put_llm_config(t, jsonb_build_object('apiKey', 'sk-of-' || t || '-0123456789abcdef', 'defaultModel', t))
  FROM unnest('{acme,bolt,corp}'::text[]) AS t) AS p;
CREATE ROLE regress_llm_app;
CREATE ROLE regress_llm_operator;
CREATE ROLE regress_llm_bypass BYPASSRLS;
SELECT grant_access(r, l) FROM (VALUES ('regress_llm_app'::regrole, 'app'), ('regress_llm_operator', 'operator'), ('regress_llm_bypass', 'app')) AS v (r, l);
SELECT encrypt_key('sk-of-anybody-0123456789abcdef') AS sealed \gset
SELECT schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'llm_admin' ORDER BY tablename, policyname;
SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'llm_admin'::regnamespace AND relrowsecurity ORDER BY 1;
CREATE FUNCTION pg_temp.seen() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(tenant_id, ' ' ORDER BY tenant_id) FROM llm_configs $$;

-- None entered: no row is there, none can be made; the functions take any tenant.
SET ROLE regress_llm_app;
SELECT pg_temp.seen() AS seen, entered_tenant() AS entered, get_llm_config('bolt') ->> 'defaultModel' AS model;
SELECT pg_temp.outcome($$INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('dune', 'kms:dune')$$) AS insert,
  pg_temp.outcome($$UPDATE llm_configs SET policy = 'aegis_only'$$) AS update, pg_temp.outcome($$DELETE FROM llm_configs$$) AS delete;

-- Entered: one's own row in every way, and nobody else's in any.
BEGIN;
SELECT enter_tenant('acme'), entered_tenant(), current_setting('llm_admin.entered_tenant') AS setting;
SELECT tenant_id, default_model, api_key_encrypted LIKE 'lma1.%' AS sealed FROM llm_configs;
SELECT count(*) AS others FROM llm_configs WHERE tenant_id <> 'acme';
UPDATE llm_configs SET default_model = 'ours';
DELETE FROM llm_configs WHERE tenant_id = 'bolt';
SELECT pg_temp.message($$UPDATE llm_configs SET tenant_id = 'acme2'$$) AS rename,
  pg_temp.message($$INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('dune', 'kms:dune')$$) AS insert;
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('acme', :'sealed') ON CONFLICT (tenant_id) DO UPDATE SET api_key_encrypted = EXCLUDED.api_key_encrypted
RETURNING tenant_id, default_model;
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.message($$INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('bolt', 'kms:b') ON CONFLICT (tenant_id) DO UPDATE SET policy = 'aegis_only'$$) AS upsert;
DELETE FROM llm_configs RETURNING tenant_id;
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES ('acme', :'sealed') RETURNING tenant_id, policy;
SELECT pg_temp.seen() AS seen;
ROLLBACK;
SELECT pg_temp.seen() AS seen, entered_tenant() AS entered;

-- The functions know the tenant that was entered and no other.
BEGIN;
SELECT enter_tenant('acme');
SELECT f, pg_temp.message(format(f, 'bolt')) AS another, pg_temp.message(format(f, 'acme')) AS own
FROM unnest(ARRAY['SELECT get_llm_config(%L)', $$SELECT put_llm_config(%L, '{}')$$, 'SELECT record_llm_test(%L, true)', 'SELECT resolve_llm(%L)',
  $$SELECT build_tenant_request(%L, '{"messages": [{"role": "user", "content": "Hi"}]}', 'byollm')$$, 'SELECT decrypt_tenant_key(%L)', 'SELECT enter_tenant(%L)',
  'SELECT delete_llm_config(%L)']) AS f;
ROLLBACK;
RESET ROLE;
BEGIN;
SELECT enter_tenant('acme');
SELECT f, pg_temp.message(format(f, 'bolt')) AS another, pg_temp.message(format(f, 'acme')) AS own
FROM unnest(ARRAY['SELECT rotate_data_key(%L)', 'SELECT shred_tenant_keys(%L)']) AS f;
SELECT tenant_id, default_model FROM list_llm_configs();
-- A superuser is not held by row-level security, and the functions hold it all the same.
SELECT pg_temp.seen() AS seen;
ROLLBACK;

-- One transaction, one tenant: not by a second call, a rolled back savepoint, RESET, or a block that caught the error.
SET ROLE regress_llm_app;
BEGIN;
SAVEPOINT before_it;
SELECT enter_tenant('acme');
SELECT enter_tenant('acme') AS again, pg_temp.outcome($$SELECT enter_tenant('bolt')$$) AS another;
SAVEPOINT within;
SELECT pg_temp.seen() AS seen;
ROLLBACK TO within;
SELECT pg_temp.seen() AS after_inner;
ROLLBACK TO before_it;
SELECT pg_temp.seen() AS after_outer, entered_tenant() AS entered, pg_temp.message($$SELECT enter_tenant('bolt')$$) AS another, pg_temp.message($$SELECT get_llm_config('bolt')$$) AS named;
SELECT enter_tenant('acme');
SELECT pg_temp.seen() AS seen;
RESET ALL;
SET search_path = llm_admin, public;
SELECT pg_temp.seen() AS after_reset, pg_temp.message($$SELECT enter_tenant('bolt')$$) AS another, pg_temp.message($$SELECT get_llm_config('bolt')$$) AS named;
SELECT enter_tenant('acme');
SELECT pg_temp.seen() AS seen;
COMMIT;
BEGIN;
SELECT enter_tenant('bolt');
SELECT pg_temp.seen() AS next_transaction;
COMMIT;
SELECT pg_temp.seen() AS seen;
-- The setting is not a plain role's to set.
BEGIN;
SELECT enter_tenant('acme');
SELECT pg_temp.message(s) FROM unnest('{SET llm_admin.entered_tenant = ''bolt'',SET LOCAL llm_admin.entered_tenant = ''bolt'',RESET llm_admin.entered_tenant,
  "SELECT set_config(''llm_admin.entered_tenant'', ''bolt'', true)","ALTER ROLE regress_llm_app SET llm_admin.entered_tenant = ''bolt''"}'::text[]) AS s;
SELECT pg_temp.seen() AS seen;
COMMIT;
-- Outside of a transaction block it lasts for the statement.
SELECT enter_tenant('acme');
SELECT pg_temp.seen() AS seen;
-- Names.
SELECT pg_temp.message($$SELECT enter_tenant('')$$), pg_temp.message($$SELECT enter_tenant(NULL)$$), pg_temp.message($$SELECT enter_tenant(repeat('x', 256))$$);
BEGIN;
SELECT enter_tenant($$it's "quoted"; SET ROLE postgres --$$);
INSERT INTO llm_configs (tenant_id, api_key_encrypted) VALUES (entered_tenant(), 'kms:q');
SELECT pg_temp.seen() AS seen;
ROLLBACK;

-- The operator's direct statements are held in the same way; the list is for the overview.
SET ROLE regress_llm_operator;
SELECT pg_temp.seen() AS seen, (SELECT string_agg(tenant_id, ' ') FROM list_llm_configs()) AS listed;
BEGIN;
SELECT enter_tenant('bolt');
SELECT pg_temp.seen() AS seen, (SELECT string_agg(tenant_id, ' ') FROM list_llm_configs()) AS listed;
SELECT pg_temp.message($$SELECT decrypt_tenant_key('bolt')$$) AS decrypt,
  pg_temp.message($$SELECT build_tenant_request('bolt', '{"messages": [{"role": "user", "content": "Hi"}]}', 'byollm', true)$$) AS with_key;
UPDATE llm_configs SET policy = 'byollm_only' RETURNING tenant_id;
COMMIT;
SELECT item, verdict, CASE WHEN item <> 'columns' THEN detail END AS detail FROM verify_llm_configs();
RESET ROLE;
SELECT count(*) AS rows FROM llm_configs;

-- What a plan looks like: the tenant is found by the index, whoever calls which function, and is asked for once.
CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP  -- servers write the sub-select's result in two ways
    RETURN NEXT replace(replace(replace(line, ' (returns $0)', ''), '$0', '<entered>'), '(InitPlan 1).col1', '<entered>');
  END LOOP;
END $$;
SET enable_seqscan = off;
SET ROLE regress_llm_app;
SELECT pg_temp.plan_of('SELECT * FROM llm_configs');
SELECT pg_temp.plan_of($$SELECT * FROM llm_configs WHERE provider = 'groq' AND default_model LIKE 'a%'$$);
RESET enable_seqscan;
-- A function that tells of all it sees, in a condition that costs nothing, sees one row.
CREATE FUNCTION pg_temp.leak(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
  RAISE NOTICE 'saw %', value;
  RETURN true;
END $$;
BEGIN;
SELECT enter_tenant('corp');
SELECT tenant_id FROM llm_configs WHERE pg_temp.leak(tenant_id) AND pg_temp.leak(default_model);
ROLLBACK;
SELECT tenant_id FROM llm_configs WHERE pg_temp.leak(tenant_id);
RESET ROLE;

-- Who is not held: BYPASSRLS, the owner; the functions still check for the first.
SET ROLE regress_llm_bypass;
BEGIN;
SELECT enter_tenant('corp');
SELECT pg_temp.seen() AS seen, pg_temp.message($$SELECT get_llm_config('bolt')$$) AS named;
COMMIT;
RESET ROLE;
-- Through somebody else's function: row-level security is off in a superuser's, and the tenant functions are not.
CREATE FUNCTION public.regress_llm_wrapper(tenant text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
  SELECT llm_admin.get_llm_config(tenant) ->> 'defaultModel'
$$;
CREATE FUNCTION public.regress_llm_seen() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
  SELECT string_agg(tenant_id, ' ' ORDER BY tenant_id) FROM llm_admin.llm_configs
$$;
CREATE FUNCTION public.regress_llm_enter(tenant text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  SELECT llm_admin.enter_tenant(tenant)
$$;
SET ROLE regress_llm_app;
BEGIN;
SELECT public.regress_llm_enter('acme');
SELECT pg_temp.seen() AS seen, public.regress_llm_wrapper('acme') AS own, pg_temp.message($$SELECT public.regress_llm_wrapper('bolt')$$) AS another,
  pg_temp.message($$SELECT public.regress_llm_enter('bolt')$$) AS enter, public.regress_llm_seen() AS by_a_superuser;
COMMIT;
-- A view of the owner's shows what the owner sees; with security_invoker, what its reader sees.
RESET ROLE;
CREATE VIEW public.regress_llm_view WITH (security_invoker) AS SELECT tenant_id FROM llm_admin.llm_configs;
GRANT SELECT ON public.regress_llm_view TO regress_llm_app;
SET ROLE regress_llm_app;
BEGIN;
SELECT enter_tenant('bolt');
SELECT * FROM public.regress_llm_view;
COMMIT;
-- A plan that was made before is asked anew for whom it is.
PREPARE mine AS SELECT tenant_id FROM llm_configs;
BEGIN;
SELECT enter_tenant('acme');
EXECUTE mine;
COMMIT;
BEGIN;
SELECT enter_tenant('bolt');
EXECUTE mine;
COMMIT;
EXECUTE mine;
-- A cursor goes on with the tenant of its transaction.
BEGIN;
SELECT enter_tenant('acme');
DECLARE c CURSOR WITH HOLD FOR SELECT tenant_id FROM llm_configs;
COMMIT;
FETCH ALL FROM c;
CLOSE c;
RESET ROLE;
-- Parallel workers have the tenant, too.
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL enable_indexscan = off;
SET LOCAL enable_bitmapscan = off;
-- renamed in 16
SELECT count(set_config(name, 'on', true)) AS forced FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET LOCAL ROLE regress_llm_app;
SELECT enter_tenant('bolt');
SELECT count(*) > 0 AS in_parallel FROM pg_temp.plan_of('SELECT tenant_id, entered_tenant() FROM llm_configs') AS line WHERE line ~ 'Parallel Seq Scan';
SELECT tenant_id, entered_tenant() FROM llm_configs;
COMMIT;
-- COPY and TRUNCATE.
SET ROLE regress_llm_app;
BEGIN;
SELECT enter_tenant('corp');
COPY llm_configs (tenant_id) TO STDOUT;
SELECT pg_temp.message('TRUNCATE llm_configs') AS truncate;
ROLLBACK;
RESET ROLE;
DROP VIEW public.regress_llm_view;
DROP FUNCTION public.regress_llm_wrapper(text), public.regress_llm_seen(), public.regress_llm_enter(text);
SELECT revoke_access(r, l) FROM (VALUES ('regress_llm_app'::regrole, 'app'), ('regress_llm_operator', 'operator'), ('regress_llm_bypass', 'app')) AS v (r, l);
DROP OWNED BY regress_llm_app;
DROP ROLE regress_llm_app, regress_llm_operator, regress_llm_bypass;
DROP EXTENSION llm_admin CASCADE;
