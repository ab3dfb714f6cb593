-- A tenant's configuration through its functions: get, put, delete, record. Direct DML is in tenants_rows.sql.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();
\pset tuples_only on

-- What a put returns, or its error.
CREATE FUNCTION pg_temp.put(tenant text, config jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  details text; hint text;
BEGIN
  RETURN put_llm_config(tenant, config)::text;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS details = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat(SQLSTATE, ': ', SQLERRM, E'\n  DETAIL: ' || nullif(details, ''), E'\n  HINT: ' || nullif(hint, ''));
END $$;
-- The two things a base URL decides: how it is stored, and where a request goes. Undone.
CREATE FUNCTION pg_temp.base(given text, name text DEFAULT 'openrouter') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text; details text;
BEGIN
  PERFORM put_llm_config('of bases', jsonb_build_object('provider', name, 'apiKey', 'sk-base-0123456789abcdef', 'baseUrl', given));
  answer := format('%s => %s', get_llm_config('of bases') ->> 'baseUrl',
    (SELECT url FROM build_tenant_request('of bases', '{"messages": [{"role": "user", "content": "Hi"}]}', 'byollm')));
  PERFORM delete_llm_config('of bases');
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS details = PG_EXCEPTION_DETAIL;
  RETURN SQLSTATE || ': ' || SQLERRM || coalesce(': ' || nullif(details, ''), '');
END $$;

-- None yet; the first needs a key and nothing else.
SELECT get_llm_config('acme');
SELECT pg_temp.put('acme', '{}');
SELECT pg_temp.put('acme', '{"policy": "byollm_only", "baseUrl": null}');
SELECT pg_temp.put('acme', '{"apiKey": null}');
SELECT delete_llm_config('acme');
SELECT pg_temp.put('acme', '{"apiKey": "sk-or-v1-0123456789abcdef"}');
SELECT get_llm_config('acme');
SELECT decrypt_tenant_key('acme'), api_key_encrypted ~ '^lma1\.' AS sealed FROM llm_configs;

-- Only what is given changes; null clears baseUrl and defaultModel and says nothing elsewhere.
SELECT pg_temp.put('acme', '{}');
SELECT pg_temp.put('acme', '{"defaultModel": "openai/gpt-oss-20b"}');
SELECT pg_temp.put('acme', '{"policy": "byollm_only"}');
SELECT pg_temp.put('acme', '{"provider": null, "apiKey": null, "policy": null, "keepKey": null}');
SELECT pg_temp.put('acme', '{"defaultModel": null, "policy": "aegis_only"}');
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.put('acme', '{"apiKey": "sk-or-v1-fedcba9876543210", "policy": "choice"}');
SELECT decrypt_tenant_key('acme');
-- A put that changes nothing leaves updated_at; one that does, moves it.
UPDATE llm_configs SET updated_at = '2020-01-01 00:00:00Z';
SELECT pg_temp.put('acme', '{"policy": "choice"}') <> '' FROM llm_configs;
SELECT updated_at = '2020-01-01 00:00:00Z' FROM llm_configs;
BEGIN;
SELECT pg_temp.put('acme', '{"policy": "byollm_only"}') <> '';
SELECT updated_at > '2020-01-02 00:00:00Z', updated_at = date_trunc('milliseconds', now()) FROM llm_configs;
COMMIT;

-- Everything that is wrong is told at once, and nothing is stored.
SELECT pg_temp.put('acme', '{"apikey": "sk-1", "baseURL": "https://x.example", "default_model": "m", "zzz": 1,
  "maskedKey": "sk***", "configured": true, "lastTestedAt": null, "lastTestResult": "success", "lastTestLatency": 1,
  "provider": 3, "policy": "free", "apiKey": ["sk"], "baseUrl": {}, "defaultModel": true, "keepKey": "yes"}');
SELECT pg_temp.put('acme', '{"provider": "", "policy": "", "apiKey": "", "baseUrl": "", "defaultModel": ""}');
SELECT pg_temp.put('acme', jsonb_build_object('provider', repeat('p', 256), 'defaultModel', repeat('é', 256),
  'baseUrl', 'https://x.example/' || repeat('b', 3000), 'apiKey', repeat('k', 10240), 'policy', repeat('c', 256)));
SELECT pg_temp.put('acme', '{"apiKey": "sk-1\nX-Evil: 1"}');
SELECT pg_temp.put('acme', '{"apiKey": "sk-1", "keepKey": true}');
SELECT pg_temp.put('acme', jsonb_build_object('apiKey', encrypt_key('sk-1')));
SELECT pg_temp.put('acme', jsonb_build_object(repeat('n', 500), 1));
SELECT pg_temp.put('acme', '[]'), pg_temp.put('acme', '"x"'), pg_temp.put('acme', 'null'), pg_temp.put('acme', NULL);
SELECT get_llm_config('acme'), decrypt_tenant_key('acme');
SELECT length(pg_temp.put('acme', jsonb_build_object('apiKey', repeat('k', 8192)))) > 0;
SELECT length(decrypt_tenant_key('acme'));
SELECT pg_temp.put('acme', '{"apiKey": "short"}');
-- Which key it is stays between the tenant and us.
SELECT pg_temp.put('acme', '{"apiKey": "sk-secret-0123456789", "polcy": 1}') !~ 'secret';

-- Another provider needs another key, unless it is said to be the same, or is the same under another name.
SELECT pg_temp.put('acme', '{"provider": "chatgpt"}');
SELECT pg_temp.put('acme', '{"provider": "chatgpt", "keepKey": false}');
SELECT pg_temp.put('acme', '{"provider": "chatgpt", "keepKey": true}');
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.put('acme', '{"provider": "OpenAI"}');
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.put('acme', '{"provider": "CHATGPT"}');
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.put('acme', '{"provider": "groq", "apiKey": "gsk-0123456789abcdefghij"}');
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.put('acme', '{"keepKey": true, "defaultModel": "m"}');
SELECT decrypt_tenant_key('acme');
-- So does another origin; a path below the same one does not.
SELECT pg_temp.put('acme', '{"baseUrl": "https://llm.acme.example"}');
SELECT pg_temp.put('acme', '{"baseUrl": "https://llm.acme.example", "keepKey": true}');
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.put('acme', '{"baseUrl": "https://LLM.acme.example:443/tenants/7"}');
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.put('acme', '{"baseUrl": "https://llm.acme.example:8443"}');
SELECT pg_temp.put('acme', '{"baseUrl": null}');
SELECT pg_temp.put('acme', '{"baseUrl": null, "apiKey": "gsk-another-0123456789"}');
SELECT decrypt_tenant_key('acme');
SELECT pg_temp.put('acme', '{"provider": "gorq"}');
SELECT pg_temp.put('acme', '{"provider": "OpnAI"}');
SELECT pg_temp.put('acme', '{"provider": "groq; DROP TABLE llm_configs"}');
SELECT pg_temp.put('new', '{"provider": "nobody", "apiKey": "sk-0123456789abcdefghij"}');
-- An alias may name a provider that is not there.
INSERT INTO provider_aliases VALUES ('phantom', 'gone');
SELECT pg_temp.put('new', '{"provider": "phantom", "apiKey": "sk-0123456789abcdefghij"}');
SELECT pg_temp.message($$INSERT INTO provider_aliases VALUES ('Upper', 'groq')$$), pg_temp.message($$INSERT INTO provider_aliases VALUES ('openai', 'groq')$$);
-- keepKey across origins is for those who may decrypt the key; others supply it.
CREATE ROLE regress_llm_operator;
SELECT grant_access('regress_llm_operator', 'operator');
SET ROLE regress_llm_operator;
SELECT pg_temp.put('acme', '{"provider": "openrouter", "keepKey": true}');
SELECT pg_temp.put('acme', '{"baseUrl": "https://evil.example", "keepKey": true}');
SELECT pg_temp.put('acme', '{"baseUrl": "https://api.groq.com/v1", "keepKey": true}');
SELECT pg_temp.put('acme', '{"baseUrl": null}');
RESET ROLE;
SELECT revoke_access('regress_llm_operator', 'operator');
DROP ROLE regress_llm_operator;

-- Base URLs: the whole endpoint is cut to its prefix, slashes go, a path that stands in both is taken once.
SELECT pg_temp.base(u) FROM (VALUES (1, 'https://llm.example.com'), (2, 'https://llm.example.com///'), (3, 'https://llm.example.com/v1/'),
  (4, 'https://llm.example.com/v1/chat/completions'), (5, 'https://llm.example.com/v1/chat/completions/'),
  (6, 'https://llm.example.com:8443/a/b'), (7, 'HTTPS://LLM.Example.com/V1'), (8, 'https://llm.example.com/v1/chat'),
  (9, 'https://[2001:DB8::1]/v1'), (10, 'https://llm.example.com/a%20b')) AS v (n, u) ORDER BY n;
SELECT pg_temp.base(u, 'anthropic') FROM (VALUES (1, 'https://proxy.example.com'), (2, 'https://proxy.example.com/v1'),
  (3, 'https://proxy.example.com/v1/messages'), (4, 'https://proxy.example.com/anthropic/v1')) AS v (n, u) ORDER BY n;
SELECT pg_temp.base(u, 'google') FROM (VALUES (1, 'https://proxy.example.com/v1beta'),
  (2, 'https://proxy.example.com/v1beta/models/gemini-2.5-pro:generateContent'), (3, 'https://proxy.example.com/v1beta/models')) AS v (n, u) ORDER BY n;
SELECT pg_temp.base('https://proxy.example.com/openai/v1', 'groq');
-- Refused: what could send the key elsewhere or in the clear.
SELECT pg_temp.base(u) FROM (VALUES (1, 'https://user:secret@llm.example.com'), (2, 'https://llm.example.com?key=1'), (3, 'https://llm.example.com/#x'),
  (4, 'http://llm.example.com'), (5, 'http://10.0.0.7:8000/v1'), (6, 'http://192.168.1.1'), (7, 'http://169.254.169.254/latest'),
  (8, 'ftp://llm.example.com'), (9, 'llm.example.com'), (10, 'https://'), (11, 'https://llm.example.com\@evil.example'),
  (12, 'https://llm.example.com/../x'), (13, 'https://llm.example.com/%2e%2E/x'), (14, E'https://llm.example.com/\r\nHost: evil'),
  (15, 'https://0x7f.1/'), (16, 'https://010.0.0.1'), (17, 'https://llm.example.com:0'), (18, 'https://llm.example.com:99999'),
  (19, 'https://bücher.example'), (20, 'http://user@evil.example?q#f'), (21, 'https://{host}.example.com')) AS v (n, u) ORDER BY n;
SELECT pg_temp.base(u) FROM (VALUES (1, 'http://localhost:8000/v1'), (2, 'http://127.0.0.1:8000'), (3, 'http://127.9.9.9'), (4, 'http://[::1]:8000'),
  (5, 'http://localhost.evil.example')) AS v (n, u) ORDER BY n;
SET llm_admin.plain_http_hosts = 'vllm.internal, 10.0.0.7';
SELECT pg_temp.base(u) FROM (VALUES (1, 'http://VLLM.internal:8000/v1'), (2, 'http://10.0.0.7:8000'), (3, 'http://10.0.0.8:8000')) AS v (n, u) ORDER BY n;
RESET llm_admin.plain_http_hosts;

-- Whatever an application calls its tenants.
SELECT count(pg_temp.put(t, '{"apiKey": "sk-0123456789abcdefghij"}')) FROM unnest(ARRAY['o''Brien', '"quoted"', '日本 🦊', ' ', '$1', '\', repeat('é', 255)]) AS t;
SELECT tenant_id, key_state, get_llm_config(tenant_id) ->> 'maskedKey', decrypt_tenant_key(tenant_id) FROM list_llm_configs() WHERE length(tenant_id) < 20;
SELECT count(*) FROM (SELECT delete_llm_config(tenant_id) FROM llm_configs WHERE tenant_id <> 'acme') AS d;
SELECT pg_temp.message(format(call, quote_nullable(t)))
FROM unnest(ARRAY['', NULL, repeat('x', 256), repeat('x', 1048576), E'a\nb', E'a\x01', E'\x7f']) WITH ORDINALITY AS v (t, n),
  unnest('{SELECT get_llm_config(%s),"SELECT put_llm_config(%s, ''{}'')",SELECT delete_llm_config(%s),"SELECT record_llm_test(%s, true)",
    SELECT resolve_llm(%s),"SELECT build_tenant_request(%s, ''{}'')",SELECT enter_tenant(%s)}'::text[]) WITH ORDINALITY AS c (call, m)
GROUP BY 1 ORDER BY min(n);
SELECT decrypt_tenant_key(NULL) IS NULL, pg_temp.message($$SELECT decrypt_tenant_key('')$$), pg_temp.message($$SELECT decrypt_tenant_key('nobody')$$);
SELECT pg_temp.message($$SELECT put_llm_config('acme', NULL)$$), pg_temp.message($$SELECT build_tenant_request('acme', NULL)$$);

-- Tests of a connection: the key never stands in the result, however the vendor writes it back.
SELECT pg_temp.put('acme', '{"apiKey": "sk-a/b+c=d\"e-0123456789"}') LIKE '{%';
SELECT record_llm_test('acme', true, 120) - 'lastTestedAt';
SELECT (record_llm_test('acme', true, 120) ->> 'lastTestedAt') ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$';
SELECT last_tested_at BETWEEN now() - interval '1 minute' AND now() + interval '1 minute' FROM llm_configs;
SELECT record_llm_test('acme', false, 120, '401: Incorrect API key provided: sk-a/b+c=d"e-0123456789.') ->> 'lastTestResult';
SELECT record_llm_test('acme', false, NULL, m) ->> 'lastTestResult' FROM (VALUES (1, 'GET /?key=sk-a%2Fb%2bc%3Dd%22e-0123456789 failed'),
  (2, '{"error": "sk-a/b+c=d\"e-0123456789"}'), (3, 'sk-a/b+c=d"e-0123456789sk-a/b+c=d"e-0123456789'), (4, 'cut short: sk-a/b+c=d"e-01'),
  (5, ''), (6, NULL)) AS v (n, m) ORDER BY n;
SELECT record_llm_test('acme', false, 7) - 'lastTestedAt', record_llm_test('acme', true, NULL, 'not kept') - 'lastTestedAt';
SELECT length(record_llm_test('acme', false, NULL, repeat('é', 5000)) ->> 'lastTestResult');
-- A key at the end of what is kept is not half a key.
SELECT right(record_llm_test('acme', false, NULL, repeat('x', 1990) || 'sk-a/b+c=d"e-0123456789') ->> 'lastTestResult', 12);
SELECT record_llm_test('acme', true, 0) ->> 'lastTestLatency', record_llm_test('acme', true, 2147483647) ->> 'lastTestLatency';
SELECT pg_temp.message($$SELECT record_llm_test('acme', true, -1)$$), pg_temp.message($$SELECT record_llm_test('acme', NULL)$$),
  pg_temp.message($$SELECT record_llm_test(NULL, NULL, NULL, NULL)$$), pg_temp.message($$SELECT record_llm_test('nobody', true)$$);
-- A key that does not open is masked whole, and a test can be recorded all the same.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE llm_configs SET base_url = 'https://elsewhere.example';
SET LOCAL session_replication_role = origin;
SELECT get_llm_config('acme') ->> 'maskedKey', record_llm_test('acme', false, NULL, 'no') ->> 'lastTestResult';
SELECT pg_temp.message($$SELECT decrypt_tenant_key('acme')$$);
ROLLBACK;
SELECT delete_llm_config('acme'), delete_llm_config('acme');
SELECT get_llm_config('acme');
SELECT count(*) FROM llm_configs;
\pset tuples_only off
-- Nothing in a read-only transaction; reading works there.
BEGIN READ ONLY;
SELECT pg_temp.message($$SELECT put_llm_config('a', '{"apiKey": "sk-0123456789abcdefghij"}')$$) AS put, pg_temp.message($$SELECT delete_llm_config('a')$$) AS delete,
  pg_temp.message($$SELECT record_llm_test('a', true)$$) AS record, get_llm_config('a') AS get;
COMMIT;
DROP EXTENSION llm_admin CASCADE;
