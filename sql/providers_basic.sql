-- Providers through their functions: read, list, switch, create, history, test results, purge.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers

-- Nothing is there before seed(), and the reading functions say how to go on.
SELECT count(*) FROM list_providers();
SELECT count(*) FROM get_active_provider();
SELECT count(*) FROM provider_history();
SELECT pg_temp.outcome($$SELECT get_provider('groq')$$);
SELECT pg_temp.outcome($$SELECT build_request('{"messages": [{"role": "user", "content": "Hi"}]}')$$);
SELECT pg_temp.outcome($$SELECT switch_active_provider('groq')$$);
SELECT * FROM seed();
SELECT * FROM seed();

-- The columns of the two reading functions: nine of the seed first, in its order, and never the key.
SELECT attname FROM pg_attribute WHERE attrelid = 'provider_info'::regclass AND attnum > 0 ORDER BY attnum;
SELECT proname, prorettype::regtype FROM pg_proc
WHERE pronamespace = 'llm_admin'::regnamespace AND proname IN ('get_active_provider', 'get_provider') ORDER BY 1;
SELECT provider_name, display_name, base_url, endpoint_path_template, default_model, auth_scheme,
       auth_header_template, http_method, context_window_tokens, max_output_tokens_limit, config_version, has_key
FROM get_active_provider();
SELECT provider_name, base_url, has_key FROM get_provider('chatgpt');
SELECT a = b AS same_row FROM get_active_provider() a, get_provider('groq') b;
EXPLAIN (COSTS off) SELECT provider_name FROM get_active_provider();

-- Unknown names: the nearest are named; nothing near, then where to look.
SELECT pg_temp.outcome($$SELECT get_provider('groqs')$$);
SELECT pg_temp.outcome($$SELECT get_provider('openrouterr')$$);
SELECT pg_temp.outcome($$SELECT get_provider('something quite different')$$);
SELECT pg_temp.outcome($$SELECT get_provider('')$$);
SELECT pg_temp.outcome($$SELECT get_provider(repeat('x', 1000))$$) = '42704: Provider (a text of 1000 characters)'
  || E' does not exist\n  HINT: SELECT provider_name FROM llm_admin.list_providers()' AS shortened;
-- A name is cut between characters, not inside one.
SELECT pg_temp.outcome($$SELECT get_provider('x' || repeat('é', 200))$$);
SELECT get_provider(NULL) IS NULL AS strict;

-- list_providers: the active one first; the state of each.
SELECT provider_name, is_active, is_enabled, has_key, key_hint, config_status, last_test_at, last_test_result,
       last_test_latency_ms FROM list_providers();

-- Switching.
SELECT set_provider_key('openrouter', 'sk-or-0123456789abcdef', 'ann');
UPDATE llm_provider_configs SET is_enabled = true WHERE provider_name = 'openrouter';
SELECT switch_active_provider('openrouter', 'ann');
SELECT provider_name FROM get_active_provider();
-- To the active one: true, and nothing is written.
SELECT switch_active_provider('openrouter', 'bob');
SELECT provider_name, action, changed_by FROM provider_history()
WHERE action IN ('activated', 'deactivated') ORDER BY provider_name, action;
SELECT provider_name, updated_by FROM llm_provider_configs WHERE updated_by IS NOT NULL ORDER BY 1;
-- A provider without a key can be switched to, with a warning.
SELECT switch_active_provider('groq');
SELECT pg_temp.outcome($$SELECT switch_active_provider('chatgpt')$$);
SELECT pg_temp.outcome($$SELECT switch_active_provider('nobody')$$);
SELECT pg_temp.outcome($$SELECT switch_active_provider(NULL)$$);
SELECT pg_temp.outcome($$SELECT switch_active_provider('')$$);
BEGIN READ ONLY;
SELECT pg_temp.outcome($$SELECT switch_active_provider('openrouter')$$);
SELECT provider_name FROM get_active_provider();
SELECT count(*) FROM list_providers();
COMMIT;
SELECT provider_name FROM get_active_provider();

-- A trigger of somebody else that swallows the change: refused, and the old one stays active.
CREATE FUNCTION pg_temp.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER zz_swallow BEFORE UPDATE ON llm_provider_configs FOR EACH ROW
  WHEN (NEW.provider_name = 'openrouter') EXECUTE FUNCTION pg_temp.swallow();
SELECT pg_temp.outcome($$SELECT switch_active_provider('openrouter')$$);
SELECT pg_temp.outcome($$SELECT set_provider_key('openrouter', 'sk-or-another-one-0001')$$);
DROP TRIGGER zz_swallow ON llm_provider_configs;
SELECT provider_name FROM get_active_provider();

-- create_provider: three facts are enough.
SELECT provider_name, display_name, is_active, is_enabled, has_key, key_hint, default_model, config_status
FROM create_provider('My Lab (EU)', 'https://llm.example.org/v1', 'lab-7b');
SELECT provider_name, endpoint_path_template, auth_scheme, auth_header_template, http_method, config_version, has_key
FROM get_provider('my_lab_eu');
SELECT provider_name, has_key, key_hint, config_status
FROM create_provider('Lab two', 'http://localhost:8080/v1', 'm', provider_name => 'lab2',
  api_key => 'sk-lab-0123456789abcdef', options => '{"description": "d", "max_output_tokens_limit": 100,
  "additional_headers": {"X-Team": "a"}, "updated_by": "ann", "supported_models": ["m"]}');
SELECT decrypt_provider_key('lab2');
SELECT method, url, headers, body FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'lab2', true);
SELECT description, additional_headers, supported_models, max_output_tokens_limit, updated_by
FROM llm_provider_configs WHERE provider_name = 'lab2';
SELECT provider_name, config_status FROM create_provider('No auth', 'http://127.0.0.1:11434', 'm',
  options => '{"auth_scheme": "none"}');
-- What is wrong is said before anything is stored.
SELECT pg_temp.outcome($$SELECT create_provider('Lab two', 'https://a.example', 'm', provider_name => 'lab2')$$);
SELECT pg_temp.outcome($$SELECT create_provider('???', 'https://a.example', 'm')$$);
SELECT pg_temp.outcome($$SELECT create_provider(NULL, 'https://a.example', 'm')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', NULL, 'm')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'https://a.example', NULL)$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'ftp://a.example', 'm')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'https://a.example', 'm', dialect => 'openai')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'https://a.example', 'm', options => '{"max_output_token_limit": 1}')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'https://a.example', 'm', options => '{"is_enabled": "yes"}')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'https://a.example', 'm', options => '{"context_window_tokens": 1.5}')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'https://a.example', 'm', options => '[]')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'https://a.example', 'm', options => '{"request_builder_config": {}}')$$);
SELECT pg_temp.outcome($$SELECT create_provider('A', 'https://a.example', 'm', provider_name => 'A b')$$) LIKE '23514: %' AS checked;
SELECT provider_name FROM llm_provider_configs ORDER BY 1;

-- Test results: kept for list_providers, the key taken out of what a vendor says, renamed and deleted along.
SELECT record_provider_test('lab2', true, 120);
SELECT provider_name, last_test_at <= clock_timestamp() AS dated, last_test_result, last_test_latency_ms
FROM list_providers() WHERE last_test_at IS NOT NULL;
SELECT record_provider_test('lab2', false, 80, 'Incorrect API key provided: sk-lab-0123456789abcdef.');
SELECT record_provider_test('lab2', false);
SELECT record_provider_test('chatgpt', false, NULL, 'no key yet');
SELECT length(record_provider_test('lab2', false, NULL, repeat('long ', 10000)));
SELECT right(record_provider_test('lab2', false, NULL, 'x' || repeat('é', 2000)), 2);
SELECT record_provider_test('lab2', false, NULL, 'long long');
SELECT pg_temp.outcome($$SELECT record_provider_test('lab3', true)$$);
SELECT pg_temp.outcome($$SELECT record_provider_test('lab2', NULL)$$);
SELECT pg_temp.outcome($$SELECT record_provider_test('lab2', true, -1)$$);
UPDATE llm_provider_configs SET provider_name = 'lab_two' WHERE provider_name = 'lab2';
SELECT provider_name, left(last_test_result, 16) FROM list_providers() WHERE last_test_at IS NOT NULL ORDER BY 1;
SELECT decrypt_provider_key('lab_two');

-- purge_provider: the active one is refused, the history stays.
SELECT pg_temp.outcome($$SELECT purge_provider('groq')$$);
SELECT pg_temp.outcome($$SELECT purge_provider('lab2')$$);
SELECT * FROM purge_provider('lab_two');
SELECT count(*) FROM provider_tests WHERE provider_name LIKE 'lab%';
SELECT pg_temp.outcome($$SELECT get_provider('lab_two')$$);

-- History: newest first, by name, since; the deleted provider is still there.
SELECT action, changed_by = session_user AS by_me, config_version FROM provider_history('lab_two');
SELECT action, changed_by FROM provider_history('lab2');
SELECT count(*) FROM provider_history('lab_two', now() + interval '1 hour');
SELECT count(*) = (SELECT count(*) FROM llm_provider_config_history) AS all_of_it FROM provider_history();
SELECT bool_and(newest_first) FROM (
  SELECT changed_at >= coalesce(lead(changed_at) OVER (), '-infinity') AS newest_first FROM provider_history()) h;

-- remove_seed_providers: untouched rows go, edited ones are named and kept, the active one is refused.
SELECT * FROM remove_seed_providers();
SELECT * FROM remove_seed_providers();
SELECT provider_name, action FROM provider_history() WHERE action = 'deleted' ORDER BY 1;
DROP EXTENSION llm_admin CASCADE;
