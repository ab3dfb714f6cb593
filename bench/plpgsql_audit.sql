-- The other side of the benchmark for the audit log: what llm_admin writes for a row that changes, as a careful PL/pgSQL
-- author would write it: the same two tables by month with the same indexes, the columns that changed, a salt, and the
-- same commitment and leaf, byte for byte. Left out, in favour of this side: key columns, tables with other keys, tenants,
-- and loads. A second trigger hashes the text of the JSON instead of walking it: what one would write who trusts that no
-- server will ever write jsonb otherwise.
SET search_path = reference, public;

CREATE TABLE rates (LIKE llm_admin.exchange_rates INCLUDING ALL);
CREATE SEQUENCE audit_log_id_seq;
CREATE TABLE audit_log (LIKE llm_admin.audit_log INCLUDING ALL) PARTITION BY RANGE ("timestamp");
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;
CREATE TABLE audit_payloads (LIKE llm_admin.audit_payloads INCLUDING ALL) PARTITION BY RANGE (audit_time);
CREATE TABLE audit_payloads_default PARTITION OF audit_payloads DEFAULT;

CREATE FUNCTION field(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NULL THEN '\x00'::bytea ELSE '\x01'::bytea || int4send(octet_length(value)) || value END
$$;
CREATE FUNCTION field(value text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NULL THEN '\x00'::bytea
    ELSE '\x01'::bytea || int4send(octet_length(value)) || convert_to(value, 'UTF8') END
$$;
CREATE FUNCTION walked(value jsonb) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  kind text := jsonb_typeof(value); result bytea; parts bigint; plain text;
BEGIN
  IF kind = 'object' THEN
    SELECT count(*), string_agg(int4send(octet_length(key)) || convert_to(key, 'UTF8') || reference.walked(e.value), ''::bytea
             ORDER BY octet_length(key), convert_to(key, 'UTF8'))
    INTO parts, result FROM jsonb_each(value) e;
    RETURN 'o'::bytea || int4send(parts::integer) || coalesce(result, '');
  ELSIF kind = 'array' THEN
    SELECT count(*), string_agg(reference.walked(e.value), ''::bytea ORDER BY n)
    INTO parts, result FROM jsonb_array_elements(value) WITH ORDINALITY e (value, n);
    RETURN 'a'::bytea || int4send(parts::integer) || coalesce(result, '');
  END IF;
  plain := value #>> '{}';
  RETURN CASE kind WHEN 'string' THEN 's'::bytea || int4send(octet_length(plain)) || convert_to(plain, 'UTF8')
    WHEN 'number' THEN 'd'::bytea || int4send(octet_length(plain)) || convert_to(plain, 'UTF8')
    WHEN 'boolean' THEN convert_to(left(plain, 1), 'UTF8') ELSE 'n'::bytea END;
END
$$;
CREATE FUNCTION inet_bytes(value inet) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NOT NULL THEN set_byte('\x00', 0, family(value)) || substr(inet_send(value), 2, 1) || substr(inet_send(value), 5) END
$$;
CREATE FUNCTION commitment_of(salt bytea, old jsonb, new jsonb, walk boolean) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF walk THEN
    RETURN sha256('\x03'::bytea || salt || reference.field(reference.walked(old)) || reference.field(reference.walked(new)));
  END IF;
  RETURN sha256('\x03'::bytea || salt || reference.field(old::text) || reference.field(new::text));
END
$$;
CREATE FUNCTION leaf_of(id bigint, at timestamptz, tenant text, who text, session text, action text, resource text, resource_id text,
  details jsonb, address inet, agent text, commitment bytea, walk boolean) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN '\x01'::bytea || sha256('\x0001'::bytea || reference.field(int8send(id))
    || reference.field(int8send((extract(epoch FROM at) * 1000000)::bigint)) || reference.field(tenant) || reference.field(who)
    || reference.field(session) || reference.field(action) || reference.field(resource) || reference.field(resource_id)
    || CASE WHEN walk THEN reference.field(reference.walked(details)) ELSE reference.field(details::text) END
    || reference.field(reference.inet_bytes(address)) || reference.field(agent) || reference.field(commitment));
END
$$;

CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb; new_row jsonb; old_values jsonb; new_values jsonb; details jsonb := '{}';
  id bigint; at timestamptz := clock_timestamp();
  who text := coalesce(nullif(current_setting('llm_admin.actor', true), ''), current_user);
  agent text := nullif(coalesce(nullif(current_setting('llm_admin.user_agent', true), ''), current_setting('application_name')), '');
  salt bytea := gen_random_bytes(16);
  walk boolean := TG_ARGV[0]::boolean;
  commitment bytea; action text; resource_id text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD IS NOT DISTINCT FROM NEW THEN RETURN NULL; END IF;
    action := 'updated';
    old_row := to_jsonb(OLD);
    new_row := to_jsonb(NEW);
    SELECT jsonb_object_agg(n.key, o.value), jsonb_object_agg(n.key, n.value), jsonb_build_object('columns', jsonb_agg(n.key))
    INTO old_values, new_values, details
    FROM jsonb_each(new_row) n JOIN jsonb_each(old_row) o ON o.key = n.key AND o.value IS DISTINCT FROM n.value;
    IF new_values - '{updated_at,last_used,health_status}'::text[] = '{}' THEN RETURN NULL; END IF;
  ELSIF TG_OP = 'INSERT' THEN
    action := 'created'; new_row := to_jsonb(NEW); new_values := jsonb_strip_nulls(new_row);
  ELSE
    action := 'deleted'; new_row := to_jsonb(OLD); old_values := jsonb_strip_nulls(new_row);
  END IF;
  id := nextval('reference.audit_log_id_seq');
  resource_id := (new_row ->> 'currency') || '/' || (new_row ->> 'valid_from');
  details := jsonb_set(details, '{key}', jsonb_build_object('currency', new_row -> 'currency', 'valid_from', new_row -> 'valid_from'));
  commitment := reference.commitment_of(salt, old_values, new_values, walk);
  INSERT INTO reference.audit_log (id, "timestamp", user_id, action_type, resource_type, resource_id, details, ip_address, user_agent,
    tenant_id, session_user_name, xid, commitment, leaf)
  VALUES (id, at, who, action, TG_TABLE_NAME, resource_id, details, inet_client_addr(), agent, '', session_user, pg_current_xact_id(),
    commitment, reference.leaf_of(id, at, '', who, session_user, action, TG_TABLE_NAME, resource_id, details, inet_client_addr(), agent,
      commitment, walk));
  INSERT INTO reference.audit_payloads (audit_id, audit_time, salt, old, new) VALUES (id, at, salt, old_values, new_values);
  RETURN NULL;
END
$$;
CREATE TABLE rates_as_text (LIKE rates INCLUDING ALL);
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON rates FOR EACH ROW EXECUTE FUNCTION audit_change('true');
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON rates_as_text FOR EACH ROW EXECUTE FUNCTION audit_change('false');

-- A table of ours and of theirs, alike; and one that nobody audits.
INSERT INTO llm_admin.exchange_rates SELECT 'EUR', '2020-01-01'::timestamptz + n * interval '1 hour', 1.09 FROM generate_series(1, 1000) n;
INSERT INTO rates SELECT * FROM llm_admin.exchange_rates;
INSERT INTO rates_as_text SELECT * FROM llm_admin.exchange_rates;
CREATE TABLE bench.bare_rates (LIKE llm_admin.exchange_rates INCLUDING ALL);
INSERT INTO bench.bare_rates SELECT * FROM llm_admin.exchange_rates;
CREATE FUNCTION bench.change_rates(of_table regclass, times integer) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('UPDATE %s SET usd = usd + 0.01 WHERE valid_from <= ''2020-01-01''::timestamptz + %s * interval ''1 hour''', of_table, least(times, 1000));
  RETURN times;
END
$$;

-- Both write the same: their leaf and commitment of our rows are ours.
CREATE FUNCTION bench.audit_agrees() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  rows bigint; agreeing bigint;
BEGIN
  SELECT count(*), count(*) FILTER (WHERE p.audit_id IS NOT NULL AND l.commitment = reference.commitment_of(p.salt, p.old, p.new, true)
      AND l.leaf = reference.leaf_of(l.id, l.timestamp, l.tenant_id, l.user_id, l.session_user_name, l.action_type, l.resource_type,
        l.resource_id, l.details, l.ip_address, l.user_agent, l.commitment, true))
  INTO rows, agreeing
  FROM llm_admin.audit_log l LEFT JOIN llm_admin.audit_payloads p ON p.audit_id = l.id AND p.audit_time = l.timestamp
  WHERE l.resource_type = 'exchange_rates';
  IF rows = 0 OR rows <> agreeing THEN RAISE EXCEPTION 'leaves: % of % agree', agreeing, rows; END IF;
END
$$;
