"""What can be tested of the keyboard scanner without one; the grab itself cannot (docs/how-to/devices.md)."""

from pathlib import Path

import pytest

from kiosk.errors import DeviceError
from kiosk.hardware.evdev_scanner import WedgeScanner


def test_a_scanner_that_is_not_there_is_absent_and_may_be_asked_again(tmp_path: Path) -> None:
    scanner = WedgeScanner(str(tmp_path / "usb-scanner-event-kbd"))
    for _ in range(2):
        with pytest.raises(DeviceError) as refused:
            scanner.line(10)
        assert refused.value.kind == "absent"
    scanner.close()


def test_a_file_that_is_no_input_device_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(DeviceError):
        WedgeScanner(str(path)).line(10)
