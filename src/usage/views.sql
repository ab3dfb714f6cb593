-- As of the last roll-up. Each is read by its index where a date or a user is asked for.
CREATE VIEW llm_admin.usage_by_day WITH (security_invoker = true) AS
  SELECT d.date, d.tenant_id, pg_catalog.sum(d.total_requests)::pg_catalog.int8 AS requests,
         pg_catalog.sum(d.failed_requests)::pg_catalog.int8 AS failed_requests,
         pg_catalog.sum(d.total_tokens)::pg_catalog.int8 AS total_tokens,
         pg_catalog.sum(d.total_cost_usd) AS cost_usd,
         pg_catalog.sum(d.unpriced_requests)::pg_catalog.int8 AS unpriced_requests
  FROM llm_admin.daily_cost_summary d
  GROUP BY d.date, d.tenant_id;

-- Of the current month.
CREATE VIEW llm_admin.cost_by_model WITH (security_invoker = true) AS
  SELECT d.tenant_id, d.provider, d.model_id, pg_catalog.sum(d.total_cost_usd) AS cost_usd,
         pg_catalog.sum(d.list_cost_usd) AS list_cost_usd,
         pg_catalog.sum(d.total_requests)::pg_catalog.int8 AS requests,
         pg_catalog.sum(d.total_tokens)::pg_catalog.int8 AS total_tokens,
         pg_catalog.sum(d.unpriced_requests)::pg_catalog.int8 AS unpriced_requests
  FROM llm_admin.daily_cost_summary d
  WHERE d.date OPERATOR(pg_catalog.>=) pg_catalog.date_trunc('month', pg_catalog.timezone('UTC', pg_catalog.now()))::pg_catalog.date
  GROUP BY d.tenant_id, d.provider, d.model_id;

CREATE VIEW llm_admin.cost_by_user WITH (security_invoker = true) AS
  SELECT d.tenant_id, d.user_id, pg_catalog.sum(d.total_cost_usd) AS cost_usd,
         pg_catalog.sum(d.list_cost_usd) AS list_cost_usd,
         pg_catalog.sum(d.total_requests)::pg_catalog.int8 AS requests,
         pg_catalog.sum(d.total_tokens)::pg_catalog.int8 AS total_tokens,
         pg_catalog.sum(d.unpriced_requests)::pg_catalog.int8 AS unpriced_requests
  FROM llm_admin.daily_cost_summary d
  WHERE d.date OPERATOR(pg_catalog.>=) pg_catalog.date_trunc('month', pg_catalog.timezone('UTC', pg_catalog.now()))::pg_catalog.date
  GROUP BY d.tenant_id, d.user_id;

-- The months of a log count with it; rows are the server's estimate.
CREATE VIEW llm_admin.table_sizes WITH (security_invoker = true) AS
  SELECT COALESCE(p.relname, c.relname)::pg_catalog.text AS table_name,
         (pg_catalog.count(*) OPERATOR(pg_catalog.-) pg_catalog.count(*) FILTER (WHERE p.oid IS NULL))::pg_catalog.int4 AS partitions,
         pg_catalog.sum(GREATEST(c.reltuples, 0::pg_catalog.float4))::pg_catalog.int8 AS estimated_rows,
         pg_catalog.sum(pg_catalog.pg_table_size(c.oid))::pg_catalog.int8 AS table_bytes,
         pg_catalog.sum(pg_catalog.pg_indexes_size(c.oid))::pg_catalog.int8 AS index_bytes,
         pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid))::pg_catalog.int8 AS total_bytes
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid OPERATOR(pg_catalog.=) c.oid
  LEFT JOIN pg_catalog.pg_class p ON p.oid OPERATOR(pg_catalog.=) h.inhparent
  WHERE n.nspname OPERATOR(pg_catalog.=) 'llm_admin' AND c.relkind OPERATOR(pg_catalog.=) 'r'
  GROUP BY COALESCE(p.relname, c.relname)::pg_catalog.text;
