"""A program of its own: turns a stranger's picture into pixels, within limits, and does nothing else.

Started by `portrait` with two memory files. It waits until its standard input ends, decodes the picture in the first
file, writes height, width and pixels into the second, and says so with one byte on its standard output. It imports
nothing of kiosk, so that it can run isolated; a picture that breaks its decoder breaks a process that holds nothing.
"""

import os
import resource
import sys

MAX_PICTURE_BYTES = 1 << 20
"""Real portraits have 10 to 30 KB."""
MAX_SIDE_PIXELS = 4096
MAX_PIXELS = 4_000_000
"""Real portraits have 0.1 to 2 million."""
CHANNELS = 3
SIDE_BYTES = 4
MAX_RESULT_BYTES = 2 * SIDE_BYTES + MAX_PIXELS * CHANNELS
DONE = b"1"

_MEMORY_BYTES = 640 << 20
"""Address space: Python with OpenCV has 280 MB of it, a JPEG 2000 of the largest size takes it to 440 MB."""
_CPU_SECONDS = 4


def limit(memory_bytes: int = _MEMORY_BYTES, cpu_seconds: int = _CPU_SECONDS) -> None:
    """Bound this process for good: memory, processor time, files, child processes; no core dump of a face."""
    bounds = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: MAX_RESULT_BYTES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in bounds.items():
        _, hard = resource.getrlimit(kind)
        # a host may have set a lower one, which cannot be raised
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def close_doors() -> None:
    """From now on no file, pipe or connection can be opened; those that are open still serve."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def main(picture: int, result: int) -> int:
    """Wait, decode, answer.

    Args:
        picture: descriptor of the file with the picture.
        result: descriptor of the file for the pixels.
    """
    limit()
    import cv2  # noqa: PLC0415 # after the limits, and before the picture is there: it takes longer than decoding
    import numpy as np  # noqa: PLC0415 # the same

    cv2.setNumThreads(1)
    close_doors()
    sys.stdin.buffer.read()
    data = os.pread(picture, MAX_PICTURE_BYTES, 0)
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return 1
    if found is None or found.size > MAX_PIXELS * CHANNELS:
        return 1
    height, width, _ = found.shape
    os.pwrite(result, height.to_bytes(SIDE_BYTES) + width.to_bytes(SIDE_BYTES), 0)
    os.pwrite(result, np.ascontiguousarray(found).data, 2 * SIDE_BYTES)
    os.write(sys.stdout.fileno(), DONE)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
