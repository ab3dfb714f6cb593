-- What a model costs now, by its canonical id; the columns of the seed and the rates besides. input_price_per_1k and
-- output_price_per_1k are the rates of the bare meters input and output, which do not stand in rates.
CREATE TABLE llm_admin.model_pricing (
  model_id pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  provider pg_catalog.varchar(100) COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  input_price_per_1k pg_catalog.numeric,
  output_price_per_1k pg_catalog.numeric,
  currency pg_catalog.varchar(3) COLLATE pg_catalog."C" NOT NULL DEFAULT 'USD',
  last_updated pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  source pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL DEFAULT 'manual',
  rates pg_catalog.jsonb NOT NULL DEFAULT '{}',
  max_input_tokens pg_catalog.int4,
  max_output_tokens pg_catalog.int4,
  deprecated_at pg_catalog.timestamptz,
  price_id pg_catalog.int8,
  CONSTRAINT model_pricing_pkey PRIMARY KEY (model_id),
  CONSTRAINT model_pricing_model_id_check CHECK (model_id::pg_catalog.text OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT model_pricing_currency_check CHECK (currency::pg_catalog.text OPERATOR(pg_catalog.~) '^[A-Z]{3}$'),
  CONSTRAINT model_pricing_source_check
    CHECK (source::pg_catalog.text IN ('manual', 'provider_api', 'openrouter', 'import')),
  CONSTRAINT model_pricing_input_price_check CHECK (input_price_per_1k OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT model_pricing_output_price_check CHECK (output_price_per_1k OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT model_pricing_rates_check CHECK (pg_catalog.jsonb_typeof(rates) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT model_pricing_max_input_tokens_check CHECK (max_input_tokens OPERATOR(pg_catalog.>) 0),
  CONSTRAINT model_pricing_max_output_tokens_check CHECK (max_output_tokens OPERATOR(pg_catalog.>) 0)
);
CREATE INDEX idx_pricing_provider ON llm_admin.model_pricing (provider);
CREATE INDEX idx_pricing_updated ON llm_admin.model_pricing (last_updated);

-- Every price that there was: it holds until the next one of its model begins, so no two overlap. All rates, those of
-- the columns above too; NULL: withdrawn. Rows never change.
CREATE SEQUENCE llm_admin.model_price_history_price_id_seq AS pg_catalog.int8;
CREATE TABLE llm_admin.model_price_history (
  model_id pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  valid_from pg_catalog.timestamptz NOT NULL,
  price_id pg_catalog.int8 NOT NULL
    DEFAULT pg_catalog.nextval('llm_admin.model_price_history_price_id_seq'::pg_catalog.regclass),
  rates pg_catalog.jsonb,
  currency pg_catalog.varchar(3) COLLATE pg_catalog."C" NOT NULL DEFAULT 'USD',
  source pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  changed_by pg_catalog.varchar(255) NOT NULL,
  recorded_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  CONSTRAINT model_price_history_pkey PRIMARY KEY (model_id, valid_from),
  CONSTRAINT model_price_history_price_id_key UNIQUE (price_id),
  CONSTRAINT model_price_history_currency_check CHECK (currency::pg_catalog.text OPERATOR(pg_catalog.~) '^[A-Z]{3}$'),
  CONSTRAINT model_price_history_rates_check CHECK (pg_catalog.jsonb_typeof(rates) OPERATOR(pg_catalog.=) 'object')
);
ALTER SEQUENCE llm_admin.model_price_history_price_id_seq OWNED BY llm_admin.model_price_history.price_id;

-- What a unit of a currency is worth in US dollars, until its next row. Nothing is fetched.
CREATE TABLE llm_admin.exchange_rates (
  currency pg_catalog.varchar(3) COLLATE pg_catalog."C" NOT NULL,
  valid_from pg_catalog.timestamptz NOT NULL,
  usd pg_catalog.numeric NOT NULL,
  CONSTRAINT exchange_rates_pkey PRIMARY KEY (currency, valid_from),
  CONSTRAINT exchange_rates_currency_check
    CHECK (currency::pg_catalog.text OPERATOR(pg_catalog.~) '^[A-Z]{3}$' AND currency::pg_catalog.text OPERATOR(pg_catalog.<>) 'USD'),
  CONSTRAINT exchange_rates_usd_check
    CHECK (usd OPERATOR(pg_catalog.>) 0 AND usd OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric)
);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_pricing', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_price_history', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_price_history_price_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.exchange_rates', '');
