-- migrations/llm_admin--0.4--0.3.sql.in
-- Back to 0.3: what 0.4 brought leaves. LA040 where rows of the user's would be lost or something of the user's uses
-- what leaves; all is as it was then.
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);
-- What the script needs, told in words before anything else. The library of 0.1 to 0.3 has not got the function below,
-- so it is known by a setting it lacks; one that is not loaded yet has no settings here.
SELECT pg_catalog.concat('open a new session: this one has the library of an earlier version of llm_admin loaded, ',
  'and the script needs a newer one')::pg_catalog.bool
FROM pg_catalog.pg_settings s
WHERE s.name OPERATOR(pg_catalog.=) 'llm_admin.actor'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings n WHERE n.name OPERATOR(pg_catalog.=) 'llm_admin.library_version');
CREATE FUNCTION llm_admin.check_requirements(script pg_catalog.text) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_check_requirements';
SELECT llm_admin.check_requirements('llm_admin--0.4--0.3.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

DROP TRIGGER trg_check_row ON llm_admin.llm_provider_config_history;
DROP TRIGGER trg_check_row ON llm_admin.provider_tests;
DROP TRIGGER trg_check_row ON llm_admin.root_keys;
DROP TRIGGER trg_check_row ON llm_admin.data_keys;
DROP TRIGGER trg_check_row ON llm_admin.provider_aliases;
DROP TRIGGER trg_check_row ON llm_admin.access_grants;
DROP TRIGGER trg_check_row ON llm_admin.schema_migrations;

CREATE FUNCTION llm_admin.drop_columns(relations pg_catalog.regclass[], columns pg_catalog.text[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_drop_columns';
SELECT llm_admin.drop_columns(
  ARRAY['llm_admin.access_grants', 'llm_admin.access_grants']::pg_catalog.regclass[], ARRAY['role_oid', 'rights']);
DROP FUNCTION llm_admin.drop_columns(pg_catalog.regclass[], pg_catalog.text[]);

ALTER TABLE llm_admin.llm_provider_configs
  DROP CONSTRAINT llm_provider_configs_auth_scheme_check,
  DROP CONSTRAINT llm_provider_configs_http_method_check,
  ADD CONSTRAINT llm_provider_configs_auth_scheme_check
    CHECK (auth_scheme IN ('bearer', 'api_key_header', 'query_param', 'none')),
  ADD CONSTRAINT llm_provider_configs_http_method_check CHECK (http_method IN ('GET', 'POST', 'PUT', 'PATCH'));
ALTER TABLE llm_admin.llm_provider_config_history
  DROP CONSTRAINT llm_provider_config_history_action_check,
  ADD CONSTRAINT llm_provider_config_history_action_check CHECK (action IN
    ('created', 'updated', 'activated', 'deactivated', 'enabled', 'disabled', 'key_changed', 'deleted'));

-- ALTER COLUMN ... TYPE would refuse while a view, a policy or a row type of the user's uses the column.
CREATE FUNCTION llm_admin.set_collation(
  relations pg_catalog.regclass[], columns pg_catalog.text[], to_collation pg_catalog.regcollation)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_set_collation';
SELECT llm_admin.set_collation(ARRAY['llm_admin.data_keys', 'llm_admin.access_grants', 'llm_admin.access_grants',
    'llm_admin.llm_configs', 'llm_admin.schema_migrations', 'llm_admin.schema_migrations']::pg_catalog.regclass[],
  ARRAY['tenant_id', 'role_name', 'level', 'provider', 'version', 'name'], 'pg_catalog."default"'::pg_catalog.regcollation);
DROP FUNCTION llm_admin.set_collation(pg_catalog.regclass[], pg_catalog.text[], pg_catalog.regcollation);

-- What each data key has counted for itself becomes blocks of the sequence, in which 0.3 counts.
DROP TRIGGER trg_lock_data_keys ON llm_admin.data_keys;
DROP TRIGGER trg_data_key_replicated ON llm_admin.data_keys;
UPDATE llm_admin.data_keys SET first_use_block = LEAST(first_use_block,
    COALESCE(pg_catalog.pg_sequence_last_value('llm_admin.key_use_blocks'::pg_catalog.regclass), 0) OPERATOR(pg_catalog.+) 1)
  OPERATOR(pg_catalog.-) ((uses OPERATOR(pg_catalog.+) 1023) OPERATOR(pg_catalog./) 1024)
WHERE uses OPERATOR(pg_catalog.>) 0;
ALTER TABLE llm_admin.data_keys DROP COLUMN uses;

CREATE OR REPLACE FUNCTION llm_admin.shipped_dialects()
  RETURNS TABLE (
    dialect pg_catalog.text, endpoint_path_template pg_catalog.text, auth_scheme pg_catalog.text,
    auth_header_template pg_catalog.text, http_method pg_catalog.text, request_builder_config pg_catalog.jsonb,
    response_extractor_config pg_catalog.jsonb)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 7
  BEGIN ATOMIC
    SELECT 'openai_chat'::pg_catalog.text, '/chat/completions'::pg_catalog.text, 'bearer'::pg_catalog.text,
      'Authorization: Bearer {api_key}'::pg_catalog.text, 'POST'::pg_catalog.text,
      $json$
{
  "version": "1.1",
  "defs": {
    "sampling": {
      "switch": [
        {"when": {"not": {"path": "model:sampling_params", "eq": false}}, "then": "@"},
        {
          "when": {"not": {"path": "param:drop_params", "eq": true}},
          "then": {"error": "this model takes no sampling parameters; \"drop_params\": true leaves them out"}
        }
      ]
    },
    "message": {
      "fields": {
        "role": {"source": "@.role", "type": "string", "required": true},
        "content": {"source": "@.content"},
        "name": {"source": "@.name", "type": "string"},
        "refusal": {"source": "@.refusal", "type": "string"},
        "audio": {"source": "@.audio", "type": "object"},
        "tool_calls": {"use": "tool_calls"},
        "tool_call_id": {"source": "@.tool_call_id", "type": "string"}
      }
    },
    "tool_calls": {
      "each": "@.tool_calls[*]",
      "omit_empty": true,
      "as": {
        "fields": {
          "id": {"source": "@.id", "type": "string", "required": true},
          "type": {"source": "@.type", "default": "function"},
          "function": {"source": "@.function", "type": "object"},
          "custom": {"source": "@.custom", "type": "object"}
        }
      }
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "messages": {"each": "param:messages[*]", "as": {"use": "message"}, "required": true, "min_items": 1},
    "temperature": {"with": "param:temperature", "use": "sampling", "type": "number", "min": 0, "max": 2},
    "top_p": {"with": "param:top_p", "use": "sampling", "type": "number", "min": 0, "max": 1},
    "max_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
    "stop": {"source": "param:stop", "type": "array"},
    "seed": {"source": "param:seed", "type": "integer"},
    "tools": {"source": "param:tools", "type": "array", "omit_empty": true},
    "tool_choice": {"source": "param:tool_choice"},
    "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
    "response_format": {"source": "param:response_format", "type": "object"},
    "reasoning_effort": {"source": "param:reasoning_effort", "type": "string"},
    "user": {"source": "param:user", "type": "string"},
    "metadata": {"source": "param:metadata", "type": "object"},
    "stream": {"source": "param:stream", "type": "boolean"},
    "stream_options": {
      "switch": [{"when": {"path": "param:stream", "eq": true}, "then": {"value": {"include_usage": true}}}]
    }
  },
  "operations": {
    "test": {"method": "GET", "path": "/models"},
    "list_models": {"method": "GET", "path": "/models", "extract": {"source": "$.data[*].id", "all": true}},
    "embed": {
      "method": "POST",
      "path": "/embeddings",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "input": {"source": "param:input", "required": true},
        "user": {"source": "param:user", "type": "string"}
      },
      "extract": {"source": "$.data[*].embedding", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "defs": {
    "error": {
      "fields": {
        "type": {"source": "@.type"},
        "code": {"source": "@.code"},
        "message": {"source": "@.message"},
        "retryable": {
          "switch": [
            {
              "when": {
                "any": [
                  {"path": "@.type", "eq": "insufficient_quota"},
                  {"path": "@.code", "eq": "insufficient_quota"}
                ]
              },
              "then": {"value": false}
            },
            {
              "when": {
                "any": [
                  {"path": "@.type", "eq": "server_error"},
                  {"path": "@.code", "in": ["server_error", "rate_limit_exceeded"]}
                ]
              },
              "then": {"value": true}
            }
          ]
        }
      }
    }
  },
  "extraction_rules": {
    "text_content": {
      "switch": [
        {
          "when": {"path": "$.choices[0].message.content", "type": "array"},
          "then": {"source": "$.choices[0].message.content[?(@.type == \"text\")].text", "join": ""}
        },
        {"then": {"type": "string", "paths": ["$.choices[0].message.content", "$.choices[0].text"]}}
      ]
    },
    "reasoning_content": {
      "paths": [
        "$.choices[0].message.reasoning_content",
        "$.choices[0].message.reasoning",
        "$.choices[0].message.content[?(@.type == \"thinking\")].thinking[*].text"
      ],
      "join": "",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.choices[0].message.tool_calls[*]",
      "omit_empty": true,
      "as": {
        "fields": {
          "id": {"source": "@.id"},
          "name": {"paths": ["@.function.name", "@.custom.name"]},
          "arguments": {"paths": ["@.function.arguments", "@.custom.input"], "omit_empty": true}
        }
      }
    },
    "finish_reason": {
      "source": "$.choices[0].finish_reason",
      "map": {
        "stop": "stop",
        "eos": "stop",
        "length": "length",
        "model_length": "length",
        "tool_calls": "tool_calls",
        "function_call": "tool_calls",
        "content_filter": "content_filter"
      },
      "map_default": "other"
    },
    "usage_stats": {
      "with": "$.usage",
      "fields": {
        "input_tokens": {"source": "@.prompt_tokens", "type": "integer"},
        "output_tokens": {"source": "@.completion_tokens", "type": "integer"},
        "cached_tokens": {
          "type": "integer",
          "paths": ["@.prompt_tokens_details.cached_tokens", "@.cached_tokens", "@.prompt_cache_hit_tokens"]
        },
        "cache_write_tokens": {"source": "@.prompt_tokens_details.cache_write_tokens", "type": "integer"},
        "reasoning_tokens": {"source": "@.completion_tokens_details.reasoning_tokens", "type": "integer"},
        "service_tier": {"source": "$.service_tier", "type": "string"},
        "...": "@"
      }
    },
    "model_used": {"source": "$.model", "type": "string"},
    "provider_request_id": {"type": "string", "paths": ["$.id", "header:x-request-id"]},
    "refusal": {"source": "$.choices[0].message.refusal", "type": "string"},
    "annotations": {"source": "$.choices[0].message.annotations", "type": "array", "omit_empty": true},
    "error": {
      "switch": [
        {"when": {"path": "$.error", "type": "object"}, "then": {"with": "$.error", "use": "error"}},
        {
          "when": {"path": "$.error", "exists": true},
          "then": {"fields": {"code": "$.code", "message": "$.error"}}
        },
        {"when": {"path": "$.object", "eq": "error"}, "then": {"with": "$", "use": "error"}},
        {
          "when": {"path": "$.detail", "exists": true},
          "then": {"fields": {"message": {"paths": ["$.detail[0].msg", "$.detail"]}}}
        }
      ]
    }
  },
  "stream": {
    "frame": "sse",
    "done": {"data": "[DONE]"},
    "rules": [
      {"to": "$.id", "op": "set", "from": "$.id"},
      {"to": "$.model", "op": "set", "from": "$.model"},
      {"to": "$.service_tier", "op": "set", "from": "$.service_tier"},
      {
        "when": {"path": "$.choices[0].delta.content", "type": "string"},
        "to": "$.choices[0].message.content",
        "op": "append",
        "from": "$.choices[0].delta.content",
        "emit": "text"
      },
      {
        "each": "$.choices[0].delta.content[?(@.type == \"text\")]",
        "to": "$.choices[0].message.content",
        "op": "append",
        "from": "@.text",
        "emit": "text"
      },
      {
        "each": "$.choices[0].delta.content[?(@.type == \"thinking\")].thinking[*]",
        "to": "$.choices[0].message.reasoning_content",
        "op": "append",
        "from": "@.text",
        "emit": "reasoning"
      },
      {
        "to": "$.choices[0].message.reasoning_content",
        "op": "append",
        "from": {"paths": ["$.choices[0].delta.reasoning_content", "$.choices[0].delta.reasoning"]},
        "emit": "reasoning"
      },
      {"to": "$.choices[0].message.refusal", "op": "append", "from": "$.choices[0].delta.refusal"},
      {"to": "$.choices[0].message.annotations", "op": "append", "from": "$.choices[0].delta.annotations"},
      {
        "each": "$.choices[0].delta.tool_calls[*]",
        "to": "$.choices[0].message.tool_calls[{@.index}].id",
        "op": "set",
        "from": {"source": "@.id", "omit_empty": true}
      },
      {
        "each": "$.choices[0].delta.tool_calls[*]",
        "to": "$.choices[0].message.tool_calls[{@.index}].function.name",
        "op": "set",
        "from": {"source": "@.function.name", "omit_empty": true}
      },
      {
        "each": "$.choices[0].delta.tool_calls[*]",
        "to": "$.choices[0].message.tool_calls[{@.index}].function.arguments",
        "op": "append",
        "from": "@.function.arguments",
        "emit": "tool_arguments"
      },
      {"to": "$.choices[0].finish_reason", "op": "set", "from": "$.choices[0].finish_reason"},
      {"to": "$.usage", "op": "set", "from": {"paths": ["$.usage", "$.x_groq.usage"]}},
      {"to": "$.error", "op": "set", "from": {"paths": ["$.error", "$.x_groq.error"]}},
      {"when": {"path": "$.object", "eq": "error"}, "to": "$.error", "op": "set", "from": "$"}
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'openai_responses', '/responses', 'bearer',
      'Authorization: Bearer {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "sampling": {
      "switch": [
        {"when": {"not": {"path": "model:sampling_params", "eq": false}}, "then": "@"},
        {
          "when": {"not": {"path": "param:drop_params", "eq": true}},
          "then": {"error": "this model takes no sampling parameters; \"drop_params\": true leaves them out"}
        }
      ]
    },
    "input_part": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {
            "fields": {"type": {"value": "input_text"}, "text": {"source": "@.text", "required": true}}
          }
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {
            "fields": {
              "type": {"value": "input_image"},
              "image_url": {"source": "@.image_url.url", "type": "string", "required": true},
              "detail": {"source": "@.image_url.detail"}
            }
          }
        },
        {
          "when": {"path": "@.type", "eq": "file"},
          "then": {
            "fields": {
              "type": {"value": "input_file"},
              "file_id": {"source": "@.file.file_id"},
              "filename": {"source": "@.file.filename"},
              "file_data": {"source": "@.file.file_data"}
            }
          }
        },
        {
          "when": {"path": "@.type", "in": ["input_text", "input_image", "input_file"]},
          "then": {"source": "@"}
        },
        {"then": {"error": "content part type is not supported by the Responses API"}}
      ]
    },
    "input_content": {
      "switch": [
        {"when": {"path": "@.content", "type": "string"}, "then": {"source": "@.content"}},
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "input_part"}}
        }
      ]
    },
    "output_part": {
      "switch": [
        {
          "when": {"path": "@.type", "in": ["text", "output_text"]},
          "then": {
            "fields": {"type": {"value": "output_text"}, "text": {"source": "@.text", "required": true}}
          }
        },
        {
          "when": {"path": "@.type", "eq": "refusal"},
          "then": {
            "fields": {"type": {"value": "refusal"}, "refusal": {"source": "@.refusal", "required": true}}
          }
        },
        {"then": {"error": "content part type of an assistant message must be text or refusal"}}
      ]
    },
    "assistant_message": {
      "switch": [
        {
          "when": {
            "all": [{"path": "@.content", "type": "string"}, {"not": {"path": "@.content", "eq": ""}}]
          },
          "then": {"fields": {"role": {"value": "assistant"}, "content": "@.content"}}
        },
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {
            "fields": {
              "role": {"value": "assistant"},
              "content": {"each": "@.content[*]", "as": {"use": "output_part"}}
            }
          }
        }
      ]
    },
    "reasoning_items": {
      "each": "@.provider_state[?(@.type == \"reasoning\")]",
      "as": {
        "fields": {
          "type": "@.type",
          "id": "@.id",
          "summary": {"source": "@.summary", "default": []},
          "content": "@.content",
          "encrypted_content": "@.encrypted_content"
        }
      }
    },
    "call_items": {
      "each": "@.tool_calls[*]",
      "as": {
        "fields": {
          "type": {"value": "function_call"},
          "call_id": {"source": "@.id", "type": "string", "required": true},
          "name": {"source": "@.function.name", "type": "string", "required": true},
          "arguments": {"source": "@.function.arguments", "type": "string", "default": "{}"}
        }
      }
    },
    "input": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "not_in": ["system", "developer"]},
      "flatten": true,
      "min_items": 1,
      "as": {
        "switch": [
          {
            "when": {"path": "@.role", "eq": "user"},
            "then": {
              "fields": {"role": {"value": "user"}, "content": {"use": "input_content", "required": true}}
            }
          },
          {
            "when": {"path": "@.role", "eq": "assistant"},
            "then": {
              "items": [
                {"use": "reasoning_items", "spread": true},
                {"use": "assistant_message"},
                {"use": "call_items", "spread": true}
              ]
            }
          },
          {
            "when": {"path": "@.role", "eq": "tool"},
            "then": {
              "fields": {
                "type": {"value": "function_call_output"},
                "call_id": {"source": "@.tool_call_id", "type": "string", "required": true},
                "output": {"use": "input_content", "default": ""}
              }
            }
          },
          {"then": {"error": "message role must be system, developer, user, assistant or tool"}}
        ]
      }
    },
    "instructions": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "in": ["system", "developer"]},
      "as": {
        "switch": [
          {
            "when": {"path": "@.content", "type": "array"},
            "then": {
              "each": "@.content[*]",
              "as": {
                "switch": [
                  {
                    "when": {"path": "@.type", "in": ["text", "input_text"]},
                    "then": {"source": "@.text", "type": "string", "required": true}
                  },
                  {"then": {"error": "content part type of a system message must be text"}}
                ]
              },
              "join": "\n"
            }
          },
          {"then": {"source": "@.content", "type": "string"}}
        ]
      },
      "join": "\n\n"
    },
    "tools": {
      "each": "param:tools[*]",
      "omit_empty": true,
      "as": {
        "switch": [
          {
            "when": {"path": "@.function", "type": "object"},
            "then": {
              "fields": {
                "type": {"value": "function"},
                "name": {"source": "@.function.name", "type": "string", "required": true},
                "description": {"source": "@.function.description"},
                "parameters": {
                  "source": "@.function.parameters",
                  "default": {"type": "object", "properties": {}}
                },
                "strict": {"source": "@.function.strict", "default": false}
              }
            }
          },
          {"then": {"source": "@"}}
        ]
      }
    },
    "tool_choice": {
      "switch": [
        {
          "when": {"path": "param:tool_choice.function.name", "exists": true},
          "then": {"fields": {"type": {"value": "function"}, "name": "param:tool_choice.function.name"}}
        },
        {"then": {"source": "param:tool_choice"}}
      ]
    },
    "format": {
      "omit_empty": true,
      "fields": {
        "type": {"source": "param:response_format.type", "enum": ["text", "json_object", "json_schema"]},
        "name": "param:response_format.json_schema.name",
        "description": "param:response_format.json_schema.description",
        "schema": "param:response_format.json_schema.schema",
        "strict": "param:response_format.json_schema.strict"
      }
    },
    "effort": {"source": "param:reasoning_effort", "type": "string"}
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "messages": {"use": "input", "required": true, "path": "input"},
    "instructions": {"use": "instructions"},
    "temperature": {"with": "param:temperature", "use": "sampling", "type": "number", "min": 0, "max": 2},
    "top_p": {"with": "param:top_p", "use": "sampling", "type": "number", "min": 0, "max": 1},
    "max_output_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
    "tools": {"use": "tools"},
    "tool_choice": {"use": "tool_choice"},
    "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
    "format": {"use": "format", "path": "text.format"},
    "effort": {"use": "effort", "path": "reasoning.effort"},
    "user": {"source": "param:user", "type": "string"},
    "metadata": {"source": "param:metadata", "type": "object"},
    "stream": {"source": "param:stream", "type": "boolean"}
  },
  "operations": {
    "test": {"method": "GET", "path": "/models"},
    "list_models": {"method": "GET", "path": "/models", "extract": {"source": "$.data[*].id", "all": true}},
    "count_tokens": {
      "method": "POST",
      "path": "/responses/input_tokens",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "messages": {"use": "input", "required": true, "path": "input"},
        "instructions": {"use": "instructions"},
        "tools": {"use": "tools"},
        "tool_choice": {"use": "tool_choice"},
        "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
        "format": {"use": "format", "path": "text.format"},
        "effort": {"use": "effort", "path": "reasoning.effort"}
      },
      "extract": {"source": "$.input_tokens", "type": "integer"}
    },
    "embed": {
      "method": "POST",
      "path": "/embeddings",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "input": {"source": "param:input", "required": true},
        "user": {"source": "param:user", "type": "string"}
      },
      "extract": {"source": "$.data[*].embedding", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "extraction_rules": {
    "text_content": {
      "paths": [
        "$.output[?(@.type == \"message\")].content[?(@.type == \"output_text\")].text",
        "$.streamed.text"
      ],
      "join": ""
    },
    "reasoning_content": {
      "paths": [
        "$.output[?(@.type == \"reasoning\")].content[?(@.type == \"reasoning_text\")].text",
        "$.output[?(@.type == \"reasoning\")].summary[?(@.type == \"summary_text\")].text",
        "$.streamed.reasoning"
      ],
      "join": "\n",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.output[?(@.type == \"function_call\")]",
      "omit_empty": true,
      "as": {
        "fields": {
          "id": {"source": "@.call_id"},
          "name": {"source": "@.name"},
          "arguments": {"source": "@.arguments", "omit_empty": true}
        }
      }
    },
    "finish_reason": {
      "switch": [
        {
          "when": {"path": "$.incomplete_details.reason", "exists": true},
          "then": {
            "source": "$.incomplete_details.reason",
            "map": {"max_output_tokens": "length", "content_filter": "content_filter"},
            "map_default": "other"
          }
        },
        {
          "when": {
            "all": [
              {"path": "$.status", "eq": "completed"},
              {"path": "$.output[?(@.type == \"function_call\")]", "exists": true}
            ]
          },
          "then": {"value": "tool_calls"}
        },
        {"then": {"source": "$.status", "map": {"completed": "stop"}, "map_default": "other"}}
      ]
    },
    "usage_stats": {
      "with": "$.usage",
      "fields": {
        "input_tokens": {"source": "@.input_tokens", "type": "integer"},
        "output_tokens": {"source": "@.output_tokens", "type": "integer"},
        "cached_tokens": {"source": "@.input_tokens_details.cached_tokens", "type": "integer"},
        "cache_write_tokens": {"source": "@.input_tokens_details.cache_write_tokens", "type": "integer"},
        "reasoning_tokens": {"source": "@.output_tokens_details.reasoning_tokens", "type": "integer"},
        "service_tier": {"source": "$.service_tier", "type": "string"},
        "...": "@"
      }
    },
    "model_used": {"source": "$.model", "type": "string"},
    "provider_request_id": {"type": "string", "paths": ["$.id", "header:x-request-id"]},
    "provider_state": {
      "each": "$.output[?(@.type == \"reasoning\")]",
      "where": {
        "any": [
          {"path": "@.encrypted_content", "exists": true},
          {"path": "@.content[0]", "exists": true},
          {"not": {"path": "$.store", "eq": false}}
        ]
      },
      "omit_empty": true,
      "as": {
        "fields": {
          "type": "@.type",
          "id": "@.id",
          "summary": {"source": "@.summary", "default": []},
          "content": "@.content",
          "encrypted_content": "@.encrypted_content"
        }
      }
    },
    "refusal": {
      "source": "$.output[?(@.type == \"message\")].content[?(@.type == \"refusal\")].refusal",
      "join": ""
    },
    "annotations": {
      "source": "$.output[?(@.type == \"message\")].content[?(@.type == \"output_text\")].annotations[*]",
      "all": true,
      "omit_empty": true
    },
    "status": {"source": "$.status", "type": "string"},
    "incomplete_reason": {"source": "$.incomplete_details.reason", "type": "string"},
    "error": {
      "switch": [
        {
          "when": {"path": "$.error", "type": "object"},
          "then": {
            "with": "$.error",
            "fields": {
              "type": {"source": "@.type"},
              "code": {"source": "@.code"},
              "message": {"source": "@.message"},
              "retryable": {
                "switch": [
                  {
                    "when": {
                      "any": [
                        {"path": "@.type", "eq": "insufficient_quota"},
                        {"path": "@.code", "eq": "insufficient_quota"}
                      ]
                    },
                    "then": {"value": false}
                  },
                  {
                    "when": {
                      "any": [
                        {"path": "@.type", "eq": "server_error"},
                        {"path": "@.code", "in": ["server_error", "rate_limit_exceeded"]}
                      ]
                    },
                    "then": {"value": true}
                  }
                ]
              }
            }
          }
        },
        {"when": {"path": "$.error", "exists": true}, "then": {"fields": {"message": "$.error"}}},
        {
          "when": {"path": "$.status", "eq": "failed"},
          "then": {"value": {"type": "failed", "message": "the response failed without saying why"}}
        }
      ]
    }
  },
  "stream": {
    "frame": "sse",
    "done": {
      "when": {
        "path": "$.type",
        "in": ["response.completed", "response.incomplete", "response.failed", "error"]
      }
    },
    "rules": [
      {
        "when": {"path": "$.type", "eq": "response.created"},
        "to": "$",
        "op": "merge",
        "from": {"fields": {"id": "$.response.id", "model": "$.response.model"}}
      },
      {
        "when": {"path": "$.type", "eq": "response.output_text.delta"},
        "to": "$.streamed.text",
        "op": "append",
        "from": "$.delta",
        "emit": "text"
      },
      {
        "when": {
          "path": "$.type",
          "in": ["response.reasoning_text.delta", "response.reasoning_summary_text.delta"]
        },
        "to": "$.streamed.reasoning",
        "op": "append",
        "from": "$.delta",
        "emit": "reasoning"
      },
      {
        "when": {"path": "$.type", "eq": "response.function_call_arguments.delta"},
        "to": "$.streamed.arguments",
        "op": "append",
        "from": "$.delta",
        "emit": "tool_arguments"
      },
      {
        "when": {
          "all": [
            {"path": "$.type", "eq": "response.output_item.done"},
            {"path": "$.item.type", "in": ["reasoning", "function_call"]}
          ]
        },
        "to": "$.output",
        "op": "push",
        "from": "$.item"
      },
      {
        "when": {"path": "$.type", "in": ["response.completed", "response.incomplete", "response.failed"]},
        "to": "$",
        "op": "merge",
        "from": "$.response"
      },
      {
        "when": {"path": "$.type", "eq": "error"},
        "to": "$.error",
        "op": "set",
        "from": {
          "switch": [
            {"when": {"path": "$.error", "type": "object"}, "then": "$.error"},
            {"then": {"fields": {"code": "$.code", "message": "$.message"}}}
          ]
        }
      },
      {
        "when": {"all": [{"path": "$.type", "exists": false}, {"path": "$.error", "exists": true}]},
        "to": "$.error",
        "op": "set",
        "from": "$.error"
      }
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'anthropic_messages', '/v1/messages', 'api_key_header',
      'x-api-key: {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "media": {
      "fields": {
        "type": {"source": "@.media_type", "map": {"application/pdf": "document"}, "map_default": "image"},
        "source": {"fields": {"type": {"value": "base64"}, "media_type": "@.media_type", "data": "@.data"}}
      }
    },
    "part_body": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {"fields": {"type": {"value": "text"}, "text": {"source": "@.text", "required": true}}}
        },
        {
          "when": {"path": "@.image_url.url", "prefix": "data:"},
          "then": {"with": {"source": "@.image_url.url", "codec": "data_uri"}, "use": "media"}
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {
            "fields": {
              "type": {
                "source": "@.image_url.url",
                "codec": "mime_from_url",
                "map": {"application/pdf": "document"},
                "map_default": "image",
                "default": "image"
              },
              "source": {
                "fields": {"type": {"value": "url"}, "url": {"source": "@.image_url.url", "required": true}}
              }
            }
          }
        },
        {
          "when": {"path": "@.file.file_id", "exists": true},
          "then": {
            "fields": {
              "type": {"value": "document"},
              "source": {"fields": {"type": {"value": "file"}, "file_id": "@.file.file_id"}}
            }
          }
        },
        {
          "when": {"path": "@.file.file_data", "prefix": "data:"},
          "then": {"with": {"source": "@.file.file_data", "codec": "data_uri"}, "use": "media"}
        },
        {
          "then": {
            "error": "this content part is not taken: text, image_url, or file with file_id or file_data"
          }
        }
      ]
    },
    "part": {
      "fields": {"...": {"use": "part_body"}, "title": "@.file.filename", "cache_control": "@.cache_control"}
    },
    "blocks": {
      "switch": [
        {"when": {"path": "@.content", "eq": ""}, "then": {"value": []}},
        {
          "when": {"path": "@.content", "type": "string"},
          "then": {"items": [{"fields": {"type": {"value": "text"}, "text": "@.content"}}]}
        },
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "part"}}
        },
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "user": {"fields": {"role": {"value": "user"}, "content": {"use": "blocks", "required": true}}},
    "assistant": {
      "with": {
        "items": [
          {"source": "@.provider_state.anthropic.thinking", "spread": true},
          {"use": "blocks", "spread": true},
          {
            "each": "@.tool_calls[*]",
            "spread": true,
            "as": {
              "fields": {
                "type": {"value": "tool_use"},
                "id": {"source": "@.id", "required": true},
                "name": {"source": "@.function.name", "required": true},
                "input": {
                  "source": "@.function.arguments",
                  "codec": "json_decode",
                  "type": "object",
                  "default": {}
                }
              }
            }
          }
        ],
        "omit_empty": true
      },
      "fields": {"role": {"value": "assistant"}, "content": "@"}
    },
    "tool_result": {
      "fields": {
        "role": {"value": "user"},
        "content": {
          "items": [
            {
              "fields": {
                "type": {"value": "tool_result"},
                "tool_use_id": {"source": "@.tool_call_id", "required": true},
                "content": {"use": "blocks"}
              }
            }
          ]
        }
      }
    },
    "system": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "in": ["system", "developer"]},
      "as": {"use": "blocks"},
      "flatten": true,
      "omit_empty": true
    },
    "messages": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "not_in": ["system", "developer"]},
      "as": {
        "switch": [
          {"when": {"path": "@.role", "eq": "user"}, "then": {"use": "user"}},
          {"when": {"path": "@.role", "eq": "assistant"}, "then": {"use": "assistant"}},
          {"when": {"path": "@.role", "eq": "tool"}, "then": {"use": "tool_result"}},
          {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
        ]
      },
      "merge_adjacent": {"by": "role", "append": ["content"]},
      "min_items": 1,
      "required": true
    },
    "tools": {
      "each": "param:tools[*]",
      "as": {
        "switch": [
          {
            "when": {"path": "@.type", "eq": "function"},
            "then": {
              "fields": {
                "name": {"source": "@.function.name", "required": true},
                "description": "@.function.description",
                "input_schema": {
                  "source": "@.function.parameters",
                  "type": "object",
                  "default": {"type": "object", "properties": {}}
                },
                "strict": "@.function.strict",
                "cache_control": "@.cache_control"
              }
            }
          },
          {"then": {"error": "a tool's type must be function; the vendor's own tools go under extra_body"}}
        ]
      },
      "omit_empty": true
    },
    "serial": {"source": "param:parallel_tool_calls", "map": {"true": null, "false": true}},
    "tool_choice": {
      "switch": [
        {"when": {"path": "param:tool_choice", "eq": "none"}, "then": {"value": {"type": "none"}}},
        {
          "when": {"path": "param:tool_choice", "type": "string"},
          "then": {
            "fields": {
              "type": {"source": "param:tool_choice", "map": {"auto": "auto", "required": "any"}},
              "disable_parallel_tool_use": {"use": "serial"}
            }
          }
        },
        {
          "when": {"path": "param:tool_choice", "type": "object"},
          "then": {
            "fields": {
              "type": {"value": "tool"},
              "name": {"source": "param:tool_choice.function.name", "required": true},
              "disable_parallel_tool_use": {"use": "serial"}
            }
          }
        },
        {
          "when": {"path": "param:parallel_tool_calls", "eq": false},
          "then": {"value": {"type": "auto", "disable_parallel_tool_use": true}}
        }
      ]
    },
    "budget": {
      "source": "param:reasoning_effort",
      "map": {"none": null, "minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32000}
    },
    "thinking": {
      "with": "param:reasoning_effort",
      "switch": [
        {"when": {"path": "@", "eq": "none"}, "then": {"value": {"type": "disabled"}}},
        {
          "when": {"path": "model:thinking", "eq": "budget"},
          "then": {"fields": {"type": {"value": "enabled"}, "budget_tokens": {"use": "budget"}}}
        },
        {
          "when": {"path": "model:thinking", "eq": false},
          "then": {"error": "this model does not reason; leave reasoning_effort out"}
        },
        {"then": {"value": {"type": "adaptive"}}}
      ]
    },
    "sampling": {
      "switch": [
        {"when": {"not": {"path": "model:sampling_params", "eq": false}}, "then": "@"},
        {
          "when": {"not": {"path": "param:drop_params", "eq": true}},
          "then": {"error": "this model takes no sampling parameters; \"drop_params\": true leaves them out"}
        }
      ]
    },
    "output_config": {
      "fields": {
        "effort": {
          "switch": [
            {
              "when": {"not": {"path": "model:thinking", "in": ["budget", false]}},
              "then": {
                "source": "param:reasoning_effort",
                "map": {
                  "none": null,
                  "minimal": "low",
                  "low": "low",
                  "medium": "medium",
                  "high": "high",
                  "xhigh": "xhigh",
                  "max": "max"
                }
              }
            }
          ]
        },
        "format": {
          "with": "param:response_format",
          "switch": [
            {
              "when": {"path": "@.type", "eq": "json_schema"},
              "then": {
                "fields": {
                  "type": {"value": "json_schema"},
                  "schema": {"source": "@.json_schema.schema", "type": "object", "required": true}
                }
              }
            },
            {
              "when": {"not": {"path": "@.type", "eq": "text"}},
              "then": {"error": "response_format must be of type json_schema (with a schema) or text"}
            }
          ]
        }
      },
      "omit_empty": true
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "max_tokens": {
      "switch": [
        {"when": {"path": "param:max_output_tokens", "exists": true}, "then": "param:max_output_tokens"},
        {
          "when": {"path": "model:thinking", "eq": "budget"},
          "then": {"sum": [{"use": "budget"}, {"value": 4096}]}
        }
      ],
      "type": "integer",
      "min": 1,
      "default": 4096
    },
    "system": {"use": "system"},
    "messages": {"use": "messages"},
    "tools": {"use": "tools"},
    "tool_choice": {"use": "tool_choice"},
    "thinking": {"use": "thinking"},
    "output_config": {"use": "output_config"},
    "temperature": {"with": "param:temperature", "use": "sampling", "type": "number", "min": 0, "max": 1},
    "top_p": {"with": "param:top_p", "use": "sampling", "type": "number", "min": 0, "max": 1},
    "top_k": {"with": "param:top_k", "use": "sampling", "type": "integer", "min": 0},
    "stop_sequences": {"source": "param:stop", "type": "array"},
    "metadata": {"fields": {"user_id": {"source": "param:user", "type": "string"}}, "omit_empty": true},
    "stream": {"source": "param:stream", "type": "boolean"},
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "headers": {"anthropic-version": {"value": "2023-06-01"}},
  "operations": {
    "test": {"method": "GET", "path": "/v1/models", "query": {"limit": {"value": 1}}},
    "list_models": {
      "method": "GET",
      "path": "/v1/models",
      "query": {"limit": {"value": 1000}},
      "extract": {"source": "$.data[*].id", "all": true}
    },
    "count_tokens": {
      "method": "POST",
      "path": "/v1/messages/count_tokens",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "system": {"use": "system"},
        "messages": {"use": "messages"},
        "tools": {"use": "tools"},
        "tool_choice": {"use": "tool_choice"},
        "thinking": {"use": "thinking"},
        "output_config": {"use": "output_config"}
      },
      "extract": {"source": "$.input_tokens", "type": "integer"}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "defs": {
    "error": {
      "fields": {
        "type": "$.error.type",
        "message": "$.error.message",
        "retryable": {
          "switch": [
            {
              "when": {
                "path": "$.error.type",
                "in": ["overloaded_error", "rate_limit_error", "timeout_error", "api_error"]
              },
              "then": {"value": true}
            }
          ]
        }
      },
      "omit_empty": true
    }
  },
  "extraction_rules": {
    "error": {"use": "error"},
    "text_content": {"type": "string", "paths": ["$.content[?(@.type == \"text\")].text"], "join": ""},
    "reasoning_content": {
      "type": "string",
      "paths": ["$.content[?(@.type == \"thinking\")].thinking"],
      "join": "",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.content[?(@.type == \"tool_use\")]",
      "as": {
        "fields": {
          "id": "@.id",
          "name": "@.name",
          "arguments": {
            "switch": [
              {
                "when": {"path": "@.partial_json", "exists": true},
                "then": {
                  "source": "@.partial_json",
                  "codec": "json_decode",
                  "on_error": "raw",
                  "default": {}
                }
              },
              {"then": "@.input"}
            ]
          }
        }
      },
      "omit_empty": true
    },
    "finish_reason": {
      "type": "string",
      "paths": ["$.stop_reason"],
      "map": {
        "end_turn": "stop",
        "stop_sequence": "stop",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "tool_use": "tool_calls",
        "refusal": "content_filter"
      },
      "map_default": "other"
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {
          "sum": [
            "$.usage.input_tokens",
            "$.usage.cache_read_input_tokens",
            "$.usage.cache_creation_input_tokens"
          ]
        },
        "output_tokens": {"type": "integer", "paths": ["$.usage.output_tokens"]},
        "cached_tokens": {"type": "integer", "paths": ["$.usage.cache_read_input_tokens"]},
        "cache_write_tokens": {"type": "integer", "paths": ["$.usage.cache_creation_input_tokens"]},
        "cache_write_1h_tokens": {
          "type": "integer",
          "paths": ["$.usage.cache_creation.ephemeral_1h_input_tokens"]
        },
        "reasoning_tokens": {"type": "integer", "paths": ["$.usage.output_tokens_details.thinking_tokens"]},
        "service_tier": {"type": "string", "paths": ["$.usage.service_tier"]},
        "...": "$.usage"
      }
    },
    "model_used": {"type": "string", "paths": ["$.model"]},
    "provider_request_id": {"type": "string", "paths": ["$.id", "$.request_id", "header:request-id"]},
    "provider_state": {
      "fields": {
        "anthropic": {
          "fields": {
            "thinking": {
              "each": "$.content[*]",
              "where": {"path": "@.type", "in": ["thinking", "redacted_thinking"]},
              "omit_empty": true
            }
          },
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.stop_reason"]},
    "stop_sequence": {"type": "string", "paths": ["$.stop_sequence"]},
    "stop_details": "$.stop_details"
  },
  "stream": {
    "frame": "sse",
    "done": {"when": {"path": "$.type", "eq": "message_stop"}},
    "rules": [
      {"when": {"path": "$.type", "eq": "error"}, "error": {"use": "error"}},
      {"when": {"path": "$.type", "eq": "message_start"}, "to": "$", "op": "merge", "from": "$.message"},
      {
        "when": {"path": "$.type", "eq": "content_block_start"},
        "to": "$.content[{$.index}]",
        "op": "set",
        "from": "$.content_block"
      },
      {
        "when": {"path": "$.delta.type", "eq": "text_delta"},
        "to": "$.content[{$.index}].text",
        "op": "append",
        "from": "$.delta.text",
        "emit": "text"
      },
      {
        "when": {"path": "$.delta.type", "eq": "thinking_delta"},
        "to": "$.content[{$.index}].thinking",
        "op": "append",
        "from": "$.delta.thinking",
        "emit": "reasoning"
      },
      {
        "when": {"path": "$.delta.type", "eq": "signature_delta"},
        "to": "$.content[{$.index}].signature",
        "op": "set",
        "from": "$.delta.signature"
      },
      {
        "when": {"path": "$.delta.type", "eq": "input_json_delta"},
        "to": "$.content[{$.index}].partial_json",
        "op": "append",
        "from": "$.delta.partial_json",
        "emit": "tool_arguments"
      },
      {"when": {"path": "$.type", "eq": "message_delta"}, "to": "$", "op": "merge", "from": "$.delta"},
      {"when": {"path": "$.type", "eq": "message_delta"}, "to": "$.usage", "op": "merge", "from": "$.usage"}
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'gemini_generate_content', '/models/{model}:generateContent', 'api_key_header',
      'x-goog-api-key: {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "inline": {"fields": {"inlineData": {"fields": {"mimeType": "@.media_type", "data": "@.data"}}}},
    "part": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {"fields": {"text": {"source": "@.text", "required": true}}}
        },
        {
          "when": {"path": "@.image_url.url", "prefix": "data:"},
          "then": {"with": {"source": "@.image_url.url", "codec": "data_uri"}, "use": "inline"}
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {
            "fields": {
              "fileData": {
                "fields": {
                  "fileUri": {"source": "@.image_url.url", "required": true},
                  "mimeType": {"source": "@.image_url.url", "codec": "mime_from_url"}
                }
              }
            }
          }
        },
        {
          "when": {"path": "@.file.file_data", "prefix": "data:"},
          "then": {"with": {"source": "@.file.file_data", "codec": "data_uri"}, "use": "inline"}
        },
        {
          "when": {"path": "@.file.file_id", "exists": true},
          "then": {
            "fields": {
              "fileData": {
                "fields": {
                  "fileUri": "@.file.file_id",
                  "mimeType": {"source": "@.file.filename", "codec": "mime_from_url"}
                }
              }
            }
          }
        },
        {
          "when": {"path": "@.type", "eq": "input_audio"},
          "then": {
            "fields": {
              "inlineData": {
                "fields": {
                  "mimeType": {"format": "audio/{@.input_audio.format}"},
                  "data": {"source": "@.input_audio.data", "required": true}
                }
              }
            }
          }
        },
        {"then": {"error": "this content part is not taken: text, image_url, input_audio or file"}}
      ]
    },
    "parts": {
      "switch": [
        {"when": {"path": "@.content", "eq": ""}, "then": {"value": []}},
        {
          "when": {"path": "@.content", "type": "string"},
          "then": {
            "items": [
              {"fields": {"text": "@.content", "thoughtSignature": "@.provider_state.gemini.text_signature"}}
            ]
          }
        },
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "part"}}
        },
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "user": {"fields": {"role": {"value": "user"}, "parts": {"use": "parts", "required": true}}},
    "model": {
      "with": {
        "items": [
          {"use": "parts", "spread": true},
          {
            "each": "@.tool_calls[*]",
            "spread": true,
            "as": {
              "fields": {
                "functionCall": {
                  "fields": {
                    "id": "@.id",
                    "name": {"source": "@.function.name", "required": true},
                    "args": {
                      "source": "@.function.arguments",
                      "codec": "json_decode",
                      "type": "object",
                      "default": {}
                    }
                  }
                },
                "thoughtSignature": {
                  "lookup": {
                    "in": "^.provider_state.gemini.signatures[*]",
                    "key": "@.id",
                    "equals": "@.id",
                    "then": "@.signature"
                  }
                }
              }
            }
          }
        ],
        "omit_empty": true
      },
      "fields": {"role": {"value": "model"}, "parts": "@"}
    },
    "tool_text": {
      "switch": [
        {"when": {"path": "@.content", "type": "array"}, "then": {"source": "@.content[*].text", "join": ""}},
        {"then": {"source": "@.content", "default": ""}}
      ]
    },
    "tool_result": {
      "fields": {
        "role": {"value": "user"},
        "parts": {
          "items": [
            {
              "fields": {
                "functionResponse": {
                  "fields": {
                    "id": "@.tool_call_id",
                    "name": {
                      "switch": [
                        {"when": {"path": "@.name", "exists": true}, "then": "@.name"},
                        {
                          "then": {
                            "lookup": {
                              "in": "param:messages[*].tool_calls[*]",
                              "key": "@.id",
                              "equals": "@.tool_call_id",
                              "then": "@.function.name"
                            }
                          }
                        }
                      ],
                      "required": true
                    },
                    "response": {
                      "switch": [
                        {
                          "when": {"path": "@.content", "codec": "json_decode", "type": "object"},
                          "then": {"source": "@.content", "codec": "json_decode"}
                        },
                        {"then": {"fields": {"output": {"use": "tool_text"}}}}
                      ]
                    }
                  }
                }
              }
            }
          ]
        }
      }
    },
    "system": {
      "fields": {
        "parts": {
          "each": "param:messages[*]",
          "where": {"path": "@.role", "in": ["system", "developer"]},
          "as": {"use": "parts"},
          "flatten": true,
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "contents": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "not_in": ["system", "developer"]},
      "as": {
        "switch": [
          {"when": {"path": "@.role", "eq": "user"}, "then": {"use": "user"}},
          {"when": {"path": "@.role", "eq": "assistant"}, "then": {"use": "model"}},
          {"when": {"path": "@.role", "eq": "tool"}, "then": {"use": "tool_result"}},
          {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
        ]
      },
      "merge_adjacent": {"by": "role", "append": ["parts"]},
      "min_items": 1,
      "required": true
    },
    "tools": {
      "items": [
        {
          "fields": {
            "functionDeclarations": {
              "each": "param:tools[*]",
              "as": {
                "switch": [
                  {
                    "when": {"path": "@.type", "eq": "function"},
                    "then": {
                      "fields": {
                        "name": {"source": "@.function.name", "required": true},
                        "description": "@.function.description",
                        "parametersJsonSchema": {"source": "@.function.parameters", "type": "object"}
                      }
                    }
                  },
                  {
                    "then": {
                      "error": "a tool's type must be function; the vendor's own tools go under extra_body"
                    }
                  }
                ]
              },
              "omit_empty": true
            }
          },
          "omit_empty": true
        }
      ],
      "omit_empty": true
    },
    "thinking": {
      "with": "param:reasoning_effort",
      "switch": [
        {
          "when": {"path": "model:thinking", "eq": false},
          "then": {"error": "this model does not reason; leave reasoning_effort out"}
        },
        {
          "when": {"all": [{"path": "@", "eq": "none"}, {"path": "model:thinking", "eq": "budget"}]},
          "then": {"value": {"thinkingBudget": 0}}
        },
        {
          "when": {"path": "model:thinking", "eq": "budget"},
          "then": {
            "fields": {
              "thinkingBudget": {
                "source": "@",
                "map": {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
              },
              "includeThoughts": {"value": true}
            }
          }
        },
        {
          "then": {
            "fields": {
              "thinkingLevel": {"source": "@", "enum": ["minimal", "low", "medium", "high"]},
              "includeThoughts": {"value": true}
            }
          }
        }
      ]
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
    "messages": {"use": "contents", "path": "contents"},
    "systemInstruction": {"use": "system"},
    "tools": {"use": "tools"},
    "toolConfig": {
      "fields": {
        "functionCallingConfig": {
          "switch": [
            {
              "when": {"path": "param:tool_choice", "type": "string"},
              "then": {
                "fields": {
                  "mode": {
                    "source": "param:tool_choice",
                    "map": {"auto": "AUTO", "none": "NONE", "required": "ANY"}
                  }
                }
              }
            },
            {
              "when": {"path": "param:tool_choice", "type": "object"},
              "then": {
                "fields": {
                  "mode": {"value": "ANY"},
                  "allowedFunctionNames": {
                    "items": [{"source": "param:tool_choice.function.name", "required": true}]
                  }
                }
              }
            }
          ]
        }
      },
      "omit_empty": true
    },
    "generationConfig": {
      "fields": {
        "temperature": {"source": "param:temperature", "type": "number", "min": 0, "max": 2},
        "topP": {"source": "param:top_p", "type": "number", "min": 0, "max": 1},
        "topK": {"source": "param:top_k", "type": "integer", "min": 1},
        "maxOutputTokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
        "stopSequences": {"source": "param:stop", "type": "array"},
        "seed": {"source": "param:seed", "type": "integer"},
        "responseMimeType": {
          "source": "param:response_format.type",
          "map": {"json_schema": "application/json", "json_object": "application/json", "text": null}
        },
        "responseJsonSchema": {"source": "param:response_format.json_schema.schema", "type": "object"},
        "thinkingConfig": {"use": "thinking"}
      },
      "omit_empty": true
    },
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "streaming_path": "/models/{model}:streamGenerateContent?alt=sse",
  "operations": {
    "test": {"method": "GET", "path": "/models", "query": {"pageSize": {"value": 1}}},
    "list_models": {
      "method": "GET",
      "path": "/models",
      "query": {"pageSize": {"value": 1000}},
      "extract": {"source": "$.models[*].name", "all": true}
    },
    "count_tokens": {
      "method": "POST",
      "path": "/models/{model}:countTokens",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
        "request_model": {"format": "models/{param:model_name}", "path": "generateContentRequest.model"},
        "messages": {"use": "contents", "path": "generateContentRequest.contents"},
        "systemInstruction": {"use": "system", "path": "generateContentRequest.systemInstruction"},
        "tools": {"use": "tools", "path": "generateContentRequest.tools"}
      },
      "extract": {"source": "$.totalTokens", "type": "integer"}
    },
    "embed": {
      "method": "POST",
      "path": "/models/{model}:batchEmbedContents",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
        "requests": {
          "with": {"source": "param:input", "type": "array"},
          "each": "@[*]",
          "as": {
            "fields": {
              "model": {"format": "models/{param:model_name}"},
              "content": {
                "fields": {"parts": {"items": [{"fields": {"text": {"source": "@", "type": "string"}}}]}}
              }
            }
          },
          "min_items": 1,
          "required": true
        },
        "...": {"source": "param:extra_body", "type": "object"}
      },
      "extract": {"source": "$.embeddings[*].values", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "defs": {
    "error": {
      "fields": {
        "type": {"paths": ["$.error.status", "$[0].error.status"]},
        "code": {"paths": ["$.error.code", "$[0].error.code"]},
        "message": {"paths": ["$.error.message", "$[0].error.message"]}
      },
      "omit_empty": true
    },
    "call_id": {
      "switch": [
        {"when": {"path": "@.functionCall.id", "exists": true}, "then": "@.functionCall.id"},
        {
          "when": {"path": "$.responseId", "exists": true},
          "then": {"format": "call_{$.responseId}_{@index}"}
        },
        {"then": {"format": "call_{@index}"}}
      ]
    }
  },
  "extraction_rules": {
    "error": {
      "switch": [
        {
          "when": {"path": "$.promptFeedback.blockReason", "exists": true},
          "then": {
            "fields": {
              "type": {"value": "prompt_blocked"},
              "code": "$.promptFeedback.blockReason",
              "message": {"format": "the prompt was blocked: {$.promptFeedback.blockReason}"}
            }
          }
        },
        {"then": {"use": "error"}}
      ]
    },
    "text_content": {
      "type": "string",
      "paths": ["$.candidates[0].content.parts[?(@.thought != true)].text"],
      "join": ""
    },
    "reasoning_content": {
      "type": "string",
      "paths": ["$.candidates[0].content.parts[?(@.thought == true)].text"],
      "join": ""
    },
    "tool_calls": {
      "each": "$.candidates[0].content.parts[?(@.functionCall)]",
      "as": {
        "fields": {
          "id": {"use": "call_id"},
          "name": "@.functionCall.name",
          "arguments": {"source": "@.functionCall.args", "default": {}}
        }
      },
      "omit_empty": true
    },
    "finish_reason": {
      "switch": [
        {
          "when": {"path": "$.promptFeedback.blockReason", "exists": true},
          "then": {"value": "content_filter"}
        },
        {
          "when": {
            "all": [
              {"path": "$.candidates[0].content.parts[?(@.functionCall)]", "exists": true},
              {"path": "$.candidates[0].finishReason", "eq": "STOP"}
            ]
          },
          "then": {"value": "tool_calls"}
        },
        {
          "then": {
            "source": "$.candidates[0].finishReason",
            "map": {
              "STOP": "stop",
              "MAX_TOKENS": "length",
              "SAFETY": "content_filter",
              "RECITATION": "content_filter",
              "BLOCKLIST": "content_filter",
              "PROHIBITED_CONTENT": "content_filter",
              "SPII": "content_filter",
              "IMAGE_SAFETY": "content_filter"
            },
            "map_default": "other"
          }
        }
      ]
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {
          "sum": ["$.usageMetadata.promptTokenCount", "$.usageMetadata.toolUsePromptTokenCount"]
        },
        "output_tokens": {
          "sum": ["$.usageMetadata.candidatesTokenCount", "$.usageMetadata.thoughtsTokenCount"]
        },
        "cached_tokens": {"type": "integer", "paths": ["$.usageMetadata.cachedContentTokenCount"]},
        "reasoning_tokens": {"type": "integer", "paths": ["$.usageMetadata.thoughtsTokenCount"]},
        "service_tier": {"type": "string", "paths": ["$.usageMetadata.serviceTier"]},
        "...": "$.usageMetadata"
      }
    },
    "model_used": {"type": "string", "paths": ["$.modelVersion"]},
    "provider_request_id": {"type": "string", "paths": ["$.responseId"]},
    "provider_state": {
      "fields": {
        "gemini": {
          "fields": {
            "text_signature": {
              "with": {
                "each": "$.candidates[0].content.parts[?(@.text)]",
                "where": {
                  "all": [
                    {"path": "@.thoughtSignature", "exists": true},
                    {"not": {"path": "@.thought", "eq": true}}
                  ]
                },
                "as": "@.thoughtSignature"
              },
              "source": "@[-1]"
            },
            "signatures": {
              "each": "$.candidates[0].content.parts[?(@.functionCall)]",
              "where": {"path": "@.thoughtSignature", "exists": true},
              "as": {"fields": {"id": {"use": "call_id"}, "signature": "@.thoughtSignature"}},
              "omit_empty": true
            }
          },
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.candidates[0].finishReason"]},
    "finish_message": {"type": "string", "paths": ["$.candidates[0].finishMessage"]}
  },
  "stream": {
    "frame": "sse",
    "done": "eof",
    "rules": [
      {
        "when": {"any": [{"path": "$.error", "exists": true}, {"path": "$[0].error", "exists": true}]},
        "error": {"use": "error"}
      },
      {
        "each": "$.candidates[0].content.parts[?(@.thought != true)]",
        "to": "$.streamed.text",
        "op": "append",
        "from": "@.text",
        "emit": "text"
      },
      {
        "each": "$.candidates[0].content.parts[?(@.thought == true)]",
        "to": "$.streamed.thoughts",
        "op": "append",
        "from": "@.text",
        "emit": "reasoning"
      },
      {
        "each": "$.candidates[0].content.parts[*]",
        "to": "$.candidates[0].content.parts",
        "op": "push",
        "from": "@"
      },
      {"to": "$.candidates[0].finishReason", "op": "set", "from": "$.candidates[0].finishReason"},
      {"to": "$.candidates[0].finishMessage", "op": "set", "from": "$.candidates[0].finishMessage"},
      {"to": "$.promptFeedback", "op": "merge", "from": "$.promptFeedback"},
      {"to": "$.usageMetadata", "op": "merge", "from": "$.usageMetadata"},
      {"to": "$.modelVersion", "op": "set", "from": "$.modelVersion"},
      {"to": "$.responseId", "op": "set", "from": "$.responseId"}
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'cohere_chat', '/v2/chat', 'bearer',
      'Authorization: Bearer {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "part": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {"fields": {"type": {"value": "text"}, "text": {"source": "@.text", "required": true}}}
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {
            "fields": {
              "type": {"value": "image_url"},
              "image_url": {
                "fields": {
                  "url": {"source": "@.image_url.url", "required": true},
                  "detail": "@.image_url.detail"
                }
              }
            }
          }
        },
        {"then": {"error": "this content part is not taken: text or image_url"}}
      ]
    },
    "content": {
      "switch": [
        {"when": {"path": "@.content", "type": "string"}, "then": "@.content"},
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "part"}}
        },
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "blocks": {
      "switch": [
        {"when": {"path": "@.content", "eq": ""}, "then": {"value": []}},
        {
          "when": {"path": "@.content", "type": "string"},
          "then": {"items": [{"fields": {"type": {"value": "text"}, "text": "@.content"}}]}
        },
        {"then": {"use": "content"}}
      ]
    },
    "assistant": {
      "fields": {
        "role": {"value": "assistant"},
        "content": {
          "switch": [
            {
              "when": {"path": "@.provider_state.cohere.thinking", "exists": true},
              "then": {
                "items": [
                  {"source": "@.provider_state.cohere.thinking", "spread": true},
                  {"use": "blocks", "spread": true}
                ]
              }
            },
            {"then": {"use": "content", "omit_empty": true}}
          ]
        },
        "tool_plan": "@.provider_state.cohere.tool_plan",
        "tool_calls": {
          "each": "@.tool_calls[*]",
          "as": {
            "fields": {
              "id": {"source": "@.id", "required": true},
              "type": {"value": "function"},
              "function": {
                "fields": {
                  "name": {"source": "@.function.name", "required": true},
                  "arguments": {"source": "@.function.arguments", "default": "{}"}
                }
              }
            }
          },
          "omit_empty": true
        }
      }
    },
    "message": {
      "switch": [
        {
          "when": {"path": "@.role", "in": ["system", "developer"]},
          "then": {"fields": {"role": {"value": "system"}, "content": {"use": "content", "required": true}}}
        },
        {
          "when": {"path": "@.role", "eq": "user"},
          "then": {"fields": {"role": {"value": "user"}, "content": {"use": "content", "required": true}}}
        },
        {"when": {"path": "@.role", "eq": "assistant"}, "then": {"use": "assistant"}},
        {
          "when": {"path": "@.role", "eq": "tool"},
          "then": {
            "fields": {
              "role": {"value": "tool"},
              "tool_call_id": {"source": "@.tool_call_id", "required": true},
              "content": {"use": "content", "default": ""}
            }
          }
        },
        {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
      ]
    },
    "tool": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "function"},
          "then": {
            "fields": {
              "type": {"value": "function"},
              "function": {
                "fields": {
                  "name": {"source": "@.function.name", "required": true},
                  "description": "@.function.description",
                  "parameters": {
                    "source": "@.function.parameters",
                    "type": "object",
                    "default": {"type": "object", "properties": {}}
                  }
                }
              }
            }
          }
        },
        {"then": {"error": "a tool's type must be function"}}
      ]
    },
    "texts": {"source": "param:input", "type": "array", "min_items": 1, "max_items": 96, "required": true}
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "messages": {"each": "param:messages[*]", "as": {"use": "message"}, "min_items": 1, "required": true},
    "tools": {"each": "param:tools[*]", "as": {"use": "tool"}, "omit_empty": true},
    "strict_tools": {
      "switch": [
        {
          "when": {"path": "param:tools[?(@.function.strict == true)]", "exists": true},
          "then": {"value": true}
        }
      ]
    },
    "tool_choice": {
      "switch": [
        {
          "when": {"path": "param:tool_choice", "type": "object"},
          "then": {
            "error": "Cohere cannot be told to call one certain tool; give \"required\" and that tool alone"
          }
        },
        {
          "then": {
            "source": "param:tool_choice",
            "map": {"auto": null, "required": "REQUIRED", "none": "NONE"}
          }
        }
      ]
    },
    "response_format": {
      "with": "param:response_format",
      "fields": {
        "type": {
          "source": "@.type",
          "map": {"json_schema": "json_object", "json_object": "json_object", "text": "text"},
          "required": true
        },
        "json_schema": {"source": "@.json_schema.schema", "type": "object"}
      }
    },
    "thinking": {
      "with": "param:reasoning_effort",
      "switch": [
        {"when": {"path": "@", "eq": "none"}, "then": {"value": {"type": "disabled"}}},
        {
          "when": {"path": "model:reasoning", "eq": false},
          "then": {"error": "this model does not reason; leave reasoning_effort out"}
        },
        {
          "then": {
            "fields": {
              "type": {"value": "enabled"},
              "token_budget": {
                "source": "@",
                "map": {"minimal": 512, "low": 1024, "medium": 4096, "high": null}
              }
            }
          }
        }
      ]
    },
    "max_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
    "temperature": {"source": "param:temperature", "type": "number", "min": 0},
    "p": {"source": "param:top_p", "type": "number", "min": 0.01, "max": 0.99},
    "k": {"source": "param:top_k", "type": "integer", "min": 0, "max": 500},
    "seed": {"source": "param:seed", "type": "integer", "min": 0},
    "stop_sequences": {"source": "param:stop", "type": "array", "max_items": 5},
    "stream": {"source": "param:stream", "type": "boolean"},
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "operations": {
    "test": {"method": "POST", "path": "/v1/check-api-key"},
    "list_models": {
      "method": "GET",
      "path": "/v1/models",
      "query": {"endpoint": {"value": "chat"}, "page_size": {"value": 1000}},
      "extract": {"source": "$.models[*].name", "all": true}
    },
    "embed": {
      "method": "POST",
      "path": "/v2/embed",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "texts": {"use": "texts"},
        "input_type": {"value": "search_document"},
        "...": {"source": "param:extra_body", "type": "object"}
      },
      "extract": {"source": "$.embeddings.float[*]", "all": true}
    },
    "embed_query": {
      "method": "POST",
      "path": "/v2/embed",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "texts": {"use": "texts"},
        "input_type": {"value": "search_query"},
        "...": {"source": "param:extra_body", "type": "object"}
      },
      "extract": {"source": "$.embeddings.float[*]", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "extraction_rules": {
    "error": {
      "switch": [
        {"when": {"path": "$.message", "type": "string"}, "then": {"fields": {"message": "$.message"}}},
        {
          "when": {"path": "$.error", "exists": true},
          "then": {
            "fields": {
              "type": {"value": "generation_failed"},
              "code": "$.finish_reason",
              "message": "$.error",
              "retryable": {"value": true}
            }
          }
        },
        {
          "when": {"path": "$.finish_reason", "in": ["ERROR", "TIMEOUT"]},
          "then": {
            "fields": {
              "type": {"value": "generation_failed"},
              "code": "$.finish_reason",
              "message": {"format": "the answer ended with {$.finish_reason}"},
              "retryable": {"value": true}
            }
          }
        }
      ]
    },
    "text_content": {
      "type": "string",
      "paths": ["$.message.content[?(@.type == \"text\")].text"],
      "join": ""
    },
    "reasoning_content": {
      "type": "string",
      "paths": ["$.message.content[?(@.type == \"thinking\")].thinking", "$.message.tool_plan"],
      "join": "",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.message.tool_calls[*]",
      "as": {
        "fields": {
          "id": "@.id",
          "name": "@.function.name",
          "arguments": {
            "source": "@.function.arguments",
            "codec": "json_decode",
            "on_error": "raw",
            "default": {}
          }
        }
      },
      "omit_empty": true
    },
    "finish_reason": {
      "type": "string",
      "paths": ["$.finish_reason"],
      "map": {
        "COMPLETE": "stop",
        "STOP_SEQUENCE": "stop",
        "MAX_TOKENS": "length",
        "ERROR_LIMIT": "length",
        "TOOL_CALL": "tool_calls",
        "ERROR_TOXIC": "content_filter"
      },
      "map_default": "other"
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {
          "type": "integer",
          "paths": ["$.usage.billed_units.input_tokens", "$.usage.tokens.input_tokens"]
        },
        "output_tokens": {
          "type": "integer",
          "paths": ["$.usage.billed_units.output_tokens", "$.usage.tokens.output_tokens"]
        },
        "cached_tokens": {"type": "integer", "paths": ["$.usage.cached_tokens"]},
        "...": "$.usage"
      }
    },
    "provider_request_id": {"type": "string", "paths": ["$.id"]},
    "provider_state": {
      "fields": {
        "cohere": {
          "fields": {
            "tool_plan": {"source": "$.message.tool_plan", "omit_empty": true},
            "thinking": {"each": "$.message.content[?(@.type == \"thinking\")]", "omit_empty": true}
          },
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.finish_reason"]},
    "citations": {"each": "$.message.citations[*]", "omit_empty": true}
  },
  "stream": {
    "frame": "sse",
    "done": {"when": {"path": "$.type", "eq": "message-end"}},
    "rules": [
      {"when": {"path": "$.message", "type": "string"}, "error": {"fields": {"message": "$.message"}}},
      {"when": {"path": "$.type", "eq": "message-start"}, "to": "$.id", "op": "set", "from": "$.id"},
      {
        "when": {"path": "$.type", "eq": "content-start"},
        "to": "$.message.content[{$.index}]",
        "op": "set",
        "from": "$.delta.message.content"
      },
      {
        "when": {"path": "$.type", "eq": "content-delta"},
        "to": "$.message.content[{$.index}].text",
        "op": "append",
        "from": "$.delta.message.content.text",
        "emit": "text"
      },
      {
        "when": {"path": "$.type", "eq": "content-delta"},
        "to": "$.message.content[{$.index}].thinking",
        "op": "append",
        "from": "$.delta.message.content.thinking",
        "emit": "reasoning"
      },
      {
        "when": {"path": "$.type", "eq": "tool-plan-delta"},
        "to": "$.message.tool_plan",
        "op": "append",
        "from": "$.delta.message.tool_plan",
        "emit": "reasoning"
      },
      {
        "when": {"path": "$.type", "eq": "tool-call-start"},
        "to": "$.message.tool_calls[{$.index}]",
        "op": "set",
        "from": "$.delta.message.tool_calls"
      },
      {
        "when": {"path": "$.type", "eq": "tool-call-delta"},
        "to": "$.message.tool_calls[{$.index}].function.arguments",
        "op": "append",
        "from": "$.delta.message.tool_calls.function.arguments",
        "emit": "tool_arguments"
      },
      {
        "when": {"path": "$.type", "eq": "citation-start"},
        "to": "$.message.citations",
        "op": "push",
        "from": "$.delta.message.citations"
      },
      {
        "when": {"path": "$.type", "eq": "message-end"},
        "to": "$.finish_reason",
        "op": "set",
        "from": "$.delta.finish_reason"
      },
      {
        "when": {"path": "$.type", "eq": "message-end"},
        "to": "$.usage",
        "op": "set",
        "from": "$.delta.usage"
      },
      {
        "when": {"path": "$.type", "eq": "message-end"},
        "to": "$.error",
        "op": "set",
        "from": "$.delta.error"
      }
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'ollama_chat', '/api/chat', 'none',
      NULL, 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "text": {
      "switch": [
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"source": "@.content[?(@.type == \"text\")].text", "join": "\n", "default": ""}
        },
        {"when": {"path": "@.content", "type": "string"}, "then": "@.content"},
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "images": {
      "each": "@.content[*]",
      "where": {"not": {"path": "@.type", "eq": "text"}},
      "as": {
        "switch": [
          {
            "when": {"path": "@.image_url.url", "prefix": "data:"},
            "then": {"with": {"source": "@.image_url.url", "codec": "data_uri"}, "source": "@.data"}
          },
          {
            "when": {"path": "@.type", "eq": "image_url"},
            "then": {"error": "Ollama takes images as data URIs only"}
          },
          {"then": {"error": "this content part is not taken: text or image_url"}}
        ]
      },
      "omit_empty": true
    },
    "message": {
      "switch": [
        {
          "when": {"path": "@.role", "in": ["system", "developer"]},
          "then": {
            "fields": {
              "role": {"value": "system"},
              "content": {"use": "text", "required": true},
              "images": {"use": "images"}
            }
          }
        },
        {
          "when": {"path": "@.role", "eq": "user"},
          "then": {
            "fields": {
              "role": {"value": "user"},
              "content": {"use": "text", "required": true},
              "images": {"use": "images"}
            }
          }
        },
        {
          "when": {"path": "@.role", "eq": "assistant"},
          "then": {
            "fields": {
              "role": {"value": "assistant"},
              "content": {"use": "text", "default": ""},
              "images": {"use": "images"},
              "thinking": "@.provider_state.ollama.thinking",
              "tool_calls": {
                "each": "@.tool_calls[*]",
                "as": {
                  "fields": {
                    "function": {
                      "fields": {
                        "name": {"source": "@.function.name", "required": true},
                        "arguments": {
                          "source": "@.function.arguments",
                          "codec": "json_decode",
                          "type": "object",
                          "default": {}
                        }
                      }
                    }
                  }
                },
                "omit_empty": true
              }
            }
          }
        },
        {
          "when": {"path": "@.role", "eq": "tool"},
          "then": {
            "fields": {
              "role": {"value": "tool"},
              "content": {"use": "text", "default": ""},
              "images": {"use": "images"},
              "tool_name": {
                "switch": [
                  {"when": {"path": "@.name", "exists": true}, "then": "@.name"},
                  {
                    "then": {
                      "lookup": {
                        "in": "param:messages[*].tool_calls[*]",
                        "key": "@.id",
                        "equals": "@.tool_call_id",
                        "then": "@.function.name"
                      }
                    }
                  }
                ],
                "required": true
              }
            }
          }
        },
        {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
      ]
    },
    "tool": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "function"},
          "then": {
            "fields": {
              "type": {"value": "function"},
              "function": {
                "fields": {
                  "name": {"source": "@.function.name", "required": true},
                  "description": "@.function.description",
                  "parameters": {
                    "source": "@.function.parameters",
                    "type": "object",
                    "default": {"type": "object", "properties": {}}
                  }
                }
              }
            }
          }
        },
        {"then": {"error": "a tool's type must be function"}}
      ]
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "messages": {"each": "param:messages[*]", "as": {"use": "message"}, "min_items": 1, "required": true},
    "stream": {"source": "param:stream", "type": "boolean", "default": false},
    "tools": {
      "switch": [
        {
          "when": {
            "all": [
              {"path": "param:tool_choice", "exists": true},
              {"path": "param:tool_choice", "not_in": ["auto", "none"]}
            ]
          },
          "then": {"error": "Ollama cannot be made to call a tool; tool_choice may be auto or none"}
        },
        {
          "when": {"not": {"path": "param:tool_choice", "eq": "none"}},
          "then": {"each": "param:tools[*]", "as": {"use": "tool"}}
        }
      ],
      "omit_empty": true
    },
    "think": {
      "with": "param:reasoning_effort",
      "switch": [
        {
          "when": {"path": "model:thinking", "eq": "level"},
          "then": {
            "source": "@",
            "map": {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}
          }
        },
        {
          "then": {
            "source": "@",
            "map": {"none": false, "minimal": true, "low": true, "medium": true, "high": true}
          }
        }
      ]
    },
    "format": {
      "with": "param:response_format",
      "switch": [
        {
          "when": {"path": "@.type", "eq": "json_schema"},
          "then": {"source": "@.json_schema.schema", "type": "object", "required": true}
        },
        {"then": {"source": "@.type", "map": {"json_object": "json", "text": null}}}
      ]
    },
    "options": {
      "fields": {
        "num_predict": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
        "temperature": {"source": "param:temperature", "type": "number", "min": 0},
        "top_p": {"source": "param:top_p", "type": "number", "min": 0, "max": 1},
        "top_k": {"source": "param:top_k", "type": "integer", "min": 0},
        "seed": {"source": "param:seed", "type": "integer"},
        "stop": {"source": "param:stop", "type": "array"}
      },
      "omit_empty": true
    },
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "operations": {
    "test": {"method": "GET", "path": "/api/version"},
    "list_models": {
      "method": "GET",
      "path": "/api/tags",
      "extract": {"source": "$.models[*].name", "all": true}
    },
    "embed": {
      "method": "POST",
      "path": "/api/embed",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "input": {"source": "param:input", "required": true},
        "...": {"source": "param:extra_body", "type": "object"}
      },
      "extract": {"source": "$.embeddings[*]", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "extraction_rules": {
    "error": {"source": "$.error"},
    "text_content": {"type": "string", "paths": ["$.message.content"], "omit_empty": true},
    "reasoning_content": {"type": "string", "paths": ["$.message.thinking"], "omit_empty": true},
    "tool_calls": {
      "each": "$.message.tool_calls[*]",
      "as": {
        "fields": {
          "id": {
            "switch": [
              {"when": {"path": "@.id", "exists": true}, "then": "@.id"},
              {
                "when": {"path": "$.created_at", "exists": true},
                "then": {"format": "call_{$.created_at}_{@index}"}
              },
              {"then": {"format": "call_{@index}"}}
            ]
          },
          "name": "@.function.name",
          "arguments": {"source": "@.function.arguments", "default": {}}
        }
      },
      "omit_empty": true
    },
    "finish_reason": {
      "switch": [
        {"when": {"path": "$.done", "eq": false}, "then": null},
        {
          "when": {
            "all": [
              {"path": "$.message.tool_calls[0]", "exists": true},
              {"path": "$.done_reason", "not_in": ["length"]}
            ]
          },
          "then": {"value": "tool_calls"}
        },
        {
          "when": {"path": "$.done_reason", "exists": true},
          "then": {
            "source": "$.done_reason",
            "map": {"stop": "stop", "length": "length"},
            "map_default": "other"
          }
        },
        {"when": {"path": "$.done", "eq": true}, "then": {"value": "stop"}}
      ]
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {"type": "integer", "paths": ["$.prompt_eval_count"]},
        "output_tokens": {"type": "integer", "paths": ["$.eval_count"]},
        "total_duration": "$.total_duration",
        "load_duration": "$.load_duration",
        "prompt_eval_duration": "$.prompt_eval_duration",
        "eval_duration": "$.eval_duration"
      }
    },
    "model_used": {"type": "string", "paths": ["$.model"]},
    "provider_state": {
      "fields": {
        "ollama": {
          "fields": {"thinking": {"source": "$.message.thinking", "omit_empty": true}},
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.done_reason"]}
  },
  "stream": {
    "frame": "ndjson",
    "done": {"when": {"path": "$.done", "eq": true}},
    "rules": [
      {"when": {"path": "$.error", "exists": true}, "error": "$.error"},
      {"to": "$.model", "op": "set", "from": "$.model"},
      {"to": "$.created_at", "op": "set", "from": "$.created_at"},
      {"to": "$.message.role", "op": "set", "from": "$.message.role"},
      {"to": "$.message.content", "op": "append", "from": "$.message.content", "emit": "text"},
      {"to": "$.message.thinking", "op": "append", "from": "$.message.thinking", "emit": "reasoning"},
      {"each": "$.message.tool_calls[*]", "to": "$.message.tool_calls", "op": "push", "from": "@"},
      {"to": "$.done", "op": "set", "from": "$.done"},
      {"to": "$.done_reason", "op": "set", "from": "$.done_reason"},
      {"to": "$.prompt_eval_count", "op": "set", "from": "$.prompt_eval_count"},
      {"to": "$.eval_count", "op": "set", "from": "$.eval_count"},
      {"to": "$.total_duration", "op": "set", "from": "$.total_duration"},
      {"to": "$.load_duration", "op": "set", "from": "$.load_duration"},
      {"to": "$.prompt_eval_duration", "op": "set", "from": "$.prompt_eval_duration"},
      {"to": "$.eval_duration", "op": "set", "from": "$.eval_duration"}
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'bedrock_converse', '/model/{model}/converse', 'bearer',
      'Authorization: Bearer {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "file_part": {
      "switch": [
        {
          "when": {"path": "@.media_type", "prefix": "image/"},
          "then": {
            "fields": {
              "image": {
                "fields": {
                  "format": {
                    "source": "@.media_type",
                    "map": {
                      "image/png": "png",
                      "image/jpeg": "jpeg",
                      "image/gif": "gif",
                      "image/webp": "webp"
                    }
                  },
                  "source": {"fields": {"bytes": "@.data"}}
                }
              }
            }
          }
        },
        {
          "then": {
            "fields": {
              "document": {
                "fields": {
                  "format": {
                    "source": "@.media_type",
                    "map": {
                      "application/pdf": "pdf",
                      "text/csv": "csv",
                      "text/html": "html",
                      "text/plain": "txt",
                      "text/markdown": "md",
                      "application/msword": "doc",
                      "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
                      "application/vnd.ms-excel": "xls",
                      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx"
                    }
                  },
                  "name": {"format": "document {@index}"},
                  "source": {"fields": {"bytes": "@.data"}}
                }
              }
            }
          }
        }
      ]
    },
    "part": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {"fields": {"text": {"source": "@.text", "required": true}}}
        },
        {
          "when": {"path": "@.image_url.url", "prefix": "data:"},
          "then": {"with": {"source": "@.image_url.url", "codec": "data_uri"}, "use": "file_part"}
        },
        {
          "when": {"path": "@.image_url.url", "prefix": "s3:"},
          "then": {
            "fields": {
              "image": {
                "fields": {
                  "format": {
                    "source": "@.image_url.url",
                    "codec": "mime_from_url",
                    "map": {
                      "image/png": "png",
                      "image/jpeg": "jpeg",
                      "image/gif": "gif",
                      "image/webp": "webp"
                    },
                    "required": true
                  },
                  "source": {"fields": {"s3Location": {"fields": {"uri": "@.image_url.url"}}}}
                }
              }
            }
          }
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {"error": "Bedrock takes images as data URIs and s3: URIs only"}
        },
        {
          "when": {"path": "@.file.file_data", "prefix": "data:"},
          "then": {"with": {"source": "@.file.file_data", "codec": "data_uri"}, "use": "file_part"}
        },
        {"then": {"error": "this content part is not taken: text, image_url, or file with file_data"}}
      ]
    },
    "blocks": {
      "switch": [
        {"when": {"path": "@.content", "eq": ""}, "then": {"value": []}},
        {
          "when": {"path": "@.content", "type": "string"},
          "then": {"items": [{"fields": {"text": "@.content"}}]}
        },
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "part"}}
        },
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "user": {"fields": {"role": {"value": "user"}, "content": {"use": "blocks", "required": true}}},
    "assistant": {
      "with": {
        "items": [
          {"source": "@.provider_state.bedrock.reasoning", "spread": true},
          {"use": "blocks", "spread": true},
          {
            "each": "@.tool_calls[*]",
            "spread": true,
            "as": {
              "fields": {
                "toolUse": {
                  "fields": {
                    "toolUseId": {"source": "@.id", "required": true},
                    "name": {"source": "@.function.name", "required": true},
                    "input": {
                      "source": "@.function.arguments",
                      "codec": "json_decode",
                      "type": "object",
                      "default": {}
                    }
                  }
                }
              }
            }
          }
        ],
        "omit_empty": true
      },
      "fields": {"role": {"value": "assistant"}, "content": "@"}
    },
    "tool_result": {
      "fields": {
        "role": {"value": "user"},
        "content": {
          "items": [
            {
              "fields": {
                "toolResult": {
                  "fields": {
                    "toolUseId": {"source": "@.tool_call_id", "required": true},
                    "content": {
                      "switch": [
                        {
                          "when": {"path": "@.content", "codec": "json_decode", "type": "object"},
                          "then": {
                            "items": [{"fields": {"json": {"source": "@.content", "codec": "json_decode"}}}]
                          }
                        },
                        {"then": {"use": "blocks", "default": []}}
                      ]
                    }
                  }
                }
              }
            }
          ]
        }
      }
    },
    "system": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "in": ["system", "developer"]},
      "as": {"use": "blocks"},
      "flatten": true,
      "omit_empty": true
    },
    "messages": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "not_in": ["system", "developer"]},
      "as": {
        "switch": [
          {"when": {"path": "@.role", "eq": "user"}, "then": {"use": "user"}},
          {"when": {"path": "@.role", "eq": "assistant"}, "then": {"use": "assistant"}},
          {"when": {"path": "@.role", "eq": "tool"}, "then": {"use": "tool_result"}},
          {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
        ]
      },
      "merge_adjacent": {"by": "role", "append": ["content"]},
      "min_items": 1,
      "required": true
    },
    "tools": {
      "switch": [
        {"when": {"path": "param:tool_choice", "eq": "none"}, "then": null},
        {
          "then": {
            "fields": {
              "tools": {
                "each": "param:tools[*]",
                "as": {
                  "switch": [
                    {
                      "when": {"path": "@.type", "eq": "function"},
                      "then": {
                        "fields": {
                          "toolSpec": {
                            "fields": {
                              "name": {"source": "@.function.name", "required": true},
                              "description": "@.function.description",
                              "inputSchema": {
                                "fields": {
                                  "json": {
                                    "source": "@.function.parameters",
                                    "type": "object",
                                    "default": {"type": "object", "properties": {}}
                                  }
                                }
                              },
                              "strict": "@.function.strict"
                            }
                          }
                        }
                      }
                    },
                    {"then": {"error": "a tool's type must be function"}}
                  ]
                },
                "omit_empty": true
              },
              "toolChoice": {
                "switch": [
                  {
                    "when": {"path": "param:tool_choice", "type": "object"},
                    "then": {
                      "fields": {
                        "tool": {
                          "fields": {"name": {"source": "param:tool_choice.function.name", "required": true}}
                        }
                      }
                    }
                  },
                  {
                    "then": {
                      "source": "param:tool_choice",
                      "map": {"auto": {"auto": {}}, "required": {"any": {}}}
                    }
                  }
                ]
              }
            },
            "omit_empty": true
          }
        }
      ]
    },
    "effort": {
      "source": "param:reasoning_effort",
      "map": {
        "none": null,
        "minimal": "low",
        "low": "low",
        "medium": "medium",
        "high": "high",
        "xhigh": "xhigh",
        "max": "max"
      }
    },
    "budget": {
      "source": "param:reasoning_effort",
      "map": {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32000}
    },
    "reasoning": {
      "with": "param:reasoning_effort",
      "switch": [
        {"when": {"path": "@", "eq": "none"}, "then": null},
        {
          "when": {"path": "model:thinking", "eq": "budget"},
          "then": {
            "fields": {
              "thinking": {"fields": {"type": {"value": "enabled"}, "budget_tokens": {"use": "budget"}}}
            }
          }
        },
        {
          "when": {"path": "model:thinking", "eq": "adaptive"},
          "then": {"value": {"thinking": {"type": "adaptive"}}}
        },
        {
          "when": {"path": "model:thinking", "eq": "nova"},
          "then": {
            "fields": {
              "reasoningConfig": {
                "fields": {
                  "type": {"value": "enabled"},
                  "maxReasoningEffort": {
                    "source": "@",
                    "map": {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}
                  }
                }
              }
            }
          }
        },
        {
          "when": {"path": "model:thinking", "eq": false},
          "then": {"error": "this model does not reason; leave reasoning_effort out"}
        }
      ]
    },
    "sampling": {
      "switch": [
        {"when": {"not": {"path": "model:sampling_params", "eq": false}}, "then": "@"},
        {
          "when": {"not": {"path": "param:drop_params", "eq": true}},
          "then": {"error": "this model takes no sampling parameters; \"drop_params\": true leaves them out"}
        }
      ]
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
    "messages": {"use": "messages"},
    "system": {"use": "system"},
    "inferenceConfig": {
      "fields": {
        "maxTokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
        "temperature": {"with": "param:temperature", "use": "sampling", "type": "number", "min": 0, "max": 1},
        "topP": {"with": "param:top_p", "use": "sampling", "type": "number", "min": 0, "max": 1},
        "stopSequences": {"source": "param:stop", "type": "array"}
      },
      "omit_empty": true
    },
    "toolConfig": {"use": "tools"},
    "outputConfig": {
      "fields": {
        "effort": {
          "switch": [
            {
              "when": {"not": {"path": "model:thinking", "in": ["budget", "nova", false]}},
              "then": {"use": "effort"}
            }
          ]
        },
        "textFormat": {
          "with": "param:response_format",
          "switch": [
            {
              "when": {"path": "@.type", "eq": "json_schema"},
              "then": {
                "fields": {
                  "type": {"value": "json_schema"},
                  "structure": {
                    "fields": {
                      "jsonSchema": {
                        "fields": {
                          "schema": {
                            "source": "@.json_schema.schema",
                            "codec": "json_encode",
                            "required": true
                          },
                          "name": "@.json_schema.name",
                          "description": "@.json_schema.description"
                        }
                      }
                    }
                  }
                }
              }
            },
            {
              "when": {"not": {"path": "@.type", "eq": "text"}},
              "then": {"error": "response_format must be of type json_schema (with a schema) or text"}
            }
          ]
        }
      },
      "omit_empty": true
    },
    "additionalModelRequestFields": {"use": "reasoning"},
    "requestMetadata": {"source": "param:metadata", "type": "object"},
    "stream": {
      "switch": [
        {
          "when": {"path": "param:stream", "eq": true},
          "then": {"error": "Bedrock's stream is binary and cannot be read here; leave stream out"}
        }
      ]
    },
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "operations": {
    "test": {
      "method": "POST",
      "path": "/model/{model}/converse",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
        "messages": {"value": [{"role": "user", "content": [{"text": "ping"}]}]},
        "inferenceConfig": {"value": {"maxTokens": 1}}
      }
    },
    "count_tokens": {
      "method": "POST",
      "path": "/model/{model}/count-tokens",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
        "messages": {"use": "messages", "path": "input.converse.messages"},
        "system": {"use": "system", "path": "input.converse.system"},
        "toolConfig": {"use": "tools", "path": "input.converse.toolConfig"}
      },
      "extract": {"source": "$.inputTokens", "type": "integer"}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "extraction_rules": {
    "error": {
      "fields": {
        "type": {"paths": ["header:x-amzn-ErrorType", "$.__type"]},
        "message": {"type": "string", "paths": ["$.message", "$.Message"]}
      },
      "omit_empty": true
    },
    "text_content": {"type": "string", "paths": ["$.output.message.content[*].text"], "join": ""},
    "reasoning_content": {
      "type": "string",
      "paths": ["$.output.message.content[*].reasoningContent.reasoningText.text"],
      "join": "",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.output.message.content[*].toolUse",
      "as": {
        "fields": {"id": "@.toolUseId", "name": "@.name", "arguments": {"source": "@.input", "default": {}}}
      },
      "omit_empty": true
    },
    "finish_reason": {
      "type": "string",
      "paths": ["$.stopReason"],
      "map": {
        "end_turn": "stop",
        "stop_sequence": "stop",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "tool_use": "tool_calls",
        "guardrail_intervened": "content_filter",
        "content_filtered": "content_filter"
      },
      "map_default": "other"
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {
          "sum": ["$.usage.inputTokens", "$.usage.cacheReadInputTokens", "$.usage.cacheWriteInputTokens"]
        },
        "output_tokens": {"type": "integer", "paths": ["$.usage.outputTokens"]},
        "cached_tokens": {"type": "integer", "paths": ["$.usage.cacheReadInputTokens"]},
        "cache_write_tokens": {"type": "integer", "paths": ["$.usage.cacheWriteInputTokens"]},
        "cache_write_1h_tokens": {"sum": "$.usage.cacheDetails[?(@.ttl == \"1h\")].inputTokens"},
        "service_tier": {"type": "string", "paths": ["$.serviceTier.type"]},
        "...": "$.usage"
      }
    },
    "model_used": {"type": "string", "paths": ["$.trace.promptRouter.invokedModelId"]},
    "provider_request_id": {"type": "string", "paths": ["header:x-amzn-RequestId"]},
    "provider_state": {
      "fields": {
        "bedrock": {
          "fields": {
            "reasoning": {"each": "$.output.message.content[?(@.reasoningContent)]", "omit_empty": true}
          },
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.stopReason"]},
    "latency_ms": {"type": "integer", "paths": ["$.metrics.latencyMs"]}
  }
}
      $json$::pg_catalog.jsonb;
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
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 14
  BEGIN ATOMIC
    WITH listed AS (
      SELECT e.ordinality AS position, p.*
      FROM pg_catalog.jsonb_array_elements($json$
[
  {
    "provider_name": "groq",
    "display_name": "Groq",
    "description": "Groq's Responses API.",
    "dialect": "openai_responses",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.groq.com",
    "endpoint_path_template": "/openai/v1/responses",
    "default_model": "openai/gpt-oss-120b",
    "supported_models": ["openai/gpt-oss-120b", "openai/gpt-oss-20b"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false
    },
    "context_window_tokens": 131072,
    "max_output_tokens_limit": 65536,
    "is_active": true,
    "is_enabled": true
  },
  {
    "provider_name": "openrouter",
    "display_name": "OpenRouter",
    "description": "Chat completions over the models of many vendors, with the cost charged.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://openrouter.ai/api/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "openai/gpt-oss-120b",
    "supported_models": [
      "openai/gpt-oss-120b",
      "openai/gpt-4.1",
      "anthropic/claude-sonnet-4.5",
      "google/gemini-2.5-flash"
    ],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false
    },
    "context_window_tokens": 131072
  },
  {
    "provider_name": "google_ai",
    "display_name": "Google AI (Gemini)",
    "description": "Gemini generateContent. The model stands in the path; streaming has a path of its own.",
    "dialect": "gemini_generate_content",
    "auth_scheme": "api_key_header",
    "auth_header_template": "x-goog-api-key: {api_key}",
    "base_url": "https://generativelanguage.googleapis.com/v1beta",
    "endpoint_path_template": "/models/{model}:generateContent",
    "default_model": "gemini-2.5-flash",
    "supported_models": ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-2.5-flash-lite"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": true,
      "thinking": "level", "gemini-2.5*": {"thinking": "budget"}, "gemini-2.0*": {"thinking": false}
    },
    "context_window_tokens": 1048576,
    "max_output_tokens_limit": 65536
  },
  {
    "provider_name": "chatgpt",
    "display_name": "ChatGPT (OpenAI)",
    "description": "OpenAI chat completions.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.openai.com/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "gpt-4.1",
    "supported_models": ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": true,
      "o1*": {"sampling_params": false, "reasoning": true},
      "o3*": {"sampling_params": false, "reasoning": true},
      "o4*": {"sampling_params": false, "reasoning": true},
      "gpt-5": {"sampling_params": false, "reasoning": true},
      "gpt-5-mini*": {"sampling_params": false, "reasoning": true},
      "gpt-5-nano*": {"sampling_params": false, "reasoning": true}
    },
    "context_window_tokens": 1047576,
    "max_output_tokens_limit": 32768
  },
  {
    "provider_name": "anthropic",
    "display_name": "Anthropic",
    "description": "Claude through the Messages API, which always wants max_tokens: 4096 if nothing else is said.",
    "dialect": "anthropic_messages",
    "auth_scheme": "api_key_header",
    "auth_header_template": "x-api-key: {api_key}",
    "base_url": "https://api.anthropic.com",
    "endpoint_path_template": "/v1/messages",
    "default_model": "claude-sonnet-5",
    "supported_models": [
      "claude-sonnet-5",
      "claude-opus-5",
      "claude-opus-4-8",
      "claude-sonnet-4-6",
      "claude-haiku-4-5"
    ],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": true,
      "claude-3*": {"thinking": "budget"}, "claude-4-*": {"thinking": "budget"},
      "claude-*-4-0*": {"thinking": "budget"}, "claude-*-4-1*": {"thinking": "budget"},
      "claude-*-4-2*": {"thinking": "budget"}, "claude-*-4-5*": {"thinking": "budget"},
      "claude-3-haiku*": {"thinking": false}, "claude-3-opus*": {"thinking": false},
      "claude-3-5*": {"thinking": false}, "claude-opus-4-7*": {"sampling_params": false},
      "claude-opus-4-8*": {"sampling_params": false}, "claude-opus-5*": {"sampling_params": false},
      "claude-sonnet-5*": {"sampling_params": false}, "claude-fable-5*": {"sampling_params": false}
    },
    "context_window_tokens": 1000000,
    "max_output_tokens_limit": 128000
  },
  {
    "provider_name": "mistral",
    "display_name": "Mistral AI",
    "description": "Chat completions; seed goes as random_seed.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.mistral.ai/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "mistral-medium-latest",
    "supported_models": [
      "mistral-medium-latest",
      "mistral-large-latest",
      "mistral-small-latest",
      "magistral-medium-latest"
    ],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": true
    },
    "context_window_tokens": 262144
  },
  {
    "provider_name": "deepseek",
    "display_name": "DeepSeek",
    "description": "Chat completions; JSON output without a schema.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.deepseek.com",
    "endpoint_path_template": "/chat/completions",
    "default_model": "deepseek-chat",
    "supported_models": ["deepseek-chat", "deepseek-reasoner"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": false, "reasoning": false, "vision": false,
      "deepseek-reasoner": {"reasoning": true}
    },
    "context_window_tokens": 131072
  },
  {
    "provider_name": "xai",
    "display_name": "xAI",
    "description": "Chat completions of Grok; reasoning tokens, which come beside the others, count as output.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.x.ai/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "grok-4",
    "supported_models": ["grok-4", "grok-4-1-fast-reasoning", "grok-4-1-fast-non-reasoning"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": true
    },
    "context_window_tokens": 256000
  },
  {
    "provider_name": "together",
    "display_name": "Together AI",
    "description": "Chat completions over open models.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.together.xyz/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "openai/gpt-oss-120b",
    "supported_models": ["openai/gpt-oss-120b", "openai/gpt-oss-20b"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false
    },
    "context_window_tokens": 131072
  },
  {
    "provider_name": "cohere",
    "display_name": "Cohere",
    "description": "Cohere's v2 chat. Usage holds the billed units.",
    "dialect": "cohere_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.cohere.com",
    "endpoint_path_template": "/v2/chat",
    "default_model": "command-a-03-2025",
    "supported_models": [
      "command-a-03-2025",
      "command-a-reasoning-08-2025",
      "command-a-vision-07-2025",
      "command-r7b-12-2024"
    ],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": false,
      "command-a-reasoning*": {"reasoning": true}, "command-a-vision*": {"vision": true}
    },
    "context_window_tokens": 256000
  },
  {
    "provider_name": "azure_openai",
    "display_name": "Azure OpenAI",
    "description": "Azure's v1 API. Put the resource's name into base_url; the model is the name of a deployment.",
    "dialect": "openai_chat",
    "auth_scheme": "api_key_header",
    "auth_header_template": "api-key: {api_key}",
    "base_url": "https://{resource}.openai.azure.com/openai/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "gpt-4.1",
    "supported_models": ["gpt-4.1", "gpt-4.1-mini"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": true,
      "o1*": {"sampling_params": false, "reasoning": true},
      "o3*": {"sampling_params": false, "reasoning": true},
      "o4*": {"sampling_params": false, "reasoning": true},
      "gpt-5": {"sampling_params": false, "reasoning": true},
      "gpt-5-mini*": {"sampling_params": false, "reasoning": true},
      "gpt-5-nano*": {"sampling_params": false, "reasoning": true}
    },
    "context_window_tokens": 1047576,
    "max_output_tokens_limit": 32768
  },
  {
    "provider_name": "bedrock",
    "display_name": "Amazon Bedrock",
    "description": "Converse in us-east-1, by API key. Its stream is binary, so stream is refused. Another region: another base_url.",
    "dialect": "bedrock_converse",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://bedrock-runtime.us-east-1.amazonaws.com",
    "endpoint_path_template": "/model/{model}/converse",
    "default_model": "us.anthropic.claude-sonnet-4-6",
    "supported_models": [
      "us.anthropic.claude-sonnet-4-6",
      "us.anthropic.claude-haiku-4-5-20251001-v1:0",
      "amazon.nova-pro-v1:0",
      "amazon.nova-lite-v1:0",
      "us.amazon.nova-2-lite-v1:0"
    ],
    "model_capabilities": {
      "streaming": false, "tools": true, "json_schema": true, "reasoning": true, "vision": true,
      "*anthropic.claude-*": {"thinking": "adaptive"}, "*anthropic.claude-3*": {"thinking": "budget"},
      "*anthropic.claude-*-4-1-*": {"thinking": "budget"},
      "*anthropic.claude-*-4-2*": {"thinking": "budget"}, "*anthropic.claude-*-4-5*": {"thinking": "budget"},
      "*amazon.nova-2*": {"thinking": "nova"}, "amazon.nova-pro*": {"thinking": false},
      "amazon.nova-lite*": {"thinking": false}, "amazon.nova-micro*": {"thinking": false, "vision": false},
      "*anthropic.claude-opus-4-7*": {"sampling_params": false},
      "*anthropic.claude-opus-4-8*": {"sampling_params": false},
      "*anthropic.claude-opus-5*": {"sampling_params": false},
      "*anthropic.claude-sonnet-5*": {"sampling_params": false}
    },
    "context_window_tokens": 1000000,
    "max_output_tokens_limit": 64000
  },
  {
    "provider_name": "ollama",
    "display_name": "Ollama",
    "description": "Ollama's own chat API on this machine; images as data URIs only.",
    "dialect": "ollama_chat",
    "auth_scheme": "none",
    "base_url": "http://localhost:11434",
    "endpoint_path_template": "/api/chat",
    "default_model": "llama3.2",
    "supported_models": ["llama3.2", "qwen3", "gpt-oss:20b"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": true,
      "gpt-oss*": {"thinking": "level"}
    }
  },
  {
    "provider_name": "vllm",
    "display_name": "vLLM",
    "description": "Chat completions of a vLLM server on this machine.",
    "dialect": "openai_chat",
    "auth_scheme": "none",
    "base_url": "http://localhost:8000/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "openai/gpt-oss-120b",
    "supported_models": ["openai/gpt-oss-120b"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false
    }
  }
]
      $json$::pg_catalog.jsonb) WITH ORDINALITY AS e (element, ordinality),
        LATERAL pg_catalog.jsonb_to_record(e.element) AS p (
          provider_name pg_catalog.text, display_name pg_catalog.text, description pg_catalog.text,
          dialect pg_catalog.text, auth_scheme pg_catalog.text, auth_header_template pg_catalog.text,
          base_url pg_catalog.text, endpoint_path_template pg_catalog.text, additional_headers pg_catalog.jsonb,
          default_model pg_catalog.text, supported_models pg_catalog.jsonb, model_capabilities pg_catalog.jsonb,
          context_window_tokens pg_catalog.int4, max_output_tokens_limit pg_catalog.int4,
          is_active pg_catalog.bool, is_enabled pg_catalog.bool)
    ), different AS (
      SELECT v.key AS provider_name, c.*
      FROM pg_catalog.jsonb_each($json$
{
  "groq": {
    "operations": {
      "test": {"method": "GET", "path": "/openai/v1/models"},
      "list_models": {
        "method": "GET",
        "path": "/openai/v1/models",
        "extract": {"source": "$.data[*].id", "all": true}
      },
      "count_tokens": null,
      "embed": null
    }
  },
  "openrouter": {
    "payload_structure": {
      "messages": {
        "each": "param:messages[*]",
        "as": {
          "fields": {
            "reasoning_details": {
              "each": "@.provider_state[*]",
              "where": {"path": "@.type", "prefix": "reasoning."},
              "omit_empty": true
            },
            "...": {"use": "message"}
          }
        },
        "required": true,
        "min_items": 1
      },
      "top_k": {"source": "param:top_k", "type": "integer"},
      "reasoning_effort": {"source": "param:reasoning_effort", "type": "string", "path": "reasoning.effort"}
    },
    "operations": {"test": {"method": "GET", "path": "/key"}},
    "extraction_rules": {
      "provider_request_id": {
        "type": "string",
        "paths": ["$.id", "header:x-generation-id", "header:x-request-id"]
      },
      "provider_state": {"source": "$.choices[0].message.reasoning_details", "omit_empty": true},
      "reported_cost": {"source": "$.usage.cost", "type": "number"},
      "upstream": {"source": "$.provider", "type": "string"},
      "error": {
        "switch": [
          {"when": {"path": "$.error", "type": "object"}, "then": {"with": "$.error", "use": "error"}},
          {
            "when": {"path": "$.choices[0].error", "type": "object"},
            "then": {"with": "$.choices[0].error", "use": "error"}
          },
          {"when": {"path": "$.error", "exists": true}, "then": {"fields": {"message": "$.error"}}}
        ]
      }
    },
    "stream_rules": [
      {"to": "$.provider", "op": "set", "from": "$.provider"},
      {"to": "$.choices[0].error", "op": "set", "from": "$.choices[0].error"},
      {
        "each": "$.choices[0].delta.reasoning_details[*]",
        "to": "$.choices[0].message.reasoning_details[{@.index}]",
        "op": "merge",
        "from": {
          "fields": {
            "type": "@.type",
            "id": "@.id",
            "format": "@.format",
            "index": "@.index",
            "signature": "@.signature",
            "data": "@.data"
          }
        }
      },
      {
        "each": "$.choices[0].delta.reasoning_details[*]",
        "to": "$.choices[0].message.reasoning_details[{@.index}].text",
        "op": "append",
        "from": "@.text"
      },
      {
        "each": "$.choices[0].delta.reasoning_details[*]",
        "to": "$.choices[0].message.reasoning_details[{@.index}].summary",
        "op": "append",
        "from": "@.summary"
      }
    ]
  },
  "chatgpt": {
    "payload_structure": {
      "max_tokens": null,
      "max_completion_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1}
    }
  },
  "mistral": {
    "payload_structure": {
      "messages": {
        "each": "param:messages[*]",
        "as": {
          "fields": {
            "role": {"source": "@.role", "map": {"developer": "system"}, "map_else": "keep"},
            "...": {"use": "message"}
          }
        },
        "required": true,
        "min_items": 1
      },
      "seed": null,
      "random_seed": {"source": "param:seed", "type": "integer"},
      "reasoning_effort": null,
      "user": null,
      "stream_options": null
    },
    "operations": {
      "embed": {
        "method": "POST",
        "path": "/embeddings",
        "payload_structure": {
          "model": {"source": "param:model_name", "type": "string", "required": true},
          "input": {"source": "param:input", "required": true}
        },
        "extract": {"source": "$.data[*].embedding", "all": true}
      }
    }
  },
  "deepseek": {
    "payload_structure": {
      "messages": {
        "each": "param:messages[*]",
        "as": {
          "fields": {
            "role": {"source": "@.role", "map": {"developer": "system"}, "map_else": "keep"},
            "content": {"source": "@.content", "default": ""},
            "...": {"use": "message"}
          }
        },
        "required": true,
        "min_items": 1
      },
      "response_format": {
        "switch": [
          {
            "when": {"path": "param:response_format.type", "eq": "json_schema"},
            "then": {"error": "DeepSeek takes no JSON schema; give {\"type\": \"json_object\"}"}
          },
          {"then": {"source": "param:response_format", "type": "object"}}
        ]
      },
      "seed": null,
      "parallel_tool_calls": null,
      "reasoning_effort": null,
      "user": null,
      "metadata": null
    },
    "operations": {"embed": null}
  },
  "xai": {
    "payload_structure": {
      "max_tokens": null,
      "max_completion_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
      "metadata": null
    },
    "operations": {"test": {"method": "GET", "path": "/api-key"}, "embed": null},
    "extraction_rules": {
      "usage_stats": {
        "with": "$.usage",
        "fields": {
          "input_tokens": {"source": "@.prompt_tokens", "type": "integer"},
          "output_tokens": {"sum": ["@.completion_tokens", "@.completion_tokens_details.reasoning_tokens"]},
          "cached_tokens": {"source": "@.prompt_tokens_details.cached_tokens", "type": "integer"},
          "reasoning_tokens": {"source": "@.completion_tokens_details.reasoning_tokens", "type": "integer"},
          "...": "@"
        }
      }
    }
  },
  "together": {
    "payload_structure": {
      "messages": {
        "each": "param:messages[*]",
        "as": {
          "fields": {
            "role": {"source": "@.role", "map": {"developer": "system"}, "map_else": "keep"},
            "...": {"use": "message"}
          }
        },
        "required": true,
        "min_items": 1
      },
      "top_k": {"source": "param:top_k", "type": "integer"},
      "parallel_tool_calls": null,
      "user": null,
      "metadata": null
    },
    "operations": {
      "list_models": {"method": "GET", "path": "/models", "extract": {"source": "$[*].id", "all": true}},
      "embed": {
        "method": "POST",
        "path": "/embeddings",
        "payload_structure": {
          "model": {"source": "param:model_name", "type": "string", "required": true},
          "input": {"source": "param:input", "required": true}
        },
        "extract": {"source": "$.data[*].embedding", "all": true}
      }
    }
  },
  "azure_openai": {
    "payload_structure": {
      "max_tokens": null,
      "max_completion_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1}
    }
  },
  "vllm": {"payload_structure": {"top_k": {"source": "param:top_k", "type": "integer"}, "metadata": null}}
}
      $json$::pg_catalog.jsonb) v,
        LATERAL pg_catalog.jsonb_to_record(v.value) AS c (
          payload_structure pg_catalog.jsonb, operations pg_catalog.jsonb, extraction_rules pg_catalog.jsonb,
          stream_rules pg_catalog.jsonb)
    ), section AS (
      -- Each section that a vendor changes, whole again.
      SELECT l.provider_name, s.name,
             pg_catalog.jsonb_object_agg(m.key, m.value)
               FILTER (WHERE pg_catalog.jsonb_typeof(m.value) OPERATOR(pg_catalog.<>) 'null') AS members
      FROM listed l
      JOIN different c ON c.provider_name OPERATOR(pg_catalog.=) l.provider_name
      JOIN llm_admin.shipped_dialects() d ON d.dialect OPERATOR(pg_catalog.=) l.dialect,
        LATERAL (VALUES
          ('payload_structure'::pg_catalog.text, d.request_builder_config, c.payload_structure),
          ('operations', d.request_builder_config, c.operations),
          ('extraction_rules', d.response_extractor_config, c.extraction_rules)) AS s (name, config, changes),
        LATERAL pg_catalog.jsonb_each(
          (s.config OPERATOR(pg_catalog.->) s.name) OPERATOR(pg_catalog.||) s.changes) m
      WHERE s.changes IS NOT NULL
      GROUP BY l.provider_name, s.name
    ), changed AS (
      SELECT s.provider_name,
             COALESCE(pg_catalog.jsonb_object_agg(s.name, s.members)
               FILTER (WHERE s.name OPERATOR(pg_catalog.<>) 'extraction_rules'), '{}') AS request,
             COALESCE(pg_catalog.jsonb_object_agg(s.name, s.members)
               FILTER (WHERE s.name OPERATOR(pg_catalog.=) 'extraction_rules'), '{}') AS response
      FROM section s
      GROUP BY s.provider_name
    )
    SELECT l.provider_name, l.display_name, l.description, l.auth_scheme, l.auth_header_template, l.base_url,
           l.endpoint_path_template, 'POST', l.additional_headers,
           d.request_builder_config OPERATOR(pg_catalog.||) COALESCE(c.request, '{}'),
           CASE
             WHEN v.stream_rules IS NULL THEN d.response_extractor_config OPERATOR(pg_catalog.||) COALESCE(c.response, '{}')
             ELSE pg_catalog.jsonb_set(
               d.response_extractor_config OPERATOR(pg_catalog.||) COALESCE(c.response, '{}'), '{stream,rules}',
               (d.response_extractor_config OPERATOR(pg_catalog.#>) '{stream,rules}')
                 OPERATOR(pg_catalog.||) v.stream_rules)
           END,
           l.default_model, l.supported_models, l.model_capabilities, l.context_window_tokens,
           l.max_output_tokens_limit, COALESCE(l.is_active, false), COALESCE(l.is_enabled, false)
    FROM listed l
    JOIN llm_admin.shipped_dialects() d ON d.dialect OPERATOR(pg_catalog.=) l.dialect
    LEFT JOIN different v ON v.provider_name OPERATOR(pg_catalog.=) l.provider_name
    LEFT JOIN changed c ON c.provider_name OPERATOR(pg_catalog.=) l.provider_name
    ORDER BY l.position;
  END;

CREATE OR REPLACE FUNCTION llm_admin.shipped_provider_aliases()
  RETURNS TABLE (alias pg_catalog.text, provider_name pg_catalog.text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 9
  BEGIN ATOMIC
    VALUES ('openai'::pg_catalog.text, 'chatgpt'::pg_catalog.text), ('google', 'google_ai'), ('gemini', 'google_ai'),
      ('claude', 'anthropic'), ('grok', 'xai'), ('azure', 'azure_openai'), ('aws_bedrock', 'bedrock'),
      ('mistralai', 'mistral'), ('togetherai', 'together');
  END;

CREATE OR REPLACE FUNCTION llm_admin.remove_seed_providers()
  RETURNS TABLE (provider_name pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 14
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
                 -- As an earlier version shipped it is not edited either: groq, openrouter, google_ai, chatgpt of 0.1.
                 AND pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((
                     p.provider_name, p.display_name, p.description, p.auth_scheme, p.auth_header_template, p.base_url,
                     p.endpoint_path_template, p.http_method, p.additional_headers, p.request_builder_config,
                     p.response_extractor_config, p.default_model, p.supported_models, p.model_capabilities,
                     p.context_window_tokens, p.max_output_tokens_limit, p.is_enabled)::pg_catalog.text, 'UTF8')), 'hex')
                   NOT IN (
                     '4f4f9d90e012b6c3702cb8903545cd452a57e603d3b2499d9bbfe913f02ee9de',
                     'c2d37f7a1b71375422210b4dc355635ba26855a7f16900bf70077b4d881b4d24',
                     '3737865fd48d619d755369505e4877a96d6c057bc7e9cf7fd2a973a9054e9cf5',
                     'f434f20e47ee6f0d536b581597102ec0960bf2d7fcb629a0a1271fd1efcddfce')
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
COMMENT ON COLUMN llm_admin.data_keys.first_use_block IS 'Value of key_use_blocks when the key was made: an upper bound of its uses follows from it';
COMMENT ON SEQUENCE llm_admin.key_use_blocks IS 'Blocks of key uses handed out to backends';
COMMENT ON FUNCTION llm_admin.rotate_root_key(pg_catalog.int4) IS 'Makes a root key of the keyring the active one and wraps every data key with it anew';
COMMENT ON FUNCTION llm_admin.data_keys_changed() IS 'Trigger: sessions drop cached data keys when data_keys changes';
COMMENT ON COLUMN llm_admin.access_grants.role_name IS 'Name of the role at the time; a renamed role is granted anew';
COMMENT ON FUNCTION llm_admin.refresh_access() IS 'Applies access_grants again: to be run after an upgrade, which may bring new functions';

CREATE FUNCTION llm_admin.drop_functions(leaving pg_catalog.regprocedure[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_functions';
SELECT llm_admin.drop_functions(ARRAY[
  'llm_admin.missing_access()',
  'llm_admin.revoke_gone_role(pg_catalog.text)',
  'llm_admin.refresh_access_by_name()',
  'llm_admin.new_installation()',
  'llm_admin.schema_objects()',
  'llm_admin.check_row()',
  'llm_admin.schema_stats()',
  'llm_admin.migration_status()',
  'llm_admin.repair_schema(pg_catalog.bool)',
  'llm_admin.validate_schema()'
]::pg_catalog.regprocedure[]);
DROP FUNCTION llm_admin.drop_functions(pg_catalog.regprocedure[]);

SELECT llm_admin.record_migration('llm_admin--0.4--0.3.sql');

