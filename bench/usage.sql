-- The log of calls and its daily book. Both sides write into the same table, with the same triggers and indexes.
SET search_path = bench, public;

CREATE FUNCTION record_ours(times integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  FOR i IN 1 .. times LOOP
    SELECT * INTO r FROM llm_admin.record_usage('openai', 'gpt-4o-mini', '{"input_tokens": 812, "output_tokens": 96, "cached_tokens": 512}', 'u17');
  END LOOP;
END $$;
CREATE FUNCTION record_theirs(times integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. times LOOP
    INSERT INTO llm_admin.llm_usage_logs (provider, model_id, user_id, prompt_tokens, completion_tokens, cached_tokens) VALUES ('openai', 'gpt-4o-mini', 'u17', 812, 96, 512);
  END LOOP;
END $$;

-- A hundred calls as an application would gather them.
CREATE TABLE gathered AS
  SELECT jsonb_agg(jsonb_build_object('provider', 'openai', 'model', 'gpt-4o-mini', 'user_id', 'u' || i % 9, 'usage',
    jsonb_build_object('input_tokens', 800 + i, 'output_tokens', 96, 'cached_tokens', 512))) AS calls FROM generate_series(1, 100) i;
CREATE FUNCTION batch_ours(times integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  FOR i IN 1 .. times LOOP
    SELECT count(b.id) INTO n FROM bench.gathered g, LATERAL llm_admin.record_usage_batch(g.calls) b;
  END LOOP;
END $$;
CREATE FUNCTION batch_theirs(times integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. times LOOP
    INSERT INTO llm_admin.llm_usage_logs (provider, model_id, user_id, prompt_tokens, completion_tokens, cached_tokens)
    SELECT 'openai', 'gpt-4o-mini', 'u' || n % 9, 800 + n, 96, 512 FROM generate_series(1, 100) n;
  END LOOP;
END $$;

-- So many priced calls of thirty days, written past the triggers; only what lacks is added.
CREATE FUNCTION fill_log(wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  have bigint := (SELECT count(*) FROM llm_admin.llm_usage_logs);
BEGIN
  IF have >= wanted THEN RETURN; END IF;
  SET LOCAL session_replication_role = replica;
  INSERT INTO llm_admin.llm_usage_logs ("timestamp", provider, model_id, user_id, tenant_id, prompt_tokens, completion_tokens, total_tokens, cost_usd, list_cost_usd, cost_status)
  SELECT now() - n % 30 * interval '1 day', 'openai', 'openai/m' || n % 5, 'u' || n % 200, 't' || n % 20, 812, 96, 908, 0.0001 * (n % 7), 0.0001 * (n % 7), 'priced'
  FROM generate_series(have + 1, wanted) n;
  SET LOCAL session_replication_role = origin;
  ANALYZE llm_admin.llm_usage_logs;
END $$;
CREATE FUNCTION roll_up_ours(size bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bench.fill_log(size);
  DELETE FROM llm_admin.frontier_gaps;
  DELETE FROM llm_admin.frontiers;
  TRUNCATE llm_admin.daily_cost_summary;
  PERFORM llm_admin.roll_up_daily_cost();
END $$;
CREATE FUNCTION roll_up_theirs(size bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bench.fill_log(size);
  DROP TABLE IF EXISTS bench.recounted;
  CREATE TABLE bench.recounted AS
    SELECT ("timestamp" AT TIME ZONE 'UTC')::date AS date, tenant_id, user_id, provider, model_id, sum(cost_usd) AS total_cost_usd, count(*) AS total_requests,
           sum(total_tokens) AS total_tokens, sum(prompt_tokens) AS input_tokens, sum(completion_tokens) AS output_tokens, sum(cached_tokens) AS cached_tokens,
           count(*) FILTER (WHERE cost_status = 'unpriced') AS unpriced_requests, sum(list_cost_usd) AS list_cost_usd,
           count(*) FILTER (WHERE status_code >= 400) AS failed_requests, sum(cache_write_tokens) AS cache_write_tokens,
           sum(cache_write_1h_tokens) AS cache_write_1h_tokens, sum(reasoning_tokens) AS reasoning_tokens,
           count(*) FILTER (WHERE estimated) AS estimated_requests, count(*) FILTER (WHERE cost_status = 'cached') AS cached_requests,
           count(*) FILTER (WHERE key_source = 'byollm') AS byollm_requests
    FROM llm_admin.llm_usage_logs GROUP BY 1, 2, 3, 4, 5;
  ALTER TABLE bench.recounted ADD PRIMARY KEY (date, tenant_id, user_id, provider, model_id);
END $$;

INSERT INTO cases (id, what, against, wanted, ours, theirs, times) VALUES
('record_usage', 'record_usage', 'plain INSERT', 0.7, 'SELECT bench.record_ours($1)', 'SELECT bench.record_theirs($1)', 500),
('record_batch', 'record_usage_batch, 100 calls', 'INSERT of 100 rows', 0.9, 'SELECT bench.batch_ours($1)', 'SELECT bench.batch_theirs($1)', 10),
('roll_up', 'roll_up_daily_cost, 1,000,000 calls', 'GROUP BY of all', 0.83, 'SELECT bench.roll_up_ours(1000000) WHERE $1 > 0', 'SELECT bench.roll_up_theirs(1000000) WHERE $1 > 0', 1);
