"""Hooks of LiteLLM's proxy: a call begins in custom auth, and ends with its success or failure event.

In config.yaml, with this file beside it:

    general_settings: {custom_auth: litellm_hooks.authenticate}
    litellm_settings: {callbacks: litellm_hooks.calls, num_retries: 0}
    router_settings: {num_retries: 0}

psycopg 3; the connection is that of PGHOST and its like, its role has level app. LiteLLM sends the request itself with the
vendor keys of its own configuration, so no key is asked for here. It also counts tokens itself, in OpenAI's form
for every vendor: that is what finish_call is told.
"""
import asyncio
import json
import threading
import time

import psycopg
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import UserAPIKeyAuth
from psycopg.types.json import Jsonb

MARK = "llm_admin_call"
local = threading.local()


def run(statement, values):
    """One row of one statement, which is one transaction: nothing of a call is held while the vendor works."""
    for again in (True, False):
        connection = getattr(local, "connection", None)
        if connection is None or connection.closed:
            connection = local.connection = psycopg.connect("", autocommit=True)
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
            return run("SELECT usage_id FROM llm_admin.finish_call(%s::uuid, NULL, %s, %s, %s)", (call["id"], status, latency_ms, Jsonb(options)))
        except psycopg.OperationalError:
            time.sleep(wait)
            wait = min(2 * wait, 10)


def knows(token):
    try:
        return run("SELECT 1 FROM llm_admin.check_access_key(%s)", (token,)) is not None
    except psycopg.Error:
        return False


def refusal(error, token):
    code, message, headers, limit = error.sqlstate or "", error.diag.message_primary or "", {}, None
    if code == "LA010":  # DETAIL is one JSON object
        try:
            limit = json.loads(error.diag.message_detail or "{}")
        except ValueError:
            limit = {}
        status = 402 if limit.get("what") == "cost_usd" else 429
        if limit.get("retry_after_ms") is not None:
            headers["Retry-After"] = str(-(-int(limit["retry_after_ms"]) // 1000))
    elif code == "LA011":
        status = 403 if knows(token) else 401
    elif code == "LA004":
        status = 409
    elif code == "LA012":
        status, headers["Retry-After"] = 503, "1"
    elif code.startswith(("22", "LA0")):
        status = 400
    else:  # closed: no call without the database
        status, message = 503, "the gateway cannot ask its database"
    return HTTPException(status_code=status, detail={"message": message, "code": code, "limit": limit}, headers=headers)


def begin(token, params, request_id):
    options = {"access_key": token}
    if request_id:
        options["request_id"] = request_id
    try:
        call = run("SELECT call_id::text, receipt FROM llm_admin.begin_call(%s::json, options => %s)", (params, Jsonb(options)))
        who = run("SELECT id::text, tenant_id, team_id, user_id FROM llm_admin.check_access_key(%s)", (token,))
    except psycopg.Error as error:
        raise refusal(error, token) from None
    return {"id": call[0], "receipt": call[1]}, who


async def authenticate(request, api_key: str) -> UserAPIKeyAuth:
    token = api_key.removeprefix("Bearer ").strip()
    if not token:
        raise HTTPException(status_code=401, detail={"message": "send an access key as the bearer token"})
    params = (await request.body()).decode("utf-8", "replace")
    call, (key_id, tenant_id, team_id, user_id) = await asyncio.to_thread(begin, token, params, request.headers.get("x-request-id"))
    # The key's id in the place of the key: LiteLLM logs and stores it.
    return UserAPIKeyAuth(
        api_key=key_id, user_id=user_id or None, team_id=team_id or None, org_id=tenant_id or None, metadata={MARK: call})


class Calls(CustomLogger):
    """Takes the call from who was authenticated to the events of the end."""

    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        call = (user_api_key_dict.metadata or {}).get(MARK)
        if call:
            data.setdefault("metadata", {})[MARK] = call
        return data

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        await self.end(kwargs, response_obj, start_time, end_time, 200, {})

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        error = kwargs.get("exception")
        status = getattr(error, "status_code", None)
        name = type(error).__name__
        # What was passed on before a stream broke, or before the client hung up, has been paid for.
        options = {"error": "timeout" if "Timeout" in name else name, "output_seen": response_obj is not None}
        if isinstance(error, asyncio.CancelledError):
            options = {"cancelled": True, "output_seen": response_obj is not None}
        await self.end(kwargs, response_obj, start_time, end_time, status if isinstance(status, int) else None, options)

    async def end(self, kwargs, response_obj, start_time, end_time, status, options):
        metadata = (kwargs.get("litellm_params") or {}).get("metadata") or {}
        call = metadata.get(MARK)
        if not call:
            return
        latency = max(0, round((end_time - start_time).total_seconds() * 1000))
        await asyncio.to_thread(finish, call, usage_of(response_obj), status, latency, options)


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
