"""A process that is told to end more than once at a time, as by a shell, make and a terminal together."""

import signal
import subprocess
import sys

import pytest

from kiosk.stop_signals import NUMBERS
from tests.support.patience import PATIENCE

WAITS = """
import threading
from kiosk.stop_signals import stop_on_signals
stop = threading.Event()
stop_on_signals(stop)
print("ready", flush=True)
while not stop.wait(0.0001):
    pass
"""


@pytest.mark.parametrize("number", NUMBERS)
def test_many_at_once_end_it_as_one_does(number: signal.Signals) -> None:
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            for _ in range(300):
                process.send_signal(number)
            try:
                assert process.wait(PATIENCE) == 0
            finally:
                process.kill()
