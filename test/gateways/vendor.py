"""A vendor that stands in for one which speaks OpenAI's API: what it does is said by the last message.

    vendor.py        prints `listening on PORT`, then a line of JSON for each request, and for each that is given up

`fail N STATUS NAME`: the first N requests of that NAME get the status. `refuse KEY`: requests with that key get 401, and the
key stands in the answer. `hang ...`: a stream begins, or no answer comes, until POST /go with that message as its body or until the
client is gone. Anything else is answered. As at OpenAI's, a stream has its usage if that is asked for.
"""
import json
import os
import re
import select
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
failed = {}
lock = threading.Lock()
hanging = {}  # by its message: the two ends of a pipe, what goes on and what is told to


def note(**what):
    with lock:
        print(json.dumps(what), flush=True)


class Vendor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/go":
            with lock:
                if text in hanging:  # else it was given up, and nobody else may take the word for its own
                    os.write(hanging[text][1], b"1")
            return self.json(200, {})
        body = json.loads(text)
        says = body["messages"][-1]["content"]
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if says.startswith("hang"):
            with lock:
                hanging[says] = os.pipe()
        note(path=self.path, key=key, says=says, body=text, headers=sorted(name.lower() for name in self.headers))
        wanted = re.match(r"fail (\d+) (\d+) (\S+)", says)
        if wanted:
            times, status, name = int(wanted[1]), int(wanted[2]), wanted[3]
            with lock:
                failed[name] = failed.get(name, 0) + 1
            if failed[name] <= times:
                kind = "invalid_request_error" if status == 400 else "server_error"
                return self.json(status, {"error": {"message": "not now", "type": kind}}, {"Retry-After": "0"})
        if says == f"refuse {key}":
            return self.json(401, {"error": {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key"}})
        if body.get("stream"):
            return self.stream(says, (body.get("stream_options") or {}).get("include_usage"))
        if says.startswith("hang") and not self.waits(says):
            return self.given_up(says)
        self.json(200, {"id": "c1", "object": "chat.completion", "model": body.get("model"), "usage": USAGE, "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": f"You said: {says}"}}]})

    def waits(self, says):
        """True when it may go on, false when the client is gone: all of its request is read, so what comes is its end."""
        told, _ = hanging[says]
        ready, _, _ = select.select([self.connection, told], [], [])
        return self.connection not in ready

    def given_up(self, says):
        note(given_up=says)
        self.close_connection = True

    def json(self, status, value, headers=None):
        text = json.dumps(value).encode()
        self.send_response(status)
        for name, one in {**(headers or {}), "Content-Type": "application/json", "Content-Length": str(len(text))}.items():
            self.send_header(name, one)
        self.end_headers()
        self.wfile.write(text)

    def event(self, value):
        data = f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def stream(self, says, with_usage):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for word in ("You", " said: ", says):
                self.event({"id": "c1", "object": "chat.completion.chunk",
                            "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]})
            if says.startswith("hang") and not self.waits(says):
                return self.given_up(says)
            self.event({"id": "c1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            if with_usage:
                self.event({"id": "c1", "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
            self.event("[DONE]")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.given_up(says)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
server.daemon_threads = True
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
