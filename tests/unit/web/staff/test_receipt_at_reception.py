"""What reception orders, and reads, of the paper that says that a face is no longer kept."""

from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.checkin.services import Services
from kiosk.model.events import Command, CommandKind, DeviceState, StationHealth
from tests.support.small_faces import enrol, face, with_faces
from tests.support.small_hospital import MAU_QR, SetClock
from tests.support.staff_server import SwitchedBus
from tests.support.staff_site import Browser, arrive

HERE = "kiosk-1"


@pytest.fixture
def services(tmp_path: Path, services: Services, clock: SetClock) -> Services:
    known = with_faces(services, tmp_path, clock)
    enrol(known, "mau", face(1))
    return known


def beat(bus: SwitchedBus, clock: SetClock, station_id: str, printer: DeviceState | None) -> None:
    devices = {"camera": DeviceState.WORKING} | ({"printer": printer} if printer else {})
    bus.beat(StationHealth(station_id, clock.now(), devices), timedelta(minutes=1))


def forget(reception: Browser, check_in_id: str) -> str:
    answer = reception.post(f"/reception/check-ins/{check_in_id}/face/withdraw")
    return reception.text(answer.headers["Location"])


def orders(bus: SwitchedBus, station_id: str = HERE) -> list[Command]:
    return [command for _, command in bus.commands(station_id, "0-0", 0)]


def test_a_receipt_is_printed_where_the_patient_checked_in(
    services: Services, bus: SwitchedBus, clock: SetClock, reception: Browser
) -> None:
    here = arrive(services, MAU_QR, "noi")
    beat(bus, clock, HERE, DeviceState.WORKING)
    beat(bus, clock, "kiosk-2", DeviceState.WORKING)

    page = forget(reception, here.id)

    assert "Đã xóa khuôn mặt." in page
    assert "Đã gửi lệnh in giấy xác nhận đến kiosk." in page
    assert orders(bus) == [Command(CommandKind.PRINT_RECEIPT, here.id)]
    assert orders(bus, "kiosk-2") == []


@pytest.mark.parametrize("printer", [None, DeviceState.NO_PAPER, DeviceState.ABSENT, DeviceState.FAULT])
def test_without_a_printer_that_works_reception_reads_that_none_is_printed(
    services: Services, bus: SwitchedBus, clock: SetClock, reception: Browser, printer: DeviceState | None
) -> None:
    here = arrive(services, MAU_QR, "noi")
    beat(bus, clock, HERE, printer)
    beat(bus, clock, "kiosk-2", DeviceState.WORKING)

    page = forget(reception, here.id)

    assert "Đã xóa khuôn mặt." in page
    assert "Chưa in được giấy xác nhận" in page
    assert orders(bus) == [], "no paper comes out when the patient has long gone"


def test_a_bus_that_does_not_answer_keeps_no_face(
    services: Services, bus: SwitchedBus, clock: SetClock, reception: Browser
) -> None:
    here = arrive(services, MAU_QR, "noi")
    beat(bus, clock, HERE, DeviceState.WORKING)
    bus.off = True

    page = forget(reception, here.id)

    assert "Chưa in được giấy xác nhận" in page
    with services.storage.read() as work:
        assert work.faces.of_patient("mau") is None
