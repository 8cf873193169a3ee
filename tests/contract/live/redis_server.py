import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

from redis import Redis, RedisError


class RedisServer:
    """Debian's redis-server, or another that speaks the same, on a unix socket; keeps no file."""

    def __init__(self, folder: Path, program: str = "redis-server") -> None:
        self._folder = folder
        self._program = program
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {"port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700", "dir": str(self._folder)}
        options |= {"appendonly": "no", "save": "", "logfile": "redis.log"}
        arguments = [word for key, value in options.items() for word in (f"--{key}", value)]
        self._process = subprocess.Popen([self._program, *arguments], stdout=subprocess.DEVNULL)
        with closing(self.client()) as client:
            for _ in range(100):
                try:
                    client.ping()
                except RedisError:
                    time.sleep(0.05)
                else:
                    return
        raise RuntimeError((self._folder / "redis.log").read_text())

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket))
