-- Whose key a tenant's call uses: every policy, whatever is asked for and whatever became of the key.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();
SELECT set_provider_key('groq', 'gsk-of-the-platform-0123456789') AS platform;

-- One tenant for each policy and state of the key; each with an address and a model of its own.
CREATE TEMP VIEW tenant AS
  SELECT policy || ', ' || key AS id, policy, key, p * 10 + k AS n
  FROM unnest('{choice,byollm_only,aegis_only}'::text[]) WITH ORDINALITY AS v (policy, p),
       unnest('{sealed,opaque,missing,unreadable}'::text[]) WITH ORDINALITY AS w (key, k)
  UNION ALL SELECT 'nobody', NULL, 'no config', 0;
INSERT INTO llm_configs (tenant_id, policy, base_url, default_model, api_key_encrypted)
SELECT id, policy, 'https://llm.tenant.example/v1', 'tenant/model', CASE key WHEN 'opaque' THEN 'kms:of-tenant' ELSE encrypt_key('sk-of-the-tenant-0123456789') END
FROM tenant WHERE policy IS NOT NULL;
UPDATE llm_configs SET api_key_encrypted = '' WHERE tenant_id LIKE '%missing';
SET session_replication_role = replica;
UPDATE llm_configs SET api_key_encrypted = left(api_key_encrypted, -20) || translate(substr(right(api_key_encrypted, 20), 1, 1), 'AB', 'BA')
  || CASE substr(right(api_key_encrypted, 20), 2, 1) WHEN 'A' THEN 'B' ELSE 'A' END || right(api_key_encrypted, 18) WHERE tenant_id LIKE '%unreadable';
RESET session_replication_role;
SELECT key_state, count(*) FROM list_llm_configs() GROUP BY 1 ORDER BY 1;
SELECT * FROM verify_keys();

CREATE FUNCTION pg_temp.resolved(tenant text, requested text, model text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r resolved_llm;
BEGIN
  r := resolve_llm(tenant, requested, model);
  RETURN format('%s %s %s %s, fallback %s, %s', r.source, r.provider_name, r.base_url, r.model, r.fallback_allowed, r.reason);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.built(tenant text, requested text, with_key boolean, params jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r built_tenant_request;
BEGIN
  r := build_tenant_request(tenant, '{"messages": [{"role": "user", "content": "Hi"}]}' || params, requested, with_key);
  RETURN format('%s %s %s %s %s%s', r.source, r.url, r.model, r.fallback_allowed, r.reason, ', ' || (r.headers ->> 'Authorization'));
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ': ' || SQLERRM;
END $$;

\pset format aligned
SELECT policy, key, requested, pg_temp.resolved(id, requested) AS resolved
FROM tenant, unnest('{NULL,byollm,aegis}'::text[]) WITH ORDINALITY AS r (requested, m) ORDER BY n, m;
-- A model that the call names goes before the tenant's and the provider's, and changes nothing else.
SELECT count(*) AS calls, count(*) FILTER (WHERE given.text = replace(replace(plain.text, 'tenant/model', 'named'), 'openai/gpt-oss-120b', 'named')) AS alike,
  count(*) FILTER (WHERE given.text ~ 'named') AS with_the_model
FROM tenant, unnest('{NULL,byollm,aegis}'::text[]) AS requested, LATERAL (SELECT pg_temp.resolved(id, requested) AS text) AS plain,
  LATERAL (SELECT pg_temp.resolved(id, requested, 'named') AS text) AS given;
-- Without a model of its own a tenant has the provider's.
SELECT pg_temp.message($$UPDATE llm_configs SET default_model = NULL, base_url = NULL, api_key_encrypted = encrypt_key('sk-of-the-tenant-0123456789') WHERE tenant_id = 'choice, sealed'$$) AS updated;
SELECT pg_temp.resolved('choice, sealed', 'byollm'), pg_temp.resolved('choice, sealed', 'byollm', 'named');
UPDATE llm_configs SET default_model = 'tenant/model', base_url = 'https://llm.tenant.example/v1', api_key_encrypted = encrypt_key('sk-of-the-tenant-0123456789')
WHERE tenant_id = 'choice, sealed';

-- The request is built by the same decision; the key comes when asked for, and an opaque one is missed only then.
SELECT policy, key, requested, pg_temp.built(id, requested, false) AS built
FROM tenant, unnest('{NULL,byollm,aegis}'::text[]) WITH ORDINALITY AS r (requested, m) ORDER BY n, m;
SELECT policy, key, requested, pg_temp.built(id, requested, true) AS built_with_key
FROM tenant, unnest('{NULL,byollm,aegis}'::text[]) WITH ORDINALITY AS r (requested, m) ORDER BY n, m;
\pset format unaligned
SELECT pg_temp.built('choice, sealed', 'byollm', false, '{"model": "named"}'), pg_temp.built('choice, sealed', 'aegis', false, '{"model": "named"}');
SELECT method, body, provider_name, config_version FROM build_tenant_request('choice, sealed', '{"messages": [{"role": "user", "content": "Hi"}]}', 'byollm');
SELECT pg_temp.outcome($$SELECT build_tenant_request('choice, opaque', '{}', 'byollm', true)$$);
SELECT pg_temp.outcome($$SELECT resolve_llm('byollm_only, missing')$$), pg_temp.outcome($$SELECT resolve_llm('byollm_only, unreadable')$$);

-- Words that are none.
SELECT pg_temp.outcome($$SELECT resolve_llm('nobody', 'platform')$$), pg_temp.message($$SELECT resolve_llm('nobody', '')$$), pg_temp.message($$SELECT resolve_llm('nobody', 'BYOLLM')$$),
  pg_temp.message($$SELECT build_tenant_request('nobody', '{}', 'x')$$), pg_temp.message($$SELECT build_tenant_request('nobody', '{}')$$);

-- A disabled provider: that is about the platform's own use.
SELECT is_enabled FROM llm_provider_configs WHERE provider_name = 'openrouter';
SELECT pg_temp.built('byollm_only, sealed', NULL, true);
-- The platform without an active provider: only what needs it fails.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE llm_provider_configs SET is_active = false;
SET LOCAL session_replication_role = origin;
SELECT pg_temp.resolved('byollm_only, sealed', NULL), pg_temp.resolved('choice, sealed', 'byollm'), pg_temp.resolved('choice, sealed', NULL),
  pg_temp.resolved('choice, missing', 'byollm'), pg_temp.resolved('nobody', NULL);
ROLLBACK;
-- The platform without a key: with_key says so, of the platform.
BEGIN;
UPDATE llm_provider_configs SET api_key_encrypted = NULL WHERE provider_name = 'groq';
SELECT pg_temp.built('nobody', NULL, false), pg_temp.built('nobody', NULL, true), pg_temp.built('choice, sealed', 'byollm', true);
ROLLBACK;

-- The tenant's provider is deleted: its key is of no use, and nothing else is in the way.
BEGIN;
DELETE FROM llm_provider_configs WHERE provider_name = 'openrouter';
SELECT pg_temp.resolved('choice, sealed', 'byollm'), pg_temp.resolved('choice, opaque', 'byollm'), pg_temp.resolved('choice, missing', 'byollm'), pg_temp.resolved('choice, sealed', NULL);
SELECT pg_temp.resolved('byollm_only, sealed', NULL), pg_temp.resolved('byollm_only, missing', NULL), pg_temp.resolved('aegis_only, sealed', 'byollm');
SELECT get_llm_config('choice, sealed') ->> 'maskedKey' AS mask, pg_temp.message($$SELECT decrypt_tenant_key('choice, sealed')$$) AS decrypted;
SELECT item, verdict, detail FROM verify_llm_configs() WHERE verdict <> 'ok';
SELECT * FROM verify_keys();
SELECT * FROM reseal_keys();
-- What needs no provider can be done: model, policy, taking the key away, shredding, deleting.
UPDATE llm_configs SET policy = 'aegis_only', default_model = NULL WHERE tenant_id = 'choice, sealed';
UPDATE llm_configs SET api_key_encrypted = '' WHERE tenant_id = 'choice, sealed';
SELECT * FROM shred_tenant_keys('byollm_only, sealed');
SELECT delete_llm_config('choice, opaque'), pg_temp.message($$SELECT put_llm_config('byollm_only, sealed', '{"policy": "choice"}')$$) AS put;
SELECT put_llm_config('byollm_only, sealed', '{"provider": "groq", "apiKey": "gsk-of-the-tenant-0123456789", "baseUrl": null}') ->> 'provider' AS provider;
SELECT pg_temp.resolved('byollm_only, sealed', NULL);
ROLLBACK;

-- The operator moves the provider: a key that was given for the provider's own place goes nowhere else; one that was given
-- for an address of the tenant's is where it was.
SELECT put_llm_config(t, jsonb_build_object('apiKey', 'sk-of-the-tenant-0123456789', 'policy', p)) ->> 'policy' AS made FROM (VALUES ('plain', 'choice'), ('strict', 'byollm_only')) AS v (t, p);
BEGIN;
UPDATE llm_provider_configs SET base_url = 'https://moved.example/api/v1' WHERE provider_name = 'openrouter';
SELECT pg_temp.resolved('plain', 'byollm'), pg_temp.resolved('plain', NULL), pg_temp.resolved('strict', NULL), pg_temp.built('strict', NULL, true);
SELECT pg_temp.built('byollm_only, sealed', NULL, true);
SELECT get_llm_config('plain') ->> 'maskedKey' AS mask, pg_temp.message($$SELECT decrypt_tenant_key('plain')$$) AS decrypted;
SELECT * FROM verify_keys();
-- Given again it opens.
SELECT put_llm_config('plain', '{"apiKey": "sk-of-the-tenant-9876543210"}') ->> 'maskedKey' AS mask;
SELECT pg_temp.built('plain', 'byollm', true);
UPDATE llm_provider_configs SET base_url = 'https://openrouter.ai/api/v1' WHERE provider_name = 'openrouter';
SELECT pg_temp.resolved('strict', NULL), pg_temp.resolved('plain', 'byollm');
ROLLBACK;
-- So it is when the name by which a tenant calls its provider comes to mean another one.
SELECT put_llm_config(t, jsonb_build_object('provider', 'OpenAI', 'apiKey', 'sk-of-the-tenant-0123456789', 'baseUrl', b)) ->> 'provider' AS provider
FROM (VALUES ('by alias', NULL), ('by alias, own place', 'https://llm.tenant.example')) AS v (t, b);
BEGIN;
SELECT pg_temp.resolved('by alias', 'byollm');
UPDATE provider_aliases SET provider_name = 'mistral' WHERE alias = 'openai';
SELECT pg_temp.resolved('by alias', 'byollm'), pg_temp.built('by alias, own place', 'byollm', true);
INSERT INTO llm_provider_configs (provider_name, display_name, base_url, auth_scheme, auth_header_template, endpoint_path_template, request_builder_config, response_extractor_config, default_model)
SELECT 'openai', 'OpenAI', base_url, auth_scheme, auth_header_template, endpoint_path_template, request_builder_config, response_extractor_config, 'of-the-named-one' FROM llm_provider_configs WHERE provider_name = 'chatgpt';
SELECT pg_temp.resolved('by alias', 'byollm') AS name_before_alias;
ROLLBACK;
-- An empty model, as a form may leave it, is none.
BEGIN;
UPDATE llm_configs SET default_model = '' WHERE tenant_id = 'plain';
SELECT pg_temp.resolved('plain', 'byollm'), pg_temp.built('plain', 'byollm', false);
ROLLBACK;
-- Another path on the same host is the same place; another header is not.
BEGIN;
UPDATE llm_provider_configs SET base_url = 'https://openrouter.ai/v2', endpoint_path_template = '/chat' WHERE provider_name = 'openrouter';
SELECT pg_temp.built('strict', NULL, true), pg_temp.built('byollm_only, sealed', NULL, true);
UPDATE llm_provider_configs SET auth_scheme = 'api_key_header', auth_header_template = 'X-Log: {api_key}' WHERE provider_name = 'openrouter';
SELECT pg_temp.resolved('strict', NULL), pg_temp.resolved('byollm_only, sealed', NULL);
ROLLBACK;
-- The tenant's provider is the active one, under another name: still the tenant's key and address, or the platform's.
SELECT put_llm_config('same', '{"provider": "Groq", "apiKey": "gsk-of-the-tenant-0123456789", "baseUrl": "https://groq.tenant.example"}') ->> 'provider' AS provider;
SELECT pg_temp.built('same', 'byollm', true), pg_temp.built('same', NULL, true);
-- A key in the URL, and a provider that takes none.
SELECT put_llm_config('url', '{"provider": "gemini", "apiKey": "AIza-of-the-tenant/0123456789", "policy": "byollm_only"}') ->> 'provider' AS provider,
  put_llm_config('none', '{"provider": "vllm", "apiKey": "unused-0123456789abcdef", "policy": "byollm_only"}') ->> 'provider' AS provider_too;
UPDATE llm_provider_configs SET auth_scheme = 'query_param', auth_header_template = 'key' WHERE provider_name = 'google_ai';
SELECT pg_temp.resolved('url', NULL);
SELECT put_llm_config('url', '{"apiKey": "AIza-of-the-tenant/0123456789"}') ->> 'maskedKey' AS mask;
SELECT pg_temp.built('url', NULL, true), pg_temp.built('url', NULL, false), pg_temp.built('none', NULL, true);
DROP EXTENSION llm_admin CASCADE;
