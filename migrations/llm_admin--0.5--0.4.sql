-- migrations/llm_admin--0.5--0.4.sql.in
-- Back to 0.4: what 0.5 brought leaves. LA040 where something of the user's uses what leaves. Mappings of version 1.2
-- stay in their rows: 0.5's library goes on reading them.
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
SELECT llm_admin.check_requirements('llm_admin--0.5--0.4.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;


CREATE FUNCTION llm_admin.drop_functions(leaving pg_catalog.regprocedure[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_functions';
SELECT llm_admin.drop_functions(ARRAY[
  'llm_admin.stream_deltas(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.read_operation(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.jsonb)',
  'llm_admin.read_answer(pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.jsonb)',
  'llm_admin.build_request_text(pg_catalog.json, pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.provider_named(pg_catalog.text)'
]::pg_catalog.regprocedure[]);
DROP FUNCTION llm_admin.drop_functions(pg_catalog.regprocedure[]);
DROP TYPE llm_admin.built_request_text;

SELECT llm_admin.record_migration('llm_admin--0.5--0.4.sql');

