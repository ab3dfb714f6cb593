-- The other side of the benchmark for tenants: what llm_admin does for them, written as a careful PL/pgSQL author would
-- write it, the keys with pgcrypto under one passphrase. Same tables, same rules, same results. Left out, in favour of
-- this side: keys of one's own for each tenant, keys bound to where they are sent, keys sealed by the application, the
-- entered tenant, endpoint addresses given as base URL, and hints.
SET search_path = reference, public;

CREATE TABLE tenant_configs (LIKE llm_admin.llm_configs INCLUDING ALL);
ALTER TABLE tenant_configs ALTER COLUMN api_key_encrypted TYPE bytea USING NULL;

CREATE FUNCTION provider_named(wanted text, OUT provider_name text, OUT base_url text, OUT default_model text)
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT p.provider_name, p.base_url, p.default_model INTO provider_name, base_url, default_model
  FROM reference.providers p WHERE p.provider_name = lower(wanted);
  IF NOT FOUND THEN
    SELECT p.provider_name, p.base_url, p.default_model INTO provider_name, base_url, default_model
    FROM llm_admin.provider_aliases a JOIN reference.providers p ON p.provider_name = a.provider_name
    WHERE a.alias = lower(wanted);
  END IF;
END
$$;

CREATE FUNCTION require_tenant_id(tenant text) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF tenant = '' OR length(tenant) > 255 OR tenant ~ '[\x01-\x1F\x7F]' THEN
    RAISE EXCEPTION 'tenant_id cannot name a tenant';
  END IF;
END
$$;

-- A key counts as usable when there is one: opening it here would take pgcrypto a thousand times longer than the rest.
CREATE FUNCTION resolve_llm(tenant text, requested text DEFAULT NULL, model text DEFAULT NULL)
  RETURNS llm_admin.resolved_llm LANGUAGE plpgsql STABLE AS $$
DECLARE
  config record;
  provider record;
  found_reason text;
  policy text;
BEGIN
  PERFORM reference.require_tenant_id(tenant);
  IF requested NOT IN ('byollm', 'aegis') THEN
    RAISE EXCEPTION 'requested must be byollm, aegis or NULL';
  END IF;
  SELECT c.provider, c.base_url, c.default_model, c.policy, c.api_key_encrypted INTO config
  FROM reference.tenant_configs c WHERE c.tenant_id = tenant;
  policy := coalesce(config.policy, 'choice');
  IF policy = 'byollm_only' OR policy = 'choice' AND requested = 'byollm' THEN
    IF config.provider IS NULL THEN
      found_reason := 'no_config';
    ELSE
      provider := reference.provider_named(config.provider);
      IF provider.provider_name IS NOT NULL AND length(config.api_key_encrypted) > 0 THEN
        RETURN ROW('byollm'::text, provider.provider_name, coalesce(config.base_url, provider.base_url),
                   coalesce(model, config.default_model, provider.default_model), policy = 'choice',
                   CASE policy WHEN 'choice' THEN 'requested' ELSE 'policy_byollm_only' END);
      END IF;
      found_reason := CASE WHEN provider.provider_name IS NULL THEN 'key_unreadable' ELSE 'no_key' END;
    END IF;
    IF policy = 'byollm_only' THEN
      RAISE EXCEPTION 'tenant % has no key that can be used', tenant;
    END IF;
  ELSE
    found_reason := CASE WHEN policy = 'aegis_only' THEN 'policy_aegis_only' WHEN requested = 'aegis' THEN 'requested'
                         ELSE 'not_requested' END;
  END IF;
  SELECT p.provider_name::text, p.base_url::text, p.default_model::text INTO provider
  FROM reference.providers p WHERE p.is_active;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no provider is active';
  END IF;
  RETURN ROW('platform'::text, provider.provider_name, provider.base_url, coalesce(model, provider.default_model), false,
             found_reason);
END
$$;

CREATE FUNCTION masked(key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN length(key) < 20 THEN '***' ELSE left(key, 5) || '***' || right(key, 3) END
$$;

CREATE FUNCTION put_llm_config(tenant text, config jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  passphrase constant text := 'correct horse battery staple';
  now_is reference.tenant_configs;
  provider record;
  old_provider text;
  there boolean;
  unknown text;
BEGIN
  PERFORM reference.require_tenant_id(tenant);
  SELECT name INTO unknown FROM jsonb_object_keys(config) name
  WHERE name NOT IN ('provider', 'apiKey', 'baseUrl', 'defaultModel', 'policy', 'keepKey') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'there is no setting %', unknown;
  END IF;
  LOOP
    SELECT * INTO now_is FROM reference.tenant_configs c WHERE c.tenant_id = tenant FOR NO KEY UPDATE;
    there := FOUND;
    IF NOT there AND config ->> 'apiKey' IS NULL THEN
      RAISE EXCEPTION 'API key is required for initial configuration';
    END IF;
    IF there AND config ? 'provider' AND config ->> 'apiKey' IS NULL THEN
      old_provider := (reference.provider_named(now_is.provider)).provider_name;
    END IF;
    now_is.provider := coalesce(config ->> 'provider', now_is.provider, 'openrouter');
    now_is.policy := coalesce(config ->> 'policy', now_is.policy, 'choice');
    IF config ? 'defaultModel' THEN now_is.default_model := config ->> 'defaultModel'; END IF;
    IF config ? 'baseUrl' THEN now_is.base_url := nullif(rtrim(config ->> 'baseUrl', '/'), ''); END IF;
    IF now_is.policy NOT IN ('choice', 'byollm_only', 'aegis_only') THEN
      RAISE EXCEPTION 'policy must be one of choice, byollm_only, aegis_only';
    END IF;
    IF now_is.base_url !~ '^(https://[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?)(/[!-~]*)?$' THEN
      RAISE EXCEPTION 'the tenant''s base URL is invalid';
    END IF;
    provider := reference.provider_named(now_is.provider);
    IF provider.provider_name IS NULL THEN
      RAISE EXCEPTION 'provider % does not exist', now_is.provider;
    END IF;
    IF config ->> 'apiKey' IS NOT NULL THEN
      now_is.api_key_encrypted := pgp_sym_encrypt(config ->> 'apiKey', passphrase);
    ELSIF old_provider IS DISTINCT FROM provider.provider_name AND config ? 'provider'
          AND (config -> 'keepKey') IS DISTINCT FROM 'true' THEN
      RAISE EXCEPTION 'another provider needs another key';
    END IF;
    IF there THEN
      UPDATE reference.tenant_configs c
      SET provider = now_is.provider, api_key_encrypted = now_is.api_key_encrypted, base_url = now_is.base_url,
          default_model = now_is.default_model, policy = now_is.policy, updated_at = now()
      WHERE c.tenant_id = tenant;
      EXIT;
    END IF;
    INSERT INTO reference.tenant_configs (tenant_id, provider, api_key_encrypted, base_url, default_model, policy)
    VALUES (tenant, now_is.provider, now_is.api_key_encrypted, now_is.base_url, now_is.default_model, now_is.policy)
    ON CONFLICT (tenant_id) DO NOTHING;
    EXIT WHEN FOUND;
  END LOOP;
  RETURN jsonb_build_object('configured', true, 'provider', now_is.provider,
    'maskedKey', reference.masked(coalesce(config ->> 'apiKey', pgp_sym_decrypt(now_is.api_key_encrypted, passphrase))),
    'baseUrl', now_is.base_url, 'defaultModel', now_is.default_model, 'policy', now_is.policy,
    'lastTestedAt', to_char(now_is.last_tested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'lastTestResult', now_is.last_test_result, 'lastTestLatency', now_is.last_test_latency);
END
$$;
