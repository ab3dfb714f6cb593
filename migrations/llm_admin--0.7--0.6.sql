-- migrations/llm_admin--0.7--0.6.sql.in
-- Back to 0.6: what 0.7 brought leaves. LA040 where rows of the user's would be lost or something of the user's uses
-- what leaves.
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
SELECT llm_admin.check_requirements('llm_admin--0.7--0.6.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

COMMENT ON FUNCTION llm_admin.grant_access(pg_catalog.regrole, pg_catalog.text) IS 'Gives a role one of the levels app, operator, security, auditor; none implies another';

-- Triggers of the room that leaves on tables that stay.
DROP TRIGGER trg_config_changed ON llm_admin.llm_provider_config_history;
DROP TRIGGER trg_config_changed ON llm_admin.provider_aliases;
DROP TRIGGER trg_config_emptied ON llm_admin.provider_aliases;
DROP TRIGGER trg_config_changed ON llm_admin.llm_providers;
DROP TRIGGER trg_config_emptied ON llm_admin.llm_providers;
DROP TRIGGER trg_config_changed ON llm_admin.model_servers;
DROP TRIGGER trg_config_emptied ON llm_admin.model_servers;
DROP TRIGGER trg_config_changed ON llm_admin.installed_models;
DROP TRIGGER trg_config_emptied ON llm_admin.installed_models;
DROP TRIGGER trg_config_changed ON llm_admin.model_deployments;
DROP TRIGGER trg_config_emptied ON llm_admin.model_deployments;
DROP TRIGGER trg_config_changed ON llm_admin.model_aliases;
DROP TRIGGER trg_config_emptied ON llm_admin.model_aliases;
DROP TRIGGER trg_config_changed ON llm_admin.model_pricing;
DROP TRIGGER trg_config_emptied ON llm_admin.model_pricing;
DROP TRIGGER trg_config_changed ON llm_admin.exchange_rates;
DROP TRIGGER trg_config_emptied ON llm_admin.exchange_rates;
DROP TRIGGER trg_config_changed ON llm_admin.tiers;
DROP TRIGGER trg_config_emptied ON llm_admin.tiers;
DROP TRIGGER trg_config_changed ON llm_admin.tier_model_rules;
DROP TRIGGER trg_config_emptied ON llm_admin.tier_model_rules;
DROP TRIGGER trg_config_changed ON llm_admin.model_permissions;
DROP TRIGGER trg_config_emptied ON llm_admin.model_permissions;
DROP TRIGGER trg_config_changed ON llm_admin.llm_configs;
DROP TRIGGER trg_config_emptied ON llm_admin.llm_configs;

CREATE FUNCTION llm_admin.drop_functions(leaving pg_catalog.regprocedure[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_functions';
CREATE FUNCTION llm_admin.drop_tables(
  leaving pg_catalog.regclass[], counted pg_catalog.text[], narrowed pg_catalog.regclass[], columns pg_catalog.text[])
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off SET row_security = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_tables';
-- All at once, so that what is lost is told as a whole; views before what they read.
SELECT llm_admin.drop_tables(
  ARRAY['llm_admin.budgets', 'llm_admin.access_keys', 'llm_admin.limits', 'llm_admin.limit_overrides', 'llm_admin.limit_events',
    'llm_admin.limit_counters', 'llm_admin.quota_tickets', 'llm_admin.llm_calls', 'llm_admin.sender_tickets',
    'llm_admin.config_changes']::pg_catalog.regclass[],
  ARRAY[NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'false', 'false']::pg_catalog.text[],
  ARRAY[]::pg_catalog.regclass[], ARRAY[]::pg_catalog.text[]);
DROP FUNCTION llm_admin.drop_tables(
  pg_catalog.regclass[], pg_catalog.text[], pg_catalog.regclass[], pg_catalog.text[]);
SELECT llm_admin.drop_functions(ARRAY[
  'llm_admin.config_changed()',
  'llm_admin.config_since(pg_catalog.int8)',
  'llm_admin.redeem_sender_ticket(pg_catalog.text)',
  'llm_admin.open_sender_ticket(pg_catalog.uuid)',
  'llm_admin.explain_call(pg_catalog.uuid)',
  'llm_admin.expire_calls(pg_catalog.int4)',
  'llm_admin.extend_call(pg_catalog.uuid, pg_catalog.int4)',
  'llm_admin.finish_call(pg_catalog.uuid, pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.jsonb)',
  'llm_admin.begin_call(pg_catalog.json, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.refuse_override_change()',
  'llm_admin.check_limit_override()',
  'llm_admin.check_limit()',
  'llm_admin.spend_forecast(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.limit_denials(pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.simulate_limits(pg_catalog.jsonb, pg_catalog.timestamptz, pg_catalog.jsonb)',
  'llm_admin.limit_status(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.expire_quota_tickets(pg_catalog.int4)',
  'llm_admin.settle_budget(pg_catalog.uuid, pg_catalog.numeric)',
  'llm_admin.reserve_budget(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.numeric, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.release_quota(pg_catalog.uuid, pg_catalog.jsonb)',
  'llm_admin.acquire_quota(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.validate_access_key()',
  'llm_admin.check_access_key(pg_catalog.text)',
  'llm_admin.list_access_keys(pg_catalog.jsonb)',
  'llm_admin.block_access_key(pg_catalog.uuid, pg_catalog.bool)',
  'llm_admin.revoke_access_key(pg_catalog.uuid)',
  'llm_admin.rotate_access_key(pg_catalog.uuid, pg_catalog.int4)',
  'llm_admin.issue_access_key(pg_catalog.text, pg_catalog.jsonb)'
]::pg_catalog.regprocedure[]);
DROP FUNCTION llm_admin.drop_functions(pg_catalog.regprocedure[]);
-- What level sender had leaves with its one function.
DELETE FROM llm_admin.access_grants WHERE level OPERATOR(pg_catalog.=) 'sender';
ALTER TABLE llm_admin.access_grants
  DROP CONSTRAINT access_grants_level_check,
  ADD CONSTRAINT access_grants_level_check CHECK (level IN ('app', 'operator', 'security', 'auditor'));
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

SELECT llm_admin.record_migration('llm_admin--0.7--0.6.sql');

