-- What bench/run needs inside its own database: the cases, the clock, and the loops around single statements.
-- Each round measures one statement that does the work $1 times over, for both sides in turn and in the same way.
CREATE SCHEMA bench;
SET search_path = bench, public;

CREATE TABLE cases (
  position integer GENERATED ALWAYS AS IDENTITY,
  id text PRIMARY KEY,
  what text NOT NULL,     -- the work, as the table prints it
  against text NOT NULL,
  wanted numeric,         -- NULL: shown for comparison only
  ours text NOT NULL,     -- statements: $1 is how often, $2 the input
  theirs text NOT NULL,
  input jsonb,
  times integer           -- fixed for cases that write; NULL: as many as fill the time of a round
);
CREATE TABLE rounds (id text, side text, round integer, microseconds double precision);
-- What grows (providers, rules, bytes), the work, and how large it was.
CREATE TABLE growth (what text, work text, size bigint, round integer, microseconds double precision);

-- Seconds of processor time that this backend has used, so that what else runs on the machine counts less. The kernel
-- brings the figure up to date when a process sleeps. Where there is no such file, the wall clock.
CREATE FUNCTION seconds() RETURNS double precision LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_sleep(0.001);
  RETURN split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint / 1e9;
EXCEPTION
  WHEN undefined_file OR insufficient_privilege THEN
    RETURN extract(epoch FROM clock_timestamp());
END
$$;

-- Microseconds that one piece of work takes in a round of `times`.
CREATE FUNCTION clocked(statement text, times integer, input jsonb) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  began double precision := bench.seconds();
BEGIN
  EXECUTE statement USING times, input;
  RETURN (bench.seconds() - began) * 1e6 / times;
END
$$;

-- How often it must be done to fill `milliseconds`; also the warm-up.
CREATE FUNCTION times_for(statement text, input jsonb, milliseconds integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  n integer := 16;
  each double precision;
BEGIN
  PERFORM bench.clocked(statement, n, input);
  LOOP
    each := bench.clocked(statement, n, input);
    EXIT WHEN each * n > milliseconds * 100;
    n := n * 4;
  END LOOP;
  RETURN greatest(1, (milliseconds * 1000 / each)::integer);
END
$$;

CREATE TABLE calibrated (id text, side text, times integer);
CREATE FUNCTION calibrate(case_id text, milliseconds integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c bench.cases;
BEGIN
  SELECT * INTO c FROM bench.cases WHERE id = case_id;
  INSERT INTO bench.calibrated
    VALUES (case_id, 'ours', coalesce(c.times, bench.times_for(c.ours, c.input, milliseconds))),
           (case_id, 'theirs', coalesce(c.times, bench.times_for(c.theirs, c.input, milliseconds)));
  IF c.times IS NOT NULL THEN  -- still a warm-up
    PERFORM bench.clocked(c.ours, 20, c.input);
    PERFORM bench.clocked(c.theirs, 20, c.input);
  END IF;
END
$$;

CREATE FUNCTION play(case_id text, of_side text, number integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c bench.cases;
  n integer;
BEGIN
  SELECT * INTO c FROM bench.cases WHERE id = case_id;
  SELECT k.times INTO n FROM bench.calibrated k WHERE k.id = case_id AND k.side = of_side;
  INSERT INTO bench.rounds VALUES (case_id, of_side, number,
    bench.clocked(CASE of_side WHEN 'ours' THEN c.ours ELSE c.theirs END, n, c.input));
END
$$;

-- ---- input ---------------------------------------------------------------------------------------------------

\ir chat_1_0.sql

-- An answer as the chat dialect has it, 1.4 kB; and the same answer with the log probabilities of its tokens.
CREATE FUNCTION answer(tokens integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object(
    'id', 'chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG', 'object', 'chat.completion', 'created', 1741570283,
    'model', 'gpt-4.1-2025-04-14',
    'choices', jsonb_build_array(jsonb_build_object(
      'index', 0,
      'message', jsonb_build_object('role', 'assistant', 'content',
        repeat('The index is not used because the planner expects most rows to match. ', 11),
        'refusal', NULL, 'annotations', '[]'::jsonb),
      'logprobs', CASE WHEN tokens > 0 THEN jsonb_build_object('content',
        (SELECT jsonb_agg(jsonb_build_object('token', md5(i::text), 'logprob', -1.0 / (i + 3),
                  'bytes', jsonb_build_array(i % 256, i % 251, i % 241), 'top_logprobs', '[]'::jsonb))
         FROM generate_series(1, tokens) i)) END,
      'finish_reason', 'stop')),
    'usage', jsonb_build_object(
      'prompt_tokens', 1117, 'completion_tokens', 146, 'total_tokens', 1263,
      'prompt_tokens_details', jsonb_build_object('cached_tokens', 1024, 'audio_tokens', 0),
      'completion_tokens_details', jsonb_build_object('reasoning_tokens', 64, 'audio_tokens', 0,
        'accepted_prediction_tokens', 0, 'rejected_prediction_tokens', 0)),
    'service_tier', 'default', 'system_fingerprint', 'fp_fc9f1d7035')
$$;
CREATE TABLE answers AS SELECT 'small' AS name, bench.answer(0) AS doc UNION ALL SELECT 'large', bench.answer(870);

CREATE FUNCTION chat_parameters() RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('messages', jsonb_build_array(
      jsonb_build_object('role', 'system', 'content', 'You answer questions about databases in two sentences.'),
      jsonb_build_object('role', 'user', 'content', 'Why does this query not use the index on created_at?'),
      jsonb_build_object('role', 'assistant', 'content', repeat('Show me the plan. ', 3) || 'Show me the plan.'),
      jsonb_build_object('role', 'user', 'content', repeat('Seq Scan on orders (cost=0.00..1.03 rows=3) ', 6))),
    'temperature', 0.2, 'max_tokens', 800, 'top_p', 0.9, 'stop', '["END"]'::jsonb)
$$;

-- With a model that takes sampling parameters, one of the two at a time; the default one takes none.
CREATE FUNCTION anthropic_parameters() RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT bench.chat_parameters() - 'top_p' || '{"model": "claude-haiku-4-5"}'
$$;

-- The same answer as a stream: a token an event, of 290 bytes each.
CREATE FUNCTION stream_of(tokens integer) RETURNS text LANGUAGE sql AS $$
  WITH doc AS (SELECT bench.answer(0) AS a), common AS (
    SELECT a, a - '{choices,usage}'::text[] || '{"object": "chat.completion.chunk"}' AS head FROM doc)
  SELECT string_agg('data: ' || event || E'\n\n', '' ORDER BY n) FROM (
    SELECT i AS n, (head || jsonb_build_object('choices', jsonb_build_array(jsonb_build_object('index', 0,
      'delta', CASE WHEN i = 0 THEN '{"role": "assistant", "content": ""}'::jsonb
                    WHEN i <= tokens THEN jsonb_build_object('content', ' tok' || i % 1000) ELSE '{}' END,
      'finish_reason', CASE WHEN i > tokens THEN 'stop' END))))::text AS event
    FROM common, generate_series(0, tokens + 1) i
    UNION ALL
    SELECT tokens + 2, (head || jsonb_build_object('choices', '[]'::jsonb, 'usage', a -> 'usage'))::text FROM common
    UNION ALL
    SELECT tokens + 3, '[DONE]') events
$$;
CREATE TABLE streams AS SELECT 'short' AS name, bench.stream_of(10) AS body UNION ALL SELECT 'long', bench.stream_of(150);

-- 2,000 events as they come: in batches of 20, each with what has come by then, in characters.
CREATE TABLE whole_stream AS SELECT bench.stream_of(1996) AS body;
CREATE TABLE batches AS
  SELECT batch, string_agg(event || E'\n\n', '' ORDER BY n) AS events,
         sum(sum(length(event) + 2)) OVER (ORDER BY batch)::integer AS so_far
  FROM (SELECT n, (n - 1) / 20 AS batch, event
        FROM bench.whole_stream s, string_to_table(rtrim(s.body, E'\n'), E'\n\n') WITH ORDINALITY e (event, n)) events
  GROUP BY batch;

-- ---- the shipped providers on both sides; those that are built for are enabled --------------------------------

SELECT llm_admin.seed();
SELECT llm_admin.set_provider_key(name, 'sk-bench-0123456789abcdefghijklmnopqrstuvwxyzABCDEF')
FROM unnest('{google_ai,chatgpt,anthropic}'::text[]) name;
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name IN ('google_ai', 'chatgpt', 'anthropic');
ALTER TABLE reference.providers DISABLE TRIGGER USER;  -- the reference knows version 1.0 of the language only
INSERT INTO reference.providers SELECT * FROM llm_admin.llm_provider_configs;
ALTER TABLE reference.providers ENABLE TRIGGER USER;
SELECT setval('reference.providers_id_seq', 1000);

CREATE TABLE secrets AS
  SELECT key, llm_admin.encrypt_key(key) AS envelope, aes, iv,
         encrypt_iv(convert_to(key, 'UTF8'), aes, iv, 'aes-cbc') AS cbc
  FROM (SELECT 'sk-bench-0123456789abcdefghijklmnopqrstuvwxyzABCDEF' AS key, gen_random_bytes(32) AS aes,
               gen_random_bytes(16) AS iv) k;
-- Several, since each draws its own number of hash rounds by chance, between 65,536 and 253,952.
CREATE TABLE pgp_secrets AS
  SELECT n, pgp_sym_encrypt(key, 'correct horse battery staple') AS value FROM secrets, generate_series(0, 63) n;

-- ---- loops around single statements, one of each side ------------------------------------------------------------

DO $do$
DECLARE
  side text;
  providers text;
  active text;
  columns text := 'p.id, p.provider_name, p.display_name, p.base_url, p.endpoint_path_template, p.default_model, '
    'p.request_builder_config, p.response_extractor_config, p.model_capabilities, p.auth_scheme, '
    'p.auth_header_template, p.http_method, p.additional_headers, p.context_window_tokens, '
    'p.max_output_tokens_limit, p.config_version';
BEGIN
  FOR side, providers, active IN VALUES
      ('ours', 'llm_admin.llm_provider_configs', columns || ', p.has_key FROM llm_admin.get_active_provider() p'),
      ('theirs', 'reference.providers',
       columns || ', p.api_key_encrypted IS NOT NULL FROM llm_admin.llm_provider_configs p WHERE p.is_active') LOOP
    EXECUTE format($f$
      CREATE FUNCTION bench.read_active_%1$s(n integer) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE r record;
      BEGIN
        FOR i IN 1 .. n LOOP SELECT %3$s INTO r; END LOOP;
      END $$;
      CREATE SEQUENCE bench.names_%1$s;
      CREATE FUNCTION bench.insert_%1$s(n integer) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE m bench.mappings;
      BEGIN
        SELECT * INTO m FROM bench.mappings;
        FOR i IN 1 .. n LOOP
          INSERT INTO %2$s (provider_name, display_name, base_url, endpoint_path_template, auth_header_template,
            additional_headers, request_builder_config, response_extractor_config, default_model)
          VALUES ('bench_' || nextval('bench.names_%1$s'), 'Benchmark', 'https://llm.example.com/v1',
            m.endpoint_path_template, m.auth_header_template, '{"X-Title": "benchmark"}', m.request_builder_config,
            m.response_extractor_config, 'a-model');
        END LOOP;
      END $$;
      CREATE FUNCTION bench.targets_%1$s(n integer) RETURNS integer[] LANGUAGE sql AS $$
        SELECT ARRAY(SELECT id FROM %2$s WHERE provider_name LIKE 'bench\_%%' ORDER BY id LIMIT n)
      $$;
      CREATE FUNCTION bench.describe_%1$s(n integer) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE targets integer[] := bench.targets_%1$s(n); said text := clock_timestamp();
      BEGIN
        FOR i IN 1 .. n LOOP UPDATE %2$s SET description = said WHERE id = targets[i]; END LOOP;
      END $$;
      CREATE FUNCTION bench.remap_%1$s(n integer) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE targets integer[] := bench.targets_%1$s(n); config jsonb;
      BEGIN
        SELECT jsonb_set(m.request_builder_config, '{payload_structure,temperature,default}', to_jsonb(random()))
          INTO config FROM bench.mappings m;
        FOR i IN 1 .. n LOOP UPDATE %2$s SET request_builder_config = config WHERE id = targets[i]; END LOOP;
      END $$;
      CREATE FUNCTION bench.activate_%1$s(n integer) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE targets integer[] := bench.targets_%1$s(n);
      BEGIN
        FOR i IN 1 .. n LOOP UPDATE %2$s SET is_active = true WHERE id = targets[i]; END LOOP;
      END $$;
    $f$, side, providers, active);
  END LOOP;
END
$do$;

-- What the server itself does in such an update, whoever writes the triggers: the row with its checks and indexes, and
-- the history row with its snapshot.
CREATE TABLE bare (LIKE llm_admin.llm_provider_configs INCLUDING ALL);
CREATE FUNCTION keep(row_is bench.bare, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reference.history (provider_id, provider_name, action, config_snapshot, changed_by, config_version,
                                 session_user_name, current_user_name)
  VALUES (row_is.id, row_is.provider_name, what, to_jsonb(row_is), session_user, row_is.config_version, session_user,
          current_user);
END
$$;
CREATE FUNCTION describe_bare(n integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  targets integer[] := ARRAY(SELECT id FROM bench.bare ORDER BY id LIMIT n);
  said text := clock_timestamp();
  r bench.bare;
BEGIN
  FOR i IN 1 .. n LOOP
    UPDATE bench.bare SET description = said, updated_at = now() WHERE id = targets[i] RETURNING * INTO r;
    PERFORM bench.keep(r, 'updated');
  END LOOP;
END
$$;
CREATE FUNCTION activate_bare(n integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  targets integer[] := ARRAY(SELECT id FROM bench.bare ORDER BY id LIMIT n);
  r bench.bare;
BEGIN
  FOR i IN 1 .. n LOOP
    UPDATE bench.bare SET is_active = false, updated_at = now() WHERE is_active RETURNING * INTO r;
    PERFORM bench.keep(r, 'deactivated') WHERE r.id IS NOT NULL;
    UPDATE bench.bare SET is_active = true, updated_at = now() WHERE id = targets[i] RETURNING * INTO r;
    PERFORM bench.keep(r, 'activated');
  END LOOP;
END
$$;
