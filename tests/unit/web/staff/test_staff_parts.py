"""Small parts of the staff's screens: dates as typed, ages, trends, and a word for every value."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import InputError
from kiosk.model.checkin import DocumentKind, Reason, Stage
from kiosk.model.events import DeviceState
from kiosk.model.face import AttackOutcome, FaceOutcome, FacePath, FaceTrouble
from kiosk.model.identity import ClaimSource, IdentifierSystem, PartialDate, Sex
from kiosk.model.queue import Priority
from kiosk.model.staff import Role
from kiosk.model.summary import LabSeries, Measurement
from kiosk.web.doctor.trends import HEIGHT, WIDTH, trend_of
from kiosk.web.staff_forms import birth_date
from kiosk.web.staff_words import Age, age_on, day_month_year, decimal_number, measured_value

VALUES: list[tuple[str, type[StrEnum]]] = [
    ("stage", Stage),
    ("reason", Reason),
    ("source", ClaimSource),
    ("system", IdentifierSystem),
    ("sex", Sex),
    ("priority", Priority),
    ("document", DocumentKind),
    ("device_state", DeviceState),
    ("role", Role),
    ("path", FacePath),
    ("face_outcome", FaceOutcome),
    ("attack", AttackOutcome),
    ("trouble", FaceTrouble),
]
OF_FACES = {"path", "face_outcome", "attack", "trouble"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("05/03/1990", PartialDate(1990, 3, 5)),
        ("5/3/1990", PartialDate(1990, 3, 5)),
        ("5.3.1990", PartialDate(1990, 3, 5)),
        ("5 3 1990", PartialDate(1990, 3, 5)),
        ("05031990", PartialDate(1990, 3, 5)),
        ("03/1990", PartialDate(1990, 3)),
        ("1990", PartialDate(1990)),
    ],
)
def test_a_birth_date_is_read_as_people_type_it(text: str, expected: PartialDate) -> None:
    assert birth_date(text) == expected


@pytest.mark.parametrize(
    "text", ["", "x", "31/02/1990", "5/13/1990", "5/3/90", "1/2/3/1990", "٠٥/٠٣/١٩٩٠", "0000", "-1990"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        birth_date(text)


@given(st.text(max_size=20))
def test_no_text_raises_another_error(text: str) -> None:
    with suppress(InputError):
        birth_date(text)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (PartialDate(1990, 11, 23), Age(36, None)),
        (PartialDate(1990, 11, 24), Age(35, None)),
        (PartialDate(2024, 12, 1), Age(1, 23)),
        (PartialDate(2026, 11, 1), Age(0, 0)),
        (PartialDate(1990), Age(36, None)),
        (PartialDate(2030), Age(0, 0)),
    ],
)
def test_an_age_is_in_years_and_for_the_youngest_in_months(born: PartialDate, expected: Age) -> None:
    assert age_on(date(2026, 11, 23), born) == expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (PartialDate(1990, 3, 5), "05/03/1990"),
        (PartialDate(1990), "1990"),
        ("2019-04", "04/2019"),
        ("2019-04-02T08:00:00+07:00", "02/04/2019"),
        (None, "—"),
    ],
)
def test_a_date_is_shown_as_far_as_it_is_known(value: PartialDate | str | None, shown: str) -> None:
    assert day_month_year(value) == shown


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.none() | st.floats(-1e6, 1e6),
    st.none() | st.floats(-1e6, 1e6),
)
def test_a_trend_stays_in_its_picture(values: list[float], low: float | None, high: float | None) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    measured = tuple(Measurement(start + timedelta(days=day), value) for day, value in enumerate(values))
    trend = trend_of(LabSeries("x", "y", low, high, measured))
    for point in trend.points.split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    assert (trend.band is None) == (low is None and high is None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (8.1, "8,1"),
        (0.01, "0,01"),
        (1234567, "1234567"),
        (1234567.25, "1234567,25"),
        (1e-07, "0,0000001"),
        (1e22, "1" + 22 * "0"),
        (-0.0, "0"),
        (140.0, "140"),
    ],
)
def test_a_number_is_written_with_all_its_digits(app: Flask, value: float, shown: str) -> None:
    with app.test_request_context("/doctor/"):
        assert decimal_number(value) == shown
    with app.test_request_context("/doctor/", headers={"Cookie": "kiosk_language=en"}):
        assert decimal_number(value) == shown.replace(",", ".")


@pytest.mark.parametrize(
    ("comparator", "shown"), [("", "0,5"), ("<", "<0,5"), ("<=", "≤0,5"), (">=", "≥0,5"), (">", ">0,5")]
)
def test_a_value_beyond_the_measurable_carries_its_sign(app: Flask, comparator: str, shown: str) -> None:
    with app.test_request_context("/doctor/"):
        assert measured_value(Measurement(datetime(2026, 1, 1, tzinfo=UTC), 0.5, comparator)) == shown


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("macro", "values"), VALUES, ids=lambda value: value if isinstance(value, str) else "")
def test_every_value_has_its_words(app: Flask, macro: str, values: type[StrEnum], language: str) -> None:
    file = "face_words.html" if macro in OF_FACES else "staff_words.html"
    source = f'{{% from "{file}" import {macro} %}}{{{{ {macro}(value) }}}}'
    template = app.jinja_env.from_string(source)
    fallbacks = {"Cần xem lại", "Needs a look", "Mã số", "Number", "—"}
    with app.test_request_context("/doctor/", headers={"Cookie": f"kiosk_language={language}"}):
        words = {value: template.render(value=value.value).strip() for value in values}
    assert not [value for value, shown in words.items() if not shown or shown in fallbacks]
    assert len(set(words.values())) == len(words)
