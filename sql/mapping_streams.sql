-- extract_stream: a whole streamed body gives what the plain response would have given.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT provider_name FROM create_provider('Sse', 'https://sse.example', 'm', options => '{"auth_scheme": "none", "response_extractor_config": {"version": "1.1",
  "extraction_rules": {"text_content": "$.text", "finish_reason": "$.end", "model_used": "$.model", "error": "$.error", "tool_calls": "$.calls",
    "usage_stats": {"fields": {"input_tokens": "$.usage.in", "output_tokens": "$.usage.out"}}, "region": "header:x-region"},
  "stream": {"frame": "sse", "done": {"data": "[DONE]"}, "rules": [
    {"when": {"path": "$.error", "exists": true}, "error": "$.error"},
    {"to": "$.model", "op": "set", "from": "$.model"},
    {"to": "$.text", "op": "append", "from": "$.delta", "emit": "text"},
    {"each": "$.calls[*]", "to": "$.calls[{@.n}].id", "op": "set", "from": "@.id"},
    {"each": "$.calls[*]", "to": "$.calls[{@.n}].name", "op": "set", "from": "@.name"},
    {"each": "$.calls[*]", "to": "$.calls[{@.n}].arguments", "op": "append", "from": "@.arguments"},
    {"to": "$.end", "op": "set", "from": "$.end"},
    {"to": "$.usage", "op": "merge", "from": "$.usage"}]}}}');
-- Comment lines, CRLF, several lines of data, fields of no concern.
SELECT jsonb_pretty(extract_stream(E': hello\r\nevent: message\r\ndata: {"model": "m-1", "delta": "Go"}\r\n\r\n: PROCESSING\r\n\r\n'
  'data: {"delta":\r\ndata: "od day", "usage": {"in": 3}}\r\n\r\nid: 7\r\ndata: {"end": "stop", "usage": {"out": 2, "in": null}}\r\n\r\ndata: [DONE]\r\n\r\n',
  'sse', 200, '{"X-Region": "eu"}') - 'message');
-- The same from the document at once.
SELECT extract_stream(E'data: {"model": "m-1", "delta": "Good day", "end": "stop", "usage": {"in": 3, "out": 2}}\n\ndata: [DONE]\n\n', 'sse', 200)
  = extract_response('{"model": "m-1", "text": "Good day", "end": "stop", "usage": {"in": 3, "out": 2}}', 'sse', 200) AS same;
-- Tool calls in pieces, at their places.
SELECT extract_stream(E'data: {"calls": [{"n": 0, "id": "c1", "name": "f", "arguments": "{\\"a\\""}]}\n\ndata: {"calls": [{"n": 1, "id": "c2", "name": "g"}, {"n": 0, "arguments": ": 1}"}]}\n\n'
  'data: {"end": "tool_calls"}\n\ndata: [DONE]\n\n', 'sse') -> 'tool_calls' AS calls;
-- Broken off: what there was, and a retryable error; not with a finish reason.
SELECT r -> 'text' AS text, r -> 'error' AS error FROM extract_stream(E'data: {"delta": "Half of th"}\n\n', 'sse') r;
SELECT r -> 'text' AS text, r -> 'error' AS error FROM extract_stream(E'data: {"delta": "All", "end": "stop"}\n\n', 'sse') r;
-- An error in mid-stream.
SELECT r -> 'text' AS text, r -> 'error' AS error FROM extract_stream(
  E'data: {"delta": "A"}\n\ndata: {"error": {"code": 529, "message": "overloaded"}}\n\ndata: {"delta": "B"}\n\n', 'sse') r;
-- No stream at all: an error document, a page, nothing.
SELECT extract_stream('{"error": {"code": 401, "message": "who are you"}}', 'sse', 401) -> 'error' AS error;
SELECT extract_stream('<html><body>502 Bad Gateway</body></html>', 'sse', 502) -> 'error' AS error;
SELECT extract_stream('', 'sse', 503) -> 'error' AS error;
SELECT extract_stream(NULL, 'sse', 503) -> 'error' AS error;
SELECT pg_temp.message($$SELECT extract_stream('', 'sse', 200)$$);
SELECT pg_temp.outcome($$SELECT extract_stream('', 'sse', 200, '[1]')$$);
SELECT pg_temp.message($$SELECT extract_stream('', 'ssee')$$);
-- A mapping without `stream`.
SELECT provider_name FROM create_provider('Plain', 'https://plain.example', 'm', options => '{"auth_scheme": "none", "response_extractor_config": {"version": "1.1",
  "extraction_rules": {"text_content": "$.text", "usage_stats": {"fields": {}}}}}');
SELECT pg_temp.outcome($$SELECT extract_stream(E'data: {"text": "x"}\n\n', 'plain')$$);
-- Lines of JSON, and one array; done by a condition, and at the end.
UPDATE llm_provider_configs SET response_extractor_config = '{"version": "1.1", "extraction_rules": {"text_content": "$.text", "usage_stats": {"fields": {}}, "finish_reason": "$.end"},
  "stream": {"frame": "ndjson", "done": {"when": {"path": "$.done", "eq": true}}, "rules": [{"to": "$.text", "op": "append", "from": "$.t"}, {"to": "$.end", "op": "set", "from": "$.why"}]}}'
  WHERE provider_name = 'plain';
SELECT r -> 'text' AS text, r -> 'finish_reason' AS finish, r -> 'error' AS error FROM extract_stream(E'{"t": "a"}\n\n{"t": "b"}\n{"done": true, "why": "stop"}\n', 'plain') r;
UPDATE llm_provider_configs SET response_extractor_config = jsonb_set(jsonb_set(response_extractor_config, '{stream,frame}', '"json_array"'), '{stream,done}', '"eof"')
  WHERE provider_name = 'plain';
SELECT r -> 'text' AS text, r -> 'finish_reason' AS finish, r -> 'error' AS error FROM extract_stream('[{"t": "a"}, {"t": "b", "why": "length"}]', 'plain') r;
-- Bounds hold for streams, too.
SET llm_admin.max_output_bytes = '1kB';
SELECT pg_temp.message($$SELECT extract_stream('[' || repeat('{"t": "0123456789"},', 200) || '{"why": "stop"}]', 'plain')$$);
RESET llm_admin.max_output_bytes;
DROP EXTENSION llm_admin CASCADE;
