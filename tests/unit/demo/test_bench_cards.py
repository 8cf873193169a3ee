"""The bench's chip cards, laid on the simulated reader and read by the station's own reading."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from kiosk import bootstrap
from kiosk.bootstrap.devices import chip_reading
from kiosk.demo.card_office import ANCHOR_FILE, PROFILES, chip_card, prepare_office
from kiosk.demo.hospital.people import CitizenCard, InventedPatient
from kiosk.errors import CardError, CardProblem, ConfigurationError, NotFound
from kiosk.hardware.simulated.bench import FileBench
from kiosk.identify.chip_card.access_key import AccessKeys, KeyAttempts, QrFacts
from kiosk.live.clock import SystemClock
from kiosk.model.chip_card import ChipReading
from kiosk.model.identity import PartialDate, Sex
from kiosk.ports.devices import CardReader
from kiosk.settings import Settings
from kiosk.settings.sections import PathSettings, StationSettings
from kiosk.station.cards import Opening

TODAY = date(2026, 11, 23)
MAU = InventedPatient(
    id="mau",
    name="Nguyễn Thị Mẫu",
    sex=Sex.FEMALE,
    birth_date=PartialDate(1990, 3, 5),
    address="Số 1 Phố Ví Dụ, Hà Nội",
    province="Hà Nội",
    phone="",
    hospital_code="BN000123",
    citizen_id="001190012345",
    citizen_card=CitizenCard(form=2024, issued_on=date(2024, 8, 1)),
)
FACTS = QrFacts("001190012345", PartialDate(1990, 3, 5), PartialDate(2024, 8, 1), "Nguyễn Thị Mẫu", Sex.FEMALE)
EXPECTED = {
    "genuine": ("genuine", "", False),
    "no_copy_protection": ("consistent", "copy-not-excluded", False),
    "issuer_unknown": ("consistent", "issuer-unknown", False),
    "cloned": ("refused", "chip-cloned", True),
    "forged": ("refused", "data-forged", False),
    "another_state": ("refused", "wrong-state-or-kind", False),
    "expired": ("genuine", "", False),
}
PROBLEMS = {
    "no_chip": CardProblem.UNSUPPORTED,
    "pulled_early": CardProblem.REMOVED,
    "throttled": CardProblem.THROTTLED,
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("demo")
    prepare_office(folder / "cards", folder / "trust")
    paths = PathSettings(data=str(folder), runtime=str(folder), trust=str(folder / "trust"))
    return Settings(mode="demo", station=StationSettings(card_reader="simulated"), paths=paths)


@pytest.fixture
def read(demo: Settings) -> Callable[[str], ChipReading]:
    bench, reader = FileBench(demo.runtime_dir), bootstrap.open_card_reader(demo)
    assert reader

    def lay_and_read(profile: str) -> ChipReading:
        bench.lay_card(chip_card(demo.data_dir / "cards", MAU, profile, TODAY))
        assert reader.has_card(0)
        return _read(demo, reader)

    return lay_and_read


def _read(demo: Settings, reader: CardReader) -> ChipReading:
    opening = Opening(AccessKeys.from_qr(FACTS), KeyAttempts(), FACTS)
    with reader.connect() as connection:
        return chip_reading(demo, SystemClock("Asia/Ho_Chi_Minh"))(connection, opening, lambda *_: None)


def test_every_kind_of_card_is_told_of() -> None:
    assert set(PROFILES) == EXPECTED.keys() | PROBLEMS.keys()


@pytest.mark.parametrize("profile", EXPECTED)
def test_a_card_of_the_bench_is_judged_like_a_real_one(read: Callable[[str], ChipReading], profile: str) -> None:
    reading = read(profile)
    reasons = " ".join(reading.reasons)
    assert (reading.verdict.value, reasons, reading.alarm) == EXPECTED[profile]
    assert reading.expired == (profile == "expired")
    if reading.verdict != "refused":
        assert reading.citizen
        assert reading.citizen.name == "Nguyễn Thị Mẫu"
        assert reading.contradictions == (("issued_on",) if profile == "expired" else ())
        assert reading.portrait


@pytest.mark.parametrize("profile", PROBLEMS)
def test_a_card_of_the_bench_that_cannot_be_read_says_why(read: Callable[[str], ChipReading], profile: str) -> None:
    with pytest.raises(CardError) as caught:
        read(profile)
    assert caught.value.kind is PROBLEMS[profile]


def test_a_card_stays_the_same_chip(read: Callable[[str], ChipReading]) -> None:
    first, second = read("issuer_unknown"), read("issuer_unknown")
    assert first.chip_key
    assert (first.chip_key, first.security_object) == (second.chip_key, second.security_object)


def test_on_day_one_without_an_anchor_a_genuine_card_is_consistent(
    demo: Settings, read: Callable[[str], ChipReading]
) -> None:
    anchor = demo.trust_dir / ANCHOR_FILE
    kept = anchor.rename(demo.trust_dir / "kept")
    assert bootstrap.open_trust(demo).is_empty
    assert read("genuine").verdict == "consistent"
    kept.rename(anchor)
    assert read("genuine").verdict == "genuine"


def test_the_demo_s_authority_is_refused_in_production(demo: Settings) -> None:
    production = Settings(paths=PathSettings(trust=demo.paths.trust))
    with pytest.raises(ConfigurationError, match="demonstration"):
        bootstrap.open_trust(production)


def test_an_unplugged_reader_says_so(demo: Settings) -> None:
    bench, reader = FileBench(demo.runtime_dir), bootstrap.open_card_reader(demo)
    assert reader
    bench.plug("card_reader", connected=False)
    with pytest.raises(CardError) as caught:
        reader.has_card(0)
    assert caught.value.kind is CardProblem.NO_READER
    bench.plug("card_reader", connected=True)
    bench.lay_card(None)
    assert not reader.has_card(0)
    assert not bench.state().card


def test_nobody_else_has_a_card_and_no_other_kind_there_is(demo: Settings) -> None:
    cards = demo.data_dir / "cards"
    with pytest.raises(NotFound):
        chip_card(cards, MAU, "gold", TODAY)
    stranger = SimpleNamespace(id="la", citizen_card=None, citizen_id=None)
    with pytest.raises(NotFound):
        chip_card(cards, stranger, "genuine", TODAY)  # type: ignore[arg-type] # as far as it is looked at
    assert not (cards / "la-genuine.json").exists()


def test_the_office_is_made_once_and_private(tmp_path: Path) -> None:
    prepare_office(tmp_path / "cards", tmp_path / "trust")
    made = (tmp_path / "cards" / "card-office.json").read_bytes()
    prepare_office(tmp_path / "cards", tmp_path / "trust")
    assert (tmp_path / "cards" / "card-office.json").read_bytes() == made
    assert (tmp_path / "cards" / "card-office.json").stat().st_mode & 0o077 == 0
