-- migrations/llm_admin--0.6--0.5.sql.in
-- Back to 0.5: what 0.6 brought leaves. LA040 where rows of the user's would be lost or something of the user's uses
-- what leaves. Rows that ship and nobody edited are nobody's loss.
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);
-- What the script needs, told in words before anything else. The library of 0.1 to 0.3 has not got the function below,
-- so it is known by a setting it lacks; one that is not loaded yet has no settings here.
SELECT pg_catalog.concat('open a new session: this one has the library of an earlier version of llm_admin loaded, ',
  'and the script needs a newer one')::pg_catalog.bool
FROM pg_catalog.pg_settings s
WHERE s.name OPERATOR(pg_catalog.=) 'llm_admin.actor'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings n WHERE n.name OPERATOR(pg_catalog.=) 'llm_admin.library_version');
CREATE FUNCTION llm_admin.check_requirements(script pg_catalog.text) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_check_requirements';
SELECT llm_admin.check_requirements('llm_admin--0.6--0.5.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

CREATE OR REPLACE FUNCTION llm_admin.seed()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 23
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed');
    SELECT p.item, p.outcome
    FROM llm_admin.seed_providers() p
    UNION ALL
    SELECT a.item, a.outcome
    FROM llm_admin.seed_provider_aliases() a;
  END;

CREATE FUNCTION llm_admin.drop_functions(leaving pg_catalog.regprocedure[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_functions';
-- Tables that stay are no more audited.
DROP TRIGGER trg_audit_change ON llm_admin.access_grants;
DROP TRIGGER trg_audit_truncate ON llm_admin.access_grants;
DROP TRIGGER trg_audit_change ON llm_admin.llm_configs;
DROP TRIGGER trg_audit_truncate ON llm_admin.llm_configs;
DROP TRIGGER trg_audit_change ON llm_admin.provider_aliases;
DROP TRIGGER trg_audit_truncate ON llm_admin.provider_aliases;
CREATE FUNCTION llm_admin.drop_tables(
  leaving pg_catalog.regclass[], counted pg_catalog.text[], narrowed pg_catalog.regclass[], columns pg_catalog.text[])
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off SET row_security = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_tables';
-- Their bodies hold on to tables that leave before them.
CREATE OR REPLACE FUNCTION llm_admin.cost_anomalies(
  since pg_catalog.date DEFAULT NULL::pg_catalog.date,
  OUT date pg_catalog.date, OUT subject pg_catalog.text, OUT model_id pg_catalog.text, OUT cost_usd pg_catalog.numeric,
  OUT usual_usd pg_catalog.numeric, OUT factor pg_catalog.numeric, OUT likely_cause pg_catalog.text)
  RETURNS SETOF pg_catalog.record LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    SELECT NULL::pg_catalog.date, ''::pg_catalog.text, ''::pg_catalog.text, 0::pg_catalog.numeric, 0::pg_catalog.numeric,
           0::pg_catalog.numeric, ''::pg_catalog.text WHERE false;
  END;
CREATE OR REPLACE FUNCTION llm_admin.unmatched_models(
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  OUT provider pg_catalog.text, OUT model_id pg_catalog.text, OUT served_model pg_catalog.text,
  OUT calls pg_catalog.int8, OUT last_at pg_catalog.timestamptz, OUT reason pg_catalog.text)
  RETURNS SETOF pg_catalog.record LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    SELECT ''::pg_catalog.text, ''::pg_catalog.text, ''::pg_catalog.text, 0::pg_catalog.int8,
           NULL::pg_catalog.timestamptz, ''::pg_catalog.text WHERE false;
  END;
CREATE OR REPLACE FUNCTION llm_admin.unpriced_models(
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  until pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  OUT provider pg_catalog.text, OUT model_id pg_catalog.text, OUT requested_model pg_catalog.text,
  OUT requests pg_catalog.int8, OUT total_tokens pg_catalog.int8, OUT first_at pg_catalog.timestamptz,
  OUT last_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    SELECT ''::pg_catalog.text, ''::pg_catalog.text, ''::pg_catalog.text, 0::pg_catalog.int8, 0::pg_catalog.int8,
           NULL::pg_catalog.timestamptz, NULL::pg_catalog.timestamptz WHERE false;
  END;
CREATE OR REPLACE FUNCTION llm_admin.seed_tiers()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 56
  BEGIN ATOMIC
    SELECT ''::pg_catalog.text, ''::pg_catalog.text WHERE false;
  END;
DROP TRIGGER trg_cache_changed ON llm_admin.provider_aliases;
DROP TRIGGER trg_cache_replicated ON llm_admin.provider_aliases;
-- Whether a row of the audit log tells of seeding alone: that seed() ran, or that a row was added under a name that
-- ships. A row added by hand under such a name is somebody's in its own table, unless it is as it ships; what became
-- of it later is in rows of the log that count.
CREATE FUNCTION llm_admin.tells_of_seeding(
  id pg_catalog.int8, at pg_catalog.timestamptz, action pg_catalog.text, resource pg_catalog.text)
  RETURNS pg_catalog.bool LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
    SELECT action = 'seeded' AND resource = 'installation' OR action = 'created' AND EXISTS (
      SELECT FROM llm_admin.audit_payloads p
      WHERE p.audit_time = at AND p.audit_id = id AND CASE resource
        WHEN 'provider_aliases' THEN EXISTS (SELECT FROM llm_admin.shipped_provider_aliases() s
          WHERE s.alias = p.new->>'alias' AND s.provider_name = p.new->>'provider_name')
        WHEN 'tiers' THEN EXISTS (SELECT FROM llm_admin.shipped_tiers() s WHERE s.tier_code = p.new->>'tier_code')
        WHEN 'tier_model_rules' THEN EXISTS (SELECT FROM llm_admin.shipped_tier_rules() s
          WHERE s.tier_code = p.new->>'tier_code' AND s.model_pattern = p.new->>'model_pattern')
        WHEN 'model_aliases' THEN EXISTS (SELECT FROM llm_admin.shipped_model_aliases() s
          WHERE s.provider = p.new->>'provider' AND s.pattern = p.new->>'pattern')
        WHEN 'model_pricing' THEN EXISTS (SELECT FROM llm_admin.shipped_prices() s
          WHERE s.model_id = p.new->>'model_id' AND p.new->>'source' = 'import')
        ELSE false END)
  $$;
-- All at once, so that what is lost is told as a whole. Views before what they read, tables with foreign keys before
-- those that these lead to. How far a log was read, what caches go by and the leaves of a history that stays are
-- nobody's rows.
SELECT llm_admin.drop_tables(
  ARRAY['llm_admin.usage_by_day', 'llm_admin.cost_by_model', 'llm_admin.cost_by_user', 'llm_admin.table_sizes',
    'llm_admin.provider_health', 'llm_admin.deployment_status', 'llm_admin.audit_trail', 'llm_admin.llm_usage_logs',
    'llm_admin.usage_requests', 'llm_admin.job_usage', 'llm_admin.daily_cost_summary', 'llm_admin.usage_daily_tags',
    'llm_admin.frontier_gaps', 'llm_admin.frontiers', 'llm_admin.model_deployments', 'llm_admin.installed_models',
    'llm_admin.model_servers', 'llm_admin.llm_providers', 'llm_admin.account_state', 'llm_admin.cache_versions',
    'llm_admin.user_tiers', 'llm_admin.tier_model_rules', 'llm_admin.tiers', 'llm_admin.model_permissions',
    'llm_admin.model_aliases', 'llm_admin.model_pricing', 'llm_admin.model_price_history',
    'llm_admin.exchange_rates', 'llm_admin.provider_history_leaves', 'llm_admin.audit_payloads',
    'llm_admin.audit_log']::pg_catalog.regclass[],
  ARRAY[NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'false', 'false', NULL, NULL, NULL,
    NULL, NULL, 'false', NULL,
    'NOT EXISTS (SELECT FROM llm_admin.shipped_tier_rules() s
    WHERE s.tier_code COLLATE "C" = t.tier_code AND s.model_pattern COLLATE "C" = t.model_pattern
      AND (s.allowed, s.max_requests_per_day, s.max_context_length, s.priority)
        IS NOT DISTINCT FROM (t.allowed, t.max_requests_per_day, t.max_context_length, t.priority))',
    'NOT EXISTS (SELECT FROM llm_admin.shipped_tiers() s
    WHERE s.tier_code COLLATE "C" = t.tier_code AND s.display_name = t.display_name
      AND (s.price_usd, s.billing_period, s.quota_requests, s.quota_period, s.quota_scope, s.sort_order)
        IS NOT DISTINCT FROM
          (t.price_usd, t.billing_period, t.quota_requests, t.quota_period, t.quota_scope, t.sort_order))',
    NULL,
    'NOT EXISTS (SELECT FROM llm_admin.shipped_model_aliases() s
    WHERE s.provider COLLATE "C" = t.provider AND s.pattern COLLATE "C" = t.pattern
      AND (s.canonical COLLATE "C", s.priority) = (t.canonical, t.priority))',
    'NOT EXISTS (SELECT FROM llm_admin.shipped_prices() s JOIN llm_admin.model_price_history h
      ON h.model_id = s.model_id COLLATE "C" AND h.valid_from = s.valid_from AND h.rates = s.rates
    WHERE h.price_id = t.price_id AND t.source = ''import'')',
    'NOT EXISTS (SELECT FROM llm_admin.shipped_prices() s
    WHERE s.model_id COLLATE "C" = t.model_id AND s.valid_from = t.valid_from AND s.rates = t.rates
      AND t.source = ''import'')',
    NULL, 'false',
    'NOT EXISTS (SELECT FROM llm_admin.audit_log l WHERE l.id = t.audit_id AND l."timestamp" = t.audit_time
    AND llm_admin.tells_of_seeding(l.id, l."timestamp", l.action_type, l.resource_type))',
    'NOT llm_admin.tells_of_seeding(t.id, t."timestamp", t.action_type, t.resource_type)']::pg_catalog.text[],
  ARRAY['llm_admin.provider_aliases']::pg_catalog.regclass[], ARRAY['public']);
DROP FUNCTION llm_admin.tells_of_seeding(pg_catalog.int8, pg_catalog.timestamptz, pg_catalog.text, pg_catalog.text);
DROP FUNCTION llm_admin.drop_tables(
  pg_catalog.regclass[], pg_catalog.text[], pg_catalog.regclass[], pg_catalog.text[]);
SELECT llm_admin.drop_functions(ARRAY[
  'llm_admin.record_seed()',
  'llm_admin.erase_audit_payload(pg_catalog.int8[], pg_catalog.text, pg_catalog.text)',
  'llm_admin.audit_change()',
  'llm_admin.refuse_audit_change()',
  'llm_admin.maintain_all_partitions()',
  'llm_admin.unmatched_models(pg_catalog.timestamptz)',
  'llm_admin.cost_anomalies(pg_catalog.date)',
  'llm_admin.reconcile(pg_catalog.text, pg_catalog.date, pg_catalog.jsonb)',
  'llm_admin.book_correction(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb, pg_catalog.jsonb)',
  'llm_admin.metrics()',
  'llm_admin.apply_retention(pg_catalog.jsonb)',
  'llm_admin.verify_rollup(pg_catalog.date, pg_catalog.date)',
  'llm_admin.cost_today(pg_catalog.jsonb)',
  'llm_admin.cost_summary(pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text[], pg_catalog.jsonb)',
  'llm_admin.record_usage_batch(pg_catalog.jsonb, pg_catalog.jsonb)',
  'llm_admin.record_usage(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.refuse_usage_truncate()',
  'llm_admin.complete_usage()',
  'llm_admin.roll_up_daily_cost()',
  'llm_admin.maintain_partitions()',
  'llm_admin.sees_all_tenants()',
  'llm_admin.row_tenant()',
  'llm_admin.next_usage_id()',
  'llm_admin.refuse_price_truncate()',
  'llm_admin.refuse_price_change()',
  'llm_admin.record_model_price()',
  'llm_admin.check_model_price()',
  'llm_admin.seed_prices()',
  'llm_admin.shipped_prices()',
  'llm_admin.unpriced_models(pg_catalog.timestamptz, pg_catalog.timestamptz)',
  'llm_admin.reprice(pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text, pg_catalog.bool)',
  'llm_admin.explain_cost(pg_catalog.int8)',
  'llm_admin.import_model_prices(pg_catalog.jsonb, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.set_model_price(pg_catalog.text, pg_catalog.jsonb, pg_catalog.timestamptz, pg_catalog.jsonb)',
  'llm_admin.validate_tier_rule()',
  'llm_admin.seed_tiers()',
  'llm_admin.shipped_model_aliases()',
  'llm_admin.shipped_tier_rules()',
  'llm_admin.shipped_tiers()',
  'llm_admin.tier_consistency()',
  'llm_admin.revoke_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.grant_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.check_model_access(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.canonical_model(pg_catalog.text, pg_catalog.text)',
  'llm_admin.load_in_any_order()',
  'llm_admin.cache_changed()',
  'llm_admin.validate_deployment()',
  'llm_admin.validate_installed_model()',
  'llm_admin.validate_account()',
  'llm_admin.lock_accounts()',
  'llm_admin.record_server_health(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.stop_deployment(pg_catalog.text, pg_catalog.text)',
  'llm_admin.deploy_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.install_model(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)'
]::pg_catalog.regprocedure[]);
DROP FUNCTION llm_admin.drop_functions(pg_catalog.regprocedure[]);
CREATE FUNCTION llm_admin.drop_columns(relations pg_catalog.regclass[], columns pg_catalog.text[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_drop_columns';
SELECT llm_admin.drop_columns(ARRAY['llm_admin.provider_aliases']::pg_catalog.regclass[], ARRAY['public']);
DROP FUNCTION llm_admin.drop_columns(pg_catalog.regclass[], pg_catalog.text[]);
-- What has left is no more among what levels gave: else refresh_access() would believe, once it is back, that it was taken.
UPDATE llm_admin.access_grants AS g SET rights = ARRAY(
  SELECT u.held FROM pg_catalog.unnest(g.rights) WITH ORDINALITY AS u (held, place),
    LATERAL (SELECT pg_catalog.split_part(u.held, ' ', 2) AS whole) o,
    LATERAL (SELECT pg_catalog.split_part(o.whole, '.', 1) AS object, pg_catalog.split_part(o.whole, '.', 2) AS part) p
  WHERE p.object OPERATOR(pg_catalog.=) 'llm_admin'
    OR EXISTS (SELECT FROM pg_catalog.pg_proc f WHERE f.proname::pg_catalog.text OPERATOR(pg_catalog.=) p.object
      AND f.pronamespace OPERATOR(pg_catalog.=) 'llm_admin'::pg_catalog.regnamespace::pg_catalog.oid)
    OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relname::pg_catalog.text OPERATOR(pg_catalog.=) p.object
      AND c.relnamespace OPERATOR(pg_catalog.=) 'llm_admin'::pg_catalog.regnamespace::pg_catalog.oid
      AND (p.part OPERATOR(pg_catalog.=) '' OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
        WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attname::pg_catalog.text OPERATOR(pg_catalog.=) p.part
        AND NOT a.attisdropped)))
  ORDER BY u.place)
WHERE g.rights IS NOT NULL;

SELECT llm_admin.record_migration('llm_admin--0.6--0.5.sql');

