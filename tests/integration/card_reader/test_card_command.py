"""Every case that patients and staff must be able to tell apart, by `kiosk card read` through the real pcscd."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage, Interference, Proof
from kiosk.hardware.simulated.citizen_card.personalisation import Plan, personalise
from kiosk.hardware.simulated.citizen_card.pki import Issuer, Terms, new_signer
from kiosk.hardware.simulated.citizen_card.profiles import CardOffice, CardProfile, with_broken_signature
from tests.support.card_tray import Tray
from tests.support.one_clinic import ONE_CLINIC
from tests.support.pcscd import READER, Pcscd

pytestmark = pytest.mark.integration

TODAY = date(2026, 11, 22)
Lay = Callable[[CardImage], None]


class Answer:
    """What a run of the command left."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.json = json.loads(text)

    @property
    def verdict(self) -> tuple[int, str, list[str]]:
        return self.status, self.json["verdict"], self.json["reasons"]

    @property
    def problem(self) -> tuple[int, str]:
        return self.status, self.json["error"]["kind"]


def read(trust: Path, *arguments: str, key: str = "012345", option: str = "--can") -> Answer:
    command = ["card", "read", option, "-", "--reader", READER, "--trust", str(trust), "--json", *arguments]
    result = CliRunner().invoke(main, command, input=key)
    return Answer(result.exit_code, result.stdout)


def without_pace(image: CardImage, **behaviour: int) -> CardImage:
    files = {name: content for name, content in image.files.items() if name != "EF.CardAccess"}
    return replace(image, files=files, pace=(), behaviour=Behaviour(**behaviour))  # type: ignore[arg-type] # by name


def test_a_genuine_card_is_told_whole(lay: Lay, genuine: CardImage, trust: Path) -> None:
    lay(genuine)
    answer = read(trust)
    assert answer.verdict == (0, "genuine", [])
    told = answer.json
    assert told["access"]["protocol"] == "pace"
    assert told["access"]["algorithm"] == "id-PACE-ECDH-GM-AES-CBC-CMAC-128"
    assert {file["name"] for file in told["files"]} >= {"EF.SOD", "EF.COM", "DG1", "DG2", "DG13", "DG14", "DG15"}
    dg1 = next(file for file in told["files"] if file["name"] == "DG1")
    assert (dg1["length"], len(dg1["sha256"])) == (len(genuine.files["DG1"]), 64)
    assert told["mrz"]["citizen_number"] == told["citizen"]["number"] == "001190012345"
    assert told["citizen"]["name"] == "Nguyễn Thị Mẫu"
    assert told["citizen"]["birth_date"] == "1990-03-05"
    assert told["portrait"]["format"] == "jpeg"
    assert told["portrait"]["width"] > 0 < told["portrait"]["height"]
    assert told["checks"]["active_authentication"] == told["checks"]["chip_authentication"] == "passed"
    assert told["apdus"] > 10
    assert told["seconds"] > 0
    assert not told["expired"]


def test_the_zones_key_and_the_qr_open_it_too(lay: Lay, genuine: CardImage, trust: Path) -> None:
    lay(without_pace(genuine))
    by_zone = read(trust, key="001190012345 900305 300305", option="--document")
    assert (by_zone.status, by_zone.json["access"]["protocol"]) == (0, "bac")
    by_qr = read(trust, key="001190012345|012345678|Nguyễn Thị Mẫu|05031990|Nữ|Số 1 Phố Ví Dụ|15042021", option="--qr")
    assert (by_qr.status, by_qr.json["contradictions"]) == (0, [])


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        (CardProfile.NO_COPY_PROTECTION, (2, "consistent", ["copy-not-excluded"])),
        (CardProfile.ISSUER_UNKNOWN, (2, "consistent", ["issuer-unknown"])),
        (CardProfile.CLONED, (3, "refused", ["chip-cloned"])),
        (CardProfile.FORGED, (3, "refused", ["data-forged"])),
        (CardProfile.ANOTHER_STATE, (3, "refused", ["wrong-state-or-kind"])),
        (CardProfile.EXPIRED, (0, "genuine", [])),
    ],
)
def test_each_kind_of_card_gets_its_verdict(
    lay: Lay, office: CardOffice, holder: Holder, trust: Path, profile: CardProfile, told: tuple[int, str, list[str]]
) -> None:
    lay(office.make(profile, holder, TODAY))
    answer = read(trust)
    assert answer.verdict == told
    assert answer.json["alarm"] == (profile is CardProfile.CLONED)
    assert answer.json["expired"] == (profile is CardProfile.EXPIRED)


def test_without_an_anchor_no_issuer_is_known(lay: Lay, genuine: CardImage, tmp_path: Path) -> None:
    lay(genuine)
    assert read(tmp_path / "none").verdict == (2, "consistent", ["issuer-unknown"])


def test_a_changed_signature_is_a_forgery(lay: Lay, genuine: CardImage, trust: Path) -> None:
    lay(with_broken_signature(genuine))
    assert read(trust).verdict == (3, "refused", ["data-forged"])


def test_a_signer_that_was_not_valid(lay: Lay, office: CardOffice, holder: Holder, trust: Path) -> None:
    short = Terms(valid_from=datetime(2015, 1, 1, tzinfo=UTC), valid_until=datetime(2018, 1, 1, tzinfo=UTC))
    late = Issuer(authority=office.home.authority, signer=new_signer(office.home.authority, terms=short))
    lay(personalise(holder, late))
    assert read(trust).verdict == (3, "refused", ["signer-not-valid"])


def test_a_chip_that_refuses_every_proof(lay: Lay, office: CardOffice, holder: Holder, trust: Path) -> None:
    lay(personalise(holder, office.home, Plan(behaviour=Behaviour(active=Proof.REFUSED, chip=Proof.REFUSED))))
    answer = read(trust)
    assert answer.verdict == (3, "refused", ["chip-not-proven"])
    assert not answer.json["alarm"]


def test_a_wrong_number_by_pace(lay: Lay, genuine: CardImage, trust: Path) -> None:
    lay(genuine)
    assert read(trust, key="999999").problem == (4, "wrong_key")


@pytest.mark.parametrize("status", [0x6300, 0x6982, 0x6985, 0x6A80])
def test_a_wrong_date_by_bac(lay: Lay, genuine: CardImage, trust: Path, status: int) -> None:
    lay(without_pace(genuine, wrong_key_status=status))
    answer = read(trust, key="001190012345 900306 300305", option="--document")
    assert answer.problem == (4, "wrong_key")


def test_a_card_that_somebody_guessed_at(lay: Lay, office: CardOffice, holder: Holder, trust: Path) -> None:
    lay(office.make(CardProfile.THROTTLED, holder, TODAY))
    assert read(trust).problem == (4, "throttled")


def test_an_old_card_without_chip(lay: Lay, office: CardOffice, holder: Holder, trust: Path) -> None:
    lay(office.make(CardProfile.NO_CHIP, holder, TODAY))
    answer = read(trust, key="001190012345 900305 300305", option="--document")
    assert answer.problem == (4, "unsupported")


def test_a_card_pulled_too_early(lay: Lay, office: CardOffice, holder: Holder, trust: Path) -> None:
    lay(office.make(CardProfile.PULLED_EARLY, holder, TODAY))
    assert read(trust).problem == (4, "removed")


def test_broken_secure_messaging(lay: Lay, genuine: CardImage, trust: Path) -> None:
    lay(replace(genuine, behaviour=Behaviour(interference=Interference.BAD_MAC, after=14)))
    assert read(trust).problem == (4, "secure_messaging")


def test_no_card(pcscd: Pcscd, tray: Tray, trust: Path) -> None:
    tray.lift()
    pcscd.stop()
    pcscd.start()
    assert read(trust).problem == (4, "no_card")


def test_no_reader_and_no_service(pcscd: Pcscd, trust: Path) -> None:
    pcscd.stop()
    assert read(trust).problem == (4, "service_down")
    pcscd.start(with_reader=False)
    assert read(trust).problem == (4, "no_reader")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--can", "12345"],
        ["--can", "123456", "--qr", "-"],
        ["--document", "001190012345"],
        ["--qr", "not a code"],
        [],
    ],
)
def test_a_wrong_command_never_looks_like_a_verdict(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, ["card", "read", *arguments, "--reader", READER, "--json"])
    assert result.exit_code == 1
    assert set(json.loads(result.stdout)) == {"error"}
    assert CliRunner().invoke(main, ["card", "read", "--no-such-option"]).exit_code == 1


def test_the_program_itself(lay: Lay, genuine: CardImage, trust: Path) -> None:
    """As a process of its own, without settings and without the reader's name."""
    lay(genuine)
    command = [sys.executable, "-m", "kiosk", "--settings", str(trust / "none.toml"), "card", "read", "--can", "-"]
    done = subprocess.run(
        [*command, "--trust", str(trust)], input="012345\n", capture_output=True, text=True, env=os.environ, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("genuine")


def test_watching_tells_what_changes(pcscd: Pcscd, lay: Lay, genuine: CardImage) -> None:
    lay(genuine)
    result = CliRunner().invoke(main, ["card", "watch", "--reader", READER, "--json", "--seconds", "0.5"])
    assert [json.loads(line)["state"] for line in result.stdout.splitlines()] == ["card"]
    assert CliRunner().invoke(main, ["card", "readers"]).stdout.splitlines() == [READER, "Virtual PCD 00 01"]
    pcscd.stop()
    result = CliRunner().invoke(main, ["card", "watch", "--reader", READER, "--seconds", "0.5"])
    assert result.stdout.split() == [result.stdout.split()[0], "service_down"]


def test_the_list_of_devices_says_how_the_reader_is(pcscd: Pcscd, trust: Path, tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"

    def listed() -> dict[str, tuple[str, str]]:
        result = CliRunner().invoke(main, ["--settings", str(file), "devices", "check", "--json"])
        return {row["device"]: (row["state"], row["next"]) for row in json.loads(result.stdout)}

    settings = f"[station]\ncard_reader = '{{}}'\n[paths]\ntrust = '{trust}'\n{ONE_CLINIC}"
    file.write_text(f"mode = 'demo'\n{settings.format(READER)}", encoding="utf-8")
    assert (listed()["card_reader"][0], listed()["trust"][0]) == ("working", "working")
    file.write_text(settings.format("ACS ACR1252"), encoding="utf-8")
    assert listed()["card_reader"][0] == "no_reader"
    state, todo = listed()["trust"]
    assert (state, "demonstration" in todo) == ("fault", True)
    pcscd.stop()
    state, todo = listed()["card_reader"]
    assert (state, "pcscd" in todo) == ("service_down", True)
