"""zxing-cpp next to OpenCV's QR detector on the same damaged pictures: how many are read, and how fast."""

import statistics
import time
from collections.abc import Callable, Sequence

import cv2

from benchmarks.photographs import DAMAGES, Damage, Picture, render_bars, render_qr
from kiosk.identify.codes.images import read_codes

SAMPLES = 10
CITIZEN = "001190012345|012345678|Nguyễn Thị Mẫu|05031990|Nữ|Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội|15042021"
INSURANCE = (
    "0100123456|4e677579e1bb856e205468e1bb8b204de1baab75|05/03/1990|2|-|01 - 001|01/01/2025|-|02/01/2025|"
    "01010100123456|-|4| 01/06/2029|0123456789abcdef-1202|4|"
    "5175e1baad6e205468e1bbad2c205468c3a06e68207068e1bb912048c3a0204ee1bb9969|$"
)
HOSPITAL = "BN000123"

Reader = Callable[[Picture], Sequence[str]]


def zxing(picture: Picture) -> Sequence[str]:
    """One look, as at a camera's frame."""
    return [code.text for code in read_codes(picture)]


def zxing_thorough(picture: Picture) -> Sequence[str]:
    """With changed copies, as at a still."""
    return [code.text for code in read_codes(picture, thorough=True)]


def opencv(picture: Picture) -> Sequence[str]:
    """OpenCV's classic detector; it knows no Code 128."""
    return [cv2.QRCodeDetector().detectAndDecode(picture)[0]]


def opencv_aruco(picture: Picture) -> Sequence[str]:
    """OpenCV's newer detector."""
    return [cv2.QRCodeDetectorAruco().detectAndDecode(picture)[0]]


QR_READERS: dict[str, Reader] = {
    "zxing-cpp": zxing,
    "thorough": zxing_thorough,
    "OpenCV": opencv,
    "OpenCV ArUco": opencv_aruco,
}
BAR_READERS: dict[str, Reader] = {"zxing-cpp": zxing, "thorough": zxing_thorough}


class Tally:
    """What one reader made of some pictures."""

    def __init__(self) -> None:
        self.read = 0
        self.misread = 0
        self.pictures = 0
        self.milliseconds: list[float] = []

    def add(self, reader: Reader, picture: Picture, text: str) -> None:
        """Let the reader try one picture."""
        start = time.perf_counter()
        texts = [found for found in reader(picture) if found]
        self.milliseconds.append(1000 * (time.perf_counter() - start))
        self.pictures += 1
        self.read += text in texts
        self.misread += any(other != text for other in texts)

    @property
    def rate(self) -> float:
        """Share of the pictures that were read."""
        return self.read / self.pictures

    @property
    def median(self) -> float:
        """Milliseconds a picture."""
        return statistics.median(self.milliseconds)

    def __str__(self) -> str:
        return f"{100 * self.rate:4.0f} % {self.median:6.1f} ms"


def measure(texts: Sequence[str], render: Callable[[str], Picture], readers: dict[str, Reader]) -> None:
    """Print a line for each damage and one for all."""
    print(f"{'':14}" + "".join(f"{name:>17}" for name in readers))
    totals = {name: Tally() for name in readers}
    for damage in DAMAGES:
        tallies = {name: Tally() for name in readers}
        for text, picture in _pictures(damage, [(text, render(text)) for text in texts]):
            for name, reader in readers.items():
                tallies[name].add(reader, picture, text)
                totals[name].add(reader, picture, text)
        print(f"{damage.name:14}" + "".join(f"{tally!s:>17}" for tally in tallies.values()))
    print(f"{'all':14}" + "".join(f"{tally!s:>17}" for tally in totals.values()))
    print(f"{'misread':14}" + "".join(f"{tally.misread:>17}" for tally in totals.values()))
    ours = totals["zxing-cpp"]
    for name, other in totals.items():
        if name.startswith("OpenCV"):
            rate, duration = ours.rate / other.rate, ours.median / other.median
            print(f"zxing-cpp reads {rate:.2f} x as many as {name}, in {duration:.2f} x the time")


def _pictures(damage: Damage, codes: Sequence[tuple[str, Picture]]) -> list[tuple[str, Picture]]:
    return [(text, damage.apply(code, sample)) for text, code in codes for sample in range(SAMPLES)]


def main() -> None:
    """Print both tables."""
    print("Codes in pictures of 1280 x 720, damaged in ten degrees: share read, median time")
    print("\nQR of a citizen and of an insurance card")
    measure([CITIZEN, INSURANCE], render_qr, QR_READERS)
    print("\nCode 128 of the hospital")
    measure([HOSPITAL], render_bars, BAR_READERS)


if __name__ == "__main__":
    main()
