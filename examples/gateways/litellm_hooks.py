"""Hooks of LiteLLM's proxy: a call begins in custom auth, and ends with its success or failure event.

In config.yaml, with this file beside it:

    general_settings: {custom_auth: litellm_hooks.authenticate}
    litellm_settings: {callbacks: litellm_hooks.calls, num_retries: 0}
    router_settings: {num_retries: 0}

psycopg 3; the connection is that of PGHOST and its like, its role has level app. LiteLLM sends the request itself with the
vendor keys of its own configuration, so no key is asked for here. It also reads the answer itself, and has usage in OpenAI's
form for every vendor: that is what finish_call is told.
"""
import asyncio
import json
import sys
import threading
import time
import uuid

import psycopg
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import ProxyException, UserAPIKeyAuth
from psycopg.types.json import Jsonb

MARK = "llm_admin_call"
PATHS = ("/chat/completions", "/completions", "/embeddings")  # what begins a call; anything else is only authenticated
local = threading.local()


def passes(error):
    """The connection broke, the server is going down or coming up, or it cannot tell now: it may be asked again."""
    code = error.sqlstate or "08000"
    return code.startswith(("08", "40", "53", "57")) or code in ("25006", "LA012")


def run(statement, values):
    """One row of one statement, which is one transaction: nothing of a call is held while the vendor works, and a pooler of
    transactions may stand between. Sent twice where the connection broke: begin_call knows a call by its request_id,
    finish_call by its call_id."""
    for again in (True, False):
        connection = getattr(local, "connection", None)
        if connection is None or connection.closed:
            connection = local.connection = psycopg.connect("", autocommit=True, prepare_threshold=None)
        try:
            return connection.execute(statement, values).fetchone()
        except psycopg.OperationalError:
            if not (again and connection.closed):
                raise


def finish(call, usage, status, latency_ms, options):
    """Again and again while the database is away: what the vendor has done is recorded."""
    options = {**options, "receipt": call["receipt"]}
    if usage:
        options["usage"] = usage
    wait = 0.1
    while True:
        try:
            return run("SELECT usage_id FROM llm_admin.finish_call(%s::uuid, NULL, %s, %s, %s)",
                       (call["id"], status, latency_ms, Jsonb(options)))
        except psycopg.Error as error:
            if not passes(error):
                raise
            time.sleep(wait)
            wait = min(2 * wait, 10)


def knows(token):
    try:
        return run("SELECT 1 FROM llm_admin.check_access_key(%s)", (token,)) is not None
    except psycopg.Error:
        return False


def refusal(error, token):
    """LiteLLM passes on a ProxyException as it is. Of an HTTPException it would drop the headers."""
    code, message, headers = error.sqlstate or "", error.diag.message_primary or "", {}
    if code == "LA010":  # DETAIL is one JSON object
        try:
            limit = json.loads(error.diag.message_detail or "{}")
        except ValueError:
            limit = {}  # a model without a price has no figures
        status, kind = (402, "insufficient_quota") if limit.get("what") == "cost_usd" else (429, "rate_limit_error")
        if limit.get("retry_after_ms") is not None:
            headers["Retry-After"] = str(-(-int(limit["retry_after_ms"]) // 1000))
    elif code == "LA011":
        status, kind = (403, "permission_error") if knows(token) else (401, "auth_error")
    elif code in ("LA004", "LA006"):
        status, kind = 409, "invalid_request_error"
    elif code == "LA002" or code.startswith("22"):
        status, kind = 400, "invalid_request_error"
    else:  # closed: no call without the database, nor with a provider that it cannot use
        print(f"no call: {code} {message or type(error).__name__}", file=sys.stderr)
        status, kind, message, headers["Retry-After"] = 503, "api_error", "the gateway cannot make calls now", "1"
    return ProxyException(message=message, type=kind, param=None, code=status, headers=headers)


def begin(token, params, request_id):
    options = {"access_key": token, "request_id": request_id or str(uuid.uuid4())}
    try:
        call_id, receipt, repeated, model, warnings = run(
            "SELECT call_id::text, receipt, repeated, model, warnings FROM llm_admin.begin_call(%s::json, options => %s)",
            (params, Jsonb(options)))
    except psycopg.Error as error:
        raise refusal(error, token) from None
    if repeated and request_id:
        raise ProxyException("this request is being answered", "invalid_request_error", None, 409)
    # A limit may lead to another model; LiteLLM must have it under this name.
    other = {"model": model} if any(one["code"] == "downgraded" for one in warnings) else {}
    return {"id": call_id, "receipt": receipt, **other}


def check(token):
    try:
        return run("SELECT key_id::text, tenant_id, team_id, user_id FROM llm_admin.check_access_key(%s)", (token,))
    except psycopg.Error as error:
        raise refusal(error, token) from None


async def authenticate(request, api_key: str) -> UserAPIKeyAuth:
    token = (api_key or "").removeprefix("Bearer ").strip()
    if not token:
        raise ProxyException("send an access key as the bearer token", "auth_error", None, 401)
    key_id, tenant_id, team_id, user_id = await asyncio.to_thread(check, token)
    metadata = {}
    if request.url.path.endswith(PATHS):
        params = (await request.body()).decode("utf-8", "replace")
        metadata[MARK] = await asyncio.to_thread(begin, token, params, request.headers.get("x-request-id"))
    # The key's id in the place of the key: LiteLLM logs and stores it.
    return UserAPIKeyAuth(
        api_key=key_id, user_id=user_id or None, team_id=team_id or None, org_id=tenant_id or None, metadata=metadata)


class Calls(CustomLogger):
    """Takes the call from who was authenticated to the events of the end."""

    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        call = (user_api_key_dict.metadata or {}).get(MARK)
        data.setdefault("metadata", {}).pop(MARK, None)  # a caller's own says nothing
        if call:
            data["metadata"][MARK] = call
            data["model"] = call.get("model") or data.get("model")
        return data

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        await self.end(kwargs, response_obj, start_time, end_time, 200, {})

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        await self.end(kwargs, response_obj, start_time, end_time, *what_failed(kwargs.get("exception"), response_obj))

    async def async_post_call_failure_hook(self, request_data, original_exception, user_api_key_dict, traceback_str=None):
        """What LiteLLM itself refused after custom auth came to no vendor, and has no event: a model that it does not have,
        another hook's no."""
        call = (getattr(user_api_key_dict, "metadata", None) or {}).get(MARK)
        if call and isinstance(original_exception, (HTTPException, ProxyException)):
            await asyncio.to_thread(
                finish, call, None, None, None, {"error": type(original_exception).__name__, "dispatched": False})

    async def end(self, kwargs, response_obj, start_time, end_time, status, options):
        metadata = (kwargs.get("litellm_params") or {}).get("metadata") or {}
        call = metadata.get(MARK)
        if not call:
            return
        latency = max(0, round((end_time - start_time).total_seconds() * 1000))
        await asyncio.to_thread(finish, call, usage_of(response_obj), status, latency, options)


def what_failed(error, response_obj):
    """Status and options of finish_call. What was passed on before a stream broke has been paid for."""
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    options = {"error": "timeout" if "Timeout" in name else name, "output_seen": response_obj is not None}
    if isinstance(error, asyncio.CancelledError):
        options = {"cancelled": True, "output_seen": response_obj is not None}
    return status if isinstance(status, int) else None, options


def usage_of(response_obj):
    usage = getattr(response_obj, "usage", None)
    if usage is None and isinstance(response_obj, dict):
        usage = response_obj.get("usage")
    if usage is None:
        return None
    get = usage.get if isinstance(usage, dict) else lambda name: getattr(usage, name, None)
    counted = {name: get(name) for name in ("prompt_tokens", "completion_tokens", "total_tokens") if get(name) is not None}
    details = get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else getattr(details, "cached_tokens", None)
    if cached:
        counted["prompt_tokens_details"] = {"cached_tokens": cached}
    return counted or None


calls = Calls()
