-- What bench/load measures calls and limits against: the same writes by hand in PL/pgSQL, into tables with the columns,
-- indexes and checks of ours, as an application would do it that knows its one vendor and one price.
CREATE SCHEMA theirs;
CREATE TABLE theirs.calls (LIKE llm_admin.llm_calls INCLUDING ALL);
CREATE TABLE theirs.usage (LIKE llm_admin.llm_usage_logs INCLUDING ALL);
CREATE TABLE theirs.requests (LIKE llm_admin.usage_requests INCLUDING ALL);
CREATE TABLE theirs.budget (subject text PRIMARY KEY, amount numeric NOT NULL, used numeric NOT NULL DEFAULT 0,
  reserved numeric NOT NULL DEFAULT 0) WITH (fillfactor = 20);
CREATE SEQUENCE theirs.usage_ids;

CREATE FUNCTION theirs.begin_call(params jsonb, who text, OUT call_id uuid, OUT url text, OUT body jsonb) LANGUAGE plpgsql AS $$
DECLARE
  provider llm_admin.llm_provider_configs;
  price record;
  tokens integer := 0;
  output integer;
  estimate numeric;
  one jsonb;
BEGIN
  SELECT * INTO provider FROM llm_admin.llm_provider_configs c WHERE c.is_active;
  IF NOT provider.is_enabled THEN RAISE 'provider is disabled'; END IF;
  FOR one IN SELECT * FROM jsonb_array_elements(params -> 'messages') LOOP
    IF one ->> 'role' IS NULL THEN RAISE 'a message without a role'; END IF;
    tokens := tokens + 16 + octet_length(one ->> 'content') / 3;
  END LOOP;
  output := least(coalesce((params ->> 'max_tokens')::integer, 4096), 16384);
  SELECT h.price_id, h.rates INTO price FROM llm_admin.model_price_history h
  WHERE h.model_id = 'openai/' || (params ->> 'model') AND h.valid_from <= now() ORDER BY h.valid_from DESC LIMIT 1;
  estimate := tokens * 0.0025 / 1000 + output * 0.01 / 1000;
  UPDATE theirs.budget b SET reserved = b.reserved + estimate WHERE b.subject = who AND b.used + b.reserved + estimate <= b.amount;
  IF NOT FOUND THEN RAISE 'limit reached'; END IF;
  call_id := gen_random_uuid();
  url := provider.base_url || '/chat/completions';
  body := jsonb_build_object('model', params -> 'model', 'messages', params -> 'messages', 'max_tokens', output);
  INSERT INTO theirs.calls (call_id, user_id, fingerprint, provider, requested_model, model_id, price_id, started_at, expires_at,
    input_estimate, estimate_usd, reservations)
  VALUES (call_id, who, md5(params::text), provider.provider_name, params ->> 'model', 'openai/' || (params ->> 'model'), price.price_id,
    now(), now() + interval '10 minutes', tokens, estimate, jsonb_build_array(jsonb_build_array(who, estimate)));
END $$;

CREATE FUNCTION theirs.finish_call(of uuid, answer jsonb, status integer, OUT content text, OUT cost numeric) LANGUAGE plpgsql AS $$
DECLARE
  call theirs.calls;
  id bigint := nextval('theirs.usage_ids');
  input integer := (answer #>> '{usage,prompt_tokens}')::integer;
  output integer := (answer #>> '{usage,completion_tokens}')::integer;
BEGIN
  DELETE FROM theirs.calls c WHERE c.call_id = of RETURNING * INTO call;
  IF NOT FOUND THEN RAISE 'no such call'; END IF;
  content := answer #>> '{choices,0,message,content}';
  cost := input * 0.0025 / 1000 + output * 0.01 / 1000;
  UPDATE theirs.budget b SET used = b.used + cost, reserved = b.reserved - call.estimate_usd WHERE b.subject = call.user_id;
  INSERT INTO theirs.requests (tenant_id, request_id, call_id, usage_id, usage_time, cost_usd, cost_status, fingerprint)
  VALUES (call.tenant_id, of::text, of, id, call.started_at, cost, 'priced', call.fingerprint);
  INSERT INTO theirs.usage (id, "timestamp", user_id, model_id, provider, prompt_tokens, completion_tokens, total_tokens, cost_usd,
    list_cost_usd, price_id, status_code, requested_model, call_id, cost_status, operation, kind)
  VALUES (id, call.started_at, call.user_id, call.model_id, call.provider, input, output, input + output, cost, cost, call.price_id,
    status, call.requested_model, of, 'priced', 'chat', 'call');
END $$;

-- Four buckets in one call, refilled by the time that has passed, all or none, locked in the order of their keys.
CREATE TABLE theirs.buckets (id text PRIMARY KEY, tokens numeric NOT NULL, capacity numeric NOT NULL, a_second numeric NOT NULL,
  refilled_at timestamptz NOT NULL DEFAULT now()) WITH (fillfactor = 20);
INSERT INTO theirs.buckets (id, tokens, capacity, a_second) SELECT b, 1e12, 1e12, 1e6 FROM unnest('{a,b,c,d}'::text[]) b;
CREATE FUNCTION theirs.take_buckets(ids text[], amounts numeric[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  poor integer;
BEGIN
  CREATE TEMPORARY TABLE IF NOT EXISTS asked (id text PRIMARY KEY, amount numeric NOT NULL) ON COMMIT DROP;
  DELETE FROM asked;
  INSERT INTO asked SELECT * FROM unnest(ids, amounts);
  PERFORM 1 FROM theirs.buckets b JOIN asked a USING (id) ORDER BY b.id FOR UPDATE OF b;
  UPDATE theirs.buckets b SET refilled_at = clock_timestamp(),
    tokens = least(b.capacity, b.tokens + b.a_second * extract(epoch FROM clock_timestamp() - b.refilled_at))
  FROM asked a WHERE a.id = b.id;
  SELECT count(*) INTO poor FROM theirs.buckets b JOIN asked a USING (id) WHERE b.tokens < a.amount;
  IF poor > 0 THEN RETURN false; END IF;
  UPDATE theirs.buckets b SET tokens = b.tokens - a.amount FROM asked a WHERE a.id = b.id;
  RETURN true;
END $$;

-- A counter of one row.
CREATE TABLE theirs.counter (id text PRIMARY KEY, used numeric NOT NULL, amount numeric NOT NULL) WITH (fillfactor = 20);
INSERT INTO theirs.counter VALUES ('hot', 0, 1e12);
CREATE FUNCTION theirs.take(of text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE theirs.counter SET used = used + 1 WHERE id = of AND used < amount;
  RETURN FOUND;
END $$;
INSERT INTO theirs.budget (subject, amount) SELECT 'u' || n, 1e9 FROM generate_series(0, 63) n;
