"""A sidecar of Envoy: its filter ext_authz asks here before a call, its filter lua tells here how the call ended.

    envoy -c envoy.yaml | PROVIDER=chatgpt VENDOR_HOST=api.openai.com PGHOST=... PGUSER=gateway python3 envoy_ext_authz.py

psycopg 3; the role has level app. PORT is where it listens (9191, of the loopback address: nobody but Envoy may reach it).

POST /check/...  from ext_authz, with the caller's headers and body: 200 with the headers for the vendor, or the refusal
                 that Envoy passes on to the caller
POST /finish     from lua: X-Call-Id, X-Call-Receipt and X-Call-Status as headers, the vendor's answer as the body
standard input   Envoy's access log, where a caller that hung up is told; other lines are passed on

Envoy sends the caller's body as it came, to the vendor of its own configuration. So this begins calls of one PROVIDER alone,
gives out no key that is meant for another host than VENDOR_HOST, and refuses a request that begin_call would have sent with
another model.
"""
import json
import os
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import psycopg
from psycopg.types.json import Jsonb

PROVIDER, VENDOR_HOST = os.environ["PROVIDER"], os.environ["VENDOR_HOST"]
LONGEST_BODY = 32 << 20
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


def finish(call_id, body, status, latency_ms, options):
    """Again and again while the database is away: what the vendor has done is recorded."""
    wait = 0.1
    while True:
        try:
            return run("SELECT next FROM llm_admin.finish_call(%s::uuid, %s, %s, %s, %s)",
                       (call_id, body, status, latency_ms, Jsonb(options)))
        except psycopg.Error as error:
            if not passes(error):
                print(f"call {call_id} was not recorded: {error.sqlstate} {error.diag.message_primary}", file=sys.stderr)
                return None
            time.sleep(wait)
            wait = min(2 * wait, 10)


def knows(token):
    try:
        return run("SELECT 1 FROM llm_admin.check_access_key(%s)", (token,)) is not None
    except psycopg.Error:
        return False


def problem(message, code, **more):
    return {"error": {"message": message, "code": code, **more}}


def refusal(error, token):
    """Status, headers and body for the caller."""
    code, message = error.sqlstate or "", error.diag.message_primary
    if code == "LA010":  # DETAIL is one JSON object
        try:
            limit = json.loads(error.diag.message_detail or "{}")
        except ValueError:
            limit = {}  # a model without a price has no figures
        wait = limit.get("retry_after_ms")
        headers = {} if wait is None else {"Retry-After": str(-(-int(wait) // 1000))}
        return 402 if limit.get("what") == "cost_usd" else 429, headers, problem(message, "limit_reached", limit=limit)
    if code == "LA011":
        return 403 if knows(token) else 401, {}, problem(message, "not_allowed")
    if code in ("LA004", "LA006"):
        return 409, {}, problem(message, "request_id_used")
    if code == "LA002" or code.startswith("22"):
        return 400, {}, problem(message, "invalid_request")
    # Closed: no call without the database, nor with a provider that it cannot use.
    print(f"no call: {code} {message or type(error).__name__}", file=sys.stderr)
    return 503, {"Retry-After": "1"}, problem("the gateway cannot make calls now", "unavailable")


def begin(params, token, given_id):
    """Status, headers and body: 200 with the headers of the vendor's request and the marks of the call, or a refusal."""
    options = {"access_key": token, "with_key": True, "provider": PROVIDER, "request_id": given_id or str(uuid.uuid4())}
    try:
        call_id, url, headers, body, receipt, repeated = run(
            "SELECT call_id::text, url, headers, body, receipt, repeated FROM llm_admin.begin_call(%s::json, options => %s)",
            (params, Jsonb(options)))
    except psycopg.Error as error:
        return refusal(error, token)
    if repeated and given_id:
        return 409, {}, problem("this request is being answered", "request_id_used")
    model, asked = json.loads(body).get("model"), json.loads(params).get("model")
    if urlsplit(url).netloc == VENDOR_HOST and model == asked:
        unwanted = {} if "Authorization" in headers else {"X-Envoy-Auth-Headers-To-Remove": "authorization"}
        return 200, {**headers, **unwanted, "X-Call-Id": call_id, "X-Call-Receipt": receipt or ""}, None
    finish(call_id, None, None, None, {"cancelled": True, "dispatched": False, "receipt": receipt})
    if model != asked:
        return 400, {}, problem(f"name the model {model}: the request is sent as it is", "other_model")
    print(f"call {call_id} was for another host: {urlsplit(url).netloc}", file=sys.stderr)
    return 503, {}, problem("the gateway cannot make calls now", "unavailable")


class Sidecar(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        try:
            size = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            size = -1
        if not 0 <= size <= LONGEST_BODY:
            self.close_connection = True
            return self.answer(413, {}, problem("the request is too long", "too_long"))
        body = self.rfile.read(size).decode("utf-8", "replace")
        if self.path == "/finish":
            return self.ended(body)
        if self.path.startswith("/check/"):
            return self.check(body)
        return self.answer(404, {}, problem("there is nothing here", "not_found"))

    def check(self, body):
        kind, _, token = (self.headers.get("Authorization") or "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            return self.answer(401, {}, problem("send an access key as the bearer token", "no_key"))
        return self.answer(*begin(body, token.strip(), self.headers.get("X-Request-Id")))

    def ended(self, body):
        told = {name: self.headers.get(f"X-Call-{name}") or "" for name in ("Id", "Receipt", "Status", "Started")}
        status = int(told["Status"]) if told["Status"].isdigit() else 0
        latency = max(0, int(time.time() * 1000) - int(told["Started"])) if told["Started"].isdigit() else None
        options = {"receipt": told["Receipt"]} if told["Receipt"] else {}
        if self.headers.get("Retry-After"):
            options["headers"] = {"Retry-After": self.headers["Retry-After"]}
        if status == 0:
            options["error"] = "no answer of the vendor"
            body = ""  # Envoy's own page
        finish(told["Id"], body or None, status or None, latency, options)
        return self.answer(204, {}, None)

    def answer(self, status, headers, value):
        text = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, one in headers.items():
            if name.lower() != "content-type":
                self.send_header(name, one)
        if value is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def follow_access_log(lines):
    """Lua does not see the end of a call whose caller hung up; the access log does."""
    for line in lines:
        try:
            told = json.loads(line)
            call_id, hung_up = told["call_id"], "DC" in told["flags"]
        except (ValueError, KeyError, TypeError):
            print(line, end="", flush=True)
            continue
        if hung_up and call_id:
            finish(call_id, None, None, None, {"cancelled": True, "output_seen": bool(told.get("bytes_sent"))})


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ.get("LISTEN", "127.0.0.1"), int(os.environ.get("PORT", "9191"))), Sidecar)
    server.daemon_threads = True
    print(f"listening on {server.server_port}", flush=True)
    threading.Thread(target=follow_access_log, args=(sys.stdin,), daemon=True).start()
    server.serve_forever()
