-- Access in SQL: the rules of a tier as regular expressions, made once and stored, since making them in each call would be
-- slower still. No permissions, no tiers of users, no names of models: less than check_model_access does.
SET search_path = public;
SELECT count(*) FROM llm_admin.seed_tiers();
INSERT INTO llm_admin.tiers (tier_code, display_name, sort_order) VALUES ('grown', 'Grown', 100);

CREATE TABLE reference.tier_rules AS
  SELECT r.tier_code::text, r.model_pattern::text, r.allowed, r.max_requests_per_day, r.max_context_length, r.priority,
    length(translate(r.model_pattern, '*?', '')) AS literals,
    '^' || replace(replace(regexp_replace(r.model_pattern, '([.+^$()\[\]{}|\\])', '\\\1', 'g'), '*', '.*'), '?', '.') || '$' AS expression
  FROM llm_admin.tier_model_rules r;
CREATE INDEX ON reference.tier_rules (tier_code);

CREATE FUNCTION reference.check_model_access(tier text, model text)
  RETURNS TABLE (allowed boolean, max_requests_per_day integer, max_context_length integer) LANGUAGE sql STABLE AS $$
  SELECT r.allowed, r.max_requests_per_day, r.max_context_length
  FROM reference.tier_rules r
  WHERE r.tier_code = tier AND model ~ r.expression
  ORDER BY r.priority DESC, r.literals DESC, r.allowed
  LIMIT 1
$$;

CREATE TABLE bench.access_models AS
  SELECT n - 1 AS n, model FROM unnest(ARRAY['openai/gpt-4o', 'anthropic/claude-3-opus', 'ollama/llama3', 'openrouter/meta-llama/llama-3-70b-instruct',
    'custom/mine', 'groq/llama-3.1-8b-instant', 'google/gemini-pro-1.5', 'nobody/knows']) WITH ORDINALITY AS m (model, n);

-- The rules of the tier `grown`: as many, of all kinds, of which the models above meet the last one.
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
CREATE FUNCTION bench.access_round(round integer, milliseconds integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  statement text := $s$SELECT count(c.allowed) FROM generate_series(1, $1) i JOIN bench.access_models m ON m.n = i % 8,
    LATERAL llm_admin.check_model_access('grown', m.model) c$s$;
  rules integer := (SELECT count(*) FROM llm_admin.tier_model_rules WHERE tier_code = 'grown');
BEGIN
  INSERT INTO bench.growth VALUES ('access', 'check_model_access', rules, round,
    bench.clocked(statement, bench.times_for(statement, NULL, milliseconds), NULL));
END
$$;
