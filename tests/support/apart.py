"""Run by `tests.support.pcscd` in namespaces of its own: starts and ends one daemon, and hands out connections to it.

A socket belongs for ever to the network in which it was made. So one made here and passed on reaches this network's
loopback from any process, and nothing else does.

Usage: apart.py DESCRIPTOR [--loopback] [--run FOLDER]: a socket for the requests; what to do to the namespaces first.
"""

import argparse
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess

SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
"""netdevice(7)"""


def main() -> None:
    """Answer requests until the other end is closed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("descriptor", type=int)
    parser.add_argument("--loopback", action="store_true")
    parser.add_argument("--run")
    chosen = parser.parse_args()
    requests = socket.socket(fileno=chosen.descriptor)
    if chosen.loopback:
        bring_loopback_up()
    if chosen.run:
        subprocess.run(["mount", "--bind", chosen.run, "/run"], check=True)
    daemon: subprocess.Popen[bytes] | None = None
    while request := requests.recv(4096):
        name, *arguments = json.loads(request)
        if name == "connect":
            hand_out(requests, int(arguments[0]))
            continue
        if daemon:
            end(daemon, int(arguments[0]) if name == "end" else signal.SIGKILL)
            daemon = None
        if name == "start":
            daemon = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        requests.send(json.dumps(daemon.pid if daemon else None).encode())
    if daemon:
        end(daemon, signal.SIGKILL)


def bring_loopback_up() -> None:
    """A new network has a loopback interface that is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))


def hand_out(requests: socket.socket, port: int) -> None:
    """A connection to that port, or no descriptor while nobody listens."""
    with socket.socket() as line:
        try:
            line.connect(("127.0.0.1", port))
        except OSError:
            requests.send(b"null")
        else:
            socket.send_fds(requests, [b"true"], [line.fileno()])


def end(daemon: subprocess.Popen[bytes], by: int) -> None:
    """Signal it and wait; a paused one goes on first."""
    os.kill(daemon.pid, by)
    os.kill(daemon.pid, signal.SIGCONT)
    daemon.wait()


if __name__ == "__main__":
    main()
