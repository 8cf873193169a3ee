"""Ask each device of this station how it is."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import click

from kiosk import bootstrap
from kiosk.errors import CardError, ConfigurationError, DeviceError
from kiosk.model.events import DeviceState
from kiosk.settings import Settings

NOT_USED = "not_used"
NO_ANCHOR = "no_anchor"
WORKING = DeviceState.WORKING.value
NEXT = {
    NOT_USED: "none is named in the settings",
    WORKING: "nothing",
    "absent": "plug it in and switch it on; compare the path with `ls /dev/*/by-id`, an address with `ping`",
    "refused": "plug in a USB camera and name it by /dev/v4l/by-id/…: faces are taken by no other",
    "busy": "stop what holds it: `systemctl stop kiosk-station`, and another program",
    NO_ANCHOR: "no authority is trusted, so chips save typing but prove nothing: see `kiosk trust import --help`",
    "no_reader": "plug it in; compare its name with `kiosk card readers`, and end what holds it",
    "service_down": "start the PC/SC service: `systemctl enable --now pcscd.socket`",
    "no_paper": "put a roll of paper in and close the lid",
    "fault": "look whether user `kiosk` may use it and whether another program, such as the station itself, holds it",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One device: what the settings name, how it is, and what to do next."""

    device: str
    setting: str
    state: str
    next: str


@click.group()
def devices() -> None:
    """Check this station's devices.

    Example: kiosk devices check
    """


@devices.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: a list of objects.")
@click.pass_obj
def check(settings: Settings, as_json: bool) -> None:  # noqa: FBT001 # click's signature
    """List the devices that the settings name, how each is, and what to do next.

    The folder of trust anchors is listed with them: without an anchor chips are read, and none is genuine.

    Ends with 1 when one does not work. While the station runs, it holds the devices: stop it first.

    Example: kiosk --settings /etc/kiosk/kiosk.toml devices check --json
    """
    station = settings.station
    found = [
        _checked("camera", station.camera, lambda: _look(settings)),
        _checked("scanner", station.scanner, lambda: _listen(settings)),
        _checked("printer", station.printer, lambda: _ask_printer(settings)),
        _checked("card_reader", station.card_reader, lambda: _ask_card_reader(settings)),
        _checked("trust", str(settings.trust_dir), lambda: _ask_trust(settings)),
    ]
    if as_json:
        click.echo(json.dumps([asdict(device) for device in found], ensure_ascii=False))
    else:
        for device in found:
            click.echo(f"{device.device:11} {device.setting:40} {device.state:12} next: {device.next}")
    if any(device.state not in {WORKING, NOT_USED, NO_ANCHOR} for device in found):
        raise click.exceptions.Exit(1)


def _checked(device: str, setting: str, ask: Callable[[], str]) -> Checked:
    try:
        state = ask()
    except (DeviceError, CardError) as error:
        return Checked(device, setting, error.kind, NEXT.get(error.kind, NEXT["fault"]))
    except ConfigurationError as error:
        return Checked(device, setting, "fault", str(error))
    except ImportError as error:
        return Checked(device, setting, "fault", f"install the group `hardware`: {error.name} is missing")
    return Checked(device, setting, state, NEXT[state])


def _look(settings: Settings) -> str:
    camera = bootstrap.open_camera(settings)
    if camera is None:
        return NOT_USED
    camera.frame()
    return WORKING


def _listen(settings: Settings) -> str:
    scanner = bootstrap.open_scanner(settings)
    if scanner is None:
        return NOT_USED
    scanner.line(0)
    return WORKING


def _ask_printer(settings: Settings) -> str:
    printer = bootstrap.open_printer(settings)
    return NOT_USED if printer is None else printer.state().value


def _ask_card_reader(settings: Settings) -> str:
    reader = bootstrap.open_card_reader(settings)
    if reader is None:
        return NOT_USED
    reader.has_card(0)
    return WORKING


def _ask_trust(settings: Settings) -> str:
    if settings.station.card_reader == "none":
        return NOT_USED
    return NO_ANCHOR if bootstrap.open_trust(settings).is_empty else WORKING
