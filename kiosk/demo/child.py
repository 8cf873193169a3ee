"""Runs one program of the demo so that it ends when the supervisor does, even after SIGKILL.

``python -m kiosk.demo.child PARENT PROGRAM [ARGUMENT …]``: asks the kernel for SIGTERM at the parent's death (Linux,
prctl(2), PR_SET_PDEATHSIG), which survives exec, then becomes the program.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, program: list[str]) -> None:
    """Become the program.

    Args:
        parent: process id of the supervisor; if it is gone already, nothing is started.
        program: its path and arguments.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(program[0], program)  # noqa: S606 # the supervisor's own list, no shell


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
