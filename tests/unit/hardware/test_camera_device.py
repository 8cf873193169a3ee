"""Which camera may take faces, on a made-up /sys as the kernel lays it out."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest

from kiosk.errors import DeviceError
from kiosk.hardware.camera import OpenCvCamera
from kiosk.hardware.camera_device import refusal_of_device, refusal_of_name


@dataclass(frozen=True)
class Host:
    """A host with cameras: `camera` is a name that udev would give, `sys` what the kernel says."""

    folder: Path

    @property
    def sys(self) -> Path:
        return self.folder / "sys"

    @property
    def camera(self) -> Path:
        return self.folder / "usb-Example_Camera-video-index0"

    def plug_in(self, name: str, *, bus: str | None, driver: str | None) -> None:
        described = self.sys / "class" / "video4linux" / "video7"
        described.mkdir(parents=True)
        (described / "name").write_text(f"{name}\n", encoding="utf-8")
        if bus:
            device = self.sys / "devices" / "some-port"
            device.mkdir(parents=True)
            (described / "device").symlink_to(device)
            (device / "subsystem").symlink_to(self.sys / "bus" / bus)
            if driver:
                (device / "driver").symlink_to(self.sys / "bus" / bus / "drivers" / driver)
        self.camera.symlink_to("/dev/video7")

    def refusal(self) -> str | None:
        return refusal_of_device(self.camera, self.sys)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_usb_camera_may_take_faces(host: Host) -> None:
    host.plug_in("Example Camera: Example Camera", bus="usb", driver="uvcvideo")
    assert host.refusal() is None


@pytest.mark.parametrize("name", ["Dummy video device (0x0000)", "OBS Virtual Camera", "v4l2loopback"])
def test_a_loopback_device_is_refused(host: Host, name: str) -> None:
    host.plug_in(name, bus=None, driver=None)
    refusal = host.refusal()
    assert refusal
    assert "loopback" in refusal or "not a USB camera" in refusal


def test_a_loopback_device_that_says_so_is_refused_on_any_bus(host: Host) -> None:
    host.plug_in("Loopback of a camera", bus="usb", driver="uvcvideo")
    assert "any program can put a picture into it" in (host.refusal() or "")


@pytest.mark.parametrize(
    ("bus", "driver"), [("platform", "v4l2-loopback"), ("pci", "ivtv"), ("usb", "gspca"), ("usb", None)]
)
def test_a_device_of_another_bus_or_driver_is_refused(host: Host, bus: str, driver: str | None) -> None:
    host.plug_in("Something", bus=bus, driver=driver)
    assert host.refusal()


def test_a_device_that_the_kernel_does_not_describe_is_refused(host: Host) -> None:
    host.camera.symlink_to("/dev/video7")
    assert "bus: none" in (host.refusal() or "")


def test_a_file_is_refused_and_a_camera_that_is_not_there_is_absent_not_refused(host: Host) -> None:
    assert host.refusal() is None
    host.camera.touch()
    assert "is no camera" in (host.refusal() or "")


@pytest.mark.parametrize(
    "name", ["/dev/video0", "0", "rtsp://192.0.2.1/", "/srv/film.avi", "/dev/v4l/by-id/../../video0"]
)
def test_a_camera_for_faces_is_named_by_its_port_or_make(name: str) -> None:
    assert "/dev/v4l/by-id/" in (refusal_of_name(name) or "")


@pytest.mark.parametrize("name", ["/dev/v4l/by-id/usb-X-video-index0", "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0"])
def test_the_names_that_udev_gives_are_taken(name: str) -> None:
    assert refusal_of_name(name) is None


def test_a_name_that_leads_to_a_refused_device_later_gives_no_picture(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    film.write_bytes(b"anything")

    def refuse(path: Path) -> str | None:
        return f"{path.name} is a loopback device"

    with closing(OpenCvCamera(str(film), cv2.CAP_ANY, refuse)) as camera, pytest.raises(DeviceError) as refused:
        camera.frame()
    assert (refused.value.kind, str(refused.value)) == ("refused", "film.avi is a loopback device")
