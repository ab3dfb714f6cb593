-- Before the row: what it may hold, and the number of a price that is new.
CREATE FUNCTION llm_admin.check_model_price() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_model_price';

-- After it: the price's row of model_price_history.
CREATE FUNCTION llm_admin.record_model_price() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_model_price';

CREATE FUNCTION llm_admin.refuse_price_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_price_change';

CREATE FUNCTION llm_admin.refuse_price_truncate() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_price_truncate';
