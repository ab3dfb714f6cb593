"""What Envoy does with examples/gateways/envoy.yaml, in small: the filters ext_authz and lua, the router, the access log.

    envoy.py ENVOY_YAML SIDECAR_PORT VENDOR_PORT        prints `listening on PORT`, then the access log

Which headers go to the check, to the vendor and to the caller is read from the configuration. Its Lua is told in Python: what
it takes off and keeps, and what it posts to /finish, without waiting, when the answer has gone through. Of a caller that has
hung up the access log has a line, and /finish hears nothing.
"""
import http.client
import json
import re
import select
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONFIGURATION, SIDECAR, VENDOR = open(sys.argv[1]).read(), int(sys.argv[2]), int(sys.argv[3])


def patterns(name):
    return re.findall(r"exact: ([\w-]+)", re.search(rf"\b{name}:\n +patterns: (\[.*\])\n", CONFIGURATION)[1])


TO_CHECK, TO_VENDOR, TO_CALLER = map(patterns, ("allowed_headers", "allowed_upstream_headers", "allowed_client_headers"))
MARKS = re.findall(r'"([\w-]+)"', re.search(r"local marks = {(.*)}\n", CONFIGURATION)[1])
PREFIX = re.search(r"path_prefix: (\S+)\n", CONFIGURATION)[1]
REMOVED = re.search(r"request_headers_to_remove: \[(\S+)\]", CONFIGURATION)[1].split(",")
HOP = ("host", "content-length", "connection", "transfer-encoding", "date", "server")


def ask(port, path, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", path, body, {**headers, "Content-Length": str(len(body))})
    answer = connection.getresponse()
    return answer, {name.lower(): value for name, value in answer.getheaders() if name.lower() not in HOP}


class Envoy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        caller = {name.lower(): value for name, value in self.headers.items() if name.lower() not in HOP}
        answer, headers = ask(SIDECAR, PREFIX + self.path, {name: caller[name] for name in TO_CHECK if name in caller}, body)
        if answer.status != 200:
            return self.whole(answer.status, {name: headers[name] for name in TO_CALLER if name in headers}, answer.read())
        kept = {name: headers.get(name, "") for name in MARKS}
        for name in headers.get("x-envoy-auth-headers-to-remove", "").split(",") + REMOVED:
            caller.pop(name, None)
        sent = {**caller, **{name: headers[name] for name in TO_VENDOR if name in headers}}
        for name in MARKS:
            sent.pop(name, None)
        self.route(sent, body, {**kept, "x-call-started": str(int(time.time() * 1000))})

    def passes(self, chunk):
        """False once the caller is gone: all of the request is read, so what comes from there is its end."""
        if select.select([self.connection], [], [], 0)[0]:
            return False
        try:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        except OSError:
            return False
        return True

    def route(self, sent, body, told):
        try:
            answer, headers = ask(VENDOR, self.path, sent, body)
        except OSError:
            self.whole(503, {"content-type": "text/plain"}, b"upstream connect error")
            return self.finished({**told, "x-call-status": "0"}, b"upstream connect error")
        told["x-call-status"] = str(answer.status)
        if "retry-after" in headers:
            told["retry-after"] = headers["retry-after"]
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        copy = b""
        while chunk := answer.read1():
            if not self.passes(chunk):
                answer.close()
                self.close_connection = True
                return print(json.dumps({"call_id": told["x-call-id"], "flags": "DC", "bytes_sent": len(copy)}), flush=True)
            copy += chunk
        self.wfile.write(b"0\r\n\r\n")
        self.finished(told, copy)

    def finished(self, told, copy):
        """Nobody waits for it, and so a line for those who do."""
        self.wfile.flush()
        print(f"finished {ask(SIDECAR, '/finish', told, copy)[0].status}", flush=True)

    def whole(self, status, headers, text):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Envoy)
server.daemon_threads = True
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
