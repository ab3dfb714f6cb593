-- import_model_prices: three formats, what is refused, what stays, and the same file twice.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET timezone = 'UTC';

CREATE TEMP TABLE files (name text, format text, data jsonb);
INSERT INTO files VALUES ('litellm', 'litellm', $${
  "sample_spec": {"litellm_provider": "one of them", "input_cost_per_token": "free text"},
  "fallback_generalizations": {"rules": []},
  "gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
             "cache_read_input_token_cost": 1.25e-06, "input_cost_per_token_batches": 1.25e-06, "input_cost_per_token_priority": 4.25e-06,
             "max_input_tokens": 128000, "max_output_tokens": 16384, "deprecation_date": "2027-03-01"},
  "gemini/gemini-pro": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
             "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens_priority": 3e-05,
             "search_context_cost_per_query": {"search_context_size_low": 0.03, "search_context_size_medium": 0.035, "search_context_size_high": 0.035}},
  "claude": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
             "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
             "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05, "cache_read_input_token_cost": 3e-07},
  "xai/grok": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 2e-06, "input_cost_per_token_above_128k_tokens": 4e-06, "output_cost_per_token": 1e-05},
  "dashscope/qwen": {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": [
             {"range": [0, 32000.0], "input_cost_per_token": 1.2e-06, "output_cost_per_token": 6e-06},
             {"range": [32000.0, 128000.0], "input_cost_per_token": 2.4e-06, "output_cost_per_token": 1.2e-05}]},
  "deepseek/chat": {"litellm_provider": "deepseek", "mode": "chat", "input_cost_per_token": 2.8e-07, "output_cost_per_token": 4.2e-07,
             "input_cost_per_token_cache_hit": 2.8e-08, "cache_creation_input_token_cost": 0.0},
  "openrouter/openai/gpt-4o": {"litellm_provider": "openrouter", "mode": "chat", "input_cost_per_token": 2.6e-06, "output_cost_per_token": 1e-05},
  "dall-e": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_pixel": 1.9e-08, "output_cost_per_pixel": 0.0},
  "whisper": {"litellm_provider": "openai", "mode": "audio_transcription", "input_cost_per_second": 0.0001, "output_cost_per_second": 0.0},
  "rerank": {"litellm_provider": "cohere", "mode": "rerank", "input_cost_per_query": 0.002, "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "ocr": {"litellm_provider": "mistral", "mode": "ocr", "ocr_cost_per_page": 0.001, "annotation_cost_per_page": 0.003},
  "moderation": {"litellm_provider": "openai", "mode": "moderation", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "ollama/llama": {"litellm_provider": "ollama", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "openrouter/meta/llama:free": {"litellm_provider": "openrouter", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0},
  "big": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0},
  "absurd": {"litellm_provider": "wandb", "mode": "chat", "input_cost_per_token": 0.135, "output_cost_per_token": 0.54},
  "tiny": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1e-13, "output_cost_per_token": 1e-13},
  "owes": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": -1e-06, "output_cost_per_token": 1e-06},
  "words": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": "a lot", "output_cost_per_token": 1e-06},
  "nothing": {"litellm_provider": "acme", "mode": "chat", "max_input_tokens": 1000},
  "nobody": {"mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
  "chat": {"litellm_provider": "deepseek", "mode": "chat", "input_cost_per_token": 9e-07, "output_cost_per_token": 9e-07},
  "texts": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": "1.5e-06", "output_cost_per_token": "0.000002"}}$$);
INSERT INTO files VALUES ('models_dev', 'models_dev', $${
  "openai": {"id": "openai", "models": {
     "gpt-5": {"cost": {"input": 1.25, "output": 10, "cache_read": 0.125}, "limit": {"context": 400000, "output": 128000}},
     "gpt-none": {"name": "no price"}}},
  "xai": {"models": {"grok-4.5": {"cost": {"input": 2.0, "output": 6.0, "reasoning": 7, "tiers": [{"input": 4.0, "output": 12.0, "tier": {"type": "context", "size": 200000}}],
     "context_over_200k": {"input": 9.0, "output": 9.0}}}}},
  "google": {"models": {"gemini-x": {"cost": {"input": 1.25, "output": 10, "input_audio": 3, "context_over_200k": {"input": 2.5, "output": 15}}}}},
  "acme": {"models": {"gratis": {"cost": {"input": 0, "output": 0}}, "gratis-free": {"cost": {"input": 0, "output": 0}},
     "per-token": {"cost": {"input": 0.0000025, "output": 0.00001}}, "per-thousand": {"cost": {"input": 2500, "output": 10000}}}}}$$);
INSERT INTO files VALUES ('genai_prices', 'genai_prices', $$[
  {"id": "anthropic", "models": [
     {"id": "claude-x", "context_window": 200000, "prices": {"input_mtok": 3, "output_mtok": 15, "cache_write_mtok": 3.75, "cache_write_1h_mtok": 6, "cache_read_mtok": 0.3, "web_searches_kcount": 10}},
     {"id": "claude-y", "prices": [{"prices": {"input_mtok": {"base": 5, "tiers": [{"start": 200000, "price": 10}]}, "output_mtok": 25}},
                                   {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 4, "output_mtok": 20}},
                                   {"constraint": {"start_date": "2999-01-01"}, "prices": {"input_mtok": 1, "output_mtok": 1}},
                                   {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 2, "output_mtok": 2}}]}]},
  {"id": "aws", "models": [{"id": "nova", "prices": {"input_mtok": 0.06, "output_mtok": 0.24, "requests_kcount": 5}}]},
  {"models": [{"prices": {"input_mtok": 1}}]}]$$);

-- A look before: nothing is written.
SELECT change, count(*) FROM files, import_model_prices(data, format, '{"dry_run": true}') GROUP BY change ORDER BY change;
SELECT count(*) FROM model_pricing;
\pset format aligned
SELECT name, m.* FROM files, import_model_prices(data, format) m ORDER BY name COLLATE "C", model COLLATE "C";
\pset format unaligned
SELECT model_id, provider, input_price_per_1k, output_price_per_1k, rates, max_input_tokens, max_output_tokens, deprecated_at::date, source
FROM model_pricing ORDER BY model_id;
-- Again: nothing changes, and the history has no more rows.
SELECT count(*) AS prices FROM model_price_history;
SELECT name, change, count(*) FROM files, import_model_prices(data, format) m GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS prices FROM model_price_history;

-- Prices move: a small change is taken, one of more than five times needs a word, what is set by hand stays.
SELECT change FROM set_model_price('openai/gpt-5', '{"input": 0.001, "output": 0.008}');
SELECT m.* FROM import_model_prices('{"openai": {"models": {"gpt-5": {"cost": {"input": 1.25, "output": 10}}}},
  "xai": {"models": {"grok-4.5": {"cost": {"input": 3.0, "output": 6.0, "reasoning": 7}}}},
  "google": {"models": {"gemini-x": {"cost": {"input": 6.26, "output": 10, "input_audio": 3}}}}}', 'models_dev') m ORDER BY model;
SELECT m.* FROM import_model_prices('{"google": {"models": {"gemini-x": {"cost": {"input": 6.26, "output": 10, "input_audio": 3}}}}}',
  'models_dev', '{"accept_changes": true}') m;
SELECT m.* FROM import_model_prices('{"google": {"models": {"gemini-x": {"cost": {"input": 1.25, "output": 10, "input_audio": 3}}}}}', 'models_dev') m;
-- Exactly five times is no jump.
SELECT m.* FROM import_model_prices('{"google": {"models": {"gemini-x": {"cost": {"input": 31.3, "output": 10, "input_audio": 3}}}}}', 'models_dev') m;
SELECT model_id, input_price_per_1k, source FROM model_pricing WHERE model_id IN ('openai/gpt-5', 'google/gemini-x', 'xai/grok-4.5') ORDER BY 1;
-- The same number by hand and in the file is no conflict.
SELECT m.* FROM import_model_prices('{"openai": {"models": {"gpt-5": {"cost": {"input": 1, "output": 8}}}}}', 'models_dev') m;
-- Limits alone make no new price.
SELECT m.* FROM import_model_prices('{"xai": {"models": {"grok-4.5": {"limit": {"context": 5000}, "cost": {"input": 3.0, "output": 6.0, "reasoning": 7}}}}}', 'models_dev') m;
SELECT max_input_tokens FROM model_pricing WHERE model_id = 'xai/grok-4.5';
-- Bounds are settings.
SET llm_admin.max_price_per_1k = 600;
SELECT m.model, m.change FROM files, import_model_prices(data, format) m WHERE name = 'litellm' AND model = 'wandb/absurd';
RESET llm_admin.max_price_per_1k;

SELECT call, pg_temp.outcome('SELECT import_model_prices(' || call || ')') FROM (VALUES
  ($$NULL$$), ($$'[]'$$), ($$'5'$$), ($$'{}', 'genai_prices'$$), ($$'{}', 'csv'$$), ($$'{}', 'litellm', '{"accept": true}'$$),
  ($$'{}', 'litellm', '{"dry_run": "yes"}'$$), ($$'{}'$$), ($$'{"a": 1, "b": [], "c": null}'$$), ($$'[{}, null, 1]', 'genai_prices'$$),
  ($$'{"a": 1, "b": {"models": [1]}}', 'models_dev'$$)) AS v (call);
-- Nothing is half written where a file breaks off.
SELECT count(*) AS prices FROM model_price_history;

\set QUIET on
-- A day that no calendar has is left out and does not end the import.
SELECT m.model, m.change FROM import_model_prices((SELECT jsonb_object_agg('acme/dated-' || n, jsonb_build_object('litellm_provider', 'acme', 'mode', 'chat', 'input_cost_per_token', 1e-6, 'output_cost_per_token', 2e-6,
  'deprecation_date', day)) FROM unnest(ARRAY['2026-02-30', '2028-02-29', '2026-00-10', '0000-01-01', '2026-99-99', '9999-12-31']) WITH ORDINALITY d (day, n))) m ORDER BY 1;
SELECT model_id, deprecated_at AT TIME ZONE 'UTC' AS deprecated_at FROM model_pricing WHERE model_id LIKE 'acme/dated%' ORDER BY 1;

SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
