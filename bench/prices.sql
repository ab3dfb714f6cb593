-- A price file of others, into tables without prices: 1.4 MB of the public map where that is at hand, else as many made
-- models of its shape. Undone each time, so that every round begins with none.
SET search_path = bench, public;

CREATE TABLE price_file AS
SELECT CASE WHEN :'price_file' <> '' THEN :'price_file'::jsonb ELSE (
  SELECT jsonb_object_agg('openrouter/vendor-' || n % 40 || '/model-' || n, jsonb_build_object(
    'litellm_provider', 'openrouter', 'mode', 'chat', 'input_cost_per_token', n * 1e-9, 'output_cost_per_token', n * 4e-9,
    'cache_read_input_token_cost', n * 1e-10, 'input_cost_per_token_above_200k_tokens', n * 2e-9,
    'output_cost_per_token_above_200k_tokens', n * 8e-9, 'max_input_tokens', 128000, 'max_output_tokens', 16384,
    'supports_function_calling', true, 'supports_vision', true, 'source', 'https://example.com/pricing'))
  FROM generate_series(1, 3000) n) END AS data;
CREATE TABLE bare_prices (model_id text PRIMARY KEY, input numeric, output numeric, rates jsonb);

CREATE FUNCTION import_prices_ours() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE imported bigint;
BEGIN
  SELECT count(*) INTO imported FROM bench.price_file f, llm_admin.import_model_prices(f.data) m WHERE m.change = 'insert';
  RAISE EXCEPTION USING ERRCODE = 'P0002', MESSAGE = imported;
EXCEPTION WHEN no_data_found THEN
  RETURN imported;
END $$;
CREATE FUNCTION import_prices_theirs() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE imported bigint;
BEGIN
  INSERT INTO bench.bare_prices SELECT e.key, (e.value ->> 'input_cost_per_token')::numeric * 1000, (e.value ->> 'output_cost_per_token')::numeric * 1000, e.value
  FROM bench.price_file f, jsonb_each(f.data) e WHERE jsonb_typeof(e.value -> 'input_cost_per_token') = 'number';
  GET DIAGNOSTICS imported = ROW_COUNT;
  RAISE EXCEPTION USING ERRCODE = 'P0002', MESSAGE = imported;
EXCEPTION WHEN no_data_found THEN
  RETURN imported;
END $$;

INSERT INTO cases (id, what, against, wanted, ours, theirs, times) VALUES
('import_prices', 'import_model_prices, a file of 1.4 MB with 3,000 models', 'one INSERT, nothing checked', NULL,
 'SELECT bench.import_prices_ours() WHERE $1 > 0', 'SELECT bench.import_prices_theirs() WHERE $1 > 0', 1);
