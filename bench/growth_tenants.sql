-- The same work with 1 to 100,000 tenants, one by chance in each call, and the rotation of their keys.
SET search_path = bench, public;

-- All but the installation's own key, which other cases have used.
CREATE PROCEDURE drop_tenants() LANGUAGE sql AS $$
  DELETE FROM llm_admin.llm_configs;
  DELETE FROM llm_admin.data_keys WHERE tenant_id IS NOT NULL;
$$;

-- In a new session: first some tenants that it has not met, then, once it has met all, any of them.
CREATE FUNCTION tenants_round(round integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  total integer := (SELECT count(*) FROM llm_admin.llm_configs);
  calls integer := 20000;
  any_of_them text := format(
    $f$ FROM (SELECT 'tenant-' || 1 + floor(random() * %s)::integer AS id FROM generate_series(1, $1)) n$f$, total);
  met bigint;
  w record;
BEGIN
  PERFORM llm_admin.decrypt_key(s.envelope) FROM bench.secrets s;  -- the keyring is read
  IF total >= 100 THEN
    INSERT INTO bench.growth VALUES ('tenants', 'decrypt_tenant_key, first time in the session', total, round,
      bench.clocked(format($f$SELECT count(llm_admin.decrypt_tenant_key('tenant-' || 1 + (i * 7919::bigint) %% %s))
                              FROM generate_series(1, $1) i$f$, total), least(total, 4000), NULL));
  END IF;
  SELECT count(llm_admin.decrypt_tenant_key('tenant-' || i)) INTO met FROM generate_series(1, total) i;
  FOR w IN
    SELECT * FROM (VALUES
      ('decrypt_tenant_key', 'SELECT count(llm_admin.decrypt_tenant_key(n.id))', NULL),
      ('resolve_llm', 'SELECT count(llm_admin.resolve_llm(n.id, ''byollm''))', NULL),
      ('build_tenant_request, with its key', 'SELECT count(llm_admin.build_tenant_request(n.id, $2, ''byollm'', true))',
       bench.chat_parameters())
    ) v (work, call, input)
  LOOP
    PERFORM bench.clocked(w.call || any_of_them, 100, w.input);
    INSERT INTO bench.growth
      VALUES ('tenants', w.work, total, round, bench.clocked(w.call || any_of_them, calls, w.input));
  END LOOP;
END
$$;

-- A root key of the keyring that is not the active one; NULL when there is none.
CREATE FUNCTION other_root() RETURNS integer LANGUAGE sql AS $$
  SELECT id::integer
  FROM llm_admin.key_status() s, regexp_split_to_table(substring(s.value FROM 'root keys ([0-9, ]+)'), ', ') id
  WHERE s.item = 'keyring content' AND id::integer NOT IN (SELECT r.root_id FROM llm_admin.root_keys r WHERE r.is_active)
  LIMIT 1
$$;

-- For each key: all data keys under another root key; then, up to 10,000 tenants, all keys under new data keys.
CREATE FUNCTION rotation_round(round integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  total integer := (SELECT count(*) FROM llm_admin.llm_configs);
  root integer := bench.other_root();
  began double precision;
  done bigint;
BEGIN
  IF root IS NOT NULL THEN
    began := bench.seconds();
    SELECT r.rewrapped INTO done FROM llm_admin.rotate_root_key(root) r;
    INSERT INTO bench.growth VALUES ('rotation', 'rotate_root_key, a data key', total, round, (bench.seconds() - began) * 1e6 / done);
  END IF;
  IF total <= 10000 THEN
    SELECT count(llm_admin.rotate_data_key('tenant-' || i)) INTO done FROM generate_series(1, total) i;
    began := bench.seconds();
    SELECT r.resealed INTO done FROM llm_admin.reseal_keys(total) r;
    IF done <> total THEN RAISE EXCEPTION '% of % keys were sealed anew', done, total; END IF;
    INSERT INTO bench.growth VALUES ('rotation', 'reseal_keys, a key', total, round, (bench.seconds() - began) * 1e6 / done);
    DELETE FROM llm_admin.data_keys k WHERE k.tenant_id IS NOT NULL
      AND k.version < (SELECT max(o.version) FROM llm_admin.data_keys o WHERE o.tenant_id = k.tenant_id);
  END IF;
END
$$;
