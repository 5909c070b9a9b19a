"""Somebody at the console, for what measures how long it waits."""

import http.client
import json
import sys
import time
from urllib.parse import urlsplit

WARM_UPS = 3


class Client:
    """Somebody who signed in; a connection that stays open."""

    def __init__(self, address, user, password, cookie=None):
        self.address, self.cookie = address, cookie
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=300)
        if cookie is None:
            self.ask("POST", "/v1/sign-in", {"user": user, "password": password})

    def another(self):
        return Client(self.address, None, None, self.cookie)

    def ask(self, method, path, body=None):
        headers = {"x-florin": "1", "content-type": "application/json"}
        if self.cookie:
            headers["cookie"] = self.cookie
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status == 429:
            time.sleep(float(answer.headers.get("retry-after", "1")))
            return self.ask(method, path, body)
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {text[:500]!r}")
        if answer.headers.get("set-cookie"):
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        return json.loads(text) if text else None


def ninety_fifth(seconds):
    return sorted(seconds)[max(0, -(-len(seconds) * 95 // 100) - 1)]


def timed(name, turns):
    """Each turn is a call; the first ones warm up."""
    taken = []
    for number, turn in enumerate(turns):
        began = time.perf_counter()
        turn()
        taken.append(time.perf_counter() - began)
    taken = taken[WARM_UPS:]
    print(f"{name}: median {sorted(taken)[len(taken) // 2]:.3f} s, 95th {ninety_fifth(taken):.3f} s, most {max(taken):.3f} s of {len(taken)}", file=sys.stderr)
    return ninety_fifth(taken)
