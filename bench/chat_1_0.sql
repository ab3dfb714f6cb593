-- The chat dialect of version 0.1, in mapping language 1.0: what the PL/pgSQL reference can check. validate_config and
-- the triggers are measured with it on both sides.
SET search_path = bench, public;

CREATE TABLE mappings AS
  SELECT '/chat/completions'::text AS endpoint_path_template, 'Authorization: Bearer {api_key}'::text AS auth_header_template,
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
    }$json$::jsonb AS request_builder_config,
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
    }$json$::jsonb AS response_extractor_config;
