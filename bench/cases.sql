-- The table's rows. Arguments hang on the counting row or come from a table, so that no call is folded into a constant.
SET search_path = bench, public;

INSERT INTO cases (id, what, against, wanted, ours, theirs) VALUES
('decrypt_pgp', 'decrypt_key, data key cached', 'pgp_sym_decrypt', 100,
 'SELECT count(llm_admin.decrypt_key(s.envelope)) FROM bench.secrets s, generate_series(1, $1)',
 $$SELECT count(pgp_sym_decrypt(s.value, 'correct horse battery staple'))
   FROM bench.pgp_secrets s JOIN generate_series(1, $1) i ON s.n = i % 64$$),
('decrypt_cbc', 'decrypt_key, data key cached', 'decrypt_iv, aes-cbc', 5,
 'SELECT count(llm_admin.decrypt_key(s.envelope)) FROM bench.secrets s, generate_series(1, $1)',
 $$SELECT count(decrypt_iv(s.cbc, s.aes, s.iv, 'aes-cbc')) FROM bench.secrets s, generate_series(1, $1)$$),
('validate', 'validate_config, a config of 2 kB', 'PL/pgSQL', 20,
 'SELECT count(llm_admin.validate_config(m.request_builder_config, m.response_extractor_config))
  FROM bench.mappings m, generate_series(1, $1)',
 'SELECT count(reference.validate_config(m.request_builder_config, m.response_extractor_config))
  FROM bench.mappings m, generate_series(1, $1)'),
('active', 'get_active_provider()', 'indexed SELECT', 0.9,
 'SELECT bench.read_active_ours($1)', 'SELECT bench.read_active_theirs($1)');

-- Building: against a function that checks the same things, and against one statement that checks nothing.
INSERT INTO cases (id, what, against, wanted, ours, theirs, input)
SELECT 'build_' || v.id, 'build_request, 4 messages to ' || v.vendor, v.against, v.wanted, format(c.call, 'llm_admin.build_request', v.provider),
  format(c.call, 'reference.build_' || v.builder, v.provider),
  CASE v.provider WHEN 'anthropic' THEN bench.anthropic_parameters() ELSE bench.chat_parameters() END
FROM (VALUES
    (1, 'gemini', 'Gemini', 'google_ai', 'gemini_request', 'PL/pgSQL, jsonb', 3),
    (2, 'gemini_bare', 'Gemini', 'google_ai', 'gemini_bare', 'SQL, nothing checked', NULL),
    (3, 'anthropic', 'Anthropic', 'anthropic', 'anthropic_request', 'PL/pgSQL, jsonb', 3),
    (4, 'anthropic_bare', 'Anthropic', 'anthropic', 'anthropic_bare', 'SQL, nothing checked', NULL),
    (5, 'chat', 'OpenAI chat', 'chatgpt', 'chat_request', 'PL/pgSQL, jsonb', 3)
  ) v (n, id, vendor, provider, builder, against, wanted),
  (VALUES ('SELECT count(%s(CASE WHEN i > 0 THEN $2 END, %L)) FROM generate_series(1, $1) i')) c (call)
ORDER BY v.n;

-- From text to text: the caller's JSON is handed over as it came, and the body goes out as text.
INSERT INTO cases (id, what, against, wanted, ours, theirs, input)
SELECT 'build_text_' || v.id || a.suffix, 'build_request_text, 4 messages to ' || v.vendor, a.against, a.wanted,
  format($$WITH p AS MATERIALIZED (SELECT $2::text::json AS params)
           SELECT count(llm_admin.build_request_text(p.params, %L)) FROM p, generate_series(1, $1)$$, v.provider),
  format(a.theirs, v.builder, v.provider),
  CASE v.provider WHEN 'anthropic' THEN bench.anthropic_parameters() ELSE bench.chat_parameters() END
FROM (VALUES
    (1, 'gemini', 'Gemini', 'google_ai', 'gemini_request'),
    (2, 'anthropic', 'Anthropic', 'anthropic', 'anthropic_request'),
    (3, 'chat', 'OpenAI chat', 'chatgpt', 'chat_request')
  ) v (n, id, vendor, provider, builder),
  (VALUES
    (1, '', 'PL/pgSQL', 5, $$WITH p AS MATERIALIZED (SELECT $2::text::json AS params)
       SELECT count((reference.build_%s(p.params::jsonb, %L)).body::text) FROM p, generate_series(1, $1)$$),
    (2, '_jsonb', 'build_request', 1,
     $$SELECT count(llm_admin.build_request(CASE WHEN i > 0 THEN $2 END, %2$L)) FROM generate_series(1, $1) i$$)
  ) a (n, suffix, against, wanted, theirs)
ORDER BY v.n, a.n;

-- Eight fields, one call each, from a parameter or from a stored document.
CREATE FUNCTION eight_paths(document text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('count(jsonb_path_query_first(%s, %L))', document, path), ', ')
  FROM unnest('{$.choices[0].message.content,$.choices[0].finish_reason,$.model,$.id,$.usage.prompt_tokens,
    $.usage.completion_tokens,$.usage.prompt_tokens_details.cached_tokens,
    $.usage.completion_tokens_details.reasoning_tokens}'::text[]) path
$$;
INSERT INTO cases (id, what, against, wanted, ours, theirs, input)
SELECT 'extract_' || a.name, 'extract_response, 8 fields of ' || v.size, '8 jsonb_path_query_first', v.wanted,
  $$SELECT count(llm_admin.extract_response(CASE WHEN i > 0 THEN $2 END, 'chatgpt')) FROM generate_series(1, $1) i$$,
  format('SELECT %s FROM generate_series(1, $1) i', eight_paths('CASE WHEN i > 0 THEN $2 END')), a.doc
FROM (VALUES (1, 'small', '1.4 kB', 2), (2, 'large', '100 kB', 10)) v (n, name, size, wanted)
JOIN answers a USING (name) ORDER BY v.n;
INSERT INTO cases (id, what, against, wanted, ours, theirs)
SELECT 'extract_stored_' || a.name, 'the same from a stored row, ' || v.size, '8 jsonb_path_query_first', v.wanted,
  format($$SELECT count(llm_admin.extract_response(a.doc, 'chatgpt'))
           FROM bench.answers a, generate_series(1, $1) WHERE a.name = %L$$, a.name),
  format('SELECT %s FROM bench.answers a, generate_series(1, $1) WHERE a.name = %L', eight_paths('a.doc'), a.name)
FROM (VALUES (1, 'small', '1.4 kB', 2), (2, 'large', '100 kB', 10)) v (n, name, size, wanted)
JOIN answers a USING (name) ORDER BY v.n;

-- Fairer: SQL that makes the same object.
INSERT INTO cases (id, what, against, wanted, ours, theirs, input)
SELECT 'extract_same', 'extract_response, all it gives, of 1.4 kB', 'the same object in SQL', 2::numeric,
  $$SELECT count(llm_admin.extract_response(CASE WHEN i > 0 THEN $2 END, 'chatgpt')) FROM generate_series(1, $1) i$$,
  'SELECT count(reference.extract_chat(CASE WHEN i > 0 THEN $2 END)) FROM generate_series(1, $1) i', a.doc
FROM answers a WHERE name = 'small';
INSERT INTO cases (id, what, against, wanted, ours, theirs)
SELECT 'extract_same_stored', 'the same from a stored row, 100 kB', 'the same object in SQL', NULL,
  $$SELECT count(llm_admin.extract_response(a.doc, 'chatgpt'))
    FROM bench.answers a, generate_series(1, $1) WHERE a.name = 'large'$$,
  $$SELECT count(reference.extract_stored_chat(a.doc)) FROM bench.answers a, generate_series(1, $1) WHERE a.name = 'large'$$;
-- From text, which lies in memory.
INSERT INTO cases (id, what, against, wanted, ours, theirs)
SELECT 'read_' || v.name, 'read_answer, all it gives, of ' || v.size, 'the same object in SQL', v.wanted,
  format(c.call, v.name, 'llm_admin.read_answer(b.body, ''chatgpt'')'),
  format(c.call, v.name, 'reference.read_chat_answer(b.body)')
FROM (VALUES (1, 'small', '1.4 kB', 4), (2, 'large', '100 kB', 6)) v (n, name, size, wanted),
  (VALUES ($$WITH b AS MATERIALIZED (SELECT a.doc::text AS body FROM bench.answers a WHERE a.name = %L)
             SELECT count(%s) FROM b, generate_series(1, $1)$$)) c (call)
ORDER BY v.n;
INSERT INTO cases (id, what, against, wanted, ours, theirs)
SELECT 'stream_' || v.name, 'extract_stream of ' || v.events || ' events, ' || v.size, 'the same object in SQL',
  v.wanted,
  format($$SELECT count(llm_admin.extract_stream(s.body, 'chatgpt'))
           FROM bench.streams s, generate_series(1, $1) WHERE s.name = %L$$, v.name),
  format($$SELECT count(reference.extract_chat_stream(s.body))
           FROM bench.streams s, generate_series(1, $1) WHERE s.name = %L$$, v.name)
FROM (SELECT s.name, regexp_count(body, 'data: ') AS events, round(octet_length(body) / 1000.0) || ' kB' AS size,
             NULL::numeric AS wanted FROM streams s ORDER BY octet_length(body)) v;

INSERT INTO cases (id, what, against, wanted, ours, theirs, times) VALUES
('deltas', 'stream_deltas, 2,000 events, 20 at a time', 'extract_stream so far', 50,
 $$SELECT count(llm_admin.stream_deltas(b.events, 'chatgpt')) FROM bench.batches b, generate_series(1, $1)$$,
 $$WITH s AS MATERIALIZED (SELECT w.body || '' AS body FROM bench.whole_stream w)
   SELECT count(llm_admin.extract_stream(left(s.body, b.so_far), 'chatgpt'))
   FROM s, bench.batches b, generate_series(1, $1)$$, 1);

INSERT INTO cases (id, what, against, wanted, ours, theirs, times) VALUES
('insert', 'INSERT of a provider', 'PL/pgSQL triggers', 3,
 'SELECT bench.insert_ours($1)', 'SELECT bench.insert_theirs($1)', 400),
('describe', 'UPDATE of its description', 'PL/pgSQL triggers', 3,
 'SELECT bench.describe_ours($1)', 'SELECT bench.describe_theirs($1)', 400),
('describe_bare', 'UPDATE of its description', 'UPDATE + INSERT, bare', NULL,
 'SELECT bench.describe_ours($1)', 'SELECT bench.describe_bare($1)', 400),
('remap', 'UPDATE of its mapping', 'PL/pgSQL triggers', 3,
 'SELECT bench.remap_ours($1)', 'SELECT bench.remap_theirs($1)', 400),
('activate', 'UPDATE that makes it the active one', 'PL/pgSQL triggers', 3,
 'SELECT bench.activate_ours($1)', 'SELECT bench.activate_theirs($1)', 40),
('activate_bare', 'UPDATE that makes it the active one', 'the same, bare', NULL,
 'SELECT bench.activate_ours($1)', 'SELECT bench.activate_bare($1)', 40);

-- Tenants, each with a key of its own under a data key of its own, one by chance in each call. Both sides make the name
-- in the same way.
INSERT INTO cases (id, what, against, wanted, ours, theirs)
SELECT 'tenant_' || v.id, v.what, v.against, v.wanted, v.ours || c.one_of_them, v.theirs || c.one_of_them
FROM (VALUES
    (1, 'decrypt', 'decrypt_tenant_key, of 10,000', 'pgp_sym_decrypt of a row', NULL::numeric,
     'SELECT count(llm_admin.decrypt_tenant_key(n.id))',
     $$SELECT count((SELECT pgp_sym_decrypt(t.api_key_encrypted, 'correct horse battery staple')
                     FROM reference.tenant_configs t WHERE t.tenant_id = n.id))$$),
    (2, 'resolve', 'resolve_llm, of 10,000, key opened', 'PL/pgSQL, key not opened', NULL,
     $$SELECT count(llm_admin.resolve_llm(n.id, 'byollm'))$$,
     $$SELECT count(reference.resolve_llm(n.id, 'byollm'))$$)
  ) v (n, id, what, against, wanted, ours, theirs),
  (VALUES ($$ FROM (SELECT 'tenant-' || 1 + floor(random() * 10000)::integer AS id FROM generate_series(1, $1)) n$$))
    c (one_of_them)
ORDER BY v.n;
INSERT INTO cases (id, what, against, wanted, ours, theirs, input, times)
SELECT 'put_' || v.id, 'put_llm_config, ' || v.what, 'PL/pgSQL, pgp_sym_encrypt', NULL,
  format(v.call, 'llm_admin', 'ours'), format(v.call, 'reference', 'theirs'), bench.tenant_config(0), 400
FROM (VALUES
    (1, 'first', 'a new tenant', $$SELECT count(%s.put_llm_config('new-' || nextval('bench.new_tenants_%s'), $2))
                                   FROM generate_series(1, $1)$$),
    (2, 'key', 'another key', $$SELECT count(%s.put_llm_config('tenant-' || 1 + floor(random() * 10000)::integer, $2))
                                FROM generate_series(1, $1) i /* %s */$$)
  ) v (n, id, what, call)
ORDER BY v.n;

-- A row that changes and is audited: the columns, before and after, a salt, a commitment, a leaf; 1,000 in one statement.
INSERT INTO cases (id, what, against, wanted, ours, theirs, times)
SELECT 'audit' || v.id, 'UPDATE of a row, audited', v.against, v.wanted,
  $$SELECT bench.change_rates('llm_admin.exchange_rates', $1)$$, format('SELECT bench.change_rates(%L, $1)', v.theirs), 1000
FROM (VALUES
    (1, '', 'PL/pgSQL, the same leaf', 4::numeric, 'reference.rates'),
    (2, '_text', 'PL/pgSQL, text hashed', NULL, 'reference.rates_as_text'),
    (3, '_bare', 'the UPDATE, bare', NULL, 'bench.bare_rates')
  ) v (n, id, against, wanted, theirs)
ORDER BY v.n;

-- Access: eight models in turn over a tier with 50 rules. The name hangs on the counting row.
INSERT INTO cases (id, what, against, wanted, ours, theirs)
SELECT v.id, v.what, v.against, v.wanted, format(c.call, v.ours), format(c.call, v.theirs)
FROM (VALUES
    ('access', 'check_model_access over 50 rules', 'SQL with regex', 10,
     $$llm_admin.check_model_access('grown', m.name || left('', i), 'u1', 't1', m.vendor)$$,
     $$reference.check_model_access('grown', m.name || left('', i), 'u1', 't1', m.vendor)$$),
    ('access_rules', 'the same', 'SQL with regex, rules alone', NULL,
     $$llm_admin.check_model_access('grown', m.name || left('', i), 'u1', 't1', m.vendor)$$,
     $$reference.check_rules('grown', m.model || left('', i))$$)
  ) v (id, what, against, wanted, ours, theirs),
  (VALUES ('SELECT count(c.allowed) FROM generate_series(1, $1) i JOIN bench.access_models m ON m.n = i %% 8, LATERAL %s c')) c (call);
