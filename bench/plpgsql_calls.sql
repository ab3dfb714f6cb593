-- What bench/load measures calls and limits against: the same by hand in PL/pgSQL, into tables with the columns, indexes
-- and checks of ours, as an application would do it that knows its one vendor and its one limit. `whole_*` does what
-- begin_call and finish_call do: canonical name, access by the rules of a tier, the key opened, the request checked and
-- built, the estimate, the limit, the row; the answer read, priced, settled and logged. In its favour: no access keys, no
-- accounts, no repeats, no expiry, no receipt, one context tier, one row a limit. `bare_*` does the writes and no more.
CREATE SCHEMA theirs;
CREATE TABLE theirs.calls (LIKE llm_admin.llm_calls INCLUDING ALL);
CREATE TABLE theirs.usage (LIKE llm_admin.llm_usage_logs INCLUDING ALL);
CREATE TABLE theirs.requests (LIKE llm_admin.usage_requests INCLUDING ALL);
CREATE TABLE theirs.budget (subject text PRIMARY KEY, amount numeric NOT NULL, used numeric NOT NULL DEFAULT 0,
  reserved numeric NOT NULL DEFAULT 0) WITH (fillfactor = 20);
CREATE SEQUENCE theirs.usage_ids;

CREATE FUNCTION theirs.bare_begin(params jsonb, who text, OUT call_id uuid, OUT url text, OUT body jsonb) LANGUAGE plpgsql AS $$
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

CREATE FUNCTION theirs.bare_finish(of uuid, answer jsonb, status integer, OUT content text, OUT cost numeric) LANGUAGE plpgsql AS $$
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

CREATE TABLE theirs.keys (provider_name text PRIMARY KEY, sealed bytea NOT NULL, iv bytea NOT NULL);
INSERT INTO theirs.keys SELECT 'chatgpt', encrypt_iv('sk-of-no-worth-0123456789', decode(repeat('07', 32), 'hex'), iv, 'aes-cbc'), iv
FROM (SELECT gen_random_bytes(16) AS iv) r;
CREATE TABLE theirs.prices (model_id text, valid_from timestamptz, price_id bigint, rates jsonb, PRIMARY KEY (model_id, valid_from));
INSERT INTO theirs.prices SELECT model_id, valid_from, price_id, '{"input": 0.0025, "output": 0.01}' FROM llm_admin.model_price_history;
ALTER TABLE reference.providers DISABLE TRIGGER ALL;  -- it knows version 1.0 of mappings alone, and is only read here
INSERT INTO reference.providers SELECT * FROM llm_admin.llm_provider_configs;

CREATE FUNCTION theirs.whole_begin(given json, who text, tier text, OUT call_id uuid, OUT method text, OUT url text, OUT headers jsonb, OUT body text)
  LANGUAGE plpgsql AS $$
DECLARE
  provider reference.providers;
  params jsonb := given;
  access record;
  price record;
  request record;
  canonical text;
  secret text;
  tokens integer := 0;
  output integer;
  estimate numeric;
  one jsonb;
BEGIN
  SELECT * INTO provider FROM reference.providers c WHERE c.is_active;
  IF NOT provider.is_enabled THEN RAISE 'provider is disabled'; END IF;
  canonical := reference.canonical_model(provider.provider_name, params ->> 'model');
  SELECT * INTO access FROM reference.check_model_access(tier, params ->> 'model', who, '', provider.provider_name);
  IF NOT access.allowed THEN RAISE 'model is not allowed: %', access.reason; END IF;
  SELECT convert_from(decrypt_iv(k.sealed, decode(repeat('07', 32), 'hex'), k.iv, 'aes-cbc'), 'UTF8') INTO secret
  FROM theirs.keys k WHERE k.provider_name = provider.provider_name;
  output := least(coalesce((params ->> 'max_tokens')::integer, 4096), coalesce(provider.max_output_tokens_limit, 16384));
  SELECT * INTO request FROM reference.build_chat_request(params || jsonb_build_object('max_tokens', output), provider.provider_name);
  FOR one IN SELECT * FROM jsonb_array_elements(params -> 'messages') LOOP
    IF one ->> 'role' IS NULL THEN RAISE 'a message without a role'; END IF;
    tokens := tokens + 16 + octet_length(one ->> 'content') / 3;
  END LOOP;
  SELECT h.price_id, h.rates INTO price FROM theirs.prices h WHERE h.model_id = canonical AND h.valid_from <= now()
  ORDER BY h.valid_from DESC LIMIT 1;
  estimate := tokens * (price.rates ->> 'input')::numeric / 1000 + output * (price.rates ->> 'output')::numeric / 1000;
  UPDATE theirs.budget b SET reserved = b.reserved + estimate WHERE b.subject = who AND b.used + b.reserved + estimate <= b.amount;
  IF NOT FOUND THEN RAISE 'limit reached'; END IF;
  call_id := gen_random_uuid();
  method := request.method;
  url := request.url;
  headers := request.headers || jsonb_build_object('Authorization', 'Bearer ' || secret);
  body := request.body::text;
  INSERT INTO theirs.calls (call_id, user_id, fingerprint, provider, requested_model, model_id, price_id, config_version, started_at,
    expires_at, input_estimate, estimate_usd, reservations, access)
  VALUES (call_id, who, md5(params::text), provider.provider_name, params ->> 'model', canonical, price.price_id, provider.config_version, now(),
    now() + interval '10 minutes', tokens, estimate, jsonb_build_array(jsonb_build_array(who, estimate)), jsonb_build_object('reason', access.reason));
END $$;

CREATE FUNCTION theirs.whole_finish(of uuid, answer text, status integer, OUT result jsonb, OUT cost numeric) LANGUAGE plpgsql AS $$
DECLARE
  call theirs.calls;
  id bigint := nextval('theirs.usage_ids');
  price jsonb;
  input integer;
  output integer;
BEGIN
  DELETE FROM theirs.calls c WHERE c.call_id = of RETURNING * INTO call;
  IF NOT FOUND THEN RAISE 'no such call'; END IF;
  result := reference.read_chat_answer(answer);
  input := (result #>> '{usage,input_tokens}')::integer;
  output := (result #>> '{usage,output_tokens}')::integer;
  SELECT p.rates INTO price FROM theirs.prices p WHERE p.price_id = call.price_id;
  cost := input * (price ->> 'input')::numeric / 1000 + output * (price ->> 'output')::numeric / 1000;
  UPDATE theirs.budget b SET used = b.used + cost, reserved = b.reserved - call.estimate_usd WHERE b.subject = call.user_id;
  INSERT INTO theirs.requests (tenant_id, request_id, call_id, usage_id, usage_time, cost_usd, cost_status, fingerprint)
  VALUES (call.tenant_id, of::text, of, id, call.started_at, cost, 'priced', call.fingerprint);
  INSERT INTO theirs.usage (id, "timestamp", user_id, model_id, provider, prompt_tokens, completion_tokens, total_tokens, cost_usd,
    list_cost_usd, price_id, status_code, requested_model, served_model, call_id, cost_status, operation, kind)
  VALUES (id, call.started_at, call.user_id, call.model_id, call.provider, input, output, input + output, cost, cost, call.price_id,
    status, call.requested_model, result ->> 'model', of, 'priced', 'chat', 'call');
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
