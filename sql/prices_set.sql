-- set_model_price: now, in the past, withdrawn; the same price twice; what is refused.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SET timezone = 'UTC';

CREATE FUNCTION pg_temp.price_at(model text, at timestamptz) RETURNS jsonb LANGUAGE sql AS $$
  SELECT h.rates FROM llm_admin.model_price_history h WHERE h.model_id = model AND h.valid_from <= at
  ORDER BY h.valid_from DESC LIMIT 1
$$;

SELECT change, price_id, holds_from, holds_until FROM set_model_price('openai/gpt-4o', '{"input": 0.0025, "output": 0.01}', '2026-01-01');
-- The same again changes nothing, whatever it is written like.
SELECT change, price_id, holds_from, holds_until FROM set_model_price('openai/gpt-4o', '{"output": "1e-2", "input": 0.00250}');
SELECT change, price_id, holds_from, holds_until FROM set_model_price('openai/gpt-4o', '{"input": 0.002, "output": 0.01}', '2026-03-01');
-- Between the two: it holds until the next one begins, and the price of now stays.
SELECT change, price_id, holds_from, holds_until FROM set_model_price('openai/gpt-4o', '{"input": 0.003, "output": 0.01}', '2026-02-01');
SELECT change, price_id, holds_from, holds_until FROM set_model_price('openai/gpt-4o', '{"input": 0.003, "output": 0.01}', '2026-02-15');
-- At the same instant: a microsecond later.
SELECT change, price_id, holds_from, holds_until FROM set_model_price('openai/gpt-4o', '{"input": 0.004, "output": 0.01}', '2026-02-01');
-- Before all others.
SELECT change, price_id, holds_from, holds_until FROM set_model_price('openai/gpt-4o', '{"input": 0.005}', '2025-01-01');
SELECT at, pg_temp.price_at('openai/gpt-4o', at) FROM (VALUES
  ('2024-12-31'::timestamptz), ('2025-01-01'), ('2026-01-31 23:59:59.999999'), ('2026-02-01'), ('2026-02-01 00:00:00.000001'),
  ('2026-02-28'), ('2026-03-01'), ('2026-04-01')) AS v (at);
SELECT input_price_per_1k, price_id, source FROM model_pricing;
-- From now on, with what else the row says.
SELECT change, price_id, holds_from <= clock_timestamp() AS past, holds_until
FROM set_model_price('openai/gpt-4o', '{"input": 0.001, "output": 0.01, "cached_input": 0.0005}',
                     options => '{"max_input_tokens": 128000, "max_output_tokens": 16384, "source": "provider_api",
                                  "deprecated_at": "2027-01-01", "provider": "chatgpt"}');
SELECT provider, input_price_per_1k, output_price_per_1k, rates, source, max_input_tokens, max_output_tokens, deprecated_at, price_id
FROM model_pricing;
-- The same price with another source: whoever says it answers for it; no new price.
SELECT change, price_id FROM set_model_price('openai/gpt-4o', '{"input": 0.001, "output": 0.01, "cached_input": 0.0005}');
SELECT source, max_input_tokens FROM model_pricing;

-- Withdrawn, and again; then anew.
SELECT change, price_id FROM set_model_price('openai/gpt-4o', NULL);
SELECT change, price_id FROM set_model_price('openai/gpt-4o', NULL);
SELECT count(*), pg_temp.price_at('openai/gpt-4o', clock_timestamp()) FROM model_pricing;
SELECT change, price_id FROM set_model_price('openai/gpt-4o', '{"input": 0.001}');
SELECT change, price_id FROM set_model_price('acme/never', NULL);
-- In the past: nothing held in February.
SELECT change, price_id, holds_until FROM set_model_price('openai/gpt-4o', NULL, '2026-02-10');
SELECT pg_temp.price_at('openai/gpt-4o', '2026-02-20');

-- Many in one transaction, each later than the one before.
DO $$ BEGIN FOR n IN 1..50 LOOP PERFORM llm_admin.set_model_price('acme/often', jsonb_build_object('input', n / 1000.0)); END LOOP; END $$;
SELECT count(*), count(DISTINCT valid_from), bool_and(in_order), pg_temp.price_at('acme/often', clock_timestamp())
FROM (SELECT valid_from, valid_from > lag(valid_from, 1, '-infinity') OVER (ORDER BY price_id) AS in_order
      FROM model_price_history WHERE model_id = 'acme/often') h;

SELECT call, pg_temp.outcome('SELECT set_model_price(' || call || ')') FROM (VALUES
  ($$'gpt-4o', '{"input": 0.001}'$$), ($$NULL, '{"input": 0.001}'$$), ($$'', '{}'$$), ($$'a/b', '[]'$$), ($$'a/b', '"x"'$$),
  ($$'a/b', '{"in": 1}'$$), ($$'a/b', '{"input": 2.5}'$$), ($$'a/b', '{"input": 1e-9}'$$), ($$'a/b', '{"input": -1}'$$),
  ($$'a/b', '{"input": 0.001}', 'infinity'$$), ($$'a/b', '{"input": 0.001}', '-infinity'$$),
  ($$'a/b', '{"input": 0.001}', now() + interval '1 hour'$$),
  ($$'a/b', '{"input": 0.001}', options => '{"currency": "EUR"}'$$), ($$'a/b', '{"input": 0.001}', options => '{"currency": "e"}'$$),
  ($$'a/b', '{"input": 0.001}', options => '{"source": "hearsay"}'$$), ($$'a/b', '{"input": 0.001}', options => '{"max_input_tokens": 0}'$$),
  ($$'a/b', '{"input": 0.001}', options => '{"max_output_tokens": 1.5}'$$), ($$'a/b', '{"input": 0.001}', options => '{"deprecated_at": "soon"}'$$),
  ($$'a/b', '{"input": 0.001}', options => '{"currancy": "USD"}'$$), ($$'a/b', '{"input": 0.001}', options => '[]'$$),
  ($$'a/' || repeat('b', 300), '{"input": 0.001}'$$)) AS v (call);
SELECT count(*) FROM model_pricing WHERE model_id LIKE 'a/%';
SELECT pg_temp.message($$SELECT set_model_price('a/b', (SELECT jsonb_object_agg('input>' || n, 0.001) FROM generate_series(1, 201) n))$$);
-- No price at all is one, too: every quantity of it is told.
SELECT change FROM set_model_price('a/b', '{}');

\set QUIET on
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
