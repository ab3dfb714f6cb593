-- Direct DML on llm_provider_configs: what the triggers keep, write, bind and refuse.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) FROM seed();

CREATE FUNCTION pg_temp.add(name text, active boolean DEFAULT false) RETURNS void LANGUAGE sql AS $$
  INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, default_model,
    request_builder_config, response_extractor_config, is_active)
  SELECT name, name, 'https://' || name || '.example', '/v1/chat', 'm', request_builder_config,
         response_extractor_config, active
  FROM shipped_dialects() WHERE dialect = 'openai_chat'
$$;
-- What an UPDATE of one column of one provider comes to.
CREATE FUNCTION pg_temp.set(name text, assignment text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome(format('UPDATE llm_provider_configs SET %s WHERE provider_name = %L', assignment, name))
$$;
-- New rows of history since the last call, in the order in which they were written.
CREATE TEMPORARY TABLE seen AS SELECT id FROM llm_provider_config_history;
CREATE FUNCTION pg_temp.news() RETURNS TABLE (provider text, action text, changed_by text) LANGUAGE sql AS $$
  WITH fresh AS (
    INSERT INTO seen SELECT h.id FROM llm_provider_config_history h WHERE h.id NOT IN (SELECT s.id FROM seen s) RETURNING id)
  SELECT h.provider_name, h.action, h.changed_by FROM llm_provider_config_history h JOIN fresh USING (id)
  ORDER BY h.changed_at, h.action
$$;
SELECT pg_temp.add('one'), pg_temp.add('two');
SELECT provider, action, changed_by = session_user AS by_me FROM pg_temp.news();

-- updated_at: moved by a real change, kept by none, not the statement's to choose. Each statement is its own
-- transaction, so now() moves.
SELECT updated_at AS before, config_version AS version FROM llm_provider_configs WHERE provider_name = 'one' \gset
UPDATE llm_provider_configs SET description = description, updated_at = now() + interval '1 day' WHERE provider_name = 'one';
SELECT updated_at = :'before' AS kept, config_version = :version AS same_version FROM llm_provider_configs WHERE provider_name = 'one';
SELECT * FROM pg_temp.news();
UPDATE llm_provider_configs SET description = 'd' WHERE provider_name = 'one';
SELECT updated_at > :'before' AS moved, updated_at <= now() AS not_ahead, config_version = :version AS same_version
FROM llm_provider_configs WHERE provider_name = 'one';
UPDATE llm_provider_configs SET description = 'e', updated_at = '2000-01-01', config_version = 77 WHERE provider_name = 'one';
SELECT updated_at > :'before' AS ours, config_version FROM llm_provider_configs WHERE provider_name = 'one';

-- config_version rises with mapping, URL and authentication, once a statement, and with nothing else.
UPDATE llm_provider_configs SET base_url = 'https://one.example/v2' WHERE provider_name = 'one';
UPDATE llm_provider_configs SET endpoint_path_template = '/chat', http_method = 'PUT', additional_headers = '{"X-A": "1"}' WHERE provider_name = 'one';
UPDATE llm_provider_configs SET auth_scheme = 'api_key_header', auth_header_template = 'X-Key: {api_key}' WHERE provider_name = 'one';
UPDATE llm_provider_configs SET response_extractor_config = jsonb_set(response_extractor_config, '{extraction_rules,extra}', '"$.x"') WHERE provider_name = 'one';
SELECT config_version FROM llm_provider_configs WHERE provider_name = 'one';
UPDATE llm_provider_configs SET display_name = 'One', default_model = 'n', supported_models = '["n"]', model_capabilities = '{"tools": true}',
  context_window_tokens = 5, max_output_tokens_limit = 5, description = NULL WHERE provider_name = 'one';
SELECT config_version FROM llm_provider_configs WHERE provider_name = 'one';
SELECT action, count(*) FROM pg_temp.news() GROUP BY action;

-- changed_by: llm_admin.actor, else updated_by of this statement, else session_user.
UPDATE llm_provider_configs SET description = '1', updated_by = 'ann' WHERE provider_name = 'one';
UPDATE llm_provider_configs SET description = '2' WHERE provider_name = 'one';
UPDATE llm_provider_configs SET description = '3', updated_by = NULL WHERE provider_name = 'one';
UPDATE llm_provider_configs SET updated_by = 'only' WHERE provider_name = 'one';
SELECT provider, action, CASE changed_by WHEN session_user THEN 'session_user' ELSE changed_by END AS changed_by FROM pg_temp.news();
BEGIN;
SET LOCAL llm_admin.actor = 'portal: eve';
UPDATE llm_provider_configs SET description = '4', updated_by = 'ann' WHERE provider_name = 'one';
DELETE FROM llm_provider_configs WHERE provider_name = 'google_ai';
SELECT switch_active_provider('two', 'bob');
SELECT * FROM pg_temp.news();
ROLLBACK;
-- A pooler's SET ROLE shows as current_user_name.
CREATE ROLE regress_llm_pool;
SELECT grant_access('regress_llm_pool', 'operator');
SET ROLE regress_llm_pool;
UPDATE llm_provider_configs SET description = '5' WHERE provider_name = 'one';
RESET ROLE;
SELECT h.changed_by = session_user AS by_session, h.session_user_name = session_user AS session, h.current_user_name
FROM provider_history('one') h LIMIT 1;
SELECT count(*) FROM pg_temp.news();
SELECT revoke_access('regress_llm_pool', 'operator');
DROP ROLE regress_llm_pool;

-- Several distinct changes in one statement: a row each.
SELECT encrypt_key('sk-one-0123456789abcdef') AS key_one, encrypt_key('sk-two-0123456789abcdef') AS key_two \gset
UPDATE llm_provider_configs SET api_key_encrypted = :'key_one', display_name = 'Router', is_enabled = true, is_active = true, updated_by = 'ann'
WHERE provider_name = 'openrouter';
SELECT * FROM pg_temp.news() ORDER BY 1, 2;
UPDATE llm_provider_configs SET is_active = false, is_enabled = false, updated_by = 'ann' WHERE provider_name = 'openrouter';
SELECT * FROM pg_temp.news() ORDER BY 1, 2;
UPDATE llm_provider_configs SET is_active = is_active, display_name = display_name, updated_by = updated_by;
SELECT * FROM pg_temp.news();

-- ON CONFLICT: DO NOTHING changes nothing, DO UPDATE activates; one is active throughout.
UPDATE llm_provider_configs SET is_active = true WHERE provider_name = 'one';
CREATE FUNCTION pg_temp.upsert(conflict text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome('INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template,
    default_model, request_builder_config, response_extractor_config, is_active)
    SELECT ''two'', ''Two'', ''https://two.example'', ''/v1/chat'', ''m'', request_builder_config, response_extractor_config, true
    FROM llm_admin.shipped_dialects() WHERE dialect = ''openai_chat'' ' || conflict)
$$;
SELECT pg_temp.upsert('ON CONFLICT DO NOTHING');
SELECT provider_name FROM llm_provider_configs WHERE is_active;
SELECT pg_temp.upsert('ON CONFLICT (provider_name) DO UPDATE SET display_name = excluded.display_name');
SELECT provider_name FROM llm_provider_configs WHERE is_active;
SELECT pg_temp.upsert('ON CONFLICT (provider_name) DO UPDATE SET is_active = excluded.is_active');
SELECT provider_name FROM llm_provider_configs WHERE is_active;
SELECT left(pg_temp.upsert(''), 5);
-- The id of another row: fails as any duplicate does, and the active one stays.
SELECT left(pg_temp.outcome($$INSERT INTO llm_provider_configs
  SELECT (jsonb_populate_record(p, '{"provider_name": "other", "is_active": true}')).* FROM llm_provider_configs p WHERE provider_name = 'one'$$), 5);
SELECT provider_name FROM llm_provider_configs WHERE is_active;

-- Several rows at once: clear where a trigger can see it, the server's 27000 for a toggle of the whole table.
SELECT pg_temp.message($$UPDATE llm_provider_configs SET is_active = true WHERE provider_name IN ('one', 'groq')$$);
SELECT pg_temp.message($$UPDATE llm_provider_configs SET is_active = true, is_enabled = true WHERE provider_name IN ('one', 'groq')$$);
SELECT pg_temp.message($$INSERT INTO llm_provider_configs SELECT (jsonb_populate_record(p, jsonb_build_object('id', 100 + id,
  'provider_name', provider_name || '_copy', 'is_active', true))).* FROM llm_provider_configs p WHERE provider_name IN ('one', 'groq')$$);
-- (A toggle fails when it comes to the row last that the trigger has deactivated; the plan is pinned for that.)
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_seqscan = off;
SELECT pg_temp.outcome($$UPDATE llm_provider_configs p SET is_active = v.active
  FROM (VALUES ('one', true), ('two', false)) AS v (name, active) WHERE p.provider_name = v.name$$);
SELECT provider_name FROM llm_provider_configs WHERE is_active;
SELECT pg_temp.outcome($$UPDATE llm_provider_configs p SET is_active = v.active
  FROM (VALUES ('two', false), ('one', true)) AS v (name, active) WHERE p.provider_name = v.name$$);
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_seqscan;
SELECT provider_name FROM llm_provider_configs WHERE is_active;

-- COPY and MERGE go through the same doors.
COPY llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, default_model, request_builder_config,
  response_extractor_config, is_active) FROM stdin;
copied	Copied	https://c.example	/chat	m	{"version": "1.0", "payload_structure": {"model": "param:model_name", "messages": "param:messages"}}	{"version": "1.0", "extraction_rules": {"text_content": "$.text", "usage_stats": {"fields": {}}}}	t
\.
SELECT provider_name FROM llm_provider_configs WHERE is_active;
MERGE INTO llm_provider_configs p USING (VALUES ('one', 'merged'), ('none', 'x')) AS v (name, description) ON p.provider_name = v.name
  WHEN MATCHED THEN UPDATE SET is_active = true, description = v.description
  WHEN NOT MATCHED THEN DO NOTHING;
SELECT provider_name, description FROM llm_provider_configs WHERE is_active;
MERGE INTO llm_provider_configs p USING (VALUES ('copied')) AS v (name) ON p.provider_name = v.name WHEN MATCHED THEN DELETE;
SELECT provider, action FROM pg_temp.news();

-- TRUNCATE while a provider is active; deleting the active one.
SELECT pg_temp.outcome($$TRUNCATE llm_provider_configs$$);
SELECT pg_temp.outcome($$DELETE FROM llm_provider_configs WHERE provider_name = 'one'$$);
SELECT pg_temp.outcome($$DELETE FROM llm_provider_configs$$);
BEGIN;
UPDATE llm_provider_configs SET is_active = false WHERE is_active;
SELECT pg_temp.outcome($$TRUNCATE llm_provider_configs$$);
SELECT provider, action FROM pg_temp.news() ORDER BY action, provider;
ROLLBACK;

-- Enabling needs a key, unless there is nothing to authenticate with.
SELECT pg_temp.set('chatgpt', 'is_enabled = true');
SELECT pg_temp.set('chatgpt', $$is_enabled = true, auth_scheme = 'none'$$);
SELECT pg_temp.set('chatgpt', $$is_enabled = false$$);

-- Configurations that are none, too large, too deep.
SELECT pg_temp.set('one', $$request_builder_config = 'null'$$);
SELECT pg_temp.set('one', $$response_extractor_config = '{}'$$);
SELECT pg_temp.set('one', $$request_builder_config = '[1]'$$);
SELECT pg_temp.set('one', $$request_builder_config = jsonb_set(request_builder_config, '{note}', to_jsonb(repeat('x', 1000000)))$$);
SELECT pg_temp.set('one', $$response_extractor_config = jsonb_set(response_extractor_config, '{note}', (repeat('[', 1000) || repeat(']', 1000))::jsonb)$$);
-- The columns' own types.
SELECT pg_temp.set('one', $$additional_headers = '[]'$$) LIKE '23514: %additional_headers_check%' AS checked;
SELECT pg_temp.set('one', $$supported_models = '{}'$$) LIKE '23514: %supported_models_check%' AS checked;
SELECT pg_temp.set('one', $$model_capabilities = '[]'$$) LIKE '23514: %model_capabilities_check%' AS checked;
SELECT pg_temp.set('one', $$auth_scheme = 'basic', auth_header_template = 'Authorization: Basic {api_key}'$$) LIKE '23514: %auth_scheme_check%' AS checked;
SELECT pg_temp.set('one', $$http_method = 'DELETE'$$) LIKE '23514: %http_method_check%' AS checked;
SELECT pg_temp.set('one', $$provider_name = 'One!'$$) LIKE '23514: %provider_name_check%' AS checked;
SELECT left(pg_temp.set('one', 'is_active = NULL'), 5) AS active, left(pg_temp.set('one', 'is_enabled = NULL'), 5) AS enabled,
  left(pg_temp.set('one', 'base_url = NULL'), 5) AS base_url, left(pg_temp.set('one', 'config_version = NULL'), 8) AS version;

-- Headers: no line breaks, nothing that carries credentials or steers delivery.
SELECT pg_temp.set('one', $$additional_headers = '{"X-A": "a\r\nX-B: b"}'$$);
SELECT pg_temp.set('one', $$additional_headers = '{"X-A\r\nX-B": "a"}'$$);
SELECT pg_temp.set('one', $$additional_headers = '{"Authorization": "Bearer x", "x-API-key": "x", "cookie": "x", "Host": "h", "x-key": "own", "X-Ok": 1, "X-K": "{api_key}"}'$$);
SELECT pg_temp.set('one', $$auth_header_template = E'X-Key: {api_key}\r\nX-B: b'$$);
SELECT pg_temp.set('one', $$auth_header_template = 'X-Key: {api_key} {api_key}'$$);
SELECT pg_temp.set('one', $$auth_header_template = 'X-Key {api_key}'$$);
SELECT pg_temp.set('one', $$auth_header_template = NULL$$);

-- URLs: https, no credentials, query or fragment; plain http to loopback, or where a superuser allows the host.
SELECT pg_temp.set('one', $$base_url = 'https://user:secret@one.example'$$);
SELECT pg_temp.set('one', $$base_url = 'https://one.example/?a=b#c'$$);
SELECT pg_temp.set('one', $$base_url = E'https://one.example/\r\nHost: evil'$$);
SELECT pg_temp.set('one', $$base_url = 'http://one.example'$$);
SELECT pg_temp.set('one', $$base_url = 'http://127.0.0.1:8080/v1'$$);
SELECT pg_temp.set('one', $$base_url = 'http://localhost.evil.example/v1'$$);
SET llm_admin.plain_http_hosts = 'lan.example, one.example';
SELECT pg_temp.set('one', $$base_url = 'http://one.example'$$);
RESET llm_admin.plain_http_hosts;
SELECT pg_temp.set('one', $$base_url = 'https://one.example/../x'$$);
SELECT pg_temp.set('one', $$base_url = 'https://{api_key}.example'$$);
SELECT pg_temp.set('one', $$base_url = 'https://one.example'$$);
SELECT pg_temp.set('one', $$endpoint_path_template = 'chat'$$);
SELECT pg_temp.set('one', $$endpoint_path_template = '//evil.example/chat'$$);
SELECT pg_temp.set('one', $$endpoint_path_template = '/chat?key={api_key}'$$);
SELECT pg_temp.set('one', $$endpoint_path_template = E'/chat\n'$$);
-- All problems of a row at once.
SELECT pg_temp.set('one', $$base_url = 'ftp://x', endpoint_path_template = 'y', additional_headers = '{"Host": "z"}'$$);

-- An old row with what is refused today can still be deactivated and described: only what changes is checked.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE llm_provider_configs SET base_url = 'http://old.example', request_builder_config = '{}' WHERE provider_name = 'one';
SET LOCAL session_replication_role = origin;
SELECT pg_temp.set('one', $$is_active = false, description = 'old'$$);
SELECT config_status FROM list_providers() WHERE provider_name = 'one';
ROLLBACK;

-- Keys: what no one sealed is refused, in any writing; what another row was given does not open here.
SELECT pg_temp.set('one', $$api_key_encrypted = 'sk-one-0123456789abcdef'$$);
SELECT pg_temp.set('one', $$api_key_encrypted = 'lma1.AAAA'$$);
SELECT pg_temp.set('one', $$api_key_encrypted = 'vault:abc'$$);
SELECT pg_temp.set('one', $$api_key_encrypted = 'kms-stub:abc'$$);
SELECT pg_temp.set('one', $$api_key_encrypted = 'kms:abc'$$);
SELECT key_hint, config_status FROM list_providers() WHERE provider_name = 'one';
SELECT pg_temp.set('one', format('api_key_encrypted = %L', :'key_one'));
SELECT pg_temp.set('two', format('api_key_encrypted = %L', :'key_two'));
SELECT decrypt_provider_key('one'), decrypt_provider_key('two');
SELECT pg_temp.set('one', $$api_key_encrypted = (SELECT api_key_encrypted FROM llm_provider_configs WHERE provider_name = 'two')$$);
SELECT decrypt_provider_key('one'), decrypt_provider_key('two');
SELECT pg_temp.set('one', $$api_key_encrypted = ''$$);
SELECT api_key_encrypted IS NULL AS none FROM llm_provider_configs WHERE provider_name = 'one';
SELECT count(*) > 0 AS wrote FROM pg_temp.news();

-- The key never follows a row to another place: origin and auth are part of its binding.
SELECT pg_temp.set('two', $$base_url = 'https://evil.example'$$);
SELECT pg_temp.set('two', $$base_url = 'https://two.example:8443'$$);
SELECT pg_temp.set('two', $$auth_header_template = 'X-Forwarded-Key: {api_key}'$$);
SELECT pg_temp.set('two', $$auth_scheme = 'none'$$);
SELECT pg_temp.set('two', $$base_url = 'https://TWO.example:443/v9'$$);
SELECT pg_temp.set('two', $$endpoint_path_template = '/v3'$$);
SELECT decrypt_provider_key('two');
SELECT pg_temp.set('two', format('base_url = ''https://three.example'', api_key_encrypted = %L', :'key_two'));
SELECT url, headers FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'two', true);
SELECT pg_temp.set('two', $$base_url = 'https://four.example', api_key_encrypted = NULL$$);

-- The trigger functions are triggers of this table only.
CREATE TEMPORARY TABLE elsewhere (is_active boolean);
CREATE TRIGGER t BEFORE INSERT ON elsewhere FOR EACH ROW EXECUTE FUNCTION validate_provider_config();
SELECT pg_temp.outcome($$INSERT INTO elsewhere VALUES (true)$$);
SELECT pg_temp.outcome($$SELECT validate_provider_config()$$);

SELECT count(*) FROM llm_provider_configs WHERE is_active;
DROP TABLE elsewhere;
DROP EXTENSION llm_admin CASCADE;
