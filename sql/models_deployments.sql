-- Servers, installed models, deployments and accounts: their indexes by name, moves between states, and bad input.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
-- The indexes of the management tables are those of the seed and no others, by name and columns.
\set load '\\copy wanted FROM ''' :abs_srcdir '/test/management_indexes.tsv'' (HEADER MATCH)'
CREATE TEMPORARY TABLE wanted ("table" text, "index" text, columns text);
:load
CREATE TEMPORARY VIEW there AS
  SELECT t.relname::text AS "table", c.relname::text AS "index",
    CASE WHEN EXISTS (SELECT FROM pg_constraint WHERE conindid = c.oid AND contype IN ('p', 'u')) THEN '(primary key or unique constraint)'
    ELSE replace(replace(substring(pg_get_indexdef(c.oid) FROM '\((.*?)\)'), '"', ''), ', ', ',') || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial not null' END END AS columns
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
  WHERE t.relnamespace = 'llm_admin'::regnamespace AND t.relname IN (SELECT "table" FROM wanted);
SELECT count(*) AS tables, count(*) FILTER (WHERE to_regclass('llm_admin.' || "table") IS NOT NULL) >= 6 AS there FROM (SELECT DISTINCT "table" FROM wanted) w;
SELECT 'missing' AS what, w.* FROM (TABLE wanted EXCEPT TABLE there) w WHERE to_regclass('llm_admin.' || w."table") IS NOT NULL ORDER BY 2, 3;
SELECT 'too many' AS what, t.* FROM (TABLE there EXCEPT TABLE wanted) t ORDER BY 2, 3;

SELECT count(*) > 0 AS seeded FROM seed();
INSERT INTO model_servers (name, type, location, host, port) VALUES ('gpu1', 'ollama', 'local', '10.0.0.1', 11434), ('gpu2', 'vllm', 'remote', '10.0.0.2', 8000);

-- Models: one row a server, name and version; what is given anew changes, what is not stays.
SELECT install_model('gpu1', 'llama3', '{"version": "8b", "size_bytes": 4700000000, "metadata": {"a": 1}}') = install_model('gpu1', 'llama3', '{"version": "8b", "quantization": "q4", "metadata": {"b": 2}}') AS same_row;
SELECT install_model('gpu1', 'phi3') = install_model('gpu1', 'phi3') AS same_row, install_model('gpu2', 'qwen') IS NOT NULL AS other_server;
SELECT m.model_name, m.version, m.size_bytes, m.quantization, m.metadata FROM installed_models m ORDER BY 1;

-- Deployments: each move there is.
SELECT deploy_model('gpu1', 'llama3', 'chat', '{"context_length": 8192}') IS NOT NULL AS deployed;
CREATE FUNCTION pg_temp.move(wanted text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said text := pg_temp.outcome(format('UPDATE model_deployments SET status = %L WHERE alias = ''chat''', wanted));
BEGIN
  RETURN concat_ws(' | ', split_part(said, E'\n', 1), (SELECT concat_ws(' ', status, CASE WHEN started_at IS NULL THEN 'never began' ELSE 'began' END,
    CASE WHEN stopped_at IS NULL THEN 'goes on' ELSE 'ended' END) FROM model_deployments WHERE alias = 'chat'));
END $$;
SELECT wanted, pg_temp.move(wanted) FROM unnest(ARRAY['loading', 'running', 'loading', 'error', 'running', 'stopped', 'loading', 'stopped', 'error', 'running', 'loading', 'error',
  'loading', 'running', 'stopped']) WITH ORDINALITY AS w (wanted, n) ORDER BY n;
SELECT pg_temp.outcome($$UPDATE model_deployments SET status = 'running' WHERE alias = 'chat'$$);
SELECT deploy_model('gpu1', 'llama3', 'chat') IS NOT NULL AS again, (SELECT context_length FROM model_deployments WHERE alias = 'chat') AS kept;
SELECT stop_deployment('gpu1', 'chat') AS stopped, stop_deployment('gpu1', 'chat') AS again;
SELECT alias, status, server, server_type, health_status, model_name, version, context_length FROM deployment_status;

-- Bad input.
SELECT pg_temp.outcome($$SELECT install_model('gpu3', 'llama3')$$);
SELECT pg_temp.outcome($$SELECT install_model('gpu1', '')$$);
SELECT pg_temp.outcome($$SELECT install_model('gpu1', 'x', '{"size_bytes": -1}')$$);
SELECT pg_temp.outcome($$SELECT install_model('gpu1', 'x', '{"size_bytes": "big"}')$$);
SELECT pg_temp.outcome($$SELECT install_model('gpu1', 'x', '{"size": 1}')$$);
SELECT pg_temp.outcome($$SELECT deploy_model('gpu1', 'qwen')$$);
SELECT pg_temp.outcome($$SELECT deploy_model('gpu1', 'none')$$);
SELECT pg_temp.outcome($$SELECT deploy_model('gpu1', 'phi3', 'p', '{"context_length": 0}')$$);
SELECT pg_temp.outcome($$SELECT deploy_model('gpu1', 'phi3', 'p', '{"context_length": 99999999999}')$$);
SELECT install_model('gpu1', 'llama3', '{"version": "70b"}') IS NOT NULL AS second_version;
-- Without a version the model is the one that has none, as install_model() has it.
BEGIN;
SELECT install_model('gpu1', 'llama3') IS NOT NULL AS without_version;
SELECT deploy_model('gpu1', 'llama3', 'plain') IS NOT NULL AS of_it;
SELECT alias, version FROM deployment_status WHERE alias = 'plain';
ROLLBACK;
SELECT pg_temp.outcome($$SELECT deploy_model('gpu1', 'llama3', 'big')$$);
SELECT deploy_model('gpu1', 'llama3', 'big', '{"version": "70b"}') IS NOT NULL AS by_version;
SELECT pg_temp.outcome($$SELECT stop_deployment('gpu1', 'none')$$);
SELECT pg_temp.outcome($$SELECT stop_deployment('gpu3', 'chat')$$);
SELECT pg_temp.outcome($$INSERT INTO model_deployments (server_id, model_id, alias) SELECT s.id, m.id, 'moved' FROM model_servers s, installed_models m WHERE s.name = 'gpu1' AND m.model_name = 'qwen'$$);
SELECT pg_temp.outcome($$UPDATE model_deployments SET server_id = (SELECT id FROM model_servers WHERE name = 'gpu2') WHERE alias = 'chat'$$);
SELECT pg_temp.outcome($$UPDATE installed_models SET server_id = (SELECT id FROM model_servers WHERE name = 'gpu2') WHERE model_name = 'phi3'$$);
SELECT pg_temp.outcome($$UPDATE model_deployments SET status = 'paused' WHERE alias = 'chat'$$);
SELECT pg_temp.outcome($$INSERT INTO model_servers (name, type, host, port) VALUES ('x', 'llama', 'h', 1)$$);
SELECT pg_temp.outcome($$INSERT INTO model_servers (name, type, host, port) VALUES ('x', 'vllm', 'h', 70000)$$);
SELECT pg_temp.outcome($$INSERT INTO model_servers (name, type, host, port) VALUES ('x', 'vllm', '10.0.0.1', 11434)$$);
SELECT pg_temp.outcome($$INSERT INTO model_servers (name, type, host, port, location) VALUES ('x', 'vllm', 'h', 1, 'moon')$$);

-- Health.
SELECT record_server_health('gpu1', 'healthy', '{"metadata": {"models": 2}}') AS before, record_server_health('gpu1', 'degraded') AS then;
SELECT pg_temp.outcome($$SELECT record_server_health('gpu1', 'fine')$$);
SELECT pg_temp.outcome($$SELECT record_server_health('gpu3', 'healthy')$$);
SELECT kind, name, type, status, checked_at IS NOT NULL AS checked FROM provider_health ORDER BY name;

-- A server that goes takes its models and deployments along.
DELETE FROM model_servers WHERE name = 'gpu1';
SELECT (SELECT count(*) FROM installed_models) AS models, (SELECT count(*) FROM model_deployments) AS deployments;

-- The views of the seed's query classes use an index.
SET enable_seqscan = off;
CREATE FUNCTION pg_temp.indexes_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
    IF line ~ '(Index|Bitmap Index) .*(Scan|Only).* (on|using) ' THEN RETURN NEXT substring(line FROM '(?:using|Scan on) (\S+)'); END IF;
  END LOOP;
END $$;
SELECT DISTINCT pg_temp.indexes_of($$SELECT * FROM provider_health WHERE status = 'unhealthy' AND enabled$$) AS health ORDER BY 1;
SELECT DISTINCT pg_temp.indexes_of($$SELECT * FROM deployment_status WHERE status = 'running'$$) AS deployments ORDER BY 1;
SELECT DISTINCT pg_temp.indexes_of($$SELECT * FROM model_permissions WHERE model_id = 'm' AND access_type = 'user' AND access_value = 'u'$$) AS access ORDER BY 1;
RESET enable_seqscan;
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
