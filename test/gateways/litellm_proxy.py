"""What LiteLLM's proxy does with the hooks, in small: custom auth, the hook before the call, the events of the end.

    litellm_proxy.py VENDOR_PORT        prints `listening on PORT`; PYTHONPATH has the hooks and test/gateways/modules

It has the models gpt-4o and gpt-4o-mini. The caller's key is not sent on, the vendor's own is. The event of success or failure
comes after the answer, as there, and each that has come back is a line on standard output. Of a stream whose client hangs up
LiteLLM logs a success with the usage of what has come; a client that waits for a whole answer may hang up unseen.
"""
import asyncio
import datetime
import http.client
import json
import select
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import fastapi
import litellm_hooks
from litellm.proxy._types import ProxyException

VENDOR = int(sys.argv[1])
hooks = litellm_hooks.calls


class VendorError(Exception):
    """As litellm.exceptions: with the vendor's status."""

    def __init__(self, status):
        super().__init__(f"status {status}")
        self.status_code = status


class Request:
    def __init__(self, path, headers, body):
        self.url, self.headers, self._body = SimpleNamespace(path=path), headers, body

    async def body(self):
        return self._body


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        token = headers.get("authorization", "").removeprefix("Bearer ")
        user = None
        try:
            user = asyncio.run(litellm_hooks.authenticate(Request(self.path, headers, body), token))
            data = asyncio.run(hooks.async_pre_call_hook(user, None, json.loads(body), "completion"))
            if data.get("model") not in ("gpt-4o", "gpt-4o-mini"):
                raise fastapi.HTTPException(status_code=400, detail={"error": "Invalid model name passed in"})
        except (fastapi.HTTPException, ProxyException) as refused:
            if user:
                asyncio.run(hooks.async_post_call_failure_hook({}, refused, user))
                print("event", flush=True)
            return self.refused(refused)
        self.call(user, data)

    def call(self, user, data):
        metadata = data.pop("metadata", {})
        kwargs = {"litellm_params": {"metadata": {**metadata, "user_api_key": user.api_key}}}
        if data.get("stream"):
            data["stream_options"] = {"include_usage": True}
        began = datetime.datetime.now()
        vendor = http.client.HTTPConnection("127.0.0.1", VENDOR)
        vendor.request("POST", self.path, json.dumps(data), {"Authorization": "Bearer of-litellm", "Content-Type": "application/json"})
        answer = vendor.getresponse()
        if answer.status != 200:
            answer.read()
            kwargs["exception"] = VendorError(answer.status)
            self.json(answer.status, {"error": {"message": str(kwargs["exception"])}})
            return self.event(hooks.async_log_failure_event, kwargs, None, began)
        if data.get("stream"):
            usage = self.stream(answer)
            vendor.close()
        else:
            value = json.loads(answer.read())
            usage = value["usage"]
            self.json(200, value)
        self.event(hooks.async_log_success_event, kwargs, {"usage": usage}, began)

    def event(self, hook, kwargs, response, began):
        asyncio.run(hook(kwargs, response, began, datetime.datetime.now()))
        print("event", flush=True)

    def stream(self, answer):
        """Passes it on and returns the usage: the vendor's, or what has come, counted."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        words, usage = 0, None
        for line in answer:
            if select.select([self.connection], [], [], 0)[0]:  # all of the request is read, so this is its client's end
                break
            try:
                self.wfile.write(line)
                self.wfile.flush()
            except OSError:  # it has gone since
                break
            if not line.startswith(b"data: {"):
                continue
            value = json.loads(line[6:])
            usage = value.get("usage")
            words += not usage
        return usage or {"prompt_tokens": 10, "completion_tokens": words, "total_tokens": 10 + words}

    def refused(self, why):
        if isinstance(why, ProxyException):
            return self.json(int(why.code), {"error": {"message": why.message, "type": why.type, "param": why.param, "code": why.code}}, why.headers)
        self.json(why.status_code, {"error": why.detail})

    def json(self, status, value, headers=None):
        text = json.dumps(value).encode()
        self.send_response(status)
        for name, one in {**(headers or {}), "Content-Type": "application/json", "Content-Length": str(len(text))}.items():
            self.send_header(name, one)
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
server.daemon_threads = True
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
