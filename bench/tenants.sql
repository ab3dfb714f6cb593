-- Tenants for the cases, 10,000 on both sides; more of them for growth.
SET search_path = bench, public;

CREATE FUNCTION tenant_config(i integer) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('provider', 'chatgpt', 'apiKey', 'sk-bench-0123456789abcdefghijklmnopqrstuvwxyz' || i)
$$;
-- Through the front door: each first key of a tenant makes its data key.
CREATE FUNCTION plant_tenants(wanted integer) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(llm_admin.put_llm_config('tenant-' || i, bench.tenant_config(i)))
  FROM generate_series((SELECT count(*)::integer + 1 FROM llm_admin.llm_configs), wanted) i
$$;

CREATE SEQUENCE new_tenants_ours;
CREATE SEQUENCE new_tenants_theirs;
SELECT bench.plant_tenants(10000);
INSERT INTO reference.tenant_configs (tenant_id, provider, api_key_encrypted)
  SELECT 'tenant-' || i, 'chatgpt', s.value FROM generate_series(1, 10000) i JOIN bench.pgp_secrets s ON s.n = i % 64;
