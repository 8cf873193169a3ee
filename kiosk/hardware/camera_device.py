"""Which camera may show a face: one on a USB port of this host, named by that port, with the kernel's own driver.

A picture that a program makes (v4l2loopback and its like) passes attack detection; it must not come in by the setting.
"""

import re
from pathlib import Path

SYSFS = Path("/sys")
NAMES = ("/dev/v4l/by-id/", "/dev/v4l/by-path/")
"""Where udev names cameras by what and where they are; ``/dev/videoN`` changes from start to start."""

_BUS, _DRIVER = "usb", "uvcvideo"


def video_number(path: Path) -> int | None:
    """The N of the ``/dev/videoN`` that a path leads to now; None when it leads to no such device."""
    found = re.fullmatch(r"/dev/video([0-9]{1,3})", str(path.resolve()))
    return int(found[1]) if found else None


def refusal_of_name(setting: str) -> str | None:
    """Why a name of the settings must not be a camera for faces; None for a good one."""
    if setting.startswith(NAMES) and ".." not in Path(setting).parts:
        return None
    return f"for faces a camera is named by {' or '.join(f'{name}…' for name in NAMES)}, not {setting}"


def refusal_of_device(path: Path, sysfs: Path = SYSFS) -> str | None:
    """Why the device behind a name must not take faces; None for a good one, and for one that is not there now.

    Args:
        path: of the camera.
        sysfs: where the kernel describes its devices (sysfs(5)).
    """
    number = video_number(path)
    if number is None:
        return None if not path.exists() else f"{path} is no camera of Video4Linux"
    described = sysfs / "class" / "video4linux" / f"video{number}"
    name = _text(described / "name")
    bus, driver = (_leads_to(described / "device" / link) for link in ("subsystem", "driver"))
    if "loopback" in f"{name} {driver}".casefold():
        return f"{path} is a loopback device: any program can put a picture into it"
    if (bus, driver) != (_BUS, _DRIVER):
        return f"{path} is not a USB camera of the kernel's driver {_DRIVER} (bus: {bus or 'none'})"
    return None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _leads_to(link: Path) -> str:
    """The name that a link of sysfs leads to; empty for none."""
    return link.resolve().name if link.is_symlink() else ""
