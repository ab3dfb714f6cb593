-- Names, decisions and permissions of models.
CREATE FUNCTION llm_admin.canonical_model(
  provider pg_catalog.text, model pg_catalog.text, OUT canonical pg_catalog.text, OUT matched_by pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_canonical_model';

CREATE FUNCTION llm_admin.check_model_access(
  tier pg_catalog.text, model pg_catalog.text, user_id pg_catalog.text DEFAULT NULL::pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, provider pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT allowed pg_catalog.bool, OUT reason pg_catalog.text, OUT rule_id pg_catalog.uuid,
  OUT permission_id pg_catalog.uuid, OUT canonical_model pg_catalog.text, OUT max_requests_per_day pg_catalog.int4,
  OUT max_context_length pg_catalog.int4, OUT note pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_check_model_access';

CREATE FUNCTION llm_admin.grant_model(
  access_type pg_catalog.text, access_value pg_catalog.text, model pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT permission_id pg_catalog.uuid, OUT canonical_model pg_catalog.text, OUT allowed pg_catalog.bool,
  OUT outcome pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_grant_model';

CREATE FUNCTION llm_admin.revoke_model(
  access_type pg_catalog.text, access_value pg_catalog.text, model pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_revoke_model';

CREATE FUNCTION llm_admin.tier_consistency(
  OUT model pg_catalog.text, OUT lower_tier pg_catalog.text, OUT lower_pattern pg_catalog.text,
  OUT higher_tier pg_catalog.text, OUT higher_pattern pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_tier_consistency';

-- What ships: src/shipped/tiers.json, tier_rules.tsv and model_aliases.json.
CREATE FUNCTION llm_admin.shipped_tiers()
  RETURNS TABLE (
    tier_code pg_catalog.text, display_name pg_catalog.text, price_usd pg_catalog.numeric,
    billing_period pg_catalog.text, quota_requests pg_catalog.int8, quota_period pg_catalog.text,
    quota_scope pg_catalog.text, sort_order pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'llm_admin_shipped_tiers';

CREATE FUNCTION llm_admin.shipped_tier_rules()
  RETURNS TABLE (
    tier_code pg_catalog.text, model_pattern pg_catalog.text, allowed pg_catalog.bool,
    max_requests_per_day pg_catalog.int4, max_context_length pg_catalog.int4, priority pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 50 AS 'MODULE_PATHNAME', 'llm_admin_shipped_tier_rules';

CREATE FUNCTION llm_admin.shipped_model_aliases()
  RETURNS TABLE (
    provider pg_catalog.text, pattern pg_catalog.text, canonical pg_catalog.text, priority pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 1 AS 'MODULE_PATHNAME', 'llm_admin_shipped_model_aliases';

-- Rows that are there stay as they are, edited or not. The tiers are counted so that they are there before their rules.
CREATE FUNCTION llm_admin.seed_tiers()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 56
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed_tiers');
    WITH tiers AS (
      INSERT INTO llm_admin.tiers AS t (
        tier_code, display_name, price_usd, billing_period, quota_requests, quota_period, quota_scope, sort_order)
      SELECT s.tier_code, s.display_name, s.price_usd, s.billing_period, s.quota_requests, s.quota_period,
             s.quota_scope, s.sort_order
      FROM llm_admin.shipped_tiers() s
      ON CONFLICT (tier_code) DO NOTHING
      RETURNING t.tier_code::pg_catalog.text AS name
    ), rules AS (
      INSERT INTO llm_admin.tier_model_rules AS r (
        tier_code, model_pattern, allowed, max_requests_per_day, max_context_length, priority)
      SELECT s.tier_code, s.model_pattern, s.allowed, s.max_requests_per_day, s.max_context_length, s.priority
      FROM (SELECT pg_catalog.count(*) FROM tiers) AS before CROSS JOIN llm_admin.shipped_tier_rules() s
      ON CONFLICT (tier_code, model_pattern) DO NOTHING
      RETURNING r.tier_code::pg_catalog.text AS name, r.model_pattern::pg_catalog.text AS pattern
    ), aliases AS (
      INSERT INTO llm_admin.model_aliases AS m (provider, pattern, canonical, priority, source)
      SELECT s.provider, s.pattern, s.canonical, s.priority, 'shipped'
      FROM llm_admin.shipped_model_aliases() s
      ON CONFLICT (provider, pattern) DO NOTHING
      RETURNING m.provider AS name, m.pattern
    ), items AS (
      SELECT 1 AS part, s.ordinality, pg_catalog.concat('tier ', s.tier_code) AS item, a.name IS NOT NULL AS is_new
      FROM llm_admin.shipped_tiers() WITH ORDINALITY AS s
      LEFT JOIN tiers a ON a.name OPERATOR(pg_catalog.=) s.tier_code COLLATE pg_catalog."C"
      UNION ALL
      SELECT 2, s.ordinality, pg_catalog.concat('rule ', s.tier_code, ' ', s.model_pattern), a.name IS NOT NULL
      FROM llm_admin.shipped_tier_rules() WITH ORDINALITY AS s
      LEFT JOIN rules a ON a.name OPERATOR(pg_catalog.=) s.tier_code COLLATE pg_catalog."C"
        AND a.pattern OPERATOR(pg_catalog.=) s.model_pattern COLLATE pg_catalog."C"
      UNION ALL
      SELECT 3, s.ordinality, pg_catalog.concat('model alias ', s.provider, ' ', s.pattern), a.name IS NOT NULL
      FROM llm_admin.shipped_model_aliases() WITH ORDINALITY AS s
      LEFT JOIN aliases a ON a.name OPERATOR(pg_catalog.=) s.provider COLLATE pg_catalog."C"
        AND a.pattern OPERATOR(pg_catalog.=) s.pattern COLLATE pg_catalog."C"
    )
    SELECT i.item, CASE WHEN i.is_new THEN 'added' ELSE 'already there' END
    FROM items i
    ORDER BY i.part, i.ordinality;
  END;

-- Triggers.
CREATE FUNCTION llm_admin.validate_tier_rule() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_tier_rule';
