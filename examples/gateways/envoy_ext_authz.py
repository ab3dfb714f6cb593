"""A sidecar of Envoy: its filter ext_authz asks here before a call, its filter lua tells here how the call ended.

    PGHOST=... PGUSER=gateway python3 envoy_ext_authz.py        psycopg 3; the role has level app

POST /check/...  from ext_authz, with the caller's headers and body: 200 with the headers for the vendor, or the refusal
                 that Envoy passes on to the caller
POST /finish     from lua: X-Call-Id, X-Call-Receipt and X-Call-Status as headers, the vendor's answer as the body

Envoy sends the caller's body as it came, so this is for vendors that speak the API that callers speak; docs/gateways.md has
the configuration of Envoy. PORT is where it listens (9191).
"""
import json
import math
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
from psycopg.types.json import Jsonb

LONGEST_BODY = 32 << 20
KEPT_HEADERS = ("retry-after", "content-type")
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
            # A connection that broke while nobody used it. begin_call with a request_id, and finish_call, may be repeated.
            if not (again and connection.closed):
                raise


def begin(params, options):
    return run(
        "SELECT call_id::text, headers, receipt, body FROM llm_admin.begin_call(%s::json, options => %s)", (params, Jsonb(options)))


def finish(call_id, body, status, latency_ms, options):
    """Again and again while the database is away: what the vendor has done is recorded."""
    wait = 0.1
    while True:
        try:
            return run("SELECT next FROM llm_admin.finish_call(%s::uuid, %s, %s, %s, %s)", (call_id, body, status, latency_ms, Jsonb(options)))
        except psycopg.OperationalError:
            time.sleep(wait)
            wait = min(2 * wait, 10)


def knows(token):
    try:
        return run("SELECT 1 FROM llm_admin.check_access_key(%s)", (token,)) is not None
    except psycopg.Error:
        return False


def refusal(error, token):
    """Status, headers and body for the caller."""
    code = error.sqlstate or ""
    message = error.diag.message_primary or "the gateway cannot ask its database"
    headers, more = {}, {}
    if code == "LA010":  # DETAIL is one JSON object
        try:
            limit = json.loads(error.diag.message_detail or "{}")
        except ValueError:
            limit = {}
        status = 402 if limit.get("what") == "cost_usd" else 429
        if limit.get("retry_after_ms") is not None:
            headers["Retry-After"] = str(math.ceil(limit["retry_after_ms"] / 1000))
        more = {"limit": limit}
    elif code == "LA011":
        status = 403 if knows(token) else 401
    elif code == "LA004":
        status = 409
    elif code == "LA012":
        status, headers["Retry-After"] = 503, "1"
    elif code.startswith(("22", "LA0")):
        status = 400
    else:  # closed: no call without the database
        print(f"no answer from the database: {code} {message}", file=sys.stderr)
        status, headers["Retry-After"], message = 503, "1", "the gateway cannot ask its database"
    return status, headers, {"error": {"message": message, "code": code, **more}}


class Sidecar(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        try:
            size = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            size = -1
        if not 0 <= size <= LONGEST_BODY:
            self.close_connection = True
            return self.answer(413, {}, {"error": {"message": "the request is too long"}})
        body = self.rfile.read(size).decode("utf-8", "replace")
        if self.path == "/finish":
            return self.ended(body)
        if self.path.startswith("/check/"):
            return self.check(body)
        return self.answer(404, {}, {"error": {"message": "there is nothing here"}})

    def check(self, body):
        kind, _, token = (self.headers.get("Authorization") or "").partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not token:
            return self.answer(401, {}, {"error": {"message": "send an access key as the bearer token"}})
        options = {"access_key": token, "with_key": True}
        if self.headers.get("X-Request-Id"):
            options["request_id"] = self.headers["X-Request-Id"]
        try:
            call_id, headers, receipt, _ = begin(body, options)
        except psycopg.Error as error:
            return self.answer(*refusal(error, token))
        # Only what Envoy is configured to take goes to the vendor: the key, and marks that lua finds again.
        return self.answer(200, {**headers, "X-Call-Id": call_id, "X-Call-Receipt": receipt}, None)

    def ended(self, body):
        told = {name: self.headers.get(f"X-Call-{name}") for name in ("Id", "Receipt", "Status", "Started")}
        status = int(told["Status"]) if (told["Status"] or "").isdigit() else 0
        latency = max(0, int(time.time() * 1000) - int(told["Started"])) if (told["Started"] or "").isdigit() else None
        options = {"receipt": told["Receipt"]} if told["Receipt"] else {}
        options["headers"] = {name: self.headers[name] for name in KEPT_HEADERS if self.headers.get(name)}
        if status == 0:
            options["error"] = self.headers.get("X-Call-Error") or "no answer"
        if self.headers.get("X-Call-Cancelled") == "true":
            options.update(cancelled=True, output_seen=bool(body))
        try:
            finish(told["Id"], body or None, status or None, latency, options)
        except psycopg.Error as error:
            print(f"call {told['Id']} was not recorded: {error.sqlstate} {error.diag.message_primary}", file=sys.stderr)
            return self.answer(500, {}, {"error": {"message": "not recorded", "code": error.sqlstate}})
        return self.answer(204, {}, None)

    def answer(self, status, headers, value):
        text = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, one in headers.items():
            if name.lower() not in ("content-length", "content-type", "transfer-encoding", "connection"):
                self.send_header(name, one)
        if value is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ.get("LISTEN", "127.0.0.1"), int(os.environ.get("PORT", "9191"))), Sidecar)
    server.daemon_threads = True
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
