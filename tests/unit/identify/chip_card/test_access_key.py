"""The keys that open a card, and when a card expires by law."""

from datetime import date

import pytest

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card.access_key import (
    AccessKeys,
    KeyAttempts,
    QrFacts,
    expiry_candidates,
    mrz_information,
)
from kiosk.model.identity import PartialDate


def scanned(birth: str | None = "1990-03-05", issued: str | None = "2021-04-15") -> AccessKeys:
    return AccessKeys.from_qr(
        QrFacts(
            number="001190012345",
            birth_date=PartialDate.from_iso(birth) if birth else None,
            issued_on=PartialDate.from_iso(issued) if issued else None,
        )
    )


def test_a_qr_alone_gives_the_can_and_the_zones_keys() -> None:
    keys = scanned()
    assert keys.can == "012345"
    assert keys.mrz == ("190012345790030593003057", mrz_information("001190012345", "900305", "500305"))
    assert keys.scanned


def test_a_typed_number_is_known_as_typed() -> None:
    assert not AccessKeys.from_qr(QrFacts("001190012345", None, scanned=False)).scanned
    assert not AccessKeys.from_can("012345").scanned


@pytest.mark.parametrize(
    ("birth", "issued"), [(None, "2021-04-15"), ("1990", "2021-04-15"), ("1990-03", "2021-04-15"), ("1990-03-05", None)]
)
def test_without_full_dates_only_the_can_is_tried(birth: str | None, issued: str | None) -> None:
    keys = scanned(birth, issued)
    assert (keys.can, keys.mrz) == ("012345", ())


@pytest.mark.parametrize("number", ["00119001234", "0011900123456", "00119001234x", "٠٠١١٩٠٠١٢٣٤٥", ""])
def test_a_number_of_another_form_opens_nothing(number: str) -> None:
    with pytest.raises(InputError) as raised:
        AccessKeys.from_qr(QrFacts(number, None))
    assert (raised.value.kind, raised.value.field) == ("bad_number", "number")


def test_the_printed_can_is_enough() -> None:
    assert AccessKeys.from_can("012345") == AccessKeys(can="012345")
    with pytest.raises(InputError):
        AccessKeys.from_can("12345")


def test_the_printed_dates_are_used_as_they_are() -> None:
    keys = AccessKeys.from_document("190012345", "900305", "300305")
    assert (keys.can, keys.mrz) == (None, ("190012345790030593003057",))


def test_a_citizens_number_in_place_of_the_documents_gives_the_can_too() -> None:
    keys = AccessKeys.from_document("001190012345", "900305", "300305")
    assert (keys.can, keys.mrz) == ("012345", ("190012345790030593003057",))


@pytest.mark.parametrize(
    ("number", "birth", "expiry", "text"),
    [
        ("L898902C", "690806", "940623", "L898902C<369080619406236"),
        ("T22000129", "640812", "101031", "T22000129364081251010318"),
        ("D23145890734", "340712", "950712", "D23145890734934071279507122"),
        ("079058000017", "580412", "991231", "058000017358041229912315"),
    ],
)
def test_the_zones_key_text_has_its_check_digits(number: str, birth: str, expiry: str, text: str) -> None:
    assert mrz_information(number, birth, expiry) == text


@pytest.mark.parametrize(
    ("number", "birth", "expiry", "field"),
    [
        ("", "900305", "300305", "number"),
        ("x90012345", "900305", "300305", "number"),
        ("1" * 23, "900305", "300305", "number"),
        ("190012345", "9003", "300305", "birth"),
        ("190012345", "900305", "2030-03-05", "expiry"),
    ],
)
def test_what_no_zone_holds_is_refused(number: str, birth: str, expiry: str, field: str) -> None:
    with pytest.raises(InputError) as raised:
        AccessKeys.from_document(number, birth, expiry)
    assert raised.value.field == field


def test_keys_never_show_in_a_log() -> None:
    shown = repr(scanned())
    assert "012345" not in shown
    assert "300305" not in shown


@pytest.mark.parametrize(
    ("birth", "issued", "expected"),
    [
        # issued at 31: to 40, or by the other reading of the grace years to 60
        ("1990-03-05", "2021-04-15", ("2030-03-05", "2050-03-05")),
        # issued at 38, within two years before 40
        ("1983-03-05", "2021-06-01", ("2043-03-05", "2023-03-05")),
        # one day before those two years, their first day, and the last before the birthday
        ("1983-03-05", "2021-03-04", ("2023-03-05", "2043-03-05")),
        ("1983-03-05", "2021-03-05", ("2043-03-05", "2023-03-05")),
        ("1983-03-05", "2023-03-04", ("2043-03-05", "2023-03-05")),
        # on the birthday itself
        ("1983-03-05", "2023-03-05", ("2043-03-05", None)),
        # near 60: without expiry
        ("1963-03-05", "2022-06-20", (None, "2023-03-05")),
        ("1963-03-05", "2020-06-20", ("2023-03-05", None)),
        ("1963-03-05", "2023-03-05", (None,)),
        ("1958-04-12", "2021-04-15", (None,)),
        # children, by the law of 2023
        ("2018-03-05", "2024-08-20", ("2032-03-05", "2043-03-05")),
        ("2011-03-05", "2024-08-20", ("2036-03-05", "2025-03-05")),
        ("2007-03-05", "2021-08-20", ("2032-03-05", "2047-03-05")),
        # a birthday on 29 February
        ("1992-02-29", "2021-04-15", ("2032-02-29", "2052-02-29")),
        ("2000-02-29", "2021-04-15", ("2025-02-28", "2025-03-01", "2040-02-29")),
        ("1996-02-29", "2019-02-28", ("2036-02-29", "2021-02-28", "2021-03-01")),
        # nonsense gives nothing
        ("2021-04-16", "2021-04-15", ()),
        ("9950-01-01", "9960-01-01", ()),
    ],
)
def test_the_expiry_follows_from_birth_and_issue(birth: str, issued: str, expected: tuple[str | None, ...]) -> None:
    found = expiry_candidates(date.fromisoformat(birth), date.fromisoformat(issued))
    assert found == tuple(date.fromisoformat(day) if day else None for day in expected)


def test_three_keys_may_be_tried_in_one_check_in() -> None:
    attempts = KeyAttempts()
    for left in (2, 1, 0):
        attempts.take()
        assert attempts.left == left
    with pytest.raises(CardError) as raised:
        attempts.take()
    assert raised.value.kind is CardProblem.THROTTLED


def test_a_key_that_opened_the_card_is_given_back() -> None:
    attempts = KeyAttempts()
    for _ in range(10):
        attempts.take()
        attempts.give_back()
    assert attempts.left == 3
    attempts.give_back()
    assert attempts.left == 3
