"""What LiteLLM's proxy does with the hooks, in small: custom auth, the hook before the call, the events of the end.

    litellm_proxy.py FOLDER VENDOR_PORT        writes FOLDER/port; PYTHONPATH has the hooks and test/gateways/modules

The event of success or failure comes after the answer, as there; the caller's key is not sent on, the vendor's own is.
"""
import asyncio
import datetime
import http.client
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fastapi
import litellm_hooks

FOLDER, VENDOR = sys.argv[1], int(sys.argv[2])


class Request:
    def __init__(self, headers, body):
        self.headers, self._body = headers, body

    async def body(self):
        return self._body


class VendorError(Exception):
    def __init__(self, status):
        super().__init__(f"status {status}")
        self.status_code = status


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            user = asyncio.run(litellm_hooks.authenticate(Request(headers, body), headers.get("authorization", "")))
        except fastapi.HTTPException as refused:
            return self.answer(refused.status_code, {"detail": refused.detail}, refused.headers)
        data = asyncio.run(litellm_hooks.calls.async_pre_call_hook(user, None, json.loads(body), "completion"))
        metadata = data.pop("metadata", {})
        kwargs = {"litellm_params": {"metadata": {**metadata, "user_api_key": user.api_key}}}
        begun = datetime.datetime.now()
        connection = http.client.HTTPConnection("127.0.0.1", VENDOR)
        connection.request("POST", self.path, json.dumps(data), {"Authorization": "Bearer of-litellm", "Content-Type": "application/json"})
        answer = connection.getresponse()
        value = json.loads(answer.read())
        self.answer(answer.status, value)
        end = (kwargs, value, begun, datetime.datetime.now())
        if answer.status == 200:
            asyncio.run(litellm_hooks.calls.async_log_success_event(*end))
        else:
            kwargs["exception"] = VendorError(answer.status)
            asyncio.run(litellm_hooks.calls.async_log_failure_event(kwargs, None, begun, datetime.datetime.now()))

    def answer(self, status, value, headers=None):
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
with open(f"{FOLDER}/port.new", "w") as file:
    file.write(str(server.server_port))
os.rename(f"{FOLDER}/port.new", f"{FOLDER}/port")
server.serve_forever()
