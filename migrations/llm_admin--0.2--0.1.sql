-- migrations/llm_admin--0.2--0.1.sql.in
-- Back to 0.1: the functions of mapping 1.1 leave, the shipped rows are those of 0.1 again. No row of a table changes;
-- the library that runs 0.2 goes on running what is written in mapping 1.1.
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

CREATE OR REPLACE FUNCTION llm_admin.shipped_dialects()
  RETURNS TABLE (
    dialect pg_catalog.text, endpoint_path_template pg_catalog.text, auth_scheme pg_catalog.text,
    auth_header_template pg_catalog.text, http_method pg_catalog.text, request_builder_config pg_catalog.jsonb,
    response_extractor_config pg_catalog.jsonb)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
  BEGIN ATOMIC
    SELECT 'openai_chat'::pg_catalog.text, '/chat/completions'::pg_catalog.text, 'bearer'::pg_catalog.text,
      'Authorization: Bearer {api_key}'::pg_catalog.text, 'POST'::pg_catalog.text,
      $json${
        "version": "1.0",
        "payload_structure": {
          "model": {"source": "param:model_name", "type": "string", "required": true},
          "messages": {"source": "param:messages", "required": true},
          "temperature": {"source": "param:temperature", "type": "number"},
          "top_p": {"source": "param:top_p", "type": "number"},
          "max_tokens": {"source": "param:max_output_tokens", "type": "integer"},
          "stop": {"source": "param:stop"},
          "seed": {"source": "param:seed", "type": "integer"},
          "tools": {"source": "param:tools"},
          "tool_choice": {"source": "param:tool_choice"},
          "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
          "response_format": {"source": "param:response_format", "type": "object"},
          "reasoning_effort": {"source": "param:reasoning_effort", "type": "string"},
          "user": {"source": "param:user", "type": "string"},
          "metadata": {"source": "param:metadata", "type": "object"},
          "stream": {"source": "param:stream", "type": "boolean"}
        }
      }$json$::pg_catalog.jsonb,
      $json${
        "version": "1.0",
        "extraction_rules": {
          "text_content": {"type": "string", "paths": ["$.choices[0].message.content"]},
          "reasoning_content": {
            "type": "string", "paths": ["$.choices[0].message.reasoning_content", "$.choices[0].message.reasoning"]
          },
          "tool_calls": {"type": "array", "paths": ["$.choices[0].message.tool_calls"]},
          "finish_reason": {"type": "string", "paths": ["$.choices[0].finish_reason"]},
          "usage_stats": {
            "type": "object",
            "fields": {
              "input_tokens": {"type": "integer", "paths": ["$.usage.prompt_tokens"]},
              "output_tokens": {"type": "integer", "paths": ["$.usage.completion_tokens"]},
              "cached_tokens": {"type": "integer", "paths": ["$.usage.prompt_tokens_details.cached_tokens"]},
              "cache_write_tokens": {
                "type": "integer", "paths": ["$.usage.prompt_tokens_details.cache_write_tokens"]
              },
              "reasoning_tokens": {
                "type": "integer", "paths": ["$.usage.completion_tokens_details.reasoning_tokens"]
              },
              "service_tier": {"type": "string", "paths": ["$.service_tier"]}
            }
          },
          "model_used": {"type": "string", "paths": ["$.model"]},
          "provider_request_id": {"type": "string", "paths": ["$.id"]},
          "refusal": {"type": "string", "paths": ["$.choices[0].message.refusal"]},
          "error": {"paths": ["$.error"]}
        }
      }$json$::pg_catalog.jsonb;
  END;

CREATE OR REPLACE FUNCTION llm_admin.shipped_providers()
  RETURNS TABLE (
    provider_name pg_catalog.text, display_name pg_catalog.text, description pg_catalog.text,
    auth_scheme pg_catalog.text, auth_header_template pg_catalog.text, base_url pg_catalog.text,
    endpoint_path_template pg_catalog.text, http_method pg_catalog.text, additional_headers pg_catalog.jsonb,
    request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb,
    default_model pg_catalog.text, supported_models pg_catalog.jsonb, model_capabilities pg_catalog.jsonb,
    context_window_tokens pg_catalog.int4, max_output_tokens_limit pg_catalog.int4, is_active pg_catalog.bool,
    is_enabled pg_catalog.bool)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 4
  BEGIN ATOMIC
    WITH chat AS (
      SELECT d.request_builder_config AS request, d.response_extractor_config AS response
      FROM llm_admin.shipped_dialects() d
      WHERE d.dialect OPERATOR(pg_catalog.=) 'openai_chat'
    ), shipped (
      position, provider_name, display_name, description, auth_scheme, auth_header_template, base_url,
      endpoint_path_template, http_method, additional_headers, request_builder_config, response_extractor_config,
      default_model, supported_models, model_capabilities, context_window_tokens, max_output_tokens_limit,
      is_active, is_enabled
    ) AS (
      -- The Responses API: structured output stands flat under text.format, the answer is spread over output[].
      SELECT 1, 'groq'::pg_catalog.text, 'Groq'::pg_catalog.text,
        ('Groq''s Responses API. Messages go into input: role and text, content parts in the form of that API. '
         'Tools are flat there and go under extra_body.')::pg_catalog.text,
        'bearer'::pg_catalog.text, 'Authorization: Bearer {api_key}'::pg_catalog.text,
        'https://api.groq.com'::pg_catalog.text, '/openai/v1/responses'::pg_catalog.text,
        'POST'::pg_catalog.text, NULL::pg_catalog.jsonb,
        $json${
          "version": "1.0",
          "payload_structure": {
            "model": {"source": "param:model_name", "type": "string", "required": true},
            "messages": {"source": "param:messages", "required": true, "path": "input"},
            "temperature": {"source": "param:temperature", "type": "number"},
            "top_p": {"source": "param:top_p", "type": "number"},
            "max_output_tokens": {"source": "param:max_output_tokens", "type": "integer"},
            "tool_choice": {"source": "param:tool_choice", "type": "string"},
            "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
            "reasoning_effort": {"source": "param:reasoning_effort", "type": "string", "path": "reasoning.effort"},
            "format_type": {"source": "param:response_format.type", "type": "string", "path": "text.format.type"},
            "format_name": {
              "source": "param:response_format.json_schema.name", "type": "string", "path": "text.format.name"
            },
            "format_description": {
              "source": "param:response_format.json_schema.description", "type": "string",
              "path": "text.format.description"
            },
            "format_schema": {
              "source": "param:response_format.json_schema.schema", "type": "object", "path": "text.format.schema"
            },
            "format_strict": {
              "source": "param:response_format.json_schema.strict", "type": "boolean", "path": "text.format.strict"
            },
            "user": {"source": "param:user", "type": "string"},
            "metadata": {"source": "param:metadata", "type": "object"},
            "stream": {"source": "param:stream", "type": "boolean"}
          }
        }$json$::pg_catalog.jsonb,
        $json${
          "version": "1.0",
          "extraction_rules": {
            "text_content": {
              "type": "string",
              "paths": ["$.output[?(@.type == \"message\")].content[?(@.type == \"output_text\")].text"],
              "join": ""
            },
            "reasoning_content": {
              "type": "string",
              "paths": [
                "$.output[?(@.type == \"reasoning\")].content[?(@.type == \"reasoning_text\")].text",
                "$.output[?(@.type == \"reasoning\")].summary[?(@.type == \"summary_text\")].text"
              ],
              "join": "\n"
            },
            "finish_reason": {"type": "string", "paths": ["$.incomplete_details.reason", "$.status"]},
            "usage_stats": {
              "type": "object",
              "fields": {
                "input_tokens": {"type": "integer", "paths": ["$.usage.input_tokens"]},
                "output_tokens": {"type": "integer", "paths": ["$.usage.output_tokens"]},
                "cached_tokens": {"type": "integer", "paths": ["$.usage.input_tokens_details.cached_tokens"]},
                "cache_write_tokens": {
                  "type": "integer", "paths": ["$.usage.input_tokens_details.cache_write_tokens"]
                },
                "reasoning_tokens": {
                  "type": "integer", "paths": ["$.usage.output_tokens_details.reasoning_tokens"]
                },
                "service_tier": {"type": "string", "paths": ["$.service_tier"]}
              }
            },
            "model_used": {"type": "string", "paths": ["$.model"]},
            "provider_request_id": {"type": "string", "paths": ["$.id"]},
            "status": {"type": "string", "paths": ["$.status"]},
            "incomplete_reason": {"type": "string", "paths": ["$.incomplete_details.reason"]},
            "function_call": {"type": "object", "paths": ["$.output[?(@.type == \"function_call\")]"]},
            "refusal": {
              "type": "string",
              "paths": ["$.output[?(@.type == \"message\")].content[?(@.type == \"refusal\")].refusal"]
            },
            "error": {"paths": ["$.error"]}
          }
        }$json$::pg_catalog.jsonb,
        'openai/gpt-oss-120b'::pg_catalog.text,
        '["openai/gpt-oss-120b", "openai/gpt-oss-20b"]'::pg_catalog.jsonb,
        '{"streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false}'::pg_catalog.jsonb,
        131072, 65536, true, true
      UNION ALL
      -- An error may come with HTTP 200, also inside the choice; usage holds what was charged.
      SELECT 2, 'openrouter', 'OpenRouter', 'Chat completions over the models of many vendors, with the cost charged.',
        'bearer', 'Authorization: Bearer {api_key}', 'https://openrouter.ai/api/v1', '/chat/completions', 'POST', NULL,
        pg_catalog.jsonb_set(
          c.request, '{payload_structure}',
          (c.request OPERATOR(pg_catalog.->) 'payload_structure') OPERATOR(pg_catalog.||)
          $json${
            "top_k": {"source": "param:top_k", "type": "integer"},
            "reasoning_effort": {"source": "param:reasoning_effort", "type": "string", "path": "reasoning.effort"}
          }$json$::pg_catalog.jsonb),
        pg_catalog.jsonb_set(
          c.response, '{extraction_rules}',
          (c.response OPERATOR(pg_catalog.->) 'extraction_rules') OPERATOR(pg_catalog.||)
          $json${
            "reported_cost": {"type": "number", "paths": ["$.usage.cost"]},
            "upstream": {"type": "string", "paths": ["$.provider"]},
            "error": {"paths": ["$.error", "$.choices[0].error"]}
          }$json$::pg_catalog.jsonb),
        'openai/gpt-oss-120b',
        '["openai/gpt-oss-120b", "openai/gpt-4.1", "anthropic/claude-sonnet-4.5", "google/gemini-2.5-flash"]'::pg_catalog.jsonb,
        '{"streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false}'::pg_catalog.jsonb,
        131072, NULL, false, false
      FROM chat c
      UNION ALL
      -- The model stands in the path. Streaming has a path of its own, so stream is not taken.
      SELECT 3, 'google_ai', 'Google AI (Gemini)',
        'Gemini generateContent. Messages must be given in Gemini''s own contents form, [{"role": "user", "parts": '
        '[{"text": "..."}]}]; system instruction, tools and response format go under extra_body. output_tokens does '
        'not include thinking, which stands in reasoning_tokens.',
        'api_key_header', 'x-goog-api-key: {api_key}', 'https://generativelanguage.googleapis.com/v1beta',
        '/models/{model}:generateContent', 'POST', NULL,
        $json${
          "version": "1.0",
          "payload_structure": {
            "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
            "messages": {"source": "param:messages", "type": "array", "required": true, "path": "contents"},
            "temperature": {
              "source": "param:temperature", "type": "number", "path": "generationConfig.temperature"
            },
            "top_p": {"source": "param:top_p", "type": "number", "path": "generationConfig.topP"},
            "top_k": {"source": "param:top_k", "type": "integer", "path": "generationConfig.topK"},
            "max_output_tokens": {
              "source": "param:max_output_tokens", "type": "integer", "path": "generationConfig.maxOutputTokens"
            },
            "stop": {"source": "param:stop", "type": "array", "path": "generationConfig.stopSequences"},
            "seed": {"source": "param:seed", "type": "integer", "path": "generationConfig.seed"}
          }
        }$json$::pg_catalog.jsonb,
        $json${
          "version": "1.0",
          "extraction_rules": {
            "text_content": {
              "type": "string", "paths": ["$.candidates[0].content.parts[?(@.thought != true)].text"], "join": ""
            },
            "reasoning_content": {
              "type": "string", "paths": ["$.candidates[0].content.parts[?(@.thought == true)].text"], "join": ""
            },
            "finish_reason": {
              "type": "string", "paths": ["$.candidates[0].finishReason", "$.promptFeedback.blockReason"]
            },
            "usage_stats": {
              "type": "object",
              "fields": {
                "input_tokens": {"type": "integer", "paths": ["$.usageMetadata.promptTokenCount"]},
                "output_tokens": {"type": "integer", "paths": ["$.usageMetadata.candidatesTokenCount"]},
                "cached_tokens": {"type": "integer", "paths": ["$.usageMetadata.cachedContentTokenCount"]},
                "reasoning_tokens": {"type": "integer", "paths": ["$.usageMetadata.thoughtsTokenCount"]}
              }
            },
            "model_used": {"type": "string", "paths": ["$.modelVersion"]},
            "provider_request_id": {"type": "string", "paths": ["$.responseId"]},
            "finish_reason_raw": {"type": "string", "paths": ["$.candidates[0].finishReason"]},
            "function_call": {
              "type": "object", "paths": ["$.candidates[0].content.parts[?(@.functionCall)].functionCall"]
            },
            "error": {
              "type": "object",
              "fields": {
                "type": {"type": "string", "paths": ["$.error.status", "$[0].error.status"]},
                "code": {"paths": ["$.error.code", "$[0].error.code"]},
                "message": {
                  "type": "string",
                  "paths": ["$.error.message", "$[0].error.message", "$.promptFeedback.blockReason"]
                }
              }
            }
          }
        }$json$::pg_catalog.jsonb,
        'gemini-2.5-flash',
        '["gemini-2.5-flash", "gemini-2.5-pro", "gemini-2.5-flash-lite"]'::pg_catalog.jsonb,
        '{"streaming": false, "tools": true, "json_schema": true, "reasoning": true, "vision": true}'::pg_catalog.jsonb,
        1048576, 65536, false, false
      UNION ALL
      SELECT 4, 'chatgpt', 'ChatGPT (OpenAI)', 'OpenAI chat completions.',
        'bearer', 'Authorization: Bearer {api_key}', 'https://api.openai.com/v1', '/chat/completions', 'POST', NULL,
        pg_catalog.jsonb_set(
          c.request OPERATOR(pg_catalog.#-) '{payload_structure,max_tokens}',
          '{payload_structure,max_completion_tokens}',
          '{"source": "param:max_output_tokens", "type": "integer"}'::pg_catalog.jsonb),
        c.response,
        'gpt-4.1', '["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"]'::pg_catalog.jsonb,
        '{"streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": true}'::pg_catalog.jsonb,
        1047576, 32768, false, false
      FROM chat c
    )
    SELECT s.provider_name, s.display_name, s.description, s.auth_scheme, s.auth_header_template, s.base_url,
           s.endpoint_path_template, s.http_method, s.additional_headers, s.request_builder_config,
           s.response_extractor_config, s.default_model, s.supported_models, s.model_capabilities,
           s.context_window_tokens, s.max_output_tokens_limit, s.is_active, s.is_enabled
    FROM shipped s
    ORDER BY s.position;
  END;

CREATE OR REPLACE FUNCTION llm_admin.seed_providers()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 4
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed_providers');
    UPDATE llm_admin.llm_provider_configs p SET is_active = p.is_active WHERE false;
    WITH shipped AS (
      SELECT s.*
      FROM llm_admin.shipped_providers() WITH ORDINALITY AS s
    ), added AS (
      INSERT INTO llm_admin.llm_provider_configs AS p (
        provider_name, display_name, description, auth_scheme, auth_header_template, base_url,
        endpoint_path_template, http_method, additional_headers, request_builder_config, response_extractor_config,
        default_model, supported_models, model_capabilities, context_window_tokens, max_output_tokens_limit,
        is_active, is_enabled)
      SELECT s.provider_name, s.display_name, s.description, s.auth_scheme, s.auth_header_template, s.base_url,
             s.endpoint_path_template, s.http_method, s.additional_headers, s.request_builder_config,
             s.response_extractor_config, s.default_model, s.supported_models, s.model_capabilities,
             s.context_window_tokens, s.max_output_tokens_limit,
             s.is_active AND NOT EXISTS (SELECT FROM llm_admin.llm_provider_configs a WHERE a.is_active),
             s.is_enabled
      FROM shipped s
      WHERE NOT EXISTS (
        SELECT FROM llm_admin.llm_provider_configs t
        WHERE t.provider_name::pg_catalog.text OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C")
      ORDER BY s.ordinality
      ON CONFLICT (provider_name) DO NOTHING
      RETURNING p.provider_name::pg_catalog.text AS name
    )
    SELECT s.provider_name, CASE WHEN a.name IS NULL THEN 'already there' ELSE 'added' END
    FROM shipped s
    LEFT JOIN added a ON a.name OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C"
    ORDER BY s.ordinality;
  END;

CREATE OR REPLACE FUNCTION llm_admin.seed()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 4
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed');
    SELECT p.item, p.outcome
    FROM llm_admin.seed_providers() p;
  END;

CREATE OR REPLACE FUNCTION llm_admin.remove_seed_providers()
  RETURNS TABLE (provider_name pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 4
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('remove_seed_providers');
    UPDATE llm_admin.llm_provider_configs p SET is_active = p.is_active WHERE false;
    WITH present AS MATERIALIZED (
      SELECT s.ordinality, p.id, p.provider_name::pg_catalog.text AS name,
             CASE
               WHEN p.is_active THEN 'refused: active, switch to another provider first'
               WHEN p.api_key_encrypted IS NOT NULL
                 OR (p.display_name, p.description, p.auth_scheme, p.auth_header_template, p.base_url,
                     p.endpoint_path_template, p.http_method, p.additional_headers, p.request_builder_config,
                     p.response_extractor_config, p.default_model, p.supported_models, p.model_capabilities,
                     p.context_window_tokens, p.max_output_tokens_limit, p.is_enabled)
                    IS DISTINCT FROM
                    (s.display_name, s.description, s.auth_scheme, s.auth_header_template, s.base_url,
                     s.endpoint_path_template, s.http_method, s.additional_headers, s.request_builder_config,
                     s.response_extractor_config, s.default_model, s.supported_models, s.model_capabilities,
                     s.context_window_tokens, s.max_output_tokens_limit, s.is_enabled)
                 THEN 'kept: edited'
               ELSE 'removed'
             END AS verdict
      FROM llm_admin.shipped_providers() WITH ORDINALITY AS s
      JOIN llm_admin.llm_provider_configs p
        ON p.provider_name::pg_catalog.text OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C"
      FOR UPDATE OF p
    ), gone AS (
      DELETE FROM llm_admin.llm_provider_configs p
      USING present r
      WHERE p.id OPERATOR(pg_catalog.=) r.id AND r.verdict OPERATOR(pg_catalog.=) 'removed'
    )
    SELECT r.name, r.verdict
    FROM present r
    ORDER BY r.ordinality;
  END;

-- LA040 where something of the user's still refers to one of them.
CREATE FUNCTION llm_admin.drop_functions(leaving pg_catalog.regprocedure[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_functions';
SELECT llm_admin.drop_functions(ARRAY[
  'llm_admin.mapping_cache_stats()',
  'llm_admin.extract_operation(pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.int4)',
  'llm_admin.extract_stream(pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb)',
  'llm_admin.explain_request(pg_catalog.jsonb, pg_catalog.text)',
  'llm_admin.build_operation(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb, pg_catalog.bool)'
]::pg_catalog.regprocedure[]);
DROP FUNCTION llm_admin.drop_functions(pg_catalog.regprocedure[]);

SELECT llm_admin.record_migration('llm_admin--0.2--0.1.sql');

