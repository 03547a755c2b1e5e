"""A private Mosquitto, and its own clients as whoever listens there."""

import subprocess
import time
from contextlib import contextmanager

from daemons import Daemon, program

LOGIN = ("watch", "right")
_SECONDS = 20.0
_PATIENCE = "60"  # seconds, after which a listener gives up
# A CONNECT of MQTT 3.1.1 without a login, and the beginning of its answer.
_HELLO = bytes([0x10, 14, 0, 4, *b"MQTT", 4, 2, 0, 5, 0, 2, *b"hi"])
_ANSWER = bytes([0x20, 2])


class Broker(Daemon):
    """A running Mosquitto that asks for a login."""

    name = "mosquitto"

    @staticmethod
    def missing():
        """Why it cannot run here; empty when it can."""
        there = all(map(program, ("mosquitto", "mosquitto_passwd", "mosquitto_pub", "mosquitto_sub")))
        return "" if there else "no MQTT broker on this machine: install Debian's mosquitto and mosquitto-clients"

    def prepare(self):
        configuration, passwords = self.root / "mosquitto.conf", self.root / "passwords"
        configuration.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\npersistence false\n"
        )
        subprocess.run([program("mosquitto_passwd"), "-b", "-c", passwords, *LOGIN], check=True, capture_output=True)
        self.account.own(configuration, passwords)

    def command(self):
        return [program("mosquitto"), "-c", str(self.root / "mosquitto.conf")]

    def greets(self, connection):
        connection.sendall(_HELLO)
        return connection.recv(4).startswith(_ANSWER)

    @contextmanager
    def listener(self, topic):
        """Whoever has subscribed to a topic, from now on."""
        command = self._client("mosquitto_sub", topic, "-F", "%x", "-W", _PATIENCE)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                found = Listener(self, process, topic)
                found.heard()  # the first one takes until the subscription stands
                yield found
            finally:
                process.kill()

    def publish(self, topic, text):
        """A message that stays for whoever comes."""
        subprocess.run(self._client("mosquitto_pub", topic, "-r", "-m", text), check=True, timeout=_SECONDS)

    def _client(self, name, topic, *more):
        user, password = LOGIN
        who = ["-h", "127.0.0.1", "-p", str(self.port), "-u", user, "-P", password]
        return [program(name), *who, "-q", "1", "-t", topic, *more]


class Listener:
    """What arrives at a topic."""

    def __init__(self, broker, process, topic):
        self._broker = broker
        self._process = process
        self._topic = topic
        self._marks = 0

    def heard(self):
        """All texts since the last call: a mark is sent behind them, and comes out last."""
        self._marks += 1
        mark = f"mark {self._marks} {time.monotonic_ns()}"
        self._broker.publish(self._topic, mark)
        texts = []
        for line in self._process.stdout:
            texts.append(bytes.fromhex(line.strip()).decode())
            if texts[-1] == mark:
                return texts[:-1]
        raise RuntimeError(f"mosquitto_sub ended with {self._process.wait()}")
