-- The same work over a log of 100,000 to 10,000,000 calls, all but the last thousand of them in the daily book.
SET search_path = bench, public;

-- The log as long as that, and the book up to date.
CREATE FUNCTION grow_log(wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bench.fill_log(wanted);
  PERFORM llm_admin.roll_up_daily_cost();
END $$;

CREATE FUNCTION log_round(round integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  total bigint := (SELECT 10 ^ round(log(count(*)))::integer FROM llm_admin.llm_usage_logs);
  calls integer := 1000;
  began double precision := bench.seconds();
  met bigint;
BEGIN
  PERFORM bench.record_ours(calls);
  INSERT INTO bench.growth VALUES ('log', 'record_usage', total, round, (bench.seconds() - began) * 1e6 / calls);
  began := bench.seconds();
  PERFORM llm_admin.roll_up_daily_cost();
  INSERT INTO bench.growth VALUES ('log', 'roll_up_daily_cost, for each of 1,000 new calls', total, round, (bench.seconds() - began) * 1e6 / calls);
  began := bench.seconds();
  SELECT count(*) INTO met FROM llm_admin.cost_summary(date_trunc('day', now(), 'UTC') - interval '30 days', group_by => '{model}');
  INSERT INTO bench.growth VALUES ('log', 'cost_summary of 30 days by model', total, round, (bench.seconds() - began) * 1e6);
END $$;
