"""What Envoy does with the configuration in docs/gateways.md, in small: the filters ext_authz and lua, and the router.

    envoy.py FOLDER SIDECAR_PORT VENDOR_PORT        writes FOLDER/port

The check carries method, path, the caller's headers and body; a refusal goes back to the caller as it is; of the headers of a
check that passes only those that are allowed reach the vendor. What lua has seen is posted to /finish.
"""
import http.client
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER, SIDECAR, VENDOR = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
TO_VENDOR = ("authorization", "x-call-id", "x-call-receipt")


def ask(port, method, path, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


class Envoy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        caller = {name.lower(): value for name, value in self.headers.items() if name.lower() not in ("host", "content-length", "connection")}
        status, headers, text = ask(SIDECAR, "POST", "/check" + self.path, {**caller, "Content-Length": str(len(body))}, body)
        if status != 200:
            return self.answer(status, headers, text)
        started = str(int(time.time() * 1000))
        marks = {name: headers.get(name, "") for name in ("x-call-id", "x-call-receipt")}
        # lua takes its marks off before the router sends the request.
        allowed = {name: value for name, value in headers.items() if name in TO_VENDOR and name not in marks}
        try:
            status, headers, text = ask(VENDOR, "POST", self.path, {**caller, **allowed, "Content-Length": str(len(body))}, body)
        except OSError:
            ask(SIDECAR, "POST", "/finish", {**marks, "X-Call-Status": "0", "X-Call-Started": started, "X-Call-Error": "connect", "Content-Length": "0"}, b"")
            return self.answer(503, {"content-type": "text/plain"}, b"upstream connect error")
        told = {**marks, "X-Call-Status": str(status), "X-Call-Started": started, "Content-Length": str(len(text))}
        if "retry-after" in headers:
            told["Retry-After"] = headers["retry-after"]
        ask(SIDECAR, "POST", "/finish", told, text)
        self.answer(status, headers, text)

    def answer(self, status, headers, text):
        self.send_response(status)
        for name, value in headers.items():
            if name not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Envoy)
server.daemon_threads = True
with open(f"{FOLDER}/port.new", "w") as file:
    file.write(str(server.server_port))
os.rename(f"{FOLDER}/port.new", f"{FOLDER}/port")
server.serve_forever()
