-- model_pricing by plain SQL, as ORMs write it; what the history keeps of it, and what nobody changes.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers

-- A row, its price by columns and rates; rates of the bare meters go into their columns.
INSERT INTO model_pricing (model_id, input_price_per_1k, output_price_per_1k, rates)
  VALUES ('openai/gpt-4o', 0.0025, 0.01, '{"cached_input": "1.25e-3", "x_turns": 1}');
INSERT INTO model_pricing (model_id, rates) VALUES ('acme/one', '{"input": 1e-3, "output": 0.0020, "input@batch>200000": 5e-4}');
SELECT model_id, provider, input_price_per_1k, output_price_per_1k, currency, source, rates,
       price_id = (SELECT h.price_id FROM model_price_history h WHERE h.model_id = p.model_id) AS in_history
FROM model_pricing p ORDER BY 1;

-- A price that changes has a row of the history; anything else has none.
UPDATE model_pricing SET max_input_tokens = 128000, deprecated_at = '2027-01-01' WHERE model_id = 'openai/gpt-4o';
UPDATE model_pricing SET input_price_per_1k = 0.00250, rates = '{"x_turns": 1.0, "cached_input": 0.00125}'
  WHERE model_id = 'openai/gpt-4o';
UPDATE model_pricing SET input_price_per_1k = 0.002 WHERE model_id = 'openai/gpt-4o';
-- Two in one transaction.
BEGIN;
UPDATE model_pricing SET rates = '{"output": 0.02}' WHERE model_id = 'openai/gpt-4o';
UPDATE model_pricing SET rates = '{"output": 0.03}' WHERE model_id = 'openai/gpt-4o';
COMMIT;
-- In a statement that is undone nothing is kept.
BEGIN;
UPDATE model_pricing SET input_price_per_1k = 0.5;
ROLLBACK;
-- A model that takes another name: the old one has no price any more.
UPDATE model_pricing SET model_id = 'acme/two' WHERE model_id = 'acme/one';
DELETE FROM model_pricing WHERE model_id = 'acme/two';
SELECT h.model_id, h.rates, h.source, row_number() OVER (PARTITION BY h.model_id ORDER BY h.valid_from) AS n,
       h.valid_from > lag(h.valid_from) OVER (PARTITION BY h.model_id ORDER BY h.price_id) AS later,
       h.valid_from <= clock_timestamp() AS past, h.changed_by = session_user AS by_me
FROM model_price_history h ORDER BY 1, h.valid_from;
SET llm_admin.actor = 'alice';
UPDATE model_pricing SET rates = '{"output": 0.04}';
RESET llm_admin.actor;
SELECT changed_by, rates FROM model_price_history ORDER BY price_id DESC LIMIT 1;

-- Whoever changes a price by hand is its source, unless the statement says another one.
UPDATE model_pricing SET source = 'import';
UPDATE model_pricing SET output_price_per_1k = 0.05;
SELECT source FROM model_pricing;
UPDATE model_pricing SET output_price_per_1k = 0.06, source = 'provider_api';
SELECT source FROM model_pricing;

-- What is refused, and nothing of it is stored.
SELECT format('UPDATE model_pricing SET %s', set) AS statement, pg_temp.outcome(format('UPDATE model_pricing SET %s', set))
FROM (VALUES
  ($$rates = '{"input": 0.5}', input_price_per_1k = 0.4$$), ($$rates = '{"inputs": 0.5}'$$), ($$rates = '[]'$$),
  ($$rates = '{"input>200000": 0.1, "input>=200001": 0.2}'$$), ($$rates = '{"cached_input": -1}'$$),
  ($$rates = '{"cached_input": "NaN"}'$$), ($$rates = NULL$$), ($$input_price_per_1k = 2.5$$),
  ($$input_price_per_1k = 0.0000001$$), ($$rates = '{"image_out": 400}'$$), ($$input_price_per_1k = 'NaN'$$),
  ($$output_price_per_1k = 'Infinity'$$), ($$input_price_per_1k = -0.1$$), ($$currency = 'EUR'$$),
  ($$currency = 'euro'$$), ($$currency = 'eur'$$), ($$source = 'hearsay'$$), ($$max_input_tokens = 0$$),
  ($$model_id = 'gpt-4o'$$), ($$model_id = '/gpt-4o'$$), ($$model_id = 'openai/'$$), ($$model_id = ''$$),
  ($$model_id = repeat('a/', 128)$$)) AS v (set);
SELECT count(*), max(output_price_per_1k) FROM model_pricing;
-- A price that is right all the same.
SET llm_admin.max_price_per_1k = 5;
UPDATE model_pricing SET input_price_per_1k = 2.5;
RESET llm_admin.max_price_per_1k;

-- Other currencies: known by a rate.
SELECT pg_temp.outcome(s) FROM (VALUES
  ($$INSERT INTO exchange_rates VALUES ('EUR', now(), 0)$$), ($$INSERT INTO exchange_rates VALUES ('EUR', now(), -1)$$),
  ($$INSERT INTO exchange_rates VALUES ('EUR', now(), 'Infinity')$$), ($$INSERT INTO exchange_rates VALUES ('EUR', now(), 'NaN')$$),
  ($$INSERT INTO exchange_rates VALUES ('USD', now(), 1.1)$$), ($$INSERT INTO exchange_rates VALUES ('eur', now(), 1.1)$$),
  ($$INSERT INTO exchange_rates VALUES ('EUR', NULL, 1.1)$$)) AS v (s);
INSERT INTO exchange_rates VALUES ('JPY', '2026-01-01', 0.0067);
-- The bounds are of dollars: 1.5 yen are a cent.
UPDATE model_pricing SET currency = 'JPY', input_price_per_1k = 1.5;
SELECT pg_temp.outcome($$UPDATE model_pricing SET input_price_per_1k = 150$$);

-- What held is never changed, by nobody.
SELECT pg_temp.outcome(s) FROM (VALUES
  ('UPDATE model_price_history SET rates = NULL'), ('DELETE FROM model_price_history'),
  ('TRUNCATE model_price_history'), ('TRUNCATE model_pricing'),
  ($$MERGE INTO model_price_history h USING (VALUES (1)) v (x) ON true WHEN MATCHED THEN DELETE$$),
  ($$INSERT INTO model_price_history SELECT * FROM model_price_history LIMIT 1 ON CONFLICT (price_id) DO UPDATE SET rates = NULL$$),
  ($$INSERT INTO model_price_history (model_id, valid_from, source, changed_by, currency) VALUES ('a/b', now(), 'x', 'me', '?')$$)) AS v (s);
SET session_replication_role = replica;
SELECT pg_temp.outcome(s) FROM (VALUES
  ('UPDATE model_price_history SET rates = NULL'), ('DELETE FROM model_price_history'),
  ('TRUNCATE model_price_history')) AS v (s);
RESET session_replication_role;

-- By levels.
CREATE ROLE regress_llm_app;
CREATE ROLE regress_llm_operator;
SELECT grant_access('regress_llm_app', 'app'), grant_access('regress_llm_operator', 'operator');
SET ROLE regress_llm_app;
SELECT count(*) FROM model_pricing;
SELECT pg_temp.message(s) FROM (VALUES
  ($$UPDATE model_pricing SET input_price_per_1k = 0$$), ($$INSERT INTO model_pricing (model_id) VALUES ('a/b')$$),
  ('DELETE FROM model_price_history'), ($$INSERT INTO exchange_rates VALUES ('EUR', now(), 1)$$),
  ($$SELECT set_model_price('a/b', '{"input": 0.001}')$$), ($$SELECT import_model_prices('{}')$$)) AS v (s);
SET ROLE regress_llm_operator;
-- The history is written with the rights of the owner.
INSERT INTO model_pricing (model_id, rates) VALUES ('acme/three', '{"query": 0.002}');
SELECT pg_temp.message(s) FROM (VALUES
  ('DELETE FROM model_price_history'), ('UPDATE model_price_history SET rates = NULL'),
  ($$INSERT INTO model_price_history (model_id, valid_from, source, changed_by) VALUES ('a/b', now(), 'x', 'me')$$),
  ($$SELECT nextval('model_price_history_price_id_seq')$$), ('TRUNCATE model_pricing')) AS v (s);
RESET ROLE;
SELECT rates, changed_by = session_user AS by_session FROM model_price_history WHERE model_id = 'acme/three';
SELECT revoke_access('regress_llm_app', 'app'), revoke_access('regress_llm_operator', 'operator');
DROP ROLE regress_llm_app, regress_llm_operator;

\set QUIET on
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
