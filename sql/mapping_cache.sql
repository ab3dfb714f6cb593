-- mapping_cache_stats: compiled mappings are kept by content, bounded by memory, and dropped when the table changes.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(provider_name) FROM generate_series(1, 4) n, create_provider('P' || n, 'https://p.example', 'm', options => '{"auth_scheme": "none"}');
-- A new session has none; what one call adds to the counters is seen by comparing.
\c -
SET search_path = llm_admin, public;
\pset format unaligned
\set ECHO none
CREATE TEMPORARY TABLE before (programs bigint, bytes bigint, hits bigint, misses bigint, evictions bigint);
CREATE FUNCTION pg_temp.since() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now record := llm_admin.mapping_cache_stats(); was record; told text;
BEGIN
  SELECT * INTO was FROM before;
  told := format('programs %s, hits +%s, misses +%s, evictions +%s', now.programs, now.hits - was.hits, now.misses - was.misses, now.evictions - was.evictions);
  DELETE FROM before;
  INSERT INTO before VALUES (now.programs, now.bytes, now.hits, now.misses, now.evictions);
  RETURN told;
END $$;
CREATE FUNCTION pg_temp.build(provider text, times integer DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1 .. times LOOP
    PERFORM llm_admin.build_request('{"messages": [{"role": "user", "content": "Hi"}]}', provider);
  END LOOP;
  RETURN pg_temp.since();
END $$;
\set ECHO all
SELECT * FROM mapping_cache_stats();
INSERT INTO before SELECT * FROM mapping_cache_stats();
SELECT pg_temp.build('p1');
SELECT bytes BETWEEN 1000 AND 500000 AS some FROM mapping_cache_stats();
SELECT pg_temp.build('p1', 10);
-- Another provider with the same mapping shares the program.
SELECT pg_temp.build('p2', 2);
-- A response is another program.
SELECT extract_response('{"choices": [{"message": {"content": "A"}}]}', 'p1') ->> 'text' AS text;
SELECT pg_temp.since();
-- An update of another column keeps the program, one of the mapping needs a new one.
UPDATE llm_provider_configs SET description = 'x' WHERE provider_name = 'p1';
SELECT pg_temp.build('p1', 2);
UPDATE llm_provider_configs SET request_builder_config = '{"version": "1.0", "payload_structure": {"model": "param:model_name", "messages": "param:messages"}}' WHERE provider_name = 'p1';
SELECT pg_temp.build('p1', 2);
-- Rolled back, with what this test had noted: the old row and its program again.
BEGIN;
UPDATE llm_provider_configs SET request_builder_config = jsonb_set(request_builder_config, '{payload_structure,x}', '{"default": 1}') WHERE provider_name = 'p1';
SELECT pg_temp.build('p1', 2);
ROLLBACK;
SELECT pg_temp.build('p1', 2);
-- The table changes: everything is dropped, and compiled anew when it is asked for.
ALTER TABLE llm_provider_configs ALTER COLUMN description SET STATISTICS 100;
SELECT pg_temp.since();
SELECT pg_temp.build('p1', 2);
SELECT pg_temp.build('p2', 2);
-- The bound: the program used longest ago goes first, the newest stays.
UPDATE llm_provider_configs SET request_builder_config = jsonb_build_object('version', '1.0', 'payload_structure', '{"model": "param:model_name", "messages": "param:messages"}'::jsonb
  || jsonb_build_object('big', jsonb_build_object('default', repeat('x', 20000), 'path', provider_name))) WHERE provider_name <> 'p1';
SET llm_admin.mapping_cache_size = '64kB';
SELECT pg_temp.build('p2');
SELECT pg_temp.build('p3');
SELECT pg_temp.build('p4');
SELECT pg_temp.build('p3', 5);
SELECT pg_temp.build('p2');
SELECT pg_temp.build('p3');
SELECT bytes BETWEEN 10000 AND 65536 AS within FROM mapping_cache_stats();
RESET llm_admin.mapping_cache_size;
SELECT provolatile, proparallel FROM pg_proc WHERE oid = 'mapping_cache_stats'::regproc;
DROP EXTENSION llm_admin CASCADE;
