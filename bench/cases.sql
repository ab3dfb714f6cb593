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

INSERT INTO cases (id, what, against, wanted, ours, theirs, input) VALUES
('build_gemini', 'build_request, 4 messages to Gemini', 'PL/pgSQL, jsonb', 3,
 $$SELECT count(llm_admin.build_request(CASE WHEN i > 0 THEN $2 END, 'google_ai')) FROM generate_series(1, $1) i$$,
 $$SELECT count(reference.build_gemini_request(CASE WHEN i > 0 THEN $2 END, 'google_ai')) FROM generate_series(1, $1) i$$,
 gemini_parameters()),
('build_chat', 'build_request, 4 messages to OpenAI chat', 'PL/pgSQL, jsonb', 3,
 $$SELECT count(llm_admin.build_request(CASE WHEN i > 0 THEN $2 END, 'chatgpt')) FROM generate_series(1, $1) i$$,
 $$SELECT count(reference.build_chat_request(CASE WHEN i > 0 THEN $2 END, 'chatgpt')) FROM generate_series(1, $1) i$$,
 chat_parameters());

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
