-- Before anything is timed: both sides do the same work. A difference ends the run.
DO $$
DECLARE
  broken jsonb[] := ARRAY['{}', '{"version":"2.0"}', '{"version":"1.0","payload_structure":{"model":{"source":"param:model_name"}}}',
    '{"version":"1.0","payload_structure":{"model":"param:model_name","messages":"param:mesages"}}',
    '{"version":"1.0","payload_structure":{"model":"param:model_name","messages":"$.a"}}',
    '{"version":"1.0","payload_structure":{"model":"param:model_name","messages":"param:messages.a..b"}}',
    '{"version":"1.0","payload_structure":{"model":"param:model_name","messages":"param:messages[01]"}}',
    '{"version":"1.0","payload_structure":{"model":"param:model_name","messages":{"source":"param:messages","path":"a."}}}',
    '{"version":"1.0","payload_structure":{"model":{"source":"param:model_name","path":"a.b"},"messages":{"source":"param:messages","path":"a"}}}',
    '{"version":"1.0","payload_structure":{"model":{"source":"param:model_name","type":"text"},"messages":"param:messages"}}',
    '{"version":"1.0","payload_structure":{"model":{"source":"param:model_name","type":"integer","default":"x"},"messages":"param:messages"}}',
    '{"version":"1.0","payload_structure":{"model":{},"messages":"param:messages"}}',
    '{"version":"1.0","payload_structure":{"model":"param:model_name","messages":{"fields":{"a":"param:tools[?(@.a == 1)]","b":4}}}}'];
  good jsonb[] := ARRAY['{"version":"1.0","payload_structure":{"model":"param:model_name","messages":"param:messages"}}',
    '{"version":1.0,"payload_structure":{"model":"provider:default_model","messages":"param:messages[?(@.role != ''x'')][-1][\"a b\"].*"}}',
    '{"version":"1.0","payload_structure":{"model":"param:model","messages":{"fields":{"a":"param:tools[?(@.a[0] == 1.5e3)]","b":{"default":4}}}}}'];
  config jsonb;
  answer jsonb := '{"version":"1.0","extraction_rules":{"text_content":"$.a","usage_stats":{"fields":{"x":{"paths":["$.b[*]"]}}}}}';
  ours record;
  theirs record;
  row_is record;
BEGIN
  FOREACH config IN ARRAY broken LOOP
    IF reference.config_problems_of(config, true) = '{}' THEN
      RAISE EXCEPTION 'the reference accepts %', config;
    END IF;
    BEGIN
      PERFORM llm_admin.validate_config(config, answer);
      RAISE EXCEPTION 'llm_admin accepts %', config;
    EXCEPTION WHEN SQLSTATE 'LA001' THEN
      NULL;
    END;
  END LOOP;
  FOREACH config IN ARRAY good LOOP
    PERFORM llm_admin.validate_config(config, answer), reference.validate_config(config, answer);
  END LOOP;
  PERFORM reference.validate_config(m.request_builder_config, m.response_extractor_config) FROM bench.mappings m;
  FOR row_is IN SELECT * FROM llm_admin.shipped_providers() LOOP
    IF reference.connection_problems(row_is.base_url, row_is.endpoint_path_template, row_is.auth_scheme,
                                     row_is.auth_header_template, row_is.additional_headers) <> '{}' THEN
      RAISE EXCEPTION 'the reference refuses the connection of %', row_is.provider_name;
    END IF;
  END LOOP;
  SELECT * INTO ours FROM llm_admin.build_request(bench.chat_parameters(), 'google_ai');
  SELECT * INTO theirs FROM reference.build_gemini_request(bench.chat_parameters(), 'google_ai');
  IF ours IS DISTINCT FROM theirs THEN RAISE EXCEPTION 'Gemini: % is not %', ours, theirs; END IF;
  SELECT * INTO theirs FROM reference.build_gemini_bare(bench.chat_parameters(), 'google_ai');
  IF (ours.url, ours.body) IS DISTINCT FROM (theirs.url, theirs.body) THEN
    RAISE EXCEPTION 'Gemini: % is not %', ours, theirs;
  END IF;
  SELECT * INTO ours FROM llm_admin.build_request(bench.anthropic_parameters(), 'anthropic');
  SELECT * INTO theirs FROM reference.build_anthropic_request(bench.anthropic_parameters(), 'anthropic');
  IF ours IS DISTINCT FROM theirs THEN RAISE EXCEPTION 'Anthropic: % is not %', ours, theirs; END IF;
  SELECT * INTO theirs FROM reference.build_anthropic_bare(bench.anthropic_parameters(), 'anthropic');
  IF (ours.url, ours.body) IS DISTINCT FROM (theirs.url, theirs.body) THEN
    RAISE EXCEPTION 'Anthropic: % is not %', ours, theirs;
  END IF;
  SELECT * INTO ours FROM llm_admin.build_request(bench.chat_parameters(), 'chatgpt');
  SELECT * INTO theirs FROM reference.build_chat_request(bench.chat_parameters(), 'chatgpt');
  IF ours IS DISTINCT FROM theirs THEN RAISE EXCEPTION 'chat: % is not %', ours, theirs; END IF;
  FOR row_is IN
    SELECT provider, given, llm_admin.build_request(given, provider) AS ours,
           llm_admin.build_request_text(given::text::json, provider) AS theirs
    FROM (VALUES ('google_ai', bench.chat_parameters()), ('anthropic', bench.anthropic_parameters()),
                 ('chatgpt', bench.chat_parameters())) v (provider, given)
  LOOP
    IF ((row_is.ours).url, (row_is.ours).body) IS DISTINCT FROM ((row_is.theirs).url, (row_is.theirs).body::jsonb) THEN
      RAISE EXCEPTION 'build_request_text: % is not %', row_is.theirs, row_is.ours;
    END IF;
  END LOOP;
  IF (SELECT string_agg(d ->> 'text', '' ORDER BY b.batch, n)
      FROM bench.batches b, jsonb_array_elements(llm_admin.stream_deltas(b.events, 'chatgpt') -> 'deltas')
        WITH ORDINALITY e (d, n))
     IS DISTINCT FROM (SELECT llm_admin.extract_stream(w.body, 'chatgpt') ->> 'text' FROM bench.whole_stream w) THEN
    RAISE EXCEPTION 'what batches add is not the text of the whole stream';
  END IF;
  FOR row_is IN
    SELECT a.name, llm_admin.extract_response(a.doc, 'chatgpt') AS ours, reference.extract_chat(a.doc) AS theirs
    FROM bench.answers a
    UNION ALL
    SELECT a.name, llm_admin.extract_response(a.doc, 'chatgpt'), reference.extract_stored_chat(a.doc)
    FROM bench.answers a
    UNION ALL
    SELECT s.name, llm_admin.extract_stream(s.body, 'chatgpt'), reference.extract_chat_stream(s.body)
    FROM bench.streams s
    UNION ALL
    SELECT a.name, llm_admin.read_answer(a.doc::text, 'chatgpt'), reference.read_chat_answer(a.doc::text)
    FROM bench.answers a
  LOOP
    IF row_is.ours IS DISTINCT FROM row_is.theirs THEN
      RAISE EXCEPTION '% answer: % is not %', row_is.name, row_is.ours, row_is.theirs;
    END IF;
  END LOOP;
  IF (SELECT decrypt_iv(cbc, aes, iv, 'aes-cbc') <> convert_to(llm_admin.decrypt_key(envelope), 'UTF8')
             OR key <> (SELECT pgp_sym_decrypt(value, 'correct horse battery staple') FROM bench.pgp_secrets LIMIT 1)
      FROM bench.secrets) THEN
    RAISE EXCEPTION 'the keys differ';
  END IF;
  FOREACH config IN ARRAY ARRAY[bench.tenant_config(1), '{"policy": "byollm_only", "defaultModel": "a-model"}',
      '{"provider": "OpenAI", "baseUrl": "https://llm.example.com/v1/", "apiKey": "short"}',
      '{"policy": "aegis_only", "defaultModel": null}', '{"policy": "choice", "baseUrl": null, "apiKey": "sk-0123456789abcdefghij"}',
      '{"provider": "chatgpt"}']::jsonb[] LOOP
    SELECT llm_admin.put_llm_config('agree', config) AS put INTO ours;
    SELECT reference.put_llm_config('agree', config) AS put INTO theirs;
    IF ours IS DISTINCT FROM theirs THEN RAISE EXCEPTION 'put_llm_config: % is not %', ours, theirs; END IF;
    FOR row_is IN
      SELECT llm_admin.resolve_llm(tenant, asked, model) AS ours, reference.resolve_llm(tenant, asked, model) AS theirs
      FROM unnest('{agree,nobody}'::text[]) tenant, unnest('{byollm,aegis,NULL}'::text[]) asked,
           unnest('{NULL,m}'::text[]) model
    LOOP
      IF row_is.ours IS DISTINCT FROM row_is.theirs THEN
        RAISE EXCEPTION 'resolve_llm: % is not %', row_is.ours, row_is.theirs;
      END IF;
    END LOOP;
  END LOOP;
  PERFORM llm_admin.delete_llm_config('agree');
  DELETE FROM reference.tenant_configs WHERE tenant_id = 'agree';
  PERFORM bench.audit_agrees();
  PERFORM bench.insert_ours(2), bench.insert_theirs(2);
  PERFORM bench.describe_ours(1), bench.describe_theirs(1);
  PERFORM bench.remap_ours(2), bench.remap_theirs(2);
  PERFORM bench.activate_ours(2), bench.activate_theirs(2);
  FOR row_is IN
    SELECT a AS ours, b AS theirs
    FROM (SELECT row_number() OVER (ORDER BY changed_at, provider_name) AS n, provider_name, action, config_version,
                 config_snapshot - '{id,created_at,updated_at,request_builder_config,description}'::text[] AS snapshot
          FROM llm_admin.llm_provider_config_history WHERE provider_name LIKE 'bench\_%') a
    FULL JOIN (SELECT row_number() OVER (ORDER BY changed_at, provider_name) AS n, provider_name, action, config_version,
                 config_snapshot - '{id,created_at,updated_at,request_builder_config,description}'::text[] AS snapshot
          FROM reference.history WHERE provider_name LIKE 'bench\_%') b USING (n)
    WHERE a IS DISTINCT FROM b
  LOOP
    RAISE EXCEPTION 'history: % is not %', row_is.ours, row_is.theirs;
  END LOOP;
END
$$;

-- Access decides alike.
DO $$
DECLARE
  model text;
BEGIN
  FOR model IN SELECT m.model FROM bench.access_models m LOOP
    IF EXISTS (SELECT FROM unnest(ARRAY['grown', 'professional', 'starter', 'free']) AS tier,
        LATERAL llm_admin.check_model_access(tier, model) o, LATERAL reference.check_model_access(tier, model) t
      WHERE o.allowed <> t.allowed OR o.reason <> t.reason OR o.allowed AND o.max_requests_per_day IS DISTINCT FROM t.max_requests_per_day) THEN
      RAISE EXCEPTION 'access to % is decided otherwise', model;
    END IF;
  END LOOP;
END
$$;
