-- extract_response: the vendors' documented answers in one form; errors, warnings, limits.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) FROM seed();
-- Members in which a result differs from what is expected; members left out of `expected` must be empty.
CREATE FUNCTION pg_temp.check(result jsonb, expected jsonb) RETURNS TABLE (at text, is jsonb, should_be jsonb) LANGUAGE sql AS $$
  SELECT * FROM pg_temp.differences(result, '{"text": null, "reasoning": null, "tool_calls": [], "finish_reason": null, "usage": null, "usage_raw": null,
    "model": null, "provider_request_id": null, "reported_cost_usd": null, "message": null, "provider_state": null, "extra": {}, "error": null,
    "choices": [], "parts": [], "citations": [], "logprobs": null, "unread": [], "warnings": []}' || expected)
$$;

-- Chat completions: text, usage with its parts, and the message that goes back into the next call.
SELECT * FROM pg_temp.check(extract_response('{
  "id": "chatcmpl-1", "object": "chat.completion", "created": 1741569952, "model": "gpt-4.1-2025-04-14",
  "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello!", "refusal": null, "annotations": []}, "logprobs": null, "finish_reason": "stop"}],
  "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
            "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 3}},
  "service_tier": "default"}', 'chatgpt', 200), '{
  "text": "Hello!", "finish_reason": "stop", "model": "gpt-4.1-2025-04-14", "provider_request_id": "chatcmpl-1",
  "usage": {"input_tokens": 19, "output_tokens": 10, "total_tokens": 29, "cached_tokens": 4, "cache_write_tokens": 0, "cache_write_1h_tokens": 0,
            "reasoning_tokens": 3, "service_tier": "default"},
  "usage_raw": {"input_tokens": 19, "output_tokens": 10, "cached_tokens": 4, "reasoning_tokens": 3, "service_tier": "default", "prompt_tokens": 19,
    "completion_tokens": 10, "total_tokens": 29, "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 3}},
  "message": {"role": "assistant", "content": "Hello!"}}');
-- Tool calls: arguments are JSON even where the vendor sends text, and stay text where that is none.
SELECT * FROM pg_temp.check(extract_response('{"choices": [{"message": {"role": "assistant", "content": null, "tool_calls": [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Paris\"}"}},
    {"id": "call_2", "type": "function", "function": {"name": "broken", "arguments": "{not json"}}]}, "finish_reason": "tool_calls"}]}', 'chatgpt'), '{
  "tool_calls": [{"id": "call_1", "name": "weather", "arguments": {"city": "Paris"}}, {"id": "call_2", "name": "broken", "arguments": "{not json"}],
  "finish_reason": "tool_calls",
  "message": {"role": "assistant", "content": null, "tool_calls": [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Paris\"}"}},
    {"id": "call_2", "type": "function", "function": {"name": "broken", "arguments": "{not json"}}]}}');
-- Reasoning in a member of its own; counts as floats; a finish reason that is none of ours; a refusal.
SELECT * FROM pg_temp.check(extract_response('{"choices": [{"message": {"content": "A", "reasoning_content": "because"}, "finish_reason": "function_call"}],
  "usage": {"prompt_tokens": 5.0, "completion_tokens": 2e1}}', 'chatgpt'), '{"text": "A", "reasoning": "because", "finish_reason": "tool_calls",
  "usage": {"input_tokens": 5, "output_tokens": 20, "total_tokens": 25, "cached_tokens": 0, "cache_write_tokens": 0, "cache_write_1h_tokens": 0, "reasoning_tokens": 0, "service_tier": null},
  "usage_raw": {"input_tokens": 5, "output_tokens": 20, "prompt_tokens": 5.0, "completion_tokens": 20}, "message": {"role": "assistant", "content": "A"}}');
SELECT * FROM pg_temp.check(extract_response('{"choices": [{"message": {"content": null, "refusal": "No."}, "finish_reason": "content_filter"}]}', 'chatgpt'),
  '{"finish_reason": "content_filter", "extra": {"refusal": "No."}, "message": {"role": "assistant", "content": ""}}');

-- The Responses API of the active provider: text lies spread over output[].
SELECT * FROM pg_temp.check(extract_response('{
  "id": "resp_1", "object": "response", "status": "completed", "model": "openai/gpt-oss-120b", "error": null, "incomplete_details": null,
  "output": [
    {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "Think "}, {"type": "reasoning_text", "text": "more"}]},
    {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "Once ", "annotations": []}, {"type": "output_text", "text": "upon", "annotations": []}]},
    {"type": "message", "id": "msg_2", "role": "assistant", "content": [{"type": "output_text", "text": " a time"}]}],
  "usage": {"input_tokens": 36, "input_tokens_details": {"cached_tokens": 6}, "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 7}, "total_tokens": 123}}'),
  '{"text": "Once upon a time", "reasoning": "Think \nmore", "finish_reason": "stop", "model": "openai/gpt-oss-120b", "provider_request_id": "resp_1",
    "usage": {"input_tokens": 36, "output_tokens": 87, "total_tokens": 123, "cached_tokens": 6, "cache_write_tokens": 0, "cache_write_1h_tokens": 0, "reasoning_tokens": 7, "service_tier": null},
    "usage_raw": {"input_tokens": 36, "output_tokens": 87, "cached_tokens": 6, "reasoning_tokens": 7, "total_tokens": 123,
      "input_tokens_details": {"cached_tokens": 6}, "output_tokens_details": {"reasoning_tokens": 7}}, "extra": {"status": "completed"},
    "message": {"role": "assistant", "content": "Once upon a time", "provider_state": [{"type": "reasoning", "id": "rs_1", "summary": [],
      "content": [{"type": "reasoning_text", "text": "Think "}, {"type": "reasoning_text", "text": "more"}]}]},
    "provider_state": [{"type": "reasoning", "id": "rs_1", "summary": [],
      "content": [{"type": "reasoning_text", "text": "Think "}, {"type": "reasoning_text", "text": "more"}]}]}');
SELECT r ->> 'text' AS text, r ->> 'finish_reason' AS finish, r -> 'extra' AS extra
FROM extract_response('{"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": [{"type": "message", "content": [{"type": "output_text", "text": "Once"}]}]}', 'groq') r;

-- OpenRouter: an error inside HTTP 200, the cost that was charged.
SELECT * FROM pg_temp.check(extract_response('{"error": {"code": 502, "message": "Provider returned error", "metadata": {"provider_name": "X"}}, "user_id": "u"}', 'openrouter', 200),
  '{"error": {"kind": "server", "type": null, "code": 502, "message": "Provider returned error", "retryable": true, "retry_after_ms": null,
    "detail": {"code": 502, "message": "Provider returned error", "metadata": {"provider_name": "X"}}}}');
SELECT r ->> 'text' AS text, r -> 'error' AS error FROM extract_response('{"id": "gen-1", "choices": [{"error": {"code": 429, "message": "Rate limited upstream"},
  "message": {"content": "half an"}, "finish_reason": "error"}]}', 'openrouter', 200) r;
SELECT r -> 'reported_cost_usd' AS cost, r -> 'extra' AS extra, r -> 'usage' -> 'cache_write_tokens' AS written FROM extract_response('{"provider": "Groq", "choices": [{"message": {"content": "x"}}],
  "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.00014, "prompt_tokens_details": {"cache_write_tokens": 9}}}', 'openrouter') r;

-- Gemini: parts, thoughts, usage under other names, errors as an array of one.
SELECT * FROM pg_temp.check(extract_response('{"candidates": [{"content": {"role": "model", "parts": [{"text": "thinking", "thought": true}, {"text": "Hel"}, {"text": "lo"}]}, "finishReason": "STOP", "index": 0}],
  "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 3, "totalTokenCount": 27, "thoughtsTokenCount": 20}, "modelVersion": "gemini-2.5-flash", "responseId": "r1"}', 'google_ai'),
  '{"text": "Hello", "reasoning": "thinking", "finish_reason": "stop", "model": "gemini-2.5-flash", "provider_request_id": "r1",
    "usage": {"input_tokens": 4, "output_tokens": 23, "total_tokens": 27, "cached_tokens": 0, "cache_write_tokens": 0, "cache_write_1h_tokens": 0, "reasoning_tokens": 20, "service_tier": null},
    "usage_raw": {"input_tokens": 4, "output_tokens": 23, "reasoning_tokens": 20, "promptTokenCount": 4, "candidatesTokenCount": 3,
      "thoughtsTokenCount": 20, "totalTokenCount": 27}, "extra": {"finish_reason_raw": "STOP"}, "message": {"role": "assistant", "content": "Hello"}}');
SELECT r -> 'error' AS error FROM extract_response('[{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}]', 'google_ai', 503) r;
SELECT r -> 'error' AS error, r ->> 'finish_reason' AS finish FROM extract_response('{"promptFeedback": {"blockReason": "SAFETY"}}', 'google_ai', 200) r;

-- HTTP status: without a rule that matches, http_<n>; what may be tried again.
SELECT status, r -> 'error' -> 'type' AS type, r -> 'error' -> 'retryable' AS retryable FROM unnest(ARRAY[400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 499, 500, 502, 503, 529]) status,
  extract_response('{}', 'chatgpt', status) r;
SELECT r -> 'error' FROM extract_response('{"error": {"message": "Incorrect API key provided", "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}}', 'chatgpt', 401) r;
SELECT r -> 'error' FROM extract_response('{"error": "just a text"}', 'chatgpt', 500) r;
SELECT r -> 'error' FROM extract_response('"a text"', 'chatgpt', 418) r;
SELECT r -> 'error' FROM extract_response('{"message": "no such path"}', 'chatgpt', 404) r;

-- LA003 only when nothing is found: text, tool call, finish reason or error.
CREATE FUNCTION pg_temp.refused(response text, provider text DEFAULT 'chatgpt', rest text DEFAULT '') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome(format('SELECT extract_response(%L, %L%s)', response, provider, rest))
$$;
SELECT pg_temp.refused('{}');
SELECT pg_temp.refused('[]');
SELECT pg_temp.refused('null');
SELECT pg_temp.refused('{"usage": {"prompt_tokens": 1}}');
SELECT pg_temp.refused('{"choices": []}', 'openrouter');
SELECT pg_temp.outcome($$SELECT extract_response(NULL, 'chatgpt')$$);
SELECT r ->> 'finish_reason' AS finish, r -> 'text' AS text FROM extract_response('{"choices": [{"finish_reason": "stop", "message": {"content": null}}]}', 'chatgpt') r;
SELECT r -> 'text' AS text, r -> 'message' AS message FROM extract_response('{"choices": [{"message": {"content": ""}}]}', 'chatgpt') r;
SELECT pg_temp.refused('{}', 'nobody');
SELECT pg_temp.outcome($$SELECT extract_response('{}', 'chatgpt', 200, '[]')$$);

-- Members of another kind than documented: a warning that says where, the rest is still read.
SELECT r ->> 'text' AS text, r -> 'usage' AS usage, jsonb_pretty(r -> 'extra' -> 'mapping_warnings') AS warnings
FROM extract_response('{"choices": [{"message": {"content": "x", "tool_calls": "none"}, "finish_reason": {"a": 1}}], "usage": {"prompt_tokens": "many", "completion_tokens": -1}}', 'chatgpt') r;
SELECT r ->> 'text' FROM extract_response('{"choices": [{"message": {"content": 5}}]}', 'chatgpt') r;

-- Headers and status as sources; extra members; required and defaults.
SELECT provider_name FROM create_provider('Own', 'https://own.example', 'm', options => '{"response_extractor_config": {"version": "1.0", "extraction_rules": {
  "text_content": {"source": "$.answer.text", "required": true}, "usage_stats": {"fields": {"input_tokens": "$.n"}}, "provider_request_id": "header:X-Request-Id",
  "http": "status", "kind": {"source": "$.kind", "default": "none"}, "who": "provider:display_name", "last": "$.list[-1]", "odd": "$[\"a b\"][''c.d'']", "picked": "$.list[?(@.x != 1)].x"}}}');
SELECT * FROM pg_temp.check(extract_response('{"answer": {"text": "T"}, "n": 3, "list": [{"x": 1}, {"x": 2}, {"y": 3}], "a b": {"c.d": true}}', 'own', 200, '{"x-request-id": "req-9"}'),
  '{"text": "T", "usage": {"input_tokens": 3, "output_tokens": 0, "total_tokens": 3, "cached_tokens": 0, "cache_write_tokens": 0, "cache_write_1h_tokens": 0, "reasoning_tokens": 0, "service_tier": null},
    "usage_raw": {"input_tokens": 3}, "provider_request_id": "req-9", "message": {"role": "assistant", "content": "T"},
    "extra": {"http": 200, "kind": "none", "who": "Own", "last": {"y": 3}, "odd": true, "picked": 2}}');
SELECT pg_temp.refused('{"n": 1}', 'own');
SELECT r -> 'error' -> 'type' AS type FROM extract_response('{"n": 1}', 'own', 500) r;
-- Late answers of a disabled provider are still read.
UPDATE llm_provider_configs SET is_enabled = false WHERE provider_name = 'own';
SELECT extract_response('{"answer": {"text": "late"}}', 'own') ->> 'text';

-- Large and odd documents: nothing crashes, numbers keep every digit, the result is bounded.
SELECT length(extract_response(jsonb_build_object('rest', repeat('x', 10000000), 'answer', '{"text": "ok"}'::jsonb), 'own') ->> 'text');
SELECT length(extract_response(jsonb_build_object('answer', jsonb_build_object('text', repeat('x', 7000000))), 'own') ->> 'text');
SELECT pg_temp.outcome($$SELECT extract_response(jsonb_build_object('answer', jsonb_build_object('text', repeat('x', 10000000))), 'own')$$);
SELECT extract_response(jsonb_build_object('deep', (repeat('[', 10000) || repeat(']', 10000))::jsonb, 'answer', '{"text": "ok"}'::jsonb), 'own') ->> 'text';
SELECT pg_temp.refused((repeat('{"choices":[', 4000) || '1' || repeat(']}', 4000)));
SELECT length(r -> 'extra' ->> 'last') FROM extract_response(jsonb_build_object('answer', '{"text": "ok"}'::jsonb, 'list', jsonb_build_array(repeat('7', 10000)::numeric)), 'own') r;
SELECT r ->> 'text', r -> 'usage' AS usage, length(r -> 'extra' -> 'mapping_warnings' -> 0 ->> 'message') < 200 AS short
FROM extract_response(jsonb_build_object('answer', '{"text": "ok"}'::jsonb, 'n', repeat('7', 10000)::numeric), 'own') r;
SET llm_admin.max_matches = 1000;
SELECT pg_temp.refused(jsonb_build_object('answer', '{"text": "ok"}'::jsonb, 'list', (SELECT jsonb_agg('{"x": 1}'::jsonb) FROM generate_series(1, 2000)))::text, 'own');
RESET llm_admin.max_matches;
SELECT extract_response(jsonb_build_object('answer', '{"text": "ok"}'::jsonb, 'list', (SELECT jsonb_agg('{"x": 1}'::jsonb) FROM generate_series(1, 2000))), 'own') ->> 'text';
SET llm_admin.max_output_bytes = '1kB';
SELECT pg_temp.refused(jsonb_build_object('answer', jsonb_build_object('text', repeat('x', 2000)))::text, 'own');
RESET llm_admin.max_output_bytes;

-- What comes back builds the next request as it is.
SELECT provider_name FROM create_provider('Chat', 'https://chat.example', 'm', options => '{"auth_scheme": "none"}');
SELECT jsonb_pretty(b.body -> 'messages' -> 1) FROM extract_response('{"choices": [{"message": {"content": "A", "tool_calls": [
  {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}}]}', 'chat') r,
  LATERAL build_request(jsonb_build_object('messages', jsonb_build_array('{"role": "user", "content": "Q"}'::jsonb, r -> 'message')), 'chat') b;
DROP EXTENSION llm_admin CASCADE;
