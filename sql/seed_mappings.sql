-- The shipped providers: seeding, the mapping of every row, requests built, responses read, the undoing.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS llm_admin;
RESET client_min_messages;
SET search_path = llm_admin, public;

-- Seeding adds what is missing, in the printed order, and changes nothing the second time.
BEGIN;
DELETE FROM llm_provider_configs WHERE NOT is_active;
UPDATE llm_provider_configs SET is_active = false WHERE is_active;
DELETE FROM llm_provider_configs;
SELECT * FROM seed();
SELECT * FROM seed();
SELECT provider_name, display_name, is_active, is_enabled, api_key_encrypted, config_version
FROM llm_provider_configs ORDER BY provider_name;
SELECT provider_name, action FROM llm_provider_config_history
WHERE provider_id IN (SELECT id FROM llm_provider_configs) ORDER BY provider_id, action;

-- The stored rows are the shipped ones.
SELECT count(*) FROM shipped_providers() s
JOIN llm_provider_configs p USING (provider_name, display_name, base_url, endpoint_path_template, http_method,
  auth_scheme, request_builder_config, response_extractor_config, default_model, model_capabilities, is_enabled)
WHERE p.auth_header_template IS NOT DISTINCT FROM s.auth_header_template;

-- No problem in any shipped mapping, not even a warning.
SELECT s.provider_name, c.* FROM shipped_providers() s,
  config_problems(s.request_builder_config, s.response_extractor_config) c;
SELECT d.dialect, c.* FROM shipped_dialects() d,
  config_problems(d.request_builder_config, d.response_extractor_config) c;

-- Other names: lower case, none a provider's own, each leads to a provider that ships; an edited one stays.
SELECT a.alias, a.provider_name FROM shipped_provider_aliases() a
WHERE a.alias <> lower(a.alias) OR a.alias IN (SELECT provider_name FROM shipped_providers())
   OR a.provider_name NOT IN (SELECT provider_name FROM shipped_providers());
UPDATE provider_aliases SET provider_name = 'groq' WHERE alias = 'grok';
DELETE FROM provider_aliases WHERE alias = 'azure';
SELECT * FROM seed_provider_aliases() WHERE item IN ('alias grok', 'alias azure');
SELECT alias, provider_name FROM provider_aliases ORDER BY alias;

-- A disabled provider builds nothing; with a key (here one that an outside KMS keeps) it can be enabled.
SAVEPOINT disabled;
SELECT * FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'openrouter');
ROLLBACK TO disabled;
UPDATE llm_provider_configs SET is_enabled = true WHERE provider_name = 'openrouter';
ROLLBACK TO disabled;
UPDATE llm_provider_configs SET api_key_encrypted = 'kms:example', is_enabled = true WHERE provider_name <> 'groq';

-- Requests. The active provider speaks the Responses API.
SELECT method, url, headers, provider_name, model FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}');
SELECT jsonb_pretty(body) FROM build_request($${
  "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
  "temperature": 0.2, "top_p": 0.9, "max_tokens": 200, "tool_choice": "auto", "parallel_tool_calls": false,
  "reasoning_effort": "low", "user": "u1", "metadata": {"k": "v"}, "stream": false,
  "response_format": {"type": "json_schema",
                      "json_schema": {"name": "answer", "strict": true, "schema": {"type": "object"}}},
  "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
  "extra_body": {"reasoning": {"summary": "auto"}}
}$$);
SELECT url, model, body FROM build_request($${
  "messages": [{"role": "user", "content": "Hi"}], "max_output_tokens": 5, "top_k": 4, "reasoning_effort": "low",
  "extra_body": {"reasoning": {"exclude": true}, "provider": {"sort": "price"}}}$$, 'openrouter');
SELECT url, model, body FROM build_request($${
  "model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5, "stop": "END",
  "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
  "response_format": {"type": "json_object"}}$$, 'chatgpt');
SELECT url, model, jsonb_pretty(body) FROM build_request($${
  "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}], "max_tokens": 5,
  "stop": "END", "temperature": 0, "top_p": 0.5, "top_k": 40, "seed": 7, "response_format": {"type": "json_object"},
  "extra_body": {"safetySettings": []}}$$, 'google_ai');
SELECT url FROM build_request('{"model": "a/b c", "messages": [{"role": "user", "content": "Hi"}]}', 'google_ai');

-- What a vendor takes in another form is refused, all of it at once, and left out on request.
SAVEPOINT refused;
SELECT * FROM build_request('{"messages": [{"role": "user", "content": "Hi"}], "stop": ["x"], "seed": 1, "max_output_tokens": 70000}');
ROLLBACK TO refused;
SELECT * FROM build_request('{"messages": [{"role": "user", "content": "Hi"}], "temperature": "warm", "tool_choice": "auto"}');
ROLLBACK TO refused;
SELECT * FROM build_request('{"messages": [{"role": "user", "content": "Hi"}], "parallel_tool_calls": true, "metadata": {}}', 'google_ai');
ROLLBACK TO refused;
SELECT body FROM build_request('{"messages": [{"role": "user", "content": "Hi"}], "stop": ["x"], "seed": 1, "drop_params": true}');

-- Responses in the vendors' documented shapes.
CREATE FUNCTION pg_temp.extracted(response jsonb, provider text, status integer DEFAULT NULL)
RETURNS TABLE (member text, value jsonb) LANGUAGE sql AS $$
  SELECT key, value FROM jsonb_each(llm_admin.extract_response(response, provider, status))
  WHERE value NOT IN ('null', '[]', '{}') AND key <> 'usage_raw' ORDER BY key COLLATE "C"
$$;
SELECT * FROM pg_temp.extracted($${
  "id": "resp_1", "object": "response", "status": "completed", "created_at": 1, "model": "openai/gpt-oss-120b",
  "output": [
    {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "Think."}]},
    {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [
      {"type": "output_text", "text": "Hel", "annotations": []},
      {"type": "output_text", "text": "lo", "annotations": []}]}],
  "incomplete_details": null, "error": null, "service_tier": "default",
  "usage": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 7}, "total_tokens": 30}}$$, 'groq');
SELECT * FROM pg_temp.extracted($${
  "id": "resp_2", "status": "incomplete", "incomplete_details": {"reason": "content_filter"}, "error": null,
  "output": [{"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"}]}$$, 'groq');
SELECT * FROM pg_temp.extracted(
  '{"error": {"message": "Rate limit reached", "type": "tokens", "code": "rate_limit_exceeded"}}', 'groq', 429);
SELECT * FROM pg_temp.extracted($${
  "id": "gen-1", "provider": "Upstream", "model": "openai/gpt-oss-120b",
  "choices": [{"index": 0, "finish_reason": "stop",
               "message": {"role": "assistant", "content": "Hi", "reasoning": "Short."}}],
  "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.00012, "is_byok": false,
            "prompt_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 1},
            "cost_details": {"upstream_inference_cost": null}}}$$, 'openrouter');
-- An error with HTTP 200, and one inside the choice.
SELECT * FROM pg_temp.extracted(
  '{"error": {"code": 429, "message": "Provider returned error", "metadata": {"raw": "x"}}}', 'openrouter', 200);
SELECT * FROM pg_temp.extracted($${"id": "gen-2", "choices": [
  {"finish_reason": "error", "error": {"code": 502, "message": "Upstream failed"}, "message": {"content": "par"}}]}$$,
  'openrouter', 200);
SELECT * FROM pg_temp.extracted($${
  "candidates": [{"content": {"role": "model", "parts": [
    {"text": "Think.", "thought": true}, {"text": "Hel"}, {"text": "lo"}]}, "finishReason": "STOP", "index": 0}],
  "usageMetadata": {"promptTokenCount": 8, "cachedContentTokenCount": 2, "candidatesTokenCount": 4,
                    "thoughtsTokenCount": 16, "totalTokenCount": 28},
  "modelVersion": "gemini-2.5-flash", "responseId": "r1"}$$, 'google_ai');
SELECT * FROM pg_temp.extracted('{"promptFeedback": {"blockReason": "SAFETY"}}', 'google_ai');
SELECT * FROM pg_temp.extracted(
  '[{"error": {"code": 503, "message": "The model is overloaded", "status": "UNAVAILABLE"}}]', 'google_ai', 503);
SELECT * FROM pg_temp.extracted($${
  "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4.1-2025-04-14", "service_tier": "default",
  "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
    "role": "assistant", "content": null, "refusal": null, "tool_calls": [
      {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1}"}}]}}],
  "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}$$, 'chatgpt');
ROLLBACK;

-- Removing: the active one is refused, edited ones and those with a key stay, the rest goes.
BEGIN;
UPDATE llm_provider_configs SET is_active = false WHERE is_active;
DELETE FROM llm_provider_configs;
SELECT count(*) > 0 AS seeded FROM seed();
UPDATE llm_provider_configs SET api_key_encrypted = 'kms:example' WHERE provider_name = 'openrouter';
UPDATE llm_provider_configs SET default_model = 'other' WHERE provider_name = 'chatgpt';
SELECT * FROM remove_seed_providers();
SELECT provider_name FROM llm_provider_configs ORDER BY provider_name;
UPDATE llm_provider_configs SET is_active = false WHERE is_active;
SELECT * FROM remove_seed_providers();
SELECT provider_name, action FROM provider_history(since => now())
WHERE action = 'deleted' AND config_snapshot ->> 'default_model' <> '' ORDER BY provider_name;
-- While another provider is active, a seeded one does not take its place.
INSERT INTO llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template, default_model,
  request_builder_config, response_extractor_config, auth_scheme, is_active)
SELECT 'own', 'Own', 'http://127.0.0.1:8000/v1', d.endpoint_path_template, 'm', d.request_builder_config,
  d.response_extractor_config, 'none', true
FROM shipped_dialects() d WHERE d.dialect = 'openai_chat';
SELECT * FROM seed();
SELECT provider_name, is_active FROM llm_provider_configs ORDER BY provider_name;
ROLLBACK;
