"""A private Matrix homeserver (Synapse) for tests, from the environment that `make servers` makes."""

import hmac
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from base64 import b64encode
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

START_SECONDS = 60
"""Until it must be ready. It takes two and a half; the rest is for machines that are busy."""

_SECRET = "hush-hush"
_RARE = {"per_second": 0.001, "burst_count": 1}
_UNBOUNDED = {"per_second": 1000, "burst_count": 1000}
# Serves for as long as the tests hold the other end of its input, and cleans up after tests that were killed. It ends
# at once, without a word to anybody, as a killed process does.
_SERVE = """
import os, shutil, sys, threading
def watch(folder):
    if sys.stdin.readline() != "stop\\n":
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)
threading.Thread(target=watch, args=sys.argv[1:], daemon=True).start()
from synapse.app.homeserver import main
sys.argv[1:] = ["-c", sys.argv[1] + "/homeserver.yaml"]
main()
"""


def interpreter():
    """The Python that has Synapse, or None."""
    environment = Path(os.environ.get("TOCSIN_TEST_SYNAPSE") or Path(__file__).parents[1] / ".venv-matrix")
    found = environment / "bin" / "python"
    return found if any(environment.glob("lib/python*/site-packages/synapse/app/homeserver.py")) else None


class Homeserver:
    """A running homeserver without federation. `stop` and `run_again` are an outage."""

    def __init__(self):
        self._python = interpreter()
        self.root = Path(tempfile.mkdtemp(prefix="tocsin-hs-"))  # a socket's path must be short
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process = self._keeper = None

    def start(self):
        (self.root / "homeserver.yaml").write_text(json.dumps(self._settings()))  # YAML enough
        (self.root / "signing.key").write_text(f"ed25519 a_1 {b64encode(os.urandom(32)).decode().rstrip('=')}\n")
        self.run_again()
        self._keeper = self._register("keeper", admin=True)

    def run_again(self):
        """Starts the server, for the first time or after `stop`."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(str(self.root / "ready"))
            self._process = self._launch()
            self._await(ready)
        (self.root / "ready").unlink()

    def stop(self):
        """Ends the server at once, as a kill does."""
        self._end("stop\n")

    def close(self):
        if self._process:
            self._end("")
        shutil.rmtree(self.root, ignore_errors=True)

    def account(self, name):
        """Registers a user, who may send as fast as they can until `slow`."""
        made = self._register(name)
        self.hurry(made)
        return made

    def slow(self, account):
        """From now on the server takes one more message of the user, and the next ones a thousand seconds apart."""
        self._keeper.call("DELETE", self._limit(account))

    def hurry(self, account):
        """Lifts that limit."""
        self._keeper.call("POST", self._limit(account), {"messages_per_second": 0, "burst_count": 0})

    def _limit(self, account):
        return f"/_synapse/admin/v1/users/{account.user}/override_ratelimit"

    def _register(self, name, *, admin=False):
        path = "/_synapse/admin/v1/register"
        nonce = request(self.port, "GET", path)["nonce"]
        signed = "\0".join((nonce, name, _SECRET, "admin" if admin else "notadmin")).encode()
        mac = hmac.digest(_SECRET.encode(), signed, "sha1").hex()
        asked = {"nonce": nonce, "username": name, "password": _SECRET, "admin": admin, "mac": mac}
        made = request(self.port, "POST", path, asked)
        return Account(self.port, made["user_id"], made["access_token"])

    def _settings(self):
        listener = {"port": self.port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False}
        twofold = {"local": _UNBOUNDED, "remote": _UNBOUNDED}
        threefold = {"per_room": _UNBOUNDED, "per_user": _UNBOUNDED, "per_issuer": _UNBOUNDED}
        return {
            "server_name": "desk.example",
            "listeners": [{**listener, "resources": [{"names": ["client"]}]}],
            "database": {"name": "sqlite3", "args": {"database": f"{self.root}/homeserver.db"}},
            "signing_key_path": f"{self.root}/signing.key",
            "pid_file": f"{self.root}/pid",
            "media_store_path": f"{self.root}/media",
            "registration_shared_secret": _SECRET,
            "macaroon_secret_key": _SECRET,
            "form_secret": _SECRET,
            "trusted_key_servers": [],
            "report_stats": False,
            "rc_message": _RARE,
            "rc_joins": twofold,
            "rc_joins_per_room": _UNBOUNDED,
            "rc_invites": threefold,
            "rc_room_creation": _UNBOUNDED,
        }

    def _launch(self):
        with (self.root / "log").open("ab") as log:
            return subprocess.Popen(
                [self._python, "-c", _SERVE, self.root],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.root,
                text=True,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "NOTIFY_SOCKET": str(self.root / "ready")},
                start_new_session=True,  # Ctrl-C is for the tests
            )

    def _await(self, ready):
        """Until the server says that it is ready, in the words it has for systemd."""
        deadline = time.monotonic() + START_SECONDS
        ready.settimeout(0.2)
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                if ready.recv(4096).startswith(b"READY=1"):
                    return
            except TimeoutError:
                continue
        raise RuntimeError(f"no homeserver within {START_SECONDS} seconds: {(self.root / 'log').read_text()[-4000:]}")

    def _end(self, word):
        self._process.communicate(word, timeout=60)
        self._process = None


class Account:
    """A user, and what a client of theirs asks the homeserver."""

    def __init__(self, port, user, token):
        self._port, self.user, self.token = port, user, token

    def call(self, method, path, body=None):
        return request(self._port, method, path, body, self.token)

    def client(self, method, path, body=None):
        return self.call(method, f"/_matrix/client/v3/{path}", body)

    def make_room(self, *members, **keys):
        """The id of a new room, which the members have joined."""
        room = self.client("POST", "createRoom", {"invite": [one.user for one in members], **keys})["room_id"]
        for one in members:
            one.join(room)
        return room

    def join(self, room):
        self.client("POST", f"rooms/{quote(room)}/join", {})

    def invite(self, room, other):
        self.client("POST", f"rooms/{quote(room)}/invite", {"user_id": other.user})

    def say(self, room, **content):
        """Sends a message as any client does; its id."""
        path = f"rooms/{quote(room)}/send/m.room.message/{os.urandom(8).hex()}"
        return self.client("PUT", path, {"msgtype": "m.text", **content})["event_id"]

    def messages(self, room):
        """The messages of a room as its members get them, oldest first."""
        found = self.client("GET", f"rooms/{quote(room)}/messages?dir=f&limit=1000")["chunk"]
        return [event for event in found if event["type"] == "m.room.message"]

    def thread(self, room, root):
        """Ids of the messages in a thread, oldest first."""
        found = self.call("GET", f"/_matrix/client/v1/rooms/{quote(room)}/relations/{quote(root)}/m.thread?dir=f")
        return [event["event_id"] for event in found["chunk"]]

    def rung(self, room, only=""):
        """Ids of the messages that ring at this user's; with `only="highlight"` those that ping by name."""
        found = self.client("GET", f"notifications?limit=1000&only={only}")["notifications"]
        return {one["event"]["event_id"] for one in found if one["room_id"] == room}


def request(port, method, path, body=None, token=None):
    """The JSON of a 2xx answer. Raises HTTPError, with the server's words, for any other."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(f"http://127.0.0.1:{port}{path}", data, headers, method=method), timeout=30) as answer:
            return json.load(answer)
    except HTTPError as error:
        with error:
            error.msg = error.read().decode()
        raise
