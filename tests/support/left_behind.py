"""What a demo leaves where nothing personal may be: in logs, in Redis and in the addresses that screens asked for."""

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from kiosk.demo.hospital import InventedPatient
from tests.support.running_demo import RunningDemo

OTHERS = ("Lê Văn Lạ", "001085000001", "01/02/1985", "1985-02-01")
"""Somebody whom the hospital does not know, and who shows a card in a journey."""


def left_behind(demo: RunningDemo) -> list[str]:
    """Where something of somebody was found, and what."""
    places = {
        "logs": demo.logs(),
        "redis": "".join(
            path.read_text(encoding="utf-8", errors="replace")
            for path in (demo.data / "redis").rglob("*")
            if path.is_file()
        ),
        "addresses": "\n".join(demo.visited),
    }
    words = {word for patient in demo.hospital.patients for word in words_of(patient)} | set(OTHERS)
    return [f"{place}: {word}" for place, text in places.items() for word in found_in(text, words)]


def words_of(patient: InventedPatient) -> Iterator[str]:
    """Name, numbers, and the birth date in both ways of writing it."""
    yield patient.name
    yield from filter(None, (patient.citizen_id, patient.hospital_code))
    if patient.insurance:
        yield patient.insurance.number
        yield patient.insurance.prefix + patient.insurance.number
    born = patient.birth_date
    if born.month and born.day:
        yield f"{born.year:04}-{born.month:02}-{born.day:02}"
        yield f"{born.day:02}/{born.month:02}/{born.year:04}"


def found_in(text: str, words: set[str]) -> list[str]:
    """The words that are there, as they are, in another case, or as an address or JSON writes them."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), unquote_plus(text)).casefold()
    return sorted(word for word in words if word.casefold() in plain and _stands_alone(word.casefold(), plain))


def _stands_alone(word: str, text: str) -> bool:
    """Not as a part of a longer number, such as a moment in milliseconds."""
    return re.search(rf"(?<!\d){re.escape(word)}(?!\d)", text) is not None
