-- Access in SQL: the same steps as check_model_access takes. Globs are regular expressions, made once and stored, since
-- making them in each call would be slower still.
SET search_path = public;
SELECT count(*) FROM llm_admin.seed_tiers();
INSERT INTO llm_admin.tiers (tier_code, display_name, sort_order) VALUES ('grown', 'Grown', 100);

-- The rules of the tier `grown`: as many, of all kinds; the last one matches what no other does.
CREATE FUNCTION bench.grow_rules(wanted integer) RETURNS bigint LANGUAGE sql AS $$
  WITH gone AS (DELETE FROM llm_admin.tier_model_rules WHERE tier_code = 'grown'), made AS (
    INSERT INTO llm_admin.tier_model_rules (tier_code, model_pattern, allowed, priority)
    SELECT 'grown', CASE WHEN i = wanted THEN '*' ELSE (ARRAY['vendor', 'openai/*', 'openai/gpt-', '*'])[1 + i % 4] || i
             || (ARRAY['/*', '-mini', '?-*', '-*'])[1 + i / 4 % 4] END, i % 2 = 0, CASE WHEN i = wanted THEN -1 ELSE i % 100 END
    FROM generate_series(1, wanted) i
    ON CONFLICT (tier_code, model_pattern) DO UPDATE SET allowed = excluded.allowed, priority = excluded.priority
    RETURNING 1)
  SELECT count(*) FROM made
$$;
SELECT bench.grow_rules(50);

CREATE FUNCTION reference.expression_of(glob text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT '^' || replace(replace(regexp_replace(glob, '([.+^$()\[\]{}|\\])', '\\\1', 'g'), '*', '.*'), '?', '.') || '$'
$$;
CREATE TABLE reference.tier_rules AS
  SELECT r.id, r.tier_code::text, r.allowed, r.max_requests_per_day, r.max_context_length, r.priority,
    length(translate(r.model_pattern, '*?', '')) AS literals, reference.expression_of(r.model_pattern) AS expression
  FROM llm_admin.tier_model_rules r;
CREATE INDEX ON reference.tier_rules (tier_code);
CREATE TABLE reference.model_aliases AS
  SELECT reference.expression_of(provider) AS provider, reference.expression_of(pattern) AS expression, canonical, priority,
    length(translate(pattern, '*?', '')) AS literals FROM llm_admin.model_aliases;
CREATE TABLE reference.public_names AS SELECT 'chatgpt' AS provider, 'openai' AS vendor UNION ALL VALUES ('google_ai', 'google'), ('azure_openai', 'azure');

CREATE FUNCTION reference.canonical_model(provider text, model text) RETURNS text LANGUAGE sql STABLE AS $$
  WITH p AS (
    SELECT coalesce((SELECT a.provider_name FROM llm_admin.provider_aliases a WHERE a.alias = lower(coalesce(provider, split_part(model, '/', 1)))),
      lower(coalesce(provider, split_part(model, '/', 1)))) AS name
  ), v AS (
    SELECT p.name, coalesce((SELECT n.vendor FROM reference.public_names n WHERE n.provider = p.name), p.name) AS vendor FROM p
  ), f AS (
    SELECT v.vendor, CASE WHEN provider IS NULL THEN substr(model, length(split_part(model, '/', 1)) + 2) ELSE model END AS rest FROM v
  )
  SELECT coalesce(
    (SELECT replace(m.canonical, '*', f.rest) FROM reference.model_aliases m WHERE f.rest ~ m.expression AND f.vendor ~ m.provider
     ORDER BY m.priority DESC, m.literals DESC LIMIT 1),
    f.vendor || '/' || f.rest)
  FROM f
$$;
CREATE FUNCTION reference.check_model_access(tier text, model text, user_id text DEFAULT NULL, tenant_id text DEFAULT NULL, provider text DEFAULT NULL)
  RETURNS TABLE (allowed boolean, reason text, max_requests_per_day integer, max_context_length integer) LANGUAGE sql STABLE AS $$
  WITH n AS MATERIALIZED (
    SELECT reference.canonical_model(provider, model) AS model, coalesce((SELECT u.tier_code FROM llm_admin.user_tiers u
      WHERE u.tenant_id = coalesce(check_model_access.tenant_id, '') AND u.user_id = check_model_access.user_id AND u.valid_from <= now()
        AND (u.valid_until IS NULL OR u.valid_until > now()) ORDER BY u.valid_from DESC LIMIT 1), check_model_access.tier) AS tier
  ), permission AS (
    SELECT p.allowed, p.access_type || '_permission' AS reason FROM n, llm_admin.model_permissions p
    WHERE p.model_id = n.model AND ((p.access_type = 'user' AND p.access_value = coalesce(tenant_id || '/', '') || user_id)
      OR (p.access_type = 'tier' AND p.access_value = n.tier))
    ORDER BY p.access_type DESC, p.allowed LIMIT 1
  ), rule AS (
    SELECT r.allowed, r.max_requests_per_day, r.max_context_length FROM n, reference.tier_rules r
    WHERE r.tier_code = n.tier AND n.model ~ r.expression
    ORDER BY r.priority DESC, r.literals DESC, r.allowed LIMIT 1
  )
  SELECT coalesce(p.allowed, r.allowed, false), coalesce(p.reason, CASE WHEN r.allowed IS NULL THEN 'no_rule' ELSE 'tier_rule' END),
    r.max_requests_per_day, r.max_context_length
  FROM n LEFT JOIN permission p ON true LEFT JOIN rule r ON true
$$;
-- Of that the rules alone.
CREATE FUNCTION reference.check_rules(tier text, model text) RETURNS TABLE (allowed boolean) LANGUAGE sql STABLE AS $$
  SELECT r.allowed FROM reference.tier_rules r WHERE r.tier_code = tier AND model ~ r.expression ORDER BY r.priority DESC, r.literals DESC, r.allowed LIMIT 1
$$;

CREATE TABLE bench.access_models AS
  SELECT n - 1 AS n, model, split_part(model, '/', 1) AS vendor, substring(model FROM position('/' IN model) + 1) AS name
  FROM unnest(ARRAY['openai/gpt-4o', 'anthropic/claude-3-opus', 'ollama/llama3', 'openrouter/meta-llama/llama-3-70b-instruct',
    'custom/mine', 'groq/llama-3.1-8b-instant', 'google/gemini-pro-1.5', 'vendor4/x']) WITH ORDINALITY AS m (model, n);

CREATE FUNCTION bench.access_round(round integer, milliseconds integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  statement text := $s$SELECT count(c.allowed) FROM generate_series(1, $1) i JOIN bench.access_models m ON m.n = i % 8,
    LATERAL llm_admin.check_model_access('grown', m.model || left('', i)) c$s$;
  rules integer := (SELECT count(*) FROM llm_admin.tier_model_rules WHERE tier_code = 'grown');
BEGIN
  INSERT INTO bench.growth VALUES ('access', 'check_model_access', rules, round,
    bench.clocked(statement, bench.times_for(statement, NULL, milliseconds), NULL));
END
$$;
