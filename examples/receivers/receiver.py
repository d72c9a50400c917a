"""Receives Jobcell's webhooks: verifies each by Standard Webhooks 1.0.0, and handles each once.

    WEBHOOK_SECRET=whsec_… PORT=3000 python3 examples/receivers/receiver.py

It needs nothing but Python. PORT 0 takes a free one; HOST is 127.0.0.1 unless it is set."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import threading
import time

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"), validate=True)
MOST_BYTES = 16 * 1024 * 1024
MOST_SECONDS = 5 * 60
MOST_IDS = 100_000

# Ids of what was handled. A real receiver keeps them in its database, written in one transaction with what it does.
handled = {}
handling = threading.Lock()


def handle(event):
    """Takes note of an outcome. What takes long belongs behind a queue of yours: the sender waits for the answer."""
    print(event["type"], event["data"]["id"], flush=True)


def handle_once(event_id, body):
    with handling:
        if event_id in handled:
            return
        handle(json.loads(body))
        handled[event_id] = True
        if len(handled) > MOST_IDS:
            del handled[next(iter(handled))]


def is_genuine(headers, body):
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > MOST_SECONDS:
        return False
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(SECRET, signed, hashlib.sha256))
    # While the secret is changed there are two, one by each.
    signatures = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(given.encode(), expected) for given in signatures)


class Receiver(http.server.BaseHTTPRequestHandler):
    timeout = 10  # seconds for the sender to say something

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return self.answer(400)
        body = self.rfile.read(int(length))  # as it came: parsed and written again it would be another
        if not is_genuine(self.headers, body):
            return self.answer(401)
        try:
            handle_once(self.headers["webhook-id"], body)
        except Exception as error:
            self.log_error("%s", repr(error))
            return self.answer(500)  # it will be sent again
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()


if __name__ == "__main__":
    at = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "3000")))
    with http.server.ThreadingHTTPServer(at, Receiver) as server:
        print(f"http://{at[0]}:{server.server_port}", flush=True)
        server.serve_forever()
