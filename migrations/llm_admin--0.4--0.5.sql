-- migrations/llm_admin--0.4--0.5.sql.in
-- Up to 0.5: mapping 1.2. No row of the user's changes: mappings of earlier versions go on as they were.
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);
-- What the script needs, told in words before anything else. The library of 0.1 to 0.3 has not got the function below,
-- so it is known by a setting it lacks; one that is not loaded yet has no settings here.
SELECT pg_catalog.concat('open a new session: this one has the library of an earlier version of llm_admin loaded, ',
  'and the script needs a newer one')::pg_catalog.bool
FROM pg_catalog.pg_settings s
WHERE s.name OPERATOR(pg_catalog.=) 'llm_admin.actor'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings n WHERE n.name OPERATOR(pg_catalog.=) 'llm_admin.library_version');
CREATE FUNCTION llm_admin.check_requirements(script pg_catalog.text) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_check_requirements';
SELECT llm_admin.check_requirements('llm_admin--0.4--0.5.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

-- The body of a request as text.
CREATE TYPE llm_admin.built_request_text AS (
  method pg_catalog.text,
  url pg_catalog.text,
  headers pg_catalog.jsonb,
  body pg_catalog.text,
  provider_name pg_catalog.text,
  model pg_catalog.text,
  config_version pg_catalog.int4,
  warnings pg_catalog.jsonb
);

CREATE FUNCTION llm_admin.provider_named(name pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_provider_named';

CREATE FUNCTION llm_admin.build_request_text(
  params pg_catalog.json, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS llm_admin.built_request_text
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_request_text';

CREATE FUNCTION llm_admin.read_answer(
  body pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_read_answer';

CREATE FUNCTION llm_admin.read_operation(
  operation pg_catalog.text, body pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_read_operation';

CREATE FUNCTION llm_admin.stream_deltas(
  events pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_stream_deltas';

-- Nothing for PUBLIC; what roles get comes from refresh_access(), after the script.
REVOKE ALL ON FUNCTION
  llm_admin.provider_named(pg_catalog.text),
  llm_admin.build_request_text(pg_catalog.json, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.read_answer(pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.jsonb),
  llm_admin.read_operation(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.jsonb),
  llm_admin.stream_deltas(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)
  FROM PUBLIC;

COMMENT ON FUNCTION llm_admin.provider_named(pg_catalog.text) IS 'The name of the provider that a name or another name of it stands for; the text itself when there is none';
COMMENT ON TYPE llm_admin.built_request_text IS 'A complete HTTP request with its body as text, as build_request_text() returns it';
COMMENT ON FUNCTION llm_admin.build_request_text(pg_catalog.json, pg_catalog.text, pg_catalog.jsonb) IS 'The HTTP request with its body as text: members and numbers stand as the caller wrote them';
COMMENT ON FUNCTION llm_admin.read_answer(pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.jsonb) IS 'The normalised result of whatever a provider sent: JSON, a stream, an error page, a cut or empty body';
COMMENT ON FUNCTION llm_admin.read_operation(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.jsonb) IS 'Value, usage and error of whatever a provider sent to an operation other than chat';
COMMENT ON FUNCTION llm_admin.stream_deltas(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'What a batch of a stream''s whole events adds, to be shown as it comes';

SELECT llm_admin.record_migration('llm_admin--0.4--0.5.sql');

