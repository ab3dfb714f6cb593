-- The other side of extract_response, read_answer and extract_stream: hand-written SQL that makes the same object of
-- nineteen members from an answer of one vendor. It knows the vendor, so it reads no row and no rules. In favour of this
-- side: tool calls and further choices stay as the vendor writes them, nothing is converted, of what is unread it gives
-- names and no pointers, of usage it compares the totals alone, a text must be JSON that jsonb can hold, a stream may
-- hold texts only, and its lines end in \n.
SET search_path = reference, public;

-- One expression, which the planner puts in place of the call.
CREATE FUNCTION extract_chat(doc jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object(
    'text', doc #> '{choices,0,message,content}',
    'reasoning', coalesce(doc #> '{choices,0,message,reasoning_content}', doc #> '{choices,0,message,reasoning}'),
    'tool_calls', jsonb_path_query_array(doc, '$.choices[0].message.tool_calls[*]'),
    'finish_reason', CASE doc #>> '{choices,0,finish_reason}'
      WHEN 'stop' THEN 'stop' WHEN 'length' THEN 'length' WHEN 'tool_calls' THEN 'tool_calls'
      WHEN 'function_call' THEN 'tool_calls' WHEN 'content_filter' THEN 'content_filter'
      ELSE CASE WHEN doc #> '{choices,0,finish_reason}' <> 'null' THEN 'other' END END,
    'usage', CASE WHEN jsonb_typeof(doc -> 'usage') = 'object' THEN jsonb_build_object(
      'input_tokens', coalesce((doc #>> '{usage,prompt_tokens}')::int8, 0),
      'output_tokens', coalesce((doc #>> '{usage,completion_tokens}')::int8, 0),
      'total_tokens', coalesce((doc #>> '{usage,prompt_tokens}')::int8, 0)
        + coalesce((doc #>> '{usage,completion_tokens}')::int8, 0),
      'cached_tokens', coalesce(doc #> '{usage,prompt_tokens_details,cached_tokens}',
        doc #> '{usage,cached_tokens}', doc #> '{usage,prompt_cache_hit_tokens}', '0'),
      'cache_write_tokens', coalesce(doc #> '{usage,prompt_tokens_details,cache_write_tokens}', '0'),
      'cache_write_1h_tokens', 0,
      'reasoning_tokens', coalesce(doc #> '{usage,completion_tokens_details,reasoning_tokens}', '0'),
      'service_tier', doc -> 'service_tier') END,
    'usage_raw', CASE WHEN jsonb_typeof(doc -> 'usage') = 'object' THEN doc -> 'usage'
      || jsonb_strip_nulls(jsonb_build_object(
      'input_tokens', doc #> '{usage,prompt_tokens}',
      'output_tokens', doc #> '{usage,completion_tokens}',
      'cached_tokens', coalesce(doc #> '{usage,prompt_tokens_details,cached_tokens}',
        doc #> '{usage,cached_tokens}', doc #> '{usage,prompt_cache_hit_tokens}'),
      'cache_write_tokens', doc #> '{usage,prompt_tokens_details,cache_write_tokens}',
      'reasoning_tokens', doc #> '{usage,completion_tokens_details,reasoning_tokens}',
      'service_tier', doc -> 'service_tier')) END,
    'model', doc -> 'model',
    'provider_request_id', doc -> 'id',
    'reported_cost_usd', NULL,
    'message', CASE WHEN doc -> 'error' IS NULL THEN jsonb_build_object(
        'role', 'assistant', 'content', doc #> '{choices,0,message,content}')
      || CASE WHEN doc #> '{choices,0,message,tool_calls,0}' IS NULL THEN '{}'
         ELSE jsonb_build_object('tool_calls', doc #> '{choices,0,message,tool_calls}') END END,
    'provider_state', NULL,
    'extra', jsonb_strip_nulls(jsonb_build_object('refusal', doc #> '{choices,0,message,refusal}')),
    'error', CASE WHEN doc -> 'error' IS NOT NULL THEN jsonb_build_object(
      'kind', CASE coalesce(doc #>> '{error,code}', doc #>> '{error,type}', '')
        WHEN 'rate_limit_exceeded' THEN 'rate_limit' WHEN 'insufficient_quota' THEN 'quota_exhausted'
        WHEN 'invalid_api_key' THEN 'auth' WHEN 'model_not_found' THEN 'not_found'
        WHEN 'context_length_exceeded' THEN 'context_too_long' WHEN 'invalid_request_error' THEN 'invalid_request'
        WHEN 'server_error' THEN 'server' ELSE 'unknown' END,
      'type', doc #> '{error,type}', 'code', doc #> '{error,code}', 'message', doc #> '{error,message}',
      'retryable', coalesce(doc #>> '{error,type}', '') IN ('server_error', 'rate_limit_exceeded'),
      'retry_after_ms', NULL, 'detail', doc -> 'error') END,
    'choices', jsonb_path_query_array(doc, '$.choices[1 to last]'),
    'parts', jsonb_path_query_array(doc, '$.choices[0].message.audio ? (@ != null)')
      || jsonb_path_query_array(doc, '$.choices[0].message.images[*]'),
    'citations', jsonb_path_query_array(doc, '$.choices[0].message.annotations[*]'),
    'logprobs', nullif(doc #> '{choices,0,logprobs}', 'null'),
    'unread', jsonb_path_query_array(doc - '{id,object,created,model,choices,usage,service_tier,system_fingerprint,error}'::text[],
        '$.keyvalue() ? (@.value != null).key')
      || jsonb_path_query_array(doc #> '{choices,0}', '$.keyvalue() ? (@.key != "index" && @.key != "message"
        && @.key != "logprobs" && @.key != "finish_reason" && @.value != null).key')
      || jsonb_path_query_array(doc #> '{choices,0,message}', '$.keyvalue() ? (@.key != "role" && @.key != "content"
        && @.key != "refusal" && @.key != "annotations" && @.key != "audio" && @.key != "tool_calls"
        && @.key != "reasoning" && @.key != "reasoning_content" && @.value != null).key'),
    'warnings', CASE WHEN (doc #>> '{usage,total_tokens}')::int8
        <> (doc #>> '{usage,prompt_tokens}')::int8 + (doc #>> '{usage,completion_tokens}')::int8
      THEN '["the vendor''s total is not the sum"]'::jsonb ELSE '[]' END)
$$;

-- From text, which is parsed once.
CREATE FUNCTION read_chat_answer(body text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  doc jsonb := body;
BEGIN
  RETURN reference.extract_chat(doc);
END
$$;

-- For stored documents: every operator that is given the whole document opens it anew, so take out the parts once.
CREATE FUNCTION extract_stored_chat(doc jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  doc := jsonb_build_object(
    'id', doc -> 'id', 'model', doc -> 'model', 'service_tier', doc -> 'service_tier', 'usage', doc -> 'usage',
    'choices', jsonb_build_array(jsonb_build_object(
      'message', doc #> '{choices,0,message}', 'logprobs', doc #> '{choices,0,logprobs}',
      'finish_reason', doc #> '{choices,0,finish_reason}')))
    || CASE WHEN doc ? 'error' THEN jsonb_build_object('error', doc -> 'error') ELSE '{}' END;
  RETURN reference.extract_chat(doc);
END
$$;

CREATE FUNCTION extract_chat_stream(body text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  doc jsonb;
BEGIN
  SELECT jsonb_build_object(
           'id', (array_agg(e -> 'id'))[1], 'model', (array_agg(e -> 'model'))[1],
           'service_tier', (array_agg(e -> 'service_tier') FILTER (WHERE e ? 'service_tier'))[1],
           'usage', (array_agg(e -> 'usage') FILTER (WHERE jsonb_typeof(e -> 'usage') = 'object'))[1],
           'choices', jsonb_build_array(jsonb_build_object(
             'finish_reason', max(e #>> '{choices,0,finish_reason}'),
             'message', jsonb_build_object('content', string_agg(e #>> '{choices,0,delta,content}', '')))))
    INTO doc
  FROM (SELECT substr(line, 7)::jsonb AS e
        FROM string_to_table(body, E'\n\n') line
        WHERE line LIKE 'data: {%') events;
  RETURN reference.extract_chat(doc);
END
$$;
