"""A vendor that stands in for one which speaks OpenAI's API: what it does is said by the last message.

    vendor.py FOLDER        writes FOLDER/port, and a line of JSON to FOLDER/requests for each request

`fail N STATUS NAME`: the first N requests of that NAME get the status. `hang`: a stream begins and goes on when FOLDER/go is
there, and is given up when the client is. Anything else is answered.
"""
import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = sys.argv[1]
failed = {}
lock = threading.Lock()
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def note(**what):
    with lock, open(f"{FOLDER}/requests", "a") as file:
        file.write(json.dumps(what) + "\n")


class Vendor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        body = json.loads(text)
        says = body["messages"][-1]["content"]
        note(path=self.path, key=self.headers.get("Authorization"), says=says, body=text)
        wanted = re.match(r"fail (\d+) (\d+) (\S+)", says)
        if wanted:
            times, status, name = int(wanted[1]), int(wanted[2]), wanted[3]
            with lock:
                failed[name] = failed.get(name, 0) + 1
            if failed[name] <= times:
                return self.json(status, {"error": {"message": "not now", "type": "server_error"}}, {"Retry-After": "0"})
        if body.get("stream"):
            return self.stream(says)
        self.json(200, {"id": "c1", "object": "chat.completion", "model": body.get("model"), "usage": USAGE, "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": f"You said: {says}"}}]})

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

    def delta(self, text):
        self.event({"id": "c1", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})

    def stream(self, says):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for word in ("You", " said: ", says):
                self.delta(word)
            while says.startswith("hang") and not os.path.exists(f"{FOLDER}/go"):
                self.delta(".")  # a client that is gone shows when it is written to
                time.sleep(0.02)
            self.event({"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            self.event({"id": "c1", "choices": [], "usage": USAGE})
            self.event("[DONE]")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            note(given_up=says)
            self.close_connection = True

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
server.daemon_threads = True
with open(f"{FOLDER}/port.new", "w") as file:
    file.write(str(server.server_port))
os.rename(f"{FOLDER}/port.new", f"{FOLDER}/port")
server.serve_forever()
